//! A deployment in CodeDeploy's own shape (docs/codedeploy-contract.md 5, 6).

use codedeploy::shapes::{
    CreateDeploymentInput, DeploymentInfo, DeploymentOverview, DeploymentStyle, ErrorInformation, RollbackInfo,
};
use codedeploy::time::Time;
use rollout::appspec::NamedStrategy;
use rollout::code::ErrorCode;
use rollout::deployment::{Creator, Deployment, Phase};
use rollout::ending::Traffic;
use rollout::hold::WaitKind;
use rollout::plan::Plan;
use rollout::platform::{Counted, Platform};
use rollout::request::RollbackRules;
use serde::Deserialize;

use super::status::{status, unresolved};
use super::targets::statuses;
use crate::ports::Loaded;
use crate::revisions::Located;

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

/// DeploymentInfo. `asked` is the effective request, where it could be read.
pub(in crate::use_cases) fn info(loaded: &Loaded, asked: Option<CreateDeploymentInput>) -> DeploymentInfo {
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

/// The overview counts the targets.
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
    for status in statuses(loaded) {
        let counted = match status {
            "Pending" => &mut overview.pending,
            "InProgress" => &mut overview.in_progress,
            "Succeeded" => &mut overview.succeeded,
            "Skipped" => &mut overview.skipped,
            "Ready" => &mut overview.ready,
            _ => &mut overview.failed,
        };
        *counted = counted.map(|count| count + 1);
    }
    Some(overview)
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
