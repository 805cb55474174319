//! Provisioned concurrency of the new version of a function: given before its first call, taken back at the end, and looked for
//! once more where it may have come after that.

use jiff::SignedDuration;
use rollout::appspec::Resource;
use rollout::journal::Entry;
use rollout::plan::Plan;
use rollout::preflight::Facts;
use rollout::request::Request;
use rollout::seconds::Seconds;
use rollout::service::aftermath::WATCHED;
use rollout::target::Target;
use rollout::warm::cool::{self, Late};
use rollout::warm::{self, Asked, Next};
use rollout::warm::{Cooled, Gift, Heard};

use crate::change::{change, running};
use crate::error::StepError;
use crate::interrupt;
use crate::journal::note;
use crate::ports::{Clock, Journal, LateWrites, Loaded, Locks, PortError, Records, WarmVersions};

/// The time between asking and the first look.
const FIRST_LOOK: Seconds = Seconds(2);

/// Sees to it that the new version is warm before its first call, where the plan wants that; how long to wait until it is.
pub(crate) async fn before(
    store: &(impl Records + Journal),
    functions: &impl WarmVersions,
    clock: &impl Clock,
    plan: &Plan,
    loaded: &mut Loaded,
) -> Result<Option<Seconds>, StepError> {
    let (Some(wanted), Target::LambdaAlias { function, .. }) = (warm::wanted(plan, &loaded.deployment), &plan.target)
    else {
        return Ok(None);
    };
    let (version, warm) = wanted;
    let found = functions.warmth(function, version).await?;
    match warm::next(plan, wanted, &loaded.deployment, found.as_ref(), clock.now()) {
        Next::Go => {
            note(store, &loaded.deployment, Entry::Warmed { version }, clock.now()).await?;
            return Ok(None);
        }
        Next::Wait(wait) => return Ok(Some(wait)),
        Next::Fail(why) => return interrupt::give_up(store, clock, loaded, &why).await,
        Next::Ask => {}
    }
    // An earlier attempt that was not answered may still be carried out, whatever this one hears.
    let is_only = loaded.deployment.progress.given.heard != Some(Heard::Nothing);
    ask(store, clock, loaded, Entry::Warming { version, concurrency: warm.concurrency }).await?;
    match functions.warm(function, version, warm).await {
        Ok(asked) => {
            if is_only {
                answered(store, loaded, &asked).await?;
            }
            match asked {
                Asked::Taken => Ok(Some(FIRST_LOOK)),
                Asked::Refused(refusal) => {
                    let why = warm::refused(version, warm, &refusal);
                    interrupt::give_up(store, clock, loaded, &why).await
                }
            }
        }
        Err(error) => Err(StepError::Transient(format!("{}: {error}", warm::missed(version, warm)))),
    }
}

/// Written down first: whoever ends the deployment has to take it back, or to look for it.
async fn ask(
    store: &(impl Records + Journal),
    clock: &impl Clock,
    loaded: &mut Loaded,
    entry: Entry,
) -> Result<(), StepError> {
    let now = clock.now();
    if loaded.deployment.progress.given.heard != Some(Heard::Nothing) {
        change(store, loaded, |deployment| {
            running(&deployment.phase)?;
            deployment.progress.warming.get_or_insert(now);
            deployment.progress.given.heard = Some(Heard::Nothing);
            Ok::<(), StepError>(())
        })
        .await?;
    }
    Ok(note(store, &loaded.deployment, entry, loaded.deployment.progress.warming.unwrap_or(now)).await?)
}

/// Whether Lambda gives it is known. Only while the deployment runs: whoever ends it looks for what was not answered by then.
async fn answered(records: &impl Records, loaded: &mut Loaded, asked: &Asked) -> Result<(), StepError> {
    change(records, loaded, |deployment| {
        running(&deployment.phase)?;
        deployment.progress.given.heard = Some(match asked {
            Asked::Taken => Heard::Taken,
            Asked::Refused(_) => Heard::Refused,
        });
        Ok::<(), StepError>(())
    })
    .await
}

/// Takes back what the new version was given before its first call. What cannot be taken back is written down, and keeps no
/// deployment from ending for longer than [`cool::PATIENCE`].
pub(crate) async fn after(
    store: &(impl Records + Journal + LateWrites),
    functions: &impl WarmVersions,
    clock: &impl Clock,
    loaded: &mut Loaded,
) -> Result<(), StepError> {
    if let Some(gift) = loaded.plan.as_ref().and_then(|plan| cool::due(plan, &loaded.deployment)) {
        end(store, functions, clock, loaded, &gift).await?;
    }
    if cool::may_come(&loaded.deployment) {
        // Before the deployment is over: from then on the sweep looks for it.
        store.expect_late(&loaded.deployment.id, clock.now() + SignedDuration::from(WATCHED)).await?;
    }
    Ok(())
}

async fn end(
    store: &(impl Records + Journal),
    functions: &impl WarmVersions,
    clock: &impl Clock,
    loaded: &mut Loaded,
    gift: &Gift,
) -> Result<(), StepError> {
    let began = clock.now();
    if loaded.deployment.progress.given.cooling.is_none() {
        change(store, loaded, |deployment| {
            deployment.progress.given.cooling.get_or_insert(began);
            Ok::<(), StepError>(())
        })
        .await?;
    }
    let end = match take_back(functions, gift).await {
        Ok(end) => end,
        Err(error) if error.is_passing() && !cool::gives_up(&loaded.deployment, clock.now()) => {
            return Err(StepError::Transient(error.to_string()));
        }
        Err(error) => Cooled::Left(error.to_string()),
    };
    tell(store, clock, loaded, gift, end).await
}

/// Takes back what the version has of us, and looks whether it is gone.
async fn take_back(functions: &impl WarmVersions, gift: &Gift) -> Result<Cooled, PortError> {
    let Gift { function, version, .. } = gift;
    match cool::next(gift, functions.warmth(function, *version).await?.as_ref()) {
        cool::Next::Done(end) => return Ok(end),
        cool::Next::TakeBack => functions.cool(function, *version).await?,
    }
    match cool::next(gift, functions.warmth(function, *version).await?.as_ref()) {
        cool::Next::Done(Cooled::Absent) => Ok(Cooled::TakenBack),
        cool::Next::Done(end) => Ok(end),
        cool::Next::TakeBack => Err(PortError::Passing("Lambda took the deletion, and still shows it".to_owned())),
    }
}

/// Tells what came of it, and writes it down.
async fn tell(
    store: &(impl Records + Journal),
    clock: &impl Clock,
    loaded: &mut Loaded,
    gift: &Gift,
    end: Cooled,
) -> Result<(), StepError> {
    let told = loaded.deployment.progress.given.end.as_ref() == Some(&end);
    if let Some(entry) = cool::line(gift, &loaded.deployment, &end).filter(|_| !told) {
        note(store, &loaded.deployment, entry, clock.now()).await?;
    }
    change(store, loaded, |deployment| {
        deployment.progress.given.end = Some(end.clone());
        Ok::<(), StepError>(())
    })
    .await
}

/// Looks at a deployment that is over, whose version may have got provisioned concurrency since, or still has it. Says whether
/// anything was done about it.
pub(crate) async fn late(
    store: &(impl Records + Journal + Locks + LateWrites),
    functions: &impl WarmVersions,
    clock: &impl Clock,
    plan: &Plan,
    loaded: &mut Loaded,
) -> Result<bool, StepError> {
    let id = loaded.deployment.id.clone();
    let gift = match cool::late(plan, &loaded.deployment, clock.now()) {
        Late::NotYet => return Ok(false),
        Late::Over => {
            store.forget_late(&id).await?;
            return Ok(false);
        }
        Late::Look(gift) => gift,
    };
    // One that is at work may have taken it over, and takes it back.
    let lock = store.read_lock(&plan.target.key()).await?;
    if lock.owner.is_some_and(|owner| owner != id) {
        return Ok(false);
    }
    let was_left = matches!(loaded.deployment.progress.given.end, Some(Cooled::Left(_)));
    match take_back(functions, &gift).await {
        Ok(Cooled::TakenBack) => {
            note(store, &loaded.deployment, Entry::CooledLate { version: gift.version }, clock.now()).await?;
            change(store, loaded, |deployment| {
                deployment.progress.given.end = Some(Cooled::TakenBack);
                Ok::<(), StepError>(())
            })
            .await?;
            Ok(true)
        }
        Ok(end) if was_left => {
            tell(store, clock, loaded, &gift, end).await?;
            Ok(true)
        }
        // Nothing has come, or somebody has given it its own.
        Ok(_) => Ok(false),
        Err(error) if was_left || error.is_passing() => Err(error.into()),
        Err(error) => {
            tell(store, clock, loaded, &gift, Cooled::Left(error.to_string())).await?;
            Ok(true)
        }
    }
}

/// Finds out whether what the version has that a request wants to warm was left there by an older deployment. Of those that were
/// over more than an hour ago nobody knows it any more.
pub(crate) async fn recognize(
    store: &(impl Records + LateWrites),
    request: &Request,
    facts: &mut Facts,
) -> Result<(), PortError> {
    let (Resource::Alias(wanted), Some(_)) = (&request.appspec.resource, facts.target.warmed()) else {
        return Ok(());
    };
    let mut left = Vec::new();
    for id in store.expected_late().await? {
        let Some(Loaded { plan: Some(plan), deployment, .. }) = store.load(&id).await? else { continue };
        let gift = cool::left(&plan, &deployment);
        let same = gift.filter(|gift| (&gift.function, gift.version) == (&wanted.function, wanted.target));
        left.extend(same.map(|gift| gift.concurrency));
    }
    facts.target.recognize(&left);
    Ok(())
}
