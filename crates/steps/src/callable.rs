//! Callable: whether the version that the traffic moves to takes calls. `prepare` has looked at it; hooks and pauses last long enough
//! for Lambda to change its mind since.

use rollout::plan::Plan;
use rollout::preflight::uncallable;
use rollout::strategy::Platform;
use rollout::target::Target;

use crate::error::StepError;
use crate::interrupt;
use crate::ports::{Clock, Journal, Loaded, ReadFunctions, Records};

/// Looks at the version, and ends the deployment where its calls would be refused. Of a service, its tasks are looked at elsewhere
/// ([`crate::service::watch`]).
pub async fn look(
    ports: &(impl Clock + Records + Journal + ReadFunctions),
    plan: &Plan,
    loaded: &mut Loaded,
) -> Result<(), StepError> {
    let (Target::LambdaAlias { function, .. }, Some(version)) = (&plan.target, plan.shift().to.version()) else {
        return Ok(());
    };
    let facts = ports.version(function, version).await?;
    match uncallable(function, version, &facts) {
        None => Ok(()),
        Some(refusal) => interrupt::give_up(ports, loaded, &refusal.ending(Platform::Lambda)).await,
    }
}
