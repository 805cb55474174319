//! Whether traffic may go home: what had it before must be able to take it.

use jiff::Timestamp;

use super::Service;
use super::live::{Health, LiveService};
use super::times::{TASKS_COMING, next_look};
use super::watch::{Ailment, ailment};
use crate::deployment::Deployment;
use crate::ids::TaskSetId;
use crate::routing::Routing;
use crate::seconds::Seconds;
use crate::settle::Live;

/// What the task set is that the traffic is to go back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// It can take the traffic.
    Ready,
    /// It has lost its share of the tasks: it gets that many percent back, and is looked at again after this long.
    BringUp(TaskSetId, u8, Seconds),
    /// Its tasks are on their way: look again after this long.
    Wait(Seconds),
    /// It is gone or does not come. What has the traffic keeps it, and a person is needed.
    Lost(Ailment),
    /// It was deleted, and a person who was told so has sent the traffic where it is now: there it stays.
    Leave(Routing),
    /// The whole service is gone, and nothing of it can take calls.
    NoService,
}

/// What the traffic would go back to, and where it is.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The service, if there is one.
    pub live: Option<&'a LiveService>,
    /// How the targets of the old task set are.
    pub health: Health,
    /// Where the listeners send calls.
    pub routes: &'a Live,
}

/// Decides whether traffic may go back to blue, by what ECS and the load balancer say of it now.
///
/// Until it is able, what is healthy keeps the traffic.
pub fn judge(service: &Service, deployment: &Deployment, found: Found<'_>, now: Timestamp) -> Home {
    let judged = blue(service, deployment, found, now);
    let Home::Lost(ailment) = &judged else { return judged };
    // What is left alone must not be changed by a write that is on its way.
    let left = deployment.lease.as_ref().map_or(Seconds::ZERO, |lease| lease.left(now));
    match (found.routes, ailment) {
        _ if left.0 > 0 => Home::Wait(left),
        (Live::Routes { production, .. }, Ailment::Deleted)
            if deployment.progress.repaired && production.iter().all(|place| answers(service, found.live, place)) =>
        {
            production.first().cloned().map_or(judged, Home::Leave)
        }
        (Live::Gone { .. } | Live::Routes { .. }, _) => judged,
    }
}

/// Whether calls are answered where a place sends them, as far as ECS knows: a group that no task set of the service is behind
/// is somebody else's to judge, unless it is one of the pair.
fn answers(service: &Service, live: Option<&LiveService>, place: &Routing) -> bool {
    let Some(live) = live else { return false };
    place.backends().filter_map(|backend| backend.target_group()).all(|group| {
        let mut behind = live.behind(group).peekable();
        match behind.peek() {
            Some(_) => behind.any(|set| ailment(live, Some(set), None).is_none()),
            None => *group != service.blue_group && *group != service.green_group,
        }
    })
}

fn blue(service: &Service, deployment: &Deployment, found: Found<'_>, now: Timestamp) -> Home {
    let Found { live: Some(live), health, .. } = found else { return Home::NoService };
    let blue = live.get(&service.blue);
    let (blue, ailment) = match (blue, ailment(live, blue, Some(health))) {
        (_, None) => return Home::Ready,
        (Some(blue), Some(ailment)) if blue.stays() => (blue, ailment),
        (_, Some(ailment)) => return Home::Lost(ailment),
    };
    let elapsed = deployment.progress.awaits_home.map_or(Seconds::ZERO, |since| Seconds::between(since, now));
    match ailment {
        _ if elapsed >= TASKS_COMING => Home::Lost(ailment),
        Ailment::ScaledToZero => Home::BringUp(blue.id.clone(), service.blue_scale.max(1), next_look(elapsed)),
        Ailment::NotRunning { .. } | Ailment::Unhealthy | Ailment::Deleted => Home::Wait(next_look(elapsed)),
    }
}

/// What a person is told where traffic cannot go home: what is wrong with the old task set, how the new one is, and what to do.
pub fn lost(service: &Service, of_blue: Ailment, of_green: Option<Ailment>) -> String {
    let (blue, place) = (&service.blue, format!("{}/{}", service.cluster, service.service));
    let green = match of_green {
        None => "The new task set keeps the traffic it has: it is healthy".to_owned(),
        Some(ailment) => format!("The new task set keeps the traffic it has, and is not well either ({ailment})"),
    };
    let then = match of_blue {
        Ailment::Deleted => {
            "Send the traffic where it can be answered, then repair the deployment: that leaves it there."
        }
        Ailment::ScaledToZero | Ailment::NotRunning { .. } | Ailment::Unhealthy => {
            "See to it that the old one has healthy tasks, then repair the deployment."
        }
    };
    format!(
        "The traffic of {place} cannot go back to the old task set {blue}. {of_blue} {green}, and nothing was removed. {then}"
    )
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::deployment::Lease;
    use crate::service::live::{Role, TaskSet};
    use crate::testing::a_service_plan;
    use crate::testing::service::{a_green_task_set, a_service_deployment, a_task_set, blue, green};

    const HEALTHY: Health = Health { registered: 2, healthy: 2, unused: 0 };
    const NONE_HEALTHY: Health = Health { registered: 2, healthy: 0, unused: 0 };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn old() -> TaskSet {
        a_task_set(1, Role::Active, blue())
    }

    fn decide(desired: u32, old: Option<TaskSet>, health: Health, second: i64) -> Home {
        let plan = a_service_plan("ECSAllAtOnce");
        let service = Service { blue_scale: 80, ..plan.target.service().unwrap().clone() };
        let task_sets = [a_green_task_set()].into_iter().chain(old).collect();
        let live =
            LiveService { controller: "EXTERNAL".to_owned(), active: true, desired, task_sets, said: Vec::new() };
        let mut deployment = a_service_deployment();
        deployment.progress.awaits_home = Some(at(0));
        judge(&service, &deployment, Found { live: Some(&live), health, routes: &on_new() }, at(second))
    }

    fn on_new() -> Live {
        Live::Routes { production: vec![Routing::all_on(green())], test: Vec::new() }
    }

    fn application(old: Option<TaskSet>, health: Health) -> Home {
        decide(2, old, health, 0)
    }

    #[test]
    fn traffic_goes_home_at_once_to_tasks_that_run_and_are_healthy() {
        assert_eq!(application(Some(old()), HEALTHY), Home::Ready);
        let one = Health { registered: 2, healthy: 1, unused: 0 };
        assert_eq!(application(Some(TaskSet { running: 1, ..old() }), one), Home::Ready);
        let unused = Health { registered: 2, healthy: 0, unused: 2 };
        assert_eq!(application(Some(old()), unused), Home::Ready, "nobody looks at them");
    }

    #[test]
    fn a_task_set_that_was_scaled_to_zero_by_hand_gets_back_what_it_had_and_is_waited_for() {
        let empty = TaskSet { scale: 0, desired: 0, running: 0, ..old() };
        assert_eq!(application(Some(empty), NONE_HEALTHY), Home::BringUp(old().id, 80, Seconds(3)));
        let coming = TaskSet { running: 0, pending: 2, ..old() };
        assert_eq!(application(Some(coming), Health::default()), Home::Wait(Seconds(3)));
        assert_eq!(application(Some(old()), NONE_HEALTHY), Home::Wait(Seconds(3)), "not healthy yet");
    }

    #[test]
    fn what_does_not_come_in_time_or_is_gone_is_lost() {
        let dead = TaskSet { running: 0, ..old() };
        let decide = |old, second| decide(2, old, NONE_HEALTHY, second);
        assert!(matches!(decide(Some(dead.clone()), 599), Home::Wait(Seconds(1))));
        assert_eq!(decide(Some(dead), 600), Home::Lost(Ailment::NotRunning { coming: false }));
        let empty = TaskSet { scale: 0, desired: 0, running: 0, ..old() };
        assert_eq!(decide(Some(empty), 600), Home::Lost(Ailment::ScaledToZero));
        assert_eq!(decide(None, 0), Home::Lost(Ailment::Deleted));
        assert_eq!(decide(Some(TaskSet { role: Role::Draining, ..old() }), 0), Home::Lost(Ailment::Deleted));
    }

    #[test]
    fn a_service_that_wants_no_tasks_has_none_to_wait_for() {
        let empty = TaskSet { desired: 0, running: 0, ..old() };
        assert_eq!(decide(0, Some(empty), Health::default(), 0), Home::Ready);
        let plan = a_service_plan("ECSAllAtOnce");
        let found = Found { live: None, health: HEALTHY, routes: &on_new() };
        assert_eq!(judge(plan.target.service().unwrap(), &a_service_deployment(), found, at(0)), Home::NoService);
    }

    #[test]
    fn what_is_lost_is_lost_once_no_write_is_on_its_way_and_left_where_a_person_said_so() {
        let plan = a_service_plan("ECSAllAtOnce");
        let service = plan.target.service().unwrap();
        let task_sets = vec![a_green_task_set()];
        let live =
            LiveService { controller: "EXTERNAL".to_owned(), active: true, desired: 2, task_sets, said: Vec::new() };
        let mut deployment = a_service_deployment();
        let judge = |deployment: &Deployment, routes: &Live, second| {
            let found = Found { live: Some(&live), health: NONE_HEALTHY, routes };
            judge(service, deployment, found, at(second))
        };
        deployment.lease = Some(Lease { step: Some(0), until: at(20), shared: false });
        assert_eq!(judge(&deployment, &on_new(), 10), Home::Wait(Seconds(11)));
        assert_eq!(judge(&deployment, &on_new(), 21), Home::Lost(Ailment::Deleted));
        deployment.progress.repaired = true;
        assert_eq!(judge(&deployment, &on_new(), 10), Home::Wait(Seconds(11)));
        assert_eq!(judge(&deployment, &on_new(), 21), Home::Leave(Routing::all_on(green())));
        assert_eq!(judge(&deployment, &Live::Gone { test: Vec::new() }, 21), Home::Lost(Ailment::Deleted));
    }

    #[test]
    fn a_person_is_told_what_is_wrong_and_what_to_do() {
        let plan = a_service_plan("ECSAllAtOnce");
        let lost = |blue, green| lost(plan.target.service().unwrap(), blue, green);
        let told = [lost(Ailment::Deleted, None), lost(Ailment::ScaledToZero, Some(Ailment::Unhealthy))];
        expect![[r#"
            The traffic of shop/web cannot go back to the old task set ecs-svc/1. It was deleted by somebody else. The new task set keeps the traffic it has: it is healthy, and nothing was removed. Send the traffic where it can be answered, then repair the deployment: that leaves it there.
            The traffic of shop/web cannot go back to the old task set ecs-svc/1. It was scaled to zero by somebody else. The new task set keeps the traffic it has, and is not well either (The load balancer finds none of its targets healthy.), and nothing was removed. See to it that the old one has healthy tasks, then repair the deployment."#]].assert_eq(&told.join("\n"));
    }

    #[test]
    fn waiting_for_tasks_is_no_more_looks_than_the_history_has_room_for() {
        let (mut elapsed, mut looks) = (Seconds::ZERO, 0);
        while elapsed < TASKS_COMING {
            elapsed = elapsed + next_look(elapsed);
            looks += 1;
        }
        assert!(looks < crate::budget::PATIENT_LOOKS, "{looks} looks");
        assert_eq!(elapsed, TASKS_COMING, "and the last one is on time");
    }
}
