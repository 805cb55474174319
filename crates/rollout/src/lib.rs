//! The core of Tideshift: what a rollout is, what it may do next, and why.
//!
//! Nothing here waits, reads a clock or talks to AWS: `now` is an argument, facts are arguments, and what comes back are
//! values: plans, decisions, reasons. Everything that decides lives here, so that it can be tested without a world.
//!
//! Reading order: the words ([`ids`], [`weight`], [`seconds`], [`routing`]), what a user writes ([`strategy`], [`appspec`],
//! [`request`]), what is settled before anything moves ([`preflight`], [`grants`], [`service`], [`target`], [`course`], [`plan`], [`budget`], [`planner`]), and what
//! happens then ([`progress`], [`alarms`], [`hooks`], [`lifecycle`], [`deployment`], [`orphan`], [`settle`], [`starter`],
//! [`journal`]).

pub mod code;
pub mod event;
pub mod ids;
pub mod platform;
pub mod routing;
pub mod seconds;
pub mod weight;

pub mod appspec;
pub mod request;
pub mod strategy;

pub mod budget;
pub mod course;
pub mod format;
pub mod grants;
pub mod pattern;
pub mod plan;
pub mod planner;
pub mod preflight;
pub mod service;
pub mod target;

pub mod alarms;
pub mod deployment;
pub mod ending;
pub mod hooks;
pub mod journal;
pub mod lifecycle;
pub mod orphan;
pub mod progress;
pub mod settle;
pub mod starter;
pub mod warm;

#[cfg(test)]
mod testing;
