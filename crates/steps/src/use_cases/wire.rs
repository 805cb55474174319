//! A deployment and its target in CodeDeploy's own shapes (docs/codedeploy-contract.md 5).

use codedeploy::names::Home;
use codedeploy::shapes::{
    CreateDeploymentInput, DeploymentInfo, DeploymentOverview, DeploymentStyle, DeploymentTarget, Diagnostics,
    EcsTarget, ErrorInformation, LambdaFunctionInfo, LambdaTarget, LifecycleEvent, RollbackInfo,
};
use codedeploy::time::Time;
use jiff::Timestamp;
use rollout::appspec::NamedStrategy;
use rollout::deployment::{Creator, Deployment, Phase, Status};
use rollout::ending::{ErrorCode, Traffic};
use rollout::lifecycle::{EventRecord, EventStatus};
use rollout::plan::Plan;
use rollout::platform::{Counted, Platform};
use rollout::progress::WaitKind;
use rollout::request::RollbackRules;
use rollout::service::live::LiveService;
use rollout::target::Target;
use serde::Deserialize;

use super::task_sets;
use crate::ports::Loaded;
use crate::revisions::Located;

/// CodeDeploy's status; a paused deployment shows as `Ready`.
pub(super) fn status(loaded: &Loaded) -> Status {
    let deployment = &loaded.deployment;
    let paused = loaded.plan.as_ref().is_some_and(|plan| deployment.progress.awaits_continue(plan));
    if deployment.phase == Phase::Running && paused { Status::Ready } else { deployment.phase.status() }
}

/// The code as CodeDeploy's enum has it; strict clients know no other.
fn code(code: ErrorCode, platform: Platform) -> &'static str {
    match code {
        ErrorCode::Drift => platform.row().codes.drift.as_str(),
        // What CreateDeployment calls a DeploymentLimitExceededException: nothing of ours failed, and nothing is wrong with the request.
        ErrorCode::TargetLocked => "RESOURCE_LIMIT_EXCEEDED",
        ErrorCode::AlarmUnreadable => ErrorCode::AlarmActive.as_str(),
        ErrorCode::ExecutionLost => ErrorCode::InternalError.as_str(),
        code => code.as_str(),
    }
}

/// What could not be done, and what to do about it.
fn unresolved(deployment: &Deployment) -> Option<String> {
    let (id, unresolved) = (&deployment.id, deployment.unresolved()?);
    Some(format!("{unresolved}: finish the job with: tideshift repair {id}"))
}

/// DeploymentInfo. `asked` is the effective request, where it could be read.
pub(super) fn info(loaded: &Loaded, asked: Option<CreateDeploymentInput>) -> DeploymentInfo {
    let Deployment { id, creator, platform, labels, phase, created, started, completed, progress, .. } =
        &loaded.deployment;
    let asked = asked.unwrap_or_default();
    let resolved = asked.resolved.unwrap_or_default();
    let over = phase.is_final();
    let shown = |location| Located::read(Some(&location), None).map(|located| located.location).ok().or(Some(location));
    DeploymentInfo {
        application_name: labels.application.as_ref().map(ToString::to_string),
        deployment_group_name: labels.group.as_ref().map(ToString::to_string),
        deployment_config_name: loaded
            .plan
            .as_ref()
            .map(|plan| plan.shift().strategy.name.clone())
            .or(asked.deployment_config_name)
            .or_else(|| Some(NamedStrategy::deserialize(resolved.group_strategy?).ok()?.name)),
        deployment_id: Some(id.to_string()),
        previous_revision: resolved.previous_revision.and_then(shown),
        revision: asked.revision.and_then(shown),
        status: Some(status(loaded).as_str().to_owned()),
        error_information: phase.why().filter(|_| over).map(|why| match unresolved(&loaded.deployment) {
            // What is wrong now comes before what ended it: no client knows a word for it, every one shows the sentence.
            Some(unresolved) => ErrorInformation {
                code: Some(platform.row().codes.refused.as_str().to_owned()),
                message: Some(format!("{unresolved}. The deployment ended because of this: {}", why.message)),
            },
            None => ErrorInformation {
                code: Some(code(why.code, *platform).to_owned()),
                message: Some(why.message.clone()),
            },
        }),
        create_time: Some(Time(*created)),
        start_time: started.map(Time),
        complete_time: completed.filter(|_| over).map(Time),
        deployment_overview: overview(loaded),
        description: labels.description.clone(),
        creator: Some(match creator {
            Creator::User => "user".to_owned(),
            Creator::Rollback(_) => "codeDeployRollback".to_owned(),
        }),
        ignore_application_stop_failures: Some(false),
        update_outdated_instances_only: Some(false),
        auto_rollback_configuration: asked.auto_rollback_configuration,
        override_alarm_configuration: asked.override_alarm_configuration,
        rollback_info: rollback(&loaded.deployment, loaded.plan.as_ref()),
        deployment_style: resolved.deployment_style.or_else(|| labels.group.as_ref().map(|_| blue_green())),
        instance_termination_wait_time_started: Some(progress.waits.contains_key(&WaitKind::Termination)),
        file_exists_behavior: asked.file_exists_behavior,
        compute_platform: Some(platform.as_str().to_owned()),
        load_balancer_info: resolved.load_balancer_info,
        blue_green_deployment_configuration: resolved.blue_green_deployment_configuration,
        ..DeploymentInfo::default()
    }
}

/// The style of a group that was given none.
fn blue_green() -> DeploymentStyle {
    DeploymentStyle {
        deployment_type: Some("BLUE_GREEN".to_owned()),
        deployment_option: Some("WITH_TRAFFIC_CONTROL".to_owned()),
    }
}

/// A deployment has one target; the overview counts it.
fn overview(loaded: &Loaded) -> Option<DeploymentOverview> {
    let (deployment, counted) = (&loaded.deployment, loaded.deployment.platform.row().counted);
    if counted == Counted::OnceOver && !deployment.phase.is_final() {
        return None;
    }
    let mut overview = DeploymentOverview {
        pending: Some(0),
        in_progress: Some(0),
        succeeded: Some(0),
        failed: Some(0),
        skipped: Some(0),
        ready: Some(0),
    };
    let counted = match target_status(loaded) {
        "Pending" => &mut overview.pending,
        "InProgress" => &mut overview.in_progress,
        "Succeeded" => &mut overview.succeeded,
        "Skipped" => &mut overview.skipped,
        "Ready" => &mut overview.ready,
        _ => &mut overview.failed,
    };
    *counted = Some(1);
    Some(overview)
}

pub(super) fn target_status(loaded: &Loaded) -> &'static str {
    // A service is done before its deployment is: the old task set is kept for a while (docs/codedeploy-contract.md 5.4).
    let events = loaded.deployment.events.events();
    if loaded.deployment.phase == Phase::Running && events.iter().all(|event| event.status == EventStatus::Succeeded) {
        return "Succeeded";
    }
    match (status(loaded), loaded.deployment.started) {
        (Status::Created, _) => "Pending",
        (Status::InProgress, _) => "InProgress",
        (Status::Ready, _) => "Ready",
        (Status::Succeeded, _) => "Succeeded",
        (Status::Failed | Status::Stopped, None) => "Skipped",
        (Status::Failed | Status::Stopped, Some(_)) => "Failed",
    }
}

/// The link between a deployment and the one that shows its rollback, in CodeDeploy's words (docs/codedeploy-contract.md 6.3).
fn rollback(deployment: &Deployment, plan: Option<&Plan>) -> Option<RollbackInfo> {
    if let Creator::Rollback(of) = &deployment.creator {
        return Some(RollbackInfo {
            rollback_triggering_deployment_id: Some(of.to_string()),
            rollback_message: Some(format!("Deployment {} is triggered to roll back deployment {of}.", deployment.id)),
            ..RollbackInfo::default()
        });
    }
    if let Some(message) = unresolved(deployment) {
        return Some(RollbackInfo { rollback_message: Some(message), ..RollbackInfo::default() });
    }
    let Phase::Ended { why, traffic } = &deployment.phase else { return None };
    match traffic {
        _ if deployment.rollback(plan).is_some() => {
            let by = deployment.id.of_rollback();
            Some(RollbackInfo {
                rollback_deployment_id: Some(by.to_string()),
                rollback_message: Some(format!(
                    "Deployment {} terminated. Automatic rollback is triggered with a DeploymentId {by}.",
                    deployment.id
                )),
                ..RollbackInfo::default()
            })
        }
        Traffic::Left(_) => {
            let rules = plan.map(|plan| &plan.rollback);
            Some(RollbackInfo { rollback_message: Some(left_because(why.code, rules)), ..RollbackInfo::default() })
        }
        Traffic::Untouched | Traffic::Restored(_) | Traffic::Foreign(_) => None,
    }
}

/// Why traffic was left that had moved: rollback is off, or off after what ended the deployment, or a stop said so.
fn left_because(code: ErrorCode, rules: Option<&RollbackRules>) -> String {
    let event = code.rollback_event();
    let left = "the traffic was left where it was";
    match rules {
        Some(rules) if rules.covers(event) => format!("The stop asked for no rollback: {left}."),
        Some(rules) if rules.events().next().is_some() => {
            format!("Automatic rollback is on, but not after {event}: {left}.")
        }
        Some(_) | None => format!("Automatic rollback is switched off: {left}."),
    }
}

/// The id of a deployment's one target.
pub(super) fn target_id(loaded: &Loaded) -> Option<String> {
    loaded.plan.as_ref().map(|plan| plan.target.to_string())
}

/// The one target of a deployment that has begun. `live` is the service as it is now, where that could be read.
pub(super) fn target(loaded: &Loaded, home: &Home, live: Option<&LiveService>) -> Option<DeploymentTarget> {
    let plan = loaded.plan.as_ref()?;
    let Home { partition, region, account } = home;
    Some(match &plan.target {
        Target::LambdaAlias { function, alias } => DeploymentTarget {
            deployment_target_type: Some("LambdaTarget".to_owned()),
            lambda_target: Some(LambdaTarget {
                deployment_id: Some(loaded.deployment.id.to_string()),
                target_id: target_id(loaded),
                target_arn: Some(format!("arn:{partition}:lambda:{region}:{account}:function:{function}")),
                status: Some(target_status(loaded).to_owned()),
                last_updated_at: updated(loaded),
                lifecycle_events: Some(events(loaded)),
                lambda_function_info: Some(LambdaFunctionInfo {
                    function_name: Some(function.to_string()),
                    function_alias: Some(alias.to_string()),
                    current_version: plan.shift().from.version().map(|version| version.to_string()),
                    target_version: plan.shift().to.version().map(|version| version.to_string()),
                    target_version_weight: loaded.deployment.weight(plan).map(rollout::weight::Weight::fraction),
                }),
            }),
            ..DeploymentTarget::default()
        },
        Target::EcsService(service) => DeploymentTarget {
            deployment_target_type: Some("ECSTarget".to_owned()),
            ecs_target: Some(EcsTarget {
                deployment_id: Some(loaded.deployment.id.to_string()),
                target_id: target_id(loaded),
                target_arn: Some(format!(
                    "arn:{partition}:ecs:{region}:{account}:service/{}/{}",
                    service.cluster, service.service
                )),
                status: Some(target_status(loaded).to_owned()),
                last_updated_at: updated(loaded),
                lifecycle_events: Some(events(loaded)),
                task_sets_info: Some(task_sets::info(loaded, plan, service, live)),
            }),
            ..DeploymentTarget::default()
        },
    })
}

fn events(loaded: &Loaded) -> Vec<LifecycleEvent> {
    let mut events: Vec<LifecycleEvent> = loaded.deployment.events.events().iter().map(event).collect();
    // A target has no error of its own: its events are where clients look.
    if let Some(unresolved) = unresolved(&loaded.deployment) {
        for diagnostics in events.iter_mut().filter_map(|event| event.diagnostics.as_mut()) {
            if let Some(message) = diagnostics.message.as_mut().filter(|message| *message != "Succeeded") {
                *message = format!("{unresolved}. {message}");
            }
        }
    }
    events
}

fn updated(loaded: &Loaded) -> Option<Time> {
    let last = loaded.deployment.events.events().iter().flat_map(|event| [event.started, event.ended]).flatten();
    let position = loaded.deployment.progress.at.as_ref().map(|position| position.since);
    last.chain(position).chain([loaded.deployment.created]).max().map(Time)
}

fn event(record: &EventRecord) -> LifecycleEvent {
    let time = |at: Option<Timestamp>| at.map(Time);
    let said = record.diagnostics.as_ref();
    let diagnostics = match record.status {
        EventStatus::Succeeded => Some(("Success", "Succeeded".to_owned(), String::new())),
        EventStatus::Failed => {
            let message = said.map(|said| said.message.clone()).unwrap_or_default();
            Some(("ScriptFailed", message, said.map(|said| said.log_tail.clone()).unwrap_or_default()))
        }
        EventStatus::Pending | EventStatus::InProgress | EventStatus::Skipped => None,
    };
    LifecycleEvent {
        lifecycle_event_name: Some(record.event.to_string()),
        diagnostics: diagnostics.map(|(code, message, log_tail)| Diagnostics {
            error_code: Some(code.to_owned()),
            script_name: Some(String::new()),
            message: Some(message),
            log_tail: Some(log_tail),
        }),
        start_time: time(record.started),
        end_time: time(record.ended),
        status: Some(record.status.as_str().to_owned()),
    }
}
