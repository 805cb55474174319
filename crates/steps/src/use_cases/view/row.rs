//! A deployment in one line, as `codedeploy::view` has it.

use codedeploy::time::Time;
use codedeploy::view::{AskedView, ListedDeployment};
use rollout::deployment::Deployment;
use rollout::request::Request;

use super::ending::{error_code, left_warm, outcome, rolled_back_by};
use super::plan::{asked, ends, pair, target};
use crate::ports::Loaded;
use crate::use_cases::wire;

/// One row of a listing; of a deployment without a plan, with what was asked for.
pub(in crate::use_cases) fn summary(loaded: &Loaded, wanted: Option<&Request>) -> ListedDeployment {
    let Deployment { id, phase, created, labels, .. } = &loaded.deployment;
    let (target, from, to) = match (&loaded.plan, wanted.and_then(asked)) {
        (Some(plan), _) => {
            let (from, to) = ends(plan);
            (Some(target(plan)), Some(from), Some(to))
        }
        (None, Some(AskedView { target, to })) => (Some(target), None, Some(to)),
        (None, None) => (None, None, None),
    };
    ListedDeployment {
        target,
        pair: loaded.plan.as_ref().and_then(pair),
        from,
        to,
        deployment_id: id.to_string(),
        status: wire::status(loaded).as_str().to_owned(),
        outcome: phase.outcome().map(outcome),
        create_time: Some(Time(*created)),
        error_code: error_code(phase).map(str::to_owned),
        description: labels.description.clone(),
        rollback_of: loaded.deployment.rolls_back().map(ToString::to_string),
        rolled_back_by: rolled_back_by(loaded),
        left_warm: left_warm(loaded),
    }
}
