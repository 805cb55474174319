//! Writes of older deployments of the same service that were never answered, and may arrive while another one is at work, or once
//! that has won.

use jiff::SignedDuration;

use super::aftermath::may_come;
use super::clear::LATEST;
use super::clear::places::expected;
use crate::deployment::{Deployment, Lease};
use crate::plan::Plan;
pub use crate::progress::Older;

/// What `others` may still do to the target of `plan`; `None` where nothing can come of them.
pub fn older(plan: &Plan, others: &[(Plan, Deployment)]) -> Option<Older> {
    let of_target = |(other, deployment): &&(Plan, Deployment)| {
        other.target.key() == plan.target.key() && may_come(other, deployment)
    };
    let others: Vec<_> = others.iter().filter(of_target).collect();
    let ended = |deployment: &Deployment| deployment.completed.or(deployment.ending).unwrap_or(deployment.created);
    let last = others.iter().map(|(_, deployment)| ended(deployment)).max()?;
    let mut routings = Vec::new();
    for routing in others.iter().flat_map(|(other, deployment)| expected(other, deployment)) {
        if !routings.contains(&routing) {
            routings.push(routing);
        }
    }
    let until = last + SignedDuration::from_secs(i64::try_from(Lease::LENGTH.0 + LATEST.0).unwrap_or(i64::MAX));
    (!routings.is_empty()).then_some(Older { routings, until })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::ErrorCode;
    use crate::deployment::Change;
    use crate::ending::{Ending, Rollback, Traffic};
    use crate::routing::{Backend, Routing};
    use crate::service::clear::Side;
    use crate::target::Target;
    use crate::testing::a_service_plan;
    use crate::testing::service::{a_service_deployment, blue, green};
    use crate::weight::Weight;
    use jiff::Timestamp;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// A deployment that was put back and is over since this second, with what it never heard of.
    fn put_back(step: Option<usize>, sending: Option<Side>, over: i64) -> Deployment {
        let mut deployment = a_service_deployment();
        deployment.lease = step.map(|step| Lease { step: Some(step), until: at(20), shared: false });
        deployment.progress.sending.extend(sending);
        let why = Ending::new(ErrorCode::ManualStop, "stopped");
        deployment.apply(Change::Interrupt(why, Rollback::Restore), at(5)).unwrap();
        deployment.apply(Change::Settle(Traffic::Restored(blue().into())), at(50)).unwrap();
        deployment.apply(Change::Finish, at(over)).unwrap();
        deployment
    }

    fn plan() -> Plan {
        a_service_plan("ECSLinear40PercentEvery1Minutes")
    }

    /// How it divides calls, with so many percent on green.
    fn divided(percent: u8) -> Routing {
        Routing::shifted(Backend::from(blue()), Backend::from(green()), Weight::clamped(percent))
    }

    #[test]
    fn a_step_that_was_never_answered_may_come_as_it_is_and_as_those_before_it() {
        let found = older(&plan(), &[(plan(), put_back(Some(1), None, 60))]).unwrap();
        assert_eq!(found, Older { routings: vec![divided(40), divided(80)], until: at(120) });
    }

    #[test]
    fn what_several_may_do_is_reckoned_with_until_a_minute_after_the_last_of_them() {
        let others = [
            (plan(), put_back(None, Some(Side::Home), 60)),
            (plan(), put_back(Some(0), None, 90)),
            (plan(), put_back(Some(0), Some(Side::Green), 70)),
        ];
        let found = older(&plan(), &others).unwrap();
        assert_eq!(found, Older { routings: vec![divided(0), divided(40), divided(100)], until: at(150) });
    }

    #[test]
    fn what_was_answered_and_what_another_service_does_is_not_reckoned_with() {
        let mut elsewhere = plan();
        let Target::EcsService(service) = &mut elsewhere.target else { panic!("a service") };
        service.service = crate::ids::ServiceName::parse("api").unwrap();
        let others = [(plan(), put_back(None, None, 60)), (elsewhere, put_back(Some(1), None, 60))];
        assert_eq!(older(&plan(), &others), None);
        assert_eq!(older(&plan(), &[]), None);
    }
}
