//! What an AppSpec says, once it is read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::LifecycleEvent;
use crate::ids::{AliasName, FunctionName, HookFunction, ParameterName, Version};
use crate::platform::Platform;
use crate::seconds::Seconds;
use crate::service::TargetService;
use crate::strategy::{Step, Strategy, StrategyError};
use crate::warm::Warm;

/// The time a hook has when the AppSpec does not say, as CodeDeploy has it (docs/codedeploy-contract.md 3.4).
pub const DEFAULT_HOOK_TIMEOUT: Seconds = Seconds::HOUR;

/// The longest time a hook may be given.
pub const MAX_HOOK_TIMEOUT: Seconds = Seconds::DAY;

/// The most parameters a hook may ask for.
pub const MAX_PARAMETERS: usize = 50;

/// What to move, as the user wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSpec {
    /// The one entry of `Resources`.
    pub resource: Resource,
    /// `Hooks`.
    pub hooks: Hooks,
    /// `Strategy`, our addition.
    pub strategy: Option<NamedStrategy>,
    /// `Warm`, our addition; of functions only.
    pub warm: Option<Warm>,
}

impl AppSpec {
    /// The platform it is for.
    pub fn platform(&self) -> Platform {
        match self.resource {
            Resource::Alias(_) => Platform::Lambda,
            Resource::Service(_) => Platform::Ecs,
        }
    }
}

/// The one entry of `Resources`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// `AWS::Lambda::Function`.
    Alias(TargetAlias),
    /// `AWS::ECS::Service`.
    Service(Box<TargetService>),
}

/// What an AppSpec for Lambda says of its alias (docs/codedeploy-contract.md 2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetAlias {
    /// `Name`: the function.
    pub function: FunctionName,
    /// `Alias`: what is moved.
    pub alias: AliasName,
    /// `CurrentVersion`: where the alias must be; without it, where it is.
    pub current: Option<Version>,
    /// `TargetVersion`: where the alias goes.
    pub target: Version,
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
    /// The strategy of a configuration name, for a platform.
    pub fn named(name: &str, platform: Platform) -> Result<Self, StrategyError> {
        Ok(Self { name: name.trim().to_owned(), strategy: Strategy::named(name, platform)? })
    }

    /// A list of steps.
    pub fn steps(steps: Vec<Step>) -> Result<Self, StrategyError> {
        let strategy = Strategy::custom(steps)?;
        Ok(Self { name: strategy.to_string(), strategy })
    }
}

/// The functions that are asked along the way, by event. Each event has one at most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hooks(BTreeMap<LifecycleEvent, Hook>);

impl Hooks {
    /// The hook of an event.
    pub fn get(&self, event: LifecycleEvent) -> Option<&Hook> {
        self.0.get(&event)
    }

    /// All of them, in the order of their events.
    pub fn iter(&self) -> impl Iterator<Item = (LifecycleEvent, &Hook)> {
        self.0.iter().map(|(event, hook)| (*event, hook))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody is asked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The event has this hook.
    pub fn insert(&mut self, event: LifecycleEvent, hook: Hook) {
        self.0.insert(event, hook);
    }
}

impl FromIterator<(LifecycleEvent, Hook)> for Hooks {
    fn from_iter<I: IntoIterator<Item = (LifecycleEvent, Hook)>>(hooks: I) -> Self {
        Self(hooks.into_iter().collect())
    }
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
    /// Whether what it says may be written down although it is handed parameters.
    #[serde(default, skip_serializing_if = "Output::is_withheld")]
    pub output: Output,
}

impl Hook {
    /// A hook with the usual timeout and no parameters.
    pub fn new(function: HookFunction) -> Self {
        Self { function, timeout: DEFAULT_HOOK_TIMEOUT, parameters: Vec::new(), output: Output::default() }
    }
}

/// What is written down of a hook that is handed parameters: `KeepOutput`, our addition. Of one that is handed none,
/// everything is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Output {
    /// Its status only.
    #[default]
    Withheld,
    /// Its words, `hookDetails` and the end of its log, too: the AppSpec says that none of them holds a secret.
    Kept,
}

impl Output {
    fn is_withheld(&self) -> bool {
        *self == Self::Withheld
    }
}
