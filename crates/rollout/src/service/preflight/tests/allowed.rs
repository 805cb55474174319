//! What a stack may not change is said before anything is made.

use std::collections::BTreeSet;

use super::*;
use crate::ids::RouteId;
use crate::service::reach::{Reach, ServiceTags, Tagged, Within};

/// A service whose tags count, with all it needs but for what is taken away.
fn tagged(facts: &mut Facts, take_away: impl FnOnce(&mut ServiceTags, &mut BTreeSet<RouteId>)) {
    let tag = |rest: String| Tagged { arn: format!("arn:aws:ecs:eu-west-1:111122223333:{rest}"), is_enabled: true };
    let sets = live(facts).task_sets.clone();
    let mut tags = ServiceTags {
        service: tag("service/shop/web".to_owned()),
        task_sets: sets.iter().map(|set| (set.id.clone(), tag(format!("task-set/shop/web/{}", set.id)))).collect(),
    };
    let found = found(facts);
    let listeners = || [&found.production, &found.test].into_iter().flatten();
    let mut routes = listeners().flat_map(|listener| &listener.routes).map(|route| route.id.clone()).collect();
    take_away(&mut tags, &mut routes);
    found.reach = Some(Reach { service: Some(tags), listeners: Within::Tags(routes) });
}

#[test]
fn a_service_with_all_its_tags_may_be_deployed_to() {
    check(|_, facts| tagged(facts, |_, _| {}), expect![""]);
}

#[test]
fn a_service_or_its_old_task_set_without_the_tag() {
    check(
        |_, facts| tagged(facts, |tags, _| tags.service.is_enabled = false),
        expect![
            "ServiceNotAllowed, INVALID_ECS_SERVICE: this stack may not touch the service web, which does not have the tag tideshift=enabled: tag it (aws ecs tag-resource --resource-arn arn:aws:ecs:eu-west-1:111122223333:service/shop/web --tags key=tideshift,value=enabled), or name its cluster in the stack's parameter EcsClusters"
        ],
    );
    check(
        |_, facts| tagged(facts, |tags, _| tags.task_sets.values_mut().for_each(|set| set.is_enabled = false)),
        expect![
            "TaskSetNotAllowed, INVALID_ECS_SERVICE: this stack may not remove the task set ecs-svc/1 once the new one has its traffic, since it does not have the tag tideshift=enabled: tag it (aws ecs tag-resource --resource-arn arn:aws:ecs:eu-west-1:111122223333:task-set/shop/web/ecs-svc/1 --tags key=tideshift,value=enabled), or name its cluster in the stack's parameter EcsClusters"
        ],
    );
}

#[test]
fn a_task_set_that_the_deployment_leaves_alone_needs_no_tag() {
    check(
        |_, facts| {
            live(facts).task_sets.push(a_task_set(7, Role::Draining, green()));
            let gone = live(facts).task_sets[1].id.clone();
            tagged(facts, |tags, _| tags.task_sets.get_mut(&gone).unwrap().is_enabled = false);
        },
        expect![""],
    );
}

#[test]
fn a_listener_or_one_of_its_rules_without_the_tag() {
    check(
        |_, facts| tagged(facts, |_, routes| routes.clear()),
        expect![[r#"
            ListenerNotAllowed, INVALID_ECS_SERVICE: this stack may not touch the rule 2 of the production listener, which does not have the tag tideshift=enabled: tag it (aws elbv2 add-tags --resource-arns 2 --tags Key=tideshift,Value=enabled), or name the listener in the stack's parameter EcsListeners
            ListenerNotAllowed, INVALID_ECS_SERVICE: this stack may not touch the rule 3 of the test listener, which does not have the tag tideshift=enabled: tag it (aws elbv2 add-tags --resource-arns 3 --tags Key=tideshift,Value=enabled), or name the listener in the stack's parameter EcsListeners"#]],
    );
    check(
        |_, facts| {
            let arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/1/2/3";
            super::routes(facts).push(a_route(arn, &[(blue(), 1)]));
            super::routes(facts).push(a_route("somebody-elses", &[(group("other"), 1)]));
            tagged(facts, |_, routes| {
                routes.retain(|route| !route.as_str().contains("listener-rule") && route.as_str() != "somebody-elses");
            });
        },
        expect![
            "ListenerNotAllowed, INVALID_ECS_SERVICE: this stack may not touch the rule arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/1/2/3 of the production listener, which does not have the tag tideshift=enabled: tag it (aws elbv2 add-tags --resource-arns arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/1/2/3 --tags Key=tideshift,Value=enabled), or name the listener in the stack's parameter EcsListeners"
        ],
    );
}

#[test]
fn clusters_and_listeners_that_the_stack_does_not_name() {
    check(
        |_, facts| {
            let arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop".to_owned();
            let named = vec!["arn:aws:ecs:eu-west-1:111122223333:cluster/mail-*".to_owned()];
            found(facts).service = ServiceFound::OutOfScope { arn, named };
            found(facts).reach = None;
        },
        expect![
            "ServiceNotAllowed, INVALID_ECS_SERVICE: this stack may not touch the services of the cluster shop: its parameter EcsClusters has arn:aws:ecs:eu-west-1:111122223333:cluster/mail-*; add arn:aws:ecs:eu-west-1:111122223333:cluster/shop to it"
        ],
    );
    let named = |text: &str| format!("arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/{text}");
    check(
        |_, facts| {
            found(facts).reach.as_mut().unwrap().listeners = Within::Names(vec![named("mail/*"), named("shop/?/2")])
        },
        expect![
            "ListenerNotAllowed, INVALID_ECS_SERVICE: this stack may not touch the test listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/3: its parameter EcsListeners has arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/mail/* and arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/?/2; add it there"
        ],
    );
    check(
        |_, facts| found(facts).reach.as_mut().unwrap().listeners = Within::Names(vec![named("shop/*")]),
        expect![""],
    );
}
