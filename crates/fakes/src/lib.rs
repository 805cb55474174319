//! The ports in memory, behaving as the services do, and a state machine that drives the real steps over them.
//!
//! [`World`] is everything outside of a function: the table, Lambda, ECS, load balancers, CloudWatch, SSM, S3. All its calls pass one gate
//! ([`faults`]), which counts them, lets somebody else go first, and can fail any of them in every way a call to AWS fails.
//! [`Simulation`] runs executions of the definitions in `statemachine` over a world: on virtual time, one thing at a time, and
//! the same way every time.
//!
//! Reading order: [`clock`], [`faults`], [`world`] and what it does as a table, as Lambda, as ECS and its load balancers, and as the small services; then
//! [`schedule`] and [`simulation`] with its [`event`]s.

pub mod clock;
pub mod faults;
pub mod shop;
pub mod world;
pub mod yaml;

mod balancers;
mod catalogue;
pub mod fleet;
mod functions;
mod objects;
mod services;
mod table;

pub mod event;
pub mod schedule;
pub mod simulation;

mod machine;
mod tasks;

pub use balancers::Divided;
pub use clock::ManualClock;
pub use faults::Fault;
pub use objects::e_tag;
pub use schedule::Schedule;
pub use simulation::Simulation;
pub use world::World;
