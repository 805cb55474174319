//! What somebody must know is told here, and nowhere else.
//!
//! An alert is a line in a log: it cannot be refused, and twice does no harm. So it is raised *before* the write after which
//! nobody would come back to it. A function that dies in between leaves the write to be made by the next one, which tells again.

use rollout::ids::DeploymentId;

use crate::change::change;
use crate::ports::{Alert, Loaded, PortError, RaiseAlerts, Records};

/// Tells that an execution died and that a recovery was written down for it, where that is not told yet, and marks it as told.
///
/// Whoever comes by an open deployment calls this: the one that started the recovery, the sweep, and at the latest whoever closes
/// the books. So the death is told also where all who knew of it died, or may tell nothing.
pub(crate) async fn recovery(ports: &(impl Records + RaiseAlerts), loaded: &mut Loaded) -> Result<(), PortError> {
    let Some(attempt) = loaded.deployment.untold_recovery() else { return Ok(()) };
    ports.raise(&Alert::DeadMansSwitch { deployment: loaded.deployment.id.clone(), attempt });
    change(ports, loaded, |deployment| {
        deployment.told_of(attempt);
        Ok(())
    })
    .await
}

/// Tells that the traffic of a deployment could not be brought where it is to be. Comes before that is written down.
pub(crate) fn unresolved(ports: &impl RaiseAlerts, id: &DeploymentId, cannot: &str) {
    ports.raise(&Alert::Unresolved { deployment: id.clone(), cannot: cannot.to_owned() });
}
