//! A running deployment as a story sees it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::OrStop;
use crate::app::App;
use crate::stack::{call, client, execution};

/// A deployment.
pub struct Deployment {
    /// Its id.
    pub id: String,
    /// The function it moves.
    pub app: App,
}

/// How often a story looks before it gives up, and how long it waits in between. Bounds a story; asserts nothing.
const LOOKS: u32 = 1_800;
const BETWEEN: Duration = Duration::from_millis(50);

impl Deployment {
    /// Everything known about it.
    pub async fn describe(&self) -> Value {
        call("Tideshift.DescribeDeployment", &json!({"deploymentId": self.id})).await
    }

    /// Waits until something is so.
    pub async fn until(&self, wanted: &str, is: impl Fn(&Value) -> bool) -> Value {
        let mut view = Value::Null;
        for _ in 0..LOOKS {
            view = self.describe().await;
            if is(&view) {
                return view;
            }
            tokio::time::sleep(BETWEEN).await;
        }
        crate::stop(&format!("{} never got to: {wanted}; it is {view:#}", self.id))
    }

    /// Waits until so much of the traffic is on the new version.
    pub async fn until_weight(&self, percent: u64) {
        self.until(&format!("{percent} %"), |view| view["progress"]["weight"].as_u64() >= Some(percent)).await;
    }

    /// Waits until it is over, and holds what promise P1 says of every end: the traffic is on exactly one version or was
    /// explicitly left, the record is final, the lock is free and no alarm watches any more.
    pub async fn ended(&self) -> Value {
        let view = self.until("its end", |view| !view["outcome"].is_null()).await;
        let alias = self.app.alias().await;
        let left = view["leftover"].is_object();
        if view["outcome"] == "Unresolved" {
            assert_eq!(self.app.lock_owner().await.as_ref(), Some(&self.id), "unresolved, so the lock stays");
        } else {
            assert!(left || !alias.contains(':'), "the alias is split: {alias}\n{view:#}");
            assert_ne!(self.app.lock_owner().await.as_ref(), Some(&self.id), "the lock is free");
        }
        view
    }

    /// Waits until it is over; `outcome`, then the error's code.
    pub async fn outcome(&self) -> (String, String) {
        let view = self.ended().await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&view["outcome"]), text(&view["error"]["code"]))
    }

    /// Stops it as a user does.
    pub async fn stop(&self, rollback: Option<bool>) {
        let mut body = json!({"deploymentId": self.id});
        if let Some(rollback) = rollback {
            body["autoRollbackEnabled"] = rollback.into();
        }
        call("CodeDeploy_20141006.StopDeployment", &body).await;
    }

    /// The history of its execution.
    pub async fn history(&self) -> Vec<Value> {
        client().await.execution_history(&execution(&self.id).await).await.or_stop("the history")
    }

    /// Waits until its execution is over, and gives its status.
    pub async fn execution_status(&self) -> String {
        let arn = execution(&self.id).await;
        for _ in 0..LOOKS {
            let status = client().await.describe_execution(&arn).await.or_stop("DescribeExecution")["status"].clone();
            if status != "RUNNING" {
                return status.as_str().unwrap_or_default().to_owned();
            }
            tokio::time::sleep(BETWEEN).await;
        }
        crate::stop("the execution never ends")
    }
}
