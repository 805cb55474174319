//! Functions: their aliases and versions, and calls of them.

use rollout::facts::VersionFacts;
use rollout::hooks::CallId;
use rollout::ids::{AliasName, FunctionName, HookFunction, Version};
use rollout::routing::Routing;
use rollout::warm::{Asked, Warm, Warmth};
use serde_json::Value;

use super::error::PortError;

/// What an alias points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pointing {
    /// At published versions.
    At(Routing),
    /// At `$LATEST`.
    Latest,
}

/// An alias as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// What it points at.
    pub pointing: Pointing,
    /// The revision it was read at.
    pub revision: Revision,
}

impl Alias {
    /// Where it sends its calls, if to published versions.
    pub fn routing(&self) -> Option<&Routing> {
        match &self.pointing {
            Pointing::At(routing) => Some(routing),
            Pointing::Latest => None,
        }
    }
}

/// The revision of an alias: a write on top of another one is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision(pub String);

/// Reads aliases.
pub trait ReadAlias {
    /// Reads one; `None` if the function or the alias does not exist.
    async fn alias(&self, function: &FunctionName, alias: &AliasName) -> Result<Option<Alias>, PortError>;
}

/// Moves live traffic.
pub trait WriteAlias {
    /// Points the alias there if it is still at `revision`; [`PortError::Conflict`] if it is not. Twice is the same as once.
    /// Returns the revision it is at now.
    async fn point(
        &self,
        function: &FunctionName,
        alias: &AliasName,
        to: &Routing,
        revision: &Revision,
    ) -> Result<Revision, PortError>;
}

/// Reads what functions are.
pub trait ReadFunctions {
    /// A published version.
    async fn version(&self, function: &FunctionName, version: Version) -> Result<VersionFacts, PortError>;

    /// Whether a function exists, by name or ARN.
    async fn exists(&self, function: &str) -> Result<bool, PortError>;
}

/// Gives versions provisioned concurrency.
pub trait WarmVersions {
    /// Asks for it, once. Twice is the same as once. An error means that nobody knows whether it is given, now or later.
    async fn warm(&self, function: &FunctionName, version: Version, warm: Warm) -> Result<Asked, PortError>;
}

/// Takes provisioned concurrency back.
pub trait CoolVersions {
    /// Takes it back, whatever it is. Of a version that has none, that is nothing.
    async fn cool(&self, function: &FunctionName, version: Version) -> Result<(), PortError>;
}

/// What a called function did.
#[derive(Debug, Clone, PartialEq)]
pub enum Called {
    /// It returned this.
    Returned(Value),
    /// It was called, and no answer was heard: whether it ran, and how it ended, nobody knows.
    NoAnswer,
    /// It threw an error: type, message and the end of its log.
    Threw {
        /// The error's type.
        kind: String,
        /// The error's message.
        message: String,
        /// The end of the log.
        log_tail: String,
    },
}

/// One call of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Calling {
    /// What the function did.
    pub called: Called,
    /// Lambda's number of the call, where it gave one.
    pub id: Option<CallId>,
}

/// Calls hook functions.
pub trait CallHook {
    /// Calls one and waits for it. An error means that it was not called.
    async fn call_hook(&self, function: &HookFunction, payload: &Value) -> Result<Calling, PortError>;
}

/// Reads provisioned concurrency.
pub trait ReadConcurrency {
    /// The provisioned concurrency of an alias or a version, where it has some.
    async fn provisioned(&self, function: &FunctionName, qualifier: &str) -> Result<Option<u32>, PortError>;

    /// What a version has; `None`: nothing.
    async fn warmth(&self, function: &FunctionName, version: Version) -> Result<Option<Warmth>, PortError>;
}
