//! Logs as JSON lines, and alerts as metrics inside them (CloudWatch's embedded metric format).

use rollout::ids::DeploymentId;
use serde_json::json;
use steps::ports::{Alert, Clock, RaiseAlerts};
use tracing_subscriber::EnvFilter;

/// The namespace of our metrics; template.yaml has alarms on them.
const NAMESPACE: &str = "Tideshift";

/// Starts logging. Payloads are never logged: a hook's holds secrets.
pub(crate) fn log() {
    let filter = EnvFilter::try_from_env("LOG_LEVEL").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_current_span(false)
        .with_span_list(false)
        // Lambda adds the time.
        .without_time()
        .init();
}

/// Raises alerts where CloudWatch picks metrics out of the log.
pub(crate) struct Alerts {
    stack: String,
}

impl Alerts {
    pub(crate) fn new(stack: String) -> Self {
        Self { stack }
    }

    fn count(&self, metric: &str, deployment: &DeploymentId) {
        let line = json!({
            "_aws": {
                "Timestamp": aws::system::System.now().as_millisecond(),
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE,
                    "Dimensions": [["Stack"]],
                    "Metrics": [{"Name": metric, "Unit": "Count"}],
                }],
            },
            "Stack": self.stack,
            "deployment": deployment,
            metric: 1,
        });
        println!("{line}");
    }
}

impl RaiseAlerts for Alerts {
    fn raise(&self, alert: &Alert) {
        match alert {
            Alert::Unresolved { deployment, cannot } => {
                tracing::error!(%deployment, cannot, "unresolved: the traffic could not be put back, a person is needed");
                self.count("Unresolved", deployment);
            }
            Alert::DeadMansSwitch { deployment, attempt } => {
                tracing::error!(%deployment, attempt, "an execution died before its deployment was final; recovery starts");
                self.count("DeadMansSwitch", deployment);
            }
        }
    }
}
