//! What is known of load balancers and target groups: read from moto when it is first needed, and again after a write.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::probe::Probe;
use super::rule::Rule;
use crate::LocalError;
use crate::call::Call;
use crate::client::Client;
use crate::guarded::Guarded;
use crate::memory::Forgets;

/// A load balancer with what it does.
#[derive(Debug)]
pub(crate) struct Balancer {
    arn: String,
    listeners: Vec<Listener>,
}

#[derive(Debug)]
pub(super) struct Listener {
    port: u64,
    /// In the order they are tried.
    pub(super) rules: Vec<Rule>,
}

/// A target group.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// Whether a listener or rule of any load balancer has a place for it, be it with weight 0.
    pub(crate) in_use: bool,
    /// `ip`, `instance`, `lambda` or `alb`.
    pub(crate) target_type: String,
    /// How its targets are checked.
    pub(crate) probe: Probe,
}

/// What has been read of load balancers.
#[derive(Debug, Default)]
pub(crate) struct Balancers(Guarded<Book>);

#[derive(Debug, Default)]
struct Book {
    /// Counted up by every write, so that what was read before one is not kept after it.
    writes: u64,
    by_name: HashMap<String, Arc<Balancer>>,
    groups: Option<Arc<HashMap<String, Group>>>,
}

impl Forgets for Balancers {
    fn forget(&self) {
        let mut book = self.0.lock();
        book.writes += 1;
        book.groups = None;
        book.by_name.clear();
    }
}

impl Balancers {
    /// Forgets what a write may have changed.
    pub(crate) fn written(&self, call: &Call) {
        let named = ["ListenerArn", "RuleArn"].iter().find_map(|member| call.text(member)).and_then(name_in);
        let mut book = self.0.lock();
        book.writes += 1;
        book.groups = None;
        match named {
            Some(name) => {
                book.by_name.remove(name);
            }
            None => book.by_name.clear(),
        }
    }

    /// A load balancer by its name.
    pub(crate) async fn balancer(&self, moto: &Client, name: &str) -> Result<Arc<Balancer>, LocalError> {
        let writes = {
            let book = self.0.lock();
            if let Some(known) = book.by_name.get(name) {
                return Ok(Arc::clone(known));
            }
            book.writes
        };
        let read = Arc::new(read(moto, name).await?);
        let mut book = self.0.lock();
        if book.writes == writes {
            book.by_name.insert(name.to_owned(), Arc::clone(&read));
        }
        Ok(read)
    }

    /// All target groups by their ARNs.
    pub(crate) async fn groups(&self, moto: &Client) -> Result<Arc<HashMap<String, Group>>, LocalError> {
        let writes = {
            let book = self.0.lock();
            if let Some(known) = &book.groups {
                return Ok(Arc::clone(known));
            }
            book.writes
        };
        let found = moto.elb("DescribeTargetGroups", &[]).await?;
        let groups = found["TargetGroups"].as_array().into_iter().flatten();
        let read = groups.map(|group| (text(&group["TargetGroupArn"]), Group::read(group)));
        let read = Arc::new(read.collect::<HashMap<_, _>>());
        let mut book = self.0.lock();
        if book.writes == writes {
            book.groups = Some(Arc::clone(&read));
        }
        Ok(read)
    }
}

impl Balancer {
    pub(super) fn listener(&self, port: &str) -> Option<&Listener> {
        self.listeners.iter().find(|listener| listener.port.to_string() == port)
    }

    /// As metrics name it: `app/name/id`.
    pub(super) fn dimension(&self) -> &str {
        self.arn.split_once(":loadbalancer/").map_or(&self.arn, |(_, rest)| rest)
    }
}

impl Group {
    fn read(group: &Value) -> Self {
        Self {
            in_use: group["LoadBalancerArns"].as_array().is_some_and(|arns| !arns.is_empty()),
            target_type: text(&group["TargetType"]),
            probe: Probe {
                path: group["HealthCheckPath"].as_str().unwrap_or("/").to_owned(),
                codes: group["Matcher"]["HttpCode"].as_str().unwrap_or("200").to_owned(),
            },
        }
    }
}

async fn read(moto: &Client, name: &str) -> Result<Balancer, LocalError> {
    let found = moto.elb("DescribeLoadBalancers", &[("Names.member.1", name)]).await?;
    let arn = text(&found["LoadBalancers"][0]["LoadBalancerArn"]);
    let mut listeners = Vec::new();
    let found = moto.elb("DescribeListeners", &[("LoadBalancerArn", &arn)]).await?;
    for listener in found["Listeners"].as_array().into_iter().flatten() {
        let its = listener["ListenerArn"].as_str().unwrap_or_default();
        let found = moto.elb("DescribeRules", &[("ListenerArn", its), ("PageSize", "400")]).await?;
        let mut rules = found["Rules"].as_array().into_iter().flatten().map(Rule::read).collect::<Vec<_>>();
        rules.sort_by_key(|rule| rule.priority);
        listeners.push(Listener { port: listener["Port"].as_u64().unwrap_or_default(), rules });
    }
    Ok(Balancer { arn, listeners })
}

/// The load balancer's name in the ARN of a listener or rule: `…:listener/app/<name>/…`.
fn name_in(arn: &str) -> Option<&str> {
    arn.split('/').nth(2)
}

/// As metrics name a target group: `targetgroup/name/id`.
pub(super) fn group_dimension(arn: &str) -> String {
    arn.rsplit(':').next().unwrap_or(arn).to_owned()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Balancer, Group, group_dimension, name_in};

    #[test]
    fn metrics_name_load_balancers_and_target_groups_by_the_ends_of_their_arns() {
        let arn = |rest: &str| format!("arn:aws:elasticloadbalancing:us-east-1:123456789012:{rest}");
        let balancer = Balancer { arn: arn("loadbalancer/app/shop/1f"), listeners: Vec::new() };
        assert_eq!(balancer.dimension(), "app/shop/1f");
        assert_eq!(group_dimension(&arn("targetgroup/shop-blue/2e")), "targetgroup/shop-blue/2e");
        assert_eq!(name_in(&arn("listener-rule/app/shop/1f/3d/4c")), Some("shop"));
    }

    #[test]
    fn a_group_is_in_use_while_a_load_balancer_has_a_place_for_it() {
        assert!(Group::read(&json!({ "LoadBalancerArns": ["arn"] })).in_use);
        assert!(!Group::read(&json!({ "LoadBalancerArns": [] })).in_use);
        assert!(!Group::read(&json!({})).in_use);
    }
}
