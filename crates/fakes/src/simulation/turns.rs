//! One thing at a time: who goes on next, and when time passes.

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Waker};

use steps::ports::Clock;

use super::Simulation;
use crate::machine::Failure;
use crate::tasks::Task;

/// More than any story needs: one that comes here never ends.
const TOO_MANY: usize = 2_000_000;

impl Simulation {
    pub(super) fn spawn(&self, future: impl Future<Output = ()> + 'static) -> usize {
        let id = self.0.spawned.get() + 1;
        self.0.spawned.set(id);
        self.0.tasks.borrow_mut().insert(id, Task::new(future));
        id
    }

    /// Lets one task go on that was spawned as `from` or later. `false`: none of them can.
    pub(super) fn go_on(&self, from: usize) -> bool {
        let ready: Vec<usize> =
            self.0.tasks.borrow().range(from..).filter(|(_, task)| task.is_ready()).map(|(id, _)| *id).collect();
        let Some(id) = self.0.schedule.borrow_mut().pick(&ready, self.0.last.get()) else { return false };
        self.0.last.set(id);
        self.0.polls.set(self.0.polls.get() + 1);
        assert!(self.0.polls.get() < TOO_MANY, "this never ends:\n{}", self.world().story());
        self.poll(id);
        true
    }

    pub(super) fn poll(&self, id: usize) {
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
    pub(super) fn pass_time(&self, until: Option<jiff::Timestamp>) -> bool {
        match self.world().clock.next_due() {
            Some(due) if until.is_none_or(|until| due <= until) => {
                self.world().clock.set(due.max(self.world().clock.now()));
                true
            }
            _ => false,
        }
    }
}
