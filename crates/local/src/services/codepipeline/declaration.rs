//! What a user writes of a pipeline, with the names of the wire. Members that mean nothing here are not kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A pipeline.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pipeline {
    pub(super) name: String,
    pub(super) role_arn: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) artifact_store: Option<Store>,
    /// Of pipelines in several regions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) artifact_stores: Option<Value>,
    pub(super) stages: Vec<Stage>,
    #[serde(default)]
    pub(super) version: u32,
    #[serde(default)]
    pub(super) execution_mode: Mode,
    #[serde(default)]
    pub(super) pipeline_type: Type,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) variables: Vec<Declared>,
}

/// What becomes of an execution that comes to a stage where another one is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Mode {
    /// It waits, and gives way to a newer one that waits too.
    #[default]
    Superseded,
    /// It waits its turn.
    Queued,
    /// It goes on.
    Parallel,
}

/// Which kind of pipeline it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Type {
    /// Without variables of its own.
    #[default]
    V1,
    /// With them.
    V2,
}

/// Where artifacts lie.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Store {
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// The bucket.
    pub(super) location: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) encryption_key: Option<Key>,
}

/// What they are encrypted with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Key {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
}

/// A variable of a pipeline.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Declared {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) default_value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
}

/// A stage.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Stage {
    pub(super) name: String,
    pub(super) actions: Vec<Action>,
}

/// An action.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Action {
    pub(super) name: String,
    pub(super) action_type_id: ActionType,
    /// Those of one number run at the same time, a lower one first.
    #[serde(default = "first")]
    pub(super) run_order: u32,
    #[serde(default)]
    pub(super) configuration: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) output_artifacts: Vec<Named>,
    #[serde(default)]
    pub(super) input_artifacts: Vec<Named>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) role_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<String>,
    /// By which other actions name what it puts out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) namespace: Option<String>,
}

fn first() -> u32 {
    1
}

/// What kind of action it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ActionType {
    pub(super) category: String,
    pub(super) owner: String,
    pub(super) provider: String,
    pub(super) version: String,
}

/// An artifact, by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Named {
    pub(super) name: String,
}

impl Pipeline {
    /// Every action, with the name of its stage, in order of stages.
    pub(super) fn actions(&self) -> impl Iterator<Item = (&str, &Action)> {
        self.stages.iter().flat_map(|stage| stage.actions.iter().map(|action| (stage.name.as_str(), action)))
    }

    /// The role that an action is carried out under.
    pub(super) fn role<'a>(&'a self, action: &'a Action) -> &'a str {
        action.role_arn.as_deref().unwrap_or(&self.role_arn)
    }
}

impl Stage {
    /// Its actions in the order of their numbers: those of one run at the same time.
    pub(super) fn groups(&self) -> Vec<Vec<&Action>> {
        let mut orders: Vec<u32> = self.actions.iter().map(|action| action.run_order).collect();
        orders.sort_unstable();
        orders.dedup();
        let of = |order: &u32| self.actions.iter().filter(|action| action.run_order == *order).collect();
        orders.iter().map(of).collect()
    }
}
