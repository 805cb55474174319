//! What the traffic moves to, as it is seen while a deployment runs.

use jiff::Timestamp;

use crate::deployment::Deployment;
use crate::facts::VersionFacts;
use crate::ids::{FunctionName, Version};
use crate::platform::Platform;
use crate::preflight::uncallable;
use crate::service::Service;
use crate::service::live::{Health, LiveService};
use crate::service::watch;
use crate::verdict::Verdict;
use crate::warm::Warmth;

/// What the traffic moves to.
#[derive(Debug, Clone, PartialEq)]
pub enum Replacement<'a> {
    /// A version of a function.
    Version {
        /// The function.
        function: &'a FunctionName,
        /// The version.
        version: Version,
        /// What Lambda says of it. It may change its mind after `prepare` has looked: hooks and pauses last long.
        facts: VersionFacts,
        /// Its provisioned concurrency, where the plan wants some and it has some.
        warmth: Option<Warmth>,
    },
    /// A task set of a service.
    TaskSet {
        /// The service, as it was planned.
        service: &'a Service,
        /// The service with its task sets now.
        live: LiveService,
        /// The health of the new one's targets.
        health: Health,
    },
}

impl Replacement<'_> {
    /// Whether it can take the calls that it has, and more of them.
    pub fn verdict(&self, deployment: &Deployment, now: Timestamp) -> Verdict {
        match self {
            Self::Version { function, version, facts, .. } => match uncallable(function, *version, facts) {
                None => Verdict::Go,
                Some(refusal) => Verdict::Stop(refusal.ending(Platform::Lambda)),
            },
            Self::TaskSet { service, live, health } => watch::verdict(service, deployment, live, *health, now),
        }
    }
}
