//! Malformed calls: whatever arrives, the answer is a client's error with a name, and never a fault of ours.

use codedeploy::call::Call;
use codedeploy::operation::Operation;
use serde_json::{Map, Value, json};

use crate::client::Client;

/// How many calls are made in each of the four tests, which run beside each other.
const CALLS: usize = 26_000;

/// A small source of numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }
}

/// Every member of every input with a value that is good somewhere.
fn members() -> Map<String, Value> {
    let alarms = json!({"enabled": true, "alarms": [{"name": "errors"}], "ignorePollAlarmFailure": false});
    let revision =
        json!({"revisionType": "AppSpecContent", "appSpecContent": {"content": "version: 0.0", "sha256": "0"}});
    let s3 =
        json!({"revisionType": "S3", "s3Location": {"bucket": "b", "key": "k", "bundleType": "YAML", "eTag": "x"}});
    let filter = json!({"Key": "k", "Value": "v", "Type": "KEY_AND_VALUE"});
    let tags = json!([{"Key": "k", "Value": "v"}]);
    let pair = json!({"targetGroups": [{"name": "a"}, {"name": "b"}], "prodTrafficRoute": {"listenerArns": ["arn:x"]}});
    let all = json!({
        "applicationName": "shop", "applicationNames": ["shop"], "newApplicationName": "store", "computePlatform": "Lambda",
        "tags": tags, "Tags": tags, "TagKeys": ["k"], "NextToken": "x", "nextToken": "x",
        "ResourceArn": "arn:aws:codedeploy:eu-central-1:123456789012:deploymentgroup:shop/web",
        "deploymentConfigName": "careful", "minimumHealthyHosts": {"type": "HOST_COUNT", "value": 1},
        "trafficRoutingConfig": {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 10, "linearInterval": 1}},
        "zonalConfig": {"monitorDurationInSeconds": 1, "minimumHealthyHostsPerZone": {"type": "HOST_COUNT", "value": 1}},
        "deploymentGroupName": "web", "deploymentGroupNames": ["web"], "currentDeploymentGroupName": "web",
        "newDeploymentGroupName": "site", "serviceRoleArn": "arn:aws:iam::123456789012:role/deploy",
        "ec2TagFilters": [filter], "onPremisesInstanceTagFilters": [filter], "autoScalingGroups": ["fleet"],
        "ec2TagSet": {"ec2TagSetList": [[filter]]}, "onPremisesTagSet": {"onPremisesTagSetList": [[filter]]},
        "triggerConfigurations": [{"triggerName": "t", "triggerTargetArn": "arn:aws:sns:eu-central-1:123456789012:ops",
            "triggerEvents": ["DeploymentStart"]}],
        "alarmConfiguration": alarms, "overrideAlarmConfiguration": alarms,
        "autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_FAILURE"]},
        "outdatedInstancesStrategy": "UPDATE",
        "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "blueGreenDeploymentConfiguration": {
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
            "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 5},
            "greenFleetProvisioningOption": {"action": "DISCOVER_EXISTING"},
        },
        "loadBalancerInfo": {"elbInfoList": [{"name": "x"}], "targetGroupPairInfoList": [pair]},
        "ecsServices": [{"serviceName": "s", "clusterName": "c"}], "terminationHookEnabled": true,
        "ec2DeploymentOptions": {"autoScalingGroupProcessesToSuspend": ["AZRebalance"]},
        "revision": revision, "revisions": [revision, s3], "description": "text", "sortBy": "registerTime",
        "sortOrder": "ascending", "s3Bucket": "b", "s3KeyPrefix": "k", "deployed": "ignore",
        "ignoreApplicationStopFailures": false, "updateOutdatedInstancesOnly": false, "fileExistsBehavior": "RETAIN",
        "deploymentMode": "STANDARD", "targetInstances": {"tagFilters": [filter]}, "resolved": {"strategy": "AllAtOnce"},
        "deploymentId": "d-1", "deploymentIds": ["d-1"], "autoRollbackEnabled": true, "deploymentWaitType": "READY_WAIT",
        "lifecycleEventHookExecutionId": "x", "status": "Succeeded", "externalId": "x",
        "includeOnlyStatuses": ["Created"], "createTimeRange": {"start": 1.5, "end": "2026-01-01T00:00:00Z"},
        "targetFilters": {"TargetStatus": ["Failed"]}, "targetId": "storefront:live", "targetIds": ["x"],
        "instanceStatusFilter": ["Failed"], "instanceTypeFilter": ["Blue"], "instanceId": "i-1", "instanceIds": ["i-1"],
        "instanceName": "host", "instanceNames": ["host"], "iamUserArn": "arn:aws:iam::123456789012:user/host",
        "iamSessionArn": "arn:aws:sts::123456789012:assumed-role/a/b", "registrationStatus": "Registered",
        "tagFilters": [filter], "tokenName": "mine",
    });
    all.as_object().cloned().unwrap_or_default()
}

/// A value that is good nowhere, or only by accident.
fn odd(dice: &mut Dice) -> Value {
    match dice.roll(22) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(i64::MIN),
        4 => json!(u64::MAX),
        5 => json!(1e308),
        6 => json!(0.5),
        7 => json!(""),
        8 => json!("x".repeat(20_000)),
        9 => json!("\u{0}\u{7f}\u{202e}🦀"),
        10 => json!("ä".repeat(60)),
        11 => json!("\"'; DROP TABLE"),
        12 => json!([]),
        13 => json!({}),
        14 => json!([null]),
        15 => json!([[[[]]]]),
        16 => json!(vec!["x"; 200]),
        17 => json!({"": {"": {"": ""}}}),
        18 => (0..100).fold(Value::Null, |deep, _| json!([deep])),
        19 => (0..100).fold(json!(1), |deep, _| json!({"revision": deep})),
        20 => json!("CodeDeployDefault.OneAtATime"),
        _ => json!("2026-01-01T00:00:00Z"),
    }
}

/// Changes one thing somewhere inside.
fn mutate(value: &mut Value, dice: &mut Dice) {
    match value {
        Value::Object(members) if !members.is_empty() && dice.roll(5) > 0 => {
            let names: Vec<String> = members.keys().cloned().collect();
            let name = dice.pick(&names).clone();
            match dice.roll(6) {
                0 => drop(members.remove(&name)),
                1 => {
                    let moved = members.remove(&name).unwrap_or_default();
                    members.insert(name.to_uppercase(), moved);
                }
                _ => mutate(&mut members[&name], dice),
            }
        }
        Value::Array(items) if !items.is_empty() && dice.roll(5) > 0 => {
            let at = dice.roll(items.len());
            if dice.roll(4) == 0 {
                let again = items[at].clone();
                items.push(again);
            } else {
                mutate(&mut items[at], dice);
            }
        }
        Value::String(text) if dice.roll(2) == 0 => match dice.roll(3) {
            0 => *text = text.to_lowercase(),
            1 => text.push('\n'),
            _ => drop(text.pop()),
        },
        _ => *value = odd(dice),
    }
}

fn target(dice: &mut Dice) -> String {
    match dice.roll(40) {
        0 => String::new(),
        1 => "CodeDeploy_20141006.".to_owned(),
        2 => "CodeDeploy_20141006.Fly".to_owned(),
        3 => "CreateDeployment".to_owned(),
        4 => "x".repeat(10_000),
        5 => "Tideshift.\u{0}".to_owned(),
        _ => {
            let row = dice.pick(Operation::TABLE);
            format!("{}.{}", row.0, row.1)
        }
    }
}

fn body(all: &Map<String, Value>, dice: &mut Dice) -> Value {
    if dice.roll(30) == 0 {
        return odd(dice);
    }
    // Few members or nearly all: what must be there is missing in one, what must not be there is there in the other.
    let share = *dice.pick(&[5, 15, 40, 100]);
    let chosen = all.iter().filter(|_| dice.roll(100) < share);
    let mut body: Value = chosen.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>().into();
    for _ in 0..dice.roll(4) {
        mutate(&mut body, dice);
    }
    body
}

#[test]
fn no_call_whatever_is_a_fault_of_ours() {
    thrown(Dice(20_141_006));
}

#[test]
fn nor_is_any_other() {
    thrown(Dice(47));
}

#[test]
fn nor_is_one_that_nobody_would_make() {
    thrown(Dice(114));
}

#[test]
fn nor_is_one_that_is_nearly_right() {
    thrown(Dice(2_880));
}

/// Makes calls as the dice fall.
fn thrown(mut dice: Dice) {
    let all = members();
    let mut client = Client::new();
    let mut accepted = 0;
    for number in 0..CALLS {
        // A world that is new now and then, so that names are free and taken in turn.
        if number % 500 == 0 {
            client = Client::new();
            client.application("Lambda").group(json!({}));
        }
        let call = Call { target: target(&mut dice), body: body(&all, &mut dice) };
        let reply = client.answer(&call);
        match reply.status {
            200 => accepted += 1,
            400 => {
                let text = |member: &str| reply.body[member].as_str().map(str::to_owned);
                assert!(text("__type").is_some_and(|name| !name.is_empty()), "{call:?} answers {}", reply.body);
                let message = text("message").unwrap_or_default();
                assert!(!message.is_empty() && message.len() < 20_000, "{call:?} answers {message}");
            }
            status => panic!("{call:?} answers {status} {}", reply.body),
        }
    }
    assert!(accepted > CALLS / 50, "only {accepted} calls were well formed: the others prove little");
}
