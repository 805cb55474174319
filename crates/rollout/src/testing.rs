//! Small plans for the tests of this crate.

pub(crate) mod service;

use jiff::Timestamp;
use proptest::prelude::any;

use crate::alarms::Readings;
use crate::appspec::{AppSpec, Resource, TargetAlias};
use crate::course::{Chosen, Course, Shift};
use crate::deployment::{Change, Deployment};
use crate::facts::{AliasFacts, Facts, LiveAlias, TargetFacts, VersionFacts, VersionState};
use crate::format;
use crate::hold::{Hold, OnTimeout};
use crate::ids::{AliasName, DeploymentId, FunctionName, Version};
use crate::plan::Plan;
use crate::platform::Platform;
use crate::request::{Labels, Request};
use crate::routing::Routing;
use crate::seconds::Seconds;
use crate::strategy::{Step, Strategy};
use crate::target::Target;
use crate::weight::Weight;

pub(crate) use service::{a_service_plan, service_facts};

/// A plan from version 1 to 2 of `storefront:live`, by a strategy's name.
pub(crate) fn a_plan(strategy: &str) -> Plan {
    let (one, two) = (Version::try_from(1).unwrap(), Version::try_from(2).unwrap());
    Plan {
        format: format::PLAN,
        target: Target::LambdaAlias {
            function: FunctionName::parse("storefront").unwrap(),
            alias: AliasName::parse("live").unwrap(),
        },
        course: Course::Shift(Shift {
            from: one.into(),
            to: two.into(),
            start: Routing::all_on(one),
            strategy: Chosen { name: strategy.to_owned(), origin: None, overruled: Vec::new() },
            steps: Strategy::named(strategy, Platform::Lambda).unwrap().steps(),
            warm: None,
            rewarms: None,
        }),
        hooks: Default::default(),
        alarms: Default::default(),
        rollback: Default::default(),
        poll: Seconds(60),
    }
}

/// A deployment of an alias that has begun and taken no step.
pub(crate) fn a_deployment() -> Deployment {
    let (id, now) = (DeploymentId::parse("d-1").unwrap(), Timestamp::UNIX_EPOCH);
    let mut deployment = Deployment::new(id, Platform::Lambda, Labels::default(), now);
    deployment.apply(Change::Begin, now).unwrap();
    deployment
}

/// Any step list that a strategy may have: weights climb to 100, seven days at most.
pub(crate) fn steps() -> impl proptest::strategy::Strategy<Value = Vec<Step>> {
    use proptest::strategy::Strategy as _;

    let hold = (0u64..6_000, any::<bool>(), any::<bool>());
    let weights = proptest::collection::btree_set(1u8..100, 0..99);
    (weights, proptest::collection::vec(hold, 100)).prop_map(|(weights, holds)| {
        weights
            .into_iter()
            .chain([100])
            .zip(holds)
            .map(|(weight, (seconds, pause, stop))| Step {
                weight: Weight::try_from(weight).unwrap(),
                hold: if pause {
                    let on_timeout = if stop { OnTimeout::Stop } else { OnTimeout::Continue };
                    Hold::UntilContinued { timeout: Seconds(seconds.max(1)), on_timeout }
                } else {
                    Hold::For(Seconds(seconds))
                },
            })
            .collect()
    })
}

/// A version.
pub(crate) fn v(number: u64) -> Version {
    Version::try_from(number).unwrap()
}

/// A request to move `storefront:live` to version 2, with nothing special about it.
pub(crate) fn a_request() -> Request {
    Request {
        appspec: AppSpec {
            resource: Resource::Alias(TargetAlias {
                function: FunctionName::parse("storefront").unwrap(),
                alias: AliasName::parse("live").unwrap(),
                current: None,
                target: v(2),
            }),
            hooks: Default::default(),
            strategy: None,
            warm: None,
        },
        strategy: None,
        group_strategy: None,
        alarms: Default::default(),
        rollback: Default::default(),
        labels: Default::default(),
        place: None,
        waits: Default::default(),
    }
}

/// What a request wants of its alias.
pub(crate) fn wanted(request: &mut Request) -> &mut TargetAlias {
    match &mut request.appspec.resource {
        Resource::Alias(alias) => alias,
        Resource::Service(service) => panic!("{service:?}"),
    }
}

/// What is known of the alias.
pub(crate) fn alias(facts: &mut Facts) -> &mut AliasFacts {
    match &mut facts.target {
        TargetFacts::Alias { alias, .. } => alias,
        TargetFacts::Service(service) => panic!("{service:?}"),
    }
}

/// What is known of the versions.
pub(crate) fn versions(facts: &mut Facts) -> &mut std::collections::BTreeMap<Version, VersionFacts> {
    match &mut facts.target {
        TargetFacts::Alias { versions, .. } => versions,
        TargetFacts::Service(service) => panic!("{service:?}"),
    }
}

/// A world in which `storefront:live` is on version 1 and may move to version 2.
pub(crate) fn facts() -> Facts {
    let published = VersionFacts::Published { state: VersionState::Active, role: "role".to_owned(), dead_letter: None };
    Facts {
        target: TargetFacts::Alias {
            alias: AliasFacts::Live(LiveAlias { routing: Routing::all_on(v(1)), provisioned: None, warmed: None }),
            versions: [(v(1), published.clone()), (v(2), published)].into(),
        },
        hooks: Default::default(),
        grants: "*=/*".parse().unwrap(),
        readable: crate::grants::Readable::under("/*"),
        missing: Default::default(),
        alarms: Readings::Read(Default::default()),
        holder: None,
        leftover: None,
        poll: Seconds(60),
    }
}
