//! Elastic Load Balancing: listeners, their rules and target groups.

use std::collections::BTreeSet;

use aws_config::retry::RetryConfig;
use aws_sdk_elasticloadbalancingv2::types::{Action, Rule, Tag, TargetHealthStateEnum};
use futures_util::future::{join, join_all};
use rollout::ids::{ListenerArn, RouteId, TargetGroupArn, TargetGroupName};
use rollout::routing::Routing;
use rollout::service::live::{Health, Listener, Route, TargetGroup};
use steps::ports::{PortError, ReadHealth, ReadListeners, ReadTargetGroups, WriteListeners};

use crate::account::Account;
use crate::account::TAG;
use crate::config::{WRITE, within};
use crate::failure::{found, port_error, unreadable};
use crate::forward;

/// The most rules a page has.
const PAGE: i32 = 400;

/// The most things whose tags are told at once.
const TAGGED_AT_ONCE: usize = 20;

impl Account {
    async fn described(
        &self,
        listener: &ListenerArn,
    ) -> Result<aws_sdk_elasticloadbalancingv2::types::Listener, PortError> {
        let read = self.load_balancers().describe_listeners().listener_arns(listener.as_str()).send().await;
        let read = read.map_err(|error| port_error("DescribeListeners", error))?;
        let first = read.listeners.unwrap_or_default().into_iter().next();
        first.ok_or_else(|| PortError::Missing(format!("DescribeListeners: {listener}")))
    }

    /// The rules of a listener beside its default one, whatever its load balancer is (docs/aws-realities.md 2.8). All of them, since to ask for some by
    /// name fails if one is gone.
    async fn rules(&self, listener: &ListenerArn) -> Result<Vec<Rule>, PortError> {
        let pages =
            self.load_balancers().describe_rules().listener_arn(listener.as_str()).page_size(PAGE).into_paginator();
        let rules = pages.items().send().try_collect().await.map_err(|error| port_error("DescribeRules", error))?;
        Ok(rules.into_iter().filter(|rule: &Rule| rule.is_default() != Some(true)).collect())
    }

    async fn write(&self, listener: &ListenerArn, route: &RouteId, actions: Vec<Action>) -> Result<(), PortError> {
        if is_default(listener, route) {
            let write =
                self.load_balancers().modify_listener().listener_arn(route.as_str()).set_default_actions(Some(actions));
            write
                .customize()
                .config_override(once())
                .send()
                .await
                .map(drop)
                .map_err(|error| port_error("ModifyListener", error))
        } else {
            let write = self.load_balancers().modify_rule().rule_arn(route.as_str()).set_actions(Some(actions));
            write
                .customize()
                .config_override(once())
                .send()
                .await
                .map(drop)
                .map_err(|error| port_error("ModifyRule", error))
        }
    }
}

/// A write is sent once: one that is not answered may arrive after the next, and only who hears of it can wait for it.
fn once() -> aws_sdk_elasticloadbalancingv2::config::Builder {
    aws_sdk_elasticloadbalancingv2::Config::builder().retry_config(RetryConfig::disabled())
}

/// Whether a route is what the listener does where no rule applies.
fn is_default(listener: &ListenerArn, route: &RouteId) -> bool {
    route.as_str() == listener.as_str()
}

fn route(call: &str, id: &str, actions: &[Action]) -> Result<Option<Route>, PortError> {
    let Some(forwards) = forward::forwards(call, actions)? else { return Ok(None) };
    let id = RouteId::parse(id).map_err(|error| unreadable(call, error))?;
    Ok(Some(Route { id, forwards, sticky: forward::sticky(actions) }))
}

impl ReadListeners for Account {
    async fn listener(&self, listener: &ListenerArn) -> Result<Option<Listener>, PortError> {
        let (described, rules) = join(self.described(listener), self.rules(listener)).await;
        let Some(described) = found(described)? else { return Ok(None) };
        let Some(rules) = found(rules)? else { return Ok(None) };
        let default = route("DescribeListeners", listener.as_str(), described.default_actions())?;
        let mut routes: Vec<Route> = default.into_iter().collect();
        for rule in &rules {
            routes.extend(route("DescribeRules", rule.rule_arn().unwrap_or_default(), rule.actions())?);
        }
        Ok(Some(Listener { arn: listener.clone(), routes }))
    }
}

impl ReadHealth for Account {
    async fn health(&self, group: &TargetGroupArn) -> Result<Health, PortError> {
        let read = self.load_balancers().describe_target_health().target_group_arn(group.as_str()).send().await;
        let read = read.map_err(|error| port_error("DescribeTargetHealth", error))?;
        let mut health = Health::default();
        for target in read.target_health_descriptions() {
            match target.target_health().and_then(|health| health.state()) {
                Some(TargetHealthStateEnum::Draining | TargetHealthStateEnum::UnhealthyDraining) => continue,
                Some(TargetHealthStateEnum::Healthy) => health.healthy += 1,
                Some(TargetHealthStateEnum::Unused) => health.unused += 1,
                _ => {}
            }
            health.registered += 1;
        }
        Ok(health)
    }
}

impl ReadTargetGroups for Account {
    async fn target_group(&self, group: &TargetGroupName) -> Result<Option<TargetGroup>, PortError> {
        const CALL: &str = "DescribeTargetGroups";
        let ask = self.load_balancers().describe_target_groups();
        let ask = match TargetGroupArn::parse(group.as_str()) {
            Ok(arn) => ask.target_group_arns(arn.as_str()),
            Err(_) => ask.names(group.as_str()),
        };
        let read = found(ask.send().await.map_err(|error| port_error(CALL, error)))?;
        let Some(read) = read.as_ref().and_then(|read| read.target_groups().first()) else { return Ok(None) };
        let arn = TargetGroupArn::parse(read.target_group_arn().unwrap_or_default())
            .map_err(|error| unreadable(CALL, error))?;
        let kind = read.target_type().map_or("instance", |kind| kind.as_str()).to_owned();
        let attributes =
            self.load_balancers().describe_target_group_attributes().target_group_arn(arn.as_str()).send().await;
        let Some(attributes) = found(attributes.map_err(|error| port_error("DescribeTargetGroupAttributes", error)))?
        else {
            return Ok(None);
        };
        let sticky = attributes
            .attributes()
            .iter()
            .any(|attribute| attribute.key() == Some("stickiness.enabled") && attribute.value() == Some("true"));
        Ok(Some(TargetGroup { arn, kind, sticky }))
    }

    async fn tagged(&self, routes: &[RouteId]) -> Result<BTreeSet<RouteId>, PortError> {
        const CALL: &str = "DescribeTags";
        let mut tagged = BTreeSet::new();
        for some in routes.chunks(TAGGED_AT_ONCE) {
            let arns = some.iter().map(|route| route.as_str().to_owned()).collect();
            let read = match self.load_balancers().describe_tags().set_resource_arns(Some(arns)).send().await {
                Ok(read) => read,
                Err(error) => match port_error(CALL, error) {
                    // It was there a moment ago: the next look finds what there is now.
                    PortError::Missing(message) => return Err(PortError::Conflict(message)),
                    error => return Err(error),
                },
            };
            for told in read.tag_descriptions() {
                let enabled = |tag: &Tag| (tag.key(), tag.value()) == (Some(TAG.0), Some(TAG.1));
                if told.tags().iter().any(enabled) {
                    let arn = told.resource_arn().unwrap_or_default();
                    tagged.insert(RouteId::parse(arn).map_err(|error| unreadable(CALL, error))?);
                }
            }
        }
        Ok(tagged)
    }
}

impl WriteListeners for Account {
    async fn route(
        &self,
        listener: &ListenerArn,
        routes: &[RouteId],
        pair: (&TargetGroupArn, &TargetGroupArn),
        to: &Routing,
    ) -> Result<(), PortError> {
        within(WRITE, "ModifyListener", self.divide(listener, routes, pair, to)).await
    }
}

impl Account {
    async fn divide(
        &self,
        listener: &ListenerArn,
        routes: &[RouteId],
        pair: (&TargetGroupArn, &TargetGroupArn),
        to: &Routing,
    ) -> Result<(), PortError> {
        let weights = forward::weights(pair, to)?;
        let default = async {
            match routes.iter().any(|route| is_default(listener, route)) {
                true => self.described(listener).await.map(|read| read.default_actions.unwrap_or_default()),
                false => Ok(Vec::new()),
            }
        };
        let rules = async {
            match routes.iter().all(|route| is_default(listener, route)) {
                true => Ok(Vec::new()),
                false => self.rules(listener).await,
            }
        };
        let (default, rules) = join(default, rules).await;
        let (default, rules) = (default.as_deref(), rules.as_deref());
        let actions = |route: &RouteId| {
            if is_default(listener, route) {
                return default.map_err(Clone::clone);
            }
            let rule = rules.map_err(Clone::clone)?.iter().find(|rule| rule.rule_arn() == Some(route.as_str()));
            rule.map(Rule::actions)
                .ok_or_else(|| PortError::Missing(format!("{listener} has no rule {route} any more")))
        };
        // All at once, since a rollback waits for the last of them; and each of them, whatever becomes of the others.
        let writes = routes.iter().map(|route| async move {
            match forward::divided(actions(route)?, pair, weights)? {
                Some(actions) => self.write(listener, route, actions).await,
                None => Ok(()),
            }
        });
        join_all(writes).await.into_iter().collect()
    }
}
