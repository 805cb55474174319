//! Keeps the tasks at what their task sets want, and says what happens to them.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::event::told;
use crate::events;
use crate::gateway::Gateway;

const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Looks after the task sets until the gateway is gone.
pub(crate) async fn supervise(gateway: Weak<Gateway>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(gateway) = gateway.upgrade() else { return };
        if gateway.ecs.services.lock().is_empty() {
            continue;
        }
        gateway.look_after_tasks().await;
    }
}

impl Gateway {
    /// One look at all task sets.
    async fn look_after_tasks(self: &Arc<Self>) {
        let Ok(groups) = self.balancers.groups(&self.moto).await else { return };
        let mut said = Vec::new();
        for service in self.ecs.services.lock().values_mut() {
            let desired = service.desired;
            for set in &mut service.task_sets {
                set.adjust(desired, &self.ecs.launcher);
                let happened = set.observe(desired, &groups);
                happened.iter().for_each(|what| service.remembered.keep(*what, set));
                said.extend(happened.into_iter().map(|what| told(what, set)));
            }
            service.task_sets.retain(|set| !set.is_gone());
        }
        for event in said {
            events::publish(self, event).await;
        }
    }
}
