//! A request to a load balancer as `AWS/ApplicationELB` counts it.

use super::dimensions::Dimensions;

pub(super) const NAMESPACE: &str = "AWS/ApplicationELB";
pub(super) const RESPONSE_TIME: &str = "TargetResponseTime";
pub(super) const METRICS: [&str; 9] = [
    "RequestCount",
    "HTTPCode_Target_2XX_Count",
    "HTTPCode_Target_3XX_Count",
    "HTTPCode_Target_4XX_Count",
    "HTTPCode_Target_5XX_Count",
    "HTTPCode_ELB_4XX_Count",
    "HTTPCode_ELB_5XX_Count",
    "HTTP_Fixed_Response_Count",
    RESPONSE_TIME,
];

/// One request to a load balancer.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Seconds since 1970.
    pub(crate) at: f64,
    /// `app/name/id`.
    pub(crate) load_balancer: String,
    /// `targetgroup/name/id`; `None` where no group was chosen.
    pub(crate) target_group: Option<String>,
    /// Whether a target answered, and not the load balancer in its place.
    pub(crate) by_target: bool,
    pub(crate) status: u16,
    pub(crate) seconds: f64,
}

impl Request {
    /// As AWS reports them: codes that did not come up have no data, which is not the same as 0.
    pub(super) fn value(&self, metric: &str) -> Option<f64> {
        let counted = match metric {
            "RequestCount" => self.target_group.is_some(),
            RESPONSE_TIME => return self.by_target.then_some(self.seconds),
            "HTTP_Fixed_Response_Count" => self.target_group.is_none(),
            _ => {
                let (by_target, class) = match metric.strip_prefix("HTTPCode_Target_") {
                    Some(class) => (true, class),
                    None => (false, metric.strip_prefix("HTTPCode_ELB_")?),
                };
                // What a rule answers by itself is neither the target's nor the load balancer's doing.
                let by_balancer = !self.by_target && self.target_group.is_some();
                (if by_target { self.by_target } else { by_balancer })
                    && class == format!("{}XX_Count", self.status / 100)
            }
        };
        counted.then_some(1.0)
    }

    pub(super) fn all(&self) -> Dimensions<'_> {
        let balancer = ("LoadBalancer", self.load_balancer.as_str());
        let group = self.target_group.as_deref().map(|group| ("TargetGroup", group));
        [balancer].into_iter().chain(group).collect()
    }

    pub(super) fn dimensions(&self) -> Vec<Dimensions<'_>> {
        let all = self.all();
        if all.len() == 1 { vec![all] } else { vec![all[..1].to_vec(), all] }
    }
}
