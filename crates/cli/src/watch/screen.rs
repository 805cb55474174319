//! What a watch shows: a line for each change, and a bar below them if a person looks on.

use jiff::Timestamp;

use crate::console::{Console, Progress};
use crate::failure::Failure;
use crate::status_text::{advice, trouble_words};
use crate::times::stamp;
use crate::view::DeploymentView;
use crate::watch::bar::Bar;
use crate::watch::changes::{Change, changes, pauses};

/// The console, with a bar on it if a person looks on.
pub(super) struct Screen<'c, 'w> {
    pub(super) console: &'c mut Console<'w>,
    bar: Option<Bar>,
}

impl<'c, 'w> Screen<'c, 'w> {
    pub(super) fn new(console: &'c mut Console<'w>) -> Self {
        let bar = (console.progress == Progress::Bar).then(|| Bar::new(console.zone.clone()));
        Self { console, bar }
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

    fn line(&mut self, change: &Change) -> Result<(), Failure> {
        match (&self.bar, self.console.progress) {
            (Some(bar), _) => bar.line(change),
            (None, Progress::Silent) => {}
            (None, Progress::Bar | Progress::Lines) => {
                let line = format!("{}  {}", stamp(change.at, &self.console.zone), change.text);
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
