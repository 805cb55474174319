//! The sweep: the second line behind everything that is told only once (docs/aws-realities.md 2.2). Every two minutes it looks at what is open, and
//! sees to what nobody is at any more.

use jiff::{SignedDuration, Timestamp};
use rollout::deployment::{Phase, Status};
use rollout::ids::{DeploymentId, ExecutionArn};
use rollout::orphan::GRACE;
use rollout::target::Target;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::StepError;
use crate::journal::catch_up;
use crate::on_pipeline_job::abandoned;
use crate::orphan::{self, Attended};
use crate::ports::{EndWaits, FailWaits, Filter, Listing, Loaded, PortError, Row, StopExecutions, WaitFor};
use crate::powers;
use crate::service::aftermath;
use crate::turn;
use crate::warm;

/// The time between two sweeps, as the template has it.
pub const EVERY: SignedDuration = SignedDuration::from_mins(2);

/// How many deployments one sweep looks at: a quarter of the calls of DescribeExecution that an account has at once. Of more,
/// each is looked at in turn.
const AT_ONCE: usize = 250;

/// How many are listed at a time, and how often.
const PAGE: usize = 500;
const PAGES: usize = 10;

/// What is open, in the order of a deployment's life: one that moves on between two questions is found by the second.
const OPEN: [Status; 3] = [Status::Queued, Status::Created, Status::InProgress];

/// What EventBridge sends; nothing in it matters.
#[derive(Debug, Clone, Deserialize)]
pub struct Input {}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Output {
    /// Deployments that are open.
    open: usize,
    /// Deployments that something was done about.
    attended: usize,
    /// Deployments that could not be looked at; the next sweep does.
    failed: usize,
}

/// Runs the step. A deployment that cannot be looked at does not keep the others from it.
pub async fn run(ports: &impl powers::Sweep, _input: Input) -> Result<Output, StepError> {
    let now = ports.now();
    let open = open(ports, now).await?;
    let mut output = Output { open: open.len(), ..Output::default() };
    for (_, id) in in_turn(open, now) {
        match look(ports, &id).await {
            Ok(Attended::Left) => {}
            Ok(attended) => {
                tracing::warn!(deployment = %id, ?attended, "an open deployment had nobody who was at it");
                output.attended += 1;
            }
            Err(error) => {
                tracing::error!(deployment = %id, %error, "an open deployment could not be looked at");
                output.failed += 1;
            }
        }
    }
    // Few, and rarely any: deployments that ended in the middle of a write.
    for id in ports.expected_late().await?.into_iter().take(AT_ONCE) {
        match look_after(ports, &id).await {
            Ok(false) => {}
            Ok(true) => {
                tracing::warn!(deployment = %id, "a write of a deployment came after its end, and is undone");
                output.attended += 1;
            }
            Err(error) => {
                tracing::error!(deployment = %id, %error, "a deployment that is over could not be looked at");
                output.failed += 1;
            }
        }
    }
    Ok(output)
}

/// What is looked at of one open deployment. A further check of an open deployment belongs here.
async fn look(ports: &impl powers::Sweep, id: &DeploymentId) -> Result<Attended, StepError> {
    let Some(mut loaded) = ports.load(id).await? else { return Ok(Attended::Left) };
    abandoned::look(ports, &mut loaded).await?;
    let attended = orphan::attend(ports, &mut loaded).await?;
    if let Attended::Unaware(execution) = &attended {
        remind(ports, &loaded, execution).await?;
    }
    if let (Phase::Running, Some(token)) = (&loaded.deployment.phase, loaded.tokens.get(&WaitFor::Continue))
        && loaded.deployment.progress.is_resumed()
    {
        // Whoever let it continue may have died before it ended the wait.
        ports.let_go(token).await?;
    }
    if let (Phase::Queued, Some(group)) = (&loaded.deployment.phase, loaded.deployment.labels.group_key()) {
        turn::call_next(ports, &group).await?;
    }
    orphan::conclude(ports, &mut loaded, attended).await
}

/// What is looked at of a deployment that is over.
async fn look_after(ports: &impl powers::Sweep, id: &DeploymentId) -> Result<bool, StepError> {
    let loaded = ports.load(id).await?;
    if let Some(loaded) = loaded.as_ref().filter(|loaded| loaded.deployment.never_began()) {
        // It wrote nothing: it only ended, and that may not be told.
        catch_up(ports, loaded).await?;
        ports.forget_late(id).await?;
        return Ok(false);
    }
    let Some((plan, mut loaded)) = loaded.and_then(|loaded| Some((loaded.plan.clone()?, loaded))) else {
        ports.forget_late(id).await?;
        return Ok(false);
    };
    match &plan.target {
        Target::LambdaAlias { .. } => warm::late(ports, &plan, &mut loaded).await,
        Target::EcsService(_) => aftermath::look(ports, &plan, loaded).await,
    }
}

/// Tells an execution again that its deployment is ending. Where its token is gone, nothing reaches it any more: it is aborted,
/// and its recovery ends the deployment.
async fn remind(
    ports: &(impl EndWaits + FailWaits + StopExecutions),
    loaded: &Loaded,
    execution: &ExecutionArn,
) -> Result<(), PortError> {
    match (loaded.tokens.get(&WaitFor::Interrupt), &loaded.deployment.phase) {
        (Some(token), Phase::Stopping { why, .. }) => {
            ports.fail(token, StepError::ending(why).name(), &why.message).await
        }
        (Some(token), _) => ports.succeed(token, &json!({})).await,
        (None, _) => ports.stop_execution(execution, "its deployment is ending, and nothing else reached it").await,
    }
}

/// Everything that is open and has been for longer than it may take to begin.
async fn open(ports: &impl Listing, now: Timestamp) -> Result<Vec<Row>, PortError> {
    let before = now.checked_sub(SignedDuration::from(GRACE)).ok();
    let mut filter = Filter { statuses: OPEN.to_vec(), before, ..Filter::default() };
    let mut found = Vec::new();
    for _ in 0..PAGES {
        let page = ports.newest(&filter, PAGE).await?;
        let more = page.len() == PAGE;
        filter.below = page.last().cloned();
        found.extend(page);
        if !more {
            break;
        }
    }
    Ok(found)
}

/// The deployments whose turn it is: all, or, of very many, the next ones of a round that starts where the last one ended.
fn in_turn(mut open: Vec<Row>, now: Timestamp) -> Vec<Row> {
    if open.len() > AT_ONCE {
        let sweeps = usize::try_from(now.as_second() / EVERY.as_secs()).unwrap_or(0);
        let first = sweeps.wrapping_mul(AT_ONCE) % open.len();
        open.rotate_left(first);
        open.truncate(AT_ONCE);
    }
    open
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn of_very_many_open_deployments_each_has_its_turn() {
        let row = |number: usize| (Timestamp::UNIX_EPOCH, DeploymentId::parse(&format!("d-{number}")).unwrap());
        let open: Vec<Row> = (0..2 * AT_ONCE + 7).map(row).collect();
        let rounds = (0..3).map(|sweep| in_turn(open.clone(), Timestamp::UNIX_EPOCH + EVERY * sweep));
        let seen: BTreeSet<Row> = rounds.flatten().collect();
        assert_eq!(seen.len(), open.len());
        assert_eq!(in_turn(open[..3].to_vec(), Timestamp::UNIX_EPOCH + EVERY), open[..3]);
    }
}
