//! The lifecycle events of all platforms, by the names that clients, AppSpec files and state machines know (docs/codedeploy-contract.md 3).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A lifecycle event. Each platform has its own of them, in an order of its own: see [`crate::platform::Row::events`].
///
/// The aliases are how plans had the hooks of the two events before there were more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LifecycleEvent {
    /// Hosts: the hook before a load balancer lets go of one.
    BeforeBlockTraffic,
    /// Hosts: a load balancer lets go of one.
    BlockTraffic,
    /// Hosts: the hook once it has.
    AfterBlockTraffic,
    /// Hosts: the running release stops.
    ApplicationStop,
    /// Hosts: the new release is fetched.
    DownloadBundle,
    /// The hook before anything is made.
    BeforeInstall,
    /// The green task set comes; the files of the release are put in place.
    Install,
    /// The hook once it is there.
    AfterInstall,
    /// Hosts: the new release starts.
    ApplicationStart,
    /// Hosts: the hook that sees whether it works.
    ValidateService,
    /// Services: test traffic goes to the new task set.
    AllowTestTraffic,
    /// Services: the hook that tries it out.
    AfterAllowTestTraffic,
    /// The hook before any weight is moved, or a host gets traffic again.
    #[serde(alias = "beforeAllowTraffic")]
    BeforeAllowTraffic,
    /// The shift itself, all steps and waits.
    AllowTraffic,
    /// The hook after 100 percent.
    #[serde(alias = "afterAllowTraffic")]
    AfterAllowTraffic,
}

impl LifecycleEvent {
    /// Every event.
    pub const ALL: [Self; 15] = [
        Self::BeforeBlockTraffic,
        Self::BlockTraffic,
        Self::AfterBlockTraffic,
        Self::ApplicationStop,
        Self::DownloadBundle,
        Self::BeforeInstall,
        Self::Install,
        Self::AfterInstall,
        Self::ApplicationStart,
        Self::ValidateService,
        Self::AllowTestTraffic,
        Self::AfterAllowTestTraffic,
        Self::BeforeAllowTraffic,
        Self::AllowTraffic,
        Self::AfterAllowTraffic,
    ];

    /// Those of a deployment to Lambda, in order (docs/codedeploy-contract.md 3.1).
    pub const LAMBDA: &[Self] = &[Self::BeforeAllowTraffic, Self::AllowTraffic, Self::AfterAllowTraffic];

    /// Those of a deployment to ECS, in order (docs/codedeploy-contract.md 3.2).
    pub const ECS: &[Self] = &[
        Self::BeforeInstall,
        Self::Install,
        Self::AfterInstall,
        Self::AllowTestTraffic,
        Self::AfterAllowTestTraffic,
        Self::BeforeAllowTraffic,
        Self::AllowTraffic,
        Self::AfterAllowTraffic,
    ];

    /// Those of a host behind a load balancer, in order: the longest row of contract 3.3.
    pub const SERVER: &[Self] = &[
        Self::BeforeBlockTraffic,
        Self::BlockTraffic,
        Self::AfterBlockTraffic,
        Self::ApplicationStop,
        Self::DownloadBundle,
        Self::BeforeInstall,
        Self::Install,
        Self::AfterInstall,
        Self::ApplicationStart,
        Self::ValidateService,
        Self::BeforeAllowTraffic,
        Self::AllowTraffic,
        Self::AfterAllowTraffic,
    ];

    /// Whether a hook may run at it; the others are our own work.
    pub fn is_hook(self) -> bool {
        match self {
            Self::BlockTraffic | Self::DownloadBundle | Self::Install | Self::AllowTestTraffic | Self::AllowTraffic => {
                false
            }
            Self::BeforeBlockTraffic
            | Self::AfterBlockTraffic
            | Self::ApplicationStop
            | Self::BeforeInstall
            | Self::AfterInstall
            | Self::ApplicationStart
            | Self::ValidateService
            | Self::AfterAllowTestTraffic
            | Self::BeforeAllowTraffic
            | Self::AfterAllowTraffic => true,
        }
    }

    /// An event by its name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }

    /// The name in the API, in AppSpec files and in the state machine.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BeforeBlockTraffic => "BeforeBlockTraffic",
            Self::BlockTraffic => "BlockTraffic",
            Self::AfterBlockTraffic => "AfterBlockTraffic",
            Self::ApplicationStop => "ApplicationStop",
            Self::DownloadBundle => "DownloadBundle",
            Self::BeforeInstall => "BeforeInstall",
            Self::Install => "Install",
            Self::AfterInstall => "AfterInstall",
            Self::ApplicationStart => "ApplicationStart",
            Self::ValidateService => "ValidateService",
            Self::AllowTestTraffic => "AllowTestTraffic",
            Self::AfterAllowTestTraffic => "AfterAllowTestTraffic",
            Self::BeforeAllowTraffic => "BeforeAllowTraffic",
            Self::AllowTraffic => "AllowTraffic",
            Self::AfterAllowTraffic => "AfterAllowTraffic",
        }
    }
}

impl fmt::Display for LifecycleEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
