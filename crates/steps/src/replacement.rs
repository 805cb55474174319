//! Looks at what the traffic moves to: a version of a function, or the new task set of a service.

use futures_util::future::join;
use rollout::deployment::Deployment;
use rollout::journal::Entry;
use rollout::plan::Plan;
use rollout::replacement::Replacement;
use rollout::service::Service;
use rollout::service::watch::Refill;
use rollout::target::Target;
use rollout::warm;

use crate::error::StepError;
use crate::journal::note;
use crate::ports::{Clock, Journal, Loaded, ReadConcurrency, ReadFunctions, ReadHealth, ReadServices, RestoreTaskSets};
use crate::service::live;

/// The replacement of a plan, whatever its target is.
pub(crate) async fn look<'a>(
    ports: &(impl ReadConcurrency + ReadFunctions + ReadHealth + ReadServices),
    plan: &'a Plan,
    deployment: &Deployment,
) -> Result<Replacement<'a>, StepError> {
    if let Target::EcsService(service) = &plan.target {
        return of_service(ports, service).await;
    }
    let mut replacement = of_alias(ports, plan).await?;
    if let Some(Replacement::Version { function, version, warmth, .. }) = &mut replacement
        && warm::wanted(plan, deployment).is_some()
    {
        *warmth = ports.warmth(function, *version).await?;
    }
    replacement.ok_or_else(|| StepError::InvalidInput(format!("the plan moves {} to no version", plan.target)))
}

/// The version that an alias moves to, with nothing said of its provisioned concurrency; `None`: the target is no alias.
pub(crate) async fn of_alias<'a>(
    ports: &impl ReadFunctions,
    plan: &'a Plan,
) -> Result<Option<Replacement<'a>>, StepError> {
    let (Target::LambdaAlias { function, .. }, Some(version)) = (&plan.target, plan.shift().to.version()) else {
        return Ok(None);
    };
    let facts = ports.version(function, version).await?;
    Ok(Some(Replacement::Version { function, version, facts, warmth: None }))
}

/// The new task set of a service, with the service around it.
pub(crate) async fn of_service<'a>(
    ports: &(impl ReadHealth + ReadServices),
    service: &'a Service,
) -> Result<Replacement<'a>, StepError> {
    let (live, health) = join(live(ports, service), ports.health(&service.green_group)).await;
    Ok(Replacement::TaskSet { service, live: live?, health: health? })
}

/// Gives the old task set of a service its tasks back, which somebody took while it has calls.
pub(crate) async fn refill(
    ports: &(impl Clock + Journal + RestoreTaskSets),
    plan: &Plan,
    loaded: &Loaded,
    Refill { task_set, percent }: Refill,
) -> Result<(), StepError> {
    let Some(service) = plan.target.service() else { return Ok(()) };
    ports.scale_up(&service.cluster, &service.service, &task_set, percent).await?;
    Ok(note(ports, &loaded.deployment, Entry::TaskSetRefilled { task_set }, ports.now()).await?)
}
