//! Where a deployment is, in CodeDeploy's words.

use rollout::deployment::{Deployment, Phase, Status};

use crate::ports::Loaded;

/// CodeDeploy's status; a paused deployment shows as `Ready`.
pub(in crate::use_cases) fn status(loaded: &Loaded) -> Status {
    let deployment = &loaded.deployment;
    let paused = loaded.plan.as_ref().is_some_and(|plan| deployment.progress.awaits_continue(plan));
    if deployment.phase == Phase::Running && paused { Status::Ready } else { deployment.phase.status() }
}

/// What could not be done, and what to do about it.
pub(super) fn unresolved(deployment: &Deployment) -> Option<String> {
    let (id, unresolved) = (&deployment.id, deployment.unresolved()?);
    Some(format!("{unresolved}: finish the job with: tideshift repair {id}"))
}
