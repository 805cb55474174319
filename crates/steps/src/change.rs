//! Changing a record: read, apply, write on top of what was read, and again if somebody else was faster.

use rollout::deployment::{Change, Deployment, Phase};
use rollout::ids::DeploymentId;

use crate::error::StepError;
use crate::ports::{Clock, Loaded, PortError, Records};

/// How often a change is tried on a record that others change too.
const ATTEMPTS: usize = 6;

/// Reads a deployment that must exist.
pub async fn load(ports: &impl Records, id: &DeploymentId) -> Result<Loaded, StepError> {
    ports.load(id).await?.ok_or_else(|| StepError::InvalidInput(format!("there is no deployment {id}")))
}

/// Applies `change` to the record in `loaded` and writes it, reading it anew whenever somebody else wrote in between.
///
/// `change` sees the newest record each time and decides on that; its error ends the attempt and nothing is written.
pub async fn change<E: From<PortError>>(
    ports: &impl Records,
    loaded: &mut Loaded,
    mut change: impl FnMut(&mut Deployment) -> Result<(), E>,
) -> Result<(), E> {
    for attempt in 1.. {
        let mut deployment = loaded.deployment.clone();
        change(&mut deployment)?;
        match ports.save(&mut deployment).await {
            Ok(()) => {
                loaded.deployment = deployment;
                return Ok(());
            }
            Err(PortError::Conflict(why)) if attempt < ATTEMPTS => {
                *loaded = ports.load(&deployment.id).await?.ok_or(PortError::Missing(why))?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Moves a deployment to its next phase. One that does not take the change is in another phase than the caller read: it tries
/// again.
pub(crate) async fn apply(ports: &(impl Clock + Records), loaded: &mut Loaded, to: &Change) -> Result<(), StepError> {
    let now = ports.now();
    change(ports, loaded, |deployment| {
        deployment.apply(to.clone(), now).map_err(|error| StepError::Transient(error.to_string()))
    })
    .await
}

/// Only a deployment that runs may go on; the error is why it does not.
pub fn running(phase: &Phase) -> Result<(), StepError> {
    match phase {
        Phase::Running => Ok(()),
        phase => Err(StepError::not_running(phase)),
    }
}
