//! Looking at the world before a deployment is planned.

use std::collections::BTreeMap;

pub use codedeploy::names::Home;
use codedeploy::quota::Quotas;
use rollout::appspec::{Resource, TargetAlias};
use rollout::deployment::Phase;
use rollout::grants::Grants;
use rollout::ids::DeploymentId;
use rollout::plan::{Target, service_key};
use rollout::preflight::{self, AliasFacts, Facts, Holder, HookFacts, LiveAlias, TargetFacts};
use rollout::request::Request;
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
    /// Which hook may be handed which parameters.
    pub grants: Grants,
    /// How much of everything there may be.
    pub quotas: Quotas,
    /// Where the stack is.
    pub home: Home,
}

impl Settings {
    /// The usual quotas, at no particular place; no hook may be handed a parameter.
    pub fn new(poll: Seconds, hook_pattern: impl Into<String>) -> Self {
        Self {
            poll,
            hook_pattern: hook_pattern.into(),
            grants: Grants::default(),
            quotas: Quotas::default(),
            home: Home::default(),
        }
    }
}

/// The world as the planner sees it.
pub struct Gathered {
    /// For the planner.
    pub facts: Facts,
    /// Whose lock may be taken over: its owner was found to be over. The lock is taken from this owner and no other, so
    /// that of two deployments that look at the same time one is refused.
    pub stale_owner: Option<DeploymentId>,
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

/// Reads everything the planner wants to know.
pub async fn gather<O>(
    request: &Request,
    settings: &Settings,
    id: Option<&DeploymentId>,
    store: &(impl Records + Locks),
    sources: &Sources<'_, impl ReadAlias + ReadFunctions, impl ReadServices + ReadListeners, O, impl ReadAlarms>,
) -> Result<Gathered, PortError> {
    let Sources { functions, services, alarms, .. } = *sources;
    let (key, target) = match &request.appspec.resource {
        Resource::Alias(wanted) => {
            let target = Target::LambdaAlias { function: wanted.function.clone(), alias: wanted.alias.clone() };
            (Some(target.key()), alias_facts(wanted, functions).await?)
        }
        Resource::Service(wanted) => {
            let key = request.place.as_ref().map(|place| service_key(&place.cluster, &place.service));
            let found = service_facts(wanted, request.place.as_ref(), services).await?;
            (key, TargetFacts::Service(Box::new(found)))
        }
    };
    let lock = match key {
        Some(key) => store.read_lock(&key).await?,
        None => Lock::default(),
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
    let holder = holder(store, &lock, id).await?;
    let stale_owner = lock.owner.filter(|_| holder.is_none());
    let facts = Facts {
        target,
        hooks,
        grants: settings.grants.clone(),
        alarms: alarms.read(&request.alarms.names).await,
        holder,
        leftover: lock.leftover,
        poll: settings.poll,
    };
    Ok(Gathered { facts, stale_owner })
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

/// Whose lock on a target may be taken over by `id`.
pub async fn stale_owner(
    store: &(impl Records + Locks),
    target: &Target,
    id: &DeploymentId,
) -> Result<Option<DeploymentId>, PortError> {
    let lock = store.read_lock(&target.key()).await?;
    let holder = holder(store, &lock, Some(id)).await?;
    Ok(lock.owner.filter(|_| holder.is_none()))
}

async fn read_alias(
    wanted: &TargetAlias,
    functions: &(impl ReadAlias + ReadFunctions),
) -> Result<AliasFacts, PortError> {
    let (function, alias) = (&wanted.function, &wanted.alias);
    let read = match functions.alias(function, alias).await {
        Err(PortError::Denied(said)) => return Ok(AliasFacts::NotAllowed(said)),
        read => read?,
    };
    Ok(match read {
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
