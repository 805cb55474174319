//! What speaks against a deployment to a service, as PlanDeployment tells it to a client.

use expect_test::{Expect, expect};
use fakes::{Schedule, Simulation, shop};
use serde_json::{Value, json};

use super::{Deploy, deploy, world};
use crate::client::with;

fn plan(simulation: &Simulation, body: Value) -> Value {
    let reply = simulation.api("Tideshift.PlanDeployment", body);
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

/// The refusals of a deployment that was fine before `change`.
#[track_caller]
fn check(deploy: &Deploy, change: impl FnOnce(&fakes::World), expected: Expect) {
    refused(deploy, deploy.json(), change, expected);
}

#[track_caller]
fn refused(deploy: &Deploy, body: Value, change: impl FnOnce(&fakes::World), expected: Expect) {
    let simulation = super::simulation(world(), deploy, Schedule::InTurn);
    change(simulation.world());
    let refusals = plan(&simulation, body)["refusals"].clone();
    let line =
        |refusal: &Value| format!("{}: {}\n", refusal["code"].as_str().unwrap(), refusal["message"].as_str().unwrap());
    expected.assert_eq(&refusals.as_array().unwrap().iter().map(line).collect::<String>());
    assert!(simulation.world().weights_written().iter().all(|write| !write.ours), "a plan touches nothing");
}

fn linear() -> Deploy {
    deploy("Linear40PercentEvery1Minute")
}

#[test]
fn a_service_with_another_deployment_controller_is_refused() {
    let change = |world: &fakes::World| world.change_service(|service| service.controller = "CODE_DEPLOY".to_owned());
    check(
        &linear(),
        change,
        expect![[r#"
        OtherDeploymentController: the service web has the deployment controller CODE_DEPLOY, and only EXTERNAL lets task sets be deployed by somebody else; create the service with --deployment-controller type=EXTERNAL, and a first task set in it
    "#]],
    );
}

#[test]
fn a_cluster_that_does_not_exist_is_refused() {
    check(
        &linear(),
        fakes::World::delete_cluster,
        expect![[r#"
        ClusterMissing: the cluster shop does not exist in this account and region: write the name of one that does
    "#]],
    );
}

#[test]
fn a_service_that_does_not_exist_is_refused() {
    check(
        &linear(),
        fakes::World::delete_service,
        expect![[r#"
        ServiceMissing: the cluster shop has no service web; list them with: aws ecs list-services --cluster shop
    "#]],
    );
}

#[test]
fn a_task_definition_that_does_not_exist_is_refused() {
    check(
        &linear(),
        |world| world.delete_definition("web:2"),
        expect![[r#"
        TaskDefinitionMissing: the task definition web:2 does not exist; register it first: aws ecs register-task-definition
    "#]],
    );
}

#[test]
fn a_container_that_the_task_definition_does_not_have_is_refused() {
    let other = || vec![("nginx".to_owned(), vec![80]), ("log".to_owned(), vec![])];
    check(
        &linear(),
        |world| world.register("web:2", other()),
        expect![[r#"
            ContainerMissing: the task definition web:2 has no container app; write ContainerName: nginx or log (--container on the command line)
        "#]],
    );
}

#[test]
fn a_port_that_the_container_does_not_have_is_refused() {
    check(
        &linear(),
        |world| world.register("web:2", vec![("app".to_owned(), vec![8080, 8443])]),
        expect![[r#"
            ContainerPortMissing: the container app of web:2 has no port 80; write ContainerPort: 8080 or 8443 (--port on the command line)
        "#]],
    );
}

#[test]
fn the_production_listener_cannot_be_the_test_listener_too() {
    let place = json!({
        "Cluster": "shop", "Name": "web", "TargetGroups": ["web-blue", "web-green"],
        "ProdListener": shop::listener("prod"), "TestListener": shop::listener("prod"),
    });
    let simulation = Simulation::new(world());
    let body = linear().with(&with(linear().appspec(), json!({"Service": place})));
    let reply = simulation.api("Tideshift.PlanDeployment", body);
    expect![[r#"400 {"__type":"InvalidRevisionException","message":"line 1, Service.TestListener: this is the ProdListener: name another listener, or leave TestListener out"}"#]].assert_eq(&format!("{} {}", reply.status, reply.body));
}

#[test]
fn nor_can_it_in_a_deployment_group() {
    let simulation = super::simulation(world(), &linear(), Schedule::InTurn);
    let mut pair = linear().group()["loadBalancerInfo"]["targetGroupPairInfoList"][0].clone();
    pair["testTrafficRoute"] = pair["prodTrafficRoute"].clone();
    let update = json!({
        "applicationName": "shop", "currentDeploymentGroupName": "web",
        "loadBalancerInfo": {"targetGroupPairInfoList": [pair]},
    });
    let reply = simulation.api("CodeDeploy_20141006.UpdateDeploymentGroup", update);
    expect![[r#"400 {"__type":"InvalidTargetGroupPairException","message":"testTrafficRoute names the listener of prodTrafficRoute: name another one, or leave it out"}"#]].assert_eq(&format!("{} {}", reply.status, reply.body));
}

#[test]
fn a_listener_that_does_not_forward_to_the_primary_task_set_is_refused() {
    let change = |world: &fakes::World| {
        world.forward("prod", &[("docs", 1)]);
        world.forward("api", &[("docs", 1)]);
        world.forward("test", &[("docs", 1)]);
    };
    check(
        &linear().tested(),
        change,
        expect![[r#"
        ListenerElsewhere: Primary taskset target group must be behind listener arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/prod: the production listener does not forward to web-blue; point its default action or a rule of it there first: aws elbv2 modify-listener --listener-arn arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/prod --default-actions Type=forward,TargetGroupArn=arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web-blue/73e2d6bc24d8a067
        ListenerElsewhere: Primary taskset target group must be behind listener arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/test: the test listener forwards to neither web-blue nor web-green; point its default action or a rule of it to either of them first: aws elbv2 modify-listener --listener-arn arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/test --default-actions Type=forward,TargetGroupArn=arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web-blue/73e2d6bc24d8a067
    "#]],
    );
}

#[test]
fn a_target_group_that_another_task_set_stands_in_is_refused() {
    let change = |world: &fakes::World| {
        world.change_service(|service| {
            let mut other = service.sets[0].clone();
            other.id = rollout::ids::TaskSetId::parse("ecs-svc/99").unwrap();
            other.group = shop::group("web-green");
            other.primary = false;
            service.sets.push(other);
        });
    };
    check(
        &linear(),
        change,
        expect![[r#"
            TargetGroupOccupied: the task set ecs-svc/99 is registered with web-green, where the new one is to go: delete it first, with aws ecs delete-task-set --cluster shop --service web --task-set ecs-svc/99 --force
        "#]],
    );
}

#[test]
fn a_split_by_somebody_else_is_refused() {
    check(
        &linear(),
        |world| world.forward("api", &[("web-blue", 70), ("web-green", 30)]),
        expect![[r#"
            ListenerAlreadySplit: the production listener arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/prod is split already, and not by a deployment of this stack (target group web-blue with 30 % on target group web-green); send all of its traffic to the primary task set's target group first
        "#]],
    );
}

#[test]
fn what_speaks_against_a_deployment_is_told_all_at_once() {
    let change = |world: &fakes::World| {
        world.delete_definition("web:2");
        world.delete_group("web-green");
        world.change_service(|service| service.controller = "ECS".to_owned());
    };
    check(
        &linear(),
        change,
        expect![[r#"
        OtherDeploymentController: the service web has the deployment controller ECS, and only EXTERNAL lets task sets be deployed by somebody else; create the service with --deployment-controller type=EXTERNAL, and a first task set in it
        TaskDefinitionMissing: the task definition web:2 does not exist; register it first: aws ecs register-task-definition
        TargetGroupMissing: the target group web-green does not exist: create it, or name the two that do
    "#]],
    );
}

#[test]
fn a_deployment_that_is_refused_ends_with_the_code_for_services() {
    let simulation = super::simulation(world(), &linear(), Schedule::InTurn);
    simulation.world().delete_definition("web:2");
    let id = simulation.create(linear().json());
    simulation.run();
    let info = simulation.api("CodeDeploy_20141006.GetDeployment", json!({"deploymentId": id})).body;
    expect![[r#"{"code":"INVALID_ECS_SERVICE","message":"the task definition web:2 does not exist; register it first: aws ecs register-task-definition"}"#]].assert_eq(&info["deploymentInfo"]["errorInformation"].to_string());
}

#[test]
fn a_service_a_task_set_a_listener_and_a_rule_without_the_tag_are_refused_with_how_to_tag_them() {
    let check = |what: &'static str, expected| check(&linear(), |world| world.untag(what), expected);
    check(
        "web",
        expect![[r#"
        ServiceNotAllowed: this stack may not touch the service web, which does not have the tag tideshift=enabled: tag it (aws ecs tag-resource --resource-arn arn:aws:ecs:eu-west-1:111122223333:service/shop/web --tags key=tideshift,value=enabled), or name its cluster in the stack's parameter EcsClusters
    "#]],
    );
    check(
        "ecs-svc/1",
        expect![[r#"
        TaskSetNotAllowed: this stack may not remove the task set ecs-svc/1 once the new one has its traffic, since it does not have the tag tideshift=enabled: tag it (aws ecs tag-resource --resource-arn arn:aws:ecs:eu-west-1:111122223333:task-set/shop/ecs-svc/1 --tags key=tideshift,value=enabled), or name its cluster in the stack's parameter EcsClusters
    "#]],
    );
    check(
        "prod",
        expect![[r#"
        ListenerNotAllowed: this stack may not touch the production listener arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/prod, which does not have the tag tideshift=enabled: tag it (aws elbv2 add-tags --resource-arns arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/prod --tags Key=tideshift,Value=enabled), or name the listener in the stack's parameter EcsListeners
    "#]],
    );
    check(
        "api",
        expect![[r#"
        ListenerNotAllowed: this stack may not touch the rule arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/shop/50dc6c495c0c9188/prod/api of the production listener, which does not have the tag tideshift=enabled: tag it (aws elbv2 add-tags --resource-arns arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/shop/50dc6c495c0c9188/prod/api --tags Key=tideshift,Value=enabled), or name the listener in the stack's parameter EcsListeners
    "#]],
    );
    check("docs", expect![""]);
}

#[test]
fn a_stack_that_names_what_it_may_touch_needs_no_tags_and_touches_nothing_else() {
    let named = |text: &str| text.parse().unwrap();
    let check = |clusters: &'static str, listeners: &'static str, expected: Expect| {
        let simulation = super::simulation(world(), &linear(), Schedule::InTurn);
        simulation.world().untag("web");
        simulation.world().untag("prod");
        simulation.confine(named(clusters), named(listeners));
        expected.assert_eq(&plan(&simulation, linear().json())["refusals"].to_string());
    };
    let (clusters, listeners) = ("arn:aws:ecs:*:cluster/sho?", "arn:aws:elasticloadbalancing:*:listener/app/shop/*");
    check(clusters, listeners, expect!["[]"]);
    check(
        "arn:aws:ecs:*:cluster/mail",
        listeners,
        expect![[
            r#"[{"code":"ServiceNotAllowed","message":"this stack may not touch the services of the cluster shop: its parameter EcsClusters has arn:aws:ecs:*:cluster/mail; add arn:aws:ecs:eu-central-1:123456789012:cluster/shop to it"}]"#
        ]],
    );
    check(
        clusters,
        "arn:aws:elasticloadbalancing:*:listener/app/mail/*",
        expect![[
            r#"[{"code":"ListenerNotAllowed","message":"this stack may not touch the production listener arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/prod: its parameter EcsListeners has arn:aws:elasticloadbalancing:*:listener/app/mail/*; add it there"}]"#
        ]],
    );
}
