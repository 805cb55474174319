//! How the green task set comes: it is made once, and waited for until it may have traffic.

use jiff::Timestamp;

use super::Service;
use super::live::{Health, LiveService, Role, Said, TaskSet};
use super::times::SPREAD;
use crate::code::ErrorCode;
use crate::deployment::Deployment;
use crate::ending::Ending;
use crate::event::LifecycleEvent;
use crate::ids::TaskSetId;
use crate::plan::Plan;
use crate::seconds::Seconds;
use crate::settle::Live;

/// How long a green task set may take to become healthy (docs/codedeploy-contract.md 3.4).
pub const LIMIT: Seconds = Seconds::HOUR;

/// How long ECS may take until it shows a task set it made.
const SHOWN: Seconds = Seconds(60);

/// What the installation does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Install {
    /// Send all traffic home, and wait this long: a task set that was left behind in green's place may have a part of it.
    SendHome(Seconds),
    /// Make this the primary task set: it has the traffic, and what was left behind in green's place is the primary one yet.
    Promote(TaskSetId),
    /// Make room: this task set was left behind in green's place.
    Remove(TaskSetId),
    /// Make the green task set.
    Create,
    /// Look again after this long, or when ECS says that something happened.
    Wait(Seconds),
    /// It may have traffic.
    Ready(TaskSetId),
    /// It will not come.
    Failed(Ending),
}

/// Decides what the installation does, by what ECS says of the service and of green's targets.
///
/// `health` is what the load balancer says: green has a place without weight, so its targets are looked at. Also all at once needs healthy targets, where CodeDeploy asks for none (docs/codedeploy-contract.md 12.4): a task set may be steady before the load
/// balancer knows it, and would be given up in the moment it got the traffic.
pub fn next(
    plan: &Plan,
    service: &Service,
    deployment: &Deployment,
    routes: &Live,
    live: &LiveService,
    health: Health,
    now: Timestamp,
) -> Install {
    let began = deployment.events.get(LifecycleEvent::Install).and_then(|record| record.started).unwrap_or(now);
    let elapsed = Seconds::between(began, now);
    let stays = |set: &&TaskSet| set.stays();
    let Some(green) = live.made_by(deployment.id.as_str()).filter(stays) else {
        return match service.leftover.as_ref().and_then(|leftover| live.get(leftover)).filter(stays) {
            Some(_) if elapsed >= LIMIT => Install::Failed(too_long(deployment)),
            Some(_) if !routes.is_at_home(&plan.home()) => Install::SendHome(SPREAD),
            Some(leftover) if leftover.role == Role::Primary => Install::Promote(service.blue.clone()),
            Some(leftover) => Install::Remove(leftover.id.clone()),
            None => match deployment.progress.created {
                None => Install::Create,
                Some(made) if is_new(live, deployment, made, now) => Install::Wait(wait(elapsed)),
                Some(_) => Install::Failed(Ending::new(
                    ErrorCode::EcsUpdateError,
                    "the green task set was deleted by somebody else while the deployment waited for it",
                )),
            },
        };
    };
    // A task set that was just made may not have its count yet; that of the service is known.
    let wanted = green.desired.max(live.desired.min(1));
    let healthy = health.healthy >= wanted;
    // One that somebody scaled to zero is steady with nothing.
    if green.steady && green.running >= wanted && healthy {
        return Install::Ready(green.id.clone());
    }
    if elapsed >= LIMIT { Install::Failed(too_long(deployment)) } else { Install::Wait(wait(elapsed)) }
}

/// Whether a task set that ECS does not show may only be too new for that: what ECS answers is a moment behind what it did.
fn is_new(live: &LiveService, deployment: &Deployment, made: Timestamp, now: Timestamp) -> bool {
    live.made_by(deployment.id.as_str()).is_none() && now.duration_since(made).as_secs() < SHOWN.0.cast_signed()
}

/// How long to wait before the next look: a third of the time gone by, so that an hour is [`crate::budget::INSTALL_LOOKS`]
/// looks at most. ECS's own event ends a wait early.
pub fn wait(elapsed: Seconds) -> Seconds {
    let left = LIMIT.0.saturating_sub(elapsed.0).max(1);
    Seconds((elapsed.0 / 3).clamp(2, 180).min(left))
}

/// The marks of what ECS says of a service when its tasks do not come, by the messages that its developer guide lists
/// ("Amazon ECS service event messages"); all others are good news.
const TROUBLE: [&str; 5] = ["unable to", "unhealthy", "failed", "throttled", "error"];
/// What ECS says of a task that it was asked to stop.
const WANTED: &str = "Scaling activity initiated";
/// More of a sentence of ECS is not kept.
const KEPT: usize = 400;

/// Why the green task set is not ready yet, in ECS's own words: of the last task that stopped, or else of the service's last event
/// that is no good news, since the installation began.
pub fn trouble(deployment: &Deployment, live: &LiveService, stopped: &[Said]) -> Option<String> {
    let began = deployment.events.get(LifecycleEvent::Install).and_then(|record| record.started)?;
    let newest = |all: &[Said], tells: &dyn Fn(&str) -> bool| {
        let since = all.iter().filter(|said| said.at >= began && tells(&said.message));
        since.max_by_key(|said| said.at).map(|said| said.message.chars().take(KEPT).collect())
    };
    newest(stopped, &|message| !message.starts_with(WANTED))
        .or_else(|| newest(&live.said, &|message| TROUBLE.iter().any(|mark| message.contains(mark))))
}

fn too_long(deployment: &Deployment) -> Ending {
    let why = deployment.progress.trouble.as_ref().map(|why| format!(" ECS says: {why}")).unwrap_or_default();
    let message = format!(
        "The deployment timed out while waiting for the replacement task set to become healthy. This time out period is {} \
         minutes.{why}",
        LIMIT.0 / 60
    );
    Ending::new(ErrorCode::Timeout, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TargetGroupArn;
    use crate::routing::Routing;
    use crate::settle::Tested;
    use crate::testing::a_service_plan;
    use crate::testing::service::{a_green_task_set, a_service_deployment, a_task_set, blue, green, on_green};

    const HEALTHY: Health = Health { registered: 2, healthy: 2, unused: 0 };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn set(number: u32, role: Role, group: TargetGroupArn) -> TaskSet {
        a_task_set(number, role, group)
    }

    /// What comes next for a service with something changed, some seconds into the installation.
    fn decide(change: impl FnOnce(&mut Service, &mut Deployment, &mut LiveService), health: Health) -> Install {
        decide_at(change, health, 30)
    }

    fn decide_at(
        change: impl FnOnce(&mut Service, &mut Deployment, &mut LiveService),
        health: Health,
        second: i64,
    ) -> Install {
        let plan = a_service_plan("ECSAllAtOnce");
        let (mut service, mut deployment) = (plan.target.service().unwrap().clone(), a_service_deployment());
        deployment.events.begin(LifecycleEvent::Install, at(0));
        let mut live = LiveService {
            controller: "EXTERNAL".to_owned(),
            active: true,
            desired: 2,
            task_sets: vec![set(1, Role::Primary, blue())],
            said: Vec::new(),
        };
        change(&mut service, &mut deployment, &mut live);
        let routes = Live::Routes { production: vec![plan.home()], test: Vec::new() };
        next(&plan, &service, &deployment, &routes, &live, health, at(second))
    }

    fn failed(install: Install) -> (ErrorCode, String) {
        match install {
            Install::Failed(why) => (why.code, why.message),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_green_task_set_is_made_once() {
        assert_eq!(decide(|_, _, _| {}, Health::default()), Install::Create);
        let made = |_: &mut Service, deployment: &mut Deployment, live: &mut LiveService| {
            deployment.progress.created = Some(at(0));
            live.task_sets.push(TaskSet { steady: false, ..a_green_task_set() });
        };
        assert_eq!(decide(made, Health::default()), Install::Wait(Seconds(10)));
    }

    #[test]
    fn a_green_task_set_that_was_made_by_an_attempt_whose_answer_was_lost_is_found() {
        let made =
            |_: &mut Service, _: &mut Deployment, live: &mut LiveService| live.task_sets.push(a_green_task_set());
        assert_eq!(decide(made, HEALTHY), Install::Ready(a_green_task_set().id));
    }

    #[test]
    fn a_steady_task_set_is_ready_once_every_one_of_its_targets_is_healthy() {
        let made =
            |_: &mut Service, _: &mut Deployment, live: &mut LiveService| live.task_sets.push(a_green_task_set());
        assert_eq!(decide(made, Health { registered: 2, healthy: 1, unused: 0 }), Install::Wait(Seconds(10)));
        assert_eq!(decide(made, HEALTHY), Install::Ready(a_green_task_set().id));
    }

    #[test]
    fn healthy_targets_without_a_steady_task_set_are_not_enough() {
        let made = |_: &mut Service, _: &mut Deployment, live: &mut LiveService| {
            live.task_sets.push(TaskSet { steady: false, ..a_green_task_set() });
        };
        assert_eq!(decide(made, HEALTHY), Install::Wait(Seconds(10)));
    }

    #[test]
    fn a_task_set_without_a_count_is_ready_only_where_the_service_wants_no_tasks() {
        let made = |desired: u32| {
            move |_: &mut Service, _: &mut Deployment, live: &mut LiveService| {
                live.desired = desired;
                live.task_sets.push(TaskSet { desired: 0, running: 0, ..a_green_task_set() });
            }
        };
        assert_eq!(decide(made(2), Health::default()), Install::Wait(Seconds(10)));
        assert_eq!(decide(made(0), Health::default()), Install::Ready(a_green_task_set().id));
    }

    #[test]
    fn a_task_set_that_somebody_scaled_to_zero_is_not_ready() {
        let emptied = |_: &mut Service, _: &mut Deployment, live: &mut LiveService| {
            live.task_sets.push(TaskSet { scale: 0, desired: 0, running: 0, ..a_green_task_set() });
        };
        assert_eq!(decide(emptied, Health::default()), Install::Wait(Seconds(10)));
    }

    #[test]
    fn a_green_task_set_that_somebody_deleted_ends_the_deployment() {
        let gone = |_: &mut Service, deployment: &mut Deployment, _: &mut LiveService| {
            deployment.progress.created = Some(at(0))
        };
        let expected = "the green task set was deleted by somebody else while the deployment waited for it";
        assert_eq!(decide(gone, Health::default()), Install::Wait(Seconds(10)), "it may be too new to be shown");
        let late = decide_at(gone, Health::default(), 60);
        assert_eq!(failed(late), (ErrorCode::EcsUpdateError, expected.to_owned()));
        let draining = |_: &mut Service, deployment: &mut Deployment, live: &mut LiveService| {
            deployment.progress.created = Some(at(0));
            live.task_sets.push(TaskSet { role: Role::Draining, desired: 0, running: 0, ..a_green_task_set() });
        };
        assert_eq!(failed(decide(draining, Health::default())).1, expected);
    }

    #[test]
    fn a_green_task_set_has_an_hour() {
        let made = |_: &mut Service, _: &mut Deployment, live: &mut LiveService| {
            live.task_sets.push(TaskSet { steady: false, ..a_green_task_set() });
        };
        let decide = |second| decide_at(made, Health::default(), second);
        assert_eq!(decide(3_599), Install::Wait(Seconds(1)));
        assert_eq!(
            failed(decide(3_600)),
            (
                ErrorCode::Timeout,
                "The deployment timed out while waiting for the replacement task set to become healthy. This time out \
                 period is 60 minutes."
                    .to_owned()
            )
        );
        let ready =
            |_: &mut Service, _: &mut Deployment, live: &mut LiveService| live.task_sets.push(a_green_task_set());
        assert_eq!(
            decide_at(ready, HEALTHY, 9_999),
            Install::Ready(a_green_task_set().id),
            "one that is ready is never late"
        );
    }

    #[test]
    fn what_was_left_behind_in_greens_place_is_removed_first() {
        let left = |role: Role| {
            move |service: &mut Service, _: &mut Deployment, live: &mut LiveService| {
                let leftover = set(7, role, green());
                service.leftover = Some(leftover.id.clone());
                live.task_sets.push(leftover);
            }
        };
        let seven = set(7, Role::Active, green()).id;
        assert_eq!(decide(left(Role::Active), Health::default()), Install::Remove(seven));
        assert_eq!(decide(left(Role::Draining), Health::default()), Install::Create, "it goes already");
        let finished_by_hand = |service: &mut Service, deployment: &mut Deployment, live: &mut LiveService| {
            left(Role::Primary)(service, deployment, live);
            live.task_sets[0].role = Role::Active;
        };
        let one = set(1, Role::Active, blue()).id;
        assert_eq!(
            decide(finished_by_hand, Health::default()),
            Install::Promote(one),
            "ECS removes no primary task set"
        );
        let late = decide_at(left(Role::Active), Health::default(), 3_600);
        assert_eq!(failed(late).0, ErrorCode::Timeout);
    }

    #[test]
    fn what_was_left_behind_keeps_its_tasks_until_its_traffic_has_gone_home() {
        let plan = a_service_plan("ECSAllAtOnce");
        let mut service = plan.target.service().unwrap().clone();
        let leftover = set(7, Role::Active, green());
        service.leftover = Some(leftover.id.clone());
        let live = LiveService {
            controller: "EXTERNAL".to_owned(),
            active: true,
            desired: 2,
            task_sets: vec![set(1, Role::Primary, blue()), leftover.clone()],
            said: Vec::new(),
        };
        let decide = |production: &[Routing], test: &[Routing]| {
            let tested = |now: &Routing| Tested { now: now.clone(), home: plan.home() };
            let test = test.iter().map(tested).collect();
            let routes = Live::Routes { production: production.to_vec(), test };
            next(&plan, &service, &a_service_deployment(), &routes, &live, Health::default(), at(0))
        };
        let (home, away) = (plan.home(), on_green(30));
        assert_eq!(decide(&[home.clone(), away.clone()], &[]), Install::SendHome(SPREAD));
        assert_eq!(decide(std::slice::from_ref(&home), &[away]), Install::SendHome(SPREAD));
        assert_eq!(decide(std::slice::from_ref(&home), std::slice::from_ref(&home)), Install::Remove(leftover.id));
    }

    #[test]
    fn an_hour_of_waiting_is_no_more_looks_than_the_history_has_room_for() {
        let (mut elapsed, mut looks) = (Seconds::ZERO, 0);
        while elapsed < LIMIT {
            elapsed = elapsed + wait(elapsed);
            looks += 1;
        }
        assert!(looks <= crate::budget::INSTALL_LOOKS, "{looks} looks");
        assert_eq!(elapsed, LIMIT, "and the last one is on time");
    }

    fn said(second: i64, message: &str) -> Said {
        Said { at: at(second), message: message.to_owned() }
    }

    #[test]
    fn why_a_task_set_does_not_come_is_told_in_ecs_own_words() {
        let cannot_pull = "CannotPullContainerError: pull image manifest has been retried 7 time(s)";
        let no_place =
            "(service web) was unable to place a task because no container instance met all of its requirements.";
        let started = "(service web, taskSet ecs-svc/2) has started 1 tasks: (task 1f).";
        let scaled = "Scaling activity initiated by (taskSet ecs-svc/1)";
        for (events, stopped, expected) in [
            (vec![], vec![], None),
            (vec![said(9, started)], vec![], None),
            (vec![said(9, started), said(8, no_place)], vec![], Some(no_place)),
            (vec![said(9, no_place)], vec![said(5, cannot_pull)], Some(cannot_pull)),
            (vec![], vec![said(9, scaled)], None),
            (vec![said(-9, no_place)], vec![said(-9, cannot_pull)], None),
        ] {
            let mut deployment = a_service_deployment();
            deployment.events.begin(LifecycleEvent::Install, at(0));
            let mut live = None;
            decide(|_, _, found| live = Some(LiveService { said: events.clone(), ..found.clone() }), HEALTHY);
            assert_eq!(trouble(&deployment, &live.unwrap(), &stopped).as_deref(), expected, "{events:?} {stopped:?}");
        }
    }

    #[test]
    fn a_task_set_that_never_came_ends_with_what_ecs_said_last() {
        let never = |_: &mut Service, deployment: &mut Deployment, live: &mut LiveService| {
            deployment.progress.created = Some(at(0));
            deployment.progress.trouble = Some("CannotPullContainerError: no such image".to_owned());
            live.task_sets.push(TaskSet { steady: false, ..a_green_task_set() });
        };
        let (code, message) = failed(decide_at(never, Health::default(), 3_600));
        assert_eq!(code, ErrorCode::Timeout);
        assert!(message.ends_with("minutes. ECS says: CannotPullContainerError: no such image"), "{message}");
    }
}
