//! A running deployment as a story sees it.

use codedeploy::shapes::StopDeploymentInput;
use codedeploy::view::{DeploymentView, Outcome};
use serde_json::{Value, json};

use crate::ours::{self, Told as _};
use crate::stack::{call, client, execution, item};
use crate::{OrStop, eventually};

/// What a story deploys to.
#[expect(async_fn_in_trait, reason = "stories run on one runtime")]
pub trait Subject: Clone {
    /// What the name of its state machine ends in.
    const MACHINE: &'static str;
    /// Its name, which nobody else uses.
    fn name(&self) -> &str;
    /// The key of its lock.
    fn lock(&self) -> String;
    /// Where its traffic goes.
    async fn traffic(&self) -> String;
    /// Whether that is to more than one.
    fn is_split(traffic: &str) -> bool;

    /// The deployment that holds it.
    async fn lock_owner(&self) -> Option<String> {
        let lock = item(&format!("TARGET#{}", self.lock()), "LOCK").await?;
        lock["owner"]["S"].as_str().map(str::to_owned)
    }

    /// An alarm in state OK.
    async fn alarm(&self, kind: &str) -> String {
        let name = format!("{}-{kind}", self.name());
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

    /// An alarm on logs in state OK.
    async fn log_alarm(&self, kind: &str) -> String {
        let name = format!("{}-{kind}", self.name());
        let alarm = json!({
            "AlarmName": name,
            "ScheduledQueryConfiguration": {"QueryString": "filter @message like /ERROR/ | stats count(*)"},
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        });
        client().await.put_log_alarm(&alarm).await.or_stop("PutLogAlarm");
        self.set(&name, "OK").await;
        name
    }

    /// Sets an alarm's state.
    async fn set(&self, alarm: &str, state: &str) {
        client().await.set_alarm_state(alarm, state, "the story says so").await.or_stop("SetAlarmState");
    }

    /// A hook function with this Python body of `handler(event, context)`; returns its name.
    async fn hook(&self, kind: &str, body: &str) -> String {
        let name = format!("CodeDeployHook_{}-{kind}", self.name());
        let indented: String = body.lines().map(|line| format!("    {line}\n")).collect();
        let code = format!("import json, os, time\nimport boto3\n\ndef handler(event, context):\n{indented}");
        local::sample::create_function(&client().await, &name, &code, &json!({"Timeout": 30}))
            .await
            .or_stop("the hook function");
        name
    }
}

/// A deployment.
pub struct Deployment<T> {
    /// Its id.
    pub id: String,
    /// What it moves.
    pub app: T,
}

impl<T: Subject> Deployment<T> {
    /// Everything known about it.
    pub async fn describe(&self) -> DeploymentView {
        ours::describe(&self.id).await
    }

    /// Waits until something is so.
    pub async fn until(&self, wanted: &str, is: impl Fn(&DeploymentView) -> bool) -> DeploymentView {
        match eventually(async || ours::find(&self.id).await.filter(&is)).await {
            Some(view) => view,
            None => crate::stop(&format!("{} never got to: {wanted}; it is {:#?}", self.id, self.describe().await)),
        }
    }

    /// Waits until so much of the traffic is on the new version.
    pub async fn until_weight(&self, percent: u8) {
        self.until(&format!("{percent} %"), |view| view.weight() >= Some(percent)).await;
    }

    /// Waits until it is over, and holds what promise P1 says of every end: the traffic is on exactly one version, was
    /// explicitly left or is divided by somebody else's hand, the record is final, the lock is free and no alarm watches any
    /// more.
    pub async fn ended(&self) -> DeploymentView {
        let view = self.until("its end", |view| view.outcome.is_some()).await;
        let traffic = self.app.traffic().await;
        let left = view.leftover.is_some() || view.code() == "DRIFT";
        if view.outcome == Some(Outcome::Unresolved) {
            assert_eq!(self.app.lock_owner().await.as_ref(), Some(&self.id), "unresolved, so the lock stays");
        } else {
            assert!(left || !T::is_split(&traffic), "the traffic is split: {traffic}\n{view:#?}");
            assert_ne!(self.app.lock_owner().await.as_ref(), Some(&self.id), "the lock is free");
            for alarm in view.alarms.iter().map(|alarm| &alarm.name) {
                let watch = item(&format!("ALARM#{alarm}"), &format!("DEPLOYMENT#{}", self.id)).await;
                assert_eq!(watch, None, "the alarm {alarm} is still watched");
            }
        }
        view
    }

    /// Waits until it is over; `outcome`, then the error's code.
    pub async fn outcome(&self) -> (String, String) {
        let view = self.ended().await;
        let outcome = view.outcome.map(|outcome| outcome.to_string());
        (outcome.unwrap_or_default(), view.code().to_owned())
    }

    /// Stops it as a user does.
    pub async fn stop(&self, rollback: Option<bool>) {
        let order = StopDeploymentInput { deployment_id: Some(self.id.clone()), auto_rollback_enabled: rollback };
        call("CodeDeploy_20141006.StopDeployment", &json!(order)).await;
    }

    /// The history of its execution.
    pub async fn history(&self) -> Vec<Value> {
        client().await.execution_history(&execution(T::MACHINE, &self.id).await).await.or_stop("the history")
    }

    /// The states its execution has entered, in order; of two branches, as they came.
    pub async fn entered(&self) -> Vec<String> {
        let history = self.history().await;
        let name = |event: &Value| Some(event["stateEnteredEventDetails"]["name"].as_str()?.to_owned());
        history.iter().filter_map(name).collect()
    }

    /// Waits until its execution has entered a state.
    pub async fn until_state(&self, state: &str) {
        if eventually(async || self.entered().await.into_iter().find(|entered| entered == state)).await.is_none() {
            crate::stop(&format!("{} never got to {state}: {:?}", self.id, self.entered().await));
        }
    }

    /// A user lets it go on.
    pub async fn go_on(&self, wait: &str) {
        let named = json!({"deploymentId": self.id, "deploymentWaitType": wait});
        call("CodeDeploy_20141006.ContinueDeployment", &named).await;
    }

    /// Waits until its execution is over, and gives its status.
    pub async fn execution_status(&self) -> String {
        let arn = execution(T::MACHINE, &self.id).await;
        let status = eventually(async || {
            let seen = client().await.describe_execution(&arn).await.or_stop("DescribeExecution");
            seen["status"].as_str().filter(|status| *status != "RUNNING").map(str::to_owned)
        });
        status.await.or_stop("the execution never ends")
    }
}
