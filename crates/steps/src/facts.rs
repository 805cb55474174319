//! Looking at the world before a deployment is planned.

use std::collections::{BTreeMap, BTreeSet};

pub use codedeploy::names::Home;
use codedeploy::quota::Quotas;
use futures_util::future::join_all;
use rollout::alarms::Readings;
use rollout::appspec::{Resource, TargetAlias};
use rollout::facts::{AliasFacts, Facts, HookFacts, LiveAlias, TargetFacts};
use rollout::grants::{Grants, Readable};
use rollout::ids::{ParameterName, Site};
use rollout::pattern;
use rollout::request::Request;
use rollout::seconds::Seconds;
use rollout::service::live::{Listener, TargetGroup};
use rollout::service::preflight::{ServiceFacts, ServiceFound};
use rollout::service::reach::{Reach, Scope, Within, names};
use rollout::service::{ServiceAddress, TargetService};
use rollout::warm::{FoundConcurrency, Warm};

use crate::ports::{
    FindParameters, Pointing, PortError, ReadAlarms, ReadAlias, ReadConcurrency, ReadFunctions, ReadListeners,
    ReadServiceFacts, ReadServices, ReadTargetGroups,
};
use crate::target_lock::Held;

/// What the stack's parameters say.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The time between two polls of the alarms.
    pub poll: Seconds,
    /// Which functions may be called as hooks; `*` stands for any characters.
    pub hook_pattern: String,
    /// Which hook may be handed which parameters.
    pub grants: Grants,
    /// Which parameters of SSM the stack may read.
    pub readable: Readable,
    /// How much of everything there may be.
    pub quotas: Quotas,
    /// Where the stack is.
    pub home: Home,
    /// Of which clusters the services may be changed.
    pub clusters: Scope,
    /// Which listeners may be changed.
    pub listeners: Scope,
}

impl Settings {
    /// The usual quotas, at no particular place; no hook may be handed a parameter, and services are meant by their tags.
    pub fn new(poll: Seconds, hook_pattern: impl Into<String>) -> Self {
        Self {
            poll,
            hook_pattern: hook_pattern.into(),
            grants: Grants::default(),
            readable: Readable::default(),
            quotas: Quotas::default(),
            home: Home::default(),
            clusters: Scope::Tagged,
            listeners: Scope::Tagged,
        }
    }

    /// Where what is named has to be.
    pub fn site(&self) -> Site {
        site(&self.home)
    }
}

/// The same place in the words of the core.
pub fn site(home: &Home) -> Site {
    let Home { partition, region, account } = home.clone();
    Site { partition, region, account }
}

/// Reads everything the planner wants to know. A deployment that is about to begin holds the lock by now, so that what is read
/// stays so but for other hands than ours.
pub async fn gather(
    request: &Request,
    settings: &Settings,
    lock: Held,
    ports: &(
         impl FindParameters
         + ReadAlarms
         + ReadAlias
         + ReadConcurrency
         + ReadFunctions
         + ReadListeners
         + ReadServiceFacts
         + ReadServices
         + ReadTargetGroups
     ),
) -> Result<Facts, PortError> {
    let target = match &request.appspec.resource {
        Resource::Alias(wanted) => alias_facts(wanted, request.appspec.warm, ports).await?,
        Resource::Service(wanted) => {
            let found = service_facts(wanted, request.place.as_ref(), settings, ports).await?;
            TargetFacts::Service(Box::new(found))
        }
    };
    let mut hooks = BTreeMap::new();
    for (_, hook) in request.appspec.hooks.iter() {
        let facts = if !pattern::matches(&settings.hook_pattern, hook.function.name()) {
            HookFacts::OutsidePattern(settings.hook_pattern.clone())
        } else if ports.exists(hook.function.as_str()).await? {
            HookFacts::Invocable
        } else {
            HookFacts::Missing
        };
        hooks.insert(hook.function.clone(), facts);
    }
    let readings = match ports.alarms(&request.alarms.names).await {
        // No deployment begins unseen: the same look works later.
        Readings::Throttled(why) if !request.alarms.is_empty() && !request.alarms.ignore_poll_failure => {
            return Err(PortError::Passing(why));
        }
        readings => readings,
    };
    Ok(Facts {
        target,
        hooks,
        grants: settings.grants.clone(),
        readable: settings.readable.clone(),
        missing: missing(request, settings, ports).await,
        alarms: readings,
        holder: lock.by,
        leftover: lock.leftover,
        poll: settings.poll,
    })
}

/// The parameters of hooks that do not exist. What cannot be looked at now is left to the hook's turn: whether it is there decides
/// nothing before.
async fn missing(request: &Request, settings: &Settings, ports: &impl FindParameters) -> BTreeSet<ParameterName> {
    let wanted: BTreeSet<&ParameterName> =
        request.appspec.hooks.iter().flat_map(|(_, hook)| settings.readable.own(&hook.parameters)).collect();
    let looks = wanted.into_iter().map(async |name| match ports.has_parameter(name).await {
        Ok(exists) => (!exists).then(|| name.clone()),
        Err(error) => {
            tracing::info!(parameter = %name, %error, "it is not known whether the parameter exists");
            None
        }
    });
    join_all(looks).await.into_iter().flatten().collect()
}

async fn alias_facts(
    wanted: &TargetAlias,
    warm: Option<Warm>,
    ports: &(impl ReadAlias + ReadConcurrency + ReadFunctions),
) -> Result<TargetFacts, PortError> {
    let alias = read_alias(wanted, warm, ports).await?;
    let mut versions = BTreeMap::new();
    if let AliasFacts::Live(live) = &alias {
        for version in live.routing.versions().chain([wanted.target]) {
            versions.insert(version, ports.version(&wanted.function, version).await?);
        }
    }
    Ok(TargetFacts::Alias { alias, versions })
}

async fn service_facts(
    wanted: &TargetService,
    place: Option<&ServiceAddress>,
    settings: &Settings,
    ports: &(impl ReadListeners + ReadServiceFacts + ReadServices + ReadTargetGroups),
) -> Result<ServiceFacts, PortError> {
    let Some(place) = place else {
        return Ok(ServiceFacts {
            place: None,
            service: ServiceFound::NoService,
            definition: None,
            groups: [None, None],
            production: None,
            test: None,
            reach: None,
        });
    };
    let [one, other] = &place.target_groups;
    let service = match &settings.clusters {
        Scope::Named(named) if !names(named, &cluster_arn(place, &settings.home)) => {
            ServiceFound::OutOfScope { arn: cluster_arn(place, &settings.home), named: named.clone() }
        }
        Scope::Named(_) | Scope::Tagged => ports.service(&place.cluster, &place.service).await?,
    };
    let groups = [ports.target_group(one).await?, ports.target_group(other).await?];
    let production = ports.listener(&place.production).await?;
    let test = match &place.test {
        Some(test) => ports.listener(test).await?,
        None => None,
    };
    let reach = reach(place, &service, &groups, [&production, &test], settings, ports).await?;
    let definition = ports.definition(&wanted.task_definition).await?;
    Ok(ServiceFacts { place: Some(place.clone()), service, definition, groups, production, test, reach })
}

fn cluster_arn(place: &ServiceAddress, Home { partition, region, account }: &Home) -> String {
    format!("arn:{partition}:ecs:{region}:{account}:cluster/{}", place.cluster)
}

/// What of a service and its listeners the stack may change. Tags are read where they count: of the service, and of the places
/// that forward to one of its target groups. `None`: there is no service that could be deployed to.
async fn reach(
    place: &ServiceAddress,
    service: &ServiceFound,
    groups: &[Option<TargetGroup>; 2],
    listeners: [&Option<Listener>; 2],
    settings: &Settings,
    ports: &(impl ReadServiceFacts + ReadTargetGroups),
) -> Result<Option<Reach>, PortError> {
    let (ServiceFound::Live(live), [Some(one), Some(other)]) = (service, groups) else { return Ok(None) };
    if !live.active || !live.is_external() {
        return Ok(None);
    }
    let service = match &settings.clusters {
        Scope::Named(_) => None,
        Scope::Tagged => Some(ports.tags(&place.cluster, &place.service).await?),
    };
    let listeners = match &settings.listeners {
        Scope::Named(named) => Within::Names(named.clone()),
        Scope::Tagged => {
            let routes = listeners.into_iter().flatten().flat_map(|listener| &listener.routes);
            let ours = routes.filter(|route| route.is_of((&one.arn, &other.arn))).map(|route| route.id.clone());
            Within::Tags(ports.tagged(&ours.collect::<Vec<_>>()).await?)
        }
    };
    Ok(Some(Reach { service, listeners }))
}

async fn read_alias(
    wanted: &TargetAlias,
    warm: Option<Warm>,
    ports: &(impl ReadAlias + ReadConcurrency + ReadFunctions),
) -> Result<AliasFacts, PortError> {
    let (function, alias) = (&wanted.function, &wanted.alias);
    let read = match ports.alias(function, alias).await {
        Err(PortError::Denied(said)) => return Ok(AliasFacts::NotAllowed(said)),
        read => read?,
    };
    Ok(match read {
        None if ports.exists(function.as_str()).await? => AliasFacts::NoAlias,
        None => AliasFacts::NoFunction,
        Some(read) => match read.pointing {
            Pointing::Latest => AliasFacts::OnLatest,
            Pointing::At(routing) => {
                let provisioned = ports.provisioned(function, alias.as_str()).await?;
                let warmed = match warm {
                    Some(_) => {
                        ports.provisioned(function, &wanted.target.to_string()).await?.map(FoundConcurrency::Theirs)
                    }
                    None => None,
                };
                AliasFacts::Live(LiveAlias { routing, provisioned, warmed })
            }
        },
    })
}
