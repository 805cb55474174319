//! What the state machine learns of a plan.

use std::collections::BTreeMap;

use rollout::hold::WaitKind;
use rollout::ids::DeploymentId;
use rollout::plan::Plan;
use serde::Serialize;

/// What the state machine decides on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "work", rename_all_fields = "camelCase")]
pub enum Output {
    /// There is nothing to do.
    Nothing(Planned),
    /// Traffic is moved.
    Rollout(Planned),
    /// Its turn has not come: it looks again when it is called, or after this time.
    Queue {
        /// The deployment.
        deployment_id: DeploymentId,
        /// For so long at most.
        seconds: u64,
    },
}

/// What the plan of a deployment has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Planned {
    deployment_id: DeploymentId,
    /// By lifecycle event, such as `beforeAllowTraffic`.
    #[serde(flatten)]
    hooks: BTreeMap<String, HookWait>,
    test_traffic: bool,
    ready: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct HookWait {
    run: bool,
    timeout_seconds: u64,
}

/// What a plan has the state machine do.
pub(super) fn output(id: &DeploymentId, plan: &Plan) -> Output {
    let events = plan.target.platform().row().events.iter().filter(|event| event.is_hook());
    let hooks = events.map(|event| {
        let hook = plan.hook(*event);
        let wait = HookWait { run: hook.is_some(), timeout_seconds: hook.map_or(0, |hook| hook.timeout.0) };
        (camel(event.as_str()), wait)
    });
    let planned = Planned {
        deployment_id: id.clone(),
        hooks: hooks.collect(),
        test_traffic: plan.target.service().is_some_and(|service| service.test.is_some()),
        ready: plan.wait(WaitKind::Ready).is_some(),
    };
    if plan.is_empty() { Output::Nothing(planned) } else { Output::Rollout(planned) }
}

/// `BeforeAllowTraffic` as a member of the state machine's data: `beforeAllowTraffic`.
fn camel(event: &str) -> String {
    let mut letters = event.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}
