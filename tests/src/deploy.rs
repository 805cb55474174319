//! Deployments in the making.

use codedeploy::shapes::CreateDeploymentOutput;
use codedeploy::view::PlanAnswer;
use serde_json::{Value, json};

use crate::deployment::{Deployment, Subject};
use crate::stack::call;
use crate::{OrStop, ours};

/// A deployment in the making.
pub struct Deploy<T> {
    app: T,
    pub(crate) spec: Value,
    hooks: Vec<Value>,
    request: Value,
}

impl<T: Subject> Deploy<T> {
    /// One of this AppSpec.
    pub fn new(app: T, spec: Value) -> Self {
        Self { app, spec, hooks: Vec::new(), request: json!({}) }
    }

    /// With another AppSpec.
    #[must_use]
    pub fn changed(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(&mut self.spec);
        self
    }

    /// With this configuration.
    #[must_use]
    pub fn by(mut self, config: &str) -> Self {
        self.request["deploymentConfigName"] = config.into();
        self
    }

    /// With this `Strategy:` in the AppSpec.
    #[must_use]
    pub fn strategy(mut self, strategy: Value) -> Self {
        self.spec["Strategy"] = strategy;
        self
    }

    /// With a hook: a name, or our longer form.
    #[must_use]
    pub fn hook(mut self, event: &str, hook: impl Into<Value>) -> Self {
        self.hooks.push(json!({ event: hook.into() }));
        self
    }

    /// Watching alarms.
    #[must_use]
    pub fn watching(mut self, alarms: &[&str]) -> Self {
        let alarms: Vec<Value> = alarms.iter().map(|name| json!({"name": name})).collect();
        self.request["overrideAlarmConfiguration"] = json!({"enabled": true, "alarms": alarms});
        self
    }

    /// With any other member of CreateDeployment.
    #[must_use]
    pub fn with(mut self, member: &str, value: Value) -> Self {
        self.request[member] = value;
        self
    }

    /// The request.
    pub fn request(mut self) -> Value {
        if !self.hooks.is_empty() {
            self.spec["Hooks"] = self.hooks.into();
        }
        self.request["revision"] =
            json!({"revisionType": "AppSpecContent", "appSpecContent": {"content": self.spec.to_string()}});
        self.request
    }

    /// Starts it through the API.
    pub async fn start(self) -> Deployment<T> {
        let app = self.app.clone();
        let created = call("CodeDeploy_20141006.CreateDeployment", &self.request()).await;
        let created: CreateDeploymentOutput = serde_json::from_value(created).or_stop("a deployment");
        Deployment { id: created.deployment_id.or_stop("a deployment id"), app }
    }

    /// What the planner says: the plan or its refusals.
    pub async fn plan(self) -> PlanAnswer {
        ours::plan(&self.request()).await
    }
}
