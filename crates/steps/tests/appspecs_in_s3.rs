//! AppSpecs in S3: read once, when the deployment is prepared.

use codedeploy::call::Call;
use expect_test::expect;
use fakes::event::instant;
use fakes::{Fault, Simulation, World, e_tag};
use serde_json::{Value, json};

use crate::client::{Client, with};
use crate::story::{check, created, ended, request, told, world};

fn place(members: Value) -> Value {
    with(json!({"bucket": "specs", "key": "shop.json", "bundleType": "JSON"}), members)
}

/// A world with the AppSpec to a version at the usual place.
fn holding(world: World, target: u64) -> World {
    world.put_object("specs", "shop.json", request("AllAtOnce").to(target).appspec());
    world
}

/// Why a deployment ended, in its code and its sentence.
#[track_caller]
fn failed(world: World, members: Value) -> (String, String) {
    let (simulation, id) = created(world, &request("AllAtOnce").in_s3(place(members)));
    simulation.run();
    let ending = ended(&simulation, &id);
    assert!(ending.starts_with("Failed") && ending.contains("the alias is version 1; the lock is free"), "{ending}");
    let why = simulation.world().deployment(&id).unwrap().phase.why().cloned().unwrap();
    (why.code.to_string(), why.message)
}

#[test]
fn an_appspec_in_s3_is_read_when_the_deployment_is_prepared() {
    check(
        holding(world(), 2),
        &request("AllAtOnce").in_s3(place(json!({}))),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  s3://specs/shop.json is read
                0s  d-1: planned: version 1 to version 2 in 1 step, 0s at least
                0s  storefront:live is pointed at version 2
                0s  d-1: 100 % of the calls to version 2
                0s  d-1: committed: past the point of no return
                0s  d-1: ended: Succeeded
                0s  execution d-1 ends: SUCCEEDED
            Succeeded; the alias is version 2; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn yaml_is_read_as_well_as_json() {
    let world = world();
    let yaml = "version: 0.0\nResources:\n  - shop:\n      Type: AWS::Lambda::Function\n      Properties:\n        \
                Name: storefront\n        Alias: live\n        TargetVersion: 3\n";
    world.put_object("specs", "shop.yaml", yaml);
    let at = json!({"bucket": "specs", "key": "shop.yaml", "bundleType": "YAML"});
    let (simulation, id) = created(world, &request("AllAtOnce").in_s3(at));
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("Succeeded; the alias is version 3"));
}

#[test]
fn the_version_meant_is_read_and_without_one_the_newest() {
    for (members, reached) in [(json!({}), 3), (json!({"version": "1"}), 2), (json!({"version": "2"}), 3)] {
        let world = holding(holding(world(), 2), 3);
        let (simulation, id) = created(world, &request("AllAtOnce").in_s3(place(members.clone())));
        simulation.run();
        let ending = ended(&simulation, &id);
        assert!(ending.starts_with(&format!("Succeeded; the alias is version {reached}")), "{members}: {ending}");
    }
}

#[test]
fn an_etag_is_held_against_the_object_with_or_without_quotes() {
    let tag = e_tag(request("AllAtOnce").appspec().as_bytes());
    for written in [tag.clone(), format!("\"{tag}\"")] {
        let (simulation, id) =
            created(holding(world(), 2), &request("AllAtOnce").in_s3(place(json!({"eTag": written}))));
        simulation.run();
        assert!(ended(&simulation, &id).starts_with("Succeeded; the alias is version 2"), "{written}");
    }
    let (code, message) = failed(holding(world(), 3), json!({"eTag": tag}));
    assert_eq!(code, "REVISION_MISSING");
    expect!["s3://specs/shop.json does not have the eTag TAG any more: send the eTag of what is there now, the version of what was, or no eTag"].assert_eq(&message.replace(&tag, "TAG"));
}

#[test]
fn an_object_that_is_not_there_fails_the_deployment_and_not_the_call() {
    let (code, message) = failed(world(), json!({}));
    assert_eq!(code, "REVISION_MISSING");
    expect!["s3://specs/shop.json does not exist: upload the AppSpec, or correct the revision (no such resource: s3://specs/shop.json)"].assert_eq(&message);
    assert_eq!(failed(holding(world(), 2), json!({"version": "7"})).0, "REVISION_MISSING");
}

#[test]
fn an_object_that_may_not_be_read_names_the_parameter_to_set() {
    let world = holding(world(), 2);
    world.faults.always("object", Fault::Denied);
    let (code, message) = failed(world, json!({}));
    assert_eq!(code, "REVISION_MISSING");
    expect!["s3://specs/shop.json does not exist, or the stack may not read it: its parameter RevisionObjects has to name it, for example as arn:aws:s3:::specs/*, and the policies of bucket and key have to allow it (refused: object is not allowed)"].assert_eq(&message);
}

#[test]
fn what_is_no_appspec_fails_the_deployment_with_a_sentence() {
    let objects = [&b"[1, 2"[..], b"", b"\xff\xfe", b"version: 0.0", &[b' '; 64 * 1_024 + 1]];
    let said = objects.map(|object| {
        let world = world();
        world.put_object("specs", "shop.json", object);
        let (code, message) = failed(world, json!({}));
        assert_eq!(code, "INVALID_LAMBDA_CONFIGURATION", "{message}");
        format!("{}\n", message.rsplit_once("invalid configuration. ").unwrap().1)
    });
    expect![[r#"
        line 1: not well-formed YAML: while parsing a flow sequence, expected ',' or ']'
        the AppSpec is empty: write version: 0.0 and Resources, and Hooks if there are any
        s3://specs/shop.json is not a text in UTF-8: upload the AppSpec as YAML or JSON
        line 1, Resources: missing: write a list with the function to move
        s3://specs/shop.json is longer than 65536 bytes, the most an AppSpec may have
    "#]]
    .assert_eq(&said.concat());
}

#[test]
fn s3_that_is_busy_is_asked_again() {
    let (simulation, id) = created(holding(world(), 2), &request("AllAtOnce").in_s3(place(json!({}))));
    simulation.world().faults.always("object", Fault::Throttled);
    simulation.at(2, instant(|simulation| simulation.world().faults.heal()));
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("Succeeded; the alias is version 2"), "{}", told(&simulation, &id));
}

#[test]
fn a_second_attempt_does_not_read_another_object() {
    let begun = || created(holding(world(), 2), &request("AllAtOnce").in_s3(place(json!({}))));
    let (undisturbed, _) = begun();
    undisturbed.run();
    let kept = undisturbed.world().faults.calls().iter().position(|call| *call == "keep_plan").unwrap() + 1;
    for meanwhile in [
        |world: &World| world.delete_object("specs", "shop.json"),
        |world: &World| world.put_object("specs", "shop.json", "nonsense"),
    ] {
        let (simulation, id) = begun();
        // The first attempt dies after it has kept its plan, and before the deployment begins.
        simulation.world().faults.nth(kept, Fault::CrashAfter);
        simulation.before_call(kept + 1, instant(move |simulation| meanwhile(simulation.world())));
        simulation.run();
        assert!(ended(&simulation, &id).starts_with("Succeeded; the alias is version 2"), "{}", told(&simulation, &id));
        let reads = simulation.world().faults.calls().iter().filter(|call| **call == "object").count();
        assert_eq!(reads, 1);
    }
}

#[test]
fn a_plan_is_shown_from_the_object_and_what_is_wrong_with_it_is_told() {
    let client = Client::new();
    let asked = request("AllAtOnce").in_s3(place(json!({}))).json();
    let reply = || {
        let target = "Tideshift.PlanDeployment".to_owned();
        client.answer(&Call { target, body: asked.clone() })
    };
    assert_eq!(reply().body["__type"], "RevisionDoesNotExistException");
    client.world.put_object("specs", "shop.json", "nonsense");
    assert_eq!(reply().body["__type"], "InvalidRevisionException");
    client.world.put_object("specs", "shop.json", request("AllAtOnce").appspec());
    let shown = reply();
    assert_eq!((shown.status, &shown.body["refusals"]), (200, &json!([])), "{}", shown.body);
    client.world.faults.always("object", Fault::Throttled);
    let throttled = reply();
    assert_eq!((throttled.status, &throttled.body["__type"]), (400, &json!("ThrottlingException")));
}

#[test]
fn a_bundle_for_hosts_is_refused_before_anything_is_created() {
    let client = Client::new();
    client.application("Lambda").group(json!({}));
    for bundle in ["zip", "tar", "tgz"] {
        let revision = json!({"revisionType": "S3", "s3Location": place(json!({"bundleType": bundle}))});
        let named = json!({"applicationName": "shop", "deploymentGroupName": "web", "revision": revision});
        for body in [named, json!({"revision": revision})] {
            let (code, message) = client.refused("CreateDeployment", body);
            assert_eq!(code, "InvalidRevisionException");
            assert_eq!(message, "BundleType must be either YAML or JSON");
        }
    }
    assert_eq!(client.ok("ListDeployments", json!({}))["deployments"], json!([]));
}

#[test]
fn clients_see_the_place_and_what_was_deployed_of_it() {
    let simulation = Simulation::new(holding(world(), 2));
    let ok = |operation: &str, body: Value| {
        let reply = simulation.api(&format!("CodeDeploy_20141006.{operation}"), body);
        assert_eq!(reply.status, 200, "{operation}: {}", reply.body);
        reply.body
    };
    let shop = |members: Value| with(json!({"applicationName": "shop"}), members);
    ok("CreateApplication", shop(json!({"computePlatform": "Lambda"})));
    ok("CreateDeploymentGroup", crate::client::group(json!({})));
    let revision = json!({"revisionType": "S3", "s3Location": place(json!({}))});
    let other = json!({"revisionType": "S3", "s3Location": place(json!({"key": "other.json"}))});
    ok("RegisterApplicationRevision", shop(json!({"revision": other})));
    let listed =
        |deployed: &str| ok("ListApplicationRevisions", shop(json!({"deployed": deployed, "s3Bucket": "specs"})));
    assert_eq!(listed("include")["revisions"], json!([]));

    let id = simulation.create(shop(json!({"deploymentGroupName": "web", "revision": revision})));
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("Succeeded; the alias is version 2"), "{}", told(&simulation, &id));
    assert_eq!(ok("GetDeployment", json!({"deploymentId": id}))["deploymentInfo"]["revision"], revision);
    let read = ok("GetApplicationRevision", shop(json!({"revision": revision})));
    assert_eq!((&read["revision"], &read["revisionInfo"]["deploymentGroups"]), (&revision, &json!(["web"])));
    let group = ok("GetDeploymentGroup", shop(json!({"deploymentGroupName": "web"})));
    assert_eq!(group["deploymentGroupInfo"]["targetRevision"], revision);
    assert_eq!(listed("include")["revisions"], json!([revision]));
    assert_eq!(listed("exclude")["revisions"], json!([other]));
    assert_eq!(listed("ignore")["revisions"].as_array().unwrap().len(), 2);
}
