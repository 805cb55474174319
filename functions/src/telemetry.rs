//! Logs as JSON lines, and alerts as metrics inside them (CloudWatch's embedded metric format).

use std::io::{self, Write};

use codedeploy::text::in_json;
use rollout::ids::DeploymentId;
use serde_json::json;
use steps::ports::{Alert, Clock, RaiseAlerts};
use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The namespace of our metrics; template.yaml has alarms on them.
const NAMESPACE: &str = "Tideshift";

/// Starts logging: from `LOG_LEVEL` up, which is a level, also by target (`info,steps=debug`). Payloads are never logged: a
/// hook's holds secrets.
pub(crate) fn log() {
    let level = std::env::var("LOG_LEVEL").ok();
    let chosen = level.and_then(|level| level.parse().ok());
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .with_current_span(false)
        .with_span_list(false)
        // Lambda adds the time.
        .without_time()
        .with_writer(Lines::default);
    let chosen = chosen.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let told_already = filter_fn(|event| !is_told_already(event));
    tracing_subscriber::registry().with(lines.with_filter(told_already)).with(chosen).init();
}

/// Whether an event of the runtime says once more what [`crate::serve`] has said: it writes every error of a step as an ERROR of
/// its module for panics. A real panic has a field of its own.
fn is_told_already(event: &Metadata<'_>) -> bool {
    event.target() == "lambda_runtime::layers::panic" && event.fields().field("error").is_none()
}

/// Lines of JSON on stdout, in which nothing that strangers wrote breaks a line or turns it.
#[derive(Debug, Default)]
struct Lines;

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        io::stdout().write_all(in_json(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()
    }
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
