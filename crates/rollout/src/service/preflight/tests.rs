//! Every reason not to deploy to a service, with the sentence it comes with; what is planned where there is none is in [`course`].

mod allowed;
mod course;

use crate::request::Request;
use expect_test::{Expect, expect};

use super::*;
use crate::appspec::NamedStrategy;
use crate::ids::{ContainerName, ListenerArn};
use crate::preflight::{self, Holder};
use crate::seconds::Seconds;
use crate::service::WantedNetwork;
use crate::service::live::Role;
use crate::strategy::Platform;
use crate::testing::service::{
    a_route, a_service_request, a_task_set, blue, deployment_id, found, green, group, live, on_green, routes, wanted,
};
use crate::testing::service_facts;

/// What speaks against the deployment to a service with something changed.
#[track_caller]
fn check(change: impl FnOnce(&mut Request, &mut Facts), expected: Expect) {
    let (mut request, mut facts) = (a_service_request(), service_facts());
    change(&mut request, &mut facts);
    let refusals: Vec<String> = preflight::check(&request, &facts)
        .iter()
        .map(|refusal| format!("{}, {}: {refusal}", refusal.name(), refusal.ending(Platform::Ecs).code))
        .collect();
    expected.assert_eq(&refusals.join("\n"));
}

fn split(facts: &mut Facts, blues: u32, greens: u32) {
    routes(facts)[0].forwards = vec![(blue(), blues), (green(), greens)];
}

fn test_routes(facts: &mut Facts) -> &mut Vec<Route> {
    &mut found(facts).test.as_mut().unwrap().routes
}

#[test]
fn nothing_speaks_against_a_deployment_to_a_service_that_is_in_order() {
    check(|_, _| {}, expect![""]);
    check(
        |_, facts| found(facts).test = None,
        expect![
            "ListenerMissing, INVALID_ECS_SERVICE: the test listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/3 does not exist"
        ],
    );
    check(|_, facts| found(facts).place.as_mut().unwrap().test = None, expect![""]);
}

#[test]
fn a_service_that_nobody_names() {
    check(
        |_, facts| found(facts).place = None,
        expect![
            "ServiceNotNamed, INVALID_ECS_SERVICE: nobody says which service: name an application and a deployment group, or write Service with Cluster, Name, TargetGroups and ProdListener into the AppSpec; on the command line, --application and --group, or in place of --appspec --task-definition with --service, --target-groups and --listener"
        ],
    );
}

#[test]
fn a_cluster_or_service_that_does_not_exist_or_is_not_active() {
    check(
        |_, facts| found(facts).service = ServiceFound::NoCluster,
        expect![
            "ClusterMissing, INVALID_ECS_SERVICE: the cluster shop does not exist in this account and region: write the name of one that does"
        ],
    );
    check(
        |_, facts| found(facts).service = ServiceFound::NoService,
        expect![
            "ServiceMissing, INVALID_ECS_SERVICE: the cluster shop has no service web; list them with: aws ecs list-services --cluster shop"
        ],
    );
    check(
        |_, facts| live(facts).active = false,
        expect!["ServiceInactive, INVALID_ECS_SERVICE: the service web is not ACTIVE: create it anew"],
    );
}

#[test]
fn a_service_that_somebody_else_deploys() {
    check(
        |_, facts| live(facts).controller = "ECS".to_owned(),
        expect![
            "OtherDeploymentController, INVALID_ECS_SERVICE: the service web has the deployment controller ECS, and only EXTERNAL lets task sets be deployed by somebody else; create the service with --deployment-controller type=EXTERNAL, and a first task set in it"
        ],
    );
    check(
        |_, facts| live(facts).controller = "CODE_DEPLOY".to_owned(),
        expect![
            "OtherDeploymentController, INVALID_ECS_SERVICE: the service web has the deployment controller CODE_DEPLOY, and only EXTERNAL lets task sets be deployed by somebody else; create the service with --deployment-controller type=EXTERNAL, and a first task set in it"
        ],
    );
}

#[test]
fn a_service_without_a_primary_task_set() {
    check(
        |_, facts| live(facts).task_sets.clear(),
        expect![
            "PrimaryTaskSetMissing, INVALID_ECS_SERVICE: the service web has no PRIMARY task set to start from; create one with aws ecs create-task-set, and make it the primary with aws ecs update-service-primary-task-set"
        ],
    );
    check(
        |_, facts| live(facts).task_sets[0].role = Role::Active,
        expect![
            "PrimaryTaskSetMissing, INVALID_ECS_SERVICE: the service web has no PRIMARY task set to start from; create one with aws ecs create-task-set, and make it the primary with aws ecs update-service-primary-task-set"
        ],
    );
}

#[test]
fn a_task_definition_that_does_not_exist_or_was_deregistered() {
    check(
        |_, facts| found(facts).definition = None,
        expect![
            "TaskDefinitionMissing, INVALID_ECS_SERVICE: the task definition web:7 does not exist; register it first: aws ecs register-task-definition"
        ],
    );
    check(
        |_, facts| found(facts).definition.as_mut().unwrap().active = false,
        expect![
            "TaskDefinitionInactive, INVALID_ECS_SERVICE: the task definition web:7 is not ACTIVE any more: register a new revision"
        ],
    );
}

#[test]
fn a_container_or_port_that_the_task_definition_has_not() {
    check(
        |request, _| wanted(request).container = ContainerName::parse("wbe").unwrap(),
        expect![
            "ContainerMissing, INVALID_ECS_SERVICE: the task definition web:7 has no container wbe; write ContainerName: web or log (--container on the command line)"
        ],
    );
    check(
        |request, _| wanted(request).port = 80,
        expect![
            "ContainerPortMissing, INVALID_ECS_SERVICE: the container web of web:7 has no port 80; write ContainerPort: 8080 (--port on the command line)"
        ],
    );
    check(
        |request, _| wanted(request).container = ContainerName::parse("log").unwrap(),
        expect![
            "ContainerPortMissing, INVALID_ECS_SERVICE: the container log of web:7 has no port 8080; add a portMapping to it"
        ],
    );
}

fn registered(facts: &mut Facts) -> &mut DefinitionFacts {
    found(facts).definition.as_mut().unwrap()
}

#[test]
fn a_port_of_udp_behind_an_application_load_balancer() {
    check(
        |_, facts| registered(facts).containers[0].1 = Ports { tcp: vec![9090], udp: vec![8080] },
        expect![
            "ContainerPortOfUdp, INVALID_ECS_SERVICE: the port 8080 of the container web of web:7 is one of UDP, and an Application Load Balancer sends TCP: map the port by tcp, or use a Network Load Balancer"
        ],
    );
    check(|_, facts| registered(facts).containers[0].1 = Ports { tcp: vec![8080], udp: vec![8080] }, expect![""]);
}

#[test]
fn a_launch_type_that_the_task_definition_is_not_fit_for() {
    let only_on_instances =
        |facts: &mut Facts| registered(facts).fit_for = vec!["EC2".to_owned(), "EXTERNAL".to_owned()];
    let fargate = || Some(Capacity::LaunchType("FARGATE".to_owned()));
    check(
        |request, facts| {
            only_on_instances(facts);
            wanted(request).capacity = fargate();
        },
        expect![
            "LaunchTypeUnfit, INVALID_ECS_SERVICE: web:7 cannot run on FARGATE: ECS found it fit for EC2 and EXTERNAL when it was registered; register it with FARGATE in requiresCompatibilities, or write another LaunchType or CapacityProviderStrategy into the AppSpec"
        ],
    );
    // Also where it is the primary task set's.
    check(
        |_, facts| {
            only_on_instances(facts);
            live(facts).task_sets[0].capacity = fargate();
        },
        expect![
            "LaunchTypeUnfit, INVALID_ECS_SERVICE: web:7 cannot run on FARGATE: ECS found it fit for EC2 and EXTERNAL when it was registered; register it with FARGATE in requiresCompatibilities, or write another LaunchType or CapacityProviderStrategy into the AppSpec"
        ],
    );
    check(
        |request, facts| {
            only_on_instances(facts);
            wanted(request).capacity = Some(Capacity::LaunchType("EC2".to_owned()));
        },
        expect![""],
    );
    check(
        |request, facts| {
            registered(facts).fit_for.clear();
            wanted(request).capacity = fargate();
        },
        expect![""],
    );
}

#[test]
fn tasks_with_a_network_of_their_own_that_nobody_names() {
    check(
        |_, facts| live(facts).task_sets[0].network = None,
        expect![
            "NetworkMissing, INVALID_ECS_SERVICE: the tasks of web:7 have a network of their own (awsvpc), and neither the AppSpec nor the primary task set says which: write NetworkConfiguration into the AppSpec (--appspec on the command line)"
        ],
    );
    check(
        |request, facts| {
            live(facts).task_sets[0].network = None;
            let (subnets, security_groups) = (vec!["subnet-1".to_owned()], vec!["sg-1".to_owned()]);
            let (security_groups, public_ip) = (Some(security_groups), Some(true));
            wanted(request).network = Some(WantedNetwork { subnets, security_groups, public_ip });
        },
        expect![""],
    );
}

#[test]
fn target_groups_that_do_not_exist_are_the_same_or_of_the_wrong_type() {
    check(
        |_, facts| found(facts).groups[1] = None,
        expect![
            "TargetGroupMissing, INVALID_ECS_SERVICE: the target group web-2 does not exist: create it, or name the two that do"
        ],
    );
    check(
        |_, facts| found(facts).groups = [None, None],
        expect![[r#"
        TargetGroupMissing, INVALID_ECS_SERVICE: the target group web-1 does not exist: create it, or name the two that do
        TargetGroupMissing, INVALID_ECS_SERVICE: the target group web-2 does not exist: create it, or name the two that do"#]],
    );
    check(
        |_, facts| found(facts).groups[1] = found(facts).groups[0].clone(),
        expect!["SameTargetGroups, INVALID_ECS_SERVICE: both target groups are web-1: name two different ones"],
    );
    check(
        |_, facts| found(facts).groups[1].as_mut().unwrap().kind = "instance".to_owned(),
        expect![
            "TargetGroupOfWrongType, INVALID_ECS_SERVICE: the target group web-2 is for targets of the type instance, and these tasks need ip: create one with --target-type ip"
        ],
    );
    check(
        |_, facts| found(facts).definition.as_mut().unwrap().awsvpc = false,
        expect![[r#"
        TargetGroupOfWrongType, INVALID_ECS_SERVICE: the target group web-1 is for targets of the type ip, and these tasks need instance: create one with --target-type instance
        TargetGroupOfWrongType, INVALID_ECS_SERVICE: the target group web-2 is for targets of the type ip, and these tasks need instance: create one with --target-type instance"#]],
    );
}

#[test]
fn a_primary_task_set_that_is_behind_neither_target_group() {
    check(
        |_, facts| live(facts).task_sets[0].target_group = Some(group("other")),
        expect![
            "PrimaryTaskSetElsewhere, INVALID_ECS_SERVICE: the primary task set ecs-svc/1 is registered with other, which is none of the two target groups of this deployment: name the pair it belongs to"
        ],
    );
    check(
        |_, facts| live(facts).task_sets[0].target_group = None,
        expect![
            "PrimaryTaskSetElsewhere, INVALID_ECS_SERVICE: the primary task set ecs-svc/1 is registered with no target group, which is none of the two target groups of this deployment: name the pair it belongs to"
        ],
    );
}

#[test]
fn listeners_that_do_not_exist_or_are_the_same() {
    check(
        |_, facts| found(facts).production = None,
        expect![
            "ListenerMissing, INVALID_ECS_SERVICE: the production listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2 does not exist"
        ],
    );
    check(
        |_, facts| {
            let found = found(facts);
            let place = found.place.as_mut().unwrap();
            place.test = Some(place.production.clone());
            found.test = found.production.clone();
        },
        expect![
            "SameListener, INVALID_ECS_SERVICE: the test listener is the production listener (arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2): name another one, or leave the test listener out"
        ],
    );
}

#[test]
fn a_listener_that_does_not_forward_to_the_primary_task_set() {
    check(
        |_, facts| routes(facts).clear(),
        expect![
            "ListenerElsewhere, ECS_UPDATE_ERROR: Primary taskset target group must be behind listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2: the production listener does not forward to web-1; point it there first"
        ],
    );
    check(
        |_, facts| routes(facts)[0].forwards = vec![(green(), 1)],
        expect![
            "ListenerElsewhere, ECS_UPDATE_ERROR: Primary taskset target group must be behind listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2: the production listener does not forward to web-1; point it there first"
        ],
    );
    check(
        |_, facts| split(facts, 0, 0),
        expect![
            "ListenerElsewhere, ECS_UPDATE_ERROR: Primary taskset target group must be behind listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2: the production listener does not forward to web-1; point it there first"
        ],
    );
    check(
        |_, facts| test_routes(facts)[0].forwards = vec![(group("other"), 1)],
        expect![
            "ListenerElsewhere, ECS_UPDATE_ERROR: Primary taskset target group must be behind listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/3: the test listener forwards to neither web-1 nor web-2; point its default action or a rule of it to either of them first"
        ],
    );
}

/// AWS's own templates make it begin on the other group, some as a rule, some with weights.
#[test]
fn a_test_listener_may_begin_anywhere_on_the_pair() {
    for forwards in [
        vec![(green(), 1)],
        vec![(blue(), 0), (green(), 100)],
        vec![(blue(), 1), (green(), 1)],
        vec![(blue(), 999), (green(), 1)],
        vec![(green(), 0)],
    ] {
        check(|_, facts| test_routes(facts)[0].forwards = forwards.clone(), expect![""]);
        check(
            |_, facts| {
                test_routes(facts)[0].forwards = vec![(group("docs"), 1)];
                test_routes(facts).push(a_route("rule/1", &forwards));
            },
            expect![""],
        );
    }
    check(
        |_, facts| test_routes(facts)[0].forwards = vec![(blue(), 0), (green(), 0)],
        expect![
            "ListenerElsewhere, ECS_UPDATE_ERROR: Primary taskset target group must be behind listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/3: the test listener forwards to neither web-1 nor web-2; point its default action or a rule of it to either of them first"
        ],
    );
}

#[test]
fn a_listener_that_forwards_to_a_third_target_group() {
    check(
        |_, facts| routes(facts)[0].forwards.push((group("other"), 0)),
        expect![
            "ListenerForwardsElsewhereToo, INVALID_ECS_SERVICE: the production listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2 forwards to the target group other beside those of this deployment: give it a rule of its own"
        ],
    );
    check(|_, facts| routes(facts).push(a_route("rule/5", &[(group("other"), 1)])), expect![""]);
}

#[test]
fn a_split_that_is_somebody_elses() {
    check(
        |_, facts| split(facts, 95, 5),
        expect![
            "ListenerAlreadySplit, INVALID_ECS_SERVICE: the production listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2 is split already, and not by a deployment of this stack (target group web-1 with 5 % on target group web-2); send all of its traffic to the primary task set's target group first"
        ],
    );
    check(
        |_, facts| split(facts, 0, 100),
        expect![
            "ListenerElsewhere, ECS_UPDATE_ERROR: Primary taskset target group must be behind listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2: the production listener does not forward to web-1; point it there first"
        ],
    );
    check(
        |_, facts| {
            split(facts, 95, 5);
            facts.leftover = Some(on_green(6));
        },
        expect![""],
    );
}

#[test]
fn targets_that_keep_their_clients_where_the_listener_does_not() {
    let sticky = |facts: &mut Facts| found(facts).groups[1].as_mut().unwrap().sticky = true;
    check(
        |_, facts| sticky(facts),
        expect![[r#"
        TargetGroupSticky, INVALID_ECS_SERVICE: the target group web-2 keeps clients on their targets, which a load balancer allows beside weights only where the action keeps them on their target group too, and the production listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2 does not; switch it off: aws elbv2 modify-target-group-attributes --target-group-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web-2/0123456789abcdef --attributes Key=stickiness.enabled,Value=false
        TargetGroupSticky, INVALID_ECS_SERVICE: the target group web-2 keeps clients on their targets, which a load balancer allows beside weights only where the action keeps them on their target group too, and the test listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/3 does not; switch it off: aws elbv2 modify-target-group-attributes --target-group-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web-2/0123456789abcdef --attributes Key=stickiness.enabled,Value=false"#]],
    );
    let all = |facts: &mut Facts| {
        routes(facts).iter_mut().for_each(|route| route.sticky = Some(Seconds(60)));
        test_routes(facts).iter_mut().for_each(|route| route.sticky = Some(Seconds(60)));
    };
    check(
        |_, facts| {
            sticky(facts);
            all(facts);
        },
        expect![""],
    );
    check(
        |_, facts| {
            sticky(facts);
            let found = found(facts);
            for listener in [&mut found.production, &mut found.test].into_iter().flatten() {
                listener.arn = network();
            }
        },
        expect![""],
    );
}

#[test]
fn a_network_load_balancer_takes_weights_as_an_application_load_balancer_does() {
    let canary = NamedStrategy::named("CodeDeployDefault.ECSCanary10Percent5Minutes", Platform::Ecs).unwrap();
    check(
        |request, facts| {
            found(facts).production.as_mut().unwrap().arn = network();
            request.strategy = Some(canary);
        },
        expect![""],
    );
}

fn network() -> ListenerArn {
    ListenerArn::parse("arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/net/shop/1/2").unwrap()
}

#[test]
fn a_service_without_room_for_one_more_task_set() {
    let more = |facts: &mut Facts, count| {
        live(facts).task_sets.extend((10..).take(count).map(|number| a_task_set(number, Role::Active, group("other"))));
    };
    check(|_, facts| more(facts, 3), expect![""]);
    check(
        |_, facts| more(facts, 4),
        expect![
            "NoRoomForTaskSet, INVALID_ECS_SERVICE: the service web has 5 task sets, and ECS allows 5: delete one that is not needed, with aws ecs delete-task-set"
        ],
    );
}

#[test]
fn a_task_set_in_the_place_of_the_new_one() {
    check(
        |_, facts| live(facts).task_sets.push(a_task_set(7, Role::Active, green())),
        expect![
            "TargetGroupOccupied, INVALID_ECS_SERVICE: the task set ecs-svc/7 is registered with web-2, where the new one is to go: delete it first, with aws ecs delete-task-set --cluster shop --service web --task-set ecs-svc/7 --force"
        ],
    );
    check(
        |_, facts| {
            live(facts).task_sets.push(a_task_set(7, Role::Active, green()));
            test_routes(facts)[0].forwards = vec![(green(), 1)];
        },
        expect![
            "TargetGroupOccupied, INVALID_ECS_SERVICE: the task set ecs-svc/7 is registered with web-2, where the new one is to go: delete it first, with aws ecs delete-task-set --cluster shop --service web --task-set ecs-svc/7 --force; the test listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/3 sends it calls: from then on nobody answers them until the deployment sends them to its new task set"
        ],
    );
    check(|_, facts| live(facts).task_sets.push(a_task_set(7, Role::Draining, green())), expect![""]);
}

#[test]
fn what_the_owner_of_the_lock_has_done_is_not_said_twice() {
    check(
        |_, facts| {
            split(facts, 70, 30);
            test_routes(facts)[0].forwards = vec![(blue(), 0), (green(), 100)];
            live(facts).task_sets.push(a_task_set(7, Role::Active, green()));
            facts.holder = Some(Holder::Running(deployment_id()));
        },
        expect![
            "TargetLocked, TARGET_LOCKED: another deployment of shop/web is running, d-SERVICE: wait for it, or stop it with: tideshift stop d-SERVICE"
        ],
    );
}

#[test]
fn all_reasons_against_a_service_are_said_at_once() {
    check(
        |request, facts| {
            wanted(request).port = 80;
            live(facts).controller = "ECS".to_owned();
            found(facts).groups[0].as_mut().unwrap().kind = "lambda".to_owned();
            found(facts).test = None;
            facts.holder = Some(Holder::Unresolved(deployment_id()));
        },
        expect![[r#"
            TargetLocked, TARGET_LOCKED: deployment d-SERVICE could not put shop/web back; finish its job first with: tideshift repair d-SERVICE
            OtherDeploymentController, INVALID_ECS_SERVICE: the service web has the deployment controller ECS, and only EXTERNAL lets task sets be deployed by somebody else; create the service with --deployment-controller type=EXTERNAL, and a first task set in it
            ContainerPortMissing, INVALID_ECS_SERVICE: the container web of web:7 has no port 80; write ContainerPort: 8080 (--port on the command line)
            TargetGroupOfWrongType, INVALID_ECS_SERVICE: the target group web-1 is for targets of the type lambda, and these tasks need ip: create one with --target-type ip
            ListenerMissing, INVALID_ECS_SERVICE: the test listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/3 does not exist"#]],
    );
}
