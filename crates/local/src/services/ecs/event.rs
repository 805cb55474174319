//! What ECS says of task sets on the event bus.

use serde_json::{Value, json};

use super::task_set::{Happened, TaskSet};
use crate::arn::{ACCOUNT, REGION};
use crate::clock;

/// What ECS tells of something that happened to a task set or one of its tasks.
pub(super) fn bus_event(happened: Happened, set: &TaskSet) -> Value {
    let (kind, name) = match happened {
        Happened::TaskEnded | Happened::TaskDrained => {
            return task_stopped(&set.service_arn, &set.cluster_arn, &set.id);
        }
        Happened::BecameSteady => ("INFO", "TASKSET_STEADY_STATE"),
        Happened::KeepsDying => ("WARN", "SERVICE_TASK_START_IMPAIRED"),
    };
    event(kind, name, &set.service_arn, &set.cluster_arn, &set.arn)
}

/// An `ECS Task State Change` event about a task that has stopped.
fn task_stopped(service: &str, cluster: &str, task_set: &str) -> Value {
    let now = clock::now();
    let at = now.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    let name = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    let task = format!("arn:aws:ecs:{REGION}:{ACCOUNT}:task/{}/{}", name(cluster), clock::uuid().replace('-', ""));
    json!({
        "version": "0",
        "id": clock::uuid(),
        "detail-type": "ECS Task State Change",
        "source": "aws.ecs",
        "account": ACCOUNT,
        "time": clock::whole_seconds(now),
        "region": REGION,
        "resources": [task],
        "detail": {
            "clusterArn": cluster,
            "taskArn": task,
            "group": format!("service:{}", name(service)),
            "startedBy": task_set,
            "lastStatus": "STOPPED",
            "desiredStatus": "STOPPED",
            "stoppedAt": at,
        },
    })
}

fn event(kind: &str, name: &str, service: &str, cluster: &str, task_set: &str) -> Value {
    let now = clock::now();
    json!({
        "version": "0",
        "id": clock::uuid(),
        "detail-type": "ECS Service Action",
        "source": "aws.ecs",
        "account": ACCOUNT,
        "time": clock::whole_seconds(now),
        "region": REGION,
        "resources": [service],
        "detail": {
            "eventType": kind,
            "eventName": name,
            "clusterArn": cluster,
            "taskSetArns": [task_set],
            "createdAt": now.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::event;

    #[test]
    fn a_service_action_has_ecs_shape() {
        let event = event("INFO", "TASKSET_STEADY_STATE", "service", "cluster", "set");
        assert_eq!((event["source"].as_str(), event["resources"][0].as_str()), (Some("aws.ecs"), Some("service")));
        assert_eq!(event["detail-type"], "ECS Service Action");
        assert_eq!(event["detail"]["taskSetArns"][0], "set");
        let created = event["detail"]["createdAt"].as_str().unwrap();
        assert_eq!((created.len(), &created[created.len() - 1..]), (24, "Z"));
    }
}
