//! How long the stack lets things take. What it is that ends them is in `statemachine/` and in the core, and `tests/contracts` holds
//! these numbers against it.

use codedeploy::view::LimitsView;
use rollout::platform::Platform;
use rollout::seconds::Seconds;
use rollout::service::install;

/// How long the state machine of aliases lets a deployment run.
pub const ALIAS: Seconds = Seconds(864_000);

/// How long that of services does.
pub const SERVICE: Seconds = Seconds(1_728_000);

/// Those of a deployment of this platform.
pub(super) fn of(platform: Platform) -> LimitsView {
    match platform {
        Platform::Ecs => LimitsView { deployment_seconds: SERVICE.0, install_seconds: Some(install::LIMIT.0) },
        Platform::Lambda | Platform::Server => LimitsView { deployment_seconds: ALIAS.0, install_seconds: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_a_time_in_which_its_task_set_must_be_there_and_an_alias_has_none() {
        let told = [Platform::Lambda, Platform::Ecs]
            .map(of)
            .map(|LimitsView { deployment_seconds, install_seconds }| (deployment_seconds, install_seconds));
        assert_eq!(told, [(ALIAS.0, None), (SERVICE.0, Some(install::LIMIT.0))]);
    }
}
