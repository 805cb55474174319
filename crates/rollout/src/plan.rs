//! Everything a rollout will do, settled before anything is touched.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::appspec::{Hook, Hooks, NamedStrategy, Resource, TargetAlias};
use crate::budget;
use crate::ids::{AliasName, ClusterName, FunctionName, ServiceName};
use crate::lifecycle::LifecycleEvent;
use crate::preflight::{self, AliasFacts, Facts, LiveAlias, Refusal, TargetFacts};
use crate::progress::WaitKind;
use crate::request::{AlarmWatch, Request, RollbackRules};
use crate::routing::{Backend, Routing};
use crate::seconds::Seconds;
use crate::service::preflight as service;
use crate::service::{SPREAD, Service, Wait};
use crate::settle::Fence;
use crate::strategy::{Hold, OnTimeout, Platform, Step, Strategy};
use crate::warm::{Found, Warm};
use crate::weight::Weight;

/// The format of plans and records this code writes. It reads this one and every older one; one that meets a newer one
/// (an upgrade in flight) must be retried until the newer code runs everywhere.
pub const FORMAT: u32 = 1;

/// What a deployment moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all_fields = "camelCase")]
pub enum Target {
    /// An alias of a Lambda function.
    LambdaAlias {
        /// The function.
        function: FunctionName,
        /// The alias.
        alias: AliasName,
    },
    /// A service of ECS.
    EcsService(Box<Service>),
}

impl Target {
    /// The key under which the target is locked: one deployment at a time.
    pub fn key(&self) -> String {
        match self {
            Self::LambdaAlias { function, alias } => format!("lambda:{function}:{alias}"),
            Self::EcsService(service) => service_key(&service.cluster, &service.service),
        }
    }

    /// The platform it belongs to.
    pub fn platform(&self) -> Platform {
        match self {
            Self::LambdaAlias { .. } => Platform::Lambda,
            Self::EcsService(_) => Platform::Ecs,
        }
    }

    /// What keeps late writes away from it. Listeners have no revision.
    pub fn fence(&self) -> Fence {
        match self {
            Self::LambdaAlias { .. } => Fence::Revision,
            Self::EcsService(_) => Fence::Lease,
        }
    }

    /// As people name it: `storefront:live`, `shop/web`.
    pub fn shown(&self) -> String {
        match self {
            Self::LambdaAlias { .. } => self.to_string(),
            Self::EcsService(service) => format!("{}/{}", service.cluster, service.service),
        }
    }

    /// The service, if it is one.
    pub fn service(&self) -> Option<&Service> {
        match self {
            Self::LambdaAlias { .. } => None,
            Self::EcsService(service) => Some(service),
        }
    }
}

/// The key under which a service is locked.
pub fn service_key(cluster: &ClusterName, service: &ServiceName) -> String {
    format!("ecs:{cluster}/{service}")
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LambdaAlias { function, alias } => write!(f, "{function}:{alias}"),
            // As CodeDeploy names the target of a deployment to ECS (docs/codedeploy-contract.md 5.3).
            Self::EcsService(service) => write!(f, "{}:{}", service.cluster, service.service),
        }
    }
}

/// The plan of one deployment: immutable and complete. What runs afterwards has no choice left except to stop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// See [`FORMAT`].
    pub format: u32,
    /// What moves.
    pub target: Target,
    /// What has the traffic, and gets it back.
    pub from: Backend,
    /// What is to have it.
    pub to: Backend,
    /// Where the target sent its calls when the plan was made.
    pub start: Routing,
    /// What the strategy is called.
    pub strategy: String,
    /// Who named it; plans of older code do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Other strategies that were named for this deployment, and that it does not go by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overruled: Vec<Overruled>,
    /// What the new version gets before its first call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm: Option<Warm>,
    /// The provisioned concurrency that an older deployment left the new version with: it is taken over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rewarms: Option<u32>,
    /// The steps left to take; the last one is at 100 %. Empty: there is nothing to do.
    pub steps: Vec<Step>,
    /// The hooks to run.
    #[serde(default)]
    pub hooks: Hooks,
    /// The alarms to watch.
    #[serde(default)]
    pub alarms: AlarmWatch,
    /// When traffic is put back.
    #[serde(default)]
    pub rollback: RollbackRules,
    /// The longest time between two looks at the alarms, beside their events.
    pub poll: Seconds,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Where calls belong when the deployment is undone: all to what had them.
    pub fn home(&self) -> Routing {
        Routing::all_on(self.from.clone())
    }

    /// The plan as its rollback looks: back to what had the calls, all at once, with nothing to run or to watch.
    pub fn reversed(&self) -> Self {
        let mut target = self.target.clone();
        if let Target::EcsService(service) = &mut target {
            std::mem::swap(&mut service.blue_definition, &mut service.green.task_definition);
        }
        Self {
            target,
            from: self.to.clone(),
            to: self.from.clone(),
            start: Routing::all_on(self.to.clone()),
            strategy: self.target.platform().default_config().to_owned(),
            origin: None,
            overruled: Vec::new(),
            warm: None,
            rewarms: None,
            steps: Strategy::AllAtOnce.steps(),
            hooks: Hooks::default(),
            alarms: AlarmWatch::default(),
            ..self.clone()
        }
    }

    /// The share of what is to have the traffic before the first step. A task set that is yet to be made has none: what was left behind
    /// in its place goes first.
    pub fn start_weight(&self) -> Weight {
        match &self.target {
            Target::LambdaAlias { .. } => self.start.weight_of(&self.to),
            Target::EcsService(_) => Weight::ZERO,
        }
    }

    /// Where calls go once step `index` is taken.
    pub fn routing_at(&self, index: usize) -> Routing {
        let weight = self.steps.get(index).map_or(Weight::FULL, |step| step.weight);
        Routing::shifted(self.from.clone(), self.to.clone(), weight)
    }

    /// The hook of a lifecycle event.
    pub fn hook(&self, event: LifecycleEvent) -> Option<&Hook> {
        self.hooks.get(event)
    }

    /// A wait around the traffic, where the deployment has it.
    pub fn wait(&self, kind: WaitKind) -> Option<Wait> {
        let waits = &self.target.service()?.waits;
        match kind {
            WaitKind::Ready => waits.ready,
            WaitKind::Termination => (!waits.termination.is_zero())
                .then_some(Wait { timeout: waits.termination, on_timeout: OnTimeout::Continue }),
        }
    }

    /// Whether holds are cut for a look in between: at the alarms, and at the health of a task set.
    pub fn is_polled(&self) -> bool {
        !self.alarms.is_empty() || self.target.service().is_some()
    }

    /// Every wait of the plan: its steps', and those around the traffic.
    pub fn holds(&self) -> impl Iterator<Item = Hold> + '_ {
        let around =
            [WaitKind::Ready, WaitKind::Termination].into_iter().filter_map(|kind| self.wait(kind).map(Hold::from));
        self.steps.iter().map(|step| step.hold).chain(around)
    }

    /// How long a new task set that has all of the traffic is watched beyond the plan's own waits, before the old one goes: what
    /// is missing to [`SPREAD`].
    pub fn watched(&self) -> Seconds {
        let (Some(service), Some(last)) = (self.target.service(), self.steps.last()) else { return Seconds::ZERO };
        Seconds(SPREAD.0.saturating_sub(last.hold_seconds().0).saturating_sub(service.waits.termination.0))
    }

    /// How long all the waits take together.
    pub fn total(&self) -> Total {
        let total = self.holds().map(Hold::longest).chain([self.watched()]).sum();
        let is_open = |hold| matches!(hold, Hold::UntilContinued { .. });
        if self.holds().any(is_open) { Total::AtMost { at_most: total } } else { Total::AtLeast(total) }
    }
}

/// The sum of a plan's waits. Hooks and the making of a task set come on top of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Total {
    /// Each wait lasts its whole time, so a deployment that succeeds takes no less.
    AtLeast(Seconds),
    /// A person may end one early.
    #[serde(rename_all = "camelCase")]
    AtMost {
        /// If nobody does.
        at_most: Seconds,
    },
}

impl Total {
    /// The sum, if nobody ends a wait early.
    pub fn seconds(self) -> Seconds {
        match self {
            Self::AtLeast(total) | Self::AtMost { at_most: total } => total,
        }
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(total) => write!(f, "{total} at least"),
            // Nothing bounds what comes on top of the waits, so it can only be said of them.
            Self::AtMost { at_most } => write!(f, "with waits of {at_most} at most"),
        }
    }
}

impl Step {
    /// Whether the step waits for a person.
    pub fn is_pause(&self) -> bool {
        matches!(self.hold, Hold::UntilContinued { .. })
    }

    /// How long the step holds at most.
    pub fn hold_seconds(&self) -> Seconds {
        self.hold.longest()
    }
}

/// Settles what a deployment will do, or says everything that speaks against it.
///
/// The same request and facts always give the same plan; after a success, the plan is empty.
pub fn plan(request: &Request, facts: &Facts) -> Result<Plan, Vec<Refusal>> {
    match preview(request, facts) {
        (Some(plan), refusals) if refusals.is_empty() => Ok(plan),
        (_, refusals) => Err(refusals),
    }
}

/// The plan as far as one can be made, beside everything that speaks against it: what a person wants to see at once.
pub fn preview(request: &Request, facts: &Facts) -> (Option<Plan>, Vec<Refusal>) {
    let Some(plan) = draft(request, facts) else {
        return (None, preflight::check(request, facts));
    };
    // Already there: whatever else is wrong does not matter, because nothing will be touched.
    let refusals = if plan.is_empty() { Vec::new() } else { preflight::check(request, facts) };
    (Some(plan), refusals)
}

/// What is the same for every target; `None` where too little of the target exists for a plan.
fn draft(request: &Request, facts: &Facts) -> Option<Plan> {
    let Chosen { strategy: NamedStrategy { name, strategy }, origin, overruled } = chosen(request);
    let Course { target, from, to, start, steps } = match (&request.appspec.resource, &facts.target) {
        (Resource::Alias(appspec), TargetFacts::Alias { alias: AliasFacts::Live(live), .. }) => {
            alias_course(appspec, live, &strategy)
        }
        (Resource::Service(appspec), TargetFacts::Service(found)) => {
            service::course(request, appspec, found, facts.leftover.is_some(), &strategy)?
        }
        _ => return None,
    };
    let mut plan = Plan {
        format: FORMAT,
        target,
        from,
        to,
        start,
        strategy: name,
        origin: Some(origin),
        overruled,
        warm: request.appspec.warm.filter(|_| facts.target.warmed().is_none_or(|found| found.left().is_some())),
        rewarms: facts.target.warmed().and_then(Found::left),
        steps,
        hooks: request.appspec.hooks.clone(),
        alarms: request.alarms.clone(),
        rollback: request.rollback.clone(),
        poll: facts.poll,
    };
    plan.poll = budget::poll_interval(&plan, facts.poll);
    Some(plan)
}

/// From where to where, and by which steps.
pub(crate) struct Course {
    pub(crate) target: Target,
    pub(crate) from: Backend,
    pub(crate) to: Backend,
    pub(crate) start: Routing,
    pub(crate) steps: Vec<Step>,
}

fn alias_course(appspec: &TargetAlias, live: &LiveAlias, strategy: &Strategy) -> Course {
    let (from, to) = (live.routing.primary.clone(), Backend::from(appspec.target));
    let steps = if live.routing == Routing::all_on(to.clone()) {
        Vec::new()
    } else if from == to {
        // A split left behind by somebody who now wants its primary version: end it at once.
        Strategy::AllAtOnce.steps()
    } else {
        left(strategy.steps(), live.routing.weight_of(&to))
    };
    let target = Target::LambdaAlias { function: appspec.function.clone(), alias: appspec.alias.clone() };
    Course { target, from, to, start: live.routing.clone(), steps }
}

/// The steps that are left where a deployment begins with a part of the calls on the new version: first the wait of the step that
/// has come as far, so that a split which somebody left is watched as long as one that was just made; then all further ones.
fn left(steps: Vec<Step>, reached: Weight) -> Vec<Step> {
    let (taken, left): (Vec<Step>, Vec<Step>) = steps.into_iter().partition(|step| step.weight <= reached);
    let held = taken.last().filter(|_| reached.percent() > 0).map(|step| Step { weight: reached, hold: step.hold });
    held.into_iter().chain(left).collect()
}

/// Who named a strategy, the one that wins first: what is said nearer to the deployment counts more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// The deployment itself, beside its AppSpec.
    Deployment,
    /// `Strategy` in the AppSpec.
    AppSpec,
    /// The deployment group.
    Group,
    /// Nobody: it is the platform's default.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deployment => "the deployment",
            Self::AppSpec => "the AppSpec",
            Self::Group => "the deployment group",
            Self::Default => "nobody",
        })
    }
}

/// A strategy that was named, and that another one goes before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overruled {
    /// Who named it.
    pub origin: Origin,
    /// What it is called.
    pub strategy: String,
}

/// The strategy that a deployment goes by.
pub(crate) struct Chosen {
    pub(crate) strategy: NamedStrategy,
    origin: Origin,
    overruled: Vec<Overruled>,
}

/// What the deployment itself says wins: the configuration it names, then its AppSpec's own strategy. Its group comes after that, and
/// CodeDeploy's default, all at once, where nobody says anything.
pub(crate) fn chosen(request: &Request) -> Chosen {
    let mut named = [
        (Origin::Deployment, &request.strategy),
        (Origin::AppSpec, &request.appspec.strategy),
        (Origin::Group, &request.group_strategy),
    ]
    .into_iter()
    .filter_map(|(origin, named)| Some((origin, named.clone()?)));
    let (origin, strategy) = named.next().unwrap_or_else(|| {
        let name = request.appspec.platform().default_config().to_owned();
        (Origin::Default, NamedStrategy { name, strategy: Strategy::AllAtOnce })
    });
    // One that says the same loses nothing.
    let overruled = named
        .filter(|(_, other)| other.strategy != strategy.strategy)
        .map(|(origin, other)| Overruled { origin, strategy: other.name })
        .collect();
    Chosen { strategy, origin, overruled }
}

/// What a person should know before the deployment starts, and that is no reason to refuse it.
pub fn notes(plan: &Plan, facts: &Facts) -> Vec<String> {
    let mut notes = Vec::new();
    if plan.is_empty() {
        notes.push(format!("{} already sends every call to {}: there is nothing to do", plan.target, plan.to));
        return notes;
    }
    if let Some(origin) = plan.origin {
        notes.extend(plan.overruled.iter().map(|other| {
            format!(
                "the strategy is {}, which {origin} names; {}, which {} names, is not used",
                plan.strategy, other.strategy, other.origin
            )
        }));
    }
    if let TargetFacts::Alias { alias: AliasFacts::Live(live), .. } = &facts.target
        && let Some(provisioned) = live.provisioned
    {
        notes.push(format!(
            "{} has {provisioned} provisioned concurrent executions: while traffic shifts, Lambda divides them between \
             both versions by weight, and when the alias moves to {} it allocates them anew, so some calls may start cold",
            plan.target, plan.to
        ));
    }
    notes.extend(facts.target.warmed().map(|found| found.note(&plan.to)));
    // A deployment that holds the target is at it: what is split is its doing, and the refusal names it. So does one of a split
    // that somebody else made.
    let left = facts.holder.is_none() && facts.leftover.as_ref() == Some(&plan.start);
    if let Some(service) = plan.target.service() {
        notes.extend(service::notes(service, facts));
    } else if plan.start.is_split() && left {
        let third = plan.start.backends().find(|backend| **backend != plan.from && **backend != plan.to);
        let then = match third {
            None => "the deployment starts from there".to_owned(),
            Some(third) => format!("with the first step {third} has no calls any more"),
        };
        notes.push(format!(
            "the alias was left split ({}): {then}, and a rollback sends every call to {}",
            plan.start, plan.from
        ));
    }
    if plan.poll > facts.poll && !plan.alarms.is_empty() {
        notes.push(format!(
            "the alarms are polled every {} instead of {}, so that the execution's history stays within its limit; \
             alarm events still stop the deployment at once",
            plan.poll, facts.poll
        ));
    }
    if plan.rollback.events().next().is_none() {
        notes.push("rollback is switched off: a stop or failure leaves the traffic where it is".to_owned());
    }
    notes
}

#[cfg(test)]
mod tests;
