//! Target health, and writes: what is known may be over after one, and tests look at what it said.

use std::sync::Arc;

use super::book::Balancers;
use super::health::{Targets, describe};
use super::written::listener_write;
use crate::call::Call;
use crate::client::Client;
use crate::http::Answer;
use crate::observed::Observed;
use crate::service::{Answering, Service};

/// As IAM and signatures name it.
pub(crate) const SERVICE: &str = "elasticloadbalancing";

/// Elastic Load Balancing's API.
pub(crate) struct Elb {
    pub(crate) moto: Client,
    pub(crate) balancers: Arc<Balancers>,
    pub(crate) targets: Arc<dyn Targets>,
    pub(crate) observed: Arc<Observed>,
}

impl Service for Elb {
    fn claims(&self, call: &Call) -> bool {
        call.service == SERVICE && (call.operation == "DescribeTargetHealth" || !call.reads())
    }

    fn answer(&self, call: Call) -> Answering<'_> {
        Box::pin(async move {
            match call.operation.as_str() {
                "DescribeTargetHealth" => self.target_health(call).await,
                _ => self.write(&call).await,
            }
        })
    }
}

impl Elb {
    async fn write(&self, call: &Call) -> Answer {
        let answer = self.moto.pass(call.request.clone()).await;
        self.balancers.written(call);
        if answer.status.is_success()
            && let Some(seen) = listener_write(call)
        {
            self.observed.listener_write(seen);
        }
        answer
    }

    /// Targets by address are tasks; others are whatever moto was told.
    async fn target_health(&self, call: Call) -> Answer {
        let groups = match self.balancers.groups(&self.moto).await {
            Ok(groups) => groups,
            Err(error) => return Answer::of(&error),
        };
        let arn = call.text("TargetGroupArn").unwrap_or_default();
        match groups.get(arn) {
            Some(group) if group.target_type == "ip" => describe(&call, group, &self.targets.behind(arn)),
            _ => self.moto.pass(call.request).await,
        }
    }
}
