//! Admission: who may enter what only one deployment is in at a time, a deployment group or a target.
//!
//! Whoever enters writes its id into a lock. Nobody can rely on the owner to give it back: it may have died. So a newcomer looks at the
//! owner's record, and takes the lock over from one that is over.

use crate::deployment::{Deployment, Phase};
use crate::facts::Holder;
use crate::ids::DeploymentId;

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

/// What a newcomer is told. A queue for busy groups would be one answer more.
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
            Phase::Created | Phase::Running | Phase::Succeeded | Phase::Ended { .. } => Self::Running(id),
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
    use jiff::Timestamp;

    use super::*;
    use crate::code::ErrorCode;
    use crate::deployment::Change;
    use crate::ending::{Ending, Rollback, Traffic};
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
}
