//! Step Functions: moto runs state machines; here is refused what it takes too much of, and told what it keeps to itself.

mod executions;
mod service;
mod starting;

pub(crate) use self::executions::{Executions, follow};
pub(crate) use self::service::States;
