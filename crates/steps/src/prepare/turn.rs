//! The turn of a deployment in its group. One that the API made is its group's active one already, or waits, unless it was so slow to get
//! its record that another took its place.

use codedeploy::call;
use codedeploy::shapes::CreateDeploymentInput;
use rollout::admission::{Comer, waits};
use rollout::deployment::{Change, Phase};
use rollout::ending::Ending;
use rollout::ids::DeploymentId;
use rollout::preflight::Refusal;
use rollout::queue::WaitsFor;
use rollout::starter::Starter;

use super::input::Input;
use crate::change::change;
use crate::error::StepError;
use crate::group::{self, Asking, Entered};
use crate::orphan;
use crate::ports::Loaded;
use crate::powers;
use crate::queue;

/// Whether a deployment may begin.
pub(super) enum Turn {
    /// It may.
    Come,
    /// Not yet: it looks again when it is called, or after so many seconds.
    Waits(u64),
    /// It may not, for this reason.
    Never(Ending),
}

/// Makes it the active deployment of its group, if it is of one, or says why it is not.
pub(super) async fn enter(ports: &impl powers::Prepare, loaded: &mut Loaded, input: &Input) -> Result<Turn, StepError> {
    let labels = loaded.deployment.labels.clone();
    let Some((group, name)) = labels.group_key().zip(labels.group.clone()) else { return Ok(Turn::Come) };
    let comer = match loaded.deployment.phase {
        Phase::Queued => Comer::Queued,
        _ => Comer::New,
    };
    let place = queue::place(&loaded.deployment);
    let policy = group::policy(ports, &labels).await?;
    // Of one that the API made, it was asked when it came: a newer one that came since was refused or waits for it.
    let asked = call::input::<CreateDeploymentInput>(&input.request)
        .ok()
        .filter(|_| comer == Comer::New && loaded.deployment.started_by == Some(Starter::Execution));
    if let Some(number) = asked.map(|asked| asked.sequence_number)
        && let Err(why) = queue::in_order(ports, &group, policy.order, number, &place.id).await?
    {
        return Ok(Turn::Never(why));
    }
    let asking = Asking { group: &group, place: place.clone(), comer, policy };
    let silent = async |owner: &mut Loaded| orphan::end_if_never_begun(ports, owner).await.map(drop);
    let refused = |deployment| Refusal::GroupActive { group: name, deployment }.ending(input.platform);
    match group::enter(ports, &asking, silent).await? {
        Entered::Inside => {
            if comer == Comer::Queued {
                admit(ports, loaded).await?;
            }
            // Also where an earlier attempt was admitted and died.
            if loaded.deployment.has_queued() {
                ports.quit(&group, &place).await?;
            }
            Ok(Turn::Come)
        }
        Entered::Refused(active) | Entered::Full(active, _) => Ok(Turn::Never(refused(active))),
        Entered::Waits(behind) => wait(ports, loaded, &asking, behind).await,
    }
}

async fn admit(ports: &impl powers::Prepare, loaded: &mut Loaded) -> Result<(), StepError> {
    let now = ports.now();
    change(ports, loaded, |deployment| {
        deployment.apply(Change::Admit, now).map_err(|_| StepError::not_running(&deployment.phase))
    })
    .await
}

/// Has it wait for its turn, unless it has waited too long.
async fn wait(
    ports: &impl powers::Prepare,
    loaded: &mut Loaded,
    asking: &Asking<'_>,
    behind: DeploymentId,
) -> Result<Turn, StepError> {
    let now = ports.now();
    let seconds = match waits(&loaded.deployment, &behind, now) {
        Ok(seconds) => seconds,
        Err(why) => return Ok(Turn::Never(why)),
    };
    ports.join(asking.group, &asking.place).await?;
    change(ports, loaded, |deployment| {
        let waits = Change::Queue(WaitsFor::Deployment { id: behind.clone() });
        deployment.apply(waits, now).map_err(|_| StepError::not_running(&deployment.phase))
    })
    .await?;
    // Also where an earlier attempt, or the API, died before: those that came before it are told again, and the same.
    queue::waits(ports, asking.group, &loaded.deployment, asking.policy.when_busy).await?;
    Ok(Turn::Waits(seconds.0))
}
