//! The platforms that clients name.

use codedeploy::error::{ApiError, Code};
use rollout::platform::Platform;

/// The names of the platforms that deployments can be made to.
pub(crate) fn deployed() -> Vec<&'static str> {
    Platform::deployed().map(|(platform, _)| platform.as_str()).collect()
}

/// The platform that a resolved request names.
pub(crate) fn platform(name: Option<&str>) -> Result<Platform, ApiError> {
    let Some(name) = name else { return Ok(Platform::Lambda) };
    let deployed_to = Platform::parse(name).filter(|platform| platform.deploys().is_some());
    deployed_to.ok_or_else(|| {
        let message = format!("there are no deployments to {name}; write {}", deployed().join(" or "));
        ApiError::new(Code::InvalidComputePlatformException, message)
    })
}
