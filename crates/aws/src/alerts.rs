//! Alerts: a line in the log, and a metric inside another (CloudWatch's embedded metric format).

use rollout::ids::DeploymentId;
use serde_json::json;
use steps::ports::{Alert, Clock, RaiseAlerts};

use crate::account::Account;

/// The namespace of our metrics; template.yaml has alarms on them.
const NAMESPACE: &str = "Tideshift";

impl Account {
    fn count(&self, metric: &str, deployment: &DeploymentId) {
        let line = json!({
            "_aws": {
                "Timestamp": self.now().as_millisecond(),
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE,
                    "Dimensions": [["Stack"]],
                    "Metrics": [{"Name": metric, "Unit": "Count"}],
                }],
            },
            "Stack": self.stack.name,
            "deployment": deployment,
            metric: 1,
        });
        println!("{line}");
    }
}

impl RaiseAlerts for Account {
    fn raise(&self, alert: &Alert) {
        match alert {
            Alert::Unresolved { deployment, cannot } => {
                tracing::error!(%deployment, cannot, "unresolved: a person is needed");
                self.count("Unresolved", deployment);
            }
            Alert::DeadMansSwitch { deployment, attempt } => {
                tracing::error!(%deployment, attempt, "an execution died before its deployment was final; recovery starts");
                self.count("DeadMansSwitch", deployment);
            }
        }
    }
}
