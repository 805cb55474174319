//! What a watch shows: a line for each change, and a bar below them if a person looks on.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::console::{Console, Progress};
use crate::failure::Failure;
use crate::github::report;
use crate::status_text::{advice, trouble_words};
use crate::times::stamp;
use crate::view::DeploymentView;
use crate::watch::bar::{Bar, message};
use crate::watch::changes::{Change, changes, pauses};

/// How long lines may stay out: a look and its answer later it is not a minute yet. Systems for CI end jobs that say nothing.
const QUIET: Duration = Duration::from_secs(45);

/// The console, with a bar on it if a person looks on.
pub(super) struct Screen<'c, 'w> {
    pub(super) console: &'c mut Console<'w>,
    bar: Option<Bar>,
    /// When the last line was written.
    told: Instant,
}

impl<'c, 'w> Screen<'c, 'w> {
    pub(super) fn new(console: &'c mut Console<'w>) -> Self {
        let bar = (console.progress == Progress::Bar).then(|| Bar::new(console.zone.clone()));
        Self { console, bar, told: Instant::now() }
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.console.now)()
    }

    pub(super) fn show(
        &mut self,
        before: Option<&DeploymentView>,
        after: &DeploymentView,
        now: Timestamp,
    ) -> Result<(), Failure> {
        for change in changes(before, after, now, &self.console.zone) {
            self.line(&change)?;
        }
        let begins = |is: fn(&DeploymentView) -> bool| is(after) && !before.is_some_and(is);
        let has_trouble = |view: &DeploymentView| trouble_words(view).is_some();
        if (pauses(before, after) || begins(DeploymentView::keeps_old) || begins(has_trouble))
            && let Some(text) = advice(after, |what| self.console.command(what))
        {
            if pauses(before, after) {
                report::waits(self.console, after, &text)?;
            }
            self.line(&Change { at: now, text })?;
        }
        if let Some(bar) = &self.bar {
            bar.draw(after, now);
        }
        Ok(())
    }

    pub(super) fn note(&mut self, note: &str) -> Result<(), Failure> {
        match &self.bar {
            Some(bar) => bar.note(note),
            None => self.line(&Change { at: self.now(), text: note.to_owned() })?,
        }
        Ok(())
    }

    /// Says that there is no news, where lines are read and none was written for a while.
    pub(super) fn still(&mut self, last: Option<&DeploymentView>, unanswered: Option<&str>) -> Result<(), Failure> {
        if self.bar.is_some() || self.told.elapsed() < QUIET {
            return Ok(());
        }
        let now = self.now();
        let text = match (unanswered, last) {
            (Some(why), _) => format!("still no answer: {why}"),
            (None, Some(view)) => format!("still {}", still_words(view, now)),
            (None, None) => "still nothing is known of it".to_owned(),
        };
        self.line(&Change { at: now, text })
    }

    fn line(&mut self, change: &Change) -> Result<(), Failure> {
        match (&self.bar, self.console.progress) {
            (Some(bar), _) => bar.line(change),
            (None, Progress::Silent) => {}
            (None, Progress::Bar | Progress::Lines) => {
                let line = format!("{}  {}", stamp(change.at, &self.console.zone), change.text);
                self.told = Instant::now();
                self.console.tell(&line)?;
            }
        }
        Ok(())
    }

    pub(super) fn command(&self, id: &str) -> String {
        self.console.command(&format!("status {id} --watch"))
    }

    pub(super) fn close(&self) {
        if let Some(bar) = &self.bar {
            bar.clear();
        }
    }

    pub(super) fn close_for_good(self) -> &'c mut Console<'w> {
        self.close();
        self.console
    }
}

/// Where the traffic is, what is waited for, and the alarms.
fn still_words(view: &DeploymentView, now: Timestamp) -> String {
    let waits = message(view, now);
    match view.weight().filter(|_| view.plan.is_some()) {
        Some(weight) => format!("{weight} % on {}; {waits}", view.goal()),
        None => waits,
    }
}
