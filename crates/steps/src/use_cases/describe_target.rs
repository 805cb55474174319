//! DescribeTarget: what is live on an alias or a service, which revision was good last, and what was deployed there.

use std::fmt;

use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::ListInput;
use codedeploy::view::{
    DescribeTargetInput, GoodView, ListedDeployment, LiveTaskSet, Outcome, RoutingView, ShownTarget, Target as Shown,
    TargetView,
};
use rollout::deployment::Status;
use rollout::ids::{AliasName, ClusterName, FunctionName, IdError, ServiceName};
use rollout::plan::Plan;
use rollout::routing::{Backend, Routing};
use rollout::service::live::{LiveService, TaskSet};
use rollout::service::preflight::ServiceFound;
use rollout::settle::{Live, Tested};
use rollout::target::{Target, service_key};

use super::{UseCases, view};
use crate::answering::failed;
use crate::ports::{
    Alias, Listing, Loaded, Pointing, PortError, ReadAlias, ReadCatalogue, ReadListeners, ReadLocks, ReadRequests,
    ReadServices, Records,
};
use crate::targets;

/// How many deployments the history of a target shows.
const SHOWN: usize = 10;

/// A target as people name it: `storefront:live`, `shop/web`, or the ARN that ends so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    Alias(FunctionName, AliasName),
    Service(ClusterName, ServiceName),
}

impl Named {
    /// Reads one.
    pub(super) fn parse(text: &str) -> Result<Self, ApiError> {
        let tail =
            [":service/", ":function:"].into_iter().find_map(|mark| Some(text.split_once(mark)?.1)).unwrap_or(text);
        let read = || -> Result<Option<Self>, IdError> {
            Ok(if let Some((cluster, service)) = tail.split_once('/') {
                Some(Self::Service(ClusterName::parse(cluster)?, ServiceName::parse(service)?))
            } else if let Some((function, alias)) = tail.split_once(':') {
                Some(Self::Alias(FunctionName::parse(function)?, AliasName::parse(alias)?))
            } else {
                None
            })
        };
        let wrong = |message: String| ApiError::new(Code::InvalidTargetException, message);
        read().map_err(|error| wrong(error.to_string()))?.ok_or_else(|| {
            wrong("a target is a function with its alias, like storefront:live, or a cluster with its service, like shop/web".to_owned())
        })
    }

    /// Whether a row of a listing is about it.
    pub(super) fn is_of(&self, row: &ListedDeployment) -> bool {
        row.target.as_ref().is_some_and(|target| target.name == self.to_string())
    }

    /// How the other kind of target is written: of two names, only the mark between them tells.
    fn other_kind(&self) -> String {
        match self {
            Self::Alias(function, alias) => format!("a service is written with a slash, like {function}/{alias}"),
            Self::Service(cluster, service) => format!("an alias is written with a colon, like {cluster}:{service}"),
        }
    }

    /// The key of its lock.
    fn key(&self) -> String {
        match self.clone() {
            Self::Alias(function, alias) => Target::LambdaAlias { function, alias }.key(),
            Self::Service(cluster, service) => service_key(&cluster, &service),
        }
    }

    fn shown(&self) -> ShownTarget {
        ShownTarget::from(match self {
            Self::Alias(function, alias) => Shown::Alias { function: function.to_string(), alias: alias.to_string() },
            Self::Service(cluster, service) => {
                Shown::Service { cluster: cluster.to_string(), service: service.to_string() }
            }
        })
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alias(function, alias) => write!(f, "{function}:{alias}"),
            Self::Service(cluster, service) => write!(f, "{cluster}/{service}"),
        }
    }
}

/// What the world says of a target.
enum Seen {
    There(Found),
    /// There is none, in these words. What was deployed there may be known all the same.
    Absent(&'static str),
}

/// What is live, as far as it could be read.
#[derive(Default)]
struct Found {
    live: Option<RoutingView>,
    note: Option<String>,
    task_sets: Vec<LiveTaskSet>,
    test_listener: Option<String>,
}

impl Found {
    fn unknown(note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..Self::default() }
    }
}

impl From<Found> for Seen {
    fn from(found: Found) -> Self {
        Self::There(found)
    }
}

impl<P: Records + Listing + ReadAlias + ReadCatalogue + ReadListeners + ReadLocks + ReadRequests + ReadServices>
    UseCases<'_, P>
{
    pub(crate) async fn describe_target(&self, input: DescribeTargetInput) -> Result<TargetView, ApiError> {
        let named = Named::parse(&input.target.unwrap_or_default())?;
        let (rows, _) = self.summaries(ListInput::default(), Some(&named), &[], SHOWN).await?;
        self.seen(&named, rows).await
    }

    /// What is live on a target, beside the deployments of it that were found, newest first.
    pub(super) async fn seen(
        &self,
        named: &Named,
        rows: Vec<(Loaded, ListedDeployment)>,
    ) -> Result<TargetView, ApiError> {
        let newest = rows.iter().find_map(|(loaded, _)| loaded.plan.as_ref());
        let seen = match named {
            Named::Alias(function, alias) => self.live_alias(function, alias).await,
            Named::Service(cluster, service) => self.live_service(cluster, service, newest).await,
        };
        let Found { live, note, task_sets, test_listener } = match seen {
            Seen::There(found) => found,
            Seen::Absent(why) if rows.is_empty() => {
                let message = format!("{named}: {why}, and nothing was deployed there; {}", named.other_kind());
                return Err(ApiError::new(Code::InvalidTargetException, message));
            }
            Seen::Absent(why) => Found::unknown(why),
        };
        let lock = self.ports.read_lock(&named.key()).await.map_err(failed)?;
        let history: Vec<ListedDeployment> = rows.into_iter().map(|(_, row)| row).collect();
        let active = active(&history);
        Ok(TargetView {
            target: named.shown(),
            live,
            note,
            task_sets,
            test_listener,
            left_behind: lock.leftover.is_some(),
            active,
            last_good: last_good(&history),
            history,
        })
    }

    async fn live_alias(&self, function: &FunctionName, alias: &AliasName) -> Seen {
        match self.ports.alias(function, alias).await {
            Ok(Some(Alias { pointing: Pointing::At(routing), .. })) => {
                Found { live: Some(view::routing(&routing)), ..Found::default() }.into()
            }
            Ok(Some(Alias { pointing: Pointing::Latest, .. })) => Found::unknown("the alias points at $LATEST").into(),
            Ok(None) => Seen::Absent("there is no such alias"),
            // AWS does not say which to who may not look.
            Err(PortError::Denied(_)) => Seen::Absent("this stack may not look at it, or there is none of that name"),
            Err(error) => Found::unknown(format!("the alias could not be read: {error}")).into(),
        }
    }

    /// A service tells its task sets; where its traffic goes is known of the listener that its newest plan names.
    async fn live_service(&self, cluster: &ClusterName, service: &ServiceName, newest: Option<&Plan>) -> Seen {
        let found = match self.ports.service(cluster, service).await {
            Ok(ServiceFound::Live(found)) => found,
            Ok(ServiceFound::OutOfScope { .. }) => {
                return Found::unknown("this stack may not look at the service").into();
            }
            Ok(ServiceFound::NoCluster) => return Seen::Absent("there is no such cluster"),
            Ok(ServiceFound::NoService) => return Seen::Absent("there is no such service"),
            Err(error) => return Found::unknown(format!("the service could not be read: {error}")).into(),
        };
        let target = newest.map(|plan| &plan.target).filter(|target| matches!(target, Target::EcsService(_)));
        let (routes, test, note) = match target {
            None => (Vec::new(), Vec::new(), Some("no deployment has told yet which listener it is behind".to_owned())),
            Some(target) => match targets::look(self.ports, target).await.map(|look| look.live) {
                Ok(Live::Routes { production, test }) => (production, test, None),
                Ok(Live::Gone { test }) => {
                    (Vec::new(), test, Some("its listener forwards to neither of its target groups".to_owned()))
                }
                Err(error) => (Vec::new(), Vec::new(), Some(format!("its listener could not be read: {error}"))),
            },
        };
        let torn = routes.iter().any(|routing| Some(routing) != routes.first());
        let note = note.or_else(|| {
            torn.then(|| {
                let each: Vec<String> = routes.iter().map(ToString::to_string).collect();
                format!(
                    "its listener's places differ, and the first is shown: they send calls to {}",
                    each.join("; to ")
                )
            })
        });
        let live = routes.first();
        let test_listener = target.and_then(Target::service).and_then(|service| service.test.as_ref());
        let test_listener = test_listener.filter(|_| !test.is_empty()).map(ToString::to_string);
        Found { live: live.map(view::routing), note, task_sets: task_sets(&found, live, &test), test_listener }.into()
    }
}

fn task_sets(service: &LiveService, routing: Option<&Routing>, test: &[Tested]) -> Vec<LiveTaskSet> {
    let shown = |set: &TaskSet| {
        let backend = set.target_group.clone().map(Backend::from);
        let tested = |backend: &Backend| test.iter().map(|place| place.now.weight_of(backend).percent()).max();
        LiveTaskSet {
            task_set: set.id.to_string(),
            task_definition: set.task_definition.short().to_owned(),
            status: set.role.as_str().to_owned(),
            desired_count: set.desired,
            running_count: set.running,
            target_group: set.target_group.as_ref().map(|group| group.name().to_owned()),
            weight: routing.zip(backend.as_ref()).map(|(routing, backend)| routing.weight_of(backend).percent()),
            test_weight: backend.as_ref().and_then(tested),
        }
    };
    service.task_sets.iter().map(shown).collect()
}

/// The deployment that is at the target: one that waits for its turn is not yet, unless nothing else is.
fn active(history: &[ListedDeployment]) -> Option<String> {
    let mut open = history.iter().filter(|row| row.outcome.is_none());
    let queued = Status::Queued.as_str();
    let found = open.clone().find(|row| row.status != queued).or_else(|| open.next())?;
    Some(found.deployment_id.clone())
}

/// The revision of the newest deployment that succeeded; a rollback is one.
fn last_good(history: &[ListedDeployment]) -> Option<GoodView> {
    let good = history.iter().find(|row| row.outcome == Some(Outcome::Succeeded))?;
    Some(GoodView {
        revision: good.to.clone()?,
        deployment_id: good.deployment_id.clone(),
        create_time: good.create_time,
    })
}
