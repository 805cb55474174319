use super::*;
use crate::code::ErrorCode;
use crate::facts::{VersionFacts, VersionState};
use crate::ids::FunctionName;
use crate::progress::Position;
use crate::routing::Routing;
use crate::service::Service;
use crate::service::live::{Health, LiveService};
use crate::service::times::TASKS_COMING;
use crate::testing::service::{a_green_task_set, a_service_deployment, on_green};
use crate::testing::{a_deployment, a_plan, a_service_plan, v};

const NONE_HEALTHY: Health = Health { registered: 2, healthy: 0, unused: 0 };

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// What `shift` does with a version in this state, of a deployment that has taken no step.
fn with_version(state: VersionState) -> ShiftAct {
    let (plan, function) = (a_plan("AllAtOnce"), FunctionName::parse("shop").unwrap());
    let facts = VersionFacts::Published { state, role: "role".to_owned(), dead_letter: None };
    let replacement =
        Replacement::Version { function: &function, version: Version::try_from(2).unwrap(), facts, warmth: None };
    let live = Live::alias(Some(&Routing::all_on(v(1))));
    shift(&plan, &a_deployment(), &Observed { live: &live, replacement }, at(0)).act
}

#[test]
fn a_version_that_takes_calls_gets_its_step_and_one_that_does_not_ends_the_deployment() {
    assert_eq!(with_version(VersionState::Active), ShiftAct::Take(0));
    let ShiftAct::Stop(why) = with_version(VersionState::Inactive) else { panic!() };
    assert_eq!(why.code, ErrorCode::InvalidLambdaFunction);
}

/// A service that wanted no tasks when the deployment began and wants two now, whose new task set has its first share of the calls
/// and no healthy target, this long after that was first seen.
fn coming(cold: Option<i64>, now: i64) -> (Shift, Wait) {
    let plan = a_service_plan("ECSCanary10Percent5Minutes");
    let service = Service { desired: 0, ..plan.target.service().unwrap().clone() };
    let mut deployment = a_service_deployment();
    deployment.progress.at = Some(Position { step: 0, since: at(0), continued: false });
    deployment.progress.cold = cold.map(at);
    let live = LiveService {
        controller: "EXTERNAL".to_owned(),
        active: true,
        desired: 2,
        task_sets: vec![a_green_task_set()],
        said: Vec::new(),
    };
    let replacement = Replacement::TaskSet { service: &service, live, health: NONE_HEALTHY };
    let routes = Live::Routes { production: vec![on_green(10)], test: Vec::new() };
    let waits = wait(&plan, &deployment, WaitKind::Termination, &replacement, at(now));
    (shift(&plan, &deployment, &Observed { live: &routes, replacement }, at(now)), waits)
}

#[test]
fn while_tasks_are_on_their_way_everything_stays_and_the_reason_is_said() {
    let (shift, wait) = coming(None, 400);
    let why = "The load balancer finds none of its targets healthy.";
    assert_eq!((shift.said, shift.act), (Verdict::Unsure(why.to_owned()), ShiftAct::Hold(Seconds(3))));
    assert_eq!((wait.said, wait.act), (Verdict::Unsure(why.to_owned()), WaitAct::Await(Seconds(3))));
}

#[test]
fn tasks_that_do_not_come_end_the_deployment() {
    let late = i64::try_from(TASKS_COMING.0).unwrap();
    let (shift, wait) = coming(Some(0), late);
    assert!(matches!(shift.said, Verdict::Stop(_)) && matches!(shift.act, ShiftAct::Stop(_)));
    assert!(matches!(wait.said, Verdict::Stop(_)) && matches!(wait.act, WaitAct::Stop(_)));
    assert!(matches!(coming(Some(0), late - 1).0.act, ShiftAct::Hold(_)));
}
