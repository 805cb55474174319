//! Keeps the tasks at what their task sets want, and says what happens to them.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::book::Ecs;
use super::event::bus_event;
use crate::client::Client;
use crate::services::elb::Balancers;
use crate::services::events::Bus;

const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Looks after the task sets until nobody knows them any more.
pub(crate) async fn supervise(ecs: Weak<Ecs>, moto: Client, balancers: Arc<Balancers>, bus: Arc<Bus>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(ecs) = ecs.upgrade() else { return };
        if ecs.services.lock().is_empty() {
            continue;
        }
        look(&ecs, &moto, &balancers, &bus).await;
    }
}

/// One look at all task sets.
async fn look(ecs: &Ecs, moto: &Client, balancers: &Balancers, bus: &Bus) {
    let Ok(groups) = balancers.groups(moto).await else { return };
    let mut said = Vec::new();
    for service in ecs.services.lock().values_mut() {
        let desired = service.desired;
        for set in &mut service.task_sets {
            set.adjust(desired, &ecs.launcher);
            let happened = set.observe(desired, &groups);
            happened.iter().for_each(|what| service.remembered.keep(*what, set));
            said.extend(happened.into_iter().map(|what| bus_event(what, set)));
        }
        service.task_sets.retain(|set| !set.is_gone());
    }
    for event in said {
        bus.publish(event).await;
    }
}
