//! Bad input for deployments to ECS: a clear error before anything is made.

use expect_test::{Expect, expect};
use harness::deployment::Subject;
use harness::group::Group;
use harness::ours;
use harness::shop::Shop;
use harness::stack::{api, client};
use harness::{OrStop, story};
use local::sample::service::CLUSTER;
use serde_json::{Value, json};

/// What the planner says to a request, names of this run taken out.
async fn check(shop: &Shop, change: impl FnOnce(&mut Value), expected: Expect) {
    let request = shop.to(2).changed(change).by("Canary10Percent1Minute").request();
    let said = ours::against(&request).await;
    let said = said.replace(&shop.sample.production_listener, "LISTENER").replace(&shop.sample.test_listener, "TEST");
    let said = said.replace(&shop.sample.api_rule, "RULE").replace(&shop.sample.blue, "BLUE");
    expected.assert_eq(&said.replace(shop.name(), "WEB").replace('"', ""));
}

fn properties(spec: &mut Value) -> &mut Value {
    &mut spec["Resources"][0]["TargetService"]["Properties"]
}

#[test]
fn what_does_not_exist_is_named() {
    story(async {
        let shop = Shop::new().await;
        check(&shop, |_| {}, expect![""]).await;
        check(&shop, |spec| spec["Service"]["Cluster"] = "nowhere".into(), expect!["ClusterMissing: the cluster nowhere does not exist in this account and region: write the name of one that does"]).await;
        check(&shop, |spec| spec["Service"]["Name"] = "nobody".into(), expect!["ServiceMissing: the cluster shop has no service nobody; list them with: aws ecs list-services --cluster shop"]).await;
        check(&shop, |spec| properties(spec)["TaskDefinition"] = "nothing:1".into(), expect!["TaskDefinitionMissing: the task definition nothing:1 does not exist; register it first: aws ecs register-task-definition"]).await;
        check(
            &shop,
            |spec| properties(spec)["LoadBalancerInfo"]["ContainerName"] = "wbe".into(),
            expect!["ContainerMissing: the task definition WEB:2 has no container wbe; write ContainerName: web (--container on the command line)"],
        )
        .await;
        check(
            &shop,
            |spec| properties(spec)["LoadBalancerInfo"]["ContainerPort"] = 80.into(),
            expect!["ContainerPortMissing: the container web of WEB:2 has no port 80; write ContainerPort: 8080 (--port on the command line)"],
        )
        .await;
        check(&shop, |spec| properties(spec)["LaunchType"] = "EXTERNAL".into(), expect!["LaunchTypeUnfit: WEB:2 cannot run on EXTERNAL: ECS found it fit for EC2 and FARGATE when it was registered; register it with EXTERNAL in requiresCompatibilities, or write another LaunchType or CapacityProviderStrategy into the AppSpec"]).await;
        check(
            &shop,
            |spec| spec["Service"]["TargetGroups"][1] = "no-such-group".into(),
            expect![
                "TargetGroupMissing: the target group no-such-group does not exist: create it, or name the two that do"
            ],
        )
        .await;
    });
}

#[test]
fn a_service_that_somebody_else_deploys_is_told_what_it_needs() {
    story(async {
        let shop = Shop::new().await;
        let name = format!("{}-plain", shop.name());
        for (controller, expected) in [
            (
                "ECS",
                expect![
                    "OtherDeploymentController: the service WEB-plain-ecs has the deployment controller ECS, and only EXTERNAL lets task sets be deployed by somebody else; create the service with --deployment-controller type=EXTERNAL, and a first task set in it"
                ],
            ),
            (
                "CODE_DEPLOY",
                expect![
                    "OtherDeploymentController: the service WEB-plain-code-deploy has the deployment controller CODE_DEPLOY, and only EXTERNAL lets task sets be deployed by somebody else; create the service with --deployment-controller type=EXTERNAL, and a first task set in it"
                ],
            ),
        ] {
            let service = format!("{name}-{}", controller.to_lowercase().replace('_', "-"));
            let input = json!({
                "cluster": shop.sample.cluster,
                "serviceName": service,
                "taskDefinition": shop.sample.definition(1),
                "desiredCount": 1,
                "deploymentController": {"type": controller},
                "tags": [{"key": "tideshift", "value": "enabled"}],
            });
            client().await.ecs("CreateService", &input).await.or_stop("CreateService");
            check(&shop, |spec| spec["Service"]["Name"] = service.as_str().into(), expected).await;
        }
    });
}

#[test]
fn listeners_that_do_not_fit_are_named() {
    story(async {
        let (shop, other) = (Shop::new().await, Shop::new().await);
        let theirs = other.sample.production_listener.clone();
        let elsewhere =
            shop.to(2).changed(|spec| spec["Service"]["ProdListener"] = theirs.as_str().into()).plan().await;
        let said = elsewhere.refusals.first().or_stop("a refusal").message.replace(&theirs, "LISTENER");
        let said = said.replace(&shop.sample.blue, "BLUE");
        expect!["Primary taskset target group must be behind listener LISTENER: the production listener does not forward to WEB-blue; point its default action or a rule of it there first: aws elbv2 modify-listener --listener-arn LISTENER --default-actions Type=forward,TargetGroupArn=BLUE"].assert_eq(&said.replace(shop.name(), "WEB"));
    });
}

#[test]
fn a_test_listener_that_forwards_elsewhere_is_named() {
    story(async {
        let (shop, other) = (Shop::new().await, Shop::new().await);
        shop.point(&shop.sample.test_listener, &[("1.Type", "forward"), ("1.TargetGroupArn", &other.sample.blue)])
            .await;
        check(&shop, |_| {}, expect!["ListenerElsewhere: Primary taskset target group must be behind listener TEST: the test listener forwards to neither WEB-blue nor WEB-green; point its default action or a rule of it to either of them first: aws elbv2 modify-listener --listener-arn TEST --default-actions Type=forward,TargetGroupArn=BLUE"]).await;
    });
}

#[test]
fn a_target_group_whose_targets_are_of_another_kind_is_named() {
    story(async {
        let shop = Shop::new().await;
        let blue = [("TargetGroupArns.member.1", shop.sample.blue.as_str())];
        let blue = client().await.elb("DescribeTargetGroups", &blue).await.or_stop("DescribeTargetGroups");
        let vpc = blue["TargetGroups"][0]["VpcId"].as_str().or_stop("a network").to_owned();
        let name = format!("{}-vm", shop.name());
        let group = [
            ("Name", name.as_str()),
            ("Protocol", "HTTP"),
            ("Port", "8080"),
            ("VpcId", vpc.as_str()),
            ("TargetType", "instance"),
        ];
        client().await.elb("CreateTargetGroup", &group).await.or_stop("CreateTargetGroup");
        check(&shop, |spec| spec["Service"]["TargetGroups"][1] = name.as_str().into(), expect![[r#"
            TargetGroupOfWrongType: the target group WEB-vm is for targets of the type instance, and these tasks need ip: create one with --target-type ip
            ListenerForwardsElsewhereToo: the production listener LISTENER forwards to the target group WEB-green beside those of this deployment: give it a rule of its own"#]]).await;
    });
}

#[test]
fn a_service_without_room_for_another_task_set_is_told_so() {
    story(async {
        let shop = Shop::new().await;
        let mut empty = shop.sample.task_set(1, &shop.sample.blue);
        empty["scale"]["value"] = 0.into();
        for _ in 0..4 {
            client().await.ecs("CreateTaskSet", &empty).await.or_stop("CreateTaskSet");
        }
        check(&shop, |_| {}, expect!["NoRoomForTaskSet: the service WEB has 5 task sets, and ECS allows 5: delete one that is not needed, with aws ecs delete-task-set"]).await;
    });
}

#[test]
fn two_services_in_one_group_are_refused() {
    story(async {
        let (shop, other) = (Shop::new().await, Shop::new().await);
        let mut both = Group::of(&shop).with_application().await.request();
        if let Some(services) = both["ecsServices"].as_array_mut() {
            services.push(json!({"clusterName": CLUSTER, "serviceName": other.name()}));
        }
        let (status, body) = api("CodeDeploy_20141006.CreateDeploymentGroup", &both).await;
        expect![[r#"400 "ECSServiceMappingLimitExceededException": "2 ECS services: a deployment group has one, so make a group for each""#]].assert_eq(&format!("{status} {}: {}", body["__type"], body["message"]));
    });
}

#[test]
fn what_cannot_be_is_refused_with_what_to_write_instead() {
    story(async {
        let shop = Shop::new().await;
        check(&shop, |spec| spec["Service"]["TestListener"] = spec["Service"]["ProdListener"].clone(), expect!["400 InvalidRevisionException: line 1, Service.TestListener: this is the ProdListener: name another listener, or leave TestListener out"])
            .await;
        check(&shop, |spec| spec["Service"] = Value::Null, expect!["ServiceNotNamed: nobody says which service: name an application and a deployment group, or write Service with Cluster, Name, TargetGroups and ProdListener into the AppSpec; on the command line, --application and --group, or in place of --appspec --task-definition with --service, --target-groups and --listener"]).await;
        check(
            &shop,
            |spec| {
                properties(spec)["LaunchType"] = "FARGATE".into();
                properties(spec)["CapacityProviderStrategy"] =
                    json!([{"CapacityProvider": "FARGATE_SPOT", "Base": 0, "Weight": 1}]);
            },
            expect!["400 InvalidRevisionException: line 1, Resources[0].TargetService.Properties.LaunchType: ECS takes a launch type or a capacity provider strategy: leave LaunchType out, or CapacityProviderStrategy"],
        )
        .await;
    });
}

#[test]
fn what_the_stack_may_not_touch_is_said_before_anything_is_made() {
    story(async {
        let shop = Shop::new().await;
        let (client, place) = (client().await, "arn:aws:ecs:us-east-1:123456789012:service/shop/");
        let service = format!("{place}{}", shop.name());
        let untag = json!({"resourceArn": service, "tagKeys": ["tideshift"]});
        client.ecs("UntagResource", &untag).await.or_stop("UntagResource");
        let rule = shop.sample.api_rule.clone();
        let tags = [("ResourceArns.member.1", rule.as_str()), ("TagKeys.member.1", "tideshift")];
        client.elb("RemoveTags", &tags).await.or_stop("RemoveTags");
        check(&shop, |_| {}, expect![[r#"
            ServiceNotAllowed: this stack may not touch the service WEB, which does not have the tag tideshift=enabled: tag it (aws ecs tag-resource --resource-arn arn:aws:ecs:us-east-1:123456789012:service/shop/WEB --tags key=tideshift,value=enabled), or name its cluster in the stack's parameter EcsClusters
            ListenerNotAllowed: this stack may not touch the rule RULE of the production listener, which does not have the tag tideshift=enabled: tag it (aws elbv2 add-tags --resource-arns RULE --tags Key=tideshift,Value=enabled), or name the listener in the stack's parameter EcsListeners"#]]).await;
        let (ended, code) = shop.to(2).by("AllAtOnce").start().await.outcome().await;
        assert_eq!((ended.as_str(), code.as_str()), ("Failed", "INVALID_ECS_SERVICE"));
        shop.is_untouched().await;
    });
}

#[test]
fn the_tags_of_a_service_are_shown_to_who_asks_for_them_whoever_else_asks_at_the_same_time() {
    story(async {
        let shop = Shop::new().await;
        let client = client().await;
        let ask = async |include: &[&str]| {
            let input = json!({"cluster": CLUSTER, "services": [shop.name()], "include": include});
            let mut found = client.ecs("DescribeServices", &input).await.or_stop("DescribeServices");
            found["services"][0]["tags"].take()
        };
        for _ in 0..50 {
            let (with, without) = tokio::join!(ask(&["TAGS"]), ask(&[]));
            assert_eq!(with, json!([{"key": "tideshift", "value": "enabled"}]));
            assert_eq!(without, Value::Null);
        }
    });
}
