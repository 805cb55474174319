//! What happens from outside while a deployment runs.

use std::future::Future;

use jiff::SignedDuration;
use rollout::alarms::AlarmState;
use rollout::facts::{VersionFacts, VersionState};
use rollout::ids::DeploymentId;
use rollout::routing::Routing;
use serde_json::{Value, json};
use steps::facts::Home;
use steps::ports::Clock as _;

use crate::ports::alarms::WHY_IN_ALARM;
use crate::simulation::Simulation;

pub use crate::simulation::Event;

fn event<F: Future<Output = ()> + 'static>(happen: impl FnOnce(Simulation) -> F + 'static) -> Event {
    Box::new(move |simulation| Box::pin(happen(simulation)))
}

/// Something happens in an instant.
pub fn instant(happen: impl FnOnce(&Simulation) + 'static) -> Event {
    event(async move |simulation| happen(&simulation))
}

/// A call of the API, whatever it answers.
pub fn api(target: &str, body: Value) -> Event {
    let target = target.to_owned();
    event(async move |simulation| drop(simulation.ask(&target, body).await))
}

/// An alarm goes to ALARM, and CloudWatch tells.
pub fn alarm(name: &str) -> Event {
    let name = name.to_owned();
    event(async move |simulation| {
        simulation.world().alarm(&name, AlarmState::Alarm);
        simulation.world().note(format!("alarm {name} goes to ALARM"));
        deliver_change(&simulation, &name, "ALARM", SignedDuration::ZERO, &simulation.settings().home).await;
    })
}

/// CloudWatch tells that an alarm's state changed a while ago, there. The alarm is as it is by now.
pub fn alarm_change(name: &str, state: &str, ago: SignedDuration, home: Home) -> Event {
    let (name, state) = (name.to_owned(), state.to_owned());
    event(async move |simulation| deliver_change(&simulation, &name, &state, ago, &home).await)
}

async fn deliver_change(simulation: &Simulation, name: &str, state: &str, ago: SignedDuration, home: &Home) {
    let since = simulation.world().clock.now() - ago;
    // As CloudWatch writes it.
    let since = since.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string();
    let told = json!({
        "source": "aws.cloudwatch", "account": home.account, "region": home.region,
        "detail": {"alarmName": name, "state": {"value": state, "reason": WHY_IN_ALARM, "timestamp": since}},
    });
    simulation.deliver("on_alarm", told).await;
}

/// An alarm goes to ALARM, and nobody is told: only a look at it finds out.
pub fn silent_alarm(name: &str) -> Event {
    let name = name.to_owned();
    instant(move |simulation| {
        simulation.world().alarm(&name, AlarmState::Alarm);
        simulation.world().note(format!("alarm {name} goes to ALARM, silently"));
    })
}

/// A user stops a deployment; `rollback` is `autoRollbackEnabled`.
pub fn stop(id: &DeploymentId, rollback: Option<bool>) -> Event {
    api("CodeDeploy_20141006.StopDeployment", json!({"deploymentId": id, "autoRollbackEnabled": rollback}))
}

/// A person continues a deployment.
pub fn resume(id: &DeploymentId) -> Event {
    api("CodeDeploy_20141006.ContinueDeployment", json!({"deploymentId": id}))
}

/// A person takes the next step before its time.
pub fn skip_hold(id: &DeploymentId) -> Event {
    api("CodeDeploy_20141006.ContinueDeployment", json!({"deploymentId": id, "skipHold": true}))
}

/// Every hook that was called answers by callback, once for every call.
pub fn hook_status(id: &DeploymentId, status: &str) -> Event {
    let (id, status) = (id.clone(), status.to_owned());
    event(async move |simulation| {
        for (_, payload) in simulation.world().hook_calls() {
            let run = &payload["LifecycleEventHookExecutionId"];
            let body = json!({"deploymentId": id, "lifecycleEventHookExecutionId": run, "status": status});
            simulation.ask("CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus", body).await;
        }
    })
}

/// Somebody who may read the table ends the wait for the hook that was called last, past us.
pub fn wait_ended(output: Value) -> Event {
    instant(move |simulation| {
        let mut state = simulation.world().state();
        let token = state.table.runs.values().next_back().map(|run| run.token.clone());
        if let Some(token) = token {
            state.waits.end(&token, Ok(output));
        }
    })
}

/// Somebody gives a version of `storefront` provisioned concurrency.
pub fn provisioned(version: &'static str, requested: u32) -> Event {
    instant(move |simulation| {
        simulation
            .world()
            .note(format!("somebody gives version {version} {requested} provisioned concurrent executions"));
        simulation.world().provision("storefront", version, requested);
    })
}

/// Somebody points `storefront:live` elsewhere.
pub fn pointed(to: Routing) -> Event {
    instant(move |simulation| {
        simulation.world().note(format!("somebody points storefront:live at {to}"));
        simulation.world().point("storefront", "live", to);
    })
}

/// Lambda puts version 2 of `storefront` into another state.
pub fn version_is(state: VersionState) -> Event {
    instant(move |simulation| {
        simulation.world().note(format!("version 2 of storefront is {state:?}"));
        let facts = VersionFacts::Published { state, role: "role".to_owned(), dead_letter: None };
        simulation.world().version("storefront", 2, facts);
    })
}

/// Somebody points `storefront:live` at `$LATEST`.
pub fn pointed_at_latest() -> Event {
    instant(|simulation| {
        simulation.world().note("somebody points storefront:live at $LATEST");
        simulation.world().point_at_latest("storefront", "live");
    })
}

/// Somebody deletes `storefront:live`.
pub fn alias_deleted() -> Event {
    instant(|simulation| {
        simulation.world().note("somebody deletes storefront:live");
        simulation.world().delete_alias("storefront", "live");
    })
}

/// EventBridge tells what ECS said of the service `web`: `TASKSET_STEADY_STATE` and the like.
pub fn service(name: &str) -> Event {
    let name = name.to_owned();
    event(async move |simulation| {
        simulation.world().note(format!("ECS tells of {name}"));
        let arn = |what: &str| format!("arn:aws:ecs:eu-central-1:123456789012:{what}");
        let detail = json!({"eventName": name, "clusterArn": arn("cluster/shop")});
        let told = json!({"resources": [arn("service/shop/web")], "detail": detail});
        simulation.deliver("on_service", told).await;
    })
}

/// ECS tells that the task sets of the service `web` are steady.
pub fn steady() -> Event {
    service("TASKSET_STEADY_STATE")
}

/// Somebody has a place of a listener forward elsewhere.
pub fn forwarded(place: &'static str, to: &'static [(&'static str, u32)]) -> Event {
    instant(move |simulation| {
        let parts: Vec<String> = to.iter().map(|(name, weight)| format!("{name} {weight}")).collect();
        simulation.world().note(format!("somebody has {place} forward to {}", parts.join(", ")));
        simulation.world().forward(place, to);
    })
}

/// Somebody deletes a rule.
pub fn rule_deleted(name: &'static str) -> Event {
    instant(move |simulation| {
        simulation.world().note(format!("somebody deletes the rule {name}"));
        simulation.world().delete_rule(name);
    })
}

/// Somebody deletes a target group, and takes it off the listeners before that.
pub fn group_deleted(name: &'static str) -> Event {
    instant(move |simulation| {
        simulation.world().note(format!("somebody deletes the target group {name}"));
        simulation.world().delete_group(name);
    })
}

/// Somebody deletes the service `web`.
pub fn service_deleted() -> Event {
    instant(|simulation| {
        simulation.world().note("somebody deletes the service web");
        simulation.world().delete_service();
    })
}

/// The tasks behind a target group die, not to come back.
pub fn tasks_die(behind: &'static str) -> Event {
    instant(move |simulation| {
        simulation.world().note(format!("the tasks behind {behind} die"));
        simulation.world().kill_tasks(behind);
    })
}

/// The schedule calls the sweep.
pub fn sweep() -> Event {
    event(async move |simulation| simulation.deliver("sweep", json!({})).await)
}

/// Somebody deletes the tokens of what waits for a deployment.
pub fn tokens_deleted(id: &DeploymentId) -> Event {
    let id = id.clone();
    instant(move |simulation| {
        simulation.world().note(format!("somebody deletes the tokens of {id}"));
        simulation.world().delete_tokens(&id);
    })
}

/// The tasks behind a target group die, not to come back, and ECS tells of it.
pub fn tasks_die_aloud(behind: &'static str) -> Event {
    event(async move |simulation| {
        simulation.world().note(format!("the tasks behind {behind} die, and ECS tells"));
        simulation.world().kill_tasks(behind);
        task_stopped(&simulation).await;
    })
}

async fn task_stopped(simulation: &Simulation) {
    let detail = json!({
        "clusterArn": "arn:aws:ecs:eu-central-1:123456789012:cluster/shop",
        "group": "service:web",
        "lastStatus": "STOPPED",
    });
    let task = "arn:aws:ecs:eu-central-1:123456789012:task/shop/0123456789abcdef0123456789abcdef";
    simulation.deliver("on_service", json!({"resources": [task], "detail": detail})).await;
}

/// Somebody scales the task set behind a target group to zero, and ECS tells of the tasks that stop.
pub fn scaled_to_zero_aloud(behind: &'static str) -> Event {
    event(async move |simulation| {
        simulation.world().note(format!("somebody scales the task set behind {behind} to zero, and ECS tells"));
        simulation.world().scale_to_zero_by_hand(behind);
        task_stopped(&simulation).await;
    })
}

/// Somebody scales the task set behind a target group to zero.
pub fn scaled_to_zero(behind: &'static str) -> Event {
    instant(move |simulation| {
        simulation.world().note(format!("somebody scales the task set behind {behind} to zero"));
        simulation.world().scale_to_zero_by_hand(behind);
    })
}

/// Somebody deletes the task set behind a target group, unless it is the primary one.
pub fn set_deleted(behind: &'static str) -> Event {
    instant(move |simulation| {
        simulation.world().note(format!("somebody deletes the task set behind {behind}"));
        simulation.world().delete_set_by_hand(behind);
    })
}

/// Somebody wants another number of tasks of the service.
pub fn tasks_wanted(desired: u32) -> Event {
    instant(move |simulation| {
        simulation.world().note(format!("somebody wants {desired} tasks of the service"));
        simulation.world().want_tasks(desired);
    })
}

/// Somebody aborts an execution.
pub fn aborted(name: &str) -> Event {
    let name = name.to_owned();
    event(async move |simulation| simulation.abort(&name).await)
}
