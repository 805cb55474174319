//! Drift: a target that somebody else changed while a deployment ran.

use rollout::ending::{Ending, ErrorCode};
use rollout::plan::Plan;
use rollout::service::preflight::Which;

use crate::change::{load, running};
use crate::error::StepError;
use crate::interrupt;
use crate::ports::{Clock, Journal, Loaded, ReadAlias, ReadListeners, Records};
use crate::targets::{self, Look, called};

/// The target, if it is as this deployment left it; otherwise the deployment ends with `DRIFT`.
pub async fn recognize(
    ports: &(impl Clock + Records + Journal + ReadAlias + ReadListeners),
    plan: &Plan,
    loaded: &mut Loaded,
) -> Result<Look, StepError> {
    match look(ports, plan, loaded).await? {
        Found::Ours(look) => Ok(look),
        Found::Foreign(look) => {
            let tell = |(which, found): (Which, String)| {
                format!(
                    "{} was changed by somebody else while the deployment ran: {found}",
                    called(&plan.target, which)
                )
            };
            let told: Vec<String> = look.changed(plan, &loaded.deployment).into_iter().map(tell).collect();
            let message = told.join("; and ");
            interrupt::give_up(ports, loaded, &Ending::new(ErrorCode::Drift, message)).await
        }
    }
}

/// Whose a target is.
enum Found {
    /// As this deployment left it.
    Ours(Look),
    /// Changed by somebody else.
    Foreign(Look),
}

/// How often a target and a record are compared that both keep changing.
const LOOKS: usize = 4;

/// Reads the target and finds out whether this deployment left it so.
///
/// Another attempt of this step may be at work on both. So a target that is not recognized counts as somebody else's only
/// if it stays as it is while the record is read anew: every write of ours was announced in the record before.
async fn look(
    ports: &(impl Records + ReadAlias + ReadListeners),
    plan: &Plan,
    loaded: &mut Loaded,
) -> Result<Found, StepError> {
    let mut before = None;
    for _ in 0..LOOKS {
        let look = targets::look(ports, &plan.target).await?;
        if plan.recognizes(&loaded.deployment, &look.live) {
            return Ok(Found::Ours(look));
        }
        if before.as_ref() == Some(&look) {
            return Ok(Found::Foreign(look));
        }
        before = Some(look);
        *loaded = load(ports, &loaded.deployment.id).await?;
        running(&loaded.deployment.phase)?;
    }
    Err(StepError::Transient(format!("{} keeps changing", called(&plan.target, Which::Production))))
}
