//! A service as it stands in an answer, in whichever protocol.

use std::ops::Range;

/// What deploys a service that is anybody's but ECS's and CodeDeploy's.
pub(super) const EXTERNAL: &str = "EXTERNAL";

/// A service, as much of it as matters here.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) cluster: Option<String>,
    pub(super) service: Option<String>,
    /// Where it says `EXTERNAL`.
    pub(super) external: Option<Range<usize>>,
}
