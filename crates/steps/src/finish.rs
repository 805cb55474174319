//! Finish: closes the books. The record becomes final, the lock is free, no alarm watches any more.

mod output;

use jiff::SignedDuration;
use rollout::deployment::{Change, Outcome, Phase};
use rollout::ending::Traffic;
use rollout::failure::{ending_of, message_in, names};
use rollout::ids::{DeploymentId, ExecutionArn};
use rollout::journal::Entry;
use rollout::service::aftermath;
use serde::Deserialize;
use serde_json::json;

use crate::change::apply;
use crate::error::StepError;
use crate::group;
use crate::journal::{catch_up, end, note};
use crate::owner::{self, Work};
use crate::ports::{
    Clock, ExpectLateWrites, Journal, Listing, Loaded, Locks, PortError, RaiseAlerts, ReadRequests, Records, Watches,
};
use crate::powers;
use crate::rollback::Failure;
use crate::telling;
use crate::turn;
use crate::warm;

pub use output::{Moved, Output};

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
    /// What the rollback failed with for good, if it did.
    #[serde(default)]
    pub unresolved: Option<Failure>,
}

/// Runs the step. What it says is what the execution puts out.
pub async fn run(ports: &impl powers::Finish, input: Input) -> Result<Output, StepError> {
    let unknown = || {
        let cause = format!("there is no deployment {}; nothing was touched", input.deployment_id);
        Output::unknown(&input.deployment_id, Outcome::Failed, names::INVALID_INPUT, cause)
    };
    let Ok(id) = DeploymentId::parse(&input.deployment_id) else { return Ok(unknown()) };
    let Some(mut loaded) = ports.load(&id).await? else {
        return match input.work {
            Work::Nothing => Ok(unknown()),
            Work::Rollout => deleted(ports, id, input.unresolved).await,
        };
    };
    owner::check(&loaded.deployment, input.execution.as_ref())?;
    telling::recovery(ports, &mut loaded).await?;
    if !loaded.deployment.phase.is_final() {
        warm::after(ports, &mut loaded).await?;
    }
    match (loaded.deployment.phase.clone(), &input.unresolved) {
        (Phase::Stopping { .. }, Some(failure)) => give_up(ports, &mut loaded, failure).await?,
        (Phase::Settled { traffic, .. }, _) => {
            expect_late(ports, &loaded).await?;
            close(ports, &loaded, Some(&traffic)).await?;
            show_rollback(ports, &loaded).await?;
            end(ports, &mut loaded).await?;
        }
        (Phase::Committing, _) => {
            expect_late(ports, &loaded).await?;
            close(ports, &loaded, None).await?;
            end(ports, &mut loaded).await?;
        }
        (Phase::Created | Phase::Queued | Phase::Running | Phase::Stopping { .. }, _) => {
            let message =
                format!("deployment {id} is {}, and its traffic is not settled", loaded.deployment.phase.name());
            return Err(StepError::Transient(message));
        }
        // A second attempt.
        (Phase::Succeeded | Phase::Ended { .. } | Phase::Unresolved { .. }, _) => {}
    }
    // Once the record is final: until then it is the active one. Where nobody comes so far, the next one takes the group over.
    turn::over(ports, &loaded.deployment).await?;
    // Whoever decided something may have died before it was told, also an earlier attempt of this.
    catch_up(ports, &loaded).await?;
    Ok(Output::of(&loaded))
}

/// There are no books to close any more, and the lock cannot be found. A rollback that saw it before has said what is known.
async fn deleted(
    ports: &(impl Journal + RaiseAlerts),
    id: DeploymentId,
    unresolved: Option<Failure>,
) -> Result<Output, StepError> {
    let Some(failure) = unresolved else {
        let why = owner::deleted(ports, &id, "record").await?;
        telling::unresolved(ports, &id, &why.to_string());
        return Err(why);
    };
    let cause = message_in(&failure.cause);
    telling::unresolved(ports, &id, &cause);
    Ok(Output::unknown(id.as_str(), Outcome::Unresolved, names::UNRESOLVED, cause))
}

/// The lock is freed before the record is final, so that a second attempt finds the job unfinished.
async fn close(ports: &(impl Locks + Watches), loaded: &Loaded, traffic: Option<&Traffic>) -> Result<(), StepError> {
    let Some(plan) = &loaded.plan else { return Ok(()) };
    let leftover = loaded.deployment.leaves_behind(plan, traffic);
    ports.unlock(&plan.target.key(), &loaded.deployment.id, leftover.as_ref()).await?;
    for alarm in &plan.alarms.names {
        ports.unwatch(alarm, &loaded.deployment.id).await?;
    }
    Ok(())
}

/// The sweep looks at the deployment for a while longer, where a write of it may still come. Before the lock is free: the next one
/// reckons with it.
async fn expect_late(ports: &(impl Clock + ExpectLateWrites), loaded: &Loaded) -> Result<(), StepError> {
    match &loaded.plan {
        Some(plan) if aftermath::may_come(plan, &loaded.deployment) => {
            let until = ports.now() + SignedDuration::from(aftermath::WATCHED);
            Ok(ports.expect_late(&loaded.deployment.id, until).await?)
        }
        Some(_) | None => Ok(()),
    }
}

/// The rollback as CodeDeploy shows it: a deployment of its own, made before the record is final, so that whoever sees the end
/// finds it.
async fn show_rollback(
    ports: &(impl Clock + Records + Listing + ReadRequests),
    loaded: &Loaded,
) -> Result<(), StepError> {
    let Some(plan) = &loaded.plan else { return Ok(()) };
    let Some(mut twin) = loaded.deployment.rollback(Some(plan)) else { return Ok(()) };
    twin.completed = Some(ports.now());
    let mut request = ports.request(&loaded.deployment.id).await?.unwrap_or_default();
    let mut before = request["resolved"]["previousRevision"].take();
    // What was there before one that had to wait is what the ones before it brought, whatever was there when it came.
    if let Some(group) = loaded.deployment.labels.group_key().filter(|_| loaded.deployment.has_queued()) {
        before = json!(group::current_revision(ports, &group).await?);
    }
    let all_at_once = loaded.deployment.platform.default_config();
    let request = match before.is_null() {
        true => json!({"deploymentConfigName": all_at_once}),
        false => json!({"deploymentConfigName": all_at_once, "revision": before}),
    };
    match ports.create(&twin, &request).await {
        // Made by an attempt whose answer was lost; what is beside it may be missing.
        Ok(()) | Err(PortError::Conflict(_)) => {}
        Err(error) => return Err(error.into()),
    }
    match ports.keep_plan(&twin.id, &plan.reversed()).await {
        Ok(()) | Err(PortError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The lock stays: no other deployment may build on traffic that is not where it should be.
async fn give_up(
    ports: &(impl Clock + Records + Journal + RaiseAlerts),
    loaded: &mut Loaded,
    failure: &Failure,
) -> Result<(), StepError> {
    let cannot = ending_of(loaded.deployment.platform, &failure.error, &failure.cause).message;
    telling::unresolved(ports, &loaded.deployment.id, &cannot);
    note(ports, &loaded.deployment, Entry::GivenUp { cannot: cannot.clone() }, ports.now()).await?;
    apply(ports, loaded, &Change::GiveUp(cannot)).await
}
