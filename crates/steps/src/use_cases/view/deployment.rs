//! Everything known about one deployment, as `codedeploy::view` has it.

use codedeploy::time::Time;
use codedeploy::view::{
    AlarmView, DeploymentView, DoubtAbout, DoubtView, EventView, JournalEntry, JournalEvent, ProgressView, QueuedView,
    StarterView,
};
use rollout::alarms::Readings;
use rollout::deployment::{Deployment, Phase};
use rollout::hold::WaitKind;
use rollout::hooks;
use rollout::journal::{Line, Meaning};
use rollout::lifecycle::{EventRecord, EventStatus};
use rollout::queue::WaitsFor;
use rollout::starter::Starter;
use rollout::verdict::{Doubts, Judge};

use super::ending::{error, left_to_others, left_warm, leftover, outcome, rollback_of, rolled_back_by};
use super::plan::plan;
use crate::ports::Loaded;
use crate::use_cases::{limits, wire};

/// Everything known about one deployment, its task sets aside.
pub(in crate::use_cases) fn description(
    loaded: &Loaded,
    journal: &[Line],
    readings: Option<&Readings>,
) -> DeploymentView {
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
        queued: queued(&loaded.deployment),
        plan: loaded.plan.as_ref().map(plan),
        asked: None,
        progress: Some(progress(loaded)),
        limits: Some(limits::of(loaded.deployment.platform)),
        events: events.events().iter().map(|record| event(record, loaded)).collect(),
        alarms: alarms(loaded, readings),
        error: error(&loaded.deployment),
        leftover: leftover(phase),
        left_to_others: left_to_others(loaded),
        changed: None,
        left_now: None,
        left_warm: left_warm(loaded).filter(|left| left.why.is_some()),
        task_sets: Vec::new(),
        journal: journal.iter().map(journal_entry).collect(),
    }
}

fn queued(deployment: &Deployment) -> Option<QueuedView> {
    let waits_for = &deployment.decided.queued.last().filter(|_| deployment.phase == Phase::Queued)?.waits_for;
    let WaitsFor::Deployment { id } = waits_for;
    Some(QueuedView { behind: Some(id.to_string()), text: waits_for.to_string() })
}

fn journal_entry(line: &Line) -> JournalEntry {
    let Meaning { status, event } = line.entry.means();
    let event =
        event.map(|(event, status)| JournalEvent { name: event.to_string(), status: status.as_str().to_owned() });
    JournalEntry {
        at: Time(line.at),
        key: Some(line.key().to_string()),
        text: line.entry.to_string(),
        status: status.map(|status| status.as_str().to_owned()),
        event,
    }
}

fn starter(starter: &Starter) -> StarterView {
    match starter {
        Starter::Caller { arn } => StarterView::Caller { arn: arn.to_string() },
        Starter::Invocation => StarterView::Invocation,
        Starter::Execution => StarterView::Execution,
        Starter::Pipeline { job } => StarterView::Pipeline { job: job.to_string() },
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
        doubts: if *phase == Phase::Running { doubts(&loaded.deployment.doubts) } else { Vec::new() },
    }
}

fn doubts(doubts: &Doubts) -> Vec<DoubtView> {
    let about = |judge| match judge {
        Judge::Alarms => DoubtAbout::Alarms,
        Judge::Target => DoubtAbout::Target,
        Judge::Replacement => DoubtAbout::Replacement,
    };
    doubts.iter().map(|(judge, why)| DoubtView { about: about(judge), text: judge.doubts(why) }).collect()
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
            why: readings.and_then(|readings| readings.unknown(name)),
        })
        .collect()
}
