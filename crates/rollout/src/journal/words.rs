//! The words of the journal: what each line says to people.

use std::fmt;

use super::line::Entry;
use crate::code::ErrorCode;
use crate::ending::{Rollback, Traffic};
use crate::pipeline::silence::{LONGEST, Sign};
use crate::warm::take_back;

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Planned { from, to, steps, total, caller } => {
                let steps_are = if *steps == 1 { "step" } else { "steps" };
                write!(f, "planned: {from} to {to} in {steps} {steps_are}, {total}")?;
                caller.iter().try_for_each(|caller| write!(f, "; asked for by {caller}"))
            }
            Self::Queued { waits_for } => write!(f, "queued: {waits_for}"),
            Self::NothingToDo { version } => write!(f, "nothing to do: every call goes to {version} already"),
            Self::Refused { why } => write!(f, "refused: {}", why.message),
            Self::WeightSet { version, weight } => write!(f, "{weight} of the calls to {version}"),
            Self::Continued => f.write_str("continued by a person"),
            Self::Committed => f.write_str("committed: past the point of no return"),
            Self::Warming { .. }
            | Self::Warmed { .. }
            | Self::Cooled { .. }
            | Self::NotCooled { .. }
            | Self::NotYetWarm { .. }
            | Self::WarmthChanged { .. }
            | Self::CooledLate { .. } => self.warmth(f),
            Self::LeftoverSentHome { .. }
            | Self::TaskSetCreated { .. }
            | Self::TaskSetLate { .. }
            | Self::TaskSetReady { .. }
            | Self::TestTrafficMoved
            | Self::PrimarySwitched { .. }
            | Self::TaskSetRemoved { .. }
            | Self::NotCleared { .. }
            | Self::TaskSetKept { .. }
            | Self::TaskSetBroughtBack { .. }
            | Self::TaskSetRefilled { .. }
            | Self::TaskSetNeededAgain { .. }
            | Self::LateWriteUndone { .. } => self.of_task_set(f),
            Self::HookAsksAgain { .. } | Self::HookUnanswered { .. } | Self::HookAnsweredTwice { .. } => {
                self.of_hook(f)
            }
            Self::Interrupted { .. }
            | Self::TrafficSettled { .. }
            | Self::Ended { .. }
            | Self::Overruled { .. }
            | Self::TestOverruled { .. }
            | Self::GivenUp { .. }
            | Self::Recovering { .. } => self.of_end(f),
            Self::Abandoned { job, sign, stops } => {
                let how = match sign {
                    Sign::Refused => "CodePipeline takes no answer for it any more".to_owned(),
                    Sign::Silent => format!("nobody has asked for {} minutes", LONGEST.as_mins()),
                };
                let then = if *stops { "it is stopped, as onAbandon says" } else { "it goes on by itself" };
                write!(f, "the pipeline has abandoned its job {job}: {how}; {then}")
            }
        }
    }
}

impl Entry {
    /// What is said of the provisioned concurrency of the new version.
    fn warmth(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Warming { version, concurrency } => {
                write!(f, "Lambda is asked for {concurrency} provisioned concurrent executions of version {version}")
            }
            Self::Warmed { version } => write!(f, "version {version} is warm"),
            Self::Cooled { version } => write!(f, "the provisioned concurrency of version {version} was taken back"),
            Self::NotCooled { version, why, function, concurrency } => {
                let count = concurrency.map_or_else(
                    || "provisioned concurrency".to_owned(),
                    |count| format!("{count} provisioned concurrent executions"),
                );
                write!(f, "version {version} still has its {count}, which costs money: {why}")?;
                let command = function.iter().map(|function| take_back(function, *version));
                command.into_iter().try_for_each(|command| write!(f, "; take it back with: {command}"))
            }
            Self::NotYetWarm { version } => write!(
                f,
                "version {version} has no provisioned concurrency; Lambda may still give it, since it was asked and gave no answer: \
                 that is looked at for an hour"
            ),
            Self::WarmthChanged { version, given, found } => write!(
                f,
                "version {version} has {found} provisioned concurrent executions, and was given {given}: somebody else has changed \
                 that, and keeps it"
            ),
            Self::CooledLate { version } => write!(
                f,
                "version {version} still had its provisioned concurrency after the end of the deployment: it was taken back"
            ),
            _ => Ok(()),
        }
    }

    /// What is said of the task sets of a service.
    fn of_task_set(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeftoverSentHome { to } => {
                write!(f, "every call goes to {to}: what was left behind in the place of the new task set is removed")
            }
            Self::TaskSetCreated { task_set } => write!(f, "the green task set {task_set} was created"),
            Self::TaskSetLate { why } => write!(f, "the green task set is not ready yet: {why}"),
            Self::TaskSetReady { task_set } => write!(f, "the green task set {task_set} is ready for traffic"),
            Self::TestTrafficMoved => f.write_str("test traffic goes to the green task set"),
            Self::PrimarySwitched { task_set } => write!(f, "the primary task set is {task_set}"),
            Self::TaskSetRemoved { task_set } => write!(f, "the task set {task_set} was removed"),
            Self::NotCleared { why } => write!(f, "a task set that is not needed any more is still there: {why}"),
            Self::TaskSetKept { task_set, test: None } => {
                write!(f, "the task set {task_set} was kept: a listener still sends calls to its target group")
            }
            Self::TaskSetKept { task_set, test: Some(listener) } => write!(
                f,
                "the task set {task_set} was kept: the test listener {listener} still sends calls to its target group; the next \
                 deployment sends those elsewhere and removes it"
            ),
            Self::TaskSetBroughtBack { task_set } => {
                write!(f, "the old task set {task_set} gets its tasks back, so that the traffic can go home")
            }
            Self::TaskSetRefilled { task_set } => {
                write!(f, "the old task set {task_set} gets its tasks back: it has calls, and lost them")
            }
            Self::TaskSetNeededAgain { task_set } => {
                write!(
                    f,
                    "the task set {task_set} gets its tasks back: somebody sent it calls while they were taken away"
                )
            }
            Self::LateWriteUndone { places: 1 } => f.write_str("a write that came late was undone, at 1 place"),
            Self::LateWriteUndone { places } => write!(f, "a write that came late was undone, at {places} places"),
            _ => Ok(()),
        }
    }

    /// What is said of a hook.
    fn of_hook(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HookAsksAgain { event, after } => {
                write!(f, "the {event} hook is in progress, called again in {after}")
            }
            Self::HookUnanswered { event } => {
                write!(
                    f,
                    "no answer of the {event} hook was heard: it may have run and is not called again, its status is waited for"
                )
            }
            Self::HookAnsweredTwice { event, then } => {
                write!(f, "the {event} hook had called back with Succeeded, which counts; then it failed: {then}")
            }
            _ => Ok(()),
        }
    }

    /// What is said of how a deployment ends.
    fn of_end(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted { why, unmoved: true, .. } => {
                write!(f, "stopping before any traffic was moved: {}: {}", why.code, why.message)
            }
            Self::Interrupted { why, rollback, unmoved: false } => {
                let then = match (rollback, why.code) {
                    (Rollback::Restore, ErrorCode::Drift) => "leaving alone what somebody else changed",
                    (Rollback::Restore, _) => "putting the traffic back",
                    (Rollback::Leave, _) => "leaving the traffic where it is",
                };
                write!(f, "stopping, {then}: {}: {}", why.code, why.message)
            }
            Self::TrafficSettled { traffic } => write!(f, "traffic: {traffic}"),
            Self::Overruled { found } => write!(
                f,
                "put back although somebody else had changed it meanwhile, since the deployment had to stop: it was on {found}"
            ),
            Self::TestOverruled { found } => write!(
                f,
                "the test listener was put back although somebody else had changed it meanwhile, since the deployment had to stop: \
                 it was on {found}"
            ),
            Self::Ended { outcome, code: None } => write!(f, "ended: {}", outcome.as_str()),
            Self::Ended { outcome, code: Some(code) } => write!(f, "ended: {}, {code}", outcome.as_str()),
            Self::GivenUp { cannot } => write!(f, "unresolved, a person is needed: {cannot}"),
            Self::Recovering { attempt } => write!(f, "recovery {attempt} started"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untouched => f.write_str("no call ever went to the new version"),
            Self::Restored(version) => write!(f, "put back, every call goes to {version}"),
            Self::Left(routing) => write!(f, "left as it is: {routing}"),
            Self::Foreign(Some(routing)) => write!(f, "changed by somebody else, and that was left alone: {routing}"),
            Self::Foreign(None) => f.write_str(
                "the target no longer exists, or sends all calls elsewhere (to $LATEST, to other target groups); it was not \
                 touched",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::journal::Line;

    #[track_caller]
    fn check(kept: &str, said: &str) {
        let line: Line = serde_json::from_str(kept).unwrap();
        assert_eq!(line.entry.to_string(), said);
        assert_eq!(serde_json::to_string(&line).unwrap(), kept);
    }

    #[test]
    fn the_waits_of_a_plan_are_as_long_as_said_unless_a_person_may_end_one() {
        check(
            r#"{"at":"2025-01-01T00:00:00Z","what":"Planned","from":"1","to":"2","steps":2,"total":300}"#,
            "planned: version 1 to version 2 in 2 steps, 5m at least",
        );
        check(
            r#"{"at":"2025-01-01T00:00:00Z","what":"Planned","from":"1","to":"2","steps":2,"total":{"atMost":300}}"#,
            "planned: version 1 to version 2 in 2 steps, with waits of 5m at most",
        );
        check(
            r#"{"at":"2025-01-01T00:00:00Z","what":"Planned","from":"1","to":"2","steps":1,"total":0,"caller":"arn:aws:iam::123456789012:user/ann"}"#,
            "planned: version 1 to version 2 in 1 step, 0s at least; asked for by arn:aws:iam::123456789012:user/ann",
        );
    }

    #[test]
    fn an_abandoned_job_is_told_with_how_that_was_found_and_what_becomes_of_the_deployment() {
        check(
            r#"{"at":"2025-01-01T00:00:00Z","what":"Abandoned","job":"11111111-2222-3333-4444-555555555555","sign":"Silent"}"#,
            "the pipeline has abandoned its job 11111111-2222-3333-4444-555555555555: nobody has asked for 25 minutes; it goes on by \
             itself",
        );
        check(
            r#"{"at":"2025-01-01T00:00:00Z","what":"Abandoned","job":"1-2","sign":"Refused","stops":true}"#,
            "the pipeline has abandoned its job 1-2: CodePipeline takes no answer for it any more; it is stopped, as onAbandon says",
        );
    }

    #[test]
    fn a_line_of_older_code_about_what_was_not_taken_back_is_read() {
        check(
            r#"{"at":"2025-01-01T00:00:00Z","what":"NotCooled","version":"2","why":"no"}"#,
            "version 2 still has its provisioned concurrency, which costs money: no",
        );
    }
}
