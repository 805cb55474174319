//! Drift: a target that somebody else changed while a deployment ran.

use crate::code::ErrorCode;
use crate::deployment::Deployment;
use crate::ending::Ending;
use crate::plan::Plan;
use crate::routing::Routing;
use crate::service::preflight::Which;
use crate::settle::Live;
use crate::target::Target;
use crate::verdict::Verdict;

/// Whose a target is, as one look found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognized {
    /// As the deployment left it.
    Ours,
    /// Changed by somebody else.
    Foreign,
    /// Nobody knows yet: the record has to be read anew, and the target once more.
    LookAgain,
}

/// Finds out whether the deployment left its target so. `stays` says that the look before this one found the very same.
///
/// Another attempt of the same step may be at work on target and record. So a target that is not recognized counts as somebody
/// else's only if it stays as it is while the record is read anew: every write of ours was announced in the record before.
pub fn recognize(plan: &Plan, deployment: &Deployment, live: &Live, stays: bool) -> Recognized {
    if plan.recognizes(deployment, live) {
        Recognized::Ours
    } else if stays {
        Recognized::Foreign
    } else {
        Recognized::LookAgain
    }
}

/// The verdict on a target that is not as the deployment left it, by what was found of each of its listeners that are not.
pub fn verdict(target: &Target, changed: &[(Which, String)]) -> Verdict {
    if changed.is_empty() {
        return Verdict::Go;
    }
    let each = changed.iter().map(|(which, found)| {
        format!("{} was changed by somebody else while the deployment ran: {found}", called(target, *which))
    });
    Verdict::Stop(Ending::new(ErrorCode::Drift, each.collect::<Vec<_>>().join("; and ")))
}

/// What a target is called in a message: an alias, or one of a service's listeners.
pub fn called(target: &Target, which: Which) -> String {
    let Target::EcsService(service) = target else { return format!("the alias {target}") };
    let listener = match (which, &service.test) {
        (Which::Test, Some(test)) => format!("the test listener {test}"),
        (Which::Test, None) | (Which::Production, _) => format!("the listener {}", service.production),
    };
    format!("{listener} of the service {}/{}", service.cluster, service.service)
}

/// How an alias was found; `None`: it is no more.
pub fn alias_is(routing: Option<&Routing>) -> String {
    match routing {
        Some(routing) => format!("it is on {routing}"),
        None => "it no longer exists".to_owned(),
    }
}

/// How a listener was found that forwarded at `before` places.
pub fn listener_forwards<'a>(places: impl Iterator<Item = &'a Routing>, before: usize) -> String {
    let routes: Vec<String> = places.map(ToString::to_string).collect();
    let places = match routes.len() {
        0 => return "it no longer forwards to either target group".to_owned(),
        left if left < before => format!("it forwards at {left} instead of {before} places"),
        1 => "it forwards at 1 place".to_owned(),
        places => format!("it forwards at {places} places"),
    };
    format!("{places}: to {}", routes.join("; to "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{a_deployment, a_plan, v};

    #[test]
    fn a_target_is_somebody_elses_only_if_it_stays_so_while_the_record_is_read_anew() {
        let (plan, deployment) = (a_plan("AllAtOnce"), a_deployment());
        let at = |version| Live::alias(Some(&Routing::all_on(v(version))));
        assert_eq!(recognize(&plan, &deployment, &at(1), false), Recognized::Ours);
        assert_eq!(recognize(&plan, &deployment, &at(9), false), Recognized::LookAgain);
        assert_eq!(recognize(&plan, &deployment, &at(9), true), Recognized::Foreign);
        assert_eq!(recognize(&plan, &deployment, &at(1), true), Recognized::Ours);
    }

    #[test]
    fn what_was_changed_is_called_by_its_name_and_said() {
        let target = a_plan("AllAtOnce").target;
        assert_eq!(verdict(&target, &[]), Verdict::Go);
        let Verdict::Stop(ending) = verdict(&target, &[(Which::Production, alias_is(None))]) else { panic!() };
        assert_eq!(ending.code, ErrorCode::Drift);
        assert!(ending.message.ends_with("was changed by somebody else while the deployment ran: it no longer exists"));
    }
}
