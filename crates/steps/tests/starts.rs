//! How a deployment begins, or does not.

use expect_test::expect;
use fakes::{Fault, World};
use rollout::facts::{VersionFacts, VersionState};
use rollout::routing::Routing;
use serde_json::{Value, json};

use crate::story::{check, created, ended, request, told, world};

#[test]
fn a_deployment_to_where_the_alias_is_already_has_nothing_to_do() {
    check(
        world(),
        &request("AllAtOnce").to(1),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: nothing to do: every call goes to version 1 already
                0s  execution d-1 ends: SUCCEEDED
            Succeeded; the alias is version 1; the lock is free
            BeforeAllowTraffic Skipped, AllowTraffic Skipped, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_locked_alias_is_refused_by_the_name_of_its_owner() {
    let (simulation, first) = created(world(), &request("Canary10Percent5Minutes"));
    simulation.run_until(60);
    let second = simulation.create(request("AllAtOnce").to(3).json());
    simulation.run();
    let why = simulation.world().deployment(&second).unwrap().phase.why().cloned().unwrap();
    expect![[r#"
        Ending {
            code: TargetLocked,
            message: "another deployment of storefront:live is running, d-1: wait for it, or stop it with: tideshift stop d-1",
        }
    "#]]
    .assert_debug_eq(&why);
    let shown = |operation: &str| simulation.api(operation, json!({"deploymentId": second})).body;
    let error = &shown("CodeDeploy_20141006.GetDeployment")["deploymentInfo"]["errorInformation"];
    assert_eq!(error, &json!({"code": "RESOURCE_LIMIT_EXCEEDED", "message": why.message}), "as a group that is busy");
    let asked = &shown("Tideshift.DescribeDeployment")["asked"];
    assert_eq!(
        (&asked["target"]["name"], &asked["to"]),
        (&json!("storefront:live"), &json!("3")),
        "what it was refused for"
    );
    assert!(ended(&simulation, &first).starts_with("Succeeded"));
}

#[test]
fn the_lock_of_a_deployment_that_is_over_is_taken_over() {
    let (simulation, first) = created(world(), &request("AllAtOnce"));
    simulation.run();
    assert!(ended(&simulation, &first).starts_with("Succeeded"));
    simulation.world().lock_for("storefront", "live", &first);
    let second = simulation.create(request("AllAtOnce").to(3).json());
    simulation.run();
    assert!(ended(&simulation, &second).starts_with("Succeeded; the alias is version 3; the lock is free"));
}

#[test]
fn a_version_that_is_not_there_is_refused_before_anything_moves() {
    check(
        world(),
        &request("AllAtOnce").to(9),
        |_, _| {},
        expect![[r#"
            0s  execution d-1 starts
            0s  CodeDeploy_20141006.CreateDeployment answers 200
            0s  d-1: refused: the function storefront has no version 9; publish it first: aws lambda publish-version --function-name storefront
            0s  execution d-1 ends: FAILED INVALID_LAMBDA_FUNCTION
        Failed, INVALID_LAMBDA_FUNCTION; the alias is version 1; the lock is free
        BeforeAllowTraffic Skipped, AllowTraffic Skipped, AfterAllowTraffic Skipped
    "#]],
    );
}

#[test]
fn everything_that_speaks_against_a_deployment_is_said_at_once() {
    let world = world();
    let other = VersionFacts::Published {
        state: VersionState::NotReady("Pending: the function is being created".to_owned()),
        role: "other-role".to_owned(),
        dead_letter: None,
    };
    world.version("storefront", 2, other);
    let request = request("AllAtOnce").hook("BeforeAllowTraffic", "nobody").alarms(&["errors", "gone"]);
    let (simulation, id) = created(world, &request);
    simulation.run();
    let why = simulation.world().deployment(&id).unwrap().phase.why().cloned().unwrap();
    expect![[r#"
        version 2 is not ready for calls: Pending: the function is being created;
        versions 1 and 2 have different execution roles (role and other-role);
        Lambda cannot split traffic between them: publish a version with the same role;
        the BeforeAllowTraffic hook nobody does not exist in this account and region;
        these alarms do not exist (any more): <gone>;
        create them, or set ignorePollAlarmFailure (--ignore-alarm-poll-failure on the command line)"#]]
    .assert_eq(&why.message.replace("; ", ";\n"));
}

#[test]
fn an_alias_that_somebody_else_has_split_is_refused() {
    let world = world();
    let split = Routing::shifted(fakes::world::v(1), fakes::world::v(3), rollout::weight::Weight::clamped(5));
    world.point("storefront", "live", split);
    let (simulation, id) = created(world, &request("AllAtOnce"));
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("Failed, INVALID_LAMBDA_CONFIGURATION"));
}

fn started(world: World, name: &str, input: Value) -> String {
    let simulation = fakes::Simulation::new(world);
    simulation.start(name, input);
    simulation.run();
    let ended = rollout::ids::DeploymentId::parse(name).map(|id| told(&simulation, &id));
    ended.unwrap_or_else(|_| format!("{}no id\n", simulation.world().story()))
}

#[test]
fn a_plain_start_of_the_state_machine_is_a_deployment_too() {
    expect![[r#"
            0s  by-hand: planned: version 1 to version 2 in 1 step, 0s at least
            0s  storefront:live is pointed at version 2
            0s  by-hand: 100 % of the calls to version 2
            0s  by-hand: committed: past the point of no return
            0s  by-hand: ended: Succeeded
            0s  execution by-hand ends: SUCCEEDED
        Succeeded; the alias is version 2; the lock is free
        BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
    "#]]
    .assert_eq(&started(world(), "by-hand", request("AllAtOnce").json()));
}

#[test]
fn an_execution_with_any_input_ends_with_a_sentence() {
    for input in [json!(null), json!(7), json!("deploy"), json!([]), json!({}), json!({"recover": 1})] {
        let told = started(world(), "by-hand", input.clone());
        assert!(told.contains("Failed, INVALID_REVISION"), "{input}: {told}");
    }
    expect![[r#"
            0s  by-hand: refused: the execution's input is CreateDeployment's: SerializationException: deploy is no member of the API
            0s  execution by-hand ends: FAILED INVALID_REVISION
        Failed, INVALID_REVISION; the alias is version 1; the lock is free
        BeforeAllowTraffic Skipped, AllowTraffic Skipped, AfterAllowTraffic Skipped
    "#]].assert_eq(&started(world(), "by-hand", json!({"deploy": "now"})));
}

#[test]
fn an_execution_whose_name_is_no_id_touches_nothing() {
    expect![[r#"
            0s  execution ä name ends: FAILED InvalidInput
        no id
    "#]]
    .assert_eq(&started(world(), "ä name", request("AllAtOnce").json()));
}

#[test]
fn a_recovery_of_what_never_was_touches_nothing() {
    let recover = json!({"recover": {"deploymentId": "d-NEVER", "attempt": 1}});
    expect![[r#"
            0s  execution d-NEVER-recovery-1 ends: FAILED InvalidInput
        no record
    "#]]
    .assert_eq(&started(world(), "d-NEVER-recovery-1", recover));
}

#[test]
fn a_deployment_whose_execution_cannot_be_started_is_closed() {
    let simulation = fakes::Simulation::new(world());
    simulation.world().faults.always("start", Fault::Denied);
    let reply = simulation.api("CodeDeploy_20141006.CreateDeployment", request("AllAtOnce").json());
    assert_eq!(reply.status, 500);
    simulation.run();
    let page = simulation.api("Tideshift.ListDeployments", json!({}));
    assert_eq!(page.body["deployments"][0]["outcome"], "Failed", "{}", page.body);
}
