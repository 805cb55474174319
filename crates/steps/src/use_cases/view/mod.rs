//! What our own operations answer of a deployment (`codedeploy::view`), out of what is known of it.

use codedeploy::time::Time;
use codedeploy::view::{
    AlarmView, AskedView, DeploymentView, ErrorView, EventView, HookView, JournalEntry, LeftWarm, ListedDeployment,
    Outcome, OverruledView, Place, PlanView, ProgressView, RollbackOf, RoutingView, Side, StarterView, StepView,
    Target as Shown,
};
use rollout::alarms::Readings;
use rollout::appspec::{Output, Resource, TargetAlias};
use rollout::course::Origin;
use rollout::deployment::{self, Creator, Deployment, Phase};
use rollout::ending::{Ending, Traffic};
use rollout::hooks;
use rollout::journal::Line;
use rollout::lifecycle::{EventRecord, EventStatus};
use rollout::plan::Plan;
use rollout::progress::WaitKind;
use rollout::request::Request;
use rollout::routing::Routing;
use rollout::starter::Starter;
use rollout::strategy::{Hold, OnTimeout, Step};
use rollout::target::Target;
use rollout::warm::cool;

use super::wire;
use crate::ports::Loaded;
use rollout::failure::names;

/// A plan.
pub(super) fn plan(plan: &Plan) -> PlanView {
    let (from, to) = ends(plan);
    PlanView {
        place: place(plan),
        from,
        to,
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
fn place(plan: &Plan) -> Place {
    Place::from(match &plan.target {
        Target::LambdaAlias { function, alias } => {
            Shown::Alias { function: function.to_string(), alias: alias.to_string() }
        }
        Target::EcsService(service) => Shown::Service {
            cluster: service.cluster.to_string(),
            service: service.service.to_string(),
            blue: Some(Side {
                task_set: Some(service.blue.to_string()),
                target_group: Some(service.blue_group.name().to_owned()),
            }),
            green: Some(Side { task_set: None, target_group: Some(service.green_group.name().to_owned()) }),
            ready_seconds: service.waits.ready.as_ref().map(|ready| ready.timeout.0),
            termination_seconds: service.waits.termination.0,
        },
    })
}

/// From what to what: versions, or task definitions.
fn ends(plan: &Plan) -> (String, String) {
    match &plan.target {
        Target::LambdaAlias { .. } => (plan.shift().from.id(), plan.shift().to.id()),
        Target::EcsService(service) => {
            (service.blue_definition.short().to_owned(), service.green.task_definition.short().to_owned())
        }
    }
}

/// What is to move and to what, as a request says it: from where is known once there is a plan.
pub(super) fn asked(request: &Request) -> Option<AskedView> {
    let (place, to) = match &request.appspec.resource {
        Resource::Alias(TargetAlias { function, alias, target, .. }) => {
            let shown = Shown::Alias { function: function.to_string(), alias: alias.to_string() };
            (Place::from(shown), target.to_string())
        }
        Resource::Service(wanted) => {
            let named = request.place.as_ref()?;
            let shown = Shown::Service {
                cluster: named.cluster.to_string(),
                service: named.service.to_string(),
                blue: None,
                green: None,
                ready_seconds: None,
                termination_seconds: 0,
            };
            (Place::from(shown), wanted.task_definition.short().to_owned())
        }
    };
    Some(AskedView { place, to })
}

/// One row of a listing; of a deployment without a plan, with what was asked for.
pub(super) fn summary(loaded: &Loaded, wanted: Option<&Request>) -> ListedDeployment {
    let Deployment { id, phase, created, labels, .. } = &loaded.deployment;
    let (place, from, to) = match (&loaded.plan, wanted.and_then(asked)) {
        (Some(plan), _) => {
            let (from, to) = ends(plan);
            (Some(self::place(plan)), Some(from), Some(to))
        }
        (None, Some(AskedView { place, to })) => (Some(place), None, Some(to)),
        (None, None) => (None, None, None),
    };
    ListedDeployment {
        place,
        from,
        to,
        deployment_id: id.to_string(),
        status: wire::status(loaded).as_str().to_owned(),
        outcome: phase.outcome().map(outcome),
        create_time: Some(Time(*created)),
        error_code: error_code(phase).map(str::to_owned),
        description: labels.description.clone(),
        rollback_of: loaded.deployment.rolls_back().map(ToString::to_string),
        rolled_back_by: rolled_back_by(loaded),
        left_warm: left_warm(loaded),
    }
}

/// The provisioned concurrency that the version may still have of a deployment that is over.
fn left_warm(loaded: &Loaded) -> Option<LeftWarm> {
    let gift = cool::left(loaded.plan.as_ref()?, &loaded.deployment)?;
    Some(LeftWarm {
        function: gift.function.to_string(),
        version: gift.version.to_string(),
        concurrency: gift.concurrency,
        why: cool::why_left(&loaded.deployment).map(str::to_owned),
        take_back: gift.command(),
    })
}

fn outcome(outcome: deployment::Outcome) -> Outcome {
    match outcome {
        deployment::Outcome::Succeeded => Outcome::Succeeded,
        deployment::Outcome::RolledBack => Outcome::RolledBack,
        deployment::Outcome::Stopped => Outcome::Stopped,
        deployment::Outcome::Failed => Outcome::Failed,
        deployment::Outcome::Unresolved => Outcome::Unresolved,
    }
}

fn error_code(phase: &Phase) -> Option<&'static str> {
    match phase {
        Phase::Unresolved { .. } => Some(names::UNRESOLVED),
        phase => phase.why().map(|why| why.code.as_str()),
    }
}

/// The deployment that shows this one's rollback, once that was written.
fn rolled_back_by(loaded: &Loaded) -> Option<String> {
    match &loaded.deployment.phase {
        Phase::Ended { .. } => loaded.deployment.rollback(loaded.plan.as_ref()).map(|by| by.id.to_string()),
        _ => None,
    }
}

fn rollback_of(deployment: &Deployment) -> Option<RollbackOf> {
    match &deployment.creator {
        Creator::User => None,
        Creator::Rollback(of) => {
            Some(RollbackOf { deployment_id: of.to_string(), error: deployment.undoes.as_ref().map(error_view) })
        }
    }
}

fn error_view(why: &Ending) -> ErrorView {
    ErrorView { code: why.code.as_str().to_owned(), message: Some(why.message.clone()) }
}

/// Everything known about one deployment, its task sets aside.
pub(super) fn description(loaded: &Loaded, journal: &[Line], readings: Option<&Readings>) -> DeploymentView {
    let Deployment { id, labels, phase, created, started, completed, events, .. } = &loaded.deployment;
    DeploymentView {
        deployment_id: id.to_string(),
        status: wire::status(loaded).as_str().to_owned(),
        outcome: phase.outcome().map(outcome),
        phase: Some(phase.name().to_owned()),
        description: labels.description.clone(),
        started_by: loaded.deployment.started_by.as_ref().map(starter),
        execution: loaded.deployment.depends_on().map(ToString::to_string),
        rollback_of: rollback_of(&loaded.deployment),
        rolled_back_by: rolled_back_by(loaded),
        application_name: labels.application.as_ref().map(ToString::to_string),
        deployment_group_name: labels.group.as_ref().map(ToString::to_string),
        create_time: Some(Time(*created)),
        start_time: started.map(Time),
        complete_time: completed.map(Time),
        plan: loaded.plan.as_ref().map(plan),
        asked: None,
        progress: Some(progress(loaded)),
        events: events.events().iter().map(|record| event(record, loaded)).collect(),
        alarms: alarms(loaded, readings),
        error: error(&loaded.deployment),
        leftover: leftover(phase),
        left_to_others: left_to_others(loaded),
        changed: None,
        left_now: None,
        left_warm: left_warm(loaded).filter(|left| left.why.is_some()),
        task_sets: Vec::new(),
        journal: journal.iter().map(|line| JournalEntry { at: Time(line.at), text: line.entry.to_string() }).collect(),
    }
}

fn starter(starter: &Starter) -> StarterView {
    match starter {
        Starter::Caller { arn } => StarterView::Caller { arn: arn.to_string() },
        Starter::Invocation => StarterView::Invocation,
        Starter::Execution => StarterView::Execution,
    }
}

fn progress(loaded: &Loaded) -> ProgressView {
    let Deployment { phase, progress, .. } = &loaded.deployment;
    let live = loaded.plan.as_ref();
    let running = !phase.is_final();
    let resumed = *phase == Phase::Running && progress.is_resumed();
    ProgressView {
        weight: live.and_then(|plan| loaded.deployment.weight(plan)).map(rollout::weight::Weight::percent),
        step: progress.at.as_ref().map_or(0, |position| position.step + 1),
        of: live.map_or(0, |plan| plan.shift().steps.len()),
        since: progress.at.as_ref().map(|position| Time(position.since)),
        next_at: live.filter(|_| running && !resumed).and_then(|plan| progress.next_at(plan)).map(Time),
        awaiting_continue: running && live.is_some_and(|plan| progress.awaits_continue(plan)),
        awaiting_termination: running && progress.waits_for(WaitKind::Termination),
        resumed,
        warming: *phase == Phase::Running && progress.at.is_none() && progress.warming.is_some(),
        trouble: progress.trouble.clone().filter(|_| running),
    }
}

fn event(record: &EventRecord, loaded: &Loaded) -> EventView {
    let said = record.diagnostics.as_ref();
    let waits = record.status == EventStatus::InProgress && !loaded.deployment.phase.is_final();
    let hook = loaded.plan.as_ref().and_then(|plan| plan.hook(record.event)).filter(|_| waits);
    EventView {
        name: record.event.to_string(),
        status: record.status.as_str().to_owned(),
        start_time: record.started.map(Time),
        end_time: record.ended.map(Time),
        deadline: hook.zip(record.started).map(|(hook, began)| Time(hooks::deadline(hook, began))),
        message: said.map(|said| said.message.clone()).or_else(|| hook.and_then(|_| hooks::awaited(record))),
        log_tail: said.map(|said| said.log_tail.clone()).filter(|tail| !tail.is_empty()),
    }
}

fn alarms(loaded: &Loaded, readings: Option<&Readings>) -> Vec<AlarmView> {
    let names = loaded.plan.iter().flat_map(|plan| &plan.alarms.names);
    let state = |name| readings.and_then(|readings| readings.state(name)).map(|state| state.to_string());
    names
        .map(|name| AlarmView {
            name: name.to_string(),
            state: Some(state(name).unwrap_or_else(|| "UNKNOWN".to_owned())),
        })
        .collect()
}

fn error(deployment: &Deployment) -> Option<ErrorView> {
    let why = deployment.phase.why()?;
    Some(match deployment.unresolved() {
        Some(unresolved) => ErrorView {
            code: names::UNRESOLVED.to_owned(),
            message: Some(format!("{unresolved} after this: {}", why.message)),
        },
        None => error_view(why),
    })
}

/// Where calls go.
pub(super) fn routing(routing: &Routing) -> RoutingView {
    RoutingView {
        version: routing.primary.id(),
        additional_version: routing.additional.as_ref().map(|additional| additional.backend.id()),
        additional_weight: routing.additional.as_ref().map(|additional| additional.share.weight().percent()),
    }
}

fn left_to_others(loaded: &Loaded) -> bool {
    let Phase::Ended { traffic: traffic @ Traffic::Foreign(Some(routing)), .. } = &loaded.deployment.phase else {
        return false;
    };
    routing.is_split() && loaded.plan.as_ref().is_some_and(|plan| plan.leaves_behind(traffic).is_none())
}

fn leftover(phase: &Phase) -> Option<RoutingView> {
    let (Phase::Settled { traffic, .. } | Phase::Ended { traffic, .. }) = phase else { return None };
    match traffic {
        Traffic::Left(routing) | Traffic::Foreign(Some(routing)) => Some(self::routing(routing)),
        Traffic::Untouched | Traffic::Restored(_) | Traffic::Foreign(None) => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use rollout::deployment::Lease;
    use rollout::ending::{ErrorCode, Rollback};
    use rollout::ids::{DeploymentId, Version};
    use rollout::progress::Position;
    use rollout::request::Labels;
    use rollout::routing::Backend;
    use rollout::strategy::Platform;
    use rollout::weight::Weight;
    use serde_json::json;

    use super::*;

    fn backend(number: u64) -> Backend {
        Backend::from(Version::try_from(number).unwrap())
    }

    /// Every place traffic can end at.
    fn traffics() -> Vec<Traffic> {
        let split = Routing::shifted(backend(1), backend(2), Weight::clamped(10));
        let mut traffics = vec![Traffic::Untouched, Traffic::Foreign(None)];
        traffics.extend([1, 2].map(|number| Traffic::Restored(backend(number))));
        for routing in [split, Routing::all_on(backend(1)), Routing::all_on(backend(2)), Routing::all_on(backend(3))] {
            traffics.extend([Traffic::Left(routing.clone()), Traffic::Foreign(Some(routing))]);
        }
        traffics
    }

    /// Every phase, with every reason and everything that can become of the traffic.
    fn phases() -> Vec<Phase> {
        let mut phases = vec![Phase::Created, Phase::Running, Phase::Committing, Phase::Succeeded];
        for why in ErrorCode::ALL.map(|code| Ending::new(code, "why")) {
            for rollback in [Rollback::Restore, Rollback::Leave] {
                phases.push(Phase::Stopping { why: why.clone(), rollback });
                phases.push(Phase::Unresolved { why: why.clone(), rollback, cannot: "denied".to_owned() });
            }
            for traffic in traffics() {
                phases.push(Phase::Settled { why: why.clone(), traffic: traffic.clone() });
                phases.push(Phase::Ended { why: why.clone(), traffic });
            }
        }
        phases
    }

    fn plan() -> Plan {
        serde_json::from_value(json!({
            "format": 1, "target": {"kind": "LambdaAlias", "function": "storefront", "alias": "live"}, "from": "1", "to": "2",
            "start": {"primary": "1"}, "strategy": "AllAtOnce", "steps": [], "poll": 60
        }))
        .unwrap()
    }

    #[test]
    fn a_deployment_is_read_as_it_was_written_however_it_ended() {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_000);
        for (phase, plan) in phases().into_iter().flat_map(|phase| [(phase.clone(), None), (phase, Some(plan()))]) {
            let id = DeploymentId::parse("d-1").unwrap();
            let mut deployment = Deployment::new(id, Platform::Lambda, Labels::default(), now);
            deployment.phase = phase;
            deployment.started = Some(now);
            deployment.progress.at = Some(Position { step: 0, since: now, continued: false });
            deployment.lease = Some(Lease { step: None, until: now, shared: false });
            let loaded = Loaded { deployment, plan, tokens: Default::default() };
            let (shown, row) = (description(&loaded, &[], None), summary(&loaded, None));
            let told = format!("{:?}", loaded.deployment.phase);
            assert_eq!(serde_json::from_value::<DeploymentView>(json!(shown)).expect(&told), shown, "{told}");
            assert_eq!(serde_json::from_value::<ListedDeployment>(json!(row)).expect(&told), row, "{told}");
        }
    }
}
