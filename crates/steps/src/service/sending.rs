//! Writes of traffic that take no lease: a rollback's, and those of clearing up. Each is written down before it is sent, since
//! who does not hear of it has to reckon with it.

use rollout::deployment::Deployment;
use rollout::service::clear::Side;

use crate::change::change;
use crate::error::StepError;
use crate::ports::{Loaded, PortError, Records};

/// A write that is written down.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sending {
    side: Side,
    /// Whether nobody had written it down before. What an earlier attempt wrote without an answer stays written down.
    is_new: bool,
}

impl Sending {
    /// Writes down that calls are about to be sent to one side.
    pub(crate) async fn announce(ports: &impl Records, loaded: &mut Loaded, side: Side) -> Result<Self, StepError> {
        let is_new = !loaded.deployment.progress.sending.contains(&side);
        if is_new {
            change(ports, loaded, |deployment| {
                deployment.progress.sending.insert(side);
                Ok::<(), StepError>(())
            })
            .await?;
        }
        Ok(Self { side, is_new })
    }

    /// Leaves it written down, since not all that was sent has its answer.
    pub(crate) fn kept(self) -> Self {
        Self { is_new: false, ..self }
    }

    /// Takes it out of a record that is about to be written, once everything that was sent has its answer.
    pub(crate) fn take_out(self, deployment: &mut Deployment) {
        if self.is_new {
            deployment.progress.sending.remove(&self.side);
        }
    }

    /// The same, where nothing else is to be written.
    pub(crate) async fn is_answered(self, ports: &impl Records, loaded: &mut Loaded) -> Result<(), StepError> {
        if !self.is_new {
            return Ok(());
        }
        change(ports, loaded, |deployment| {
            self.take_out(deployment);
            Ok(())
        })
        .await
    }
}

/// Sends calls to one side, and writes that down before.
pub(crate) async fn sending<T>(
    ports: &impl Records,
    loaded: &mut Loaded,
    side: Side,
    write: impl Future<Output = Result<T, PortError>>,
) -> Result<Result<T, PortError>, StepError> {
    let sending = Sending::announce(ports, loaded, side).await?;
    let written = write.await;
    // Of several places a refused one says nothing about the others.
    if written.is_ok() {
        sending.is_answered(ports, loaded).await?;
    }
    Ok(written)
}
