//! Calls of functions: past the state machine, of the API, and as events do it.

use std::cell::RefCell;
use std::rc::Rc;

use jiff::SignedDuration;
use rollout::ids::DeploymentId;
use serde_json::{Value, json};
use steps::ports::Clock;

use super::{Reply, Simulation};
use crate::machine::{self, Failure};
use crate::tasks::Slot;

/// How often Lambda makes an asynchronous call that fails, and how long it waits in between.
const DELIVERIES: [i64; 3] = [0, 60, 120];

/// How often a client makes a call that failed on our side.
const CLIENT_ATTEMPTS: usize = 3;

impl Simulation {
    /// Calls functions, all at once and past the state machine, and lets nothing else happen meanwhile. Returns what each
    /// returned, or the name of the error it failed with.
    pub fn together<const N: usize>(&self, calls: [(&str, Value); N]) -> [Result<Value, String>; N] {
        let running = calls.map(|(function, payload)| {
            let (simulation, function) = (self.clone(), function.to_owned());
            let said = Rc::new(RefCell::new(Err("it never ended".to_owned())));
            let told = Rc::clone(&said);
            let task = self.spawn(async move {
                let answer = simulation.invoke(&function, payload).await;
                *told.borrow_mut() = answer.map_err(|failure| failure.error);
            });
            (task, said)
        });
        let first = running.iter().map(|(task, _)| *task).min().unwrap_or_default();
        while self.go_on(first) {}
        running.map(|(_, said)| said.borrow().clone())
    }

    /// Calls one function, past the state machine.
    pub fn call(&self, function: &str, payload: Value) -> Result<Value, String> {
        let [said] = self.together([(function, payload)]);
        said
    }

    /// Calls the API as a client does, and lets nothing else happen meanwhile.
    pub fn api(&self, target: &str, body: Value) -> Reply {
        let (simulation, target) = (self.clone(), target.to_owned());
        let said = Rc::new(RefCell::new(None));
        let told = Rc::clone(&said);
        let first = self.spawn(async move {
            let reply = simulation.ask(&target, body).await;
            *told.borrow_mut() = Some(reply);
        });
        // Only until it has answered: an execution that it started does not begin yet.
        while said.borrow().is_none() && self.go_on(first) {}
        said.take().unwrap_or_default()
    }

    /// Creates a deployment, which does not begin before the simulation runs.
    pub fn create(&self, request: Value) -> DeploymentId {
        let reply = self.api("CodeDeploy_20141006.CreateDeployment", request);
        let id = reply.body.get("deploymentId").and_then(Value::as_str);
        assert!(id.is_some(), "the deployment was not created: {}", reply.body);
        DeploymentId::parse(id.unwrap_or_default()).expect("the id of a deployment")
    }

    /// Calls the API; again if that failed on our side.
    pub(crate) async fn ask(&self, target: &str, body: Value) -> Reply {
        let mut reply = Reply::default();
        for _ in 0..CLIENT_ATTEMPTS {
            match self.invoke("api", json!({"target": target, "body": body})).await {
                Ok(answer) => {
                    let body = answer.get("body").cloned().unwrap_or_default();
                    let status = answer.get("status").and_then(Value::as_u64).unwrap_or_default();
                    reply = Reply { status: u16::try_from(status).unwrap_or_default(), body };
                    let throttled = reply.body.get("__type") == Some(&json!("ThrottlingException"));
                    if reply.status < 500 && !throttled {
                        break;
                    }
                }
                Err(failure) => reply.body = json!({"lost": failure.error}),
            }
        }
        self.world().note(format!("{target} answers {}", reply.status));
        reply
    }

    /// Calls a function as an event does: nobody waits, and Lambda tries three times.
    pub(crate) async fn deliver(&self, function: &str, event: Value) {
        let clock = &self.world().clock;
        for wait in DELIVERIES {
            clock.sleep_until(clock.now() + SignedDuration::from_secs(wait)).await;
            if self.invoke(function, event.clone()).await.is_ok() {
                return;
            }
        }
    }

    /// Calls a function. It goes on when nobody waits for it any more.
    pub(crate) async fn invoke(&self, function: &str, payload: Value) -> Result<Value, Failure> {
        let slot = Rc::new(Slot::default());
        let (simulation, function, answer) = (self.clone(), function.to_owned(), Rc::clone(&slot));
        let twice = self.0.twice.get() && function != "api";
        let task = self.spawn(async move {
            let mut answered = simulation.serve(&function, payload.clone()).await;
            if twice && answered.is_ok() {
                answered = simulation.serve(&function, payload).await;
            }
            answer.put(answered);
        });
        self.0.calls.borrow_mut().insert(task, Rc::clone(&slot));
        slot.take().await
    }

    async fn serve(&self, function: &str, payload: Value) -> Result<Value, Failure> {
        machine::serve(self.world(), &self.settings(), function, payload).await
    }
}
