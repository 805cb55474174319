//! What a plan says of itself.

use super::*;
use crate::platform::{Fence, Platform};
use crate::routing::Routing;
use crate::testing::{a_service_plan, v};

#[test]
fn a_wait_that_a_person_may_end_bounds_the_waits_from_above() {
    let mut plan = a_service_plan("ECSCanary10Percent5Minutes");
    assert_eq!((plan.total(), plan.watched()), (Total::AtLeast(Seconds(320)), SPREAD));
    plan.shift_mut().steps[1].hold = Hold::For(Seconds(15));
    assert_eq!(
        (plan.total(), plan.watched()),
        (Total::AtLeast(Seconds(320)), Seconds(5)),
        "the last step's own time counts"
    );
    plan.shift_mut().steps[1].hold = Hold::For(Seconds::ZERO);
    if let Target::EcsService(service) = &mut plan.target {
        service.waits.termination = Seconds(60);
    }
    assert_eq!(plan.total(), Total::AtMost { at_most: Seconds(360) });
    if let Target::EcsService(service) = &mut plan.target {
        service.waits.termination = Seconds::ZERO;
    }
    plan.shift_mut().steps[0].hold = Hold::UntilContinued { timeout: Seconds(60), on_timeout: OnTimeout::Continue };
    assert_eq!(plan.total(), Total::AtMost { at_most: Seconds(80) });
}

#[test]
fn a_plan_of_a_service_moves_from_one_target_group_to_the_other() {
    let plan = a_service_plan("ECSLinear40PercentEvery1Minute");
    let routings: Vec<String> = (0..3).map(|step| plan.routing_at(step).to_string()).collect();
    assert_eq!(
        routings,
        [
            "target group web-1 with 40 % on target group web-2",
            "target group web-1 with 80 % on target group web-2",
            "target group web-2"
        ]
    );
    assert_eq!((plan.target.to_string(), plan.target.key()), ("shop:web".to_owned(), "ecs:shop/web".to_owned()));
    assert_eq!((plan.target.platform(), plan.target.fence()), (Platform::Ecs, Fence::Lease));
    assert!(plan.is_polled(), "the health of a task set is looked at, with alarms or without");
}

#[test]
fn a_plan_that_was_kept_before_services_were_known_is_still_read() {
    let kept = r#"{
        "format": 1,
        "target": {"kind": "LambdaAlias", "function": "storefront", "alias": "live"},
        "from": "1",
        "to": "2",
        "start": {"primary": "1", "additional": {"version": "2", "share": 500}},
        "strategy": "CodeDeployDefault.LambdaAllAtOnce",
        "steps": [{"weight": 100, "hold": {"For": 0}}],
        "hooks": {"beforeAllowTraffic": {"function": "check", "timeout": 60}},
        "alarms": {"names": [], "ignorePollFailure": false},
        "rollback": ["DEPLOYMENT_FAILURE"],
        "poll": 60
    }"#;
    let plan: Plan = serde_json::from_str(kept).unwrap();
    assert_eq!(
        (plan.shift().start.clone(), plan.target.platform()),
        (Routing::shifted(v(1), v(2), Weight::clamped(5)), Platform::Lambda)
    );
    assert!(plan.hook(LifecycleEvent::BeforeAllowTraffic).is_some());
}

#[test]
fn the_rollback_of_a_service_goes_from_the_new_task_definition_to_the_old_one() {
    let plan = a_service_plan("ECSAllAtOnce");
    let reversed = plan.reversed();
    let (service, back) = (plan.target.service().unwrap(), reversed.target.service().unwrap());
    assert_eq!(
        (&back.blue_definition, &back.green.task_definition),
        (&service.green.task_definition, &service.blue_definition)
    );
    assert_eq!((&reversed.shift().from, &reversed.shift().to), (&plan.shift().to, &plan.shift().from));
    assert_eq!(reversed.target.key(), plan.target.key());
}
