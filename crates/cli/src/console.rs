//! Where answers and progress are written, and what time it is.

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proxy::text::{in_json, in_lines};
use serde_json::Value;

use crate::args::{DEFAULT_STACK, Output};
use crate::failure::Failure;

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
    /// The time now.
    pub(crate) now: &'a dyn Fn() -> Timestamp,
    /// Where the reader's clock hangs.
    pub(crate) zone: TimeZone,
    /// The stack that was named.
    pub(crate) stack: String,
}

impl Console<'_> {
    /// Answers: the text, or the document if JSON was asked for.
    pub(crate) fn answer(&mut self, document: &Value, text: &str) -> Result<(), Failure> {
        let written = match self.output {
            Output::Text => write!(self.out, "{}", printable(text)),
            Output::Json => writeln!(self.out, "{}", in_json(&format!("{document:#}"))),
        };
        finish(written.and_then(|()| self.out.flush()))
    }

    /// Tells a person something beside the answer.
    pub(crate) fn tell(&mut self, line: &str) -> Result<(), Failure> {
        finish(writeln!(self.err, "{}", printable(line)))
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

/// A reader that went away (`| head`) has seen enough.
fn finish(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        Ok(()) | Err(_) => Ok(()),
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
    fn a_message_cannot_steer_the_terminal() {
        assert_eq!(printable("red \u{1b}[31m\r\nnext\tcell"), "red \u{fffd}[31m\u{fffd}\nnext\tcell");
    }
}
