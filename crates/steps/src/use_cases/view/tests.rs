use codedeploy::view::{DeploymentView, ListedDeployment};
use jiff::{SignedDuration, Timestamp};
use rollout::code::ErrorCode;
use rollout::deployment::{Deployment, Lease, Phase};
use rollout::ending::{Ending, Rollback, Traffic};
use rollout::ids::{DeploymentId, Version};
use rollout::plan::Plan;
use rollout::platform::Platform;
use rollout::progress::Position;
use rollout::request::Labels;
use rollout::routing::{Backend, Routing};
use rollout::weight::Weight;
use serde_json::json;

use super::{description, summary};
use crate::ports::Loaded;

fn backend(number: u64) -> Backend {
    Backend::from(Version::try_from(number).unwrap())
}

/// Every place traffic can end at.
fn traffics() -> Vec<Traffic> {
    let split = Routing::shifted(backend(1), backend(2), Weight::clamped(10));
    let mut traffics = vec![Traffic::Untouched, Traffic::Foreign(None)];
    traffics.extend([1, 2].map(|number| Traffic::Restored(backend(number))));
    for routing in [split, Routing::all_on(backend(1)), Routing::all_on(backend(2)), Routing::all_on(backend(3))] {
        traffics.extend([Traffic::Left(routing.clone()), Traffic::Foreign(Some(routing))]);
    }
    traffics
}

/// Every phase, with every reason and everything that can become of the traffic.
fn phases() -> Vec<Phase> {
    let mut phases = vec![Phase::Created, Phase::Running, Phase::Committing, Phase::Succeeded];
    for why in ErrorCode::ALL.map(|code| Ending::new(code, "why")) {
        for rollback in [Rollback::Restore, Rollback::Leave] {
            phases.push(Phase::Stopping { why: why.clone(), rollback });
            phases.push(Phase::Unresolved { why: why.clone(), rollback, cannot: "denied".to_owned() });
        }
        for traffic in traffics() {
            phases.push(Phase::Settled { why: why.clone(), traffic: traffic.clone() });
            phases.push(Phase::Ended { why: why.clone(), traffic });
        }
    }
    phases
}

fn plan() -> Plan {
    serde_json::from_value(json!({
        "format": 1, "target": {"kind": "LambdaAlias", "function": "storefront", "alias": "live"}, "from": "1", "to": "2",
        "start": {"primary": "1"}, "strategy": "AllAtOnce", "steps": [], "poll": 60
    }))
    .unwrap()
}

#[test]
fn a_deployment_is_read_as_it_was_written_however_it_ended() {
    let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_000);
    for (phase, plan) in phases().into_iter().flat_map(|phase| [(phase.clone(), None), (phase, Some(plan()))]) {
        let id = DeploymentId::parse("d-1").unwrap();
        let mut deployment = Deployment::new(id, Platform::Lambda, Labels::default(), now);
        deployment.phase = phase;
        deployment.started = Some(now);
        deployment.progress.at = Some(Position { step: 0, since: now, continued: false });
        deployment.lease = Some(Lease { step: None, until: now, shared: false });
        let loaded = Loaded { deployment, plan, tokens: Default::default() };
        let (shown, row) = (description(&loaded, &[], None), summary(&loaded, None));
        let told = format!("{:?}", loaded.deployment.phase);
        assert_eq!(serde_json::from_value::<DeploymentView>(json!(shown)).expect(&told), shown, "{told}");
        assert_eq!(serde_json::from_value::<ListedDeployment>(json!(row)).expect(&told), row, "{told}");
    }
}
