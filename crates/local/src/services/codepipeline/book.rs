//! The pipelines of the account with their executions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tokio::sync::Notify;

use super::declaration::{Mode, Pipeline};
use super::execution::{Execution, Order, Status};
use super::jobs::Jobs;
use super::refusal::Refusal;
use crate::arn::ACCOUNT;
use crate::clock;
use crate::guarded::Guarded;
use crate::job_times::JobTimes;

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pipelines: Guarded<BTreeMap<String, Kept>>,
    times: Guarded<HashMap<String, JobTimes>>,
    /// A stage may have become free.
    freed: Notify,
    pub(super) jobs: Jobs,
}

/// A pipeline as it is kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) current: Pipeline,
    older: Vec<Pipeline>,
    pub(super) created: f64,
    pub(super) updated: f64,
    /// In the order in which they began.
    pub(super) executions: Vec<Execution>,
    /// The executions of requests that were told apart by a token.
    tokens: HashMap<String, String>,
    /// Which execution is in a stage.
    occupied: BTreeMap<String, String>,
    /// Which wait for one, in their order.
    waiting: BTreeMap<String, Vec<String>>,
}

/// What becomes of an execution at the door of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    In,
    Waits,
    /// It is over: stopped, or superseded.
    Over,
}

impl Kept {
    fn new(pipeline: Pipeline) -> Self {
        let now = clock::now_seconds();
        Self {
            current: pipeline,
            older: Vec::new(),
            created: now,
            updated: now,
            executions: Vec::new(),
            tokens: HashMap::new(),
            occupied: BTreeMap::new(),
            waiting: BTreeMap::new(),
        }
    }

    /// One of its executions.
    pub(super) fn execution(&self, id: &str) -> Result<&Execution, Refusal> {
        let found = self.executions.iter().find(|execution| execution.id == id);
        found.ok_or_else(|| Refusal::no_execution(&self.current.name, id))
    }

    pub(super) fn execution_mut(&mut self, id: &str) -> Result<&mut Execution, Refusal> {
        let name = &self.current.name;
        let found = self.executions.iter_mut().find(|execution| execution.id == id);
        found.ok_or_else(|| Refusal::no_execution(name, id))
    }

    fn enter(&mut self, stage: &str, id: &str) -> Entry {
        let mode = self.current.execution_mode;
        if !self.execution(id).is_ok_and(|execution| execution.status == Status::InProgress) {
            self.waiting.values_mut().for_each(|waiting| waiting.retain(|waits| waits != id));
            return Entry::Over;
        }
        if mode == Mode::Parallel {
            return Entry::In;
        }
        let waiting = self.waiting.entry(stage.to_owned()).or_default();
        if !waiting.iter().any(|waits| waits == id) {
            waiting.push(id.to_owned());
        }
        if mode == Mode::Superseded {
            let older = waiting.drain(..waiting.len() - 1).collect::<BTreeSet<_>>();
            let superseded = self.executions.iter_mut().filter(|execution| older.contains(&execution.id));
            superseded.for_each(|execution| execution.end(Status::Superseded, None));
            if older.contains(id) {
                return Entry::Over;
            }
        }
        let waiting = self.waiting.entry(stage.to_owned()).or_default();
        if self.occupied.contains_key(stage) || waiting.first().is_some_and(|first| first != id) {
            return Entry::Waits;
        }
        waiting.retain(|waits| waits != id);
        self.occupied.insert(stage.to_owned(), id.to_owned());
        Entry::In
    }
}

impl Book {
    /// Keeps a new pipeline.
    pub(super) fn create(&self, mut pipeline: Pipeline) -> Result<Pipeline, Refusal> {
        let mut pipelines = self.pipelines.lock();
        if pipelines.contains_key(&pipeline.name) {
            let message = format!("A pipeline with the name '{}' already exists in account '{ACCOUNT}'", pipeline.name);
            return Err(Refusal::new("PipelineNameInUseException", message));
        }
        pipeline.version = 1;
        pipelines.insert(pipeline.name.clone(), Kept::new(pipeline.clone()));
        Ok(pipeline)
    }

    /// Replaces one. What runs goes on as it began.
    pub(super) fn update(&self, mut pipeline: Pipeline) -> Result<Pipeline, Refusal> {
        let name = pipeline.name.clone();
        self.with_mut(&name, |kept| {
            pipeline.version = kept.current.version + 1;
            kept.updated = clock::now_seconds();
            kept.older.push(std::mem::replace(&mut kept.current, pipeline.clone()));
            Ok(pipeline)
        })
    }

    /// Forgets one; what runs of it is over.
    pub(super) fn delete(&self, name: &str) {
        let gone = self.pipelines.lock().remove(name);
        for execution in gone.iter().flat_map(|kept| &kept.executions) {
            execution.order.send_replace(Order::Abandon);
        }
        self.freed.notify_waiters();
    }

    /// Looks at a pipeline.
    pub(super) fn with<T>(&self, name: &str, look: impl FnOnce(&Kept) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.pipelines.lock().get(name).ok_or_else(|| Refusal::no_pipeline(name)).and_then(look)
    }

    /// Changes a pipeline.
    pub(super) fn with_mut<T>(
        &self,
        name: &str,
        change: impl FnOnce(&mut Kept) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.pipelines.lock().get_mut(name).ok_or_else(|| Refusal::no_pipeline(name)).and_then(change)
    }

    /// Looks at all of them, by name.
    pub(super) fn all<T>(&self, look: impl Fn(&Kept) -> T) -> Vec<T> {
        self.pipelines.lock().values().map(look).collect()
    }

    /// A version of a pipeline.
    pub(super) fn version(&self, name: &str, version: Option<u32>) -> Result<(Pipeline, f64, f64), Refusal> {
        self.with(name, |kept| {
            let all = kept.older.iter().chain([&kept.current]);
            let found = match version {
                None => Some(&kept.current),
                Some(version) => all.into_iter().find(|pipeline| pipeline.version == version),
            };
            let missing = || {
                let message = format!("Pipeline '{name}' does not have a version {}", version.unwrap_or_default());
                Refusal::new("PipelineVersionNotFoundException", message)
            };
            Ok((found.ok_or_else(missing)?.clone(), kept.created, kept.updated))
        })
    }

    /// Begins an execution: its id, and whether it is a new one. A request with a token that was seen before is the same request.
    pub(super) fn begin(
        &self,
        name: &str,
        token: Option<&str>,
        make: impl FnOnce(&Pipeline) -> Result<Execution, Refusal>,
    ) -> Result<(String, bool), Refusal> {
        self.with_mut(name, |kept| {
            if let Some(id) = token.and_then(|token| kept.tokens.get(token)) {
                return Ok((id.clone(), false));
            }
            let execution = make(&kept.current)?;
            let id = execution.id.clone();
            if let Some(token) = token {
                kept.tokens.insert(token.to_owned(), id.clone());
            }
            kept.executions.push(execution);
            Ok((id, true))
        })
    }

    /// Waits until an execution may enter a stage; false where it is over.
    pub(super) async fn enter(&self, name: &str, stage: &str, id: &str) -> bool {
        loop {
            let mut freed = std::pin::pin!(self.freed.notified());
            freed.as_mut().enable();
            match self.with_mut(name, |kept| Ok(kept.enter(stage, id))) {
                Ok(Entry::In) => return true,
                Ok(Entry::Over) | Err(_) => return false,
                // Who gives way to this one is told, too.
                Ok(Entry::Waits) => self.freed.notify_waiters(),
            }
            freed.await;
        }
    }

    /// An execution leaves a stage.
    pub(super) fn leave(&self, name: &str, stage: &str, id: &str) {
        // A pipeline that is gone has no stages.
        let _ = self.with_mut(name, |kept| {
            kept.occupied.retain(|at, who| !(at == stage && who == id));
            Ok(())
        });
        self.look();
    }

    /// Something has changed that may concern who waits.
    pub(super) fn look(&self) {
        self.freed.notify_waiters();
    }

    /// The times of a pipeline's jobs from now on.
    pub(crate) fn set_times(&self, pipeline: &str, times: JobTimes) {
        self.times.lock().insert(pipeline.to_owned(), times);
    }

    /// The times of a pipeline's jobs.
    pub(super) fn times(&self, pipeline: &str) -> JobTimes {
        self.times.lock().get(pipeline).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::services::codepipeline::execution::Trigger;

    /// A pipeline of this mode with three executions; their ids.
    fn three(mode: &str) -> (Book, [String; 3]) {
        let pipeline = json!({ "name": "shop", "roleArn": "role", "stages": [], "executionMode": mode });
        let book = Book::default();
        book.create(serde_json::from_value(pipeline).unwrap()).unwrap();
        let ids = [0; 3].map(|_| {
            let make = |pipeline: &Pipeline| {
                Ok(Execution::new(pipeline.clone(), BTreeMap::new(), Trigger::StartPipelineExecution))
            };
            book.begin("shop", None, make).unwrap().0
        });
        (book, ids)
    }

    fn enter(book: &Book, id: &str) -> Entry {
        book.with_mut("shop", |kept| Ok(kept.enter("Deploy", id))).unwrap()
    }

    fn status(book: &Book, id: &str) -> Status {
        book.with("shop", |kept| Ok(kept.execution(id)?.status)).unwrap()
    }

    #[test]
    fn who_waits_for_a_stage_gives_way_to_a_newer_one_that_waits_too() {
        let (book, [first, second, third]) = three("SUPERSEDED");
        assert_eq!([&first, &second, &third].map(|id| enter(&book, id)), [Entry::In, Entry::Waits, Entry::Waits]);
        assert_eq!((enter(&book, &second), status(&book, &second)), (Entry::Over, Status::Superseded));
        book.leave("shop", "Deploy", &first);
        assert_eq!(enter(&book, &third), Entry::In);
    }

    #[test]
    fn in_a_queue_each_gets_its_turn_and_one_that_was_stopped_holds_up_nobody() {
        let (book, [first, second, third]) = three("QUEUED");
        assert_eq!([&first, &second, &third].map(|id| enter(&book, id)), [Entry::In, Entry::Waits, Entry::Waits]);
        book.leave("shop", "Deploy", &first);
        assert_eq!(enter(&book, &third), Entry::Waits, "the second one's turn comes before");
        let stop = |kept: &mut Kept| {
            kept.execution_mut(&second)?.status = Status::Stopping;
            Ok(())
        };
        book.with_mut("shop", stop).unwrap();
        assert_eq!((enter(&book, &second), enter(&book, &third)), (Entry::Over, Entry::In));
    }

    #[test]
    fn in_parallel_nobody_waits() {
        let (book, ids) = three("PARALLEL");
        assert_eq!(ids.each_ref().map(|id| enter(&book, id)), [Entry::In; 3]);
    }
}
