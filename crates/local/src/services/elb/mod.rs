//! Load balancers: moto keeps what they are told, here they do it.
//!
//! A request to `/_tideshift/elb/<load balancer's name>/<listener's port>/<path>` is what a client sends to that listener:
//! its rules decide, by priority, and the tasks of the chosen target group answer (`serve`). Target health comes from the
//! tasks themselves (`health`). Configuration is read from moto when it is first needed and again after a write (`book`).

mod action;
mod book;
mod health;
mod probe;
mod rule;
mod serve;
mod service;
mod written;

pub(crate) use self::book::{Balancers, Group};
pub(crate) use self::health::{Health, Target, Targets};
pub(crate) use self::probe::Probe;
pub(crate) use self::serve::Listeners;
pub(crate) use self::service::{Elb, SERVICE};
