//! Going back: which revision a target had before what it has now.
//!
//! A revision is what a deployment brings: the number of a version, or `family:revision` of a task definition.

use crate::deployment::{Deployment, Phase};
use crate::ids::DeploymentId;
use crate::plan::Plan;
use crate::target::Target;

/// What a deployment goes from and to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revisions {
    /// What the target had when it began.
    pub from: String,
    /// What it brings.
    pub to: String,
}

impl Revisions {
    /// Those of a plan.
    pub fn of(plan: &Plan) -> Self {
        let shift = plan.shift();
        match &plan.target {
            Target::LambdaAlias { .. } => Self { from: shift.from.id(), to: shift.to.id() },
            Target::EcsService(service) => Self {
                from: service.blue_definition.short().to_owned(),
                to: service.green.task_definition.short().to_owned(),
            },
        }
    }
}

/// A revision that a target had, and was well with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Good {
    /// The revision.
    pub revision: String,
    /// The deployment that brought it; of what was there before the first one, nobody knows.
    pub brought_by: Option<DeploymentId>,
}

/// Why there is nothing to go back to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoWay {
    /// Nothing is known of the target but what it has now.
    #[error(
        "nothing is known of {target} that it had before {live}, as far as its last deployments tell: deploy what you want there"
    )]
    Nothing {
        /// The target.
        target: String,
        /// What it has now.
        live: String,
    },
    /// It never had what somebody wants.
    #[error("{target} was never brought to {wanted} with success, as far as its last deployments tell; it had {had}")]
    Never {
        /// The target.
        target: String,
        /// What somebody wants.
        wanted: String,
        /// What it had, newest first.
        had: String,
    },
    /// It has that now.
    #[error("{target} has {wanted} now: there is nothing to undo")]
    Has {
        /// The target.
        target: String,
        /// What somebody wants.
        wanted: String,
    },
}

/// The revisions that a target was well with, newest first, each once; `past` has its deployments, newest first.
pub fn good<'a>(past: impl IntoIterator<Item = (&'a Deployment, &'a Plan)>) -> Vec<Good> {
    let mut good: Vec<Good> = Vec::new();
    let mut first = None;
    let mut add = |revision: String, brought_by| {
        if good.iter().all(|known| known.revision != revision) {
            good.push(Good { revision, brought_by });
        }
    };
    for (deployment, plan) in past.into_iter().filter(|(deployment, _)| deployment.phase == Phase::Succeeded) {
        let Revisions { from, to } = Revisions::of(plan);
        add(to, Some(deployment.id.clone()));
        first = Some(from);
    }
    // What was there before the first deployment that is known was well enough to have the traffic.
    if let Some(from) = first {
        add(from, None);
    }
    good
}

/// The revision to go back to: the one that is wanted, or the newest that is not live.
pub fn choose<'a>(target: &str, good: &'a [Good], live: &str, wanted: Option<&str>) -> Result<&'a Good, NoWay> {
    let target = target.to_owned();
    match wanted {
        Some(wanted) if wanted == live => Err(NoWay::Has { target, wanted: wanted.to_owned() }),
        Some(wanted) => good.iter().find(|good| good.revision == wanted).ok_or_else(|| {
            let had: Vec<&str> = good.iter().map(|good| good.revision.as_str()).collect();
            NoWay::Never { target, wanted: wanted.to_owned(), had: had.join(", ") }
        }),
        None => good
            .iter()
            .find(|good| good.revision != live)
            .ok_or_else(|| NoWay::Nothing { target, live: live.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::deployment::Change;
    use crate::platform::Platform;
    use crate::request::Labels;
    use crate::routing::Backend;
    use crate::testing::a_plan;

    /// A deployment between two versions, with what happened to it.
    fn deployed(id: &str, from: u64, to: u64, changes: &[Change]) -> (Deployment, Plan) {
        let id = DeploymentId::parse(id).unwrap();
        let mut deployment = Deployment::new(id, Platform::Lambda, Labels::default(), Timestamp::UNIX_EPOCH);
        changes.iter().for_each(|change| deployment.apply(change.clone(), Timestamp::UNIX_EPOCH).unwrap());
        let mut plan = a_plan("AllAtOnce");
        let crate::course::Course::Shift(shift) = &mut plan.course;
        let version = |number| Backend::from(crate::ids::Version::try_from(number).unwrap());
        (shift.from, shift.to) = (version(from), version(to));
        (deployment, plan)
    }

    fn past() -> Vec<(Deployment, Plan)> {
        let won = [Change::Begin, Change::Commit, Change::Finish];
        vec![
            deployed("d-RUNS", 5, 6, &[Change::Begin]),
            deployed("d-FIVE", 4, 5, &won),
            deployed("d-FOUR", 3, 4, &won),
            deployed("d-AGAIN", 4, 3, &won),
            deployed("d-FIRST", 2, 4, &won),
        ]
    }

    fn chosen(live: &str, wanted: Option<&str>) -> String {
        let past = past();
        let good = good(past.iter().map(|(deployment, plan)| (deployment, plan)));
        match choose("storefront:live", &good, live, wanted) {
            Ok(good) => format!("{} by {:?}", good.revision, good.brought_by.as_ref().map(DeploymentId::as_str)),
            Err(no) => no.to_string(),
        }
    }

    #[test]
    fn one_goes_back_to_the_newest_good_revision_that_is_not_live_or_to_any_that_was_good() {
        assert_eq!(chosen("5", None), "4 by Some(\"d-FOUR\")");
        assert_eq!(chosen("4", None), "5 by Some(\"d-FIVE\")");
        assert_eq!(chosen("6", None), "5 by Some(\"d-FIVE\")", "somebody moved it by hand");
        assert_eq!(chosen("5", Some("3")), "3 by Some(\"d-AGAIN\")");
        assert_eq!(chosen("5", Some("2")), "2 by None", "what was there before the first one");
    }

    #[test]
    fn what_was_never_good_is_refused_with_what_was() {
        let told = "storefront:live was never brought to 6 with success, as far as its last deployments tell; it had 5, 4, 3, 2";
        assert_eq!(chosen("5", Some("6")), told);
        assert_eq!(chosen("5", Some("5")), "storefront:live has 5 now: there is nothing to undo");
        let nothing = choose("shop/web", &[], "web:2", None).unwrap_err().to_string();
        assert_eq!(
            nothing,
            "nothing is known of shop/web that it had before web:2, as far as its last deployments tell: deploy what you want there"
        );
    }
}
