//! The world's own clock, and its names.

use jiff::Timestamp;
use rollout::ids::{DeploymentId, HookExecutionId};
use steps::ports::{Clock, Ids};

use crate::world::World;

impl Clock for World {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl Ids for World {
    fn deployment(&self) -> DeploymentId {
        self.clock.deployment()
    }

    fn hook_execution(&self) -> HookExecutionId {
        self.clock.hook_execution()
    }

    fn uuid(&self) -> String {
        self.clock.uuid()
    }
}
