//! Executions of the state machines: started, aborted, and how they ended.

use std::rc::Rc;

use jiff::SignedDuration;
use rollout::platform::Platform;
use serde_json::{Value, json};
use steps::ports::Clock;

use super::{Ended, Simulation, Started};
use crate::machine::{self, Answer, Execution, Failure};
use crate::state::executions::arn;

impl Simulation {
    /// Starts an execution as a person does, past the API.
    pub fn start(&self, name: &str, input: Value) {
        self.start_on(Platform::Lambda, name, input);
    }

    /// Starts an execution of the state machine of a platform as a person does, past the API.
    pub fn start_on(&self, platform: Platform, name: &str, input: Value) {
        self.world().state().executions.insert(arn(platform, name), (input.clone(), true));
        self.execute(platform, name.to_owned(), input);
    }

    /// How an execution ended: `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`, with the error; `None` while it runs.
    pub fn execution(&self, name: &str) -> Option<String> {
        let of = |platform| self.execution_on(platform, name);
        Platform::deployed().find_map(|(platform, _)| of(platform))
    }

    /// How an execution of one of the state machines ended.
    pub fn execution_on(&self, platform: Platform, name: &str) -> Option<String> {
        match self.0.executions.borrow().get(&(name.to_owned(), platform))?.ended.as_ref()? {
            Ok(_) => Some("SUCCEEDED".to_owned()),
            Err((status, failure)) if failure.error.is_empty() => Some((*status).to_owned()),
            Err((status, failure)) => Some(format!("{status} {}", failure.error)),
        }
    }

    /// What an execution that succeeded put out.
    pub fn output(&self, name: &str) -> Option<Value> {
        let of = |platform| self.0.executions.borrow().get(&(name.to_owned(), platform))?.ended.clone()?.ok();
        Platform::deployed().find_map(|(platform, _)| of(platform))
    }

    /// The names of all executions.
    pub fn executions(&self) -> Vec<String> {
        self.0.executions.borrow().keys().map(|(name, _)| name.clone()).collect()
    }

    /// Aborts an execution, if it runs.
    pub(crate) async fn abort(&self, name: &str) {
        for (platform, _) in Platform::deployed() {
            let task = match self.0.executions.borrow().get(&(name.to_owned(), platform)) {
                Some(Started { task, ended: None, .. }) => *task,
                _ => continue,
            };
            drop(self.0.tasks.borrow_mut().remove(&task));
            self.execution_ended(platform, name, Err(("ABORTED", Failure::new("", "")))).await;
        }
    }

    pub(super) fn execute(&self, platform: Platform, name: String, input: Value) {
        let (simulation, known) = (self.clone(), (name.clone(), platform));
        let sent = input.clone();
        let task = self.spawn(async move {
            let definition = machine::of(platform);
            let (world, caller) = (Rc::clone(&simulation.0.world), simulation.clone());
            let invoke = move |function: &str, payload| -> Answer {
                let (simulation, function) = (caller.clone(), function.to_owned());
                Box::pin(async move { simulation.invoke(&function, payload).await })
            };
            let invoke = Box::new(invoke);
            let execution = Execution { world, invoke, platform, name: name.clone(), input: input.clone() };
            let seconds = definition.get("TimeoutSeconds").and_then(Value::as_i64).unwrap_or(i64::MAX);
            let until = simulation.world().clock.now() + SignedDuration::from_secs(seconds);
            let timeout = simulation.world().clock.sleep_until(until);
            let ended = match machine::first(machine::run(&execution, definition, input), timeout).await {
                machine::First::One(Ok(output)) => Ok(output),
                machine::First::One(Err(failure)) => Err(("FAILED", failure)),
                machine::First::Other(()) => Err(("TIMED_OUT", Failure::new("", ""))),
            };
            simulation.execution_ended(platform, &name, ended).await;
        });
        self.0.executions.borrow_mut().insert(known, Started { task, input: sent, ended: None });
    }

    async fn execution_ended(&self, platform: Platform, name: &str, ended: Ended) {
        let died = ended.is_err();
        let mut input = Value::Null;
        if let Some(execution) = self.0.executions.borrow_mut().get_mut(&(name.to_owned(), platform)) {
            execution.ended = Some(ended);
            input = execution.input.clone();
        }
        if let Some(execution) = self.world().state().executions.get_mut(&arn(platform, name)) {
            execution.1 = false;
        }
        let status = self.execution_on(platform, name).unwrap_or_default();
        self.world().note(format!("execution {name} ends: {status}"));
        if died {
            let status = status.split(' ').next().unwrap_or_default();
            let detail = json!({
                "name": name,
                "status": status,
                "executionArn": arn(platform, name),
                "input": input.to_string(),
                "stopDate": self.world().clock.now().as_millisecond(),
            });
            self.deliver("on_execution", json!({"detail": detail})).await;
        }
    }
}
