//! SSM parameters.

use std::collections::BTreeMap;

use aws_sdk_ssm::types::ResourceTypeForTagging;
use rollout::ids::ParameterName;
use steps::ports::{FindParameters, PortError, ReadParameters, Secret};

use crate::account::Account;
use crate::failure::{found, port_error};

/// The most names GetParameters takes.
const AT_ONCE: usize = 10;

impl FindParameters for Account {
    /// Its tags are asked for, which says nothing of its value: of a parameter that is not there, SSM has no such resource.
    async fn has_parameter(&self, name: &ParameterName) -> Result<bool, PortError> {
        let ask = self.ssm().list_tags_for_resource().resource_type(ResourceTypeForTagging::Parameter);
        let read = ask.resource_id(name.as_str()).send().await;
        Ok(found(read.map_err(|error| port_error("ListTagsForResource", error)))?.is_some())
    }
}

impl ReadParameters for Account {
    async fn parameters(&self, names: &[ParameterName]) -> Result<BTreeMap<ParameterName, Secret>, PortError> {
        let mut values = BTreeMap::new();
        for names in names.chunks(AT_ONCE) {
            let answer = self
                .ssm()
                .get_parameters()
                .set_names(Some(names.iter().map(ToString::to_string).collect()))
                .with_decryption(true)
                .send()
                .await
                .map_err(|error| port_error("GetParameters", error))?;
            for parameter in answer.parameters() {
                // A parameter asked for by ARN comes back under its name.
                let asked = names.iter().find(|name| {
                    let name = Some(name.as_str());
                    name == parameter.name() || name == parameter.arn()
                });
                if let (Some(name), Some(value)) = (asked, parameter.value()) {
                    values.insert(name.clone(), Secret(value.to_owned()));
                }
            }
        }
        Ok(values)
    }
}
