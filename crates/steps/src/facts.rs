//! Looking at the world before a deployment is planned.

use std::collections::BTreeMap;

pub use codedeploy::names::Home;
use codedeploy::quota::Quotas;
use rollout::appspec::{Resource, TargetAlias};
use rollout::deployment::Phase;
use rollout::ids::DeploymentId;
use rollout::plan::{Target, service_key};
use rollout::preflight::{self, AliasFacts, Facts, Holder, HookFacts, LiveAlias, TargetFacts};
use rollout::request::Request;
use rollout::routing::Routing;
use rollout::seconds::Seconds;
use rollout::service::preflight::{ServiceFacts, ServiceFound};
use rollout::service::{Place, TargetService};

use crate::ports::{
    Lock, Locks, Pointing, PortError, ReadAlarms, ReadAlias, ReadFunctions, ReadListeners, ReadServices, Records,
};

/// What the stack's parameters say.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The time between two polls of the alarms.
    pub poll: Seconds,
    /// Which functions may be called as hooks; `*` stands for any characters.
    pub hook_pattern: String,
    /// How much of everything there may be.
    pub quotas: Quotas,
    /// Where the stack is.
    pub home: Home,
}

impl Settings {
    /// The usual quotas, at no particular place.
    pub fn new(poll: Seconds, hook_pattern: impl Into<String>) -> Self {
        Self { poll, hook_pattern: hook_pattern.into(), quotas: Quotas::default(), home: Home::default() }
    }
}

/// The ports that a plan is made with.
#[derive(Debug)]
pub struct Sources<'a, F, E, O, A> {
    /// Functions and aliases.
    pub functions: &'a F,
    /// Services and listeners.
    pub services: &'a E,
    /// AppSpecs in S3.
    pub objects: &'a O,
    /// Alarms.
    pub alarms: &'a A,
}

/// The lock of a target as a deployment finds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// The deployment that holds it, another one.
    pub by: Option<Holder>,
    /// The split that the last deployment of the target left behind.
    pub leftover: Option<Routing>,
}

/// The key of the lock on what a request wants to move; `None` where it does not say where that is.
pub fn key(request: &Request) -> Option<String> {
    match &request.appspec.resource {
        Resource::Alias(wanted) => Some(alias_target(wanted).key()),
        Resource::Service(_) => request.place.as_ref().map(|place| service_key(&place.cluster, &place.service)),
    }
}

fn alias_target(wanted: &TargetAlias) -> Target {
    Target::LambdaAlias { function: wanted.function.clone(), alias: wanted.alias.clone() }
}

/// Looks at the lock of what a request wants to move, and takes nothing.
pub async fn look_at_lock(store: &(impl Records + Locks), request: &Request) -> Result<Held, PortError> {
    let Some(key) = key(request) else { return Ok(Held::default()) };
    let lock = store.read_lock(&key).await?;
    Ok(Held { by: holder(store, &lock, None).await?, leftover: lock.leftover })
}

/// Takes the lock for `id`, unless another deployment holds it that is not over. The lock is taken from the owner that was found
/// to be over and no other, so that of two deployments that look at the same time one is refused.
pub async fn take_lock(store: &(impl Records + Locks), key: &str, id: &DeploymentId) -> Result<Held, PortError> {
    let lock = store.read_lock(key).await?;
    let by = match holder(store, &lock, Some(id)).await? {
        Some(holder) => Some(holder),
        None => match store.lock(key, id, lock.owner.as_ref()).await {
            Ok(()) => None,
            Err(PortError::Conflict(why)) => {
                let owner = store.read_lock(key).await?.owner;
                // Free by now: the next attempt gets it.
                Some(Holder::Running(owner.ok_or(PortError::Conflict(why))?))
            }
            Err(error) => return Err(error),
        },
    };
    Ok(Held { by, leftover: lock.leftover })
}

/// Reads everything the planner wants to know. A deployment that is about to begin holds the lock by now, so that what is read
/// stays so but for other hands than ours.
pub async fn gather<O>(
    request: &Request,
    settings: &Settings,
    lock: Held,
    sources: &Sources<'_, impl ReadAlias + ReadFunctions, impl ReadServices + ReadListeners, O, impl ReadAlarms>,
) -> Result<Facts, PortError> {
    let Sources { functions, services, alarms, .. } = *sources;
    let target = match &request.appspec.resource {
        Resource::Alias(wanted) => alias_facts(wanted, functions).await?,
        Resource::Service(wanted) => {
            let found = service_facts(wanted, request.place.as_ref(), services).await?;
            TargetFacts::Service(Box::new(found))
        }
    };
    let mut hooks = BTreeMap::new();
    for (_, hook) in request.appspec.hooks.iter() {
        let facts = if !preflight::allowed(&settings.hook_pattern, hook.function.name()) {
            HookFacts::OutsidePattern(settings.hook_pattern.clone())
        } else if functions.exists(hook.function.as_str()).await? {
            HookFacts::Invocable
        } else {
            HookFacts::Missing
        };
        hooks.insert(hook.function.clone(), facts);
    }
    Ok(Facts {
        target,
        hooks,
        alarms: alarms.read(&request.alarms.names).await,
        holder: lock.by,
        leftover: lock.leftover,
        poll: settings.poll,
    })
}

async fn alias_facts(
    wanted: &TargetAlias,
    functions: &(impl ReadAlias + ReadFunctions),
) -> Result<TargetFacts, PortError> {
    let alias = read_alias(wanted, functions).await?;
    let mut versions = BTreeMap::new();
    if let AliasFacts::Live(live) = &alias {
        for version in live.routing.versions().chain([wanted.target]) {
            versions.insert(version, functions.version(&wanted.function, version).await?);
        }
    }
    Ok(TargetFacts::Alias { alias, versions })
}

async fn service_facts(
    wanted: &TargetService,
    place: Option<&Place>,
    services: &(impl ReadServices + ReadListeners),
) -> Result<ServiceFacts, PortError> {
    let Some(place) = place else {
        return Ok(ServiceFacts {
            place: None,
            service: ServiceFound::NoService,
            definition: None,
            groups: [None, None],
            production: None,
            test: None,
        });
    };
    let [one, other] = &place.target_groups;
    Ok(ServiceFacts {
        place: Some(place.clone()),
        service: services.service(&place.cluster, &place.service).await?,
        definition: services.definition(&wanted.task_definition).await?,
        groups: [services.target_group(one).await?, services.target_group(other).await?],
        production: services.listener(&place.production).await?,
        test: match &place.test {
            Some(test) => services.listener(test).await?,
            None => None,
        },
    })
}

async fn read_alias(
    wanted: &TargetAlias,
    functions: &(impl ReadAlias + ReadFunctions),
) -> Result<AliasFacts, PortError> {
    let (function, alias) = (&wanted.function, &wanted.alias);
    Ok(match functions.alias(function, alias).await? {
        None if functions.exists(function.as_str()).await? => AliasFacts::NoAlias,
        None => AliasFacts::NoFunction,
        Some(read) => match read.pointing {
            Pointing::Latest => AliasFacts::OnLatest,
            Pointing::At(routing) => {
                let provisioned = functions.provisioned(function, alias).await?;
                AliasFacts::Live(LiveAlias { routing, provisioned })
            }
        },
    })
}

/// Who holds the target, `id` itself aside. A lock whose owner is over is free.
async fn holder(records: &impl Records, lock: &Lock, id: Option<&DeploymentId>) -> Result<Option<Holder>, PortError> {
    let Some(owner) = lock.owner.as_ref().filter(|owner| Some(*owner) != id) else { return Ok(None) };
    let owner_record = records.load(owner).await?;
    Ok(owner_record.and_then(|loaded| match loaded.deployment.phase {
        Phase::Unresolved { .. } => Some(Holder::Unresolved(owner.clone())),
        phase if phase.is_final() => None,
        _ => Some(Holder::Running(owner.clone())),
    }))
}
