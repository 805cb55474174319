//! Admission: who may enter what only one deployment is in at a time, a deployment group or a target.
//!
//! Whoever enters writes its id into a lock. Nobody can rely on the owner to give it back: it may have died. So a newcomer looks at the
//! owner's record, and takes the lock over from one that is over.

use jiff::Timestamp;

use crate::code::ErrorCode;
use crate::deployment::{Deployment, Phase};
use crate::ending::Ending;
use crate::facts::Holder;
use crate::ids::DeploymentId;
use crate::queue::{self, GroupPolicy, Order, WhenBusy};
use crate::seconds::Seconds;

/// What is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// A deployment group: one of its deployments is active at a time.
    Group,
    /// A target: one deployment moves its traffic at a time. One that could not put it back keeps the lock until somebody repairs it.
    Target,
}

/// Whose the lock is, as far as is known.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'a> {
    /// Nobody's.
    Nobody,
    /// The newcomer's own: it has entered before.
    Itself,
    /// A deployment's that has no record: its record was deleted, or is yet to be made.
    Unknown(&'a DeploymentId),
    /// This deployment's.
    Known(&'a Deployment),
}

/// What a newcomer is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It is in.
    Inside,
    /// It may enter in place of the one that is over, and of no other.
    TakeOver(Option<DeploymentId>),
    /// It may not: this deployment is in. Before that is believed, its execution is asked for; it may have died.
    Refuse(Holder),
}

impl<'a> Owner<'a> {
    /// The owner of a lock as the newcomer `id` sees it: by the lock, and by the record that was found.
    pub fn of(lock: Option<&'a DeploymentId>, id: &DeploymentId, found: Option<&'a Deployment>) -> Self {
        match (lock, found) {
            (None, _) => Self::Nobody,
            (Some(owner), _) if owner == id => Self::Itself,
            (Some(owner), None) => Self::Unknown(owner),
            (Some(_), Some(found)) => Self::Known(found),
        }
    }
}

/// Decides whether a deployment may enter.
pub fn admit(door: Door, owner: Owner<'_>) -> Admission {
    match owner {
        Owner::Nobody => Admission::TakeOver(None),
        Owner::Itself => Admission::Inside,
        Owner::Unknown(owner) => Admission::TakeOver(Some(owner.clone())),
        Owner::Known(owner) if is_in(door, owner) => Admission::Refuse(Holder::of(owner)),
        Owner::Known(owner) => Admission::TakeOver(Some(owner.id.clone())),
    }
}

/// Who asks to enter a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comer {
    /// One that comes now.
    New,
    /// One that has waited for its turn.
    Queued,
}

/// What the queue of a group is to one that wants to enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue<'a> {
    /// The first one whose turn comes before.
    pub first: Option<&'a DeploymentId>,
    /// How many others wait.
    pub others: usize,
}

/// What one that wants to enter a group is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupAdmission {
    /// It is in.
    Inside,
    /// It may enter in place of the one that is over, and of no other.
    TakeOver(Option<DeploymentId>),
    /// It may not: this one is in, or waits before it. Before that is believed, its execution is asked for; it may have died.
    Refuse(DeploymentId),
    /// It may not, since so many wait already; the first of all is this one.
    Full(DeploymentId, u32),
    /// It waits until this one is over. Before that is believed, its execution is asked for.
    Wait(DeploymentId),
}

/// Decides whether a deployment may enter its group, by who is in, who waits, and what the group says.
///
/// Nobody passes one that waits, also where nobody is in.
pub fn admit_to_group(owner: Owner<'_>, queue: Queue<'_>, comer: Comer, policy: &GroupPolicy) -> GroupAdmission {
    let busy = match (admit(Door::Group, owner), queue.first) {
        (Admission::Inside, _) => return GroupAdmission::Inside,
        (Admission::TakeOver(from), None) => return GroupAdmission::TakeOver(from),
        (Admission::TakeOver(_), Some(first)) => first.clone(),
        (Admission::Refuse(holder), _) => holder.id().clone(),
    };
    let limit = policy.queue_limit.get();
    let is_full = u32::try_from(queue.others).map_or(true, |others| others >= limit);
    match (comer, policy.when_busy) {
        // What it was promised holds, whatever the group says by now.
        (Comer::Queued, _) => GroupAdmission::Wait(busy),
        (Comer::New, WhenBusy::Refuse) => GroupAdmission::Refuse(busy),
        (Comer::New, WhenBusy::Queue) if is_full => GroupAdmission::Full(busy, limit),
        // Those that wait give way, so there is room.
        (Comer::New, WhenBusy::Queue | WhenBusy::Supersede) => GroupAdmission::Wait(busy),
    }
}

/// The newest deployment that a group was asked for with a sequence number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    /// Its number.
    pub number: u64,
    /// Its id.
    pub id: DeploymentId,
}

/// How a refusal of what is older begins.
const OLDER: &str = "The deployment is older than what the group was last asked for";

/// Whether a refusal says that a deployment is older than the newest one of its group.
pub fn tells_outdated(message: &str) -> bool {
    message.starts_with(OLDER)
}

/// Whether a deployment may come after the newest one that its group was asked for; why not.
pub fn in_order(order: Order, number: Option<u64>, newest: Option<&Newest>) -> Result<(), Ending> {
    let outdated = |message: String| Err(Ending::new(ErrorCode::Outdated, message));
    match (order, number, newest) {
        (Order::Any, _, _) | (Order::NewerOnly, Some(_), None) => Ok(()),
        (Order::NewerOnly, None, _) => outdated(
            "The deployment group takes no deployment that is older than the last, and this one has no sequence number: give it one \
             (sequenceNumber)"
                .to_owned(),
        ),
        (Order::NewerOnly, Some(number), Some(newest)) if number < newest.number => outdated(format!(
            "{OLDER}: its sequence number is {number}, and {} has {}",
            newest.id, newest.number
        )),
        (Order::NewerOnly, Some(_), Some(_)) => Ok(()),
    }
}

/// For how long at most a deployment that is not let in yet waits before it looks again; or how it ends, where it has waited too long.
pub fn waits(deployment: &Deployment, behind: &DeploymentId, now: Timestamp) -> Result<Seconds, Ending> {
    let waited = u64::try_from(now.duration_since(deployment.created).as_secs()).unwrap_or(0);
    let left = queue::LONGEST.0.saturating_sub(waited);
    if left > 0 && deployment.progress.looks_in_queue < queue::LOOKS {
        return Ok(Seconds(left.min(queue::WAIT.0)));
    }
    let message = format!(
        "Its turn has not come, after {} in the queue of its group: the deployment {behind} is before it still",
        Seconds(waited)
    );
    Err(Ending::new(ErrorCode::TargetLocked, message))
}

/// Whether an owner is still in: it is not over, or it could not put its traffic back.
pub fn is_in(door: Door, owner: &Deployment) -> bool {
    match (door, &owner.phase) {
        (Door::Target, Phase::Unresolved { .. }) => true,
        (Door::Group | Door::Target, phase) => !phase.is_final(),
    }
}

impl Holder {
    /// As a refusal names it.
    pub fn of(owner: &Deployment) -> Self {
        let id = owner.id.clone();
        match owner.phase {
            Phase::Unresolved { .. } => Self::Unresolved(id),
            Phase::Stopping { .. } | Phase::Settled { .. } | Phase::Committing => Self::Ending(id),
            Phase::Created | Phase::Queued | Phase::Running | Phase::Succeeded | Phase::Ended { .. } => {
                Self::Running(id)
            }
        }
    }

    /// The deployment.
    pub fn id(&self) -> &DeploymentId {
        match self {
            Self::Running(id) | Self::Ending(id) | Self::Unresolved(id) => id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::Change;
    use crate::ending::{Rollback, Traffic};
    use crate::platform::Platform;
    use crate::request::Labels;

    fn id(name: &str) -> DeploymentId {
        DeploymentId::parse(name).unwrap()
    }

    fn after(changes: &[Change]) -> Deployment {
        let mut deployment = Deployment::new(id("d-OWNER"), Platform::Lambda, Labels::default(), Timestamp::UNIX_EPOCH);
        for change in changes {
            deployment.apply(change.clone(), Timestamp::UNIX_EPOCH).unwrap();
        }
        deployment
    }

    #[test]
    fn a_newcomer_enters_where_nobody_is_or_whoever_was_is_over() {
        let why = || Ending::new(ErrorCode::AlarmActive, "an alarm");
        let stop = || Change::Interrupt(why(), Rollback::Restore);
        let (owner, me) = (id("d-OWNER"), id("d-ME"));
        let stopping = [Change::Begin, stop()];
        let unresolved = [Change::Begin, stop(), Change::GiveUp("no".to_owned())];
        let ended = [Change::Begin, stop(), Change::Settle(Traffic::Untouched), Change::Finish];
        let succeeded = [Change::Begin, Change::Commit, Change::Finish];
        let in_place = || Admission::TakeOver(Some(id("d-OWNER")));
        let table: [(&str, &[Change], Admission, Admission); 7] = [
            (
                "created",
                &[],
                Admission::Refuse(Holder::Running(id("d-OWNER"))),
                Admission::Refuse(Holder::Running(id("d-OWNER"))),
            ),
            (
                "running",
                &[Change::Begin],
                Admission::Refuse(Holder::Running(id("d-OWNER"))),
                Admission::Refuse(Holder::Running(id("d-OWNER"))),
            ),
            (
                "stopping",
                &stopping,
                Admission::Refuse(Holder::Ending(id("d-OWNER"))),
                Admission::Refuse(Holder::Ending(id("d-OWNER"))),
            ),
            (
                "committing",
                &succeeded[..2],
                Admission::Refuse(Holder::Ending(id("d-OWNER"))),
                Admission::Refuse(Holder::Ending(id("d-OWNER"))),
            ),
            ("unresolved", &unresolved, in_place(), Admission::Refuse(Holder::Unresolved(id("d-OWNER")))),
            ("ended", &ended, in_place(), in_place()),
            ("succeeded", &succeeded, in_place(), in_place()),
        ];
        for (phase, changes, of_group, of_target) in table {
            let deployment = after(changes);
            let found = Owner::of(Some(&owner), &me, Some(&deployment));
            assert_eq!(admit(Door::Group, found), of_group, "{phase}");
            assert_eq!(admit(Door::Target, found), of_target, "{phase}");
        }
        for door in [Door::Group, Door::Target] {
            assert_eq!(admit(door, Owner::of(None, &me, None)), Admission::TakeOver(None));
            assert_eq!(admit(door, Owner::of(Some(&me), &me, None)), Admission::Inside);
            assert_eq!(admit(door, Owner::of(Some(&owner), &me, None)), in_place());
        }
    }

    fn asks(
        owner: &Owner<'_>,
        first: Option<&DeploymentId>,
        others: usize,
        comer: Comer,
        when_busy: WhenBusy,
    ) -> GroupAdmission {
        let policy = GroupPolicy { when_busy, queue_limit: 2.try_into().unwrap(), ..GroupPolicy::default() };
        admit_to_group(*owner, Queue { first, others }, comer, &policy)
    }

    #[test]
    fn a_busy_group_refuses_its_second_deployment_or_lets_it_wait_as_it_says() {
        let (owner, running) = (id("d-OWNER"), after(&[Change::Begin]));
        let me = id("d-ME");
        let busy = Owner::of(Some(&owner), &me, Some(&running));
        let table = [
            (WhenBusy::Refuse, 0, GroupAdmission::Refuse(owner.clone())),
            (WhenBusy::Queue, 0, GroupAdmission::Wait(owner.clone())),
            (WhenBusy::Queue, 1, GroupAdmission::Wait(owner.clone())),
            (WhenBusy::Queue, 2, GroupAdmission::Full(owner.clone(), 2)),
            (WhenBusy::Supersede, 2, GroupAdmission::Wait(owner.clone())),
        ];
        for (when_busy, others, told) in table {
            assert_eq!(asks(&busy, None, others, Comer::New, when_busy), told, "{when_busy:?} with {others} waiting");
        }
    }

    #[test]
    fn nobody_passes_one_that_waits_also_where_nobody_is_in() {
        let waits = id("d-WAITS");
        for (when_busy, told) in [
            (WhenBusy::Refuse, GroupAdmission::Refuse(waits.clone())),
            (WhenBusy::Queue, GroupAdmission::Wait(waits.clone())),
            (WhenBusy::Supersede, GroupAdmission::Wait(waits.clone())),
        ] {
            assert_eq!(asks(&Owner::Nobody, Some(&waits), 1, Comer::New, when_busy), told);
        }
        let first = asks(&Owner::Nobody, None, 1, Comer::Queued, WhenBusy::Queue);
        assert_eq!(first, GroupAdmission::TakeOver(None), "the first one of the queue enters");
    }

    #[test]
    fn one_that_waits_goes_on_waiting_whatever_the_group_says_by_now() {
        let (owner, running, me) = (id("d-OWNER"), after(&[Change::Begin]), id("d-ME"));
        let busy = Owner::of(Some(&owner), &me, Some(&running));
        for when_busy in WhenBusy::ALL {
            assert_eq!(asks(&busy, None, 9, Comer::Queued, when_busy), GroupAdmission::Wait(owner.clone()));
        }
        let inside = asks(&Owner::Itself, Some(&owner), 0, Comer::Queued, WhenBusy::Refuse);
        assert_eq!(inside, GroupAdmission::Inside);
    }

    #[test]
    fn a_group_may_refuse_what_is_older_than_the_last_it_was_asked_for() {
        let newest = Newest { number: 7, id: id("d-SEVEN") };
        let told = |order, number, newest| in_order(order, number, newest).err().map(|why| (why.code, why.message));
        for number in [None, Some(1), Some(7)] {
            assert_eq!(told(Order::Any, number, Some(&newest)), None);
        }
        assert_eq!(told(Order::NewerOnly, Some(7), Some(&newest)), None, "asked again");
        assert_eq!(told(Order::NewerOnly, Some(8), Some(&newest)), None);
        assert_eq!(told(Order::NewerOnly, Some(1), None), None, "the first one");
        let older = told(Order::NewerOnly, Some(6), Some(&newest)).unwrap();
        let said = "The deployment is older than what the group was last asked for: its sequence number is 6, and d-SEVEN has 7";
        assert_eq!(older, (ErrorCode::Outdated, said.to_owned()));
        assert!(told(Order::NewerOnly, None, None).unwrap().1.contains("sequenceNumber"));
    }

    #[test]
    fn one_that_waits_looks_again_within_hours_and_ends_after_three_days() {
        let behind = id("d-LONG");
        let mut deployment = after(&[]);
        let hours = |hours: i64| Timestamp::from_second(hours * 3_600).unwrap();
        assert_eq!(waits(&deployment, &behind, hours(0)).unwrap(), Seconds(6 * 3_600));
        assert_eq!(waits(&deployment, &behind, hours(71)).unwrap(), Seconds(3_600));
        let late = waits(&deployment, &behind, hours(72)).unwrap_err();
        assert!(late.message.contains("d-LONG is before it still"), "{}", late.message);
        deployment.progress.looks_in_queue = queue::LOOKS;
        assert!(waits(&deployment, &behind, hours(0)).is_err(), "its history has no room for more");
    }
}
