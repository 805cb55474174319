//! What clients see of a deployment.

use jiff::Timestamp;
use rollout::alarms::Readings;
use rollout::appspec::{Output, Resource, TargetAlias};
use rollout::deployment::{Deployment, Phase};
use rollout::ending::Traffic;
use rollout::journal::Line;
use rollout::plan::{Plan, Target};
use rollout::progress::WaitKind;
use rollout::request::Request;
use rollout::strategy::{Hold, OnTimeout, Platform};
use serde_json::{Map, Value, json};

use super::wire;
use crate::error::names;
use crate::ports::Loaded;

/// Epoch seconds with a fraction, as every timestamp of the API.
pub(super) fn epoch(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1_000.0
}

/// A plan.
pub(super) fn plan(plan: &Plan) -> Value {
    let steps: Vec<Value> = plan
        .steps
        .iter()
        .map(|step| {
            let on_timeout = match step.hold {
                Hold::For(_) => None,
                Hold::UntilContinued { on_timeout: OnTimeout::Stop, .. } => Some("Stop"),
                Hold::UntilContinued { on_timeout: OnTimeout::Continue, .. } => Some("Continue"),
            };
            json!({
                "weight": step.weight,
                "holdSeconds": step.hold_seconds(),
                "awaitContinue": step.is_pause(),
                "onTimeout": on_timeout,
            })
        })
        .collect();
    let hooks: Vec<Value> = plan
        .hooks
        .iter()
        .map(|(event, hook)| {
            json!({
                "event": event,
                "function": hook.function,
                "timeoutSeconds": hook.timeout,
                "parameters": hook.parameters,
                "keepOutput": hook.output == Output::Kept,
            })
        })
        .collect();
    let mut shown = target(plan);
    let more = json!({
        "strategy": plan.strategy,
        "strategyFrom": plan.origin,
        "overruled": plan.overruled,
        "startWeight": plan.start.weight_of(&plan.to),
        "steps": steps,
        "hooks": hooks,
        "alarms": plan.alarms.names,
        "rollbackOn": plan.rollback.events().map(|event| event.to_string()).collect::<Vec<_>>(),
        "pollSeconds": plan.poll,
        "totalSeconds": plan.total().seconds(),
    });
    shown.extend(more.as_object().cloned().unwrap_or_default());
    Value::Object(shown)
}

/// What moves, from where to where, in the words of its platform.
fn target(plan: &Plan) -> Map<String, Value> {
    let shown = match &plan.target {
        Target::LambdaAlias { function, alias } => json!({
            "computePlatform": Platform::Lambda,
            "target": plan.target.to_string(),
            "function": function,
            "alias": alias,
            "from": plan.from,
            "to": plan.to,
        }),
        Target::EcsService(service) => json!({
            "computePlatform": Platform::Ecs,
            "target": format!("{}/{}", service.cluster, service.service),
            "cluster": service.cluster,
            "service": service.service,
            "from": service.blue_definition.short(),
            "to": service.green.task_definition.short(),
            "blue": {"taskSet": service.blue, "targetGroup": service.blue_group.name()},
            "green": {"targetGroup": service.green_group.name()},
            "readySeconds": service.waits.ready.as_ref().map(|ready| ready.timeout),
            "terminationSeconds": service.waits.termination,
        }),
    };
    shown.as_object().cloned().unwrap_or_default()
}

/// What is to move and to what, as a request says it: from where is known once there is a plan.
fn asked(request: &Request) -> Option<Map<String, Value>> {
    let shown = match &request.appspec.resource {
        Resource::Alias(TargetAlias { function, alias, target, .. }) => json!({
            "computePlatform": Platform::Lambda,
            "target": Target::LambdaAlias { function: function.clone(), alias: alias.clone() }.to_string(),
            "function": function,
            "alias": alias,
            "to": target,
        }),
        Resource::Service(wanted) => {
            let place = request.place.as_ref()?;
            json!({
                "computePlatform": Platform::Ecs,
                "target": format!("{}/{}", place.cluster, place.service),
                "cluster": place.cluster,
                "service": place.service,
                "to": wanted.task_definition.short(),
            })
        }
    };
    shown.as_object().cloned()
}

/// One row of a listing; of a deployment without a plan, with what was asked for.
pub(super) fn summary(loaded: &Loaded, wanted: Option<&Request>) -> Value {
    let Deployment { id, phase, created, .. } = &loaded.deployment;
    let planned = loaded.plan.as_ref().map(target);
    let mut shown = planned.or_else(|| wanted.and_then(asked)).unwrap_or_default();
    let more = json!({
        "deploymentId": id,
        "status": wire::status(loaded).as_str(),
        "outcome": phase.outcome().map(|outcome| outcome.as_str()),
        "createTime": epoch(*created),
        "errorCode": error_code(phase),
    });
    shown.extend(more.as_object().cloned().unwrap_or_default());
    Value::Object(shown)
}

fn error_code(phase: &Phase) -> Option<&'static str> {
    match phase {
        Phase::Unresolved { .. } => Some(names::UNRESOLVED),
        phase => phase.why().map(|why| why.code.as_str()),
    }
}

/// Everything known about one deployment.
pub(super) fn description(loaded: &Loaded, journal: &[Line], readings: Option<&Readings>) -> Value {
    let Deployment { id, labels, phase, created, started, completed, events, progress, .. } = &loaded.deployment;
    let live = loaded.plan.as_ref();
    let running = !phase.is_final();
    let step = progress.at.as_ref().map_or(0, |position| position.step + 1);
    let events: Vec<Value> = events
        .events()
        .iter()
        .map(|record| {
            json!({
                "name": record.event,
                "status": record.status.as_str(),
                "startTime": record.started.map(epoch),
                "endTime": record.ended.map(epoch),
                "message": record.diagnostics.as_ref().map(|said| &said.message),
                "logTail": record.diagnostics.as_ref().map(|said| &said.log_tail).filter(|tail| !tail.is_empty()),
            })
        })
        .collect();
    let alarms: Vec<Value> = live
        .iter()
        .flat_map(|plan| &plan.alarms.names)
        .map(|name| {
            let state = readings.and_then(|readings| readings.state(name));
            json!({"name": name, "state": state.map_or("UNKNOWN".to_owned(), |state| state.to_string())})
        })
        .collect();
    json!({
        "deploymentId": id,
        "status": wire::status(loaded).as_str(),
        "outcome": phase.outcome().map(|outcome| outcome.as_str()),
        "phase": phase.name(),
        "description": labels.description,
        "startedBy": loaded.deployment.started_by,
        "execution": loaded.deployment.depends_on(),
        "applicationName": labels.application,
        "deploymentGroupName": labels.group,
        "createTime": epoch(*created),
        "startTime": started.map(epoch),
        "completeTime": completed.map(epoch),
        "plan": live.map(plan),
        "progress": {
            "weight": live.map(|plan| loaded.deployment.weight(plan)),
            "step": step,
            "of": live.map_or(0, |plan| plan.steps.len()),
            "since": progress.at.as_ref().map(|position| epoch(position.since)),
            "nextAt": live.filter(|_| running).and_then(|plan| progress.next_at(plan)).map(epoch),
            "awaitingContinue": running && live.is_some_and(|plan| progress.awaits_continue(plan)),
            "awaitingTermination": running && progress.waits_for(WaitKind::Termination),
        },
        "events": events,
        "alarms": alarms,
        "error": error(&loaded.deployment),
        "leftover": leftover(phase),
        "journal": journal
            .iter()
            .map(|line| json!({"at": epoch(line.at), "text": line.entry.to_string()}))
            .collect::<Vec<_>>(),
    })
}

fn error(deployment: &Deployment) -> Option<Value> {
    let why = deployment.phase.why()?;
    Some(match deployment.unresolved() {
        Some(unresolved) => json!({
            "code": names::UNRESOLVED,
            "message": format!("{unresolved} after this: {}", why.message),
        }),
        None => json!({"code": why.code, "message": why.message}),
    })
}

fn leftover(phase: &Phase) -> Option<Value> {
    let (Phase::Settled { traffic, .. } | Phase::Ended { traffic, .. }) = phase else { return None };
    match traffic {
        Traffic::Left(routing) | Traffic::Foreign(Some(routing)) => Some(json!({
            "version": routing.primary,
            "additionalVersion": routing.additional.as_ref().map(|additional| &additional.backend),
            "additionalWeight": routing.additional.as_ref().map(|additional| additional.share.weight()),
        })),
        Traffic::Untouched | Traffic::Restored(_) | Traffic::Foreign(None) => None,
    }
}
