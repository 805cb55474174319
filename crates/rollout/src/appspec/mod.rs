//! The AppSpec of a Lambda deployment, in YAML or JSON, and our additions to it: `Strategy`, and hooks with a timeout and
//! parameters.
//!
//! Read into a tree that knows its lines ([`node`]), then into an [`AppSpec`] ([`lambda`]) with as many problems as can be
//! found in one go ([`error`]).

mod error;
mod hooks;
mod lambda;
mod node;
mod reader;
mod strategy;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::ids::{AliasName, FunctionName, HookFunction, ParameterName, Version};
use crate::seconds::Seconds;
use crate::strategy::{Step, Strategy, StrategyError};

pub use error::{AppSpecErrors, Problem};

/// The largest AppSpec that is read, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// The time a hook has when the AppSpec does not say, as CodeDeploy has it.
pub const DEFAULT_HOOK_TIMEOUT: Seconds = Seconds::HOUR;

/// The longest time a hook may be given.
pub const MAX_HOOK_TIMEOUT: Seconds = Seconds::DAY;

/// The most parameters a hook may ask for.
pub const MAX_PARAMETERS: usize = 50;

/// What to move, as the user wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSpec {
    /// `Name`: the function.
    pub function: FunctionName,
    /// `Alias`: what is moved.
    pub alias: AliasName,
    /// `CurrentVersion`: where the alias must be; without it, where it is.
    pub current: Option<Version>,
    /// `TargetVersion`: where the alias goes.
    pub target: Version,
    /// `Hooks`.
    pub hooks: Hooks,
    /// `Strategy`, our addition.
    pub strategy: Option<NamedStrategy>,
}

/// A strategy, and what the user calls it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedStrategy {
    /// The configuration name as it was written, or `Steps` for a list.
    pub name: String,
    /// What it means.
    pub strategy: Strategy,
}

impl NamedStrategy {
    /// The strategy of a configuration name.
    pub fn named(name: &str) -> Result<Self, StrategyError> {
        Ok(Self { name: name.trim().to_owned(), strategy: Strategy::named(name)? })
    }

    /// A list of steps.
    pub fn steps(steps: Vec<Step>) -> Result<Self, StrategyError> {
        let strategy = Strategy::custom(steps)?;
        Ok(Self { name: strategy.to_string(), strategy })
    }
}

/// The functions that are asked along the way. Each event has one at most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hooks {
    /// Asked before any traffic moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_allow_traffic: Option<Hook>,
    /// Asked when all traffic has moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_allow_traffic: Option<Hook>,
}

/// One function that is asked whether to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hook {
    /// The function.
    pub function: HookFunction,
    /// How long it has to answer.
    pub timeout: Seconds,
    /// The SSM parameters it is handed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<ParameterName>,
}

impl Hook {
    /// A hook with the usual timeout and no parameters.
    pub fn new(function: HookFunction) -> Self {
        Self { function, timeout: DEFAULT_HOOK_TIMEOUT, parameters: Vec::new() }
    }
}

/// Reads an AppSpec for Lambda, or says everything that is wrong with it. Keys are read without regard to case, as AWS's own
/// samples need.
pub fn parse(text: &str) -> Result<AppSpec, AppSpecErrors> {
    lambda::read(text)
}
