//! A service of a story's own, behind a load balancer of its own.

use std::sync::atomic::{AtomicU32, Ordering};

use local::observed::ListenerWrite;
use local::sample::service::{
    CONTAINER, CONTAINER_PORT, PRODUCTION_PORT, ServiceSample, create_network_service_sample, create_service_sample,
};
use serde_json::{Value, json};

use crate::OrStop;
use crate::deploy::Deploy;
use crate::deployment::Subject;
use crate::stack::{client, stack};

/// The sample service: revision 1 is in production, 2 is good, 3 fails 30 % of its requests, 4 is never steady, and the
/// tasks of 5 die after a while.
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
        for _ in 0..1_200 {
            let sets = self.task_sets().await;
            if is(&sets) {
                return sets;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        crate::stop(&format!("{} never got {wanted}: {:?}", self.sample.name, self.task_sets().await))
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

    /// How a listener's default action and its rule for `/api/*` divide their traffic: `blue`, `green`, or
    /// `blue:90 green:10`; both, where they differ.
    pub async fn listener(&self, listener: &str) -> String {
        let client = client().await;
        let parameters = [("ListenerArns.member.1", listener)];
        let answer = client.elb("DescribeListeners", &parameters).await.or_stop("DescribeListeners");
        let mut shown = vec![self.shown(&answer["Listeners"][0]["DefaultActions"])];
        if listener == self.sample.production_listener && !self.sample.api_rule.is_empty() {
            let parameters = [("RuleArns.member.1", self.sample.api_rule.as_str())];
            let answer = client.elb("DescribeRules", &parameters).await.or_stop("DescribeRules");
            shown.push(self.shown(&answer["Rules"][0]["Actions"]));
        }
        // A place that somebody made do something else divides nothing.
        shown.retain(|place| !place.is_empty());
        shown.dedup();
        shown.join(" and ")
    }

    /// What functions of ours wrote to a listener or rule, in order, such as `shift: blue:90 green:10`.
    pub async fn writes(&self, to: &str) -> Vec<String> {
        let writes = stack().await.observed().listener_writes().into_iter().filter(|write| write.resource == to);
        let shown = |write: ListenerWrite| {
            let caller = write.caller?;
            let mut groups: Vec<_> = write.weights.iter().map(|(arn, weight)| (self.group(arn), weight)).collect();
            groups.sort();
            let groups: Vec<_> = groups.iter().map(|(group, weight)| format!("{group}:{weight}")).collect();
            Some(format!("{}: {}", caller.trim_start_matches("tideshift-"), groups.join(" ")))
        };
        writes.filter_map(shown).collect()
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
        let mut spec = self.spec(revision);
        spec["Service"] = json!({
            "Cluster": self.sample.cluster,
            "Name": self.sample.name,
            "TargetGroups": [self.sample.blue, self.sample.green],
            "ProdListener": self.sample.production_listener,
            "TestListener": self.sample.test_listener,
        });
        Deploy::new(self.clone(), spec)
    }

    /// The AppSpec of a revision, as CodeDeploy has it: the service is the deployment group's.
    pub fn spec(&self, revision: u32) -> Value {
        json!({
            "version": 0.0,
            "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": {
                "TaskDefinition": self.sample.definition(revision),
                "LoadBalancerInfo": {"ContainerName": CONTAINER, "ContainerPort": CONTAINER_PORT},
            }}}],
        })
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
