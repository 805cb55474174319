//! The reasons not to start, their names and their sentences.

mod alias;
mod hook;
mod version;

use std::fmt;

use crate::alarms::{self, Finding};
use crate::code::ErrorCode;
use crate::ending::Ending;
use crate::facts::Holder;
use crate::ids::{DeploymentId, GroupName};
use crate::platform::Platform;
use crate::request::MAX_ALARMS;
use crate::service::preflight::{ListenerRefusal, ServiceRefusal};

pub use alias::AliasRefusal;
pub use hook::HookRefusal;
pub use version::VersionRefusal;

/// One reason not to start.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's Display is its documentation")]
pub enum Refusal {
    Alias(AliasRefusal),
    Version(VersionRefusal),
    Hook(HookRefusal),
    Service(ServiceRefusal),
    TooManyAlarms { count: usize },
    Alarms(Finding),
    Held { target: String, holder: Holder },
    GroupActive { group: GroupName, deployment: DeploymentId },
}

impl Refusal {
    /// The stable name of the reason, for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Alias(refusal) => refusal.name(),
            Self::Version(refusal) => refusal.name(),
            Self::Hook(refusal) => refusal.name(),
            Self::Service(refusal) => refusal.name(),
            Self::TooManyAlarms { .. } => "TooManyAlarms",
            Self::Alarms(Finding::Breached(_)) => "AlarmActive",
            Self::Alarms(Finding::Missing(_)) => "AlarmMissing",
            Self::Alarms(_) => "AlarmsUnreadable",
            Self::Held { .. } => "TargetLocked",
            Self::GroupActive { .. } => "GroupActive",
        }
    }

    /// How a deployment to `platform` that was created all the same ends.
    pub fn ending(&self, platform: Platform) -> Ending {
        let code = match self {
            Self::Alias(refusal) => refusal.code(),
            Self::Version(refusal) => refusal.code(),
            // CodeDeploy has no better words for any of these.
            Self::Hook(_) | Self::TooManyAlarms { .. } => platform.row().codes.misfit,
            Self::Service(ServiceRefusal::Listener(
                ListenerRefusal::ListenerElsewhere { .. } | ListenerRefusal::TestListenerElsewhere { .. },
            )) => ErrorCode::EcsUpdateError,
            Self::Service(_) => ErrorCode::InvalidEcsService,
            Self::Alarms(Finding::Breached(_)) => ErrorCode::AlarmActive,
            Self::Alarms(_) => ErrorCode::AlarmUnreadable,
            Self::Held { .. } | Self::GroupActive { .. } => ErrorCode::TargetLocked,
        };
        Ending::new(code, self.to_string())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alias(refusal) => refusal.fmt(f),
            Self::Version(refusal) => refusal.fmt(f),
            Self::Hook(refusal) => refusal.fmt(f),
            Self::Service(refusal) => refusal.fmt(f),
            Self::TooManyAlarms { count } => {
                write!(
                    f,
                    "{count} alarms are named; a deployment watches at most {MAX_ALARMS}: combine some into a composite alarm"
                )
            }
            Self::Alarms(Finding::Breached(alarms)) => f.write_str(&alarms::in_the_way(alarms)),
            Self::Alarms(verdict) => match verdict.ending() {
                Some(ending) => f.write_str(&ending.message),
                None => f.write_str("the alarms are clear"),
            },
            Self::Held { target, holder: Holder::Running(owner) } => write!(
                f,
                "another deployment of {target} is running, {owner}: wait for it, or stop it with: tideshift stop {owner}"
            ),
            Self::Held { target, holder: Holder::Ending(owner) } => write!(
                f,
                "another deployment of {target}, {owner}, is ending: try again once it is over, as tideshift status {owner} --watch \
                 says"
            ),
            Self::Held { target, holder: Holder::Unresolved(owner) } => write!(
                f,
                "deployment {owner} could not put {target} back; finish its job first with: tideshift repair {owner}"
            ),
            Self::GroupActive { group, deployment } => write!(
                f,
                "the deployment group {group} has an active deployment {deployment} already; wait for it, or stop it with: \
                 tideshift stop {deployment}"
            ),
        }
    }
}
