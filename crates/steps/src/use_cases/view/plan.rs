//! What a deployment will do, as `codedeploy::view` has it.

use codedeploy::view::{
    AskedView, HookView, OverruledView, Pair, PlanView, ShownTarget, Side, StepView, Target as Shown,
};
use rollout::appspec::{Output, Resource, TargetAlias};
use rollout::course::Origin;
use rollout::hold::{Hold, OnTimeout};
use rollout::ids::TargetGroupArn;
use rollout::plan::Plan;
use rollout::request::Request;
use rollout::strategy::Step;
use rollout::target::Target;

/// A plan.
pub(in crate::use_cases) fn plan(plan: &Plan) -> PlanView {
    let ((from, to), service) = (ends(plan), plan.target.service());
    PlanView {
        target: target(plan),
        from,
        to,
        pair: pair(plan),
        strategy: Some(plan.shift().strategy.name.clone()),
        strategy_from: plan.shift().strategy.origin.map(|origin| named_by(origin).to_owned()),
        overruled: plan
            .shift()
            .strategy
            .overruled
            .iter()
            .map(|other| OverruledView { origin: named_by(other.origin).to_owned(), strategy: other.strategy.clone() })
            .collect(),
        start_weight: plan.start_weight().percent(),
        warm_concurrency: plan.shift().warm.map(|warm| warm.concurrency),
        steps: plan.shift().steps.iter().map(step).collect(),
        hooks: plan
            .hooks
            .iter()
            .map(|(event, hook)| HookView {
                event: event.to_string(),
                function: hook.function.to_string(),
                timeout_seconds: hook.timeout.0,
                parameters: hook.parameters.iter().map(ToString::to_string).collect(),
                keep_output: hook.output == Output::Kept,
            })
            .collect(),
        alarms: plan.alarms.names.iter().map(ToString::to_string).collect(),
        rollback_on: plan.rollback.events().map(|event| event.to_string()).collect(),
        poll_seconds: Some(plan.poll.0),
        watched_seconds: Some(plan.watched().0).filter(|seconds| *seconds > 0),
        ready_seconds: service.and_then(|service| Some(service.waits.ready.as_ref()?.timeout.0)),
        termination_seconds: service.map(|service| service.waits.termination.0),
        total_seconds: plan.total().seconds().0,
    }
}

fn named_by(origin: Origin) -> &'static str {
    match origin {
        Origin::Deployment => "Deployment",
        Origin::AppSpec => "AppSpec",
        Origin::Group => "Group",
        Origin::Default => "Default",
    }
}

fn step(step: &Step) -> StepView {
    let on_timeout = match step.hold {
        Hold::For(_) => None,
        Hold::UntilContinued { on_timeout: OnTimeout::Stop, .. } => Some("Stop"),
        Hold::UntilContinued { on_timeout: OnTimeout::Continue, .. } => Some("Continue"),
    };
    StepView {
        weight: step.weight.percent(),
        hold_seconds: Some(step.hold_seconds().0),
        await_continue: step.is_pause(),
        on_timeout: on_timeout.map(str::to_owned),
    }
}

/// What moves, in the words of its platform.
pub(crate) fn target(plan: &Plan) -> ShownTarget {
    ShownTarget::from(match &plan.target {
        Target::LambdaAlias { function, alias } => {
            Shown::Alias { function: function.to_string(), alias: alias.to_string() }
        }
        Target::EcsService(service) => {
            Shown::Service { cluster: service.cluster.to_string(), service: service.service.to_string() }
        }
    })
}

/// The task sets of a service.
pub(crate) fn pair(plan: &Plan) -> Option<Pair> {
    let service = plan.target.service()?;
    let group = |group: &TargetGroupArn| group.name().to_owned();
    Some(Pair {
        blue: Side { task_set: Some(service.blue.to_string()), target_group: group(&service.blue_group) },
        green: Side { task_set: None, target_group: group(&service.green_group) },
    })
}

/// From what to what: versions, or task definitions.
pub(crate) fn ends(plan: &Plan) -> (String, String) {
    match &plan.target {
        Target::LambdaAlias { .. } => (plan.shift().from.id(), plan.shift().to.id()),
        Target::EcsService(service) => {
            (service.blue_definition.short().to_owned(), service.green.task_definition.short().to_owned())
        }
    }
}

/// What is to move and to what, as a request says it: from where is known once there is a plan.
pub(in crate::use_cases) fn asked(request: &Request) -> Option<AskedView> {
    let (shown, to) = match &request.appspec.resource {
        Resource::Alias(TargetAlias { function, alias, target, .. }) => {
            (Shown::Alias { function: function.to_string(), alias: alias.to_string() }, target.to_string())
        }
        Resource::Service(wanted) => {
            let named = request.place.as_ref()?;
            let shown = Shown::Service { cluster: named.cluster.to_string(), service: named.service.to_string() };
            (shown, wanted.task_definition.short().to_owned())
        }
    };
    Some(AskedView { target: shown.into(), to })
}
