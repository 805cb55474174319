//! The ports in memory, behaving as the services do, and a state machine that drives the real steps over them.
//!
//! [`World`] is everything outside of a function: the table, Lambda, ECS, load balancers, CloudWatch, SSM, S3. All its calls pass one gate
//! ([`faults`]), which counts them, lets somebody else go first, and can fail any of them in every way a call to AWS fails.
//! [`Simulation`] runs executions of the definitions in `statemachine` over a world: on virtual time, one thing at a time, and
//! the same way every time.
//!
//! Reading order: [`clock`], [`faults`], `state` (what there is), [`world`] and `ports` (how it answers); then `machine`, [`schedule`] and
//! [`simulation`] with its [`event`]s. No file imports another one in a circle.

pub mod clock;
pub mod faults;
mod ports;
pub mod shop;
mod state;
pub mod world;
pub mod yaml;

mod machine;
mod tasks;

pub mod event;
pub mod schedule;
pub mod simulation;

pub use clock::ManualClock;
pub use faults::Fault;
pub use schedule::Schedule;
pub use simulation::Simulation;
pub use state::balancers::Divided;
pub use state::fleet;
pub use state::objects::e_tag;
pub use state::pipelines::Said;
pub use world::World;
