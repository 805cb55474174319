//! How one goes back, as PlanUndo tells it.

use serde::{Deserialize, Serialize};

use super::ShownTarget;
use crate::shapes::CreateDeploymentInput;

shapes! {
    /// PlanUndo: a target, or a deployment group.
    PlanUndoInput {
        /// Like `storefront:live` or `shop/web`.
        target: String,
        application_name: String,
        deployment_group_name: String,
        /// The revision to go back to; unless given, the newest good one that is not live.
        revision: String,
    }
}

/// The answer to PlanUndo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UndoView {
    /// What goes back.
    pub target: ShownTarget,
    /// The revision that it has now.
    pub from: String,
    /// The one that it gets.
    pub to: String,
    /// The deployment that brought that before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brought_by: Option<String>,
    /// Every revision that it may go back to, newest first.
    pub good: Vec<String>,
    /// What CreateDeployment, and PlanDeployment before it, is sent for it.
    pub request: CreateDeploymentInput,
}
