//! The promises of the design, as questions about a service whose deployment has come to its end.

use std::collections::BTreeMap;

use fakes::{Simulation, shop};
use jiff::{SignedDuration, Timestamp};
use rollout::deployment::Phase;
use rollout::ending::Traffic;
use rollout::ids::{DeploymentId, RouteId};
use rollout::journal::Entry;
use rollout::routing::Routing;
use rollout::service::Service;
use rollout::service::live::TaskSet;
use steps::ports::Alert;

/// Every promise that can be asked of the end of any story of a service.
pub(crate) fn kept(simulation: &Simulation, id: &DeploymentId) -> Result<(), String> {
    is_settled(simulation, id)?;
    never_forward_again(simulation, id)?;
    never_overwrites_others(simulation)
}

/// P1: production traffic goes to one task set or the split was left on purpose, nothing of ours is left over, the record is
/// final, the lock is free; or the deployment is unresolved, the lock is kept, and somebody was told.
fn is_settled(simulation: &Simulation, id: &DeploymentId) -> Result<(), String> {
    let world = simulation.world();
    let loaded = world.loaded(id).ok_or("there is no record")?;
    let running: Vec<String> =
        simulation.executions().into_iter().filter(|name| simulation.execution(name).is_none()).collect();
    expect(running.is_empty(), || format!("these executions never end: {running:?}"))?;
    expect(!world.story().contains("States.Runtime"), || "the state machine asks for what is not there".to_owned())?;
    let owner = world.lock_of_service().owner;
    let phase = &loaded.deployment.phase;
    // Stops of another deployment before this one do not count.
    let story = world.story();
    let since = story.find(&format!("execution {id} starts")).unwrap_or_default();
    let stopped = story[since..].contains("StopDeployment answers 200");
    expect(!(stopped && *phase == Phase::Succeeded), || "succeeded after a stop was accepted".to_owned())?;
    if matches!(phase, Phase::Unresolved { .. }) {
        let told = world.alerts().iter().any(|alert| matches!(alert, Alert::Unresolved { .. }));
        expect(told, || "unresolved, and nobody was told".to_owned())?;
        return expect(owner.as_ref() == Some(id), || format!("unresolved, and the lock is {owner:?}'s"));
    }
    expect(phase.is_final(), || format!("the record is {}", phase.name()))?;
    let owner_is_over = owner
        .as_ref()
        .and_then(|owner| world.deployment(owner))
        .is_none_or(|owner| owner.phase.is_final() && !matches!(owner.phase, Phase::Unresolved { .. }));
    expect(owner_is_over, || format!("the lock is {owner:?}'s"))?;
    let Some(plan) = &loaded.plan else {
        let written = ours(simulation).iter().any(|write| write.at > loaded.deployment.created);
        return expect(!written, || "no plan, and written".to_owned());
    };
    let Some(service) = plan.target.service() else { return Err("the plan is for no service".to_owned()) };
    if loaded.deployment.started.is_none() {
        return expect(sets_of(simulation, id) == 0, || "a task set without a beginning".to_owned());
    }
    let (production, test) = match phase {
        Phase::Succeeded => (Some(plan.shift().end()), Some(plan.shift().end())),
        Phase::Ended { traffic: Traffic::Untouched, .. } => (Some(plan.shift().start.clone()), Some(plan.home())),
        Phase::Ended { traffic: Traffic::Restored(to), .. } => (Some(Routing::all_on(to.clone())), Some(plan.home())),
        // Somebody else's change at one of the places: the record names that place, the others are as we left them.
        Phase::Ended { traffic: Traffic::Left(_), why } if why.code == rollout::code::ErrorCode::Drift => (None, None),
        Phase::Ended { traffic: Traffic::Left(routing), .. } => (Some(routing.clone()), None),
        _ => (None, None),
    };
    // What began elsewhere than on blue is brought back there.
    let began = || service.test.as_ref().and_then(|test| RouteId::parse(test.as_str()).ok());
    let test =
        test.map(|to| if to == plan.home() { began().map_or(to, |place| service.test_home(&place)) } else { to });
    for (place, wanted) in [("prod", &production), ("api", &production), ("test", &test)] {
        goes_to(simulation, service, place, wanted.as_ref())?;
    }
    nothing_is_left(simulation, id, service, phase)
}

/// Where somebody else wrote last, the place is as they want it.
fn goes_to(simulation: &Simulation, service: &Service, place: &str, wanted: Option<&Routing>) -> Result<(), String> {
    let world = simulation.world();
    let mut written = world.weights_written().into_iter().filter(|write| write.route == place);
    let last_is_ours = written.next_back().is_none_or(|last| last.ours);
    let Some(wanted) = wanted.filter(|_| last_is_ours && (place != "test" || service.test.is_some())) else {
        return Ok(());
    };
    let live = world.routing(place, service.pair());
    expect(live.as_ref() == Some(wanted), || format!("{place} is on {live:?}, and the record says {wanted}"))
}

/// The task set that lost is gone and the one that won is the primary, unless it is written down why not.
fn nothing_is_left(simulation: &Simulation, id: &DeploymentId, service: &Service, phase: &Phase) -> Result<(), String> {
    let world = simulation.world();
    let Some(live) = world.live_service() else { return Ok(()) };
    expect(sets_of(simulation, id) <= 1, || "two task sets were made".to_owned())?;
    let noted = world.journal(id).iter().any(|line| matches!(line.entry, Entry::NotCleared { .. }));
    let kept = world.journal(id).iter().any(|line| matches!(line.entry, Entry::TaskSetKept { .. }));
    let others_wrote = world.weights_written().iter().any(|write| !write.ours);
    expect(!kept || others_wrote || service.leftover.is_some(), || "a task set was kept for nothing".to_owned())?;
    let (blue, green) = (live.get(&service.blue), live.made_by(id.as_str()));
    let (loser, winner) = match phase {
        Phase::Succeeded => (blue, green),
        Phase::Ended { traffic: Traffic::Untouched | Traffic::Restored(_), .. } => (green, blue),
        // What still gets calls stays, and the journal says so.
        Phase::Ended { traffic: Traffic::Foreign(_), .. } if !kept => (green, blue),
        _ => return Ok(()),
    };
    let primary = live.primary().map(|set| set.id.clone());
    expect(noted || winner.is_none() || primary == winner.map(|set| set.id.clone()), || {
        format!("the primary task set is {primary:?}: {}", world.shop())
    })?;
    let removed = loser.is_none_or(|loser| loser.role == rollout::service::live::Role::Draining);
    // What somebody else sends calls to stays.
    expect(noted || kept || winner.is_none() || removed, || format!("a task set is left over: {}", world.shop()))
}

/// P15: where a deployment says that it succeeded or that the traffic is back, calls are answered, if any task set ever was there
/// that could: production traffic goes to task sets that have tasks. However it ends, none has traffic whose tasks it took away.
pub(crate) fn answered(simulation: &Simulation, id: &DeploymentId) -> Result<(), String> {
    let world = simulation.world();
    let Some(deployment) = world.deployment(id) else { return Ok(()) };
    let Some(live) = world.live_service().filter(|live| live.desired > 0) else { return Ok(()) };
    let is_well = match deployment.phase {
        Phase::Succeeded => true,
        // Where the new task set never got as far as traffic, there was nothing better than the old one.
        Phase::Ended { traffic: Traffic::Restored(_), .. } => deployment.progress.at.is_some(),
        _ => false,
    };
    let behind = |group: &str| {
        let of_it = |set: &&TaskSet| set.target_group.as_ref().is_some_and(|found| found.name() == group);
        live.task_sets.iter().filter(of_it).filter(|set| set.stays()).collect::<Vec<_>>()
    };
    let runs = |set: &&TaskSet| set.scale > 0 && set.running > 0;
    let story = world.story();
    let emptied = |set: &&TaskSet| set.scale == 0 && story.contains(&format!("ECS scales {} to zero", set.id));
    let ours = |group: &str| ["web-blue", "web-green"].contains(&group);
    for place in ["prod", "api"] {
        for (group, _) in world.forwards(place).into_iter().filter(|(group, weight)| *weight > 0 && ours(group)) {
            let sets = behind(&group);
            let none_runs = !sets.iter().any(runs);
            expect(!(none_runs && is_well), || format!("nobody answers the calls that {place} sends to {group}"))?;
            expect(!(none_runs && sets.iter().any(emptied)), || {
                format!("the tasks were taken away that had the calls which {place} sends to {group}")
            })?;
        }
    }
    Ok(())
}

/// How many task sets a deployment ever made.
fn sets_of(simulation: &Simulation, id: &DeploymentId) -> usize {
    let mut count = 0;
    simulation.world().change_service(|service| {
        count = service.sets.iter().filter(|set| set.external_id.as_deref() == Some(id.as_str())).count();
    });
    count
}

/// P2: at every place the weight of the new task set only climbs until it is put back, and never climbs after that. A listener
/// has no revision: a write that was on its way may arrive until its lease is over, and is then put back as well.
fn never_forward_again(simulation: &Simulation, id: &DeploymentId) -> Result<(), String> {
    let Some(plan) = simulation.world().plan(id) else { return Ok(()) };
    let green = plan.shift().to.target_group().map(|group| group.name().to_owned()).unwrap_or_default();
    let leftover =
        plan.shift().start != plan.home() || plan.target.service().is_some_and(|service| service.leftover.is_some());
    let mut places: BTreeMap<String, (u32, Option<Timestamp>)> = BTreeMap::new();
    for write in ours(simulation).into_iter().filter(|write| write.at >= began(simulation, id)) {
        let weight = write.to.iter().filter(|(name, _)| *name == green).map(|(_, weight)| *weight).sum();
        let (last, back) = places.entry(write.route.clone()).or_default();
        let leased = back.is_none_or(|back| write.at <= back + SignedDuration::from_secs(20));
        expect(leased || weight == 0, || format!("{} goes forward after it was put back", write.route))?;
        // A split that was left behind is ended before the deployment's own begins.
        if weight < *last && !(leftover && weight == 0) {
            back.get_or_insert(write.at);
        }
        *last = weight;
    }
    Ok(())
}

fn began(simulation: &Simulation, id: &DeploymentId) -> Timestamp {
    simulation.world().deployment(id).map_or(Timestamp::MAX, |deployment| deployment.created)
}

fn ours(simulation: &Simulation) -> Vec<fakes::Divided> {
    simulation.world().weights_written().into_iter().filter(|write| write.ours).collect()
}

/// P3: once somebody else has brought in a target group that is not ours, we write there no more; and never where we have no
/// business at all.
fn never_overwrites_others(simulation: &Simulation) -> Result<(), String> {
    let mut theirs: BTreeMap<String, bool> = BTreeMap::new();
    for write in simulation.world().weights_written() {
        let foreign = theirs.entry(write.route.clone()).or_insert(write.route == "docs");
        if write.ours {
            expect(!*foreign, || format!("overwrote what is not ours: {write:?}"))?;
        } else {
            let pair = ["web-blue", "web-green"].map(|name| shop::group(name).name().to_owned());
            *foreign = write.to.iter().any(|(name, weight)| *weight > 0 && !pair.contains(name));
        }
    }
    Ok(())
}

fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
