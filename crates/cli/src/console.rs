//! Where answers and progress are written, and what time it is.

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proxy::text::{in_json, in_lines};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::args::{DEFAULT_STACK, Output};
use crate::colour::paint;
use crate::failure::Failure;
use crate::github::command::{Instruction, harmless, harmless_json};
use crate::github::job::Job;
use crate::view::Moment;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// A bar that is drawn again and again: a person looks on.
    Bar,
    /// A line for each change.
    Lines,
    /// Not at all.
    Silent,
}

impl Progress {
    /// A bar where it can be drawn and a person looks on, lines elsewhere, nothing beside a document. Some systems for CI give their
    /// jobs a terminal, which ends as a log all the same.
    pub(crate) fn wanted(output: Output, is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> Self {
        let dumb = variable("TERM").is_some_and(|term| term == "dumb");
        let in_ci = variable("CI").is_some_and(|set| !["", "0", "false"].contains(&set.to_lowercase().as_str()));
        match output {
            Output::Json => Self::Silent,
            Output::Text if is_terminal && !dumb && !in_ci => Self::Bar,
            Output::Text => Self::Lines,
        }
    }
}

/// Where answers and progress are written, and what time it is.
pub(crate) struct Console<'a> {
    /// Answers.
    pub(crate) out: &'a mut dyn Write,
    /// Progress, advice, errors.
    pub(crate) err: &'a mut dyn Write,
    /// How answers are written.
    pub(crate) output: Output,
    /// How progress is shown.
    pub(crate) progress: Progress,
    /// Whether answers are coloured.
    pub(crate) colour: bool,
    /// The time now.
    pub(crate) now: &'a dyn Fn() -> Timestamp,
    /// Where the reader's clock hangs.
    pub(crate) zone: TimeZone,
    /// The stack that was named.
    pub(crate) stack: String,
    /// The job of GitHub in which this runs, if it does.
    pub(crate) job: Option<Job>,
    /// Whose readers went away (`| head`): they have seen enough.
    pub(crate) left: Left,
}

/// Which streams nobody reads any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Left {
    /// That of answers.
    pub(crate) out: bool,
    /// That of progress.
    pub(crate) err: bool,
}

impl Console<'_> {
    /// Answers: the text, or the document if JSON was asked for.
    pub(crate) fn answer(&mut self, document: &Value, text: &str) -> Result<(), Failure> {
        let json = || in_json(&format!("{:#}", with_iso_times(document, "")));
        let written = match self.output {
            // After everything that strangers wrote was tamed.
            Output::Text if self.colour => write!(self.out, "{}", paint(&self.shown(text))),
            Output::Text => write!(self.out, "{}", self.shown(text)),
            Output::Json if self.job.is_some() => writeln!(self.out, "{}", harmless_json(&json())),
            Output::Json => writeln!(self.out, "{}", json()),
        };
        finish(written.and_then(|()| self.out.flush()), &mut self.left.out)
    }

    /// Tells a person something beside the answer.
    pub(crate) fn tell(&mut self, line: &str) -> Result<(), Failure> {
        finish(writeln!(self.err, "{}", self.shown(line)), &mut self.left.err)
    }

    /// Tells the runner of the job something.
    pub(crate) fn instruct(&mut self, instruction: &Instruction) -> Result<(), Failure> {
        finish(writeln!(self.err, "{}", instruction.as_str()), &mut self.left.err)
    }

    /// The text as it may be written here: nothing in it steers a terminal or, in a job, its runner.
    fn shown(&self, text: &str) -> String {
        let text = printable(text);
        if self.job.is_some() { harmless(&text) } else { text }
    }

    /// Says what is being looked at, to a person who would wait for nothing otherwise.
    pub(crate) fn look(&mut self, at: &str) -> Result<(), Failure> {
        match self.progress {
            Progress::Silent => Ok(()),
            Progress::Bar | Progress::Lines => self.tell(&format!("looking at {at}")),
        }
    }

    /// The command that does `what`, as one would type it here.
    pub(crate) fn command(&self, what: &str) -> String {
        if self.stack == DEFAULT_STACK {
            format!("tideshift {what}")
        } else {
            format!("tideshift --stack {} {what}", self.stack)
        }
    }
}

/// The document with its times as ISO 8601 has them: the API's are epoch seconds, which no person reads.
fn with_iso_times(document: &Value, member: &str) -> Value {
    match document {
        Value::Number(_) if is_time(member) => match Moment::deserialize(document) {
            Ok(Moment(at)) => json!(format!("{at:.3}")),
            Err(_) => document.clone(),
        },
        Value::Array(items) => items.iter().map(|item| with_iso_times(item, member)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), with_iso_times(value, name))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => document.clone(),
    }
}

/// The members of our answers that are times.
fn is_time(member: &str) -> bool {
    matches!(member, "createTime" | "startTime" | "endTime" | "completeTime" | "since" | "nextAt" | "deadline" | "at")
}

/// A reader that went away is no failure: who goes on for them looks at [`Left`].
fn finish(written: io::Result<()>, left: &mut bool) -> Result<(), Failure> {
    match written {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            *left = true;
            Ok(())
        }
        Err(error) => Err(Failure::Output(error)),
    }
}

/// The text without anything that could steer the terminal: messages and log lines come from elsewhere. That none of them
/// forges a line is seen to where they are read ([`crate::view::read`]).
pub(crate) fn printable(text: &str) -> String {
    in_lines(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_iso_8601_has_them_and_nothing_else_is_changed() {
        let document = json!({
            "createTime": 1_784_023_200.25, "completeTime": null, "progress": {"since": 1_784_023_200, "weight": 50},
            "journal": [{"at": 1_784_023_200.0, "text": "at 5"}], "plan": {"totalSeconds": 60}
        });
        let expected = json!({
            "createTime": "2026-07-14T10:00:00.250Z", "completeTime": null,
            "progress": {"since": "2026-07-14T10:00:00.000Z", "weight": 50},
            "journal": [{"at": "2026-07-14T10:00:00.000Z", "text": "at 5"}], "plan": {"totalSeconds": 60}
        });
        assert_eq!(with_iso_times(&document, ""), expected);
    }

    #[test]
    fn every_time_of_a_deployment_is_known_for_one() {
        let at = json!(1_784_023_200);
        let view = json!({
            "deploymentId": "d-1", "status": "Failed", "createTime": at, "startTime": at, "completeTime": at,
            "progress": {"since": at, "nextAt": at}, "journal": [{"at": at, "text": "a"}],
            "events": [{"name": "A", "status": "B", "startTime": at, "endTime": at, "deadline": at}],
        });
        let view: crate::view::DeploymentView = crate::view::read(&view).expect("a deployment");
        assert!(!with_iso_times(&json!(view), "").to_string().contains("1784023200"));
    }

    #[test]
    fn a_bar_is_drawn_for_a_person_at_a_terminal_and_nowhere_else() {
        let wanted = |output, terminal, set: &[(&str, &str)]| {
            let variable =
                |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            Progress::wanted(output, terminal, variable)
        };
        assert_eq!(wanted(Output::Text, true, &[]), Progress::Bar);
        assert_eq!(wanted(Output::Text, true, &[("CI", "false"), ("TERM", "xterm")]), Progress::Bar);
        assert_eq!(wanted(Output::Text, false, &[]), Progress::Lines);
        assert_eq!(wanted(Output::Text, true, &[("TERM", "dumb")]), Progress::Lines);
        assert_eq!(wanted(Output::Text, true, &[("CI", "true")]), Progress::Lines, "a log, with a terminal or not");
        assert_eq!(wanted(Output::Json, true, &[]), Progress::Silent);
    }

    #[test]
    fn a_message_cannot_steer_the_terminal() {
        assert_eq!(printable("red \u{1b}[31m\r\nnext\tcell"), "red \u{fffd}[31m\u{fffd}\nnext\tcell");
    }
}
