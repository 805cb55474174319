//! What Tideshift's own operations take and answer. The stack writes these and the command line reads them: one shape for both, so that
//! neither can show what the other does not read.
//!
//! A member that came later, or that may be unknown, is optional or has a default, so that a program reads what a stack of another
//! version wrote. Times are epoch seconds, as everywhere in the API; weights are whole percents.

mod deployment;
mod group;
mod input;
mod listed;
mod live;
mod outcome;
mod plan;
mod policy;
mod repair;
mod target;
mod undo;

pub use deployment::*;
pub use group::*;
pub use input::*;
pub use listed::*;
pub use live::*;
pub use outcome::*;
pub use plan::*;
pub use policy::*;
pub use repair::*;
pub use target::*;
pub use undo::*;

pub use crate::shapes::EcsTaskSet;

#[cfg(test)]
mod tests;
