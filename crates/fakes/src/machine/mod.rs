//! The state machine: an interpreter for as much of the Amazon States Language as the definitions in `statemachine` use.
//!
//! Anything it does not know stops a test at once, so that nothing in the definition is passed over.

mod data;
mod definition;
mod execution;
mod fields;
mod functions;
mod run;
mod task;
mod timeline;

pub(crate) use definition::of;
pub(crate) use execution::{Answer, Execution, Failure};
pub(crate) use functions::serve;
pub(crate) use run::run;
pub(crate) use timeline::{First, first};
