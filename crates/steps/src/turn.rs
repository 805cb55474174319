//! The end of a deployment's turn, and the beginning of the next one's.

use rollout::deployment::Deployment;

use crate::group;
use crate::ports::{Clock, EndWaits, Locks, PortError, Queues, ReadLocks, Records, WaitFor};
use crate::queue::{self, Waiting};

/// A deployment that is over leaves its group, and the next one is called. Where that fails, the sweep calls it.
pub(crate) async fn over(
    ports: &(impl Clock + Records + Locks + ReadLocks + Queues + EndWaits),
    deployment: &Deployment,
) -> Result<(), PortError> {
    group::leave(ports, deployment).await?;
    let Some(group) = deployment.labels.group_key() else { return Ok(()) };
    if deployment.has_queued() {
        ports.quit(&group, &queue::place(deployment)).await?;
    }
    if let Err(error) = call_next(ports, &group).await {
        tracing::warn!(deployment = %deployment.id, %error, "the next deployment of the group could not be called");
    }
    Ok(())
}

/// Ends the wait of the deployment whose turn it is, if nobody is in the group. Whether it may enter is found out when it tries.
pub(crate) async fn call_next(
    ports: &(impl Clock + Records + Queues + ReadLocks + EndWaits),
    group: &str,
) -> Result<(), PortError> {
    let places = ports.queue(group).await?;
    if places.is_empty() || group::is_busy(ports, group).await? {
        return Ok(());
    }
    for place in &places {
        match queue::waiting(ports, group, place).await? {
            Waiting::Yes(loaded) => {
                return match loaded.tokens.get(&WaitFor::Turn) {
                    Some(token) => ports.let_go(token).await,
                    // It is about to look by itself.
                    None => Ok(()),
                };
            }
            Waiting::Unknown => return Ok(()),
            Waiting::No => {}
        }
    }
    Ok(())
}
