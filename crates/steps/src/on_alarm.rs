//! An alarm's state-change event: the first line. It stops every deployment that watches the alarm, at once.

use rollout::alarms;
use rollout::ids::AlarmName;
use serde::Deserialize;

use crate::error::StepError;
use crate::interrupt;
use crate::ports::{Clock, EndWaits, Journal, Records, Watches};

/// The parts of "CloudWatch Alarm State Change" that matter. The rule lets only changes to ALARM through.
#[derive(Debug, Clone, Deserialize)]
pub struct Input {
    /// The event's detail.
    pub detail: Detail,
}

/// Which alarm.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    /// Its name.
    pub alarm_name: AlarmName,
}

/// Runs the step. A deployment that cannot be stopped now does not keep the others from being stopped; the event is then
/// delivered again.
pub async fn run(
    store: &(impl Records + Journal + Watches),
    waits: &impl EndWaits,
    clock: &impl Clock,
    input: Input,
) -> Result<(), StepError> {
    let alarm = input.detail.alarm_name;
    let why = alarms::breached(std::slice::from_ref(&alarm));
    let mut failed = Ok(());
    for id in store.watchers(&alarm).await? {
        let stopped = async {
            if let Some(mut loaded) = store.load(&id).await? {
                let outcome = interrupt::interrupt(store, waits, clock, &mut loaded, &why, None).await?;
                tracing::info!(deployment = %id, alarm = %alarm, ?outcome, "alarm");
                if loaded.deployment.phase.is_final() {
                    // Left behind by a Guard that was still at it when its deployment ended.
                    store.unwatch(&alarm, &id).await?;
                }
            }
            Ok::<(), StepError>(())
        };
        if let Err(error) = stopped.await {
            tracing::error!(deployment = %id, alarm = %alarm, %error, "the alarm could not stop the deployment");
            failed = Err(error);
        }
    }
    failed
}
