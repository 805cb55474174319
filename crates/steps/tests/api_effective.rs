//! What a CreateDeployment for a group means.

use serde_json::{Value, json};

use crate::client::{Client, with};
use crate::story::request;

/// CreateDeployment for the group, with an AppSpec that says no strategy.
fn deployment(members: Value) -> Value {
    let appspec = json!({
        "version": 0.0,
        "Resources": [{"Storefront": {"Type": "AWS::Lambda::Function", "Properties": {
            "Name": "storefront", "Alias": "live", "TargetVersion": "2",
        }}}],
    });
    with(
        json!({
            "applicationName": "shop",
            "deploymentGroupName": "web",
            "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": appspec.to_string()}},
        }),
        members,
    )
}

fn careful() -> Value {
    json!({"deploymentConfigName": "careful", "computePlatform": "Lambda", "trafficRoutingConfig": {
        "type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 25, "canaryInterval": 7},
    }})
}

fn planned(client: &Client, body: Value) -> Value {
    let target = "Tideshift.PlanDeployment".to_owned();
    let reply = client.answer(&codedeploy::call::Call { target, body });
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body["plan"].clone()
}

#[test]
fn the_settings_of_the_group_hold_unless_the_deployment_says_otherwise() {
    let client = Client::new();
    client.ok("CreateDeploymentConfig", careful());
    client.application("Lambda").group(json!({
        "deploymentConfigName": "careful",
        "alarmConfiguration": {"enabled": true, "alarms": [{"name": "errors"}]},
        "autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_FAILURE"]},
    }));
    let plan = planned(&client, deployment(json!({})));
    assert_eq!(plan["strategy"], "careful");
    assert_eq!((&plan["steps"][0]["weight"], &plan["steps"][0]["holdSeconds"]), (&json!(25), &json!(420)));
    assert_eq!(plan["alarms"], json!(["errors"]));
    assert_eq!(plan["rollbackOn"], json!(["DEPLOYMENT_FAILURE"]));
    let plan = planned(
        &client,
        deployment(json!({
            "deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce",
            "overrideAlarmConfiguration": {"enabled": false},
            "autoRollbackConfiguration": {"enabled": false},
        })),
    );
    assert_eq!(plan["steps"].as_array().unwrap().len(), 1);
    assert_eq!((&plan["alarms"], &plan["rollbackOn"]), (&json!([]), &json!([])));
}

#[test]
fn a_group_that_says_nothing_rolls_back_after_everything_and_moves_all_at_once() {
    let client = Client::new();
    client
        .application("Lambda")
        .group(json!({"alarmConfiguration": {"enabled": false, "alarms": [{"name": "errors"}]}}));
    let plan = planned(&client, deployment(json!({})));
    assert_eq!(plan["strategy"], "CodeDeployDefault.LambdaAllAtOnce");
    assert_eq!(plan["rollbackOn"].as_array().unwrap().len(), 3);
    assert_eq!(plan["alarms"], json!([]), "alarms that are kept and not enabled are not watched");
    let ad_hoc = with(
        request("Canary10Percent5Minutes").json(),
        json!({
            "applicationName": "shop", "deploymentGroupName": "web",
        }),
    );
    let plan = planned(&client, ad_hoc);
    assert_eq!(plan["strategy"], "Canary10Percent5Minutes", "the AppSpec wins over what nobody chose");
}

#[test]
fn a_deployment_keeps_the_configuration_it_was_accepted_with() {
    let client = Client::new();
    client.ok("CreateDeploymentConfig", careful());
    client.application("Lambda").group(json!({"deploymentConfigName": "careful"}));
    let id = client.ok("CreateDeployment", deployment(json!({})))["deploymentId"].clone();
    client.ok("DeleteApplication", json!({"applicationName": "shop"}));
    client.ok("DeleteDeploymentConfig", json!({"deploymentConfigName": "careful"}));
    let simulation = fakes::Simulation::new(client.world);
    // The execution that was asked for begins with the first thing that happens.
    simulation.happens(fakes::event::instant(|_| ()));
    simulation.run();
    let id = rollout::ids::DeploymentId::parse(id.as_str().unwrap()).unwrap();
    let plan = simulation.world().plan(&id).unwrap();
    assert_eq!((plan.shift().strategy.name.as_str(), plan.shift().steps.len()), ("careful", 2));
    assert_eq!(simulation.execution(id.as_str()).as_deref(), Some("SUCCEEDED"));
}

#[test]
fn a_deployment_registers_its_revision_and_can_be_asked_for_by_digest() {
    let client = Client::new();
    client.application("Lambda").group(json!({}));
    let first = deployment(json!({}));
    let id = client.ok("CreateDeployment", first.clone())["deploymentId"].clone();
    let text = first["revision"]["appSpecContent"]["content"].as_str().unwrap();
    let short = json!({"revisionType": "AppSpecContent", "appSpecContent": {"sha256": steps::revisions::sha256(text)}});
    let known = client.ok("GetApplicationRevision", json!({"applicationName": "shop", "revision": short}));
    let expected = format!("Application revision registered by Deployment ID: {}", id.as_str().unwrap());
    assert_eq!(known["revisionInfo"]["description"], expected);
    assert!(known["revisionInfo"]["firstUsedTime"].is_f64());
    let again = deployment(json!({"revision": short}));
    client.refuses("CreateDeployment", &[("DeploymentLimitExceeded", again)]);
    client.group(json!({"deploymentGroupName": "other"}));
    client.ok("CreateDeployment", deployment(json!({"deploymentGroupName": "other", "revision": short})));
    let nobody = json!({"revisionType": "AppSpecContent", "appSpecContent": {"sha256": "0".repeat(64)}});
    client.refuses("CreateDeployment", &[("RevisionDoesNotExist", deployment(json!({"revision": nobody})))]);
}

#[test]
fn what_is_wrong_with_a_deployment_has_its_own_error() {
    let client = Client::new();
    client.application("Lambda").group(json!({}));
    for (name, platform) in [("fleet", "Server"), ("tasks", "ECS")] {
        client.ok("CreateApplication", json!({"applicationName": name, "computePlatform": platform}));
    }
    let mut fleet = crate::client::group(json!({"applicationName": "fleet"}));
    client.ok("CreateDeploymentGroup", fleet.take());
    client.ok(
        "CreateDeploymentConfig",
        with(careful(), json!({"deploymentConfigName": "tasks", "computePlatform": "ECS"})),
    );
    let d = deployment;
    client.refuses(
        "CreateDeployment",
        &[
            ("DeploymentGroupNameRequired", json!({"applicationName": "shop"})),
            ("ApplicationNameRequired", json!({"deploymentGroupName": "web"})),
            ("ApplicationNameRequired", d(json!({"applicationName": ""}))),
            ("InvalidApplicationName", d(json!({"applicationName": "a b"}))),
            ("InvalidDeploymentGroupName", d(json!({"deploymentGroupName": "a b"}))),
            ("RevisionRequired", d(json!({"revision": null}))),
            ("InvalidRevision", d(json!({"revision": {"revisionType": "AppSpecContent"}}))),
            ("InvalidDeploymentConfigName", d(json!({"deploymentConfigName": "a b"}))),
            ("DeploymentConfigDoesNotExist", d(json!({"deploymentConfigName": "nobody"}))),
            ("InvalidTrafficRoutingConfiguration", d(json!({"deploymentConfigName": "tasks"}))),
            ("DescriptionTooLong", d(json!({"description": "x".repeat(1_001)}))),
            ("InvalidFileExistsBehavior", d(json!({"fileExistsBehavior": "KEEP"}))),
            ("InvalidInput", d(json!({"deploymentMode": "RESTART"}))),
            ("InvalidIgnoreApplicationStopFailuresValue", d(json!({"ignoreApplicationStopFailures": true}))),
            ("InvalidUpdateOutdatedInstancesOnlyValue", d(json!({"updateOutdatedInstancesOnly": true}))),
            ("InvalidTargetInstances", d(json!({"targetInstances": {"autoScalingGroups": ["x"]}}))),
            ("InvalidAlarmConfig", d(json!({"overrideAlarmConfiguration": {"enabled": true}}))),
            ("InvalidAutoRollbackConfig", d(json!({"autoRollbackConfiguration": {"enabled": true}}))),
            ("ApplicationDoesNotExist", d(json!({"applicationName": "nobody"}))),
            ("DeploymentGroupDoesNotExist", d(json!({"deploymentGroupName": "nobody"}))),
            ("InvalidComputePlatform", d(json!({"applicationName": "fleet"}))),
            ("SerializationException", d(json!({"resolved": {"strategy": "AllAtOnce"}}))),
        ],
    );
}

/// A group whose alarm is watched, and that rolls back after failures only.
fn guarded(client: &Client) {
    client.application("Lambda").group(json!({
        "alarmConfiguration": {"enabled": true, "alarms": [{"name": "errors"}]},
        "autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_FAILURE"]},
    }));
}

#[test]
fn what_is_empty_in_a_deployment_switches_nothing_off() {
    let client = Client::new();
    guarded(&client);
    let empties =
        [json!(null), json!({}), json!({"alarms": []}), json!({"alarms": null, "ignorePollAlarmFailure": null})];
    for alarms in
        empties.into_iter().chain([json!({"ignorePollAlarmFailure": true}), json!({"enabled": true, "alarms": []})])
    {
        let plan = planned(&client, deployment(json!({"overrideAlarmConfiguration": alarms})));
        assert_eq!(plan["alarms"], json!(["errors"]), "{alarms}");
    }
    for rollback in [json!(null), json!({}), json!({"events": []}), json!({"enabled": null})] {
        let plan = planned(&client, deployment(json!({"autoRollbackConfiguration": rollback})));
        assert_eq!(plan["rollbackOn"], json!(["DEPLOYMENT_FAILURE"]), "{rollback}");
    }
    for off in [json!({"enabled": false}), json!({"enabled": false, "alarms": []})] {
        let plan = planned(&client, deployment(json!({"overrideAlarmConfiguration": off})));
        assert_eq!(plan["alarms"], json!([]), "{off}");
    }
    for named in [json!({"alarms": [{"name": "latency"}]}), json!({"enabled": true, "alarms": [{"name": "latency"}]})] {
        let plan = planned(&client, deployment(json!({"overrideAlarmConfiguration": named})));
        assert_eq!(plan["alarms"], json!(["latency"]), "{named}");
    }
}

#[test]
fn what_is_empty_in_a_deployment_counts_as_left_out() {
    let client = Client::new();
    guarded(&client);
    let left_out = planned(&client, deployment(json!({})));
    for member in [
        "deploymentConfigName",
        "description",
        "fileExistsBehavior",
        "deploymentMode",
        "targetInstances",
        "ec2DeploymentOptions",
        "ignoreApplicationStopFailures",
        "updateOutdatedInstancesOnly",
    ] {
        for empty in [json!(null), json!(""), json!({}), json!([])] {
            assert_eq!(planned(&client, deployment(json!({member: empty}))), left_out, "{member}: {empty}");
        }
    }
    for targets in [json!({"tagFilters": []}), json!({"autoScalingGroups": [], "ec2TagSet": {"ec2TagSetList": []}})] {
        assert_eq!(planned(&client, deployment(json!({"targetInstances": targets}))), left_out, "{targets}");
    }
    client.ok(
        "CreateDeployment",
        deployment(json!({"fileExistsBehavior": "", "deploymentMode": "", "targetInstances": {}})),
    );
}

#[test]
fn the_appspecs_own_strategy_wins_over_the_groups_and_the_deployments_over_both() {
    let client = Client::new();
    client.ok("CreateDeploymentConfig", careful());
    client.application("Lambda").group(json!({"deploymentConfigName": "careful"}));
    let by_group = with(
        request("Linear50PercentEvery1Minute").json(),
        json!({
            "applicationName": "shop", "deploymentGroupName": "web",
        }),
    );
    let answer = |body| {
        let target = "Tideshift.PlanDeployment".to_owned();
        client.answer(&codedeploy::call::Call { target, body }).body
    };
    let planned = answer(by_group.clone());
    let plan = &planned["plan"];
    assert_eq!((&plan["strategy"], &plan["strategyFrom"]), (&json!("Linear50PercentEvery1Minute"), &json!("AppSpec")));
    assert_eq!(plan["overruled"], json!([{"origin": "Group", "strategy": "careful"}]));
    assert_eq!(
        planned["notes"][0],
        "the strategy is Linear50PercentEvery1Minute, which the AppSpec names; careful, which the deployment group names, is not \
         used"
    );
    let own = with(by_group.clone(), json!({"deploymentConfigName": "Canary10Percent5Minutes"}));
    let plan = &answer(own)["plan"];
    assert_eq!((&plan["strategy"], &plan["strategyFrom"]), (&json!("Canary10Percent5Minutes"), &json!("Deployment")));
    assert_eq!(plan["overruled"].as_array().unwrap().len(), 2);

    // What was accepted is what is carried out, and shown.
    let id = client.ok("CreateDeployment", by_group)["deploymentId"].clone();
    let shown =
        || client.ok("GetDeployment", json!({"deploymentId": id}))["deploymentInfo"]["deploymentConfigName"].clone();
    assert_eq!(shown(), "careful", "as long as nobody has read the AppSpec");
    let simulation = fakes::Simulation::new(client.world);
    simulation.happens(fakes::event::instant(|_| ()));
    simulation.run();
    let id = rollout::ids::DeploymentId::parse(id.as_str().unwrap()).unwrap();
    assert_eq!(simulation.world().plan(&id).unwrap().shift().strategy.name, "Linear50PercentEvery1Minute");
}
