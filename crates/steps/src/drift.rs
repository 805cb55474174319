//! Whether a target is as the deployment left it.

use rollout::drift::{self, Recognized, called};
use rollout::plan::Plan;
use rollout::service::preflight::Which;
use rollout::verdict::Judge;

use crate::change::{load, running};
use crate::error::StepError;
use crate::opening::conclude;
use crate::ports::{Clock, Journal, Loaded, ReadAlias, ReadListeners, Records};
use crate::targets::{self, Look};

/// The target, if it is as this deployment left it; otherwise the deployment ends with `DRIFT`.
pub async fn recognize(
    ports: &(impl Clock + Records + Journal + ReadAlias + ReadListeners),
    plan: &Plan,
    loaded: &mut Loaded,
) -> Result<Look, StepError> {
    let (look, recognized) = look(ports, plan, loaded).await?;
    if recognized == Recognized::Foreign {
        let verdict = drift::verdict(&plan.target, &look.changed(plan, &loaded.deployment));
        conclude(ports, loaded, (Judge::Target, verdict)).await?;
    }
    Ok(look)
}

/// How often a target and a record are compared that both keep changing.
const LOOKS: usize = 4;

/// Reads the target, and the record anew for as long as it is not known whether they fit.
async fn look(
    ports: &(impl Records + ReadAlias + ReadListeners),
    plan: &Plan,
    loaded: &mut Loaded,
) -> Result<(Look, Recognized), StepError> {
    let mut before: Option<Look> = None;
    for _ in 0..LOOKS {
        let look = targets::look(ports, &plan.target).await?;
        match drift::recognize(plan, &loaded.deployment, &look.live, before.as_ref() == Some(&look)) {
            Recognized::LookAgain => before = Some(look),
            recognized => return Ok((look, recognized)),
        }
        *loaded = load(ports, &loaded.deployment.id).await?;
        running(&loaded.deployment.phase)?;
    }
    Err(StepError::Transient(format!("{} keeps changing", called(&plan.target, Which::Production))))
}
