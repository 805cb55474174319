//! Deployment groups of services, as clients of CodeDeploy keep them.

use serde_json::{Value, json};

use crate::deploy::Deploy;
use crate::deployment::Subject as _;
use crate::shop::Shop;
use crate::stack::call;

/// A deployment group of a service, with an application of its own.
#[derive(Debug, Clone)]
pub struct Group {
    shop: Shop,
    ready: Option<u32>,
    keeps: u32,
}

impl Group {
    /// One that waits for nobody.
    pub fn of(shop: &Shop) -> Self {
        Self { shop: shop.clone(), ready: None, keeps: 0 }
    }

    /// A person must continue a deployment within so many minutes before production traffic moves.
    #[must_use]
    pub fn ready(mut self, minutes: u32) -> Self {
        self.ready = Some(minutes);
        self
    }

    /// The old task set is kept for so many minutes.
    #[must_use]
    pub fn keeps(mut self, minutes: u32) -> Self {
        self.keeps = minutes;
        self
    }

    fn application(&self) -> String {
        format!("app-{}", self.shop.name())
    }

    /// What CreateDeploymentGroup is asked.
    pub fn request(&self) -> Value {
        let ready = match self.ready {
            Some(minutes) => json!({"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": minutes}),
            None => json!({"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0}),
        };
        json!({
            "applicationName": self.application(),
            "deploymentGroupName": "web",
            "serviceRoleArn": "arn:aws:iam::123456789012:role/deploy",
            "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            "ecsServices": [{"clusterName": local::sample::service::CLUSTER, "serviceName": self.shop.name()}],
            "loadBalancerInfo": {"targetGroupPairInfoList": [{
                "targetGroups": [
                    {"name": format!("{}-blue", self.shop.name())},
                    {"name": format!("{}-green", self.shop.name())},
                ],
                "prodTrafficRoute": {"listenerArns": [self.shop.sample.production_listener]},
                "testTrafficRoute": {"listenerArns": [self.shop.sample.test_listener]},
            }]},
            "blueGreenDeploymentConfiguration": {
                "deploymentReadyOption": ready,
                "terminateBlueInstancesOnDeploymentSuccess":
                    {"action": "TERMINATE", "terminationWaitTimeInMinutes": self.keeps},
            },
        })
    }

    /// Makes the application.
    pub async fn with_application(self) -> Self {
        let named = json!({"applicationName": self.application(), "computePlatform": "ECS"});
        call("CodeDeploy_20141006.CreateApplication", &named).await;
        self
    }

    /// Makes both.
    pub async fn create(self) -> Self {
        let group = self.with_application().await;
        call("CodeDeploy_20141006.CreateDeploymentGroup", &group.request()).await;
        group
    }

    /// A deployment of a revision, which leaves the service to the group.
    pub fn to(&self, revision: u32) -> Deploy<Shop> {
        Deploy::new(self.shop.clone(), self.shop.sample.appspec(revision))
            .with("applicationName", self.application().into())
            .with("deploymentGroupName", "web".into())
    }
}
