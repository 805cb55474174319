//! Rollback: brings the traffic of a deployment that is stopping to where it ends, whatever state it was interrupted in.

use futures_util::future::join3;
use rollout::deployment::{Change, Phase};
use rollout::drift::called;
use rollout::ending::Traffic;
use rollout::failure::why_it_ended;
use rollout::ids::{DeploymentId, ExecutionArn};
use rollout::journal::Entry;
use rollout::plan::Plan;
use rollout::platform::Fence;
use rollout::seconds::Seconds;
use rollout::service::clear::Side;
use rollout::service::preflight::Which;
use rollout::settle::{self, Live, Settle, Written};
use serde::{Deserialize, Deserializer, Serialize};

use crate::change::change;
use crate::error::StepError;
use crate::interrupt;
use crate::journal::{catch_up, note};
use crate::owner::{self, Work};
use crate::ports::{Clock, Journal, Loaded, PortError, Records};
use crate::powers;
use crate::service::home::{self, Way};
use crate::service::sending::Sending;
use crate::targets;

/// What the state machine sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// The deployment.
    pub deployment_id: String,
    /// The execution that asks.
    #[serde(default)]
    pub execution: Option<ExecutionArn>,
    /// What it had to do.
    #[serde(default)]
    pub work: Work,
    /// What ended the rollout.
    pub failure: Failure,
}

/// An error as the state machine caught it. Whoever fails a token may leave out both.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Failure {
    /// The error's name.
    #[serde(deserialize_with = "or_nothing")]
    pub error: String,
    /// Its cause.
    #[serde(deserialize_with = "or_nothing")]
    pub cause: String,
}

fn or_nothing<'de, D: Deserializer<'de>>(text: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(text)?.unwrap_or_default())
}

/// What the state machine does next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Output {
    next: Next,
    seconds: u64,
}

/// Where the state machine goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Next {
    /// Wait, and call again.
    Wait,
    /// Wait until the old task set can take the traffic, and call again.
    BringUp,
    /// The traffic is settled.
    Settled,
}

const SETTLED: Output = Output { next: Next::Settled, seconds: 0 };

/// How often a write is tried on top of a target that somebody keeps changing, before the state machine tries again later.
const WRITES: usize = 5;

/// Runs the step.
pub async fn run(ports: &impl powers::Rollback, input: Input) -> Result<Output, StepError> {
    // An id nobody could have made a record for, and a deployment that died before it had one: nothing was touched.
    let Ok(id) = DeploymentId::parse(&input.deployment_id) else { return Ok(SETTLED) };
    let Some(mut loaded) = ports.load(&id).await? else {
        return match input.work {
            Work::Nothing => Ok(SETTLED),
            Work::Rollout => Err(owner::deleted(ports, &id, "record").await?),
        };
    };
    owner::check(&loaded.deployment, input.execution.as_ref())?;
    if matches!(loaded.deployment.phase, Phase::Created | Phase::Queued | Phase::Running) {
        let Failure { error, cause } = &input.failure;
        let why = why_it_ended(&loaded.deployment, loaded.plan.as_ref(), error, cause);
        interrupt::mark(ports, &mut loaded, &why, None).await?;
        interrupt::note(ports, &loaded).await?;
    }
    if !matches!(loaded.deployment.phase, Phase::Stopping { .. }) {
        return Ok(SETTLED);
    }
    let Some(plan) = loaded.plan.clone() else {
        if loaded.deployment.started.is_some() {
            return Err(owner::deleted(ports, &id, "plan").await?);
        }
        return settled(ports, &mut loaded, None, Traffic::Untouched).await;
    };
    bring_home(ports, &plan, &mut loaded).await
}

/// Writes until the traffic is where it ends, or says how long to wait before the next look.
async fn bring_home(ports: &impl powers::Rollback, plan: &Plan, loaded: &mut Loaded) -> Result<Output, StepError> {
    let mut sending = None;
    for _ in 0..WRITES {
        // All at once: neither whether home can take the traffic nor to write down what may be sent costs time of its own.
        let (look, home, announced) =
            join3(targets::look(ports, &plan.target), home::look(ports, plan), announce(ports, plan, loaded, sending))
                .await;
        let (look, home) = (look?, home?);
        sending = announced?;
        let next = settle::settle(plan, &loaded.deployment, &look.live, ports.now());
        if let (Settle::Write(_) | Settle::Done(Traffic::Restored(_)), Some(home)) = (&next, &home) {
            match home::way(ports, plan, loaded, home, &look.live).await? {
                Way::Open => {}
                Way::Wait(left) => {
                    answered(ports, loaded, sending).await?;
                    return Ok(Output { next: Next::BringUp, seconds: left.0.max(1) });
                }
                Way::Closed(traffic) => return settled(ports, loaded, sending, traffic).await,
            }
        }
        let to = match next {
            Settle::Write(to) => to,
            Settle::Wait(left) => {
                answered(ports, loaded, sending).await?;
                return Ok(wait(left));
            }
            Settle::Done(traffic) => return settled(ports, loaded, sending, traffic).await,
        };
        let fence = match targets::put_back(ports, plan, &loaded.deployment, &look, &to).await {
            Ok(fence) => fence,
            Err(PortError::Conflict(_)) => {
                // Of several places a refused one says nothing about the others.
                sending = sending.map(Sending::kept);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        tell_overruled(ports, plan, loaded, &look.live).await?;
        match settle::written(plan, &loaded.deployment, &look.live, &to, fence, ports.now()) {
            Written::Wait(left) => {
                answered(ports, loaded, sending).await?;
                return Ok(wait(left));
            }
            Written::Look => {}
            Written::Done(traffic) => return settled(ports, loaded, sending, traffic).await,
        }
    }
    Err(StepError::Transient(format!("{} keeps changing", called(&plan.target, Which::Production))))
}

/// Tells which changes of somebody else the write has taken back.
async fn tell_overruled(
    ports: &(impl Clock + Journal),
    plan: &Plan,
    Loaded { deployment, .. }: &Loaded,
    live: &Live,
) -> Result<(), PortError> {
    if let Some(found) = plan.overruled(deployment, live).cloned() {
        note(ports, deployment, Entry::Overruled { found }, ports.now()).await?;
    }
    if let Some(found) = plan.overruled_test(deployment, live).cloned() {
        note(ports, deployment, Entry::TestOverruled { found }, ports.now()).await?;
    }
    Ok(())
}

fn wait(left: Seconds) -> Output {
    Output { next: Next::Wait, seconds: left.0.max(1) }
}

/// Writes down, once in each attempt, that traffic may be sent home, where nothing but that tells of a write without an answer.
async fn announce(
    ports: &impl Records,
    plan: &Plan,
    loaded: &mut Loaded,
    before: Option<Sending>,
) -> Result<Option<Sending>, StepError> {
    match (plan.target.fence(), before) {
        (Fence::Lease, None) if loaded.deployment.started.is_some() => {
            Sending::announce(ports, loaded, Side::Home).await.map(Some)
        }
        (Fence::Lease | Fence::Revision, before) => Ok(before),
    }
}

/// Everything that was sent has its answer.
async fn answered(ports: &impl Records, loaded: &mut Loaded, sending: Option<Sending>) -> Result<(), StepError> {
    match sending {
        Some(sending) => sending.is_answered(ports, loaded).await,
        None => Ok(()),
    }
}

async fn settled(
    ports: &(impl Clock + Records + Journal),
    loaded: &mut Loaded,
    sending: Option<Sending>,
    traffic: Traffic,
) -> Result<Output, StepError> {
    let (now, to) = (ports.now(), Change::Settle(traffic.clone()));
    change(ports, loaded, |deployment| {
        if let Some(sending) = sending {
            sending.take_out(deployment);
        }
        deployment.apply(to.clone(), now).map_err(|error| StepError::Transient(error.to_string()))
    })
    .await?;
    // With that it settled, and that it was stopping: whoever marked it may have died before it told that.
    catch_up(ports, loaded).await?;
    Ok(SETTLED)
}
