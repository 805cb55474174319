//! Task definitions of pipelines.

use aws_smithy_types::body::SdkBody;
use rollout::ids::TaskDefinition;
use serde_json::{Value, json};
use steps::ports::{PortError, RegisterTaskDefinitions};

use crate::account::{Account, TAG};
use crate::failure::{port_error, unreadable};

impl RegisterTaskDefinitions for Account {
    /// What somebody wrote is JSON in ECS's own words, and goes as it is in place of the body that the SDK would make: its types would
    /// lose every member that is newer than they are.
    async fn register(&self, definition: &Value) -> Result<TaskDefinition, PortError> {
        let body = tagged(definition).to_string();
        let asked = self.ecs().register_task_definition().customize().mutate_request(move |request| {
            request.headers_mut().insert("content-length", body.len().to_string());
            *request.body_mut() = SdkBody::from(body.as_str());
        });
        let answer = asked.send().await.map_err(|error| port_error("RegisterTaskDefinition", error))?;
        let arn = answer.task_definition().and_then(|registered| registered.task_definition_arn());
        TaskDefinition::parse(arn.unwrap_or_default()).map_err(|error| unreadable("RegisterTaskDefinition", error))
    }
}

/// With our tag: the role may register none without it.
fn tagged(definition: &Value) -> Value {
    let mut definition = definition.clone();
    let (key, value) = TAG;
    if let Some(members) = definition.as_object_mut() {
        let tags = members.entry("tags").or_insert_with(|| json!([]));
        if let Some(tags) = tags.as_array_mut() {
            tags.retain(|tag| tag["key"] != key);
            tags.push(json!({"key": key, "value": value}));
        }
    }
    definition
}
