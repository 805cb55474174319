//! The queues of deployment groups: who waits, in the order of their turns.

use rollout::admission::Newest;
use rollout::queue::Place;

use super::error::PortError;

/// Says who waits for a group. A read sees every write that was answered before.
pub trait ReadQueues {
    /// Every place, in the order of their turns. The group is named by [`rollout::request::Labels::group_key`].
    async fn queue(&self, group: &str) -> Result<Vec<Place>, PortError>;
}

/// Changes who waits for a group. Both are safe to do twice.
pub trait Queues: ReadQueues {
    /// The deployment waits from now on.
    async fn join(&self, group: &str, place: &Place) -> Result<(), PortError>;

    /// Not any more. One that does not wait is no error.
    async fn quit(&self, group: &str, place: &Place) -> Result<(), PortError>;
}

/// Which deployment of a group is the newest, by the sequence numbers that they came with.
pub trait Sequences {
    /// The newest one so far. A read sees every write that was answered before.
    async fn newest_of(&self, group: &str) -> Result<Option<Newest>, PortError>;

    /// This one is the newest from now on, unless one with a higher number is: then that stays, and it is
    /// [`PortError::Conflict`].
    async fn came(&self, group: &str, newest: &Newest) -> Result<(), PortError>;
}
