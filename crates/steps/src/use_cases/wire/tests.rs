use codedeploy::names::Home;
use codedeploy::shapes::DeploymentOverview;
use jiff::Timestamp;
use rollout::code::ErrorCode;
use rollout::deployment::{Deployment, Phase};
use rollout::ending::{Ending, Traffic};
use rollout::ids::DeploymentId;
use rollout::platform::Platform;
use rollout::request::Labels;
use serde_json::json;

use super::{Listed, info, targets};
use crate::ports::Loaded;

fn loaded(phase: Phase, begun: bool) -> Loaded {
    let id = DeploymentId::parse("d-1").unwrap();
    let mut deployment = Deployment::new(id, Platform::Lambda, Labels::default(), Timestamp::UNIX_EPOCH);
    deployment.phase = phase;
    deployment.started = begun.then_some(Timestamp::UNIX_EPOCH);
    let plan = begun.then(|| {
        let plan = json!({
            "format": 1, "target": {"kind": "LambdaAlias", "function": "storefront", "alias": "live"}, "from": "1", "to": "2",
            "start": {"primary": "1"}, "strategy": "AllAtOnce", "steps": [], "poll": 60
        });
        serde_json::from_value(plan).unwrap()
    });
    Loaded { deployment, plan, tokens: Default::default() }
}

fn refused() -> Phase {
    Phase::Ended { why: Ending::new(ErrorCode::TargetLocked, "busy"), traffic: Traffic::Untouched }
}

#[test]
fn a_deployment_of_an_alias_lists_it_and_shows_it_by_the_id_that_was_listed() {
    let loaded = loaded(Phase::Running, true);
    let listed = targets(&loaded);
    let home = Home { partition: "aws".to_owned(), region: "eu-west-1".to_owned(), account: "111122223333".to_owned() };
    assert_eq!(listed.iter().map(Listed::id).collect::<Vec<_>>(), ["storefront:live"]);
    for target in listed {
        let shown = target.shown(&home, None).lambda_target.unwrap();
        assert_eq!((shown.target_id, shown.status.as_deref()), (Some(target.id()), Some(target.status())));
        assert_eq!(shown.target_arn.as_deref(), Some("arn:aws:lambda:eu-west-1:111122223333:function:storefront"));
    }
}

#[test]
fn the_overview_counts_every_target_and_one_of_a_deployment_that_never_had_a_plan() {
    let none = DeploymentOverview {
        pending: Some(0),
        in_progress: Some(0),
        succeeded: Some(0),
        failed: Some(0),
        skipped: Some(0),
        ready: Some(0),
    };
    let counted = |loaded: &Loaded| info(loaded, None).deployment_overview.unwrap();
    let running = loaded(Phase::Running, true);
    assert_eq!(targets(&running).len(), 1);
    assert_eq!(counted(&running), DeploymentOverview { in_progress: Some(1), ..none.clone() });
    let refused = loaded(refused(), false);
    assert_eq!(targets(&refused).len(), 0, "nobody knows which it would have been");
    assert_eq!(counted(&refused), DeploymentOverview { skipped: Some(1), ..none });
}
