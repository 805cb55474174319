//! DescribeServiceGroups: which of some services of ECS have a deployment group, and which.

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::DescribeServiceGroupsInput;
use codedeploy::view::{ServiceGroup, ServiceGroupsView};
use serde_json::{Value, json};

use super::ControlPlane;
use super::groups::referred;
use crate::ports::{Clock, Ids, Listing, ReadCatalogue, ReadRequests, Records, WriteCatalogue};
use crate::use_cases::batch;

impl<P: Clock + Records + Ids + Listing + ReadCatalogue + ReadRequests + WriteCatalogue> ControlPlane<'_, P> {
    /// A service of another region or account has none here, whatever it is called.
    pub(super) async fn service_groups(&self, body: &Value) -> Result<Value, ApiError> {
        let input: DescribeServiceGroupsInput = call::input(body)?;
        let services = input.ecs_services.unwrap_or_default();
        batch(services.len(), self.settings)?;
        let mut named = Vec::with_capacity(services.len());
        for service in services {
            let (Some(cluster), Some(service)) = (service.cluster_name, service.service_name) else {
                let message = "an ECS service is named by its clusterName and its serviceName";
                return Err(ApiError::new(Code::InvalidECSServiceException, message));
            };
            named.push((cluster, service));
        }
        let (site, mut found) = (self.settings.site(), Vec::new());
        named.retain(|(cluster, service)| [cluster, service].iter().all(|name| site.holds(name).is_ok()));
        for (cluster_name, service_name) in named {
            let owner = self.owners(&referred(&cluster_name, &service_name)).await?.into_iter().next();
            found.extend(owner.map(|owner| ServiceGroup {
                cluster_name,
                service_name,
                application_name: owner.application_name.unwrap_or_default(),
                deployment_group_name: owner.deployment_group_name.unwrap_or_default(),
            }));
        }
        Ok(json!(ServiceGroupsView { ecs_services: found }))
    }
}
