//! The AppSpec of a deployment to Lambda or ECS, in YAML or JSON, and our additions to it: `Strategy`, and hooks with a
//! timeout and parameters.
//!
//! Read into a tree that knows its lines ([`node`]), then into an [`AppSpec`] ([`document`], with [`lambda`] or [`ecs`] for
//! its resource) with as many problems as can be found in one go ([`error`]).

mod content;
mod document;
mod draft;
mod ecs;
mod error;
mod hooks;
mod lambda;
mod node;
mod reader;
pub(crate) mod slips;
mod strategy;
#[cfg(test)]
mod tests;
mod yaml;

use crate::ids::Site;
use crate::platform::Platform;

pub use content::{
    AppSpec, DEFAULT_HOOK_TIMEOUT, Hook, Hooks, MAX_HOOK_TIMEOUT, MAX_PARAMETERS, NamedStrategy, Output, Resource,
    TargetAlias,
};
pub use draft::Draft;
pub use error::{AppSpecErrors, Problem};
pub(crate) use node::{Entry, Value};
pub use yaml::MAX_BYTES;
pub(crate) use yaml::load;

/// Reads an AppSpec for a platform, or says everything that is wrong with it. Keys are read without regard to case, as AWS's
/// own samples need. An ARN means what it says: what it names has to be where the deployment happens.
pub fn parse(text: &str, platform: Platform, site: &Site) -> Result<AppSpec, AppSpecErrors> {
    document::read(text, platform, site)
}

/// The platform an AppSpec is for, by the type of its resource: told also where the rest of it cannot be read.
pub fn platform(text: &str) -> Option<Platform> {
    document::platform(text)
}
