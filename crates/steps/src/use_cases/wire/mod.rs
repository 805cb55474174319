//! A deployment and its targets in CodeDeploy's own shapes (docs/codedeploy-contract.md 5).

mod info;
mod status;
mod targets;

pub(super) use info::info;
pub(super) use status::status;
pub(super) use targets::{Listed, targets};

#[cfg(test)]
mod tests;
