//! What our own operations answer of a deployment (`codedeploy::view`), out of what is known of it.

mod deployment;
mod ending;
mod plan;
mod row;

pub(super) use deployment::description;
pub(super) use ending::routing;
pub(super) use plan::{asked, plan};
pub(crate) use plan::{ends, pair, target};
pub(super) use row::summary;

#[cfg(test)]
mod tests;
