//! What a pipeline is told of its deployment: how far it is, or how it ended.

use std::collections::BTreeMap;

use super::fault::{FailureType, Fault};
use crate::deployment::{Deployment, Phase};
use crate::ids::ExecutionArn;
use crate::journal::Line;
use crate::lifecycle::EventStatus;
use crate::plan::Plan;
use crate::target::Target;

/// The longest summary CodePipeline takes, in characters (docs/codedeploy-contract.md 10.1).
pub const MAX_SUMMARY: usize = 2_048;

/// The longest message of a failure.
pub const MAX_MESSAGE: usize = 5_000;

/// How a deployment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// It goes on.
    Going {
        /// How far it is, from 0 to 99.
        percent: u8,
        /// What it does, and what it waits for.
        summary: String,
    },
    /// It succeeded.
    Succeeded {
        /// How.
        summary: String,
        /// The variables that actions behind this one may use.
        variables: BTreeMap<String, String>,
    },
    /// It ended other than well.
    Failed(Fault),
}

impl Report {
    /// The report of a deployment, with the lines of its journal in their order.
    pub fn of(deployment: &Deployment, plan: Option<&Plan>, journal: &[Line]) -> Self {
        let fault = match &deployment.phase {
            Phase::Succeeded => {
                let summary = clipped(succeeded(plan, journal), MAX_SUMMARY);
                return Self::Succeeded { summary, variables: variables(deployment, plan) };
            }
            Phase::Ended { why, traffic } => {
                let message = format!("{}: {}; traffic: {traffic}{}", why.code, why.message, of_hook(deployment));
                Fault::new(FailureType::of(why), clipped(message, MAX_MESSAGE))
            }
            Phase::Unresolved { why, .. } => {
                let unresolved = deployment.unresolved().unwrap_or_default();
                let message = format!(
                    "{}: {}; {unresolved}: see to it and run: tideshift repair {}{}",
                    why.code,
                    why.message,
                    deployment.id,
                    of_hook(deployment)
                );
                Fault::new(FailureType::JobFailed, clipped(message, MAX_MESSAGE))
            }
            Phase::Created
            | Phase::Queued
            | Phase::Running
            | Phase::Committing
            | Phase::Stopping { .. }
            | Phase::Settled { .. } => {
                let summary = clipped(going(deployment, plan, journal), MAX_SUMMARY);
                return Self::Going { percent: percent(deployment, plan), summary };
            }
        };
        Self::Failed(fault)
    }
}

/// How far a deployment is: weights count for most of it, and it never goes back.
fn percent(deployment: &Deployment, plan: Option<&Plan>) -> u8 {
    let weight = plan.map_or(0, |plan| deployment.progress.weight(plan).percent());
    match &deployment.phase {
        Phase::Created | Phase::Queued => 0,
        Phase::Running => 5 + (u16::from(weight) * 85 / 100) as u8,
        Phase::Committing | Phase::Stopping { .. } => 95,
        Phase::Settled { .. } => 98,
        Phase::Succeeded | Phase::Ended { .. } | Phase::Unresolved { .. } => 100,
    }
}

fn succeeded(plan: Option<&Plan>, journal: &[Line]) -> String {
    match plan.filter(|plan| !plan.is_empty()) {
        Some(plan) => format!("Succeeded; every call to {} goes to {}", plan.target.shown(), plan.shift().to),
        None => last(journal).unwrap_or_else(|| "Succeeded".to_owned()),
    }
}

fn going(deployment: &Deployment, plan: Option<&Plan>, journal: &[Line]) -> String {
    let mut parts = vec![deployment.phase.status().as_str().to_owned()];
    parts.extend(last(journal));
    let running = deployment.phase == Phase::Running;
    let progress = &deployment.progress;
    if let (Some(plan), Some(position)) = (plan, &progress.at) {
        parts.push(format!("step {} of {}", position.step + 1, plan.shift().steps.len()));
    }
    if let Some(plan) = plan.filter(|_| running) {
        if progress.awaits_continue(plan) {
            parts.push(format!("waits for a person: tideshift continue {}", deployment.id));
        } else if let Some(next) = progress.next_at(plan).filter(|_| !progress.is_resumed()) {
            parts.push(format!("next at {next:.0}"));
        }
    }
    let hook = deployment.events.events().iter().find(|record| {
        let has_hook = plan.is_some_and(|plan| plan.hook(record.event).is_some());
        has_hook && record.status == EventStatus::InProgress
    });
    parts.extend(hook.filter(|_| running).map(|record| format!("waits for the {} hook", record.event)));
    parts.extend(progress.trouble.as_ref().filter(|_| running).map(|why| format!("waits for the new task set: {why}")));
    if running {
        parts.extend(deployment.doubts.iter().map(|(judge, why)| format!("waits: {}", judge.doubts(why))));
    }
    parts.join("; ")
}

/// What happened last, in the words of the journal.
fn last(journal: &[Line]) -> Option<String> {
    journal.last().map(|line| line.entry.to_string())
}

/// The last line that the hook which failed has logged, where that may be kept.
fn of_hook(deployment: &Deployment) -> String {
    let failed = deployment.events.events().iter().filter(|record| record.status == EventStatus::Failed);
    let tails = failed.filter_map(|record| Some((record.event, record.diagnostics.as_ref()?.log_tail.as_str())));
    let mut lines = tails.filter_map(|(event, tail)| {
        let line = tail.lines().rev().map(str::trim).find(|line| is_told(line))?;
        Some(format!("; the {event} hook logged last: {line}"))
    });
    lines.next().unwrap_or_default()
}

/// Lambda's own lines about an invocation say nothing of what went wrong.
fn is_told(line: &str) -> bool {
    let of_lambda = ["START RequestId:", "END RequestId:", "REPORT RequestId:", "XRAY TraceId:"];
    !line.is_empty() && !of_lambda.iter().any(|begin| line.starts_with(begin))
}

/// What actions behind this one may use.
fn variables(deployment: &Deployment, plan: Option<&Plan>) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    let mut tell = |name: &str, value: String| drop(variables.insert(name.to_owned(), value));
    tell("deploymentId", deployment.id.to_string());
    tell("status", deployment.phase.status().as_str().to_owned());
    if let Some(plan) = plan {
        tell("target", plan.target.shown());
        match &plan.target {
            Target::LambdaAlias { .. } => {
                tell("fromVersion", plan.shift().from.id());
                tell("toVersion", plan.shift().to.id());
            }
            Target::EcsService(service) => {
                tell("fromTaskDefinition", service.blue_definition.to_string());
                tell("taskDefinition", service.green.task_definition.to_string());
            }
        }
    }
    if let Some(link) = deployment.depends_on().and_then(link) {
        tell("executionUrl", link);
    }
    variables
}

/// Where the console shows an execution.
pub fn link(execution: &ExecutionArn) -> Option<String> {
    let (partition, region) = match execution.as_str().split(':').collect::<Vec<_>>()[..] {
        ["arn", partition, "states", region, ..] => (partition, region),
        _ => return None,
    };
    let domain = match partition {
        "aws" => "console.aws.amazon.com",
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => return None,
    };
    Some(format!("https://{region}.{domain}/states/home?region={region}#/v2/executions/details/{execution}"))
}

/// A text of at most so many characters.
pub fn clipped(text: impl Into<String>, most: usize) -> String {
    let text = text.into();
    match text.char_indices().nth(most) {
        None => text,
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests;
