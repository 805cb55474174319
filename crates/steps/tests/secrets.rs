//! P6: what a hook is handed from SSM is written down nowhere.

use expect_test::expect;
use fakes::{Fault, Simulation, event};
use rollout::grants::{Grants, Readable};
use rollout::ids::DeploymentId;
use serde_json::json;
use steps::ports::Called;

use crate::encodings::encodings;
use crate::story::{Request, check, created, ended, request, world};

const SECRET: &str = "correct horse \"battery\" staple";

fn with_parameters() -> Request {
    let hook = json!({"Function": "checks", "Parameters": ["/shop/db/password", "/shop/db/user"]});
    request("AllAtOnce").hook("BeforeAllowTraffic", hook)
}

#[test]
fn a_missing_parameter_is_refused_before_anything_begins() {
    let world = world();
    world.parameter("/shop/db/user", "shop");
    let simulation = Simulation::new(world);
    let planned = simulation.api("Tideshift.PlanDeployment", with_parameters().json()).body;
    let codes: Vec<_> = planned["refusals"].as_array().unwrap().iter().map(|refusal| &refusal["code"]).collect();
    assert_eq!(codes, ["ParametersMissing"], "{planned}");
    let id = simulation.create(with_parameters().json());
    simulation.run();
    let why = simulation.world().deployment(&id).unwrap().phase.why().unwrap().message.clone();
    expect!["the BeforeAllowTraffic hook checks asks for /shop/db/password, which SSM does not have in this account and Region: correct the name, or create it with aws ssm put-parameter --type SecureString --name /shop/db/password --value …"].assert_eq(&why);
    assert!(simulation.world().hook_calls().is_empty());
}

#[test]
fn a_missing_parameter_that_nobody_could_look_for_fails_before_the_hook_is_called() {
    let world = world();
    world.parameter("/shop/db/user", "shop");
    let (simulation, _) = check(
        world,
        &with_parameters(),
        |simulation, _| simulation.world().faults.always("has_parameter", Fault::Denied),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 1 step, 0s at least
                0s  d-1: stopping before any traffic was moved: HOOK_EXECUTION_FAILURE: the BeforeAllowTraffic hook checks failed: no such parameter in SSM: /shop/db/password; the hook was not called: create it, or correct its name, which the stack's parameters ParameterPath and HookParameters have to cover
                0s  d-1: traffic: no call ever went to the new version
                0s  d-1: ended: Failed, HOOK_EXECUTION_FAILURE
                0s  execution d-1 ends: FAILED HOOK_EXECUTION_FAILURE
            Failed, HOOK_EXECUTION_FAILURE; the alias is version 1; the lock is free
            BeforeAllowTraffic Failed, AllowTraffic Skipped, AfterAllowTraffic Skipped
        "#]],
    );
    assert!(simulation.world().hook_calls().is_empty());
}

#[test]
fn parameters_that_may_not_be_read_fail_before_the_hook_is_called() {
    let world = world();
    for name in ["/shop/db/password", "/shop/db/user"] {
        world.parameter(name, "there");
    }
    let (simulation, id) = created(world, &with_parameters());
    simulation.world().faults.always("parameters", Fault::Denied);
    simulation.run();
    assert!(simulation.world().hook_calls().is_empty());
    assert!(ended(&simulation, &id).starts_with("Failed, HOOK_EXECUTION_FAILURE"));
}

fn grants(written: &str) -> Grants {
    written.parse().unwrap()
}

#[test]
fn a_hook_that_may_not_be_handed_a_parameter_is_refused_before_anything_begins() {
    let simulation = Simulation::granting(world(), grants("checks=/shop/db/user, other=/shop/*"));
    let id = simulation.create(with_parameters().json());
    simulation.run();
    assert!(simulation.world().hook_calls().is_empty());
    let said = ended(&simulation, &id);
    assert!(
        said.starts_with("Failed, INVALID_LAMBDA_CONFIGURATION; the alias is version 1; the lock is free"),
        "{said}"
    );
    let why = simulation.world().deployment(&id).unwrap().phase.why().unwrap().message.clone();
    expect!["the BeforeAllowTraffic hook checks may not be handed /shop/db/password; where it should be, add checks=/shop/db/password to the stack's parameter HookParameters, and see that ParameterPath covers it; the BeforeAllowTraffic hook checks asks for /shop/db/user, which SSM does not have in this account and Region: correct the name, or create it with aws ssm put-parameter --type SecureString --name /shop/db/user --value …"].assert_eq(&why);
}

#[test]
fn a_plan_says_that_the_stack_may_not_read_what_a_hook_asks_for() {
    let simulation = Simulation::new(world());
    simulation.reads(Readable::default());
    let planned = simulation.api("Tideshift.PlanDeployment", with_parameters().json()).body;
    let codes: Vec<_> = planned["refusals"].as_array().unwrap().iter().map(|refusal| &refusal["code"]).collect();
    assert_eq!(codes, ["ParametersNotReadable"], "{planned}");
    assert_eq!(planned["plan"]["hooks"][0]["keepOutput"], false);
    let id = simulation.create(with_parameters().json());
    simulation.run();
    assert!(simulation.world().hook_calls().is_empty());
    let said = ended(&simulation, &id);
    assert!(said.starts_with("Failed, INVALID_LAMBDA_CONFIGURATION"), "{said}");
}

#[test]
fn a_grant_that_is_withdrawn_while_a_deployment_runs_is_withdrawn() {
    let hook = json!({"Function": "checks", "Parameters": ["/shop/db/user"]});
    let request = request("Canary10Percent1Minute").hook("AfterAllowTraffic", hook);
    let world = world();
    world.parameter("/shop/db/user", "shop");
    let simulation = Simulation::granting(world, grants("checks=/shop/*"));
    let id = simulation.create(request.json());
    simulation.at(30, event::instant(|simulation| simulation.grant(Grants::default())));
    simulation.run();
    assert!(simulation.world().hook_calls().is_empty());
    expect![[r#"
        RolledBack, HOOK_EXECUTION_FAILURE; the alias is version 1; the lock is free
        BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Failed
    "#]]
    .assert_eq(&ended(&simulation, &id));
}

/// The ways in which a hook gives away what it says.
fn leaks(said: &str) -> Vec<Called> {
    let log = format!("START\n{said}\n{}\n{}\nEND", json!({"payload": said}), "x".repeat(rollout::hooks::MAX_LOG_TAIL));
    vec![
        Called::Returned(json!({"status": "Failed", "message": format!("cannot log in with {said}")})),
        Called::Returned(json!({"hookStatus": "FAILED", "message": said})),
        Called::Returned(json!({"hookStatus": said})),
        Called::Returned(json!({"status": said, "message": said})),
        Called::Returned(
            json!({"hookStatus": "IN_PROGRESS", "callBackDelay": 600, "hookDetails": {"key": said, said: 1}}),
        ),
        Called::Returned(json!({"hookStatus": "IN_PROGRESS", "callBackDelay": 600, "hookDetails": [said]})),
        Called::Threw { kind: said.to_owned(), message: "it failed".to_owned(), log_tail: String::new() },
        Called::Threw {
            kind: "Error".to_owned(),
            message: format!("no such password: {said}"),
            log_tail: log[..log.len() - said.len() / 2].to_owned(),
        },
        Called::Threw { kind: "Error".to_owned(), message: String::new(), log_tail: format!("{said}\n") },
    ]
}

/// Whether any eight characters in a row of what was said are written down.
fn is_written(said: &str, written: &str) -> bool {
    // Both as `Debug` writes them, without the backslashes that every layer of it adds.
    let plain = |text: String| -> String { text.chars().filter(|c| *c != '\\').collect() };
    let (said, written) = (plain(format!("{said:?}")), plain(written.to_owned()));
    let said: Vec<char> = said.trim_matches('"').chars().collect();
    said.windows(8.min(said.len())).any(|part| written.contains(&part.iter().collect::<String>()))
}

/// All that anybody can read after a deployment: the table, histories, what waits were ended with, events, and the API.
fn all_of_it(simulation: &Simulation, id: &DeploymentId) -> String {
    let mut written = simulation.world().written_down();
    for (target, body) in [
        ("Tideshift.DescribeDeployment", json!({"deploymentId": id})),
        ("CodeDeploy_20141006.GetDeployment", json!({"deploymentId": id})),
        ("CodeDeploy_20141006.ListDeploymentTargets", json!({"deploymentId": id})),
        (
            "CodeDeploy_20141006.BatchGetDeploymentTargets",
            json!({"deploymentId": id, "targetIds": ["storefront:live"]}),
        ),
    ] {
        written += &format!("{:?}", simulation.api(target, body));
    }
    written
}

fn leaky(said: &Called) -> (Simulation, DeploymentId) {
    let (world, said) = (world(), said.clone());
    world.parameter("/shop/db/password", SECRET);
    world.parameter("/shop/db/user", "shop-user");
    world.hook("checks", move |_| said.clone());
    created(world, &with_parameters())
}

#[test]
fn a_secret_is_written_down_in_no_encoding_however_the_hook_gives_it_away() {
    let encodings = encodings(SECRET);
    assert!(encodings.len() >= 40, "{}", encodings.len());
    for (encoding, said) in encodings {
        for leak in leaks(&said) {
            let (simulation, id) = leaky(&leak);
            simulation.at(1_000, event::stop(&id, None));
            simulation.run();
            let written = all_of_it(&simulation, &id);
            let handed_over = simulation.world().hook_calls();
            assert_eq!(handed_over[0].1["Parameters"]["/shop/db/password"], SECRET);
            assert!(!is_written(&said, &written), "{encoding} by {leak:?} is written down:\n{written}");
        }
    }
}

#[test]
fn a_secret_is_written_down_nowhere_when_our_own_calls_fail() {
    for leak in leaks(SECRET) {
        for fault in [Fault::Throttled, Fault::Denied, Fault::Lost] {
            let (simulation, id) = leaky(&leak);
            for call in ["succeed", "keep_details"] {
                simulation.world().faults.always(call, fault);
            }
            simulation.at(1_000, event::stop(&id, None));
            simulation.run();
            let written = all_of_it(&simulation, &id);
            for part in [SECRET, "battery", "shop-user"] {
                assert!(!written.contains(part), "{leak:?} with {fault:?} is written down:\n{written}");
            }
        }
    }
}

#[test]
fn what_a_hook_writes_into_its_callback_comes_back_from_nowhere() {
    let put = "CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus";
    let waiting = Called::Returned(json!(null));
    for (encoding, said) in encodings(SECRET) {
        let (simulation, id) = leaky(&waiting);
        simulation.run_until(1);
        let run = simulation.world().hook_calls()[0].1["LifecycleEventHookExecutionId"].clone();
        let mut replies = String::new();
        for (target, body) in [
            (put, json!({"deploymentId": id, "lifecycleEventHookExecutionId": run, "status": said})),
            (put, json!({"deploymentId": id, "lifecycleEventHookExecutionId": said, "status": "Failed"})),
            (put, json!({"deploymentId": said, "lifecycleEventHookExecutionId": run, "status": "Failed"})),
            (put, json!({"deploymentId": [said], "status": {"said": said}})),
            (put, json!(said)),
            (&format!("CodeDeploy_20141006.{said}"), json!({"deploymentId": id})),
        ] {
            let answer = simulation.call("hook_status", json!({"target": target, "body": body})).expect("an answer");
            assert_ne!(answer["status"], 200, "{encoding}: {answer}");
            replies += &answer.to_string();
        }
        simulation.run();
        let written = format!("{replies}{}", all_of_it(&simulation, &id));
        assert!(!is_written(&said, &written), "{encoding} is written down:\n{written}");
    }
}

#[test]
fn words_that_are_said_to_be_safe_are_kept_without_the_values() {
    let world = world();
    world.parameter("/shop/db/password", SECRET);
    world.hook("checks", |payload| {
        let details = json!({"job": 7, "with": payload["Parameters"]["/shop/db/password"]});
        Called::Returned(match payload.get("HookDetails") {
            None => json!({"hookStatus": "IN_PROGRESS", "callBackDelay": 5, "hookDetails": details}),
            Some(details) => json!({"hookStatus": "FAILED", "message": format!("job 7 of {details} failed: {SECRET}")}),
        })
    });
    let hook = json!({"Function": "checks", "Parameters": ["/shop/db/password"], "KeepOutput": true});
    let (simulation, id) = created(world, &request("AllAtOnce").hook("BeforeAllowTraffic", hook));
    simulation.run();
    let deployment = simulation.world().deployment(&id).expect("a record");
    let said = deployment.events.events()[0].diagnostics.clone().expect("what it said");
    assert_eq!(said.message, r#"job 7 of {"job":7,"with":"***"} failed: ***"#);
    assert!(!all_of_it(&simulation, &id).contains("battery"));
}

#[test]
fn of_a_hook_that_may_not_be_quoted_the_way_to_its_log_is_told() {
    let (simulation, id) = leaky(&leaks("words")[7]);
    simulation.run();
    let deployment = simulation.world().deployment(&id).expect("a record");
    let said = deployment.events.events()[0].diagnostics.clone().expect("what is told");
    for wanted in ["log group /aws/lambda/checks", "request c6af9ac6", "KeepOutput: true"] {
        assert!(said.message.contains(wanted), "{}", said.message);
    }
}
