//! The two task sets of a deployment to ECS, as clients see them (docs/codedeploy-contract.md 5.3: weights are percents here).

use codedeploy::shapes::{EcsTaskSet, TargetGroupInfo};
use rollout::ids::{TargetGroupArn, TaskSetId};
use rollout::plan::Plan;
use rollout::service::Service;
use rollout::service::live::{LiveService, TaskSet};

use crate::ports::Loaded;

/// Blue and, once it was made, green. Counts are those of `live`; a task set that is gone has none.
pub(super) fn info(loaded: &Loaded, plan: &Plan, service: &Service, live: Option<&LiveService>) -> Vec<EcsTaskSet> {
    let to = loaded.deployment.weight(plan).map_or(0.0, |weight| f64::from(weight.percent()));
    // A rollback goes to blue, where its plan says so: what it moves away from is the failed revision.
    let weight = if plan.shift().to.target_group() == Some(&service.blue_group) { 100.0 - to } else { to };
    let blue = live.and_then(|live| live.get(&service.blue));
    let green = live.and_then(|live| live.made_by(loaded.deployment.id.as_str()));
    let mut sets = vec![shown("Blue", Some(&service.blue), blue, &service.blue_group, 100.0 - weight)];
    if green.is_some() || loaded.deployment.progress.created.is_some() {
        sets.push(shown("Green", green.map(|green| &green.id), green, &service.green_group, weight));
    }
    sets
}

fn shown(
    label: &str,
    id: Option<&TaskSetId>,
    live: Option<&TaskSet>,
    group: &TargetGroupArn,
    weight: f64,
) -> EcsTaskSet {
    let count = |count: fn(&TaskSet) -> u32| Some(live.map_or(0, |set| i64::from(count(set))));
    EcsTaskSet {
        identifer: id.map(ToString::to_string),
        desired_count: count(|set| set.desired),
        pending_count: count(|set| set.pending),
        running_count: count(|set| set.running),
        status: live.map(|set| set.role.as_str().to_owned()),
        traffic_weight: Some(weight),
        target_group: Some(TargetGroupInfo { name: Some(group.name().to_owned()) }),
        task_set_label: Some(label.to_owned()),
    }
}
