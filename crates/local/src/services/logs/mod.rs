//! CloudWatch Logs of what functions print.

mod printed;
mod service;

pub(crate) use self::printed::Printed;
pub(crate) use self::service::Logs;
