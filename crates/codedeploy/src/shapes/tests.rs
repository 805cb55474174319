use serde_json::{Value, json};

use super::*;

fn back<T: serde::Serialize + for<'de> serde::Deserialize<'de>>(wire: Value) {
    let read: T = serde_json::from_value(wire.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), wire);
}

#[test]
fn casing_is_the_models_where_it_is_a_trap() {
    back::<Tag>(json!({"Key": "team", "Value": "shop"}));
    back::<TagFilter>(json!({"Key": "team", "Value": "shop", "Type": "KEY_AND_VALUE"}));
    back::<TagResourceInput>(json!({"ResourceArn": "arn", "Tags": [{"Key": "team"}]}));
    back::<UntagResourceInput>(json!({"ResourceArn": "arn", "TagKeys": ["team"]}));
    back::<ListTagsForResourceInput>(json!({"ResourceArn": "arn", "NextToken": "x"}));
    back::<CreateApplicationInput>(json!({"tags": [{"Key": "team"}]}));
    back::<DeploymentOverview>(
        json!({"Pending": 0, "InProgress": 1, "Succeeded": 0, "Failed": 0, "Skipped": 0, "Ready": 0}),
    );
    back::<EcsTaskSet>(json!({"identifer": "ecs-svc/1", "trafficWeight": 100.0}));
    back::<RevisionLocation>(
        json!({"s3Location": {"eTag": "x", "bundleType": "YAML"}, "gitHubLocation": {"commitId": "x"}}),
    );
    back::<ApplicationInfo>(json!({"linkedToGitHub": false, "gitHubAccountName": "x"}));
    back::<DeploymentGroupInfo>(json!({
        "ec2TagFilters": [{"Key": "k"}],
        "ec2TagSet": {"ec2TagSetList": [[{"Key": "k"}]]},
        "onPremisesTagSet": {"onPremisesTagSetList": [[{"Key": "k"}]]},
        "ecsServices": [{"serviceName": "s", "clusterName": "c"}],
        "loadBalancerInfo": {"elbInfoList": [{"name": "x"}]},
        "ec2DeploymentOptions": {"autoScalingGroupProcessesToSuspend": ["AZRebalance"]},
    }));
    back::<DeploymentTarget>(json!({"cloudFormationTarget": {"resourceType": "x"}, "ecsTarget": {"targetId": "x"}}));
    back::<InstanceInput>(json!({"instanceName": "x", "iamUserArn": "x", "iamSessionArn": "x"}));
}

#[test]
fn null_in_a_list_of_alarms_is_an_alarm_without_a_name() {
    let read: AlarmConfiguration = serde_json::from_value(json!({"alarms": [null, {"name": null}]})).unwrap();
    assert_eq!(read.alarms, Some(vec![Alarm::default(), Alarm::default()]));
}

#[test]
fn a_member_that_nobody_knows_is_ignored_but_for_what_only_we_write() {
    for newer in [
        json!({"autoRollback": {}}),
        json!({"overrideAlarmConfiguration": {"enabled": true, "alarm": []}}),
        json!({"overrideAlarmConfiguration": {"alarms": [{"arn": "arn:aws:x"}]}}),
        json!({"autoRollbackConfiguration": {"delay": 1}}),
        json!({"revision": {"ociLocation": {}, "s3Location": {"region": "x"}, "gitHubLocation": {"ref": "x"}}}),
        json!({"revision": {"appSpecContent": {"encoding": "x"}}}),
    ] {
        assert!(serde_json::from_value::<CreateDeploymentInput>(newer.clone()).is_ok(), "{newer}");
    }
    assert!(serde_json::from_value::<CreateApplicationInput>(json!({"tagz": []})).is_ok());
    assert!(serde_json::from_value::<CreateDeploymentInput>(json!({"resolved": {"alarms": []}})).is_err());
}
