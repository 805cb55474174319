//! The way home: before traffic goes back to the old task set, that is looked at, and brought up where somebody took its tasks.

use futures_util::future::join;
use rollout::ending::Traffic;
use rollout::journal::Entry;
use rollout::plan::Plan;
use rollout::seconds::Seconds;
use rollout::service::Service;
use rollout::service::home::{self, Found, Home};
use rollout::service::live::{Health, LiveService};
use rollout::service::watch::ailment;
use rollout::settle::Live;

use crate::change::change;
use crate::error::StepError;
use crate::journal::note;
use crate::ports::{Clock, Journal, Loaded, PortError, ReadHealth, ReadServices, Records, RestoreTaskSets};

/// What was found of the service, and of the targets of its old task set.
#[derive(Debug)]
pub(crate) struct Seen {
    live: Option<LiveService>,
    health: Health,
}

/// Whether traffic may go home.
#[derive(Debug)]
pub(crate) enum Way {
    /// It may.
    Open,
    /// Not yet: look again after this long.
    Wait(Seconds),
    /// There is nothing to go back to, and this is what becomes of it.
    Closed(Traffic),
}

/// Looks at what the traffic of a service would go back to. An alias goes back to a version, which cannot go away.
pub(crate) async fn look(ports: &(impl ReadHealth + ReadServices), plan: &Plan) -> Result<Option<Seen>, PortError> {
    let Some(service) = plan.target.service() else { return Ok(None) };
    let found = ports.service(&service.cluster, &service.service);
    let (found, health) = join(found, health_of(ports, service, true)).await;
    Ok(Some(Seen { live: found?.into_live(), health: health? }))
}

/// How the targets of the old or the new task set are. A group that somebody deleted has none.
async fn health_of(ports: &impl ReadHealth, service: &Service, of_old: bool) -> Result<Health, PortError> {
    let group = if of_old { &service.blue_group } else { &service.green_group };
    match ports.health(group).await {
        Err(PortError::Missing(_)) => Ok(Health::default()),
        read => read,
    }
}

/// Decides by what was seen, and gives the old task set its tasks back where somebody took them.
pub(crate) async fn way(
    ports: &(impl Clock + Records + Journal + ReadHealth + RestoreTaskSets),
    plan: &Plan,
    loaded: &mut Loaded,
    seen: &Seen,
    live: &Live,
) -> Result<Way, StepError> {
    let Some(service) = plan.target.service() else { return Ok(Way::Open) };
    let now = ports.now();
    let found = Found { live: seen.live.as_ref(), health: seen.health, routes: live };
    let judged = home::judge(service, &loaded.deployment, found, now);
    if loaded.deployment.progress.awaits_home.is_none() && matches!(judged, Home::BringUp(..) | Home::Wait(_)) {
        change(ports, loaded, |deployment| {
            deployment.progress.awaits_home = Some(now);
            Ok::<(), StepError>(())
        })
        .await?;
    }
    match judged {
        Home::Ready => Ok(Way::Open),
        // Nothing of it can take a call, wherever that is sent.
        Home::NoService => Ok(Way::Closed(Traffic::Foreign(None))),
        Home::Wait(left) => Ok(Way::Wait(left)),
        Home::BringUp(set, percent, left) => {
            ports.scale_up(&service.cluster, &service.service, &set, percent).await?;
            note(ports, &loaded.deployment, Entry::TaskSetBroughtBack { task_set: set }, now).await?;
            Ok(Way::Wait(left))
        }
        Home::Leave(routing) => Ok(Way::Closed(Traffic::Left(routing))),
        Home::Lost(of_blue) => {
            let health = health_of(ports, service, false).await?;
            let of_green = seen.live.as_ref().and_then(|live| {
                let green = live.made_by(loaded.deployment.id.as_str());
                ailment(live, green, Some(health))
            });
            Err(StepError::NoWayBack(home::lost(service, of_blue, of_green)))
        }
    }
}
