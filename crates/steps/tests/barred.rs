//! A table that refuses for a while: a right was taken away, or its key. What must end well waits until that is mended.

use fakes::event;
use fakes::{Fault, Simulation};
use rollout::ids::DeploymentId;

use crate::story::{created, ended, request, world};

/// A deployment at its first weight, whose records cannot be written from the 69th second on for so long.
fn barred(seconds: i64) -> (Simulation, DeploymentId) {
    let (simulation, id) = created(world(), &request("Linear10PercentEvery1Minute").alarms(&["errors"]));
    simulation.at(59, event::instant(|simulation| simulation.world().faults.always("save", Fault::Denied)));
    simulation.at(59 + seconds, event::instant(|simulation| simulation.world().faults.heal()));
    (simulation, id)
}

#[test]
fn once_the_table_takes_writes_again_the_traffic_goes_back_by_itself() {
    for seconds in [5, 60, 600] {
        let (simulation, id) = barred(seconds);
        simulation.run();
        let ended = ended(&simulation, &id);
        assert!(
            ended.starts_with("RolledBack, INTERNAL_ERROR; the alias is version 1; the lock is free"),
            "{seconds} s: {ended}"
        );
    }
}

#[test]
fn an_alarm_that_comes_after_that_puts_the_traffic_back() {
    let (simulation, id) = barred(16);
    simulation.at(90, event::alarm("errors"));
    simulation.run();
    let ended = ended(&simulation, &id);
    assert!(ended.starts_with("RolledBack") && ended.contains("the alias is version 1; the lock is free"), "{ended}");
}

#[test]
fn a_finish_that_may_not_write_for_minutes_closes_the_books_afterwards() {
    let (simulation, id) = created(world(), &request("Canary10Percent5Minutes"));
    let until_commit = 301;
    simulation.run_until(until_commit - 2);
    simulation
        .at(until_commit - 1, event::instant(|simulation| simulation.world().faults.always("unlock", Fault::Denied)));
    simulation.at(until_commit + 90, event::instant(|simulation| simulation.world().faults.heal()));
    simulation.run();
    assert_eq!(simulation.executions(), [id.as_str()], "no recovery is needed");
    assert!(ended(&simulation, &id).starts_with("Succeeded; the alias is version 2; the lock is free"));
}
