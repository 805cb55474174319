//! A function of a story's own, and deployments of it.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::OrStop;
use crate::deployment::Deployment;
use crate::stack::{call, client, item, stack};

/// A function with versions 1 and 2, which are good, version 3, which fails 30 % of its calls, and the alias `live` on
/// version 1.
pub struct App {
    /// Its name.
    pub name: String,
}

impl App {
    /// Makes one nobody else uses.
    pub async fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        stack().await;
        let name = format!("shop-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        local::sample::create_sample(&client().await, &name).await.or_stop("the sample function");
        Self { name }
    }

    /// Where `live` sends its calls: `"1"`, or `"1 2:0.1"` for a split.
    pub async fn alias(&self) -> String {
        let alias = client().await.get_alias(&self.name, "live").await.or_stop("GetAlias");
        shown(alias["FunctionVersion"].as_str().unwrap_or("?"), &alias["RoutingConfig"]["AdditionalVersionWeights"])
    }

    /// Points `live` somewhere, as somebody else would.
    pub async fn point(&self, version: &str, weights: Value) {
        let input = json!({"FunctionVersion": version, "RoutingConfig": {"AdditionalVersionWeights": weights}});
        let path = format!("/2015-03-31/functions/{}/aliases/live", self.name);
        client().await.lambda_put(&path, &input).await.or_stop("UpdateAlias");
    }

    /// What functions of ours wrote to `live`, in order.
    pub async fn writes(&self) -> Vec<String> {
        let writes = stack().await.observed().alias_writes().into_iter();
        writes
            .filter(|write| write.function == self.name && write.caller.is_some())
            .map(|write| shown(&write.version, &json!(write.weights)))
            .collect()
    }

    /// The deployment that holds `live`.
    pub async fn lock_owner(&self) -> Option<String> {
        let lock = item(&format!("TARGET#lambda:{}:live", self.name), "LOCK").await?;
        lock["owner"]["S"].as_str().map(str::to_owned)
    }

    /// An alarm in state OK.
    pub async fn alarm(&self, kind: &str) -> String {
        let name = format!("{}-{kind}", self.name);
        let alarm = json!({
            "AlarmName": name,
            "Namespace": "Shop",
            "MetricName": kind,
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        });
        client().await.put_metric_alarm(&alarm).await.or_stop("PutMetricAlarm");
        self.set(&name, "OK").await;
        name
    }

    /// Sets an alarm's state.
    pub async fn set(&self, alarm: &str, state: &str) {
        client().await.set_alarm_state(alarm, state, "the story says so").await.or_stop("SetAlarmState");
    }

    /// A hook function with this Python body of `handler(event, context)`; returns its name.
    pub async fn hook(&self, kind: &str, body: &str) -> String {
        let name = format!("CodeDeployHook_{}-{kind}", self.name);
        let indented: String = body.lines().map(|line| format!("    {line}\n")).collect();
        let code = format!("import json, os, time\nimport boto3\n\ndef handler(event, context):\n{indented}");
        local::sample::create_function(&client().await, &name, &code, &json!({"Timeout": 30}))
            .await
            .or_stop("the hook function");
        name
    }

    /// A deployment to a version.
    pub fn to(&self, version: &str) -> Deploy<'_> {
        let spec = json!({
            "version": 0.0,
            "Resources": [{"app": {"Type": "AWS::Lambda::Function", "Properties": {
                "Name": self.name, "Alias": "live", "TargetVersion": version,
            }}}],
        });
        Deploy { app: self, spec, hooks: Vec::new(), request: json!({}) }
    }
}

fn shown(version: &str, weights: &Value) -> String {
    let mut shown = version.to_owned();
    for (other, weight) in weights.as_object().into_iter().flatten() {
        shown.push_str(&format!(" {other}:{weight}"));
    }
    shown
}

/// A deployment in the making.
pub struct Deploy<'a> {
    app: &'a App,
    spec: Value,
    hooks: Vec<Value>,
    request: Value,
}

impl Deploy<'_> {
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

    /// From this version, said in the AppSpec.
    #[must_use]
    pub fn from(mut self, version: &str) -> Self {
        self.spec["Resources"][0]["app"]["Properties"]["CurrentVersion"] = version.into();
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
    pub async fn start(self) -> Deployment {
        let app = self.app.name.clone();
        let created = call("CodeDeploy_20141006.CreateDeployment", &self.request()).await;
        Deployment {
            id: created["deploymentId"].as_str().or_stop("a deployment id").to_owned(),
            app: App { name: app },
        }
    }

    /// What the planner says: the plan or its refusals.
    pub async fn plan(self) -> Value {
        call("Tideshift.PlanDeployment", &self.request()).await
    }
}
