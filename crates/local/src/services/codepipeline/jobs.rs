//! The jobs that functions answer to. A job is one call: a function that gave a token is called again with a job of its own
//! (docs/codedeploy-contract.md 10.1).

use std::collections::{BTreeMap, HashMap};

use tokio::sync::oneshot;

use super::execution::{Details, Failure};
use super::refusal::Refusal;
use crate::clock;
use crate::guarded::Guarded;

/// What a function says of its job.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is not done: call again, with this token.
    Again { token: String, details: Details },
    /// It is done.
    Done { variables: BTreeMap<String, String>, details: Details },
    /// It failed.
    Failed { failure: Failure, external_id: Option<String> },
}

/// Where a job is.
#[derive(Debug)]
enum State {
    /// Somebody waits for its answer.
    Open(oneshot::Sender<Answer>),
    /// It is over, in this way.
    Over(&'static str),
}

/// All of them, by their ids.
#[derive(Debug, Default)]
pub(super) struct Jobs(Guarded<HashMap<String, State>>);

impl Jobs {
    /// A new job: its id, and where its answer comes.
    pub(super) fn open(&self) -> (String, oneshot::Receiver<Answer>) {
        let (id, (sender, receiver)) = (clock::uuid(), oneshot::channel());
        self.0.lock().insert(id.clone(), State::Open(sender));
        (id, receiver)
    }

    /// Takes the answer to a job. There is one.
    pub(super) fn answer(&self, id: &str, answer: Answer) -> Result<(), Refusal> {
        let mut jobs = self.0.lock();
        let Some(state) = jobs.get_mut(id) else {
            return Err(Refusal::new("JobNotFoundException", format!("The job {id} does not exist")));
        };
        let over = match &answer {
            Answer::Again { .. } | Answer::Done { .. } => "Succeeded",
            Answer::Failed { .. } => "Failed",
        };
        let how = match std::mem::replace(state, State::Over(over)) {
            State::Open(waits) => match waits.send(answer) {
                Ok(()) => return Ok(()),
                Err(_) => "Abandoned",
            },
            State::Over(was) => was,
        };
        *state = State::Over(how);
        Err(is_over(id, how))
    }

    /// Nobody waits for its answer any more.
    pub(super) fn close(&self, id: &str, how: &'static str) {
        if let Some(state @ State::Open(_)) = self.0.lock().get_mut(id) {
            *state = State::Over(how);
        }
    }
}

fn is_over(id: &str, how: &str) -> Refusal {
    Refusal::new("InvalidJobStateException", format!("The job {id} is over: its state is {how}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done() -> Answer {
        Answer::Done { variables: BTreeMap::new(), details: Details::default() }
    }

    fn code(answered: Result<(), Refusal>) -> &'static str {
        answered.map_or_else(|refusal| refusal.code, |()| "taken")
    }

    #[test]
    fn a_job_takes_one_answer() {
        let jobs = Jobs::default();
        let (id, mut answer) = jobs.open();
        assert_eq!(code(jobs.answer("00000000-0000-4000-8000-000000000000", done())), "JobNotFoundException");
        assert_eq!(code(jobs.answer(&id, done())), "taken");
        assert_eq!(answer.try_recv(), Ok(done()));
        assert_eq!(code(jobs.answer(&id, done())), "InvalidJobStateException");
    }

    #[test]
    fn a_job_that_nobody_waits_for_takes_none() {
        let jobs = Jobs::default();
        let (id, _answer) = jobs.open();
        jobs.close(&id, "TimedOut");
        assert_eq!(code(jobs.answer(&id, done())), "InvalidJobStateException");
        let (id, answer) = jobs.open();
        drop(answer);
        assert_eq!(code(jobs.answer(&id, done())), "InvalidJobStateException");
    }
}
