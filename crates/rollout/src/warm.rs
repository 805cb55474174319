//! Warming: the new version of a function gets provisioned concurrency before its first call, and loses it at the end.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::deployment::Deployment;
use crate::ending::{Ending, ErrorCode};
use crate::ids::Version;
use crate::plan::Plan;
use crate::seconds::Seconds;

/// How long Lambda may take. Its guide speaks of a minute or two; larger numbers take longer.
pub const LIMIT: Seconds = Seconds(15 * 60);

/// How many executions of the new version are kept ready, for as long as the deployment lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Warm {
    /// At least 1.
    pub concurrency: u32,
}

/// What Lambda says of the provisioned concurrency of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warmth {
    /// It has none.
    Cold,
    /// It is at work on it.
    InProgress,
    /// All of it is ready.
    Ready,
    /// It could not be had, for this reason.
    Failed(String),
}

/// What is done before the first weight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Ask Lambda for it.
    Ask(Version, Warm),
    /// Look again after this long.
    Wait(Seconds),
    /// The first calls may come.
    Go,
    /// They may not.
    Fail(Ending),
}

/// The version to look at, where the plan wants one warm that has got no weight yet.
pub fn wanted(plan: &Plan, deployment: &Deployment) -> Option<(Version, Warm)> {
    let warm = plan.warm.filter(|_| deployment.progress.at.is_none())?;
    Some((plan.to.version()?, warm))
}

/// The version that was warmed, or may have been, and is not needed warm any more.
pub fn to_cool(plan: &Plan, deployment: &Deployment) -> Option<Version> {
    plan.to.version().filter(|_| deployment.progress.warming.is_some())
}

/// Decides what is done before the first weight, by what Lambda says of the version.
pub fn next((version, warm): (Version, Warm), deployment: &Deployment, found: &Warmth, now: Timestamp) -> Next {
    let Some(since) = deployment.progress.warming else {
        return match found {
            Warmth::Cold | Warmth::Failed(_) => Next::Ask(version, warm),
            // Somebody gave it its own, and keeps it.
            Warmth::InProgress | Warmth::Ready => Next::Go,
        };
    };
    let elapsed = Seconds::between(since, now);
    match found {
        Warmth::Ready => Next::Go,
        Warmth::Failed(why) => Next::Fail(failed(version, warm, &format!("Lambda says: {why}"))),
        _ if elapsed >= LIMIT => {
            let why = format!("it was not ready after {} minutes", LIMIT.0 / 60);
            Next::Fail(failed(version, warm, &why))
        }
        // Asked for by an attempt that died on the way, or taken away by somebody.
        Warmth::Cold => Next::Ask(version, warm),
        Warmth::InProgress => Next::Wait(wait(elapsed)),
    }
}

/// Why the first calls may not come. No traffic has moved.
pub fn failed(version: Version, warm: Warm, why: &str) -> Ending {
    let message = format!(
        "version {version} did not get {} provisioned concurrent executions (Warm): {why}. Ask for fewer, or leave Warm out",
        warm.concurrency
    );
    Ending::new(ErrorCode::InvalidLambdaConfiguration, message)
}

/// How long to wait before the next look: a third of the time gone by, so that all looks together are
/// [`crate::budget::WARM_LOOKS`] at most.
fn wait(elapsed: Seconds) -> Seconds {
    Seconds((elapsed.0 / 3).clamp(2, 60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::WARM_LOOKS;
    use crate::deployment::Change;
    use crate::ids::DeploymentId;
    use crate::progress::Position;
    use crate::request::Labels;
    use crate::strategy::Platform;
    use crate::testing::a_plan;

    const WARM: Warm = Warm { concurrency: 5 };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn deployment(warming: Option<i64>) -> Deployment {
        let id = DeploymentId::parse("d-1").unwrap();
        let mut deployment = Deployment::new(id, Platform::Lambda, Labels::default(), at(0));
        deployment.apply(Change::Begin, at(0)).unwrap();
        deployment.progress.warming = warming.map(at);
        deployment
    }

    fn version() -> Version {
        Version::try_from(2).unwrap()
    }

    #[test]
    fn it_is_asked_for_once_waited_for_and_given_up() {
        let no = || Warmth::Failed("no room".to_owned());
        for (warming, found, second, expected) in [
            (None, Warmth::Cold, 0, "Ask"),
            (None, no(), 0, "Ask"),
            (None, Warmth::Ready, 0, "Go"),
            (None, Warmth::InProgress, 0, "Go"),
            (Some(0), Warmth::Cold, 5, "Ask"),
            (Some(0), Warmth::InProgress, 0, "Wait(Seconds(2))"),
            (Some(0), Warmth::InProgress, 30, "Wait(Seconds(10))"),
            (Some(0), Warmth::InProgress, 899, "Wait(Seconds(60))"),
            (Some(0), Warmth::InProgress, 900, "it was not ready after 15 minutes"),
            (Some(0), Warmth::Cold, 900, "it was not ready after 15 minutes"),
            (Some(0), Warmth::Ready, 900, "Go"),
            (Some(0), no(), 5, "Lambda says: no room"),
        ] {
            let decided = next((version(), WARM), &deployment(warming), &found, at(second));
            let told = match &decided {
                Next::Fail(why) => why.message.clone(),
                decided => format!("{decided:?}"),
            };
            assert!(told.contains(expected), "{warming:?} {found:?} {second}: {told}");
        }
    }

    #[test]
    fn a_version_that_has_calls_is_neither_warmed_nor_waited_for() {
        let mut plan = a_plan("AllAtOnce");
        let mut begun = deployment(None);
        assert_eq!(wanted(&plan, &begun), None, "nobody wants it warm");
        plan.warm = Some(WARM);
        assert_eq!(wanted(&plan, &begun), Some((version(), WARM)));
        assert_eq!(to_cool(&plan, &begun), None, "it was never asked for");
        begun.progress.warming = Some(at(0));
        assert_eq!(to_cool(&plan, &begun), Some(version()));
        begun.progress.at = Some(Position { step: 0, since: at(9), continued: false });
        assert_eq!(wanted(&plan, &begun), None);
    }

    #[test]
    fn looks_grow_apart() {
        let (mut elapsed, mut looks) = (Seconds(0), 0);
        while elapsed < LIMIT {
            elapsed = Seconds(elapsed.0 + wait(elapsed).0);
            looks += 1;
        }
        assert!(looks < WARM_LOOKS, "{looks}");
    }
}
