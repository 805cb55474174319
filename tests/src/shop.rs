//! A service of a story's own, behind a load balancer of its own.

use std::sync::atomic::{AtomicU32, Ordering};

use codedeploy::view::{DeploymentView, Outcome};
use local::faults::{Fault, Rule};
use local::observed::ListenerWrite;
use local::sample::service::{PRODUCTION_PORT, ServiceSample, create_network_service_sample, create_service_sample};
use serde_json::{Value, json};

use crate::deploy::Deploy;
use crate::deployment::{Deployment, Subject};
use crate::ours::Told as _;
use crate::stack::{client, stack};
use crate::{OrStop, eventually};

/// The sample service: revision 1 is in production, 2 is good, 3 fails 30 % of its requests, and 4 is never
/// steady.
#[derive(Debug, Clone)]
pub struct Shop {
    /// What it is made of.
    pub sample: ServiceSample,
}

impl Shop {
    /// Makes one nobody else uses, and waits until it is steady.
    pub async fn new() -> Self {
        let sample = create_service_sample(&client().await, &name().await).await;
        Self { sample: sample.or_stop("the sample service") }.steady().await
    }

    /// The same behind a Network Load Balancer.
    pub async fn on_network() -> Self {
        let sample = create_network_service_sample(&client().await, &name().await).await;
        Self { sample: sample.or_stop("the sample service") }.steady().await
    }

    async fn steady(self) -> Self {
        self.until("steady", |sets| sets.iter().all(|set| set["stabilityStatus"] == "STEADY_STATE")).await;
        self
    }

    /// The revisions that answer so many requests to the production listener, one by one.
    pub async fn answers(&self, requests: usize) -> Vec<String> {
        let client = client().await;
        let mut answers = Vec::new();
        for _ in 0..requests {
            let page = client.visit(&self.sample.name, PRODUCTION_PORT, "/", &[]).await.or_stop("an answer");
            let revision = page.task_definition.as_deref().and_then(|name| name.rsplit(':').next());
            answers.push(revision.unwrap_or("nobody").to_owned());
        }
        answers
    }

    /// Waits until its task sets are so.
    pub async fn until(&self, wanted: &str, is: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        match eventually(async || Some(self.task_sets().await).filter(|sets| is(sets))).await {
            Some(sets) => sets,
            None => crate::stop(&format!("{} never got {wanted}: {:?}", self.sample.name, self.task_sets().await)),
        }
    }

    /// Its task sets that are not draining, as ECS describes them.
    pub async fn task_sets(&self) -> Vec<Value> {
        let input = json!({"cluster": self.sample.cluster, "services": [self.sample.service]});
        let answer = client().await.ecs("DescribeServices", &input).await.or_stop("DescribeServices");
        let sets = answer["services"][0]["taskSets"].as_array().cloned().unwrap_or_default();
        sets.into_iter().filter(|set| set["status"] != "DRAINING").collect()
    }

    /// The revisions its task sets run, the primary one first, such as `["2", "1"]`.
    pub async fn revisions(&self) -> Vec<String> {
        let mut sets = self.task_sets().await;
        sets.sort_by_key(|set| set["status"] != "PRIMARY");
        let revision = |set: &Value| set["taskDefinition"].as_str()?.rsplit(':').next().map(str::to_owned);
        sets.iter().filter_map(revision).collect()
    }

    /// A task definition as it would be registered anew.
    pub async fn task_definition(&self, revision: u32) -> Value {
        let wanted = json!({"taskDefinition": self.sample.definition(revision)});
        let found = client().await.ecs("DescribeTaskDefinition", &wanted).await.or_stop("DescribeTaskDefinition");
        let members = [
            "family",
            "networkMode",
            "requiresCompatibilities",
            "cpu",
            "memory",
            "executionRoleArn",
            "containerDefinitions",
        ];
        let mut kept = found["taskDefinition"].clone();
        if let Some(kept) = kept.as_object_mut() {
            kept.retain(|member, _| members.contains(&member.as_str()));
        }
        kept
    }

    /// Something that goes wrong with a call about this service by one of our functions, named as AWS names the call.
    pub fn fault(&self, operation: &str, by: &str, fault: Fault) -> Rule {
        match operation {
            "ModifyListener" | "ModifyRule" | "DescribeListeners" => {
                Rule::on("elasticloadbalancing", operation, fault).by(by).with_body(&format!("{}%2F", self.name()))
            }
            _ => Rule::on("ecs", operation, fault).by(by).with_body(&format!("\"{}\"", self.name())),
        }
    }

    /// Everything is as if nobody had deployed.
    pub async fn is_untouched(&self) {
        assert_eq!(self.traffic().await, "blue");
        assert_eq!(self.listener(&self.sample.test_listener).await, "blue");
        assert_eq!(self.revisions().await, ["1"], "no other task set is left");
        assert_eq!(self.task_sets().await[0]["status"], "PRIMARY");
    }

    /// What a listener or a rule does, in full.
    pub async fn place(&self, arn: &str) -> Value {
        let (operation, member, list) = match arn.contains(":listener-rule/") {
            true => ("DescribeRules", "RuleArns.member.1", "Rules"),
            false => ("DescribeListeners", "ListenerArns.member.1", "Listeners"),
        };
        let mut answer = client().await.elb(operation, &[(member, arn)]).await.or_stop(operation);
        answer[list][0].take()
    }

    /// Has a listener or rule do something else, as somebody else would: its actions, as the query protocol has them.
    pub async fn point(&self, arn: &str, actions: &[(&str, &str)]) {
        let (operation, member, prefix) = match arn.contains(":listener-rule/") {
            true => ("ModifyRule", "RuleArn", "Actions"),
            false => ("ModifyListener", "ListenerArn", "DefaultActions"),
        };
        let named: Vec<_> = actions.iter().map(|(name, value)| (format!("{prefix}.member.{name}"), *value)).collect();
        let mut parameters = vec![(member, arn)];
        parameters.extend(named.iter().map(|(name, value)| (name.as_str(), *value)));
        client().await.elb(operation, &parameters).await.or_stop(operation);
    }

    /// Has a listener or rule forward by these weights on blue and green, as somebody else would.
    pub async fn weigh(&self, arn: &str, blue: &str, green: &str) {
        let group = |number: u32, member: &str| format!("1.ForwardConfig.TargetGroups.member.{number}.{member}");
        let names = [(1, "TargetGroupArn"), (1, "Weight"), (2, "TargetGroupArn"), (2, "Weight")];
        let names = names.map(|(number, member)| group(number, member));
        let values = [self.sample.blue.as_str(), blue, self.sample.green.as_str(), green];
        let mut actions = vec![("1.Type", "forward")];
        actions.extend(names.iter().map(String::as_str).zip(values));
        self.point(arn, &actions).await;
    }

    /// How a listener's default action and its rule for `/api/*` divide their traffic: `blue`, `green`, or
    /// `blue:90 green:10`; both, where they differ.
    pub async fn listener(&self, listener: &str) -> String {
        let mut shown = vec![self.shown(&self.place(listener).await["DefaultActions"])];
        if listener == self.sample.production_listener && !self.sample.api_rule.is_empty() {
            shown.push(self.shown(&self.place(&self.sample.api_rule).await["Actions"]));
        }
        // A place that somebody made do something else divides nothing.
        shown.retain(|place| !place.is_empty());
        shown.dedup();
        shown.join(" and ")
    }

    /// What functions of ours wrote to the listeners and the rule, in order, such as `test by test-traffic: green:1` and
    /// `api by shift: blue:90 green:10`.
    pub async fn writes(&self) -> Vec<String> {
        let sample = &self.sample;
        let places =
            [("prod", &sample.production_listener), ("test", &sample.test_listener), ("api", &sample.api_rule)];
        let shown = |write: ListenerWrite| {
            let (place, _) = places.iter().find(|(_, arn)| **arn == write.resource)?;
            let caller = write.caller?;
            let mut groups: Vec<_> = write.weights.iter().map(|(arn, weight)| (self.group(arn), weight)).collect();
            groups.sort();
            let groups: Vec<_> = groups.iter().map(|(group, weight)| format!("{group}:{weight}")).collect();
            Some(format!("{place} by {}: {}", caller.trim_start_matches("tideshift-"), groups.join(" ")))
        };
        stack().await.observed().listener_writes().into_iter().filter_map(shown).collect()
    }

    /// Waits until this is the last write to the listener of production.
    pub async fn until_written(&self, wanted: &str) {
        let last = async || self.writes().await.into_iter().rfind(|write| write.starts_with("prod "));
        if eventually(async || last().await.filter(|last| last == wanted)).await.is_none() {
            crate::stop(&format!("the last write never is {wanted}: {:#?}", self.writes().await));
        }
    }

    fn shown(&self, actions: &Value) -> String {
        let forwards = actions.as_array().into_iter().flatten().filter(|action| action["Type"] == "forward");
        let mut weighed = Vec::new();
        for action in forwards {
            for group in action["ForwardConfig"]["TargetGroups"].as_array().into_iter().flatten() {
                let weight = &group["Weight"];
                let weight = weight.as_u64().or_else(|| weight.as_str()?.parse().ok()).unwrap_or(1);
                weighed.push((self.group(group["TargetGroupArn"].as_str().unwrap_or_default()), weight));
            }
            if weighed.is_empty() {
                weighed.push((self.group(action["TargetGroupArn"].as_str().unwrap_or_default()), 1));
            }
        }
        weighed.retain(|(_, weight)| *weight > 0);
        match &weighed[..] {
            [(only, _)] => only.clone(),
            more => more.iter().map(|(group, weight)| format!("{group}:{weight}")).collect::<Vec<_>>().join(" "),
        }
    }

    fn group(&self, arn: &str) -> String {
        match arn {
            arn if arn == self.sample.blue => "blue".to_owned(),
            arn if arn == self.sample.green => "green".to_owned(),
            other => other.to_owned(),
        }
    }

    /// A deployment of a revision of its task definition, which names the service itself.
    pub fn to(&self, revision: u32) -> Deploy<Self> {
        let mut spec = self.sample.appspec(revision);
        spec["Service"] = self.sample.place();
        Deploy::new(self.clone(), spec)
    }
}

impl Deployment<Shop> {
    /// It ends by this error, with everything as if nobody had deployed.
    pub async fn rolled_back(&self, code: &str) -> DeploymentView {
        let view = self.ended().await;
        assert_eq!(view.end(), (Some(Outcome::RolledBack), code), "{view:#?}");
        self.app.is_untouched().await;
        view
    }
}

async fn name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    stack().await;
    format!("web-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Subject for Shop {
    const MACHINE: &'static str = "ecs";

    fn name(&self) -> &str {
        &self.sample.name
    }

    fn lock(&self) -> String {
        format!("ecs:{}/{}", local::sample::service::CLUSTER, self.sample.name)
    }

    async fn traffic(&self) -> String {
        self.listener(&self.sample.production_listener).await
    }

    fn is_split(traffic: &str) -> bool {
        traffic.contains(' ')
    }
}
