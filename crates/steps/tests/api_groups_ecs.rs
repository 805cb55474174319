//! Deployment groups for services: what one must say, what it must not, and whose a service is.

use codedeploy::call::Call;
use serde_json::{Value, json};

use crate::client::{Client, group, with};

fn listener(name: &str) -> String {
    format!("arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/1/{name}")
}

fn pair() -> Value {
    json!({
        "targetGroups": [{"name": "web-blue"}, {"name": "web-green"}],
        "prodTrafficRoute": {"listenerArns": [listener("prod")]},
        "testTrafficRoute": {"listenerArns": [listener("test")]},
    })
}

fn balancer(pairs: &[Value]) -> Value {
    json!({"loadBalancerInfo": {"targetGroupPairInfoList": pairs}})
}

fn style(kind: &str, option: &str) -> Value {
    json!({"deploymentStyle": {"deploymentType": kind, "deploymentOption": option}})
}

fn waits() -> Value {
    json!({
        "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 7200},
        "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 2880},
    })
}

/// Everything a group for a service has.
fn whole() -> Value {
    let mut whole = balancer(&[pair()]);
    for part in [
        style("BLUE_GREEN", "WITH_TRAFFIC_CONTROL"),
        json!({"ecsServices": [{"clusterName": "shop", "serviceName": "web"}]}),
        json!({"blueGreenDeploymentConfiguration": waits()}),
    ] {
        whole = with(whole, part);
    }
    whole
}

fn changed(members: Value) -> Value {
    group(with(whole(), members))
}

fn update(members: Value) -> Value {
    with(json!({"applicationName": "shop", "currentDeploymentGroupName": "web"}), members)
}

#[test]
fn a_group_for_a_service_is_returned_as_it_was_written_with_its_configuration_by_default() {
    let client = Client::new();
    client.application("ECS").group(whole());
    let read = client.read_group();
    for member in ["ecsServices", "loadBalancerInfo", "deploymentStyle", "blueGreenDeploymentConfiguration"] {
        assert_eq!(read[member], whole()[member], "{member}");
    }
    assert_eq!(read["computePlatform"], "ECS");
    assert_eq!(read["deploymentConfigName"], "CodeDeployDefault.ECSAllAtOnce");
}

#[test]
fn the_waits_that_a_group_leaves_out_are_none() {
    let client = Client::new();
    client.application("ECS");
    let mut least = whole();
    least.as_object_mut().unwrap().remove("blueGreenDeploymentConfiguration");
    let pair = &mut least["loadBalancerInfo"]["targetGroupPairInfoList"][0];
    pair.as_object_mut().unwrap().remove("testTrafficRoute");
    client.group(least);
    assert_eq!(
        client.read_group()["blueGreenDeploymentConfiguration"],
        json!({
            "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0},
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 0},
        })
    );
}

#[test]
fn a_group_has_one_service_that_both_names_lead_to() {
    let client = Client::new();
    client.application("ECS");
    let services = |services: Value| changed(json!({"ecsServices": services}));
    let web = json!({"clusterName": "shop", "serviceName": "web"});
    client.refuses(
        "CreateDeploymentGroup",
        &[
            ("InvalidECSService", services(json!([]))),
            ("InvalidECSService", services(json!([{"clusterName": "shop"}]))),
            ("InvalidECSService", services(json!([{"serviceName": "web"}]))),
            ("InvalidECSService", services(json!([{"clusterName": "", "serviceName": "web"}]))),
            ("InvalidECSService", services(json!([{"clusterName": "shop", "serviceName": "two words"}]))),
            ("ECSServiceMappingLimitExceeded", services(json!([web, {"clusterName": "shop", "serviceName": "mail"}]))),
        ],
    );
}

#[test]
fn a_pair_has_two_target_groups_and_a_listener_for_each_route() {
    let client = Client::new();
    client.application("ECS");
    let bad = |members: Value| ("InvalidTargetGroupPair", changed(balancer(&[with(pair(), members)])));
    let groups = |names: &[&str]| {
        let groups: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
        bad(json!({"targetGroups": groups}))
    };
    let arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web-blue/0123456789abcdef";
    client.refuses(
        "CreateDeploymentGroup",
        &[
            ("InvalidLoadBalancerInfo", changed(balancer(&[]))),
            ("InvalidTargetGroupPair", changed(balancer(&[pair(), pair()]))),
            groups(&[]),
            groups(&["web-blue"]),
            groups(&["web-blue", "web-green", "web-grey"]),
            groups(&["web-blue", "web-blue"]),
            groups(&["web-blue", arn]),
            groups(&["web-blue", "web_green"]),
            bad(json!({"targetGroups": [{"name": "web-blue"}, {}]})),
            bad(json!({"prodTrafficRoute": null})),
            bad(json!({"prodTrafficRoute": {"listenerArns": []}})),
            bad(json!({"prodTrafficRoute": {"listenerArns": [listener("prod"), listener("more")]}})),
            bad(json!({"prodTrafficRoute": {"listenerArns": ["prod"]}})),
            bad(json!({"prodTrafficRoute": {"listenerArns": [arn]}})),
            bad(json!({"testTrafficRoute": {"listenerArns": [listener("test"), listener("other")]}})),
            bad(json!({"testTrafficRoute": {"listenerArns": [listener("prod")]}})),
        ],
    );
    let same = changed(balancer(&[with(pair(), json!({"testTrafficRoute": {"listenerArns": [listener("prod")]}}))]));
    let (_, message) = client.refused("CreateDeploymentGroup", same);
    assert!(message.ends_with("name another one, or leave it out"), "{message}");
    let mut both = balancer(&[pair()]);
    both["loadBalancerInfo"]["targetGroupInfoList"] = json!([{"name": "web-blue"}]);
    client.refuses("CreateDeploymentGroup", &[("InvalidLoadBalancerInfo", changed(both))]);
}

#[test]
fn the_waits_have_their_limits_and_a_task_set_is_never_kept_alive() {
    let client = Client::new();
    client.application("ECS");
    let bad = |members: Value| {
        let waits = with(waits(), members);
        ("InvalidBlueGreenDeploymentConfiguration", changed(json!({"blueGreenDeploymentConfiguration": waits})))
    };
    let ready = |action: &str, minutes: Option<i64>| {
        bad(json!({"deploymentReadyOption": {"actionOnTimeout": action, "waitTimeInMinutes": minutes}}))
    };
    let end = |action: &str, minutes: i64| {
        bad(json!({"terminateBlueInstancesOnDeploymentSuccess": {
            "action": action, "terminationWaitTimeInMinutes": minutes,
        }}))
    };
    client.refuses(
        "CreateDeploymentGroup",
        &[
            ready("STOP_DEPLOYMENT", Some(7_201)),
            ready("STOP_DEPLOYMENT", Some(-1)),
            ready("STOP_DEPLOYMENT", Some(0)),
            ready("STOP_DEPLOYMENT", None),
            ready("CONTINUE_DEPLOYMENT", Some(1)),
            ready("WAIT", Some(1)),
            end("TERMINATE", 2_881),
            end("TERMINATE", -1),
            end("KEEP_ALIVE", 5),
            end("STOP", 5),
            bad(json!({"greenFleetProvisioningOption": {"action": "DISCOVER_EXISTING"}})),
        ],
    );
}

#[test]
fn what_only_hosts_have_is_refused() {
    let client = Client::new();
    client.application("ECS");
    let filters = json!([{"Key": "stage", "Type": "KEY_ONLY"}]);
    client.refuses(
        "CreateDeploymentGroup",
        &[
            ("InvalidEC2Tag", changed(json!({"ec2TagFilters": filters}))),
            ("InvalidEC2Tag", changed(json!({"ec2TagSet": {"ec2TagSetList": [filters]}}))),
            ("InvalidTag", changed(json!({"onPremisesInstanceTagFilters": filters}))),
            ("InvalidTag", changed(json!({"onPremisesTagSet": {"onPremisesTagSetList": [filters]}}))),
            ("InvalidAutoScalingGroup", changed(json!({"autoScalingGroups": ["fleet"]}))),
            ("InvalidDeploymentStyle", changed(style("IN_PLACE", "WITH_TRAFFIC_CONTROL"))),
            ("InvalidDeploymentStyle", changed(style("BLUE_GREEN", "WITHOUT_TRAFFIC_CONTROL"))),
            ("InvalidDeploymentStyle", changed(json!({"deploymentStyle": null}))),
            (
                "InvalidTrafficRoutingConfiguration",
                changed(json!({"deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce"})),
            ),
            (
                "InvalidTrafficRoutingConfiguration",
                changed(json!({"deploymentConfigName": "CodeDeployDefault.OneAtATime"})),
            ),
        ],
    );
}

#[test]
fn a_service_has_one_group_in_the_account_until_that_gives_it_up() {
    let client = Client::new();
    client.application("ECS").group(whole());
    client.ok("CreateApplication", json!({"applicationName": "other", "computePlatform": "ECS"}));
    let others = |members: Value| with(changed(json!({"applicationName": "other"})), members);
    let by_arn = json!({"ecsServices": [{
        "clusterName": "arn:aws:ecs:eu-central-1:123456789012:cluster/shop",
        "serviceName": "arn:aws:ecs:eu-central-1:123456789012:service/shop/web",
    }]});
    for taken in [others(json!({})), others(by_arn.clone()), changed(json!({"deploymentGroupName": "second"}))] {
        let (code, message) = client.refused("CreateDeploymentGroup", taken);
        assert_eq!(code, "ECSServiceMappingLimitExceededException");
        assert!(message.contains("shop/web"), "{message}");
    }
    let mail = json!({"ecsServices": [{"clusterName": "shop", "serviceName": "mail"}]});
    client.ok("CreateDeploymentGroup", others(mail.clone()));
    client.refuses("UpdateDeploymentGroup", &[("ECSServiceMappingLimitExceeded", update(mail))]);
    // The refused groups left nothing behind: the service is still this group's, by any of its names.
    client.ok("UpdateDeploymentGroup", update(by_arn));
    let cart = json!({"ecsServices": [{"clusterName": "shop", "serviceName": "cart"}]});
    client.ok("UpdateDeploymentGroup", update(cart));
    client.ok("CreateDeploymentGroup", changed(json!({"deploymentGroupName": "second"})));
}

/// DescribeServiceGroups of so many services, each `cluster service`; what it says of each that has a group.
fn owners(client: &Client, services: &[&str]) -> Vec<String> {
    let named = services.iter().filter_map(|both| both.split_once(' '));
    let named: Vec<Value> =
        named.map(|(cluster, service)| json!({"clusterName": cluster, "serviceName": service})).collect();
    let target = "Tideshift.DescribeServiceGroups".to_owned();
    let reply = client.answer(&Call { target, body: json!({"ecsServices": named}) });
    assert_eq!(reply.status, 200, "{}", reply.body);
    let owned = reply.body["ecsServices"].as_array().expect("a list").iter();
    let text = |owned: &Value, member: &str| owned[member].as_str().unwrap_or_default().to_owned();
    owned
        .map(|owned| {
            let [cluster, service] = ["clusterName", "serviceName"].map(|member| text(owned, member));
            let [application, group] = ["applicationName", "deploymentGroupName"].map(|member| text(owned, member));
            format!("{cluster} {service}: {application}/{group}")
        })
        .collect()
}

#[test]
fn whose_a_service_is_can_be_asked_by_its_name_and_by_its_arn() {
    let client = Client::new();
    assert_eq!(owners(&client, &[]), [""; 0]);
    client.application("ECS").group(whole());
    let here = "arn:aws:ecs:eu-central-1:123456789012";
    let (cluster, service) = (format!("{here}:cluster/shop"), format!("{here}:service/shop/web"));
    let old = format!("{here}:service/web");
    let (by_arn, by_old_arn) = (format!("{cluster} {service}"), format!("{cluster} {old}"));
    let asked = ["shop web", "shop mail", &by_arn, "other web", &by_old_arn];
    let owned = ["shop web", &by_arn, &by_old_arn].map(|asked| format!("{asked}: shop/web"));
    assert_eq!(owners(&client, &asked), owned);
    let elsewhere = by_arn.replace("eu-central-1", "eu-west-1");
    let foreign = by_arn.replace("123456789012", "210987654321");
    assert_eq!(owners(&client, &[&elsewhere, &foreign]), [""; 0], "of the same name, and another one");
}

#[test]
fn a_service_is_a_groups_own_from_its_creation_to_its_end() {
    let client = Client::new();
    client.application("ECS").group(whole());
    assert_eq!(owners(&client, &["shop web"]), ["shop web: shop/web"]);
    client.ok("UpdateDeploymentGroup", update(json!({"newDeploymentGroupName": "live"})));
    assert_eq!(owners(&client, &["shop web"]), ["shop web: shop/live"]);
    client.ok("UpdateApplication", json!({"applicationName": "shop", "newApplicationName": "store"}));
    assert_eq!(owners(&client, &["shop web"]), ["shop web: store/live"]);
    let cart = json!({"ecsServices": [{"clusterName": "shop", "serviceName": "cart"}]});
    let moved = json!({"applicationName": "store", "currentDeploymentGroupName": "live"});
    client.ok("UpdateDeploymentGroup", with(moved, cart));
    assert_eq!(owners(&client, &["shop web", "shop cart"]), ["shop cart: store/live"]);
    client.ok("DeleteDeploymentGroup", json!({"applicationName": "store", "deploymentGroupName": "live"}));
    assert_eq!(owners(&client, &["shop web", "shop cart"]), [""; 0]);
}

#[test]
fn a_question_about_services_without_a_name_or_about_too_many_is_refused() {
    let client = Client::new();
    let refused = |services: Value| {
        let target = "Tideshift.DescribeServiceGroups".to_owned();
        let reply = client.answer(&Call { target, body: json!({"ecsServices": services}) });
        assert_eq!(reply.status, 400, "{}", reply.body);
        reply.body["__type"].as_str().unwrap_or_default().to_owned()
    };
    let web = json!({"clusterName": "shop", "serviceName": "web"});
    assert_eq!(refused(json!([web, {"serviceName": "web"}])), "InvalidECSServiceException");
    assert_eq!(refused(json!([null])), "InvalidECSServiceException");
    assert_eq!(refused(json!(vec![web; 101])), "BatchLimitExceededException");
    assert_eq!(refused(json!("web")), "SerializationException");
}

#[test]
fn an_update_is_checked_as_the_group_it_makes() {
    let client = Client::new();
    client.application("ECS").group(whole());
    let kept = client.read_group();
    let alive = json!({"terminateBlueInstancesOnDeploymentSuccess": {"action": "KEEP_ALIVE"}});
    client.refuses(
        "UpdateDeploymentGroup",
        &[
            ("InvalidECSService", update(json!({"ecsServices": []}))),
            ("InvalidLoadBalancerInfo", update(json!({"loadBalancerInfo": {"targetGroupPairInfoList": []}}))),
            ("InvalidTargetGroupPair", update(balancer(&[json!({})]))),
            ("InvalidBlueGreenDeploymentConfiguration", update(json!({"blueGreenDeploymentConfiguration": alive}))),
            ("InvalidDeploymentStyle", update(style("IN_PLACE", "WITHOUT_TRAFFIC_CONTROL"))),
            ("InvalidEC2Tag", update(json!({"ec2TagFilters": [{"Key": "stage", "Type": "KEY_ONLY"}]}))),
        ],
    );
    assert_eq!(client.read_group(), kept);
    let moved = json!({"testTrafficRoute": {"listenerArns": [listener("other")]}});
    let moved = balancer(&[with(pair(), moved)]);
    client.ok("UpdateDeploymentGroup", update(moved.clone()));
    assert_eq!(client.read_group(), with(kept, moved));
}

#[test]
fn an_empty_route_of_test_traffic_is_one_that_was_left_out() {
    for route in [json!(null), json!({}), json!({"listenerArns": []}), json!({"listenerArns": null})] {
        let client = Client::new();
        client.application("ECS");
        client.ok("CreateDeploymentGroup", changed(balancer(&[with(pair(), json!({"testTrafficRoute": route}))])));
        let read = client.read_group();
        let pair = &read["loadBalancerInfo"]["targetGroupPairInfoList"][0];
        assert_eq!((pair.get("testTrafficRoute"), pair["prodTrafficRoute"].is_object()), (None, true), "{route}");
    }
}

#[test]
fn what_a_group_names_elsewhere_is_refused_and_both_places_are_named() {
    let client = Client::new();
    client.application("ECS");
    let service =
        |cluster: &str, service: &str| json!({"ecsServices": [{"clusterName": cluster, "serviceName": service}]});
    let route =
        |at: &str| json!({"listenerArns": [format!("arn:aws:elasticloadbalancing:{at}:listener/app/shop/1/prod")]});
    let routed = |members: Value| balancer(&[with(pair(), members)]);
    let group = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web-blue/0123456789abcdef";
    for (code, members) in [
        ("InvalidECSService", service("arn:aws:ecs:us-east-1:123456789012:cluster/shop", "web")),
        ("InvalidECSService", service("shop", "arn:aws:ecs:eu-central-1:444455556666:service/shop/web")),
        ("InvalidTargetGroupPair", routed(json!({"prodTrafficRoute": route("us-east-1:123456789012")}))),
        ("InvalidTargetGroupPair", routed(json!({"testTrafficRoute": route("eu-central-1:444455556666")}))),
        ("InvalidTargetGroupPair", routed(json!({"targetGroups": [{"name": group}, {"name": "web-green"}]}))),
        ("InvalidRole", json!({"serviceRoleArn": "arn:aws:iam::444455556666:role/deploy"})),
    ] {
        let (found, message) = client.refused("CreateDeploymentGroup", changed(members.clone()));
        assert_eq!(found, format!("{code}Exception"), "{members}: {message}");
        assert!(message.contains("this stack deploys in eu-central-1 of the account 123456789012"), "{message}");
    }
    let of_another = service("shop", "arn:aws:ecs:eu-central-1:123456789012:service/other/web");
    let (found, message) = client.refused("CreateDeploymentGroup", changed(of_another));
    assert_eq!(found, "InvalidECSServiceException");
    assert!(message.contains("it is one of the cluster other, not of shop"), "{message}");
    let arn = "arn:aws:codedeploy:us-east-1:123456789012:application:shop";
    let tags = json!({"ResourceArn": arn, "Tags": [{"Key": "team"}]});
    client.refuses("TagResource", &[("InvalidArn", tags)]);
}

#[test]
fn a_group_that_older_code_let_name_what_is_elsewhere_is_not_deployed_to() {
    let mut client = Client::new();
    client.application("ECS").group(changed(json!({})));
    client.settings.home.region = "us-east-1".to_owned();
    let appspec = crate::client::with(
        json!({"applicationName": "shop", "deploymentGroupName": "web"}),
        json!({
            "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": "version: 0.0"}},
        }),
    );
    let (_, message) = client.refused("CreateDeployment", appspec);
    assert!(message.contains("names what is elsewhere"), "{message}");
}
