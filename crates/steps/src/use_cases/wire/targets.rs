//! Which targets a deployment has, and each of them in CodeDeploy's own shape (docs/codedeploy-contract.md 1.4, 5.2, 5.3). Whoever lists,
//! counts or shows targets asks [`targets`].

use codedeploy::names::Home;
use codedeploy::shapes::{DeploymentTarget, Diagnostics, EcsTarget, LambdaFunctionInfo, LambdaTarget, LifecycleEvent};
use codedeploy::time::Time;
use jiff::Timestamp;
use rollout::deployment::{Phase, Status};
use rollout::lifecycle::{EventRecord, EventStatus};
use rollout::plan::Plan;
use rollout::service::Service;
use rollout::service::live::LiveService;
use rollout::target::Target;

use super::status::{status, unresolved};
use crate::ports::Loaded;
use crate::use_cases::task_sets;

/// One target of a deployment.
pub(in crate::use_cases) struct Listed<'a> {
    loaded: &'a Loaded,
    plan: &'a Plan,
    target: &'a Target,
}

/// The targets of a deployment, in the order of their ids. Before it has a plan, none can be named.
pub(in crate::use_cases) fn targets(loaded: &Loaded) -> Vec<Listed<'_>> {
    let Some(plan) = &loaded.plan else { return Vec::new() };
    match &plan.target {
        // What such a deployment moves is one target, however many tasks are behind it.
        target @ (Target::LambdaAlias { .. } | Target::EcsService(_)) => vec![Listed { loaded, plan, target }],
    }
}

/// The statuses of all targets. A deployment that has no plan has the one that it would have got, too.
pub(super) fn statuses(loaded: &Loaded) -> Vec<&'static str> {
    match &targets(loaded)[..] {
        [] => vec![status_of_only(loaded)],
        targets => targets.iter().map(Listed::status).collect(),
    }
}

impl Listed<'_> {
    /// What clients ask for it by.
    pub(in crate::use_cases) fn id(&self) -> String {
        self.target.to_string()
    }

    /// CodeDeploy's word for where it is.
    pub(in crate::use_cases) fn status(&self) -> &'static str {
        match self.target {
            Target::LambdaAlias { .. } | Target::EcsService(_) => status_of_only(self.loaded),
        }
    }

    /// The service, if it is one.
    pub(in crate::use_cases) fn service(&self) -> Option<&Service> {
        self.target.service()
    }

    /// All that is known of it. `live` is the service as it is now, where that could be read.
    pub(in crate::use_cases) fn shown(&self, home: &Home, live: Option<&LiveService>) -> DeploymentTarget {
        let Self { loaded, plan, target } = *self;
        let Home { partition, region, account } = home;
        let deployment_id = Some(loaded.deployment.id.to_string());
        let (target_id, status) = (Some(self.id()), Some(self.status().to_owned()));
        match target {
            Target::LambdaAlias { function, alias } => DeploymentTarget {
                deployment_target_type: Some("LambdaTarget".to_owned()),
                lambda_target: Some(LambdaTarget {
                    deployment_id,
                    target_id,
                    target_arn: Some(format!("arn:{partition}:lambda:{region}:{account}:function:{function}")),
                    status,
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
                    deployment_id,
                    target_id,
                    target_arn: Some(format!(
                        "arn:{partition}:ecs:{region}:{account}:service/{}/{}",
                        service.cluster, service.service
                    )),
                    status,
                    last_updated_at: updated(loaded),
                    lifecycle_events: Some(events(loaded)),
                    task_sets_info: Some(task_sets::info(loaded, plan, service, live)),
                }),
                ..DeploymentTarget::default()
            },
        }
    }
}

/// The status of a target that is the deployment's only one: both go the same way.
fn status_of_only(loaded: &Loaded) -> &'static str {
    // A service is done before its deployment is: the old task set is kept for a while (docs/codedeploy-contract.md 5.4).
    let events = loaded.deployment.events.events();
    if loaded.deployment.phase == Phase::Running && events.iter().all(|event| event.status == EventStatus::Succeeded) {
        return "Succeeded";
    }
    match (status(loaded), loaded.deployment.started) {
        (Status::Created | Status::Queued, _) => "Pending",
        (Status::InProgress, _) => "InProgress",
        (Status::Ready, _) => "Ready",
        (Status::Succeeded, _) => "Succeeded",
        (Status::Failed | Status::Stopped, None) => "Skipped",
        (Status::Failed | Status::Stopped, Some(_)) => "Failed",
    }
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
