//! The ports over the AWS SDK, a module a service. Nothing here decides: it translates.

mod account;
mod alerts;
mod config;
mod failure;
mod forward;

mod alarms;
mod lambda;
mod listeners;
mod machine;
mod objects;
mod parameters;
mod pipelines;
mod services;
mod system;
mod table;
mod task_definitions;

pub use account::{Account, Arns, Stack};
pub use config::config;
pub use lambda::HOOK;
