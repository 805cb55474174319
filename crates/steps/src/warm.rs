//! Provisioned concurrency of the new version of a function: given before its first call, taken back at the end, and looked for
//! once more where it may have come after that.

use jiff::SignedDuration;
use rollout::appspec::Resource;
use rollout::facts::Facts;
use rollout::ids::Version;
use rollout::journal::Entry;
use rollout::plan::Plan;
use rollout::request::Request;
use rollout::seconds::Seconds;
use rollout::service::aftermath::WATCHED;
use rollout::target::Target;
use rollout::warm::cool::{self, Late};
use rollout::warm::{self, Answer, Asked, Cooled, Gift, Warm};

use crate::change::{change, running};
use crate::error::StepError;
use crate::interrupt;
use crate::journal::note;
use crate::ports::{
    Clock, CoolVersions, ExpectLateWrites, ForgetLateWrites, Journal, Loaded, PortError, ReadConcurrency,
    ReadLateWrites, ReadLocks, Records, WarmVersions,
};

/// The time between asking and the first look.
const FIRST_LOOK: Seconds = Seconds(2);

/// Tells that the new version is warm, where the plan wanted that, before its first call.
pub(crate) async fn begin(
    ports: &(impl Clock + Journal),
    plan: &Plan,
    Loaded { deployment, .. }: &Loaded,
) -> Result<(), StepError> {
    match warm::wanted(plan, deployment) {
        Some((version, _)) => Ok(note(ports, deployment, Entry::Warmed { version }, ports.now()).await?),
        None => Ok(()),
    }
}

/// Asks for the provisioned concurrency of the new version; how long to wait before it is looked for.
pub(crate) async fn give(
    ports: &(impl Clock + Records + Journal + WarmVersions),
    plan: &Plan,
    loaded: &mut Loaded,
    version: Version,
    warm: Warm,
) -> Result<Seconds, StepError> {
    let Target::LambdaAlias { function, .. } = &plan.target else { return Ok(FIRST_LOOK) };
    // An earlier attempt that was not answered may still be carried out, whatever this one hears.
    let is_only = loaded.deployment.progress.given.heard != Some(Answer::Nothing);
    ask(ports, loaded, Entry::Warming { version, concurrency: warm.concurrency }).await?;
    match ports.warm(function, version, warm).await {
        Ok(asked) => {
            if is_only {
                answered(ports, loaded, &asked).await?;
            }
            match asked {
                Asked::Taken => Ok(FIRST_LOOK),
                Asked::Refused(refusal) => {
                    let why = warm::refused(version, warm, &refusal);
                    interrupt::give_up(ports, loaded, &why).await
                }
            }
        }
        Err(error) => Err(StepError::Transient(format!("{}: {error}", warm::missed(version, warm)))),
    }
}

/// Written down first: whoever ends the deployment has to take it back, or to look for it.
async fn ask(ports: &(impl Clock + Records + Journal), loaded: &mut Loaded, entry: Entry) -> Result<(), StepError> {
    let now = ports.now();
    if loaded.deployment.progress.given.heard != Some(Answer::Nothing) {
        change(ports, loaded, |deployment| {
            running(&deployment.phase)?;
            deployment.progress.warming.get_or_insert(now);
            deployment.progress.given.heard = Some(Answer::Nothing);
            Ok::<(), StepError>(())
        })
        .await?;
    }
    Ok(note(ports, &loaded.deployment, entry, loaded.deployment.progress.warming.unwrap_or(now)).await?)
}

/// Whether Lambda gives it is known. Only while the deployment runs: whoever ends it looks for what was not answered by then.
async fn answered(ports: &impl Records, loaded: &mut Loaded, asked: &Asked) -> Result<(), StepError> {
    change(ports, loaded, |deployment| {
        running(&deployment.phase)?;
        deployment.progress.given.heard = Some(match asked {
            Asked::Taken => Answer::Taken,
            Asked::Refused(_) => Answer::Refused,
        });
        Ok::<(), StepError>(())
    })
    .await
}

/// Takes back what the new version was given before its first call. What cannot be taken back is written down, and keeps no
/// deployment from ending for longer than [`cool::KEPT_FROM_ENDING`].
pub(crate) async fn after(
    ports: &(impl Clock + Records + Journal + CoolVersions + ExpectLateWrites + ReadConcurrency),
    loaded: &mut Loaded,
) -> Result<(), StepError> {
    if let Some(gift) = loaded.plan.as_ref().and_then(|plan| cool::due(plan, &loaded.deployment)) {
        end(ports, loaded, &gift).await?;
    }
    if cool::may_come(&loaded.deployment) {
        // Before the deployment is over: from then on the sweep looks for it.
        ports.expect_late(&loaded.deployment.id, ports.now() + SignedDuration::from(WATCHED)).await?;
    }
    Ok(())
}

async fn end(
    ports: &(impl Clock + Records + Journal + CoolVersions + ReadConcurrency),
    loaded: &mut Loaded,
    gift: &Gift,
) -> Result<(), StepError> {
    let began = ports.now();
    if loaded.deployment.progress.given.cooling.is_none() {
        change(ports, loaded, |deployment| {
            deployment.progress.given.cooling.get_or_insert(began);
            Ok::<(), StepError>(())
        })
        .await?;
    }
    let end = match take_back(ports, gift).await {
        Ok(end) => end,
        Err(error) if error.is_passing() && !cool::gives_up(&loaded.deployment, ports.now()) => {
            return Err(StepError::Transient(error.to_string()));
        }
        Err(error) => Cooled::Left(error.to_string()),
    };
    tell(ports, loaded, gift, end).await
}

/// Takes back what the version has of us, and looks whether it is gone.
async fn take_back(ports: &(impl CoolVersions + ReadConcurrency), gift: &Gift) -> Result<Cooled, PortError> {
    let Gift { function, version, .. } = gift;
    match cool::next(gift, ports.warmth(function, *version).await?.as_ref()) {
        cool::Next::Done(end) => return Ok(end),
        cool::Next::TakeBack => ports.cool(function, *version).await?,
    }
    match cool::next(gift, ports.warmth(function, *version).await?.as_ref()) {
        cool::Next::Done(Cooled::Absent) => Ok(Cooled::TakenBack),
        cool::Next::Done(end) => Ok(end),
        cool::Next::TakeBack => Err(PortError::Passing("Lambda took the deletion, and still shows it".to_owned())),
    }
}

/// Tells what came of it, and writes it down.
async fn tell(
    ports: &(impl Clock + Records + Journal),
    loaded: &mut Loaded,
    gift: &Gift,
    end: Cooled,
) -> Result<(), StepError> {
    let told = loaded.deployment.progress.given.end.as_ref() == Some(&end);
    if let Some(entry) = cool::line(gift, &loaded.deployment, &end).filter(|_| !told) {
        note(ports, &loaded.deployment, entry, ports.now()).await?;
    }
    change(ports, loaded, |deployment| {
        deployment.progress.given.end = Some(end.clone());
        Ok::<(), StepError>(())
    })
    .await
}

/// Looks at a deployment that is over, whose version may have got provisioned concurrency since, or still has it. Says whether
/// anything was done about it.
pub(crate) async fn late(
    ports: &(impl Clock + Records + Journal + CoolVersions + ForgetLateWrites + ReadConcurrency + ReadLocks),
    plan: &Plan,
    loaded: &mut Loaded,
) -> Result<bool, StepError> {
    let id = loaded.deployment.id.clone();
    let gift = match cool::late(plan, &loaded.deployment, ports.now()) {
        Late::NotYet => return Ok(false),
        Late::Over => {
            ports.forget_late(&id).await?;
            return Ok(false);
        }
        Late::Look(gift) => gift,
    };
    // One that is at work may have taken it over, and takes it back.
    let lock = ports.read_lock(&plan.target.key()).await?;
    if lock.owner.is_some_and(|owner| owner != id) {
        return Ok(false);
    }
    let was_left = matches!(loaded.deployment.progress.given.end, Some(Cooled::Left(_)));
    match take_back(ports, &gift).await {
        Ok(Cooled::TakenBack) => {
            note(ports, &loaded.deployment, Entry::CooledLate { version: gift.version }, ports.now()).await?;
            change(ports, loaded, |deployment| {
                deployment.progress.given.end = Some(Cooled::TakenBack);
                Ok::<(), StepError>(())
            })
            .await?;
            Ok(true)
        }
        Ok(end) if was_left => {
            tell(ports, loaded, &gift, end).await?;
            Ok(true)
        }
        // Nothing has come, or somebody has given it its own.
        Ok(_) => Ok(false),
        Err(error) if was_left || error.is_passing() => Err(error.into()),
        Err(error) => {
            tell(ports, loaded, &gift, Cooled::Left(error.to_string())).await?;
            Ok(true)
        }
    }
}

/// Finds out whether what the version has that a request wants to warm was left there by an older deployment. Of those that were
/// over more than an hour ago nobody knows it any more.
pub(crate) async fn recognize(
    ports: &(impl Records + ReadLateWrites),
    request: &Request,
    facts: &mut Facts,
) -> Result<(), PortError> {
    let (Resource::Alias(wanted), Some(_)) = (&request.appspec.resource, facts.target.warmed()) else {
        return Ok(());
    };
    let mut left = Vec::new();
    for id in ports.expected_late().await? {
        let Some(Loaded { plan: Some(plan), deployment, .. }) = ports.load(&id).await? else { continue };
        let gift = cool::left(&plan, &deployment);
        let same = gift.filter(|gift| (&gift.function, gift.version) == (&wanted.function, wanted.target));
        left.extend(same.map(|gift| gift.concurrency));
    }
    facts.target.recognize(&left);
    Ok(())
}
