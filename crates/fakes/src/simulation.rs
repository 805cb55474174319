//! Executions of the state machine over a world: on virtual time, one thing at a time, the same way every time.

mod calls;
mod executions;
mod turns;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use jiff::SignedDuration;
use rollout::grants::{Grants, Readable};
use rollout::platform::Platform;
use rollout::seconds::Seconds;
use rollout::service::reach::Scope;
use serde_json::Value;
use steps::facts::{Home, Settings};

use crate::clock::START;
use crate::machine::Failure;
use crate::schedule::Schedule;
use crate::tasks::{Slot, Task};
use crate::world::World;

/// A simulation; a clone is the same one.
#[derive(Clone)]
pub struct Simulation(Rc<Inner>);

/// Something that happens.
pub type Event = Box<dyn FnOnce(Simulation) -> Pin<Box<dyn Future<Output = ()>>>>;

struct Inner {
    world: Rc<World>,
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

impl Simulation {
    /// Over a world, one thing after the other.
    pub fn new(world: World) -> Self {
        Self::with(world, Schedule::InTurn)
    }

    /// Over a world, in the order of a schedule.
    pub fn with(world: World, schedule: Schedule) -> Self {
        Self(Rc::new(Inner {
            world: Rc::new(world),
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
