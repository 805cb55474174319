//! The promises of the design, as questions about a world in which a deployment has come to its end.

use std::collections::BTreeMap;

use fakes::world::Write;
use fakes::{Simulation, event};
use rollout::code::ErrorCode;
use rollout::deployment::Phase;
use rollout::ending::Traffic;
use rollout::ids::DeploymentId;
use rollout::journal::{self, Entry};
use rollout::platform::Platform;
use rollout::routing::Routing;
use rollout::weight::Weight;
use steps::ports::{Alert, Loaded, Pointing};

use crate::ecs;

/// Every promise that can be asked of the end of any story.
pub(crate) fn kept(simulation: &Simulation, id: &DeploymentId) -> Result<(), String> {
    if simulation.world().deployment(id).is_some_and(|deployment| deployment.platform == Platform::Ecs) {
        ecs::promises::kept(simulation, id)?;
        no_watch_lasts(simulation, id)?;
        return has_every_line(simulation, id);
    }
    is_settled(simulation, id)?;
    never_forward_again(simulation, id)?;
    never_overwrites_others(simulation, id)?;
    no_watch_lasts(simulation, id)?;
    has_every_line(simulation, id)
}

/// P9: whatever the record says has its line, and no line is told twice.
fn has_every_line(simulation: &Simulation, id: &DeploymentId) -> Result<(), String> {
    let Some(Loaded { deployment, plan, .. }) = simulation.world().loaded(id) else { return Ok(()) };
    let lines = simulation.world().journal(id);
    let mut told = BTreeMap::new();
    for line in &lines {
        if let Some(before) = told.insert(line.key(), &line.entry) {
            return Err(format!("the journal tells {} twice: {before}", line.key()));
        }
    }
    for line in journal::due(&deployment, plan.as_ref()) {
        let is_told = told.get(&line.key()).is_some_and(|entry| **entry == line.entry);
        expect(is_told, || format!("the journal lacks {}: {}", line.key(), line.entry))?;
    }
    let Some((plan, last)) = plan.zip(deployment.progress.at.map(|position| position.step)) else { return Ok(()) };
    let set = |step| journal::set(&plan, step);
    let lacks = |entry: &Entry| !lines.iter().any(|line| line.entry == *entry);
    match (0..=last).map(set).find(lacks) {
        Some(entry) => Err(format!("the journal lacks a weight: {entry}")),
        None => Ok(()),
    }
}

/// P1: every call goes to one version or the split was left on purpose, the record is final, the lock is free; or the
/// deployment is unresolved, the lock is kept, and somebody was told.
fn is_settled(simulation: &Simulation, id: &DeploymentId) -> Result<(), String> {
    let world = simulation.world();
    let loaded = world.loaded(id).ok_or("there is no record")?;
    let running: Vec<String> =
        simulation.executions().into_iter().filter(|name| simulation.execution(name).is_none()).collect();
    expect(running.is_empty(), || format!("these executions never end: {running:?}"))?;
    let owner = world.lock_of("storefront", "live").owner;
    let phase = &loaded.deployment.phase;
    let (to, start) = match &loaded.plan {
        Some(plan) => (Some(plan.shift().end()), Some(plan.shift().start.clone())),
        None => (None, None),
    };
    let stopped = world.story().contains("StopDeployment answers 200");
    expect(!(stopped && *phase == Phase::Succeeded), || "succeeded after a stop was accepted".to_owned())?;
    let wanted = match phase {
        Phase::Succeeded => to,
        Phase::Ended { traffic: Traffic::Untouched, .. } => start,
        Phase::Ended { traffic: Traffic::Restored(version), .. } => Some(Routing::all_on(version.clone())),
        Phase::Ended { traffic: Traffic::Left(routing), .. } => Some(routing.clone()),
        Phase::Ended { traffic: Traffic::Foreign(routing), .. } => routing.clone(),
        Phase::Unresolved { .. } => {
            let told = world.alerts().iter().any(|alert| matches!(alert, Alert::Unresolved { .. }));
            expect(told, || "unresolved, and nobody was told".to_owned())?;
            return expect(owner.as_ref() == Some(id), || format!("unresolved, and the lock is {owner:?}'s"));
        }
        Phase::Created
        | Phase::Queued
        | Phase::Running
        | Phase::Committing
        | Phase::Stopping { .. }
        | Phase::Settled { .. } => {
            return Err(format!("the record is {}", phase.name()));
        }
    };
    // Where somebody else wrote last, the alias is as they want it.
    if world.writes().last().is_some_and(|last| last.ours) {
        let live = world.pointing("storefront", "live");
        let wanted = wanted.map(Pointing::At);
        expect(live == wanted, || format!("the alias is {live:?}, and the record says {wanted:?}"))?;
        let left = matches!(phase, Phase::Ended { traffic: Traffic::Left(_), .. });
        let split = matches!(&live, Some(Pointing::At(routing)) if routing.is_split());
        expect(!split || left, || format!("the alias is split: {live:?}"))?;
    }
    // A lock whose owner is over is as good as free: the next deployment takes it over.
    let owner_is_over = owner
        .as_ref()
        .and_then(|owner| world.deployment(owner))
        .is_none_or(|owner| owner.phase.is_final() && !matches!(owner.phase, Phase::Unresolved { .. }));
    expect(owner_is_over, || format!("the lock is {owner:?}'s"))
}

/// P2: weight only climbs until it is put back, and never climbs after that.
fn never_forward_again(simulation: &Simulation, id: &DeploymentId) -> Result<(), String> {
    let world = simulation.world();
    let ours: Vec<Write> = world.writes().into_iter().filter(|write| write.ours).collect();
    let Some(plan) = world.plan(id) else { return expect(ours.is_empty(), || "written without a plan".to_owned()) };
    let (mut last, mut back) = (Weight::ZERO, false);
    for write in &ours {
        let Some(Pointing::At(to)) = &write.to else { return Err(format!("an odd write: {write:?}")) };
        let weight = to.weight_of(&plan.shift().to);
        expect(!back || weight == Weight::ZERO, || format!("forward after it was put back: {ours:#?}"))?;
        back |= weight < last;
        last = weight;
    }
    Ok(())
}

/// P3: once somebody else has brought in a version that is not ours, we write no more; where their change is all that is
/// wrong, also not over other weights of our own two.
fn never_overwrites_others(simulation: &Simulation, id: &DeploymentId) -> Result<(), String> {
    let Some(loaded) = simulation.world().loaded(id) else { return Ok(()) };
    let Some(plan) = loaded.plan else { return Ok(()) };
    let is_drift = loaded.deployment.phase.why().is_some_and(|why| why.code == ErrorCode::Drift);
    let of_ours = |to: &Routing| {
        *to == plan.shift().start || (0..plan.shift().steps.len()).any(|step| plan.routing_at(step) == *to)
    };
    let mut theirs = false;
    for write in simulation.world().writes() {
        let known = |to: &Routing| {
            let same = to.backends().all(|backend| *backend == plan.shift().from || *backend == plan.shift().to);
            *to == plan.shift().start || (same && (!is_drift || of_ours(to)))
        };
        if write.ours {
            expect(!theirs, || format!("overwrote what is not ours: {:#?}", simulation.world().writes()))?;
        } else {
            theirs = !matches!(&write.to, Some(Pointing::At(to)) if known(to));
        }
    }
    Ok(())
}

/// A watch that a function left behind when it died is found by the next event of its alarm, which changes nothing else.
fn no_watch_lasts(simulation: &Simulation, id: &DeploymentId) -> Result<(), String> {
    let phase = simulation.world().deployment(id).map(|deployment| deployment.phase);
    if matches!(phase, Some(Phase::Unresolved { .. })) {
        // Its repair ends the watches.
        return Ok(());
    }
    let (world, before) = (simulation.world(), simulation.world().writes());
    let weights = world.weights_written();
    simulation.nothing_else_happens();
    for (alarm, _) in world.watches() {
        simulation.happens(event::alarm(alarm.as_str()));
    }
    simulation.run();
    expect(world.watches().is_empty(), || format!("alarms still watch: {:?}", world.watches()))?;
    expect(world.writes() == before, || "an alarm moved the traffic of a deployment that is over".to_owned())?;
    expect(world.weights_written() == weights, || "an alarm moved the weights of a deployment that is over".to_owned())
}

fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
