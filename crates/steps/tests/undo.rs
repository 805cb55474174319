//! Going back: what a target had before is a deployment of its own, all at once, under the hooks and alarms of the last one.

use fakes::{Schedule, Simulation};
use serde_json::{Value, json};

use crate::client::with;
use crate::groups::{of_group, simulation};
use crate::story::{Request, ended, request, world};

fn undo(simulation: &Simulation, asked: Value) -> Value {
    let reply = simulation.api("Tideshift.PlanUndo", asked);
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

fn refused(simulation: &Simulation, asked: Value) -> String {
    let reply = simulation.api("Tideshift.PlanUndo", asked);
    assert_eq!(reply.status, 400, "{}", reply.body);
    reply.body["message"].as_str().unwrap().to_owned()
}

fn guarded(version: u64) -> Request {
    request("Canary10Percent5Minutes").to(version).hook("AfterAllowTraffic", "smoke-test").alarms(&["errors"])
}

fn deployed(simulation: &Simulation, body: Value) {
    let id = simulation.create(body);
    simulation.run();
    assert!(ended(simulation, &id).starts_with("Succeeded"), "{}", simulation.world().story());
    simulation.world().clock.advance(rollout::seconds::Seconds(1));
}

#[test]
fn what_is_undone_goes_back_all_at_once_and_is_guarded_as_the_last_deployment_was() {
    let simulation = Simulation::new(world());
    deployed(&simulation, guarded(2).json());
    deployed(&simulation, guarded(3).json());
    let answer = undo(&simulation, json!({"target": "storefront:live"}));
    assert_eq!((&answer["from"], &answer["to"], &answer["broughtBy"]), (&json!("3"), &json!("2"), &json!("d-1")));
    assert_eq!(answer["good"], json!(["3", "2", "1"]));
    let before = simulation.world().hook_calls().len();
    let id = simulation.create(answer["request"].clone());
    simulation.run();
    let story = simulation.world().story();
    assert!(ended(&simulation, &id).starts_with("Succeeded; the alias is version 2"), "{story}");
    let plan = simulation.world().plan(&id).unwrap();
    assert_eq!(plan.shift().steps.len(), 1, "no holds");
    assert_eq!((plan.alarms.names.len(), simulation.world().hook_calls().len() - before), (1, 1), "{story}");
    let description = simulation.world().deployment(&id).unwrap().labels.description;
    assert_eq!(description.as_deref(), Some("Goes back to 2, which d-1 had brought"));
}

#[test]
fn one_may_go_back_to_any_version_that_was_good_and_to_no_other() {
    let simulation = Simulation::new(world());
    deployed(&simulation, guarded(2).json());
    deployed(&simulation, guarded(3).json());
    let oldest = undo(&simulation, json!({"target": "storefront:live", "revision": "1"}));
    assert_eq!((&oldest["to"], oldest.get("broughtBy")), (&json!("1"), None));
    let never = refused(&simulation, json!({"target": "storefront:live", "revision": "9"}));
    assert!(never.ends_with("it had 3, 2, 1"), "{never}");
    assert!(refused(&simulation, json!({})).starts_with("say what goes back"));
}

#[test]
fn a_group_goes_back_also_where_it_takes_nothing_older_than_the_last() {
    let simulation = simulation(Schedule::InTurn);
    let policy = json!({"applicationName": "shop", "deploymentGroupName": "web", "order": "NewerOnly"});
    simulation.api("Tideshift.PutGroupPolicy", policy);
    for (version, number) in [(2, 7), (3, 8)] {
        deployed(&simulation, with(of_group(&guarded(version)), json!({"sequenceNumber": number})));
    }
    let answer = undo(&simulation, json!({"applicationName": "shop", "deploymentGroupName": "web"}));
    let id = simulation.create(answer["request"].clone());
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("Succeeded; the alias is version 2"));
    assert_eq!(simulation.world().deployment(&id).unwrap().labels.group.unwrap().as_str(), "web");
}
