//! The core of Tideshift: what a rollout is, what it may do next, and why.
//!
//! Nothing here waits, reads a clock or talks to AWS: `now` is an argument, facts are arguments, and what comes back are
//! values: plans, decisions, reasons. Everything that decides lives here, so that it can be tested without a world.
//!
//! The modules stand in the order in which they are best read, and no file imports another one in a circle.

// The words: names, numbers, places.
pub mod ids;
pub mod seconds;
mod text;
pub mod weight;

pub mod code;
pub mod event;
pub mod hold;
pub mod platform;
pub mod routing;

// What a user writes.
pub mod appspec;
pub mod pattern;
pub mod request;
pub mod strategy;

// What is known of the world, and what speaks against a deployment.
pub mod verdict;

pub mod alarms;
pub mod facts;
pub mod grants;
pub mod preflight;
pub mod service;
pub mod warm;

// What is settled before anything moves.
pub mod queue;

pub mod budget;
pub mod course;
pub mod plan;
pub mod planner;
pub mod target;

// What happens then, and is written down.
pub mod deployment;
pub mod ending;
pub mod format;
pub mod hooks;
pub mod journal;
pub mod lifecycle;
pub mod pipeline;
pub mod progress;
pub mod starter;

// What is decided on the way.
pub mod admission;
pub mod decide;
pub mod drift;
pub mod failure;
pub mod next;
pub mod orphan;
pub mod replacement;
pub mod settle;
pub mod undo;

#[cfg(test)]
mod testing;
