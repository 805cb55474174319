//! Writing the journal. A line has a key and is kept once (`rollout::journal`), so each attempt tells again what it has to tell.
//!
//! What the world has answered is told before the record says so; what the record decides, after that.

use jiff::Timestamp;
use rollout::deployment::{Change, Deployment};
use rollout::journal::{self, Entry, Line};

use crate::change::apply;
use crate::error::StepError;
use crate::ports::{Clock, Journal, Loaded, PortError, Records};

/// Tells what happened to a deployment.
pub(crate) async fn note(
    ports: &impl Journal,
    deployment: &Deployment,
    entry: Entry,
    at: Timestamp,
) -> Result<(), PortError> {
    tell(ports, deployment, [Line::of(deployment, entry, at)]).await
}

/// Tells what a record has decided: lines that the core derived from it.
pub(crate) async fn tell(
    ports: &impl Journal,
    deployment: &Deployment,
    lines: impl IntoIterator<Item = Line>,
) -> Result<(), PortError> {
    for line in lines {
        ports.append(&deployment.id, &line).await?;
    }
    Ok(())
}

/// Tells whatever the record has decided and the journal does not say: whoever decided it may have died before it was told.
pub(crate) async fn catch_up(ports: &impl Journal, loaded: &Loaded) -> Result<(), PortError> {
    catch_up_on(ports, loaded, |_| true).await
}

/// The same of some lines.
pub(crate) async fn catch_up_on(
    ports: &impl Journal,
    Loaded { deployment, plan, .. }: &Loaded,
    wanted: impl Fn(&Entry) -> bool,
) -> Result<(), PortError> {
    let mut due = journal::due(deployment, plan.as_ref());
    due.retain(|line| wanted(&line.entry));
    if due.is_empty() {
        return Ok(());
    }
    let told = ports.lines(&deployment.id).await?;
    tell(ports, deployment, journal::missing(due, &told)).await
}

/// Makes the record final. That is told before: whoever sees the end finds it in the journal.
pub(crate) async fn end(ports: &(impl Clock + Records + Journal), loaded: &mut Loaded) -> Result<(), StepError> {
    let mut over = loaded.deployment.clone();
    if over.apply(Change::Finish, ports.now()).is_ok() {
        tell(ports, &over, journal::ended(&over, loaded.plan.as_ref())).await?;
    }
    apply(ports, loaded, &Change::Finish).await
}
