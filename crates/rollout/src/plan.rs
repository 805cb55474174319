//! Everything a rollout will do, settled before anything is touched.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::appspec::{Hook, Hooks, NamedStrategy};
use crate::budget;
use crate::ids::{AliasName, FunctionName, Version};
use crate::lifecycle::LifecycleEvent;
use crate::preflight::{self, AliasFacts, Facts, LiveAlias, Refusal};
use crate::request::{AlarmWatch, Request, RollbackRules};
use crate::routing::Routing;
use crate::seconds::Seconds;
use crate::strategy::{Hold, Step, Strategy};
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
}

impl Target {
    /// The key under which the target is locked: one deployment at a time.
    pub fn key(&self) -> String {
        match self {
            Self::LambdaAlias { function, alias } => format!("lambda:{function}:{alias}"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LambdaAlias { function, alias } => write!(f, "{function}:{alias}"),
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
    /// The version that has the traffic, and gets it back.
    pub from: Version,
    /// The version that is to have it.
    pub to: Version,
    /// Where the alias sent its calls when the plan was made.
    pub start: Routing,
    /// What the strategy is called.
    pub strategy: String,
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

    /// Where the alias belongs when the deployment is undone: every call to the version that had them.
    pub fn home(&self) -> Routing {
        Routing::all_on(self.from)
    }

    /// The plan as its rollback looks: back to the version that had the calls, all at once, with nothing to run or to watch.
    pub fn reversed(&self) -> Self {
        Self {
            from: self.to,
            to: self.from,
            start: Routing::all_on(self.to),
            strategy: "CodeDeployDefault.LambdaAllAtOnce".to_owned(),
            steps: Strategy::AllAtOnce.steps(),
            hooks: Hooks::default(),
            alarms: AlarmWatch::default(),
            ..self.clone()
        }
    }

    /// Where the alias sends its calls once step `index` is taken.
    pub fn routing_at(&self, index: usize) -> Routing {
        let weight = self.steps.get(index).map_or(Weight::FULL, |step| step.weight);
        Routing::shifted(self.from, self.to, weight)
    }

    /// The hook of a lifecycle event.
    pub fn hook(&self, event: LifecycleEvent) -> Option<&Hook> {
        match event {
            LifecycleEvent::BeforeAllowTraffic => self.hooks.before_allow_traffic.as_ref(),
            LifecycleEvent::AllowTraffic => None,
            LifecycleEvent::AfterAllowTraffic => self.hooks.after_allow_traffic.as_ref(),
        }
    }

    /// How long the steps take at least; pauses count with their whole timeout.
    pub fn total(&self) -> Seconds {
        self.steps.iter().fold(Seconds(0), |sum, step| Seconds(sum.0.saturating_add(step.hold_seconds().0)))
    }
}

impl Step {
    /// Whether the step waits for a person.
    pub fn is_pause(&self) -> bool {
        matches!(self.hold, Hold::UntilContinued { .. })
    }

    /// How long the step holds at most.
    pub fn hold_seconds(&self) -> Seconds {
        match self.hold {
            Hold::For(seconds) => seconds,
            Hold::UntilContinued { timeout, .. } => timeout,
        }
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
    let AliasFacts::Live(live) = &facts.alias else {
        return (None, preflight::check(request, facts));
    };
    let plan = draft(request, facts, live);
    // Already there: whatever else is wrong does not matter, because nothing will be touched.
    let refusals = if plan.is_empty() { Vec::new() } else { preflight::check(request, facts) };
    (Some(plan), refusals)
}

fn draft(request: &Request, facts: &Facts, live: &LiveAlias) -> Plan {
    let appspec = &request.appspec;
    let NamedStrategy { name, strategy } = chosen(request);
    let to = appspec.target;
    let from = live.routing.primary;
    let steps = if live.routing == Routing::all_on(to) {
        Vec::new()
    } else if from == to {
        // A split left behind by somebody who now wants its primary version: end it at once.
        Strategy::AllAtOnce.steps()
    } else {
        let reached = live.routing.weight_of(to);
        strategy.steps().into_iter().filter(|step| step.weight > reached).collect()
    };
    let mut plan = Plan {
        format: FORMAT,
        target: Target::LambdaAlias { function: appspec.function.clone(), alias: appspec.alias.clone() },
        from,
        to,
        start: live.routing.clone(),
        strategy: name,
        steps,
        hooks: appspec.hooks.clone(),
        alarms: request.alarms.clone(),
        rollback: request.rollback.clone(),
        poll: facts.poll,
    };
    plan.poll = budget::poll_interval(&plan, facts.poll);
    plan
}

/// The configuration named beside the AppSpec wins over the AppSpec's own; CodeDeploy's Lambda default is all at once.
fn chosen(request: &Request) -> NamedStrategy {
    request.strategy.clone().or_else(|| request.appspec.strategy.clone()).unwrap_or_else(|| NamedStrategy {
        name: "CodeDeployDefault.LambdaAllAtOnce".to_owned(),
        strategy: Strategy::AllAtOnce,
    })
}

/// What a person should know before the deployment starts, and that is no reason to refuse it.
pub fn notes(plan: &Plan, facts: &Facts) -> Vec<String> {
    let mut notes = Vec::new();
    let AliasFacts::Live(live) = &facts.alias else { return notes };
    if plan.is_empty() {
        notes.push(format!("{} already sends every call to version {}: there is nothing to do", plan.target, plan.to));
        return notes;
    }
    if let Some(provisioned) = live.provisioned {
        notes.push(format!(
            "{} has {provisioned} provisioned concurrent executions: while traffic shifts, Lambda divides them between \
             both versions by weight, and when the alias moves to version {} it allocates them anew, so some calls may start cold",
            plan.target, plan.to
        ));
    }
    if live.routing.is_split() {
        notes.push(format!(
            "the alias was left split ({}): the deployment starts from there, and a rollback sends every call to version {}",
            live.routing, plan.from
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
