//! How the command ends: the documented exit codes, and what leads to each.

use crate::doctor::judge::Verdict;
use crate::view::Outcome;

/// The deployment succeeded, or the question was answered.
pub(crate) const SUCCEEDED: u8 = 0;
/// Called wrongly, or asked for something that cannot be: nothing was changed.
pub(crate) const WRONG_USAGE: u8 = 2;
/// The stack gave no answer.
pub(crate) const CANNOT_REACH: u8 = 3;
/// `doctor`: something should be seen to.
pub(crate) const WARNED: u8 = 1;
/// `doctor`: deployments fail, or traffic is where nobody keeps it.
pub(crate) const BROKEN: u8 = 2;
/// The deployment was stopped or rolled back.
pub(crate) const STOPPED_OR_ROLLED_BACK: u8 = 10;
/// The deployment failed, or was refused before it began.
pub(crate) const FAILED: u8 = 11;
/// Nobody knows where the traffic is, or the deployment is long overdue: a person is needed.
pub(crate) const UNRESOLVED: u8 = 12;
/// Ctrl-C while watching. The deployment goes on.
pub(crate) const INTERRUPTED: u8 = 130;
/// Nobody reads on while watching (`| head`): what a shell says of a program that a closed pipe ended. The deployment goes on.
pub(crate) const UNREAD: u8 = 141;

/// The codes as `--help` tells them.
pub(crate) const HELP: &str = "\
Exit codes:
    0  succeeded: the deployment, or the question was answered
    2  wrong usage: a flag, an AppSpec or an id that cannot be; nothing was changed
    3  cannot reach: no connection, no credentials, no such stack
   10  the deployment was stopped or rolled back
   11  the deployment failed, or was refused and nothing was started
   12  unresolved: a person is needed, or the deployment is long overdue
  130  Ctrl-C while watching; the deployment goes on
  141  nobody reads on while watching (a closed pipe); the deployment goes on

Without --watch or --follow, `deploy`, `stop`, `continue` and `repair` end with 0 as soon as the stack has taken
the order. `status` ends with the code of a deployment that is over, and with 0 for one under way; so does `logs`.

`doctor` ends with 0 if all is as it should be, 1 if something should be seen to, and 2 if deployments
fail or traffic lies where no deployment keeps it.

With --output json every command writes exactly one JSON document to stdout (an error too:
{\"error\":{\"code\",\"message\"}}), its times as ISO 8601 has them; with --watch it is the last state of the deployment, and no progress is shown.";

/// Why the command is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// What was asked for is done, or is under way.
    Done,
    /// The deployment is over.
    Deployment(Outcome),
    /// The stack was checked.
    Checked(Verdict),
    /// The deployment is refused: nothing was started.
    Refused,
    /// Called wrongly.
    WrongUsage,
    /// No answer.
    CannotReach,
    /// The deployment should have been over long ago.
    Overdue,
    /// Ctrl-C while watching.
    Interrupted,
    /// The reader went away while watching.
    Unread,
}

impl Ending {
    /// The process's exit code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done | Self::Deployment(Outcome::Succeeded) | Self::Checked(Verdict::Good) => SUCCEEDED,
            Self::Checked(Verdict::Warning) => WARNED,
            Self::Checked(Verdict::Broken) => BROKEN,
            Self::Deployment(Outcome::Stopped | Outcome::RolledBack) => STOPPED_OR_ROLLED_BACK,
            Self::Deployment(Outcome::Failed) | Self::Refused => FAILED,
            Self::Deployment(Outcome::Unresolved) | Self::Overdue => UNRESOLVED,
            Self::WrongUsage => WRONG_USAGE,
            Self::CannotReach => CANNOT_REACH,
            Self::Interrupted => INTERRUPTED,
            Self::Unread => UNREAD,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_has_its_documented_code() {
        let table = [
            (Ending::Done, 0),
            (Ending::Deployment(Outcome::Succeeded), 0),
            (Ending::Deployment(Outcome::RolledBack), 10),
            (Ending::Deployment(Outcome::Stopped), 10),
            (Ending::Deployment(Outcome::Failed), 11),
            (Ending::Refused, 11),
            (Ending::Deployment(Outcome::Unresolved), 12),
            (Ending::Overdue, 12),
            (Ending::WrongUsage, 2),
            (Ending::CannotReach, 3),
            (Ending::Interrupted, 130),
            (Ending::Unread, 141),
        ];
        for (ending, code) in table {
            assert_eq!(ending.code(), code, "{ending:?}");
            let told = HELP.lines().any(|line| line.trim_start().starts_with(&format!("{code}  ")));
            assert!(told, "{code} is missing in the help");
        }
    }
}
