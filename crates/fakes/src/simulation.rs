//! Executions of the state machine over a world: on virtual time, one thing at a time, the same way every time.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Waker};

use jiff::SignedDuration;
use rollout::grants::{Grants, Readable};
use rollout::ids::DeploymentId;
use rollout::seconds::Seconds;
use rollout::service::reach::Scope;
use rollout::strategy::Platform;
use serde_json::{Value, json};
use steps::facts::{Home, Settings};
use steps::ports::Clock;

use crate::clock::START;
use crate::event::Event;
use crate::machine::{self, Execution, Failure};
use crate::schedule::Schedule;
use crate::services::arn;
use crate::tasks::{Slot, Task};
use crate::world::World;

/// A simulation; a clone is the same one.
#[derive(Clone)]
pub struct Simulation(Rc<Inner>);

struct Inner {
    world: World,
    settings: RefCell<Settings>,
    schedule: RefCell<Schedule>,
    tasks: RefCell<BTreeMap<usize, Task>>,
    spawned: Cell<usize>,
    polls: Cell<usize>,
    last: Cell<usize>,
    before: RefCell<BTreeMap<usize, Vec<Event>>>,
    calls: RefCell<BTreeMap<usize, Rc<Slot>>>,
    executions: RefCell<BTreeMap<(String, Platform), Started>>,
    twice: Cell<bool>,
}

/// An execution: the task it runs as, its input, and how it ended.
struct Started {
    task: usize,
    input: Value,
    ended: Option<Ended>,
}

/// How an execution ended: with an output, or with a status, an error and its cause.
type Ended = Result<Value, (&'static str, Failure)>;

/// What the API answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    /// The HTTP status; 0 if there was no answer.
    pub status: u16,
    /// The body.
    pub body: Value,
}

/// Every hook may be handed every parameter.
fn whatever_it_names() -> Grants {
    "*=/*".parse().unwrap_or_default()
}

/// More than any story needs: one that comes here never ends.
const TOO_MANY: usize = 2_000_000;

/// How often Lambda makes an asynchronous call that fails, and how long it waits in between.
const DELIVERIES: [i64; 3] = [0, 60, 120];

/// How often a client makes a call that failed on our side.
const CLIENT_ATTEMPTS: usize = 3;

impl Simulation {
    /// Over a world, one thing after the other.
    pub fn new(world: World) -> Self {
        Self::with(world, Schedule::InTurn)
    }

    /// Over a world, in the order of a schedule.
    pub fn with(world: World, schedule: Schedule) -> Self {
        Self(Rc::new(Inner {
            world,
            settings: RefCell::new(settings()),
            schedule: RefCell::new(schedule),
            tasks: RefCell::default(),
            spawned: Cell::new(0),
            polls: Cell::new(0),
            last: Cell::new(0),
            before: RefCell::default(),
            calls: RefCell::default(),
            executions: RefCell::default(),
            twice: Cell::new(false),
        }))
    }

    /// The world.
    pub fn world(&self) -> &World {
        &self.0.world
    }

    /// The stack's parameters.
    pub fn settings(&self) -> Settings {
        self.0.settings.borrow().clone()
    }

    /// A simulation of a stack that says which hook may be handed which parameters.
    pub fn granting(world: World, grants: Grants) -> Self {
        let simulation = Self::new(world);
        simulation.grant(grants);
        simulation
    }

    /// The stack is told anew which hook may be handed which parameters.
    pub fn grant(&self, grants: Grants) {
        self.0.settings.borrow_mut().grants = grants;
    }

    /// The stack is told anew which clusters' services and which listeners it may change.
    pub fn confine(&self, clusters: Scope, listeners: Scope) {
        let mut settings = self.0.settings.borrow_mut();
        (settings.clusters, settings.listeners) = (clusters, listeners);
    }

    /// The stack may read these parameters of SSM.
    pub fn reads(&self, readable: Readable) {
        self.0.settings.borrow_mut().readable = readable;
    }

    /// Every function the state machine calls is called twice from now on.
    pub fn call_everything_twice(&self) {
        self.0.twice.set(true);
    }

    /// Something happens this many seconds after the start.
    pub fn at(&self, seconds: i64, event: Event) {
        let simulation = self.clone();
        self.spawn(async move {
            let until = START + SignedDuration::from_secs(seconds);
            simulation.world().clock.sleep_until(until).await;
            event(simulation).await;
        });
    }

    /// Something happens right before the `number`-th port call, counted from 1, as far as it gets by itself.
    pub fn before_call(&self, number: usize, event: Event) {
        self.world().faults.watch(number);
        self.0.before.borrow_mut().entry(number).or_default().push(event);
    }

    /// What [`Simulation::before_call`] announced and has not happened yet never does.
    pub fn nothing_else_happens(&self) {
        let numbers: Vec<usize> = std::mem::take(&mut *self.0.before.borrow_mut()).into_keys().collect();
        numbers.into_iter().for_each(|number| self.world().faults.forget(number));
    }

    /// Something happens now, while everything else goes on.
    pub fn happens(&self, event: Event) {
        let simulation = self.clone();
        self.spawn(async move { event(simulation).await });
    }

    /// Lets the world go on until nothing moves any more.
    pub fn run(&self) {
        while self.go_on(0) || self.pass_time(None) {}
        // What is left never goes on: functions that died, waits that nobody ends.
        let left = std::mem::take(&mut *self.0.tasks.borrow_mut());
        drop(left);
        self.0.calls.borrow_mut().clear();
    }

    /// Lets the world go on for this many seconds after the start.
    pub fn run_until(&self, seconds: i64) {
        let until = START + SignedDuration::from_secs(seconds);
        while self.go_on(0) || self.pass_time(Some(until)) {}
        self.world().clock.set(until);
    }

    /// The schedule, with the choices it had.
    pub fn schedule(&self) -> Schedule {
        self.0.schedule.borrow().clone()
    }

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
            let mut answered = machine::serve(&simulation, &function, payload.clone()).await;
            if twice && answered.is_ok() {
                answered = machine::serve(&simulation, &function, payload).await;
            }
            answer.put(answered);
        });
        self.0.calls.borrow_mut().insert(task, Rc::clone(&slot));
        slot.take().await
    }

    fn execute(&self, platform: Platform, name: String, input: Value) {
        let (simulation, known) = (self.clone(), (name.clone(), platform));
        let sent = input.clone();
        let task = self.spawn(async move {
            let definition = machine::of(platform);
            let execution =
                Execution { simulation: simulation.clone(), platform, name: name.clone(), input: input.clone() };
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

    fn spawn(&self, future: impl Future<Output = ()> + 'static) -> usize {
        let id = self.0.spawned.get() + 1;
        self.0.spawned.set(id);
        self.0.tasks.borrow_mut().insert(id, Task::new(future));
        id
    }

    /// Lets one task go on that was spawned as `from` or later. `false`: none of them can.
    fn go_on(&self, from: usize) -> bool {
        let ready: Vec<usize> =
            self.0.tasks.borrow().range(from..).filter(|(_, task)| task.is_ready()).map(|(id, _)| *id).collect();
        let Some(id) = self.0.schedule.borrow_mut().pick(&ready, self.0.last.get()) else { return false };
        self.0.last.set(id);
        self.0.polls.set(self.0.polls.get() + 1);
        assert!(self.0.polls.get() < TOO_MANY, "this never ends:\n{}", self.world().story());
        self.poll(id);
        true
    }

    fn poll(&self, id: usize) {
        let (future, ready) = match self.0.tasks.borrow_mut().get_mut(&id) {
            Some(task) => (task.future.take(), Arc::clone(&task.ready)),
            None => return,
        };
        let Some(mut future) = future else { return };
        ready.reset();
        let done = future.as_mut().poll(&mut Context::from_waker(&Waker::from(ready))).is_ready();
        if done {
            self.0.tasks.borrow_mut().remove(&id);
        } else if let Some(task) = self.0.tasks.borrow_mut().get_mut(&id) {
            task.future = Some(future);
        }
        if let Some(error) = self.world().faults.take_loss()
            && let Some(slot) = self.0.calls.borrow().get(&id)
        {
            slot.put(Err(Failure::new(error, "")));
        }
        if done {
            self.0.calls.borrow_mut().remove(&id);
        }
        let requested = std::mem::take(&mut self.world().state().requested);
        for (platform, name, input) in requested {
            self.execute(platform, name, input);
        }
        for execution in std::mem::take(&mut self.world().state().aborts) {
            let (simulation, name) =
                (self.clone(), execution.as_str().rsplit(':').next().unwrap_or_default().to_owned());
            self.spawn(async move { simulation.abort(&name).await });
        }
        if let Some(number) = self.world().faults.take_arrived() {
            let events = self.0.before.borrow_mut().remove(&number);
            for event in events.unwrap_or_default() {
                let simulation = self.clone();
                let first = self.spawn(async move { event(simulation).await });
                while self.go_on(first) {}
            }
            self.world().faults.release(number);
        }
    }

    /// Moves the clock to when somebody wants to go on, but not past `until`. `false`: nobody does.
    fn pass_time(&self, until: Option<jiff::Timestamp>) -> bool {
        match self.world().clock.next_due() {
            Some(due) if until.is_none_or(|until| due <= until) => {
                self.world().clock.set(due.max(self.world().clock.now()));
                true
            }
            _ => false,
        }
    }
}

/// The usual ones, of a stack in the account and region of everything here.
fn settings() -> Settings {
    let (region, account) = ("eu-central-1".to_owned(), "123456789012".to_owned());
    Settings {
        grants: whatever_it_names(),
        readable: Readable::under("/*"),
        home: Home { region, account, ..Home::default() },
        ..Settings::new(Seconds(60), "*")
    }
}
