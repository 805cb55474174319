//! Every reason not to deploy to a service, with the sentence it comes with; what is planned where there is none is in [`course`].

mod allowed;
mod course;
mod definition;
mod groups;
mod listeners;

use crate::request::Request;
use expect_test::{Expect, expect};

use super::*;
use crate::appspec::NamedStrategy;
use crate::facts::Holder;
use crate::ids::{ContainerName, ListenerArn};
use crate::platform::Platform;
use crate::preflight;
use crate::seconds::Seconds;
use crate::service::WantedNetwork;
use crate::service::live::Role;
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
            "ListenerMissing, INVALID_ECS_SERVICE: the test listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/3 does not exist; those of its load balancer, if that is still there: aws elbv2 describe-listeners --load-balancer-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/1"
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
            ListenerMissing, INVALID_ECS_SERVICE: the test listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/3 does not exist; those of its load balancer, if that is still there: aws elbv2 describe-listeners --load-balancer-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/1"#]],
    );
}
