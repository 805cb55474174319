//! The load balancer: listeners whose rules forward to target groups, by weights.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollout::ids::{ListenerArn, RouteId, TargetGroupArn};
use rollout::service::live::{Listener, TargetGroup};

#[derive(Debug, Default)]
pub(crate) struct Balancers {
    /// By name.
    pub(crate) groups: BTreeMap<String, TargetGroup>,
    pub(crate) listeners: BTreeMap<ListenerArn, Listener>,
    pub(crate) written: Vec<Divided>,
}

/// One accepted write of a place where a listener forwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divided {
    /// When.
    pub at: Timestamp,
    /// The place, by the last part of its ARN.
    pub route: String,
    /// Where it forwards since, by the names of target groups, with their weights; nothing: it was deleted.
    pub to: Vec<(String, u32)>,
    /// Whether it was one of our steps.
    pub ours: bool,
}

impl Balancers {
    /// Whether a target group has a place on any listener, also with no weight: only then the load balancer looks at its
    /// targets.
    pub(crate) fn in_use(&self, group: &TargetGroupArn) -> bool {
        let mut routes = self.listeners.values().flat_map(|listener| &listener.routes);
        routes.any(|route| route.forwards.iter().any(|(forward, _)| forward == group))
    }
}

/// What a place is called in stories.
pub(crate) fn short(route: &RouteId) -> &str {
    route.as_str().rsplit('/').next().unwrap_or_default()
}

pub(crate) fn named(forwards: &[(TargetGroupArn, u32)]) -> Vec<(String, u32)> {
    forwards.iter().map(|(group, weight)| (group.name().to_owned(), *weight)).collect()
}

/// A division in a line of the story: `web-blue 90, web-green 10`.
pub(crate) fn told(forwards: &[(String, u32)]) -> String {
    let parts: Vec<String> = forwards.iter().map(|(group, weight)| format!("{group} {weight}")).collect();
    parts.join(", ")
}
