//! Deployments to the service `web` of the cluster `shop`: what a test says, and how it ends.

mod api;
mod breakage;
mod drift;
mod failures;
mod hooks;
mod late;
mod left;
mod outages;
mod overtaken;
pub(crate) mod promises;
mod races;
mod refusals;
mod rollouts;
mod starts;
pub(crate) mod stories;
mod tested;
mod waits;

use expect_test::Expect;
use fakes::{Schedule, Simulation, World, shop};
use rollout::deployment::Phase;
use rollout::ids::DeploymentId;
use serde_json::{Value, json};

use crate::client;
use crate::story;

/// A deployment to `web`, of `web:2`, with a group of the application `shop`.
#[derive(Clone)]
pub(crate) struct Deploy {
    revision: u64,
    strategy: Value,
    hooks: Vec<Value>,
    alarms: Vec<&'static str>,
    rollback: Option<Value>,
    test: bool,
    ready: Option<u64>,
    termination: u64,
}

pub(crate) fn deploy(strategy: impl Into<Value>) -> Deploy {
    Deploy {
        revision: 2,
        strategy: strategy.into(),
        hooks: Vec::new(),
        alarms: Vec::new(),
        rollback: None,
        test: false,
        ready: None,
        termination: 0,
    }
}

impl Deploy {
    pub(crate) fn to(mut self, revision: u64) -> Self {
        self.revision = revision;
        self
    }

    pub(crate) fn hook(mut self, event: &str, hook: impl Into<Value>) -> Self {
        self.hooks.push(json!({event: hook.into()}));
        self
    }

    pub(crate) fn alarms(mut self, names: &[&'static str]) -> Self {
        self.alarms = names.to_vec();
        self
    }

    pub(crate) fn no_rollback(mut self) -> Self {
        self.rollback = Some(json!({"enabled": false}));
        self
    }

    /// The group has a test listener.
    pub(crate) fn tested(mut self) -> Self {
        self.test = true;
        self
    }

    /// A person must continue it within so many minutes before production traffic moves.
    pub(crate) fn ready(mut self, minutes: u64) -> Self {
        self.ready = Some(minutes);
        self
    }

    /// The old task set is kept for so many minutes.
    pub(crate) fn keeps(mut self, minutes: u64) -> Self {
        self.termination = minutes;
        self
    }

    pub(crate) fn appspec(&self) -> Value {
        json!({
            "version": 0.0,
            "Resources": [{"Web": {"Type": "AWS::ECS::Service", "Properties": {
                "TaskDefinition": shop::definition(&format!("web:{}", self.revision)),
                "LoadBalancerInfo": {"ContainerName": "app", "ContainerPort": 80},
                "NetworkConfiguration": {"AwsvpcConfiguration": {
                    "Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"], "AssignPublicIp": "DISABLED",
                }},
            }}}],
            "Hooks": self.hooks,
            "Strategy": self.strategy,
        })
    }

    /// Its revision, alarms and rollback, for a group or for none.
    pub(crate) fn with(&self, appspec: &Value) -> Value {
        let revision = json!({"revisionType": "AppSpecContent", "appSpecContent": {"content": appspec.to_string()}});
        let mut request = json!({"revision": revision});
        if !self.alarms.is_empty() {
            let alarms: Vec<Value> = self.alarms.iter().map(|name| json!({"name": name})).collect();
            request["overrideAlarmConfiguration"] = json!({"enabled": true, "alarms": alarms});
        }
        if let Some(rollback) = &self.rollback {
            request["autoRollbackConfiguration"] = rollback.clone();
        }
        request
    }

    pub(crate) fn json(&self) -> Value {
        let named = json!({"applicationName": "shop", "deploymentGroupName": "web"});
        client::with(self.with(&self.appspec()), named)
    }

    /// CreateDeploymentGroup with the listeners and waits it wants.
    pub(crate) fn group(&self) -> Value {
        let route = |name: &str| json!({"listenerArns": [shop::listener(name)]});
        let mut pair = json!({
            "targetGroups": [{"name": "web-blue"}, {"name": "web-green"}], "prodTrafficRoute": route("prod"),
        });
        if self.test {
            pair["testTrafficRoute"] = route("test");
        }
        let ready = match self.ready {
            Some(minutes) => json!({"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": minutes}),
            None => json!({"actionOnTimeout": "CONTINUE_DEPLOYMENT"}),
        };
        client::group(json!({
            "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            "ecsServices": [{"clusterName": "shop", "serviceName": "web"}],
            "loadBalancerInfo": {"targetGroupPairInfoList": [pair]},
            "blueGreenDeploymentConfiguration": {
                "deploymentReadyOption": ready,
                "terminateBlueInstancesOnDeploymentSuccess": {
                    "action": "TERMINATE", "terminationWaitTimeInMinutes": self.termination,
                },
            },
        }))
    }
}

/// A world with the service `web` and the two hook functions that are content.
pub(crate) fn world() -> World {
    let world = story::world();
    world.add_service();
    world
}

/// A simulation with the application `shop` and the group `web` that a deployment wants.
pub(crate) fn simulation(world: World, deploy: &Deploy, schedule: Schedule) -> Simulation {
    let simulation = Simulation::with(world, schedule);
    let application = json!({"applicationName": "shop", "computePlatform": "ECS"});
    for (operation, body) in [("CreateApplication", application), ("CreateDeploymentGroup", deploy.group())] {
        let reply = simulation.api(&format!("CodeDeploy_20141006.{operation}"), body);
        assert_eq!(reply.status, 200, "{operation}: {}", reply.body);
    }
    simulation
}

/// A deployment that was asked for and has not begun.
pub(crate) fn created(world: World, deploy: &Deploy) -> (Simulation, DeploymentId) {
    scheduled(world, deploy, Schedule::InTurn)
}

pub(crate) fn scheduled(world: World, deploy: &Deploy, schedule: Schedule) -> (Simulation, DeploymentId) {
    let simulation = simulation(world, deploy, schedule);
    let id = simulation.create(deploy.json());
    (simulation, id)
}

/// Runs a deployment to its end, asks for the promises, and compares what happened.
#[track_caller]
pub(crate) fn check(
    world: World,
    deploy: &Deploy,
    meanwhile: impl FnOnce(&Simulation, &DeploymentId),
    expected: Expect,
) -> (Simulation, DeploymentId) {
    let (simulation, id) = created(world, deploy);
    meanwhile(&simulation, &id);
    simulation.run();
    expected.assert_eq(&told(&simulation, &id));
    assert_eq!(promises::kept(&simulation, &id), Ok(()));
    (simulation, id)
}

/// What happened since the deployment was asked for, and how it ended.
pub(crate) fn told(simulation: &Simulation, id: &DeploymentId) -> String {
    let story = simulation.world().story();
    let lines =
        story.lines().filter(|line| !line.contains("CreateApplication") && !line.contains("CreateDeploymentGroup"));
    let story: Vec<&str> = lines.collect();
    format!("{}\n{}", story.join("\n"), ended(simulation, id))
}

/// How a deployment ended: its phase, what the listeners and task sets are, and what is left behind.
pub(crate) fn ended(simulation: &Simulation, id: &DeploymentId) -> String {
    let world = simulation.world();
    let Some(deployment) = world.deployment(id) else { return "no record\n".to_owned() };
    let outcome = deployment.phase.outcome().map_or("nothing yet", |outcome| outcome.as_str());
    let why = match &deployment.phase {
        Phase::Unresolved { why, cannot, .. } => format!(", {}, {cannot}", why.code),
        phase => phase.why().map(|why| format!(", {}", why.code)).unwrap_or_default(),
    };
    let lock = world.lock_of_service();
    let owner = lock.owner.map_or_else(|| "free".to_owned(), |owner| format!("held by {owner}"));
    let leftover = lock.leftover.map(|leftover| format!(", left over: {leftover}")).unwrap_or_default();
    let watches = if world.watches().is_empty() { "" } else { ", alarms still watch" };
    let records = deployment.events.events().iter();
    let events: Vec<String> = records.map(|record| format!("{} {}", record.event, record.status.as_str())).collect();
    format!("{outcome}{why}; {}; the lock is {owner}{leftover}{watches}\n{}\n", world.shop(), events.join(", "))
}
