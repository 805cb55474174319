//! EventBridge: moto keeps rules and targets, here events are delivered, and schedules fire.

mod bus;
mod entries;
mod pattern;
mod schedules;
mod service;

pub(crate) use self::bus::Bus;
pub(crate) use self::schedules::fire;
pub(crate) use self::service::Events;
