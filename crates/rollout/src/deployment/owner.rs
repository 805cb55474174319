//! Whose a record is: the execution that made it, and the recoveries that were started to finish its job.

use jiff::Timestamp;

use super::{Before, Deployment, Recovery, Told};
use crate::ids::ExecutionArn;

impl Deployment {
    /// Whether this execution may work on the deployment: it made it, or is its recovery. An earlier recovery may not any more.
    pub fn belongs_to(&self, execution: &ExecutionArn) -> bool {
        self.execution.as_ref() == Some(execution)
            || self.recovery.as_ref().is_some_and(|recovery| recovery.execution == *execution)
    }

    /// The execution that the deployment depends on now; `None` in records of older code that were never recovered.
    pub fn depends_on(&self) -> Option<&ExecutionArn> {
        self.recovery.as_ref().map(|recovery| &recovery.execution).or(self.execution.as_ref())
    }

    /// The number of the next recovery.
    pub fn next_recovery(&self) -> u32 {
        self.recovery.as_ref().map_or(0, |recovery| recovery.number).saturating_add(1)
    }

    /// Writes down the next recovery.
    pub fn recover(&mut self, execution: ExecutionArn, before: Before, now: Timestamp) {
        let died = match (&self.recovery, before) {
            (None, _) | (Some(_), Before::Whatever) => 0,
            (Some(last), Before::Dead) => last.died.saturating_add(1),
            (Some(last), Before::NameTaken) => last.died,
        };
        let told = match before {
            Before::Dead => Told::NotYet,
            // A person who wants it knows of it; of what was before, somebody is still to be told.
            Before::Whatever | Before::NameTaken => self.recovery.as_ref().map_or(Told::Told, |last| last.told),
        };
        self.recovery = Some(Recovery { number: self.next_recovery(), died, execution, since: now, told });
    }

    /// The number of the recovery that nobody was told of yet.
    pub fn untold_recovery(&self) -> Option<u32> {
        self.recovery.as_ref().filter(|recovery| recovery.told == Told::NotYet).map(|recovery| recovery.number)
    }

    /// Somebody was told of this recovery. Of one that was written down since, nobody was.
    pub fn told_of(&mut self, number: u32) {
        if let Some(recovery) = self.recovery.as_mut().filter(|recovery| recovery.number == number) {
            recovery.told = Told::Told;
        }
    }
}
