//! Deployment groups.

use serde_json::{Value, json};

use crate::client::{Client, group, with};

fn named() -> Value {
    json!({"applicationName": "shop", "deploymentGroupName": "web"})
}

fn update(members: Value) -> Value {
    with(json!({"applicationName": "shop", "currentDeploymentGroupName": "web"}), members)
}

fn ecs() -> Value {
    json!({
        "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "ecsServices": [{"serviceName": "web", "clusterName": "main"}],
        "loadBalancerInfo": {"targetGroupPairInfoList": [{
            "targetGroups": [{"name": "blue"}, {"name": "green"}],
            "prodTrafficRoute": {"listenerArns": ["arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/x/1/2"]},
        }]},
    })
}

#[test]
fn a_group_is_returned_as_it_was_written_and_with_what_it_has_by_default() {
    let client = Client::new();
    let alarms = json!({"enabled": true, "alarms": [{"name": "errors"}], "ignorePollAlarmFailure": true});
    let trigger = json!([{
        "triggerName": "tell", "triggerTargetArn": "arn:aws:sns:eu-central-1:123456789012:ops",
        "triggerEvents": ["DeploymentFailure"],
    }]);
    client.application("Lambda").group(json!({
        "alarmConfiguration": alarms, "triggerConfigurations": trigger,
        "autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_FAILURE"]},
        "tags": [{"Key": "team", "Value": "shop"}],
    }));
    let read = client.read_group();
    assert_eq!(read["alarmConfiguration"], alarms);
    assert_eq!(read["triggerConfigurations"], trigger);
    assert_eq!(read["computePlatform"], "Lambda");
    assert_eq!(read["deploymentConfigName"], "CodeDeployDefault.LambdaAllAtOnce");
    let style = json!({"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"});
    assert_eq!(read["deploymentStyle"], style);
    assert_eq!(read["outdatedInstancesStrategy"], "UPDATE");
    assert_eq!(read["ec2TagFilters"], json!([]));
    let arn = "arn:aws:codedeploy:eu-central-1:123456789012:deploymentgroup:shop/web";
    let tags = client.ok("ListTagsForResource", json!({"ResourceArn": arn}));
    assert_eq!(tags, json!({"Tags": [{"Key": "team", "Value": "shop"}]}));
}

#[test]
fn an_update_changes_what_it_names_and_nothing_else() {
    let client = Client::new();
    client.application("Lambda").group(json!({
        "alarmConfiguration": {"enabled": true, "alarms": [{"name": "errors"}]},
        "deploymentConfigName": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    }));
    let before = client.read_group();
    let answer = client.ok("UpdateDeploymentGroup", update(json!({"autoRollbackConfiguration": {"enabled": false}})));
    assert_eq!(answer, json!({"hooksNotCleanedUp": []}));
    let after = client.read_group();
    assert_eq!(after, with(before, json!({"autoRollbackConfiguration": {"enabled": false}})));

    client.ok("UpdateDeploymentGroup", update(json!({"newDeploymentGroupName": "site"})));
    client.refuses("GetDeploymentGroup", &[("DeploymentGroupDoesNotExist", named())]);
    let renamed = json!({"applicationName": "shop", "deploymentGroupName": "site"});
    let renamed = client.ok("GetDeploymentGroup", renamed)["deploymentGroupInfo"].clone();
    assert_eq!(renamed, with(after, json!({"deploymentGroupName": "site"})), "a rename keeps the id");

    client.group(json!({}));
    client.refuses(
        "UpdateDeploymentGroup",
        &[
            ("DeploymentGroupNameRequired", json!({"applicationName": "shop"})),
            ("DeploymentGroupDoesNotExist", update(json!({"currentDeploymentGroupName": "nobody"}))),
            ("DeploymentGroupAlreadyExists", update(json!({"newDeploymentGroupName": "site"}))),
            ("InvalidDeploymentGroupName", update(json!({"newDeploymentGroupName": "a/b"}))),
            ("InvalidRole", update(json!({"serviceRoleArn": "deploy"}))),
            (
                "InvalidTrafficRoutingConfiguration",
                update(json!({"deploymentConfigName": "CodeDeployDefault.OneAtATime"})),
            ),
        ],
    );
}

#[test]
fn an_ecs_group_has_both_waits_and_a_service_of_its_own() {
    let client = Client::new();
    client.application("ECS").group(ecs());
    let read = client.read_group();
    assert_eq!(read["ecsServices"], ecs()["ecsServices"]);
    let waits = &read["blueGreenDeploymentConfiguration"];
    assert_eq!(waits["deploymentReadyOption"]["waitTimeInMinutes"], 0);
    assert_eq!(waits["terminateBlueInstancesOnDeploymentSuccess"]["terminationWaitTimeInMinutes"], 0);
    let second = |members: Value| with(group(with(ecs(), json!({"deploymentGroupName": "second"}))), members);
    let other = json!({"ecsServices": [{"serviceName": "arn:aws:ecs:eu-central-1:123456789012:service/main/web",
        "clusterName": "main"}]});
    client.refuses(
        "CreateDeploymentGroup",
        &[
            ("ECSServiceMappingLimitExceeded", second(json!({}))),
            ("ECSServiceMappingLimitExceeded", second(other)),
            ("InvalidECSService", second(json!({"ecsServices": []}))),
            ("InvalidECSService", second(json!({"ecsServices": [{"serviceName": "x"}]}))),
            ("InvalidLoadBalancerInfo", second(json!({"loadBalancerInfo": {}}))),
            ("InvalidTargetGroupPair", second(json!({"loadBalancerInfo": {"targetGroupPairInfoList": [{}]}}))),
            ("InvalidAutoScalingGroup", second(json!({"autoScalingGroups": ["fleet"]}))),
            (
                "InvalidDeploymentStyle",
                second(json!({"deploymentStyle": {
                    "deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL",
                }})),
            ),
        ],
    );
    client.ok("DeleteDeploymentGroup", named());
    client.ok("CreateDeploymentGroup", second(json!({})));
}

/// The style of a group whose traffic is moved.
fn controlled(kind: &str) -> Value {
    json!({"deploymentType": kind, "deploymentOption": "WITH_TRAFFIC_CONTROL"})
}

/// So many filters of tags.
fn filters(count: usize) -> Value {
    json!(vec![json!({"Key": "k", "Type": "KEY_ONLY"}); count])
}

#[test]
fn what_is_wrong_with_a_group_has_its_own_error() {
    let client = Client::new();
    client.application("Lambda");
    client.refuses(
        "CreateDeploymentGroup",
        &[
            ("ApplicationNameRequired", json!({})),
            ("DeploymentGroupNameRequired", json!({"applicationName": "a b"})),
            ("RoleRequired", json!({"applicationName": "a b", "deploymentGroupName": "web"})),
            ("InvalidApplicationName", group(json!({"applicationName": "a b"}))),
            ("InvalidDeploymentGroupName", group(json!({"deploymentGroupName": "a b"}))),
            ("InvalidRole", group(json!({"serviceRoleArn": "deploy"}))),
            ("InvalidRole", group(json!({"serviceRoleArn": "arn:aws:iam::123456789012:user/me"}))),
            ("ApplicationDoesNotExist", group(json!({"applicationName": "nobody"}))),
            ("InvalidDeploymentConfigName", group(json!({"deploymentConfigName": "a b"}))),
            ("DeploymentConfigDoesNotExist", group(json!({"deploymentConfigName": "nobody"}))),
            (
                "InvalidTrafficRoutingConfiguration",
                group(json!({"deploymentConfigName": "CodeDeployDefault.AllAtOnce"})),
            ),
            ("InvalidTagsToAdd", group(json!({"tags": [null]}))),
        ],
    );
    client.ok("CreateDeploymentGroup", group(json!({"deploymentConfigName": "Canary10Percent30Seconds"})));
    client.refuses("CreateDeploymentGroup", &[("DeploymentGroupAlreadyExists", group(json!({})))]);
}

#[test]
fn what_is_wrong_with_the_alarms_the_rollback_or_a_trigger_of_a_group_has_its_own_error() {
    let client = Client::new();
    client.application("Lambda");
    let alarms = |members: Value| group(json!({"alarmConfiguration": members}));
    let trigger = |members: Value| {
        let good = json!({"triggerName": "t", "triggerTargetArn": "arn:aws:sns:eu-central-1:123456789012:ops",
            "triggerEvents": ["DeploymentStart"]});
        group(json!({"triggerConfigurations": [with(good, members)]}))
    };
    client.refuses(
        "CreateDeploymentGroup",
        &[
            ("InvalidAlarmConfig", alarms(json!({"enabled": true}))),
            ("InvalidAlarmConfig", alarms(json!({"enabled": true, "alarms": [null]}))),
            ("InvalidAlarmConfig", alarms(json!({"alarms": [{"name": "x"}, {"name": "x"}]}))),
            ("InvalidAlarmConfig", alarms(json!({"alarms": [{"name": "x".repeat(256)}]}))),
            ("AlarmsLimitExceeded", alarms(json!({"alarms": vec![json!({"name": "x"}); 51]}))),
            ("SerializationException", alarms(json!({"alarms": "errors"}))),
            ("InvalidAutoRollbackConfig", group(json!({"autoRollbackConfiguration": {"enabled": true}}))),
            (
                "InvalidAutoRollbackConfig",
                group(json!({"autoRollbackConfiguration": {"enabled": true, "events": ["X"]}})),
            ),
            ("InvalidTriggerConfig", trigger(json!({"triggerName": ""}))),
            ("InvalidTriggerConfig", trigger(json!({"triggerTargetArn": "ops"}))),
            ("InvalidTriggerConfig", trigger(json!({"triggerEvents": []}))),
            ("InvalidTriggerConfig", trigger(json!({"triggerEvents": ["Start"]}))),
            ("TriggerTargetsLimitExceeded", group(json!({"triggerConfigurations": vec![json!({}); 11]}))),
        ],
    );
}

#[test]
fn what_is_wrong_with_the_style_of_a_group_or_belongs_to_another_platform_has_its_own_error() {
    let client = Client::new();
    client.application("Lambda");
    let ready = |action: &str, minutes: i64| {
        group(json!({"blueGreenDeploymentConfiguration": {
            "deploymentReadyOption": {"actionOnTimeout": action, "waitTimeInMinutes": minutes},
        }}))
    };
    client.refuses(
        "CreateDeploymentGroup",
        &[
            ("InvalidInput", group(json!({"outdatedInstancesStrategy": "LATER"}))),
            ("InvalidDeploymentStyle", group(json!({"deploymentStyle": {"deploymentType": "BLUE_GREEN"}}))),
            ("InvalidDeploymentStyle", group(json!({"deploymentStyle": controlled("IN_PLACE")}))),
            ("InvalidBlueGreenDeploymentConfiguration", ready("CONTINUE_DEPLOYMENT", 5)),
            ("InvalidBlueGreenDeploymentConfiguration", ready("STOP_DEPLOYMENT", -1)),
            ("InvalidBlueGreenDeploymentConfiguration", ready("WAIT", 0)),
            ("InvalidEC2Tag", group(json!({"ec2TagFilters": filters(1)}))),
            ("InvalidTag", group(json!({"onPremisesInstanceTagFilters": filters(1)}))),
            ("InvalidAutoScalingGroup", group(json!({"autoScalingGroups": ["fleet"]}))),
            ("InvalidECSService", group(json!({"ecsServices": [{"serviceName": "a", "clusterName": "b"}]}))),
            ("InvalidLoadBalancerInfo", group(ecs())),
        ],
    );
}

#[test]
fn what_is_wrong_with_a_group_of_servers_has_its_own_error() {
    let client = Client::new();
    client.ok("CreateApplication", json!({"applicationName": "fleet"}));
    let fleet = |members: Value| with(group(json!({"applicationName": "fleet"})), members);
    client.refuses(
        "CreateDeploymentGroup",
        &[
            ("InvalidLoadBalancerInfo", fleet(json!({"deploymentStyle": controlled("IN_PLACE")}))),
            ("InvalidLoadBalancerInfo", fleet(ecs())),
            (
                "InvalidEC2TagCombination",
                fleet(json!({"ec2TagFilters": filters(1), "ec2TagSet": {"ec2TagSetList": [[]]}})),
            ),
            (
                "InvalidOnPremisesTagCombination",
                fleet(json!({
                    "onPremisesInstanceTagFilters": filters(1), "onPremisesTagSet": {"onPremisesTagSetList": [[]]},
                })),
            ),
            ("InvalidEC2Tag", fleet(json!({"ec2TagFilters": [{"Key": "k", "Type": "KEY"}]}))),
            ("InvalidEC2Tag", fleet(json!({"ec2TagFilters": filters(11)}))),
            ("TagSetListLimitExceeded", fleet(json!({"ec2TagSet": {"ec2TagSetList": [[], [], [], []]}}))),
            ("InvalidAutoScalingGroup", fleet(json!({"autoScalingGroups": [""]}))),
            (
                "InvalidAutoScalingGroupProcessToSuspend",
                fleet(json!({"ec2DeploymentOptions": {"autoScalingGroupProcessesToSuspend": ["terminate"]}})),
            ),
            (
                "InvalidBlueGreenDeploymentConfiguration",
                fleet(json!({"blueGreenDeploymentConfiguration": {
                    "greenFleetProvisioningOption": {"action": "COPY_AUTO_SCALING_GROUP"},
                }})),
            ),
        ],
    );
    let message = client.refused("CreateDeploymentGroup", fleet(ecs())).1;
    assert_eq!(message, "ELB information has to contain at least 1 ELB.");
}

#[test]
fn groups_are_listed_batched_and_deleted() {
    let client = Client::new();
    client.application("Lambda");
    for number in 0..120 {
        client.ok("CreateDeploymentGroup", group(json!({"deploymentGroupName": format!("g-{number:03}")})));
    }
    let first = client.ok("ListDeploymentGroups", json!({"applicationName": "shop"}));
    assert_eq!(first["deploymentGroups"].as_array().unwrap().len(), 100);
    let rest = json!({"applicationName": "shop", "nextToken": first["nextToken"]});
    assert_eq!(client.ok("ListDeploymentGroups", rest)["deploymentGroups"].as_array().unwrap().len(), 20);
    client.ok("CreateApplication", json!({"applicationName": "other"}));
    let foreign = json!({"applicationName": "other", "nextToken": first["nextToken"]});
    client.refuses("ListDeploymentGroups", &[("InvalidNextToken", foreign)]);

    let batch = json!({"applicationName": "shop", "deploymentGroupNames": ["g-001", "nobody"]});
    let batch = client.ok("BatchGetDeploymentGroups", batch);
    assert_eq!(batch["deploymentGroupsInfo"].as_array().unwrap().len(), 1);
    assert_eq!(batch["errorMessage"], "No Deployment Group found for name: nobody");
    let many: Vec<String> = (0..101).map(|number| format!("g-{number:03}")).collect();
    client.refuses(
        "BatchGetDeploymentGroups",
        &[
            ("DeploymentGroupNameRequired", json!({"applicationName": "shop"})),
            ("BatchLimitExceeded", json!({"applicationName": "shop", "deploymentGroupNames": many})),
            ("ApplicationDoesNotExist", json!({"applicationName": "nobody", "deploymentGroupNames": ["g"]})),
        ],
    );
    let named = json!({"applicationName": "shop", "deploymentGroupName": "g-001"});
    assert_eq!(client.ok("DeleteDeploymentGroup", named.clone()), json!({"hooksNotCleanedUp": []}));
    client.ok("DeleteDeploymentGroup", named.clone());
    client.refuses("GetDeploymentGroup", &[("DeploymentGroupDoesNotExist", named)]);
    client.ok("DeleteDeploymentGroup", json!({"applicationName": "nobody", "deploymentGroupName": "g"}));
}

#[test]
fn what_is_above_the_quotas_of_the_stack_is_refused_and_what_is_within_is_not() {
    let mut client = Client::new();
    client.settings.quotas = "groups=1,alarms=2,triggers=0,tags=1,configs=1,shiftMinutes=30".parse().unwrap();
    client.application("Lambda");
    let alarms = |count: usize| {
        let alarms: Vec<Value> = (0..count).map(|number| json!({"name": format!("a-{number}")})).collect();
        group(json!({"alarmConfiguration": {"enabled": true, "alarms": alarms}}))
    };
    let tag = |key: &str| json!({"Key": key, "Value": "v"});
    let config = |name: &str, minutes: u64| {
        json!({"deploymentConfigName": name, "computePlatform": "Lambda", "trafficRoutingConfig": {
            "type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 25, "canaryInterval": minutes},
        }})
    };
    client.refuses(
        "CreateDeploymentGroup",
        &[
            ("AlarmsLimitExceeded", alarms(3)),
            ("TriggerTargetsLimitExceeded", group(json!({"triggerConfigurations": [{}]}))),
            ("InvalidTagsToAdd", group(json!({"tags": [tag("a"), tag("b")]}))),
        ],
    );
    client.ok("CreateDeploymentGroup", alarms(2));
    let second = group(json!({"deploymentGroupName": "second"}));
    client.refuses("CreateDeploymentGroup", &[("DeploymentGroupLimitExceeded", second)]);
    client.ok("CreateDeploymentConfig", config("short", 30));
    client.refuses(
        "CreateDeploymentConfig",
        &[
            ("InvalidTrafficRoutingConfiguration", config("long", 31)),
            ("DeploymentConfigLimitExceeded", config("second", 30)),
        ],
    );
}

#[test]
fn what_is_empty_in_an_update_changes_nothing_and_an_empty_list_takes_away_what_it_names() {
    let client = Client::new();
    let alarms = json!({"enabled": true, "alarms": [{"name": "errors"}]});
    let trigger = json!([{
        "triggerName": "tell", "triggerTargetArn": "arn:aws:sns:eu-central-1:123456789012:ops",
        "triggerEvents": ["DeploymentFailure"],
    }]);
    client.application("Lambda").group(json!({
        "alarmConfiguration": alarms, "triggerConfigurations": trigger,
        "autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_FAILURE"]},
        "deploymentConfigName": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    }));
    let before = client.read_group();
    for member in [
        "newDeploymentGroupName",
        "serviceRoleArn",
        "deploymentConfigName",
        "alarmConfiguration",
        "autoRollbackConfiguration",
        "deploymentStyle",
        "blueGreenDeploymentConfiguration",
        "loadBalancerInfo",
        "outdatedInstancesStrategy",
        "ec2TagSet",
        "onPremisesTagSet",
        "ec2DeploymentOptions",
    ] {
        for empty in [json!(null), json!(""), json!({})] {
            client.ok("UpdateDeploymentGroup", update(json!({member: empty})));
            assert_eq!(client.read_group(), before, "{member}: {empty}");
        }
    }
    for kept in [json!({"alarms": []}), json!({"enabled": true}), json!({"enabled": null, "alarms": null})] {
        client.ok("UpdateDeploymentGroup", update(json!({"alarmConfiguration": kept})));
        assert_eq!(client.read_group()["alarmConfiguration"], alarms, "{kept}");
    }
    client.ok("UpdateDeploymentGroup", update(json!({"alarmConfiguration": {"enabled": false}})));
    let off = json!({"enabled": false, "alarms": [{"name": "errors"}]});
    assert_eq!(client.read_group()["alarmConfiguration"], off, "switched off, and kept");
    client.ok("UpdateDeploymentGroup", update(json!({"alarmConfiguration": {"enabled": false, "alarms": []}})));
    assert_eq!(client.read_group()["alarmConfiguration"], json!({"enabled": false, "alarms": []}), "taken away");
    client.ok("UpdateDeploymentGroup", update(json!({"triggerConfigurations": []})));
    assert_eq!(client.read_group()["triggerConfigurations"], json!([]));
}

#[test]
fn what_is_empty_in_a_new_group_is_as_if_it_were_left_out() {
    let client = Client::new();
    client.ok("CreateApplication", json!({"applicationName": "shop", "computePlatform": "Lambda", "tags": []}));
    client.group(json!({
        "deploymentConfigName": "", "alarmConfiguration": {}, "autoRollbackConfiguration": {"events": []}, "deploymentStyle": {},
        "blueGreenDeploymentConfiguration": {"deploymentReadyOption": {"actionOnTimeout": ""}}, "loadBalancerInfo": {},
        "ecsServices": [], "ec2TagFilters": [], "tags": null,
    }));
    let plain = client.read_group();
    client.ok("CreateDeploymentGroup", group(json!({"deploymentGroupName": "plain"})));
    let named = json!({"applicationName": "shop", "deploymentGroupName": "plain"});
    let expected = client.ok("GetDeploymentGroup", named)["deploymentGroupInfo"].clone();
    let own = json!({"deploymentGroupName": "web", "deploymentGroupId": plain["deploymentGroupId"]});
    assert_eq!(with(plain, json!({"ecsServices": null})), with(with(expected, own), json!({"ecsServices": null})));
    client.ok("CreateApplication", json!({"applicationName": "fleet", "computePlatform": ""}));
    let fleet = client.ok("GetApplication", json!({"applicationName": "fleet"}));
    assert_eq!(fleet["application"]["computePlatform"], "Server");
}
