//! What ECS remembers of a service: its events, and its tasks that have stopped.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::task_set::{Happened, TaskSet};
use crate::arn::{ACCOUNT, REGION};
use crate::clock;

/// So many of each are remembered: an hour's worth on AWS.
const KEPT: usize = 50;

/// Newest first.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    events: VecDeque<Value>,
    tasks: VecDeque<Value>,
}

impl Remembered {
    /// Takes note of something that happened to a task set.
    pub(super) fn keep(&mut self, happened: Happened, set: &TaskSet) {
        let service = set.service_arn.rsplit('/').next().unwrap_or_default();
        match happened {
            Happened::BecameSteady => {
                self.event(&format!("(service {service}, taskSet {}) has reached a steady state.", set.id));
            }
            Happened::KeepsDying => self.event(&format!(
                "(service {service}, taskSet {}) is unable to consistently start tasks successfully.",
                set.id
            )),
            Happened::TaskEnded => self.task(set, "EssentialContainerExited", "Essential container in task exited", 1),
            Happened::TaskDrained => {
                let why = format!("Scaling activity initiated by (taskSet {})", set.id);
                self.task(set, "ServiceSchedulerInitiated", &why, 0);
            }
        }
    }

    fn event(&mut self, message: &str) {
        self.events.push_front(json!({"id": clock::uuid(), "createdAt": clock::now_seconds(), "message": message}));
        self.events.truncate(KEPT);
    }

    fn task(&mut self, set: &TaskSet, code: &str, why: &str, exit_code: u8) {
        let cluster = set.cluster_arn.rsplit('/').next().unwrap_or_default();
        let arn = format!("arn:aws:ecs:{REGION}:{ACCOUNT}:task/{cluster}/{}", clock::uuid().replace('-', ""));
        let balancers = set.asked["loadBalancers"].as_array().into_iter().flatten();
        let containers = balancers.map(|balancer| json!({"name": balancer["containerName"], "exitCode": exit_code}));
        self.tasks.push_front(json!({
            "taskArn": arn,
            "clusterArn": set.cluster_arn,
            "taskDefinitionArn": set.definition,
            "startedBy": set.id,
            "desiredStatus": "STOPPED",
            "lastStatus": "STOPPED",
            "stopCode": code,
            "stoppedReason": why,
            "stoppedAt": clock::now_seconds(),
            "containers": containers.collect::<Vec<_>>(),
        }));
        self.tasks.truncate(KEPT);
    }

    /// As DescribeServices shows them.
    pub(super) fn events(&self) -> Vec<Value> {
        self.events.iter().cloned().collect()
    }

    /// The ARNs of the tasks that have stopped.
    pub(super) fn stopped(&self) -> Vec<String> {
        self.tasks.iter().filter_map(|task| task["taskArn"].as_str().map(str::to_owned)).collect()
    }

    /// One of them, as DescribeTasks shows it.
    pub(super) fn described(&self, arn: &str) -> Option<&Value> {
        self.tasks.iter().find(|task| task["taskArn"] == arn)
    }
}
