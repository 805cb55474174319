//! How a deployment ended, and what it left, as `codedeploy::view` has it.

use codedeploy::view::{ErrorView, LeftWarm, Outcome, RollbackOf, RoutingView};
use rollout::deployment::{self, Creator, Deployment, Phase};
use rollout::ending::{Ending, Traffic};
use rollout::failure::names;
use rollout::routing::Routing;
use rollout::warm::cool;

use crate::ports::Loaded;

pub(super) fn outcome(outcome: deployment::Outcome) -> Outcome {
    match outcome {
        deployment::Outcome::Succeeded => Outcome::Succeeded,
        deployment::Outcome::RolledBack => Outcome::RolledBack,
        deployment::Outcome::Stopped => Outcome::Stopped,
        deployment::Outcome::Failed => Outcome::Failed,
        deployment::Outcome::Unresolved => Outcome::Unresolved,
    }
}

pub(super) fn error_code(phase: &Phase) -> Option<&'static str> {
    match phase {
        Phase::Unresolved { .. } => Some(names::UNRESOLVED),
        phase => phase.why().map(|why| why.code.as_str()),
    }
}

pub(super) fn error(deployment: &Deployment) -> Option<ErrorView> {
    let why = deployment.phase.why()?;
    Some(match deployment.unresolved() {
        Some(unresolved) => ErrorView {
            code: names::UNRESOLVED.to_owned(),
            message: Some(format!("{unresolved} after this: {}", why.message)),
        },
        None => error_view(why),
    })
}

fn error_view(why: &Ending) -> ErrorView {
    ErrorView { code: why.code.as_str().to_owned(), message: Some(why.message.clone()) }
}

/// The deployment that shows this one's rollback, once that was written.
pub(super) fn rolled_back_by(loaded: &Loaded) -> Option<String> {
    match &loaded.deployment.phase {
        Phase::Ended { .. } => loaded.deployment.rollback(loaded.plan.as_ref()).map(|by| by.id.to_string()),
        _ => None,
    }
}

pub(super) fn rollback_of(deployment: &Deployment) -> Option<RollbackOf> {
    match &deployment.creator {
        Creator::User => None,
        Creator::Rollback(of) => {
            Some(RollbackOf { deployment_id: of.to_string(), error: deployment.undoes.as_ref().map(error_view) })
        }
    }
}

/// The provisioned concurrency that the version may still have of a deployment that is over.
pub(super) fn left_warm(loaded: &Loaded) -> Option<LeftWarm> {
    let gift = cool::left(loaded.plan.as_ref()?, &loaded.deployment)?;
    Some(LeftWarm {
        function: gift.function.to_string(),
        version: gift.version.to_string(),
        concurrency: gift.concurrency,
        why: cool::why_left(&loaded.deployment).map(str::to_owned),
        take_back: gift.command(),
    })
}

/// Where calls go.
pub(in crate::use_cases) fn routing(routing: &Routing) -> RoutingView {
    RoutingView {
        version: routing.primary.id(),
        additional_version: routing.additional.as_ref().map(|additional| additional.backend.id()),
        additional_weight: routing.additional.as_ref().map(|additional| additional.share.weight().percent()),
    }
}

pub(super) fn left_to_others(loaded: &Loaded) -> bool {
    let Phase::Ended { traffic: traffic @ Traffic::Foreign(Some(routing)), .. } = &loaded.deployment.phase else {
        return false;
    };
    routing.is_split() && loaded.plan.as_ref().is_some_and(|plan| plan.leaves_behind(traffic).is_none())
}

pub(super) fn leftover(phase: &Phase) -> Option<RoutingView> {
    let (Phase::Settled { traffic, .. } | Phase::Ended { traffic, .. }) = phase else { return None };
    match traffic {
        Traffic::Left(routing) | Traffic::Foreign(Some(routing)) => Some(self::routing(routing)),
        Traffic::Untouched | Traffic::Restored(_) | Traffic::Foreign(None) => None,
    }
}
