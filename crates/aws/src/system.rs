//! The clock and the source of new names. The only place that asks the system what time it is.

use jiff::Timestamp;
use rollout::ids::{DeploymentId, HookExecutionId};
use steps::ports::{Clock, Ids};

/// The system.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    #[expect(clippy::disallowed_methods, reason = "this is where the time comes from")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

impl Ids for System {
    fn deployment(&self) -> DeploymentId {
        DeploymentId::from_random(|| fastrand::u64(..))
    }

    fn hook_execution(&self) -> HookExecutionId {
        HookExecutionId::from_random(|| fastrand::u64(..))
    }

    fn uuid(&self) -> String {
        steps::ports::uuid(fastrand::u128(..))
    }
}
