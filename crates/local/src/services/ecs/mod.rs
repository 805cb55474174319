//! ECS services with the EXTERNAL deployment controller.
//!
//! moto keeps clusters, services and task definitions. Task sets are kept here altogether: moto's have neither tasks nor
//! counts, are steady from the first moment and gone at once. A task set's tasks are processes on this machine
//! (`task`), at most two of them however many it wants; each runs `samples/web.py` with the environment of its
//! container definition, whatever image that names.
//!
//! A task that ends is started again, with growing pauses. Those of a task set whose tasks were told to die, at
//! `POST /_tideshift/deaths`, end as any task does that crashes, and stay away, so that a failure can be looked at: ECS
//! itself starts no others until the task set is given another scale. Draining takes a second.

mod book;
mod event;
mod remembered;
mod request;
mod service;
mod supervise;
mod task;
mod task_set;

pub(crate) use self::book::Ecs;
pub(crate) use self::service::TaskSets;
pub(crate) use self::supervise::supervise;
