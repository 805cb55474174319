//! What the stack's functions logged of a deployment: asked of CloudWatch Logs, with the caller's own credentials.

mod cloudwatch;
mod search;
mod words;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proxy::log_group;
use proxy::text::one_line;

pub(crate) use cloudwatch::CloudWatchLogs;
pub(crate) use search::{Found, ReadLogs, Search, pattern};
use words::words;

use crate::console::Console;
use crate::failure::Failure;
use crate::logs_text::LogLine;
use crate::view::{DeploymentView, Moment};

/// Between two looks into the logs. FilterLogEvents may be called five times a second in an account.
const EVERY: SignedDuration = SignedDuration::from_secs(10);
/// How long CloudWatch Logs may take to show a line. Each look goes back that far behind the one before.
const LATE: SignedDuration = SignedDuration::from_secs(60);
/// How long after its end a deployment may still be worked on: so long does the sweep look after it.
const AFTERWARDS: SignedDuration = SignedDuration::from_secs(3_900);

/// What was read of a deployment so far.
#[derive(Debug, Default)]
pub(crate) struct FunctionLogs {
    looked: Option<Timestamp>,
    /// The last look that saw everything.
    seen: Option<Timestamp>,
    told: BTreeSet<String>,
    /// Why the last look saw not everything. The next one asks again, for all of it.
    pub(crate) unread: Option<String>,
}

impl FunctionLogs {
    /// What has come since the last look, if it is time for one. A deployment that is over is always looked at.
    pub(crate) async fn new_lines(
        &mut self,
        logs: &impl ReadLogs,
        console: &mut Console<'_>,
        deployment: &DeploymentView,
    ) -> Result<Vec<LogLine>, Failure> {
        let now = (console.now)();
        let early = self.looked.is_some_and(|looked| now.duration_since(looked) < EVERY);
        let Some(Moment(created)) = deployment.create_time else { return Ok(Vec::new()) };
        if early && deployment.outcome.is_none() {
            return Ok(Vec::new());
        }
        if self.looked.is_none() {
            console.look("what the stack's functions logged")?;
        }
        let began = created - SignedDuration::from_secs(1);
        let from = self.seen.map_or(began, |seen| began.max(seen - LATE));
        let until = deployment.complete_time.map(|Moment(end)| end + AFTERWARDS);
        self.looked = Some(now);
        let search =
            Search { group: log_group(&console.stack), from, until, deployment: deployment.deployment_id.clone() };
        let found = match logs.find(&search).await {
            Ok(found) => found,
            Err(why) => {
                if self.unread.is_none() && deployment.outcome.is_none() {
                    console.tell(&format!("what the stack's functions logged cannot be read just now: {why}"))?;
                }
                self.unread = Some(why);
                return Ok(Vec::new());
            }
        };
        let mut lines = Vec::new();
        for Found { id, at, stream, message } in found {
            if self.told.insert(id) {
                let function = one_line(function(&stream, &console.stack));
                lines.push(LogLine::new(at, format!("{function} logged {}", words(&message))));
            }
        }
        (self.seen, self.unread) = (Some(now), None);
        Ok(lines)
    }
}

/// The function of the stack that a line is of, by the line's stream: `2026/07/14/prod-shift[$LATEST]5a9e` is of `shift`.
fn function<'a>(stream: &'a str, stack: &str) -> &'a str {
    let name = stream.rsplit('/').next().unwrap_or(stream);
    let name = name.split_once('[').map_or(name, |(name, _)| name);
    name.strip_prefix(stack).and_then(|rest| rest.strip_prefix('-')).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::function;

    #[test]
    fn a_stream_says_which_function_its_lines_are_of() {
        for (stream, expected) in [
            ("2026/07/14/prod-shift[$LATEST]5a9e", "shift"),
            ("2026/07/14/prod-hook-status[$LATEST]5a9e", "hook-status"),
            ("2026/07/14/produce[$LATEST]5a9e", "produce"),
            ("put-by-hand", "put-by-hand"),
        ] {
            assert_eq!(function(stream, "prod"), expected, "{stream}");
        }
    }
}
