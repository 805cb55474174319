//! CloudWatch: moto keeps alarms and their states, here they are evaluated, and every change becomes an event.

mod alarms;
mod evaluate;
mod event;
mod log_alarms;
mod math;
mod service;

pub(crate) use self::alarms::{Alarms, look_after};
pub(crate) use self::service::CloudWatch;
