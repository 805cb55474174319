//! How a deployment ended, in words.

use super::{Deployment, Phase};
use crate::ending::{Rollback, Traffic};
use crate::event::LifecycleEvent;

impl Deployment {
    /// What could not be done for one that is unresolved, and why. Only where calls were sent elsewhere, or may have been, is
    /// there anything to put back.
    pub fn unresolved(&self) -> Option<String> {
        let Phase::Unresolved { cannot, .. } = &self.phase else { return None };
        Some(if self.has_moved() {
            format!("The traffic could not be put back ({cannot})")
        } else {
            format!("No traffic was moved, but the deployment could not be brought to its end ({cannot})")
        })
    }

    /// Whether calls were sent elsewhere, or may have been: of production, or of tests.
    pub fn has_moved(&self) -> bool {
        let tried_out = self.events.get(LifecycleEvent::AllowTestTraffic).is_some_and(|event| event.started.is_some());
        self.touched() || tried_out
    }

    /// What a stop is answered: what becomes of the traffic. Where the deployment was stopping before, what that call wanted does
    /// not count, and it is told so.
    pub fn stopping(&self, wanted: Option<Rollback>) -> String {
        let (what, leaves) = match &self.phase {
            Phase::Stopping { rollback: Rollback::Leave, .. } => ("its traffic stays where it is", true),
            Phase::Stopping { .. } if self.has_moved() => ("its traffic goes back", false),
            Phase::Settled { traffic, .. } => (became(traffic), matches!(traffic, Traffic::Left(_))),
            _ => ("no traffic was moved", false),
        };
        let overruled = match wanted {
            Some(Rollback::Restore) if leaves => {
                ". It was stopping before, so this call does not change that: deploy one of the two once it is over, which ends the \
                 split"
            }
            Some(Rollback::Leave) if !leaves && self.has_moved() => {
                ". It was stopping before, so this call does not change that"
            }
            Some(Rollback::Restore | Rollback::Leave) | None => "",
        };
        format!("The deployment is stopping, and {what}{overruled}")
    }

    /// Why nothing can be ordered of it any more: how it ended, and when.
    pub fn too_late(&self) -> String {
        let id = &self.id;
        let at = self.completed.map(|at| format!(" at {at:.0}")).unwrap_or_default();
        match &self.phase {
            Phase::Succeeded => format!("The deployment {id} has already completed: it succeeded{at}"),
            Phase::Ended { why, traffic } => {
                let ended = if why.code.stops() { "was stopped" } else { "failed" };
                let became = became(traffic);
                format!("The deployment {id} has already completed: it {ended} with {}{at}, and {became}", why.code)
            }
            Phase::Unresolved { why, .. } => format!(
                "The deployment {id} has already completed: it ended with {}{at}, and it waits to be repaired",
                why.code
            ),
            Phase::Committing => {
                format!(
                    "The deployment {id} can no longer be changed: all its traffic has moved, and it is about to succeed"
                )
            }
            Phase::Created | Phase::Queued | Phase::Running | Phase::Stopping { .. } | Phase::Settled { .. } => {
                format!("The deployment {id} does not take this while it is {}", self.phase.name())
            }
        }
    }
}

fn became(traffic: &Traffic) -> &'static str {
    match traffic {
        Traffic::Untouched => "no traffic was moved",
        Traffic::Restored(_) => "its traffic was put back",
        Traffic::Left(_) => "its traffic was left where it was",
        Traffic::Foreign(_) => "its traffic was left as somebody else had set it",
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::code::ErrorCode;
    use crate::deployment::Change;
    use crate::ending::{Ending, Rollback};
    use crate::ids::{DeploymentId, Version};
    use crate::platform::Platform;
    use crate::progress::Position;
    use crate::request::Labels;
    use crate::routing::{Backend, Routing};
    use crate::weight::Weight;

    fn begun(has_moved: bool) -> Deployment {
        let now = Timestamp::UNIX_EPOCH;
        let id = DeploymentId::parse("d-1").unwrap();
        let mut deployment = Deployment::new(id, Platform::Lambda, Labels::default(), now);
        deployment.apply(Change::Begin, now).unwrap();
        deployment.progress.at = has_moved.then_some(Position { step: 0, since: now, continued: false });
        deployment
    }

    fn told(changes: &[Change]) -> String {
        let id = DeploymentId::parse("d-1").unwrap();
        let instant = |seconds| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
        let mut deployment = Deployment::new(id, Platform::Lambda, Labels::default(), instant(0));
        for (change, at) in changes.iter().zip(1..) {
            deployment.apply(change.clone(), instant(at)).unwrap();
        }
        deployment.too_late()
    }

    #[test]
    fn a_stop_is_told_what_becomes_of_the_traffic_and_whether_it_decided_that() {
        let stopping = |has_moved, rollback, wanted| {
            let mut deployment = begun(has_moved);
            let why = Ending::new(ErrorCode::ManualStop, "why");
            deployment.apply(Change::Interrupt(why, rollback), Timestamp::UNIX_EPOCH).unwrap();
            deployment.stopping(wanted)
        };
        expect![[r#"
            The deployment is stopping, and its traffic goes back
            The deployment is stopping, and its traffic stays where it is
            The deployment is stopping, and no traffic was moved
            The deployment is stopping, and its traffic goes back. It was stopping before, so this call does not change that
            The deployment is stopping, and its traffic stays where it is. It was stopping before, so this call does not change that: deploy one of the two once it is over, which ends the split"#]]
        .assert_eq(
            &[
                stopping(true, Rollback::Restore, None),
                stopping(true, Rollback::Leave, Some(Rollback::Leave)),
                stopping(false, Rollback::Restore, Some(Rollback::Restore)),
                stopping(true, Rollback::Restore, Some(Rollback::Leave)),
                stopping(true, Rollback::Leave, Some(Rollback::Restore)),
            ]
            .join("\n"),
        );
    }

    #[test]
    fn an_order_that_comes_too_late_is_told_how_the_deployment_ended_and_when() {
        let backend = |number| Backend::from(Version::try_from(number).unwrap());
        let ended = |code, traffic| {
            let interrupt = Change::Interrupt(Ending::new(code, "why"), Rollback::Restore);
            vec![Change::Begin, interrupt, Change::Settle(traffic), Change::Finish]
        };
        let split = Routing::shifted(backend(1), backend(2), Weight::clamped(10));
        let stories = [
            vec![Change::NothingToDo],
            vec![Change::Begin, Change::Commit],
            vec![Change::Begin, Change::Commit, Change::Finish],
            vec![Change::Refuse(Ending::new(ErrorCode::InvalidRevision, "why"))],
            ended(ErrorCode::ManualStop, Traffic::Restored(backend(1))),
            ended(ErrorCode::AlarmActive, Traffic::Left(split.clone())),
            ended(ErrorCode::HookExecutionFailure, Traffic::Untouched),
            ended(ErrorCode::Drift, Traffic::Foreign(Some(split))),
            vec![
                Change::Begin,
                Change::Interrupt(Ending::new(ErrorCode::AlarmActive, "why"), Rollback::Restore),
                Change::GiveUp("denied".into()),
            ],
        ];
        let told = stories.map(|changes| told(&changes)).join("\n");
        expect![[r#"
            The deployment d-1 has already completed: it succeeded at 1970-01-01T00:00:01Z
            The deployment d-1 can no longer be changed: all its traffic has moved, and it is about to succeed
            The deployment d-1 has already completed: it succeeded at 1970-01-01T00:00:03Z
            The deployment d-1 has already completed: it failed with INVALID_REVISION at 1970-01-01T00:00:01Z, and no traffic was moved
            The deployment d-1 has already completed: it was stopped with MANUAL_STOP at 1970-01-01T00:00:04Z, and its traffic was put back
            The deployment d-1 has already completed: it was stopped with ALARM_ACTIVE at 1970-01-01T00:00:04Z, and its traffic was left where it was
            The deployment d-1 has already completed: it failed with HOOK_EXECUTION_FAILURE at 1970-01-01T00:00:04Z, and no traffic was moved
            The deployment d-1 has already completed: it failed with DRIFT at 1970-01-01T00:00:04Z, and its traffic was left as somebody else had set it
            The deployment d-1 has already completed: it ended with ALARM_ACTIVE at 1970-01-01T00:00:03Z, and it waits to be repaired"#]].assert_eq(&told);
    }

    #[test]
    fn only_what_was_moved_or_may_have_been_could_not_be_put_back() {
        let now = Timestamp::UNIX_EPOCH;
        let unresolved = |platform, until_then: fn(&mut Deployment)| {
            let mut deployment = Deployment::new(DeploymentId::parse("d-1").unwrap(), platform, Labels::default(), now);
            deployment.apply(Change::Begin, now).unwrap();
            until_then(&mut deployment);
            let why = Ending::new(ErrorCode::ManualStop, "why");
            deployment.apply(Change::Interrupt(why, Rollback::Restore), now).unwrap();
            deployment.apply(Change::GiveUp("denied".into()), now).unwrap();
            deployment.unresolved().unwrap()
        };
        let moved = "The traffic could not be put back (denied)";
        let nothing = "No traffic was moved, but the deployment could not be brought to its end (denied)";
        assert_eq!(unresolved(Platform::Lambda, |_| {}), nothing);
        assert_eq!(unresolved(Platform::Lambda, |d| d.take_lease(Some(0), Timestamp::UNIX_EPOCH)), moved);
        let position = |d: &mut Deployment| {
            d.progress.at = Some(Position { step: 0, since: Timestamp::UNIX_EPOCH, continued: false });
        };
        assert_eq!(unresolved(Platform::Lambda, position), moved);
        let made = |d: &mut Deployment| d.progress.created = Some(Timestamp::UNIX_EPOCH);
        assert_eq!(unresolved(Platform::Ecs, made), nothing, "a task set without traffic");
        let tried = |d: &mut Deployment| d.events.begin(LifecycleEvent::AllowTestTraffic, Timestamp::UNIX_EPOCH);
        assert_eq!(unresolved(Platform::Ecs, tried), moved, "test traffic");
    }
}
