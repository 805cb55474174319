//! Prepare: settles the plan, locks the target and begins, or says everything that speaks against it. Moves nothing.

use std::collections::BTreeMap;

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use rollout::deployment::{Change, Deployment, Phase};
use rollout::ending::{Ending, ErrorCode};
use rollout::ids::DeploymentId;
use rollout::journal::{Entry, Line};
use rollout::lifecycle::LifecycleEvent;
use rollout::plan::{self, Plan};
use rollout::preflight::{Holder, Refusal};
use rollout::progress::WaitKind;
use rollout::starter::Starter;
use rollout::strategy::Platform;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::change::change;
use crate::effective;
use crate::error::StepError;
use crate::facts::{self, Gathered, Settings, Sources};
use crate::group;
use crate::ports::{
    Catalogue, Clock, Journal, Loaded, Locks, PortError, ReadAlarms, ReadAlias, ReadFunctions, ReadListeners,
    ReadObjects, ReadServices, Records,
};
use crate::request;

/// What the state machine sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// The execution's name.
    pub deployment_id: String,
    /// The platform of the state machine.
    #[serde(default)]
    pub platform: Platform,
    /// The execution's input: CreateDeployment, or anything a person typed into StartExecution.
    pub request: Value,
}

/// What the state machine decides on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    deployment_id: DeploymentId,
    work: Work,
    /// By lifecycle event, such as `beforeAllowTraffic`.
    #[serde(flatten)]
    hooks: BTreeMap<String, HookWait>,
    test_traffic: bool,
    ready: bool,
}

/// Whether there is anything to roll out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Work {
    /// There is.
    Rollout,
    /// Every call goes to the target version already.
    Nothing,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct HookWait {
    run: bool,
    timeout_seconds: u64,
}

/// Runs the step.
pub async fn run(
    store: &(impl Records + Journal + Locks + Catalogue),
    sources: &Sources<
        '_,
        impl ReadAlias + ReadFunctions,
        impl ReadServices + ReadListeners,
        impl ReadObjects,
        impl ReadAlarms,
    >,
    clock: &impl Clock,
    settings: &Settings,
    input: Input,
) -> Result<Output, StepError> {
    let id = DeploymentId::parse(&input.deployment_id)
        .map_err(|error| StepError::InvalidInput(format!("the execution's name is the deployment id: {error}")))?;
    let mut loaded = accept(store, clock, &id, &input).await?;
    match (&loaded.deployment.phase, &loaded.plan) {
        (Phase::Created, _) => {}
        // A second attempt of this state: what the first one settled stands.
        (Phase::Running, Some(plan)) => return Ok(output(&id, plan)),
        (phase, _) => return Err(StepError::not_running(phase)),
    }
    if let Some(active) = enter(store, &loaded.deployment).await? {
        return refuse(store, clock, &mut loaded, active.ending(input.platform)).await;
    }
    let Settled { plan, stale_owner } = match loaded.plan.clone() {
        // An earlier attempt got as far as the plan: what it read is not read again, since it may be another thing by now.
        Some(plan) => again(store, &id, plan).await?,
        None => match settle(store, sources, settings, &id, &input).await? {
            Ok(settled) => {
                let kept = keep(store, &mut loaded, &settled.plan).await?;
                if kept == settled.plan { settled } else { again(store, &id, kept).await? }
            }
            Err(why) => return refuse(store, clock, &mut loaded, why).await,
        },
    };
    if plan.is_empty() {
        apply(store, clock, &mut loaded, &Change::NothingToDo).await?;
        note(store, clock, &id, Entry::NothingToDo { version: plan.to.clone() }).await?;
        return Ok(output(&id, &plan));
    }
    match store.lock(&plan.target.key(), &id, stale_owner.as_ref()).await {
        Ok(()) => {}
        Err(PortError::Conflict(_)) => {
            let owner = store.read_lock(&plan.target.key()).await?.owner.unwrap_or_else(|| id.clone());
            return refuse(store, clock, &mut loaded, Refusal::Held(Holder::Running(owner)).ending(input.platform))
                .await;
        }
        Err(error) => return Err(error.into()),
    }
    if let Err(error) = apply(store, clock, &mut loaded, &Change::Begin).await {
        return match (&loaded.deployment.phase, &loaded.plan) {
            // An attempt that was taken for dead was faster: what it settled stands.
            (Phase::Running, Some(plan)) => Ok(output(&id, plan)),
            _ => Err(error),
        };
    }
    let entry = Entry::Planned {
        from: plan.from.clone(),
        to: plan.to.clone(),
        steps: plan.steps.len(),
        total: plan.total(),
        caller: loaded.deployment.started_by.as_ref().and_then(Starter::caller).cloned(),
    };
    note(store, clock, &id, entry).await?;
    Ok(output(&id, &plan))
}

/// What a request comes to.
struct Settled {
    plan: Plan,
    /// Whose lock may be taken over (see [`Gathered`]).
    stale_owner: Option<DeploymentId>,
}

/// Reads the request and the world, and settles the plan; or says what speaks against it.
async fn settle(
    store: &(impl Records + Locks + Catalogue),
    sources: &Sources<
        '_,
        impl ReadAlias + ReadFunctions,
        impl ReadServices + ReadListeners,
        impl ReadObjects,
        impl ReadAlarms,
    >,
    settings: &Settings,
    id: &DeploymentId,
    input: &Input,
) -> Result<Result<Settled, Ending>, StepError> {
    let platform = input.platform;
    let opened = async {
        let envelope = effective::envelope(store, &input.request, platform).await?;
        if envelope.platform != platform {
            return Err(effective::other_platform(envelope.platform, platform));
        }
        envelope.open(sources.objects).await
    };
    let request = match opened.await {
        Ok(request) => request,
        // Not the request's fault: the same look works later.
        Err(error) if error.status() >= 500 => return Err(StepError::Transient(error.to_string())),
        Err(error) => return Ok(Err(invalid(&error, platform))),
    };
    let Gathered { facts, stale_owner } = facts::gather(&request, settings, Some(id), store, sources).await?;
    Ok(match plan::plan(&request, &facts) {
        Ok(plan) => Ok(Settled { plan, stale_owner }),
        Err(refusals) => Err(together(&refusals, platform)),
    })
}

/// The record of the deployment: the one the API made, or a new one for a plain StartExecution.
async fn accept(
    store: &(impl Records + Catalogue),
    clock: &impl Clock,
    id: &DeploymentId,
    input: &Input,
) -> Result<Loaded, StepError> {
    if let Some(loaded) = store.load(id).await? {
        return Ok(loaded);
    }
    let mut labels = call::input(&input.request).and_then(|input| request::labels(&input)).unwrap_or_default();
    if labels.group_id.is_none() {
        labels.group_id = group::id(store, &labels).await?;
    }
    let deployment = Deployment::new(id.clone(), input.platform, labels, clock.now()).started_by(Starter::Execution);
    match store.create(&deployment, &input.request).await {
        Ok(()) | Err(PortError::Conflict(_)) => {}
        Err(error) => return Err(error.into()),
    }
    crate::change::load(store, id).await
}

/// Makes it the active deployment of its group, if it is of one, or says why it cannot be. One that the API made is that
/// already, unless it was so slow to get its record that another took its place.
async fn enter(store: &(impl Records + Locks), deployment: &Deployment) -> Result<Option<Refusal>, StepError> {
    let Some((key, group)) = deployment.labels.group_key().zip(deployment.labels.group.clone()) else {
        return Ok(None);
    };
    let active = group::enter(store, &key, &deployment.id).await?;
    Ok(active.map(|deployment| Refusal::GroupActive { group, deployment }))
}

/// Keeps the plan, unless an earlier attempt kept one: a plan never changes, and a slow attempt that was taken for dead
/// must not put another one under a deployment that has begun.
async fn keep(store: &impl Records, loaded: &mut Loaded, plan: &Plan) -> Result<Plan, StepError> {
    match store.keep_plan(&loaded.deployment.id, plan).await {
        Ok(()) => Ok(plan.clone()),
        Err(PortError::Conflict(why)) => {
            *loaded = crate::change::load(store, &loaded.deployment.id).await?;
            loaded.plan.clone().ok_or(StepError::Transient(why))
        }
        Err(error) => Err(error.into()),
    }
}

/// What an earlier attempt settled. Its target may be another one than this attempt would find.
async fn again(store: &(impl Records + Locks), id: &DeploymentId, plan: Plan) -> Result<Settled, StepError> {
    let stale_owner = facts::stale_owner(store, &plan.target, id).await?;
    Ok(Settled { plan, stale_owner })
}

async fn refuse<T>(
    store: &(impl Records + Journal),
    clock: &impl Clock,
    loaded: &mut Loaded,
    why: Ending,
) -> Result<T, StepError> {
    apply(store, clock, loaded, &Change::Refuse(why.clone())).await?;
    note(store, clock, &loaded.deployment.id, Entry::Refused { why: why.clone() }).await?;
    Err(StepError::ending(&why))
}

async fn apply(store: &impl Records, clock: &impl Clock, loaded: &mut Loaded, to: &Change) -> Result<(), StepError> {
    let now = clock.now();
    change(store, loaded, |deployment| {
        deployment.apply(to.clone(), now).map_err(|_| StepError::not_running(&deployment.phase))
    })
    .await
}

async fn note(store: &impl Journal, clock: &impl Clock, id: &DeploymentId, entry: Entry) -> Result<(), StepError> {
    Ok(store.append(id, &Line { at: clock.now(), entry }).await?)
}

/// The ending of a deployment whose request cannot be read.
pub fn invalid(error: &ApiError, platform: Platform) -> Ending {
    match error.code {
        Code::InvalidRevisionException if platform == Platform::Ecs => Ending::new(
            ErrorCode::InvalidEcsService,
            format!(
                "The deployment failed because the AppSpec file that specifies the Amazon ECS deployment configuration is \
                 missing or has an invalid configuration. {}",
                error.message
            ),
        ),
        Code::InvalidRevisionException => Ending::new(
            ErrorCode::InvalidLambdaConfiguration,
            format!(
                "The deployment failed because the AppSpec file that specifies the AWS Lambda deployment configuration is \
                 missing or has an invalid configuration. {}",
                error.message
            ),
        ),
        Code::RevisionDoesNotExistException => Ending::new(ErrorCode::RevisionMissing, error.message.clone()),
        _ => Ending::new(ErrorCode::InvalidRevision, format!("the execution's input is CreateDeployment's: {error}")),
    }
}

/// One ending for several refusals: the first one's code, all their sentences.
fn together(refusals: &[Refusal], platform: Platform) -> Ending {
    let sentences: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    let code = refusals.first().map_or(ErrorCode::InternalError, |refusal| refusal.ending(platform).code);
    Ending::new(code, sentences.join("; "))
}

fn output(id: &DeploymentId, plan: &Plan) -> Output {
    let events = LifecycleEvent::of(plan.target.platform()).iter().filter(|event| event.is_hook());
    let hooks = events.map(|event| {
        let hook = plan.hook(*event);
        let wait = HookWait { run: hook.is_some(), timeout_seconds: hook.map_or(0, |hook| hook.timeout.0) };
        (camel(event.as_str()), wait)
    });
    Output {
        deployment_id: id.clone(),
        work: if plan.is_empty() { Work::Nothing } else { Work::Rollout },
        hooks: hooks.collect(),
        test_traffic: plan.target.service().is_some_and(|service| service.test.is_some()),
        ready: plan.wait(WaitKind::Ready).is_some(),
    }
}

/// `BeforeAllowTraffic` as a member of the state machine's data: `beforeAllowTraffic`.
fn camel(event: &str) -> String {
    let mut letters = event.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}
