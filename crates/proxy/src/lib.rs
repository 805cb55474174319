//! CodeDeploy's API on this machine's loopback, forwarded to a stack's `api` function.
//!
//! Clients sign for the service `codedeploy`; whatever checks signatures in front of a function wants another service's. So
//! a request is taken here without looking at its signature, and called again under the credentials of the one who runs
//! this: `tideshift proxy` those of its user, the extension `tideshift-proxy` those of the function it sits beside. Only
//! programs on the same machine can reach it.
//!
//! The server (`server`) knows HTTP, the port [`Invoke`] one call. Nothing is tried twice: clients do that themselves, and
//! know which call they may repeat.
//!
//! For clients that ask ECS first, requests to ECS can be served at the same place (`ecs`); the port [`Ecs`] sends them on.

mod call;
mod ecs;
mod elsewhere;
mod lambda;
mod server;
#[cfg(test)]
mod tests;

pub use call::{Invoke, Invoked, Unreached};
pub use codedeploy::call::{Call, Reply};
pub use codedeploy::error::ErrorBody;
pub use codedeploy::operation::Operation;
pub use codedeploy::{shapes, text, time, view};
pub use ecs::{Answered, Ecs, Nowhere, Sent};
pub use lambda::{Function, log_group};
pub use server::{Served, listen, serve};

/// Where a proxy listens unless told otherwise.
pub const PORT: u16 = 8378;
