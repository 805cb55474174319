//! The steps over the fakes: whole deployments, told as stories, and the promises of the design held against every fault.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod promises;
mod stories;
mod story;

mod rollouts;
mod starts;

mod alarms;
mod hooks;
mod pauses;
mod secrets;
mod stops;

mod api;

mod breakage;
mod races;
