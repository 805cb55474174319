//! SSM parameters.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_ssm::types::ResourceTypeForTagging;
use rollout::ids::ParameterName;
use steps::ports::{FindParameters, PortError, ReadParameters, Secret};

use crate::failure::{found, port_error};

/// The parameter store of this account and region.
#[derive(Debug, Clone)]
pub struct Parameters(aws_sdk_ssm::Client);

impl Parameters {
    /// The most names GetParameters takes.
    const AT_ONCE: usize = 10;

    /// With the function's credentials.
    pub fn new(config: &SdkConfig) -> Self {
        Self(aws_sdk_ssm::Client::new(config))
    }
}

impl FindParameters for Parameters {
    /// Its tags are asked for, which says nothing of its value: of a parameter that is not there, SSM has no such resource.
    async fn has_parameter(&self, name: &ParameterName) -> Result<bool, PortError> {
        let ask = self.0.list_tags_for_resource().resource_type(ResourceTypeForTagging::Parameter);
        let read = ask.resource_id(name.as_str()).send().await;
        Ok(found(read.map_err(|error| port_error("ListTagsForResource", error)))?.is_some())
    }
}

impl ReadParameters for Parameters {
    async fn parameters(&self, names: &[ParameterName]) -> Result<BTreeMap<ParameterName, Secret>, PortError> {
        let mut values = BTreeMap::new();
        for names in names.chunks(Self::AT_ONCE) {
            let answer = self
                .0
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
