//! Recoveries: executions that enter the state machine at Rollback, to finish the job of one that died.
//!
//! A recovery is written into the record before it is started, and only the execution that is written there may do the job.
//! So nobody makes one by calling an execution so, or takes one away by taking its name.

use rollout::deployment::{Before, Deployment};
use rollout::ids::{DeploymentId, ExecutionArn};
use rollout::journal::Entry;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::change::change;
use crate::error::StepError;
use crate::journal::{catch_up_on, note};
use crate::owner;
use crate::ports::{Clock, Journal, Loaded, PortError, Records, StartExecutions};

/// How many names are tried for one recovery.
const NAMES: usize = 100;

/// The longest name Step Functions takes.
const LONGEST: usize = 80;

/// A recovery that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// Which one of the deployment.
    pub number: u32,
    /// The execution.
    pub execution: ExecutionArn,
}

/// Why the next recovery is not written down.
enum Not {
    Needed,
    Port(PortError),
}

impl From<PortError> for Not {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}

/// Starts a recovery in place of `dead`, which the deployment depends on; `None` where it does not any more, or is over.
pub async fn follow(
    ports: &(impl Clock + Records + Journal + StartExecutions),
    loaded: &mut Loaded,
    dead: &ExecutionArn,
) -> Result<Option<Started>, StepError> {
    next(ports, loaded, Before::Dead, Some(dead.clone())).await
}

/// Starts a recovery because a person asked for it, whatever the deployment depends on now; `None` where it is over.
pub async fn wanted(
    ports: &(impl Clock + Records + Journal + StartExecutions),
    loaded: &mut Loaded,
) -> Result<Option<Started>, StepError> {
    next(ports, loaded, Before::Whatever, None).await
}

/// Starts the recovery that is written down once more: whoever wrote it may have died before. One that runs, or has run, is not
/// started a second time.
pub async fn again(ports: &impl StartExecutions, deployment: &Deployment) -> Result<(), PortError> {
    let Deployment { id, platform, recovery: Some(recovery), .. } = deployment else { return Ok(()) };
    match ports.start_execution(*platform, &name_of(id, recovery.number), &input_of(id, recovery.number)).await {
        Ok(_) | Err(PortError::Conflict(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn next(
    ports: &(impl Clock + Records + Journal + StartExecutions),
    loaded: &mut Loaded,
    mut before: Before,
    mut instead_of: Option<ExecutionArn>,
) -> Result<Option<Started>, StepError> {
    // Another recovery takes the place of the last one in the record, and what is decided next the place of what was before. Only of
    // the last recovery nobody knows whether it was ever started: if it was, it has said so.
    catch_up_on(ports, loaded, |entry| !matches!(entry, Entry::Recovering { .. })).await?;
    for _ in 0..NAMES {
        let written = change(ports, loaded, |deployment| {
            let needed = match &instead_of {
                Some(last) => owner::depends_on(ports, deployment)? == *last,
                None => true,
            };
            if deployment.phase.is_final() || !needed {
                return Err(Not::Needed);
            }
            let name = name_of(&deployment.id, deployment.next_recovery());
            deployment.recover(ports.execution_arn(deployment.platform, &name)?, before, ports.now());
            Ok(())
        });
        match written.await {
            Ok(()) => {}
            Err(Not::Needed) => return Ok(None),
            Err(Not::Port(error)) => return Err(error.into()),
        }
        let Deployment { id, platform, recovery: Some(recovery), .. } = &loaded.deployment else { return Ok(None) };
        let (number, execution) = (recovery.number, recovery.execution.clone());
        match ports.start_execution(*platform, &name_of(id, number), &input_of(id, number)).await {
            Ok(_) => {
                let started = Entry::Recovering { attempt: number };
                note(ports, &loaded.deployment, started, recovery.since).await?;
                return Ok(Some(Started { number, execution }));
            }
            // Somebody took the name: it is an execution of theirs, or of an attempt of this that was taken for dead.
            Err(PortError::Conflict(_)) => (before, instead_of) = (Before::NameTaken, Some(execution)),
            Err(error) => return Err(error.into()),
        }
    }
    Err(StepError::Refused(format!("no name is free for a recovery of {}", loaded.deployment.id)))
}

/// The name of a recovery: the deployment's id in it where it fits and leaves a name that Step Functions logs.
fn name_of(id: &DeploymentId, number: u32) -> String {
    let name = format!("{id}-recovery-{number}");
    let logged = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.len() <= LONGEST && name.chars().all(logged) {
        return name;
    }
    let digest = Sha256::digest(id.as_str());
    let short: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("recovery-{short}-{number}")
}

fn input_of(id: &DeploymentId, number: u32) -> Value {
    json!({"recover": {"deploymentId": id, "attempt": number}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_recovery_has_the_deployments_id_where_that_fits_and_is_always_one_that_is_logged() {
        let of = |id: &str, number| name_of(&DeploymentId::parse(id).unwrap(), number);
        assert_eq!(of("d-ABC", 2), "d-ABC-recovery-2");
        assert_eq!(of(&"x".repeat(69), 1), format!("{}-recovery-1", "x".repeat(69)));
        for (id, number) in [("x".repeat(69), 10), ("x".repeat(80), 1), ("release_1.2".to_owned(), 1)] {
            let name = of(&id, number);
            assert!(name.starts_with("recovery-") && name.ends_with(&format!("-{number}")), "{name}");
            assert!(name.len() <= LONGEST && !name.contains('.'), "{name}");
        }
        assert_ne!(of(&"x".repeat(80), 1), of(&"y".repeat(80), 1));
    }
}
