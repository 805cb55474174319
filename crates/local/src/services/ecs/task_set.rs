//! A task set: how many tasks it wants, which it has, and whether it is steady.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::task::{Launcher, Phase, Recipe, State, Task};
use crate::arn::{ACCOUNT, REGION};
use crate::clock;
use crate::services::elb::{Group, Health, Target};

/// However many tasks it wants, so many processes run.
const PROCESSES: u32 = 2;
/// How long a task is drained; minutes on AWS.
const DRAIN: Duration = Duration::from_secs(1);
/// Tasks that have ended so often between them keep dying.
const IMPAIRED_AFTER: u32 = 3;

/// A task set.
#[derive(Debug)]
pub(super) struct TaskSet {
    /// `ecs-svc/<digits>`.
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) service_arn: String,
    pub(super) cluster_arn: String,
    /// The task definition's ARN.
    pub(super) definition: String,
    /// The request that made it.
    pub(super) asked: Value,
    pub(super) recipe: Arc<Recipe>,
    pub(super) primary: bool,
    /// In per cent.
    pub(super) scale: f64,
    pub(super) created: f64,
    pub(super) updated: f64,
    /// Since when it is being deleted.
    pub(super) deleted: Option<Instant>,
    pub(super) steady: bool,
    pub(super) steady_at: f64,
    pub(super) tasks: Vec<Task>,
    /// Tasks that are drained, since when.
    pub(super) leaving: Vec<(Instant, Task)>,
    pub(super) impaired: bool,
    /// How many tasks ended by themselves, as far as it was told of.
    pub(super) ends: u32,
    /// How many drained tasks are gone that nobody was told of yet.
    pub(super) drained: usize,
}

/// What happened to a task set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happened {
    BecameSteady,
    KeepsDying,
    /// A task of it ended by itself.
    TaskEnded,
    /// A task of it ended because it was no longer wanted.
    TaskDrained,
}

impl TaskSet {
    /// One without tasks yet, of a service and its cluster; `asked` is the request that makes it, `scale` is in per cent.
    pub(super) fn new(
        service_arn: &str,
        cluster_arn: &str,
        definition: &str,
        asked: Value,
        recipe: Recipe,
        scale: f64,
    ) -> Self {
        let now = clock::now_seconds();
        let id = format!("ecs-svc/{}", fastrand::u64(1_000_000_000_000_000_000..10_000_000_000_000_000_000));
        let path = service_arn.split_once(":service/").map_or("", |(_, path)| path);
        Self {
            arn: format!("arn:aws:ecs:{REGION}:{ACCOUNT}:task-set/{path}/{id}"),
            id,
            service_arn: service_arn.to_owned(),
            cluster_arn: cluster_arn.to_owned(),
            definition: definition.to_owned(),
            asked,
            recipe: Arc::new(recipe),
            primary: false,
            scale,
            created: now,
            updated: now,
            deleted: None,
            steady: false,
            steady_at: now,
            tasks: Vec::new(),
            leaving: Vec::new(),
            impaired: false,
            ends: 0,
            drained: 0,
        }
    }

    /// The tasks behind `group`, where that is this one's.
    pub(super) fn targets(&self, group: &str) -> Vec<Target> {
        let balancers = self.asked["loadBalancers"].as_array().into_iter().flatten();
        let mut ports = balancers.filter(|balancer| balancer["targetGroupArn"] == group);
        let Some(port) = ports.next().and_then(|balancer| balancer["containerPort"].as_u64()) else {
            return Vec::new();
        };
        let target = |task: &Task, leaving: bool| {
            let State { port: local_port, health, .. } = task.state();
            let health = if leaving { Health::Draining } else { health };
            Target { ip: task.ip.clone(), port: u16::try_from(port).unwrap_or_default(), local_port, health }
        };
        let here = self.tasks.iter().map(|task| target(task, false));
        here.chain(self.leaving.iter().map(|(_, task)| target(task, true))).collect()
    }

    pub(super) fn tags(&self) -> Value {
        self.asked.get("tags").cloned().unwrap_or_else(|| json!([]))
    }

    /// Whether `named` is this one: by ARN, by id, or by the id's digits.
    pub(super) fn is(&self, named: &str) -> bool {
        self.arn == named || self.id == named || self.id.strip_prefix("ecs-svc/") == Some(named)
    }

    /// The tasks it wants.
    pub(super) fn wanted(&self, desired: u32) -> u32 {
        if self.deleted.is_some() { 0 } else { computed(desired, self.scale) }
    }

    /// Starts tasks that are missing, drains those too many, and ends those that are drained.
    pub(super) fn adjust(&mut self, desired: u32, launcher: &Arc<Launcher>) {
        let wanted = self.wanted(desired).min(PROCESSES) as usize;
        let now = Instant::now();
        while self.tasks.len() > wanted {
            self.leaving.extend(self.tasks.pop().map(|task| (now, task)));
        }
        while self.tasks.len() < wanted {
            self.tasks.push(launcher.start(&self.recipe));
        }
        let before = self.leaving.len();
        self.leaving.retain(|(since, _)| since.elapsed() < DRAIN);
        self.drained += before - self.leaving.len();
    }

    /// Whether it is deleted and drained.
    pub(super) fn is_gone(&self) -> bool {
        self.deleted.is_some() && self.tasks.is_empty() && self.leaving.is_empty()
    }

    /// Looks at the tasks.
    pub(super) fn observe<S: BuildHasher>(
        &mut self,
        desired: u32,
        groups: &HashMap<String, Group, S>,
    ) -> Vec<Happened> {
        let states = self.tasks.iter().map(Task::state).collect::<Vec<_>>();
        let balancers = self.asked["loadBalancers"].as_array().into_iter().flatten();
        let arns = balancers.filter_map(|balancer| balancer["targetGroupArn"].as_str());
        let behind = arns.map(|arn| groups.get(arn)).collect::<Option<Vec<_>>>();
        let steady = behind.is_some_and(|behind| {
            // Nobody looks at the targets of a group that is on no listener.
            let checked = behind.iter().all(|group| group.in_use);
            let (running, pending) = self.counts(desired);
            is_steady(self.wanted(desired), running, pending, &states, checked)
        });
        let mut happened = Vec::new();
        if steady != self.steady {
            self.steady = steady;
            self.steady_at = clock::now_seconds();
            if steady && self.deleted.is_none() {
                happened.push(Happened::BecameSteady);
            }
        }
        let ends = states.iter().map(|state| state.ends).sum::<u32>();
        let ended = usize::try_from(ends.saturating_sub(self.ends)).unwrap_or_default();
        happened.extend(std::iter::repeat_n(Happened::TaskEnded, ended));
        happened.extend(std::iter::repeat_n(Happened::TaskDrained, self.drained));
        (self.ends, self.drained) = (ends, 0);
        if !self.impaired && ends >= IMPAIRED_AFTER {
            self.impaired = true;
            happened.push(Happened::KeepsDying);
        }
        happened
    }

    /// Running and pending tasks.
    pub(super) fn counts(&self, desired: u32) -> (u32, u32) {
        let phases = self.tasks.iter().map(|task| task.state().phase).collect::<Vec<_>>();
        let (running, pending) = counts(self.wanted(desired), &phases);
        let leaving = self.leaving.iter().filter(|(_, task)| task.state().phase == Phase::Running).count();
        (running + u32::try_from(leaving).unwrap_or_default(), pending)
    }

    /// Whether as many of its tasks run as it wants, this very moment: what it was found to be at the last look may be over.
    pub(super) fn is_whole(&self, desired: u32) -> bool {
        self.counts(desired) == (self.wanted(desired), 0)
    }

    /// As the API describes it.
    pub(super) fn describe(&self, desired: u32) -> Value {
        let (running, pending) = self.counts(desired);
        let steady = self.steady && self.is_whole(desired);
        let status = match (self.deleted.is_some(), self.primary) {
            (true, _) => "DRAINING",
            (false, true) => "PRIMARY",
            (false, false) => "ACTIVE",
        };
        let fargate = self.asked["launchType"] == "FARGATE";
        let platform = self.asked["platformVersion"].as_str().or(fargate.then_some("LATEST"));
        let list = |member: &str| self.asked.get(member).cloned().unwrap_or_else(|| json!([]));
        let described = json!({
            "id": self.id,
            "taskSetArn": self.arn,
            "serviceArn": self.service_arn,
            "clusterArn": self.cluster_arn,
            "externalId": self.asked["externalId"],
            "status": status,
            "taskDefinition": self.definition,
            "computedDesiredCount": self.wanted(desired),
            "pendingCount": pending,
            "runningCount": running,
            "createdAt": self.created,
            "updatedAt": self.updated,
            "launchType": self.asked["launchType"],
            "capacityProviderStrategy": self.asked["capacityProviderStrategy"],
            "platformVersion": platform,
            "networkConfiguration": self.asked["networkConfiguration"],
            "loadBalancers": list("loadBalancers"),
            "serviceRegistries": list("serviceRegistries"),
            "scale": { "value": self.scale, "unit": "PERCENT" },
            "stabilityStatus": if steady { "STEADY_STATE" } else { "STABILIZING" },
            "stabilityStatusAt": self.steady_at,
        });
        let Value::Object(members) = described else { return described };
        // A member that was not given is left out, not null.
        Value::Object(members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
    }
}

/// The tasks a scale means: always rounded up (docs/codedeploy-contract.md 12.2).
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of tasks are small and not negative"
)]
pub(super) fn computed(desired: u32, scale: f64) -> u32 {
    // Multiplied first: 7 % of 100 are 7 tasks, and 0.07 × 100 is a hair more.
    (f64::from(desired) * scale / 100.0).ceil() as u32
}

/// Running and pending tasks out of those wanted. There may be fewer processes; once all of them run, all tasks do.
fn counts(wanted: u32, phases: &[Phase]) -> (u32, u32) {
    let in_phase = |phase: Phase| phases.iter().filter(|one| **one == phase).count();
    let running = in_phase(Phase::Running);
    if running == phases.len() && !phases.is_empty() {
        return (wanted, 0);
    }
    let running = u32::try_from(running).unwrap_or_default();
    let pending = if in_phase(Phase::Pending) > 0 { wanted.saturating_sub(running) } else { 0 };
    (running, pending)
}

/// Steady is: as many as wanted run, none is pending, and all are healthy where they are checked (docs/codedeploy-contract.md 12.2).
fn is_steady(wanted: u32, running: u32, pending: u32, states: &[State], checked: bool) -> bool {
    let healthy = !checked || states.iter().all(|state| state.health == Health::Healthy);
    running == wanted && pending == 0 && healthy
}

#[cfg(test)]
mod tests {
    use super::{computed, counts, is_steady};
    use crate::services::ecs::task::{Phase, State};
    use crate::services::elb::Health;

    fn state(phase: Phase, health: Health) -> State {
        State { phase, port: None, health, ends: 0 }
    }

    #[test]
    fn the_computed_count_is_rounded_up() {
        let counted =
            [(2, 100.0, 2), (2, 50.0, 1), (3, 50.0, 2), (2, 1.0, 1), (2, 0.0, 0), (0, 100.0, 0), (100, 7.0, 7)];
        for (desired, scale, tasks) in counted {
            assert_eq!(computed(desired, scale), tasks, "{scale} % of {desired}");
        }
    }

    #[test]
    fn all_wanted_tasks_run_once_all_processes_do() {
        use Phase::{Gone, Pending, Running};
        assert_eq!(counts(10, &[Running, Running]), (10, 0));
        assert_eq!(counts(10, &[Running, Pending]), (1, 9));
        assert_eq!(counts(2, &[Pending, Pending]), (0, 2));
        assert_eq!(counts(2, &[Gone, Gone]), (0, 0));
        assert_eq!(counts(0, &[]), (0, 0));
    }

    #[test]
    fn a_task_set_is_steady_when_all_its_tasks_run_and_are_healthy() {
        let healthy = state(Phase::Running, Health::Healthy);
        let young = state(Phase::Running, Health::Initial);
        assert!(is_steady(2, 2, 0, &[healthy, healthy], true));
        assert!(!is_steady(2, 2, 0, &[healthy, young], true));
        assert!(!is_steady(2, 1, 1, &[healthy, healthy], true));
        assert!(!is_steady(0, 2, 0, &[], true), "its last tasks are still drained");
        assert!(is_steady(0, 0, 0, &[], true));
    }

    #[test]
    fn a_task_set_behind_a_group_that_is_on_no_listener_is_steady_once_its_tasks_run() {
        let young = state(Phase::Running, Health::Initial);
        assert!(is_steady(2, 2, 0, &[young, young], false));
        assert!(!is_steady(2, 1, 1, &[young, young], false));
    }
}
