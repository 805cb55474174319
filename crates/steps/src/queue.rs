//! The queue of a deployment group: who waits before one that comes, and who gives way to it.

use jiff::SignedDuration;
use rollout::admission::{self, Comer, Newest};
use rollout::code::ErrorCode;
use rollout::deployment::{Change, Deployment, Phase};
use rollout::ending::{Ending, Rollback};
use rollout::ids::DeploymentId;
use rollout::journal;
use rollout::orphan::GRACE;
use rollout::queue::{Order, Place, WhenBusy};

use crate::change::change;
use crate::error::StepError;
use crate::interrupt;
use crate::ports::{Clock, FailWaits, Journal, Loaded, PortError, Queues, Records, Sequences};

/// The others that wait for a group, as one that wants to enter finds them.
pub struct Others {
    /// The first one whose turn comes before.
    pub first: Option<DeploymentId>,
    /// How many wait.
    pub count: usize,
}

/// The place of a deployment in the queue of its group.
pub fn place(deployment: &Deployment) -> Place {
    Place { since: deployment.created, id: deployment.id.clone() }
}

/// Who waits beside the one that asks. Only one that waits itself may pass those that came later.
pub async fn others(
    ports: &(impl Clock + Records + Queues),
    group: &str,
    me: &Place,
    comer: Comer,
    silent: impl AsyncFn(&mut Loaded) -> Result<(), StepError>,
) -> Result<Others, PortError> {
    let mut others = ports.queue(group).await?;
    others.retain(|other| other.id != me.id);
    let mut first = None;
    for other in &others {
        let is_before = comer == Comer::New || other < me;
        if first.is_some() || !is_before {
            break;
        }
        match waiting(ports, group, other).await? {
            Waiting::Yes(mut loaded) => {
                if let Err(error) = silent(&mut loaded).await {
                    tracing::warn!(deployment = %other.id, %error, "a deployment that waits could not be asked about");
                }
                first = (loaded.deployment.phase == Phase::Queued).then(|| other.id.clone());
            }
            // It is being created.
            Waiting::Unknown => first = Some(other.id.clone()),
            Waiting::No => {}
        }
    }
    Ok(Others { first, count: others.len() })
}

/// Whether somebody waits whose place was found.
pub enum Waiting {
    /// It does.
    Yes(Box<Loaded>),
    /// It has no record yet.
    Unknown,
    /// Its turn has come, or it is over.
    No,
}

/// Looks whether somebody waits. The place of one that does not any more is taken away.
pub async fn waiting(
    ports: &(impl Clock + Records + Queues),
    group: &str,
    place: &Place,
) -> Result<Waiting, PortError> {
    let gone = match ports.load(&place.id).await? {
        Some(loaded) if loaded.deployment.phase == Phase::Queued => return Ok(Waiting::Yes(Box::new(loaded))),
        Some(_) => true,
        None => ports.now().duration_since(place.since) > SignedDuration::from(GRACE),
    };
    if !gone {
        return Ok(Waiting::Unknown);
    }
    ports.quit(group, place).await?;
    Ok(Waiting::No)
}

/// Says why a deployment may not come after the newest one of its group; where it may, it is the newest from now on. Asking again
/// changes nothing.
pub async fn in_order(
    ports: &impl Sequences,
    group: &str,
    order: Order,
    number: Option<u64>,
    id: &DeploymentId,
) -> Result<Result<(), Ending>, PortError> {
    let newest = match order {
        Order::Any => None,
        Order::NewerOnly => ports.newest_of(group).await?,
    };
    if let Err(why) = admission::in_order(order, number, newest.as_ref()) {
        return Ok(Err(why));
    }
    // Also where the group does not ask for it yet: it may from the next one on.
    let Some(number) = number else { return Ok(Ok(())) };
    match ports.came(group, &Newest { number, id: id.clone() }).await {
        Ok(()) => Ok(Ok(())),
        Err(PortError::Conflict(_)) => {
            let newest = ports.newest_of(group).await?;
            Ok(admission::in_order(order, Some(number), newest.as_ref()))
        }
        Err(error) => Err(error),
    }
}

/// What is told of a deployment whose record says that it waits: the journal what for, and those that waited before it to give way, where
/// the group says so. Not before its record is written: whoever dies before that has stopped nobody.
pub async fn waits(
    ports: &(impl Clock + Records + Journal + Queues + FailWaits),
    group: &str,
    deployment: &Deployment,
    when_busy: WhenBusy,
) -> Result<(), PortError> {
    tell(ports, deployment).await?;
    match when_busy {
        WhenBusy::Supersede => supersede(ports, group, &place(deployment)).await,
        WhenBusy::Refuse | WhenBusy::Queue => Ok(()),
    }
}

/// Tells the journal what a deployment waits for.
async fn tell(ports: &impl Journal, deployment: &Deployment) -> Result<(), PortError> {
    for line in journal::queued(deployment) {
        ports.append(&deployment.id, &line).await?;
    }
    Ok(())
}

/// Those that waited before this one give way to it. Whoever's turn has come meanwhile stays.
async fn supersede(
    ports: &(impl Clock + Records + Journal + Queues + FailWaits),
    group: &str,
    newest: &Place,
) -> Result<(), PortError> {
    for place in ports.queue(group).await?.iter().filter(|place| *place < newest) {
        if let Waiting::Yes(mut loaded) = waiting(ports, group, place).await? {
            give_way(ports, &mut loaded, &newest.id).await?;
        }
    }
    Ok(())
}

/// Ends one that waits in favour of a newer one.
async fn give_way(
    ports: &(impl Clock + Records + Journal + FailWaits),
    loaded: &mut Loaded,
    newest: &DeploymentId,
) -> Result<(), PortError> {
    let why = Ending::new(ErrorCode::Superseded, format!("The newer deployment {newest} of the group takes its place"));
    let now = ports.now();
    let marked = change(ports, loaded, |deployment| match deployment.phase {
        Phase::Queued => {
            deployment.apply(Change::Interrupt(why.clone(), Rollback::Restore), now).map_err(|_| Lost::Race)
        }
        _ => Err(Lost::Race),
    });
    match marked.await {
        Ok(()) => interrupt::tell_execution(ports, loaded).await,
        Err(Lost::Race) => Ok(()),
        Err(Lost::Port(error)) => Err(error),
    }
}

/// Why one does not give way.
enum Lost {
    /// Its turn has come, or it ends already.
    Race,
    Port(PortError),
}

impl From<PortError> for Lost {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}
