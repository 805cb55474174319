//! Drift: an alias that somebody else changed while a deployment ran.

use rollout::ending::{Ending, ErrorCode};
use rollout::plan::{Plan, Target};

use crate::change::{load, running};
use crate::error::StepError;
use crate::interrupt;
use crate::ports::{Alias, Clock, Journal, Loaded, ReadAlias, Records};

/// The alias, if it is as this deployment left it; otherwise the deployment ends with `DRIFT`.
pub async fn recognize(
    store: &(impl Records + Journal),
    aliases: &impl ReadAlias,
    clock: &impl Clock,
    plan: &Plan,
    loaded: &mut Loaded,
) -> Result<Alias, StepError> {
    match look(store, aliases, plan, loaded).await? {
        Found::Ours(read) => Ok(read),
        Found::Foreign(found) => {
            let why = ending(plan, found.as_ref());
            interrupt::give_up(store, clock, loaded, &why).await
        }
    }
}

/// Whose an alias is.
enum Found {
    /// As this deployment left it.
    Ours(Alias),
    /// Changed by somebody else; `None`: it does not exist any more.
    Foreign(Option<Alias>),
}

/// How often an alias and a record are compared that both keep changing.
const LOOKS: usize = 4;

/// Reads the alias and finds out whether this deployment left it so.
///
/// Another attempt of this step may be at work on both. So an alias that is not recognized counts as somebody else's only
/// if it stays as it is while the record is read anew: every write of ours was announced in the record before.
async fn look(
    store: &impl Records,
    aliases: &impl ReadAlias,
    plan: &Plan,
    loaded: &mut Loaded,
) -> Result<Found, StepError> {
    let Target::LambdaAlias { function, alias } = &plan.target;
    let mut before = None;
    for _ in 0..LOOKS {
        let read = aliases.alias(function, alias).await?;
        match read {
            Some(read) if read.routing().is_some_and(|live| plan.recognizes(&loaded.deployment, live)) => {
                return Ok(Found::Ours(read));
            }
            read if before.as_ref() == Some(&read) => return Ok(Found::Foreign(read)),
            read => before = Some(read),
        }
        *loaded = load(store, &loaded.deployment.id).await?;
        running(&loaded.deployment.phase)?;
    }
    Err(StepError::Transient(format!("the alias {} keeps changing", plan.target)))
}

fn ending(plan: &Plan, found: Option<&Alias>) -> Ending {
    let found = match found.map(Alias::routing) {
        None => "it no longer exists".to_owned(),
        Some(None) => "it points at $LATEST".to_owned(),
        Some(Some(routing)) => format!("it is on {routing}"),
    };
    Ending::new(
        ErrorCode::Drift,
        format!("the alias {} was changed by somebody else while the deployment ran: {found}", plan.target),
    )
}
