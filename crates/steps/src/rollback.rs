//! Rollback: brings the traffic of a deployment that is stopping to where it ends, whatever state it was interrupted in.

use futures_util::future::join;
use rollout::deployment::{Change, Deployment, Phase};
use rollout::ending::{Ending, Traffic};
use rollout::hooks;
use rollout::ids::DeploymentId;
use rollout::journal::{Entry, Line};
use rollout::lifecycle::{EventRecord, EventStatus};
use rollout::seconds::Seconds;
use rollout::settle::{Settle, Written, settle, written};
use serde::{Deserialize, Serialize};

use crate::change::change;
use crate::error::{StepError, ending_of, names};
use crate::interrupt;
use crate::ports::{
    Clock, Journal, Loaded, PortError, ReadAlias, ReadListeners, ReadServices, Records, RestoreTaskSets, WriteAlias,
    WriteListeners,
};
use crate::service::home::{self, Way};
use crate::targets::{Targets, called};

/// What the state machine sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// The deployment.
    pub deployment_id: String,
    /// What ended the rollout.
    pub failure: Failure,
}

/// An error as the state machine caught it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Failure {
    /// The error's name.
    pub error: String,
    /// Its cause.
    pub cause: String,
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
pub async fn run(
    store: &(impl Records + Journal),
    targets: Targets<'_, impl ReadAlias + WriteAlias, impl ReadListeners + WriteListeners>,
    services: &(impl ReadServices + RestoreTaskSets),
    clock: &impl Clock,
    input: Input,
) -> Result<Output, StepError> {
    // An id nobody could have made a record for, and a deployment that died before it had one: nothing was touched.
    let Ok(id) = DeploymentId::parse(&input.deployment_id) else { return Ok(SETTLED) };
    let Some(mut loaded) = store.load(&id).await? else { return Ok(SETTLED) };
    if matches!(loaded.deployment.phase, Phase::Created | Phase::Running) {
        let Failure { error, cause } = &input.failure;
        let why = said_by_hook(&loaded.deployment, error, cause)
            .unwrap_or_else(|| ending_of(loaded.deployment.platform, error, cause));
        interrupt::mark(store, clock, &mut loaded, &why, None).await?;
        interrupt::note(store, clock, &loaded).await?;
    }
    if !matches!(loaded.deployment.phase, Phase::Stopping { .. }) {
        return Ok(SETTLED);
    }
    let Some(plan) = loaded.plan.clone() else {
        return settled(store, clock, &mut loaded, Traffic::Untouched).await;
    };
    for _ in 0..WRITES {
        // Both at once: whether home can take the traffic costs no time of its own.
        let (look, home) = join(targets.look(&plan.target), home::look(services, targets.listeners, &plan)).await;
        let (look, home) = (look?, home?);
        let next = settle(&plan, &loaded.deployment, &look.live, clock.now());
        if let (Settle::Write(_) | Settle::Done(Traffic::Restored(_)), Some(home)) = (&next, &home) {
            match home::way(store, services, targets.listeners, clock, &plan, &mut loaded, (home, &look.live)).await? {
                Way::Open => {}
                Way::Wait(left) => return Ok(Output { next: Next::BringUp, seconds: left.0.max(1) }),
                Way::Closed(traffic) => return settled(store, clock, &mut loaded, traffic).await,
            }
        }
        let home = match next {
            Settle::Write(home) => home,
            Settle::Wait(left) => return Ok(wait(left)),
            Settle::Done(traffic) => return settled(store, clock, &mut loaded, traffic).await,
        };
        match targets.route_all(&plan, &look, &home).await {
            // What is not ours is still there, and decides how this ends.
            Ok(()) if look.is_shared(&plan) => {}
            Ok(()) => match written(&plan, &loaded.deployment, clock.now()) {
                Written::Wait(left) => return Ok(wait(left)),
                Written::Restored(to) => return settled(store, clock, &mut loaded, Traffic::Restored(to)).await,
            },
            Err(PortError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StepError::Transient(format!("{} keeps changing", called(&plan.target))))
}

fn wait(left: Seconds) -> Output {
    Output { next: Next::Wait, seconds: left.0.max(1) }
}

/// The ending of a deployment whose hook ended its own wait with SendTaskFailure, under a name of its own choosing.
fn said_by_hook(deployment: &Deployment, error: &str, cause: &str) -> Option<Ending> {
    let ours = error == names::RECOVERED || StepError::NAMES.contains(&error);
    let of_aws = ["States.", "Lambda.", "Runtime.", "Sandbox."].iter().any(|prefix| error.starts_with(prefix));
    let running = |record: &&EventRecord| record.status == EventStatus::InProgress;
    let event = deployment.events.events().iter().find(running)?.event;
    (!ours && !of_aws && event.is_hook()).then(|| hooks::failed(event, &format!("{error}: {cause}")))
}

async fn settled(
    store: &(impl Records + Journal),
    clock: &impl Clock,
    loaded: &mut Loaded,
    traffic: Traffic,
) -> Result<Output, StepError> {
    let now = clock.now();
    change(store, loaded, |deployment| {
        deployment.apply(Change::Settle(traffic.clone()), now).map_err(|error| StepError::Transient(error.to_string()))
    })
    .await?;
    store.append(&loaded.deployment.id, &Line { at: now, entry: Entry::TrafficSettled { traffic } }).await?;
    Ok(SETTLED)
}
