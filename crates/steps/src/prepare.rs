//! Prepare: settles the plan, locks the target and begins, or says everything that speaks against it. Moves nothing.

mod input;
mod output;
mod turn;
mod unfit;

use codedeploy::call;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use rollout::deployment::{Change, Deployment, Phase};
use rollout::ending::{Ending, Traffic};
use rollout::ids::DeploymentId;
use rollout::journal::{nothing_to_do, planned, refused};
use rollout::plan::Plan;
use rollout::planner;
use rollout::platform::{Fence, Platform};
use rollout::preflight::Refusal;
use rollout::routing::Routing;
use rollout::service::older::{self, Older};
use rollout::starter::Starter;

pub use self::input::Input;
pub use self::output::Output;
use self::output::output;
use self::turn::{Turn, enter};
use self::unfit::{invalid, together};
use crate::change::change;
use crate::effective;
use crate::error::StepError;
use crate::facts::{self, Settings};
use crate::group;
use crate::journal::tell;
use crate::owner;
use crate::ports::{Clock, Journal, Loaded, Locks, PortError, ReadCatalogue, ReadLateWrites, Records};
use crate::powers;
use crate::request;
use crate::target_lock::{self, Held};
use crate::warm;

/// How many records of older deployments are read side by side.
const AT_ONCE: usize = 16;

/// Runs the step.
pub async fn run(ports: &impl powers::Prepare, settings: &Settings, input: Input) -> Result<Output, StepError> {
    let id = DeploymentId::parse(&input.deployment_id)
        .map_err(|error| StepError::InvalidInput(format!("the execution's name is the deployment id: {error}")))?;
    let mut loaded = accept(ports, &id, &input).await?;
    match (&loaded.deployment.phase, &loaded.plan) {
        (Phase::Created | Phase::Queued, _) => {}
        // A second attempt of this state: what the first one settled stands.
        (Phase::Running, Some(plan)) => return begun(ports, &loaded, plan).await,
        (phase, _) => return Err(StepError::not_running(phase)),
    }
    match enter(ports, &mut loaded, &input).await? {
        Turn::Come => {}
        Turn::Waits(seconds) => return Ok(Output::Queue { deployment_id: id, seconds }),
        Turn::Never(why) => return refuse(ports, &mut loaded, why).await,
    }
    let plan = match loaded.plan.clone() {
        // An earlier attempt got as far as the plan, under the lock: what it read is not read again.
        Some(plan) => lock(ports, &id, plan, input.platform).await?,
        None => plan_under_lock(ports, settings, &mut loaded, &input).await?,
    };
    let plan = match plan {
        Ok(plan) => plan,
        Err(Unfit { why, free }) => {
            // The record first: an attempt that was taken for dead must not take the lock from the one that began.
            let refused = close(ports, &mut loaded, &why).await;
            if let Some((key, leftover)) = free.filter(|_| never_begins(&loaded)) {
                ports.unlock(&key, &id, leftover.as_ref()).await?;
            }
            return Err(refused?);
        }
    };
    if plan.is_empty() {
        apply(ports, &mut loaded, &Change::NothingToDo).await?;
        free(ports, &id, &plan).await?;
        tell(ports, &loaded.deployment, nothing_to_do(&loaded.deployment, &plan)).await?;
        return Ok(output(&id, &plan));
    }
    begin(ports, &mut loaded, &plan).await
}

/// It begins, unless somebody was faster.
async fn begin(
    ports: &(impl Clock + Records + Journal + Locks + ReadLateWrites),
    loaded: &mut Loaded,
    plan: &Plan,
) -> Result<Output, StepError> {
    let (older, now) = (older(ports, plan).await?, ports.now());
    let begins = change(ports, loaded, |deployment| {
        deployment.progress.older.clone_from(&older);
        deployment.apply(Change::Begin, now).map_err(|error| StepError::Transient(error.to_string()))
    });
    if let Err(error) = begins.await {
        return match (&loaded.deployment.phase, &loaded.plan) {
            // An attempt that was taken for dead was faster: what it settled stands.
            (Phase::Running, Some(plan)) => begun(ports, loaded, plan).await,
            // Its execution was aborted, and somebody ended what had not begun: nobody comes after this to free the lock.
            _ if never_begins(loaded) => {
                free(ports, &loaded.deployment.id, plan).await?;
                Err(error)
            }
            _ => Err(error),
        };
    }
    begun(ports, loaded, plan).await
}

/// It has begun. Each attempt tells so: an earlier one may have died before it did.
async fn begun(ports: &impl Journal, loaded: &Loaded, plan: &Plan) -> Result<Output, StepError> {
    tell(ports, &loaded.deployment, planned(&loaded.deployment, plan)).await?;
    Ok(output(&loaded.deployment.id, plan))
}

/// What writes of older deployments of the service may still do. An alias has revisions that refuse them.
async fn older(ports: &(impl Records + ReadLateWrites), plan: &Plan) -> Result<Option<Older>, StepError> {
    if plan.target.fence() == Fence::Revision {
        return Ok(None);
    }
    let ids = ports.expected_late().await?;
    let loads = stream::iter(&ids).map(async |id| ports.load(id).await).buffered(AT_ONCE);
    let others: Vec<Option<Loaded>> = loads.try_collect().await?;
    let others = others.into_iter().flatten().filter_map(|other| Some((other.plan?, other.deployment)));
    Ok(older::older(plan, &others.collect::<Vec<_>>()))
}

/// Whether it was refused or stopped before it began: no attempt can begin any more, and the lock serves nobody.
fn never_begins(loaded: &Loaded) -> bool {
    loaded.deployment.started.is_none() && !matches!(loaded.deployment.phase, Phase::Created | Phase::Queued)
}

/// Why a deployment cannot begin, and the lock that it took and gives back, with what the last one left behind.
struct Unfit {
    why: Ending,
    free: Option<(String, Option<Routing>)>,
}

/// Reads the request, takes the lock, reads the world under it, and settles the plan; or says what speaks against it, and gives
/// the lock back.
///
/// The lock comes first: what was read before it may be another deployment's doing by the time it is taken, and to go back to
/// that would undo a success.
async fn plan_under_lock(
    ports: &impl powers::Prepare,
    settings: &Settings,
    loaded: &mut Loaded,
    input: &Input,
) -> Result<Result<Plan, Unfit>, StepError> {
    let platform = input.platform;
    let opened = async {
        let envelope = effective::envelope(ports, &settings.site(), &input.request, platform).await?;
        if envelope.platform != platform {
            return Err(effective::other_platform(envelope.platform, platform));
        }
        envelope.open(ports, &settings.site()).await
    };
    let request = match opened.await {
        Ok(request) => request,
        // Not the request's fault: the same look works later.
        Err(error) if error.may_work_later() => return Err(StepError::Transient(error.to_string())),
        Err(error) => return Ok(Err(Unfit { why: invalid(&error, platform), free: None })),
    };
    let id = loaded.deployment.id.clone();
    let key = target_lock::key(&request);
    let held = match &key {
        Some(key) => target_lock::take(ports, key, &id).await?,
        None => Held::default(),
    };
    let mut facts = facts::gather(&request, settings, held.clone(), ports).await?;
    warm::recognize(ports, &request, &mut facts).await?;
    match planner::plan(&request, &facts) {
        Ok(plan) => {
            let kept = keep(ports, loaded, &plan).await?;
            if kept == plan { Ok(Ok(plan)) } else { lock(ports, &id, kept, platform).await }
        }
        Err(refusals) => {
            let free = key.filter(|_| held.by.is_none()).map(|key| (key, held.leftover));
            Ok(Err(Unfit { why: together(&refusals, platform), free }))
        }
    }
}

/// Takes the lock of a plan that an earlier attempt settled. Its target may be another one than this attempt would find.
async fn lock(
    ports: &impl powers::Prepare,
    id: &DeploymentId,
    plan: Plan,
    platform: Platform,
) -> Result<Result<Plan, Unfit>, StepError> {
    let held = target_lock::take(ports, &plan.target.key(), id).await?;
    Ok(match held.by {
        None => Ok(plan),
        Some(holder) => {
            Err(Unfit { why: Refusal::Held { target: plan.target.shown(), holder }.ending(platform), free: None })
        }
    })
}

/// Gives the lock back of a deployment that moves nothing.
async fn free(ports: &impl Locks, id: &DeploymentId, plan: &Plan) -> Result<(), StepError> {
    let leftover = plan.leaves_behind(&Traffic::Untouched);
    Ok(ports.unlock(&plan.target.key(), id, leftover.as_ref()).await?)
}

/// The record of the deployment: the one the API made, or a new one for a plain StartExecution.
async fn accept(
    ports: &(impl Clock + Records + ReadCatalogue),
    id: &DeploymentId,
    input: &Input,
) -> Result<Loaded, StepError> {
    if let Some(mut loaded) = ports.load(id).await? {
        owner::claim(ports, &mut loaded, input.execution.as_ref()).await?;
        return Ok(loaded);
    }
    let mut labels = call::input(&input.request).and_then(|input| request::labels(&input)).unwrap_or_default();
    if labels.group_id.is_none() {
        labels.group_id = group::id(ports, &labels).await?;
    }
    let mut deployment =
        Deployment::new(id.clone(), input.platform, labels, ports.now()).started_by(Starter::Execution);
    deployment.execution.clone_from(&input.execution);
    match ports.create(&deployment, &input.request).await {
        Ok(()) | Err(PortError::Conflict(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let loaded = crate::change::load(ports, id).await?;
    owner::check(&loaded.deployment, input.execution.as_ref())?;
    Ok(loaded)
}

/// Keeps the plan, unless an earlier attempt kept one: a plan never changes, and a slow attempt that was taken for dead
/// must not put another one under a deployment that has begun.
async fn keep(ports: &impl Records, loaded: &mut Loaded, plan: &Plan) -> Result<Plan, StepError> {
    match ports.keep_plan(&loaded.deployment.id, plan).await {
        Ok(()) => Ok(plan.clone()),
        Err(PortError::Conflict(why)) => {
            *loaded = crate::change::load(ports, &loaded.deployment.id).await?;
            loaded.plan.clone().ok_or(StepError::Transient(why))
        }
        Err(error) => Err(error.into()),
    }
}

async fn refuse<T>(ports: &(impl Clock + Records + Journal), loaded: &mut Loaded, why: Ending) -> Result<T, StepError> {
    Err(close(ports, loaded, &why).await?)
}

/// Writes down why the deployment does not begin; the error that tells the state machine.
async fn close(
    ports: &(impl Clock + Records + Journal),
    loaded: &mut Loaded,
    why: &Ending,
) -> Result<StepError, StepError> {
    apply(ports, loaded, &Change::Refuse(why.clone())).await?;
    tell(ports, &loaded.deployment, refused(&loaded.deployment)).await?;
    Ok(StepError::ending(why))
}

async fn apply(ports: &(impl Clock + Records), loaded: &mut Loaded, to: &Change) -> Result<(), StepError> {
    let now = ports.now();
    change(ports, loaded, |deployment| {
        deployment.apply(to.clone(), now).map_err(|_| StepError::not_running(&deployment.phase))
    })
    .await
}
