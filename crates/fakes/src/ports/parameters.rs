//! The world as SSM.

use std::collections::BTreeMap;

use rollout::ids::ParameterName;
use steps::ports::{FindParameters, PortError, ReadParameters, Secret};

use crate::world::World;

impl FindParameters for World {
    async fn has_parameter(&self, name: &ParameterName) -> Result<bool, PortError> {
        self.call("has_parameter", |state, _| Ok(state.parameters.contains_key(name))).await
    }
}

impl ReadParameters for World {
    async fn parameters(&self, names: &[ParameterName]) -> Result<BTreeMap<ParameterName, Secret>, PortError> {
        self.call("parameters", |state, _| {
            let value_of = |name: &ParameterName| Some((name.clone(), state.parameters.get(name)?.clone()));
            Ok(names.iter().filter_map(value_of).collect())
        })
        .await
    }
}
