//! What a test says: a request, what happens meanwhile, and how it ends.

use expect_test::Expect;
use fakes::world::World;
use fakes::{Schedule, Simulation};
use rollout::deployment::Phase;
use rollout::ids::DeploymentId;
use rollout::platform::Platform;
use serde_json::{Value, json};
use steps::ports::{Called, Pointing};

use crate::ecs;

/// A CreateDeployment request for `storefront:live`, from version 1 to 2 all at once.
#[derive(Clone)]
pub(crate) struct Request {
    function: &'static str,
    target: u64,
    strategy: Value,
    hooks: Vec<Value>,
    alarms: Vec<&'static str>,
    ignore_unreadable: bool,
    rollback: Option<Value>,
    location: Option<Value>,
    warm: Option<u32>,
}

pub(crate) fn request(strategy: impl Into<Value>) -> Request {
    Request {
        function: "storefront",
        target: 2,
        strategy: strategy.into(),
        hooks: Vec::new(),
        alarms: Vec::new(),
        ignore_unreadable: false,
        rollback: None,
        location: None,
        warm: None,
    }
}

impl Request {
    pub(crate) fn to(mut self, target: u64) -> Self {
        self.target = target;
        self
    }

    /// Of another function than `storefront`.
    pub(crate) fn of(mut self, function: &'static str) -> Self {
        self.function = function;
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

    pub(crate) fn ignore_unreadable(mut self) -> Self {
        self.ignore_unreadable = true;
        self
    }

    pub(crate) fn no_rollback(mut self) -> Self {
        self.rollback = Some(json!({"enabled": false}));
        self
    }

    /// The version gets so many provisioned concurrent executions before its first call.
    pub(crate) fn warm(mut self, concurrency: u32) -> Self {
        self.warm = Some(concurrency);
        self
    }

    /// Its AppSpec is in S3, where these members of an s3Location say.
    pub(crate) fn in_s3(mut self, location: Value) -> Self {
        self.location = Some(location);
        self
    }

    pub(crate) fn appspec(&self) -> String {
        let mut appspec = json!({
            "version": 0.0,
            "Resources": [{"Storefront": {"Type": "AWS::Lambda::Function", "Properties": {
                "Name": self.function, "Alias": "live", "TargetVersion": self.target.to_string(),
            }}}],
            "Hooks": self.hooks,
            "Strategy": self.strategy,
        });
        if let Some(concurrency) = self.warm {
            appspec["Warm"] = json!({"Concurrency": concurrency});
        }
        appspec.to_string()
    }

    pub(crate) fn json(&self) -> Value {
        let revision = match &self.location {
            Some(location) => json!({"revisionType": "S3", "s3Location": location}),
            None => json!({"revisionType": "AppSpecContent", "appSpecContent": {"content": self.appspec()}}),
        };
        let mut request = json!({"revision": revision});
        if !self.alarms.is_empty() {
            let alarms: Vec<Value> = self.alarms.iter().map(|name| json!({"name": name})).collect();
            request["overrideAlarmConfiguration"] =
                json!({"enabled": true, "alarms": alarms, "ignorePollAlarmFailure": self.ignore_unreadable});
        }
        if let Some(rollback) = &self.rollback {
            request["autoRollbackConfiguration"] = rollback.clone();
        }
        request
    }
}

/// A world with two hook functions that are content: `checks` says so at once, `smoke-test` too.
pub(crate) fn world() -> World {
    let world = World::new();
    world.hook("checks", |_| Called::Returned(json!({"status": "Succeeded"})));
    world.hook("smoke-test", |_| Called::Returned(json!({"hookStatus": "SUCCEEDED"})));
    world
}

/// A deployment that was asked for and has not begun.
pub(crate) fn created(world: World, request: &Request) -> (Simulation, DeploymentId) {
    scheduled(world, request, Schedule::InTurn)
}

pub(crate) fn scheduled(world: World, request: &Request, schedule: Schedule) -> (Simulation, DeploymentId) {
    let simulation = Simulation::with(world, schedule);
    let id = simulation.create(request.json());
    (simulation, id)
}

/// Runs a deployment to its end and compares what happened.
#[track_caller]
pub(crate) fn check(
    world: World,
    request: &Request,
    meanwhile: impl FnOnce(&Simulation, &DeploymentId),
    expected: Expect,
) -> (Simulation, DeploymentId) {
    let (simulation, id) = created(world, request);
    meanwhile(&simulation, &id);
    simulation.run();
    expected.assert_eq(&told(&simulation, &id));
    (simulation, id)
}

/// What happened, and how it ended.
pub(crate) fn told(simulation: &Simulation, id: &DeploymentId) -> String {
    format!("{}{}", simulation.world().story(), ended(simulation, id))
}

/// How a deployment ended: its phase, where the alias is, and what is left behind.
pub(crate) fn ended(simulation: &Simulation, id: &DeploymentId) -> String {
    let world = simulation.world();
    let Some(deployment) = world.deployment(id) else { return "no record\n".to_owned() };
    if deployment.platform == Platform::Ecs {
        return ecs::ended(simulation, id);
    }
    let outcome = deployment.phase.outcome().map_or("nothing yet", |outcome| outcome.as_str());
    let why = match &deployment.phase {
        Phase::Unresolved { why, cannot, .. } => format!(", {}, {cannot}", why.code),
        phase => phase.why().map(|why| format!(", {}", why.code)).unwrap_or_default(),
    };
    let alias = match world.pointing("storefront", "live") {
        Some(Pointing::At(routing)) => routing.to_string(),
        Some(Pointing::Latest) => "$LATEST".to_owned(),
        None => "gone".to_owned(),
    };
    let lock = world.lock_of("storefront", "live");
    let owner = lock.owner.map_or_else(|| "free".to_owned(), |owner| format!("held by {owner}"));
    let leftover = lock.leftover.map(|leftover| format!(", left over: {leftover}")).unwrap_or_default();
    let watches = if world.watches().is_empty() { "" } else { ", alarms still watch" };
    let events: Vec<String> = deployment
        .events
        .events()
        .iter()
        .map(|record| format!("{} {}", record.event, record.status.as_str()))
        .collect();
    format!("{outcome}{why}; the alias is {alias}; the lock is {owner}{leftover}{watches}\n{}\n", events.join(", "))
}
