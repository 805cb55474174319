//! Makes a plan of a request and of what is live, or says everything that speaks against it.

use crate::appspec::{NamedStrategy, Resource, TargetAlias};
use crate::budget;
use crate::course::{Chosen, Course, Draft, Origin, Overruled, Shift};
use crate::facts::{AliasFacts, Facts, LiveAlias, TargetFacts};
use crate::format;
use crate::plan::Plan;
use crate::preflight::{self, Refusal};
use crate::request::Request;
use crate::routing::{Backend, Routing};
use crate::service::draft as service;
use crate::strategy::{Step, Strategy};
use crate::target::Target;
use crate::warm::FoundConcurrency;
use crate::weight::Weight;

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
    let (strategy, named) = chosen(request);
    let Draft { target, from, to, start, steps } = match (&request.appspec.resource, &facts.target) {
        (Resource::Alias(appspec), TargetFacts::Alias { alias: AliasFacts::Live(live), .. }) => {
            alias(appspec, live, &strategy)
        }
        (Resource::Service(appspec), TargetFacts::Service(found)) => {
            service::draft(request, appspec, found, facts.leftover.is_some(), &strategy)?
        }
        _ => return None,
    };
    let warmed = facts.target.warmed();
    let shift = Shift {
        from,
        to,
        start,
        strategy: named,
        warm: request.appspec.warm.filter(|_| warmed.is_none_or(|found| found.left().is_some())),
        rewarms: warmed.and_then(FoundConcurrency::left),
        steps,
    };
    let mut plan = Plan {
        format: format::PLAN,
        target,
        hooks: request.appspec.hooks.clone(),
        alarms: request.alarms.clone(),
        rollback: request.rollback.clone(),
        poll: facts.poll,
        course: Course::Shift(shift),
    };
    plan.poll = budget::poll_interval(&plan, facts.poll);
    Some(plan)
}

fn alias(appspec: &TargetAlias, live: &LiveAlias, strategy: &Strategy) -> Draft {
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
    Draft { target, from, to, start: live.routing.clone(), steps }
}

/// The steps that are left where a deployment begins with a part of the calls on the new version: first the wait of the step that
/// has come as far, so that a split which somebody left is watched as long as one that was just made; then all further ones.
fn left(steps: Vec<Step>, reached: Weight) -> Vec<Step> {
    let (taken, left): (Vec<Step>, Vec<Step>) = steps.into_iter().partition(|step| step.weight <= reached);
    let held = taken.last().filter(|_| reached.percent() > 0).map(|step| Step { weight: reached, hold: step.hold });
    held.into_iter().chain(left).collect()
}

/// What the deployment itself says wins: the configuration it names, then its AppSpec's own strategy. Its group comes after that, and
/// CodeDeploy's default, all at once, where nobody says anything.
fn chosen(request: &Request) -> (Strategy, Chosen) {
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
    (strategy.strategy, Chosen { name: strategy.name, origin: Some(origin), overruled })
}

/// What a person should know before the deployment starts, and that is no reason to refuse it.
pub fn notes(plan: &Plan, facts: &Facts) -> Vec<String> {
    let (shift, mut notes) = (plan.shift(), Vec::new());
    if plan.is_empty() {
        notes.push(format!("{} already sends every call to {}: there is nothing to do", plan.target, shift.to));
        return notes;
    }
    if let Some(origin) = shift.strategy.origin {
        notes.extend(shift.strategy.overruled.iter().map(|other| {
            format!(
                "the strategy is {}, which {origin} names; {}, which {} names, is not used",
                shift.strategy.name, other.strategy, other.origin
            )
        }));
    }
    if let TargetFacts::Alias { alias: AliasFacts::Live(live), .. } = &facts.target
        && let Some(provisioned) = live.provisioned
    {
        notes.push(format!(
            "{} has {provisioned} provisioned concurrent executions: while traffic shifts, Lambda divides them between \
             both versions by weight, and when the alias moves to {} it allocates them anew, so some calls may start cold",
            plan.target, shift.to
        ));
    }
    notes.extend(facts.target.warmed().map(|found| found.note(&shift.to)));
    // A deployment that holds the target is at it: what is split is its doing, and the refusal names it. So does one of a split
    // that somebody else made.
    let left = facts.holder.is_none() && facts.leftover.as_ref() == Some(&shift.start);
    if let Some(service) = plan.target.service() {
        notes.extend(service::notes(service, facts));
    } else if shift.start.is_split() && left {
        let third = shift.start.backends().find(|backend| **backend != shift.from && **backend != shift.to);
        let then = match third {
            None => "the deployment starts from there".to_owned(),
            Some(third) => format!("with the first step {third} has no calls any more"),
        };
        notes.push(format!(
            "the alias was left split ({}): {then}, and a rollback sends every call to {}",
            shift.start, shift.from
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
