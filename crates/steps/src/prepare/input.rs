//! What the state machine asks with.

use rollout::ids::ExecutionArn;
use rollout::platform::Platform;
use serde::Deserialize;
use serde_json::Value;

/// What the state machine sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// The execution's name.
    pub deployment_id: String,
    /// The execution itself.
    #[serde(default)]
    pub execution: Option<ExecutionArn>,
    /// The platform of the state machine.
    #[serde(default)]
    pub platform: Platform,
    /// The execution's input: CreateDeployment, or anything a person typed into StartExecution.
    pub request: Value,
}
