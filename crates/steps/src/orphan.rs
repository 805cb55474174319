//! Asks whether the execution of an open deployment is at work, and does what follows when it is not.

use jiff::SignedDuration;
use rollout::code::ErrorCode;
use rollout::deployment::{Change, Phase};
use rollout::ending::Ending;
use rollout::ids::ExecutionArn;
use rollout::journal::{Entry, refused};
use rollout::orphan::{Fate, Life, fate};
use rollout::service::aftermath::WATCHED;

use crate::change::change;
use crate::error::StepError;
use crate::interrupt;
use crate::journal::{catch_up, note, tell};
use crate::owner;
use crate::ports::{
    Clock, ExpectLateWrites, Journal, Loaded, PortError, RaiseAlerts, ReadExecutions, Records, StartExecutions,
};
use crate::recovery;
use crate::telling;

/// What was done about a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attended {
    /// Nothing: it is over, or somebody is at it.
    Left,
    /// It never began, and has ended.
    Ended,
    /// This recovery was started.
    Recovering(u32),
    /// Nothing yet: its execution lives and is to be reminded.
    Unaware(ExecutionArn),
    /// Nothing yet: a person is needed, for this reason. [`conclude`] gives it up.
    Hopeless(String),
    /// A person is needed, for this reason, and was told.
    GivenUp(String),
}

/// Asks about the execution that the deployment depends on, and does what follows.
pub async fn attend(
    ports: &(impl Clock + Records + Journal + ExpectLateWrites + ReadExecutions + StartExecutions),
    loaded: &mut Loaded,
) -> Result<Attended, StepError> {
    if loaded.deployment.phase.is_final() {
        return Ok(Attended::Left);
    }
    let execution = owner::depends_on(ports, &loaded.deployment)?;
    let life = ports.life(&execution).await?;
    act(ports, loaded, &execution, life).await
}

/// Does what follows from what is known of the execution that the deployment depends on.
pub async fn act(
    ports: &(impl Clock + Records + Journal + ExpectLateWrites + StartExecutions),
    loaded: &mut Loaded,
    execution: &ExecutionArn,
    life: Life,
) -> Result<Attended, StepError> {
    let fate = match fate(&loaded.deployment, life, ports.now()) {
        Fate::End(why) => match end(ports, loaded, why).await? {
            // It began in the same moment, and its execution is over all the same.
            Attended::Left if life == Life::Over => fate(&loaded.deployment, life, ports.now()),
            attended => return Ok(attended),
        },
        fate => fate,
    };
    match fate {
        Fate::Leave | Fate::End(_) => Ok(Attended::Left),
        Fate::Remind => Ok(Attended::Unaware(execution.clone())),
        Fate::Recover => {
            let started = recovery::follow(ports, loaded, execution).await?;
            Ok(started.map_or(Attended::Left, |started| Attended::Recovering(started.number)))
        }
        Fate::GiveUp(cannot) => Ok(Attended::Hopeless(cannot)),
    }
}

/// Tells what somebody must know of it; for those who can tell. What others have done or left, the sweep tells.
pub async fn conclude(
    ports: &(impl Clock + Records + Journal + RaiseAlerts),
    loaded: &mut Loaded,
    attended: Attended,
) -> Result<Attended, StepError> {
    match attended {
        Attended::Hopeless(cannot) => give_up(ports, loaded, cannot).await,
        attended => {
            telling::recovery(ports, loaded).await?;
            Ok(attended)
        }
    }
}

/// Ends what never began, if that is so; for those who may start nothing. Says whether the deployment is over.
pub async fn end_if_never_begun(
    ports: &(impl Clock + Records + Journal + ExpectLateWrites + ReadExecutions),
    loaded: &mut Loaded,
) -> Result<bool, StepError> {
    if matches!(loaded.deployment.phase, Phase::Created | Phase::Queued) {
        let execution = owner::depends_on(ports, &loaded.deployment)?;
        let life = ports.life(&execution).await?;
        if let Fate::End(why) = fate(&loaded.deployment, life, ports.now()) {
            end(ports, loaded, why).await?;
        }
    }
    Ok(loaded.deployment.phase.is_final() && !matches!(loaded.deployment.phase, Phase::Unresolved { .. }))
}

/// Whoever begins it meanwhile, or begins it later, loses the race for the record.
///
/// Nobody comes back to a deployment that is over without an execution. So the sweep is to look at it once more: whoever dies between
/// the record and its line has that told.
pub(crate) async fn end(
    ports: &(impl Clock + Records + Journal + ExpectLateWrites),
    loaded: &mut Loaded,
    why: Ending,
) -> Result<Attended, StepError> {
    let now = ports.now();
    ports.expect_late(&loaded.deployment.id, now + SignedDuration::from(WATCHED)).await?;
    let ended =
        change(ports, loaded, |deployment| deployment.apply(Change::Refuse(why.clone()), now).map_err(|_| Lost::Race));
    match ended.await {
        Ok(()) => {
            tell(ports, &loaded.deployment, refused(&loaded.deployment)).await?;
            Ok(Attended::Ended)
        }
        Err(Lost::Race) => Ok(Attended::Left),
        Err(Lost::Port(error)) => Err(error.into()),
    }
}

/// The lock stays, as it does wherever the traffic could not be put back.
async fn give_up(
    ports: &(impl Clock + Records + Journal + RaiseAlerts),
    loaded: &mut Loaded,
    cannot: String,
) -> Result<Attended, StepError> {
    let lost = Ending::new(ErrorCode::ExecutionLost, cannot.clone());
    interrupt::mark(ports, loaded, &lost, None).await?;
    catch_up(ports, loaded).await?;
    telling::unresolved(ports, &loaded.deployment.id, &cannot);
    let now = ports.now();
    if matches!(loaded.deployment.phase, Phase::Stopping { .. }) {
        note(ports, &loaded.deployment, Entry::GivenUp { cannot: cannot.clone() }, now).await?;
    }
    let given_up = change(ports, loaded, |deployment| {
        deployment.apply(Change::GiveUp(cannot.clone()), now).map_err(|_| Lost::Race)
    });
    match given_up.await {
        Ok(()) => {}
        // Its traffic is where it should be: only the books are open, and that is told.
        Err(Lost::Race) => {}
        Err(Lost::Port(error)) => return Err(error.into()),
    }
    Ok(Attended::GivenUp(cannot))
}

/// Why a change was not made.
enum Lost {
    /// The deployment went on meanwhile.
    Race,
    Port(PortError),
}

impl From<PortError> for Lost {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}
