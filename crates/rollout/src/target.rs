//! What a deployment deploys to.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{AliasName, ClusterName, FunctionName, ServiceName};
use crate::platform::{Fence, Platform};
use crate::service::Service;

/// What a deployment moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all_fields = "camelCase")]
pub enum Target {
    /// An alias of a Lambda function.
    LambdaAlias {
        /// The function.
        function: FunctionName,
        /// The alias.
        alias: AliasName,
    },
    /// A service of ECS.
    EcsService(Box<Service>),
}

impl Target {
    /// The key under which the target is locked: one deployment at a time.
    pub fn key(&self) -> String {
        match self {
            Self::LambdaAlias { function, alias } => format!("lambda:{function}:{alias}"),
            Self::EcsService(service) => service_key(&service.cluster, &service.service),
        }
    }

    /// The platform it belongs to.
    pub fn platform(&self) -> Platform {
        match self {
            Self::LambdaAlias { .. } => Platform::Lambda,
            Self::EcsService(_) => Platform::Ecs,
        }
    }

    /// What keeps late writes away from it.
    pub fn fence(&self) -> Fence {
        self.platform().row().fence
    }

    /// As people name it: `storefront:live`, `shop/web`.
    pub fn shown(&self) -> String {
        match self {
            Self::LambdaAlias { .. } => self.to_string(),
            Self::EcsService(service) => format!("{}/{}", service.cluster, service.service),
        }
    }

    /// The service, if it is one.
    pub fn service(&self) -> Option<&Service> {
        match self {
            Self::LambdaAlias { .. } => None,
            Self::EcsService(service) => Some(service),
        }
    }
}

/// The key under which a service is locked.
pub fn service_key(cluster: &ClusterName, service: &ServiceName) -> String {
    format!("ecs:{cluster}/{service}")
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LambdaAlias { function, alias } => write!(f, "{function}:{alias}"),
            // As CodeDeploy names the target of a deployment to ECS (docs/codedeploy-contract.md 5.3).
            Self::EcsService(service) => write!(f, "{}:{}", service.cluster, service.service),
        }
    }
}
