//! What is done before the first weight.

use super::concurrency::{Heat, Refusal, Warm, Warmth};
use jiff::Timestamp;

use crate::code::ErrorCode;
use crate::deployment::Deployment;
use crate::ending::Ending;
use crate::ids::Version;
use crate::plan::Plan;
use crate::seconds::Seconds;

/// How long Lambda may take. Its guide speaks of a minute or two; larger numbers take longer.
pub const LIMIT: Seconds = Seconds(15 * 60);

/// What is done before the first weight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Ask Lambda for it.
    Ask,
    /// Look again after this long.
    Wait(Seconds),
    /// The first calls may come.
    Go,
    /// They may not.
    Fail(Ending),
}

/// The version to look at, where the plan wants one warm that has got no weight yet.
pub fn wanted(plan: &Plan, deployment: &Deployment) -> Option<(Version, Warm)> {
    let warm = plan.shift().warm.filter(|_| deployment.progress.at.is_none())?;
    Some((plan.shift().to.version()?, warm))
}

/// Decides what is done before the first weight, by what Lambda says of the version; `None`: it has no provisioned concurrency.
pub fn next(
    plan: &Plan,
    version: Version,
    warm: Warm,
    deployment: &Deployment,
    found: Option<&Warmth>,
    now: Timestamp,
) -> Next {
    let Some(since) = deployment.progress.warming else {
        return match found {
            Some(Warmth { state: Heat::InProgress | Heat::Ready, requested })
                if plan.shift().rewarms != Some(*requested) =>
            {
                // Somebody gave it its own, and keeps it.
                Next::Go
            }
            Some(_) | None => Next::Ask,
        };
    };
    let elapsed = Seconds::between(since, now);
    match found.map(|found| &found.state) {
        Some(Heat::Ready) => Next::Go,
        Some(Heat::Failed(why)) => Next::Fail(failed(version, warm, &format!("Lambda says: {why}"))),
        _ if elapsed >= LIMIT => {
            let why = format!("it was not ready after {} minutes", LIMIT.0 / 60);
            Next::Fail(failed(version, warm, &why))
        }
        // Asked for by an attempt that died on the way, or taken away by somebody.
        None => Next::Ask,
        Some(Heat::InProgress) => Next::Wait(wait(elapsed)),
    }
}

/// Why the first calls may not come. No traffic has moved.
fn failed(version: Version, warm: Warm, why: &str) -> Ending {
    let message = format!("{}: {why}. Ask for fewer, or leave Warm out", missed(version, warm));
    Ending::new(ErrorCode::InvalidLambdaConfiguration, message)
}

/// The same, where Lambda took nothing on.
pub fn refused(version: Version, warm: Warm, refusal: &Refusal) -> Ending {
    match refusal {
        Refusal::Other(said) => failed(version, warm, &format!("Lambda refused it: {}", said.trim_end_matches('.'))),
        Refusal::NoRoom(said) => {
            let message = format!(
                "{}: the account has no room for them; Lambda says: {}. aws lambda get-account-settings shows the \
                 account's limit (ConcurrentExecutions) and what of it no function has reserved \
                 (UnreservedConcurrentExecutions), of which some must stay free. Have the limit raised in Service Quotas (Lambda, \
                 Concurrent executions), give up reserved or provisioned concurrency of other functions, ask for fewer than {}, \
                 or leave Warm out",
                missed(version, warm),
                said.trim_end_matches('.'),
                warm.concurrency
            );
            Ending::new(ErrorCode::InvalidLambdaConfiguration, message)
        }
    }
}

/// What did not come, for now or for good.
pub fn missed(version: Version, Warm { concurrency }: Warm) -> String {
    format!("version {version} did not get {concurrency} provisioned concurrent executions (Warm)")
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
    use crate::platform::Platform;
    use crate::progress::Position;
    use crate::request::Labels;
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
        let five = |state| Some(Warmth { requested: 5, state });
        let no = || five(Heat::Failed("no room".to_owned()));
        let (ready, in_progress) = (|| five(Heat::Ready), || five(Heat::InProgress));
        for (warming, found, second, expected) in [
            (None, None, 0, "Ask"),
            (None, no(), 0, "Ask"),
            (None, ready(), 0, "Go"),
            (None, in_progress(), 0, "Go"),
            (Some(0), None, 5, "Ask"),
            (Some(0), in_progress(), 0, "Wait(Seconds(2))"),
            (Some(0), in_progress(), 30, "Wait(Seconds(10))"),
            (Some(0), in_progress(), 899, "Wait(Seconds(60))"),
            (Some(0), in_progress(), 900, "it was not ready after 15 minutes"),
            (Some(0), None, 900, "it was not ready after 15 minutes"),
            (Some(0), ready(), 900, "Go"),
            (Some(0), no(), 5, "Lambda says: no room"),
        ] {
            let decided = next(&a_plan("AllAtOnce"), version(), WARM, &deployment(warming), found.as_ref(), at(second));
            let told = match &decided {
                Next::Fail(why) => why.message.clone(),
                decided => format!("{decided:?}"),
            };
            assert!(told.contains(expected), "{warming:?} {found:?} {second}: {told}");
        }
    }

    #[test]
    fn what_an_older_deployment_left_is_taken_over_and_what_is_somebody_elses_is_not() {
        let mut plan = a_plan("AllAtOnce");
        plan.shift_mut().rewarms = Some(5);
        for (requested, expected) in [(5, Next::Ask), (6, Next::Go)] {
            let found = Warmth { requested, state: Heat::Ready };
            assert_eq!(next(&plan, version(), WARM, &deployment(None), Some(&found), at(0)), expected);
        }
    }

    #[test]
    fn a_refusal_is_told_in_lambdas_words_and_one_for_want_of_room_says_what_to_do() {
        let told = |refusal| refused(version(), WARM, &refusal).message;
        expect_test::expect!["version 2 did not get 5 provisioned concurrent executions (Warm): Lambda refused it: Invalid. Ask for fewer, or leave Warm out"]
            .assert_eq(&told(Refusal::Other("Invalid.".to_owned())));
        expect_test::expect!["version 2 did not get 5 provisioned concurrent executions (Warm): the account has no room for them; Lambda says: below its minimum value of [100]. aws lambda get-account-settings shows the account's limit (ConcurrentExecutions) and what of it no function has reserved (UnreservedConcurrentExecutions), of which some must stay free. Have the limit raised in Service Quotas (Lambda, Concurrent executions), give up reserved or provisioned concurrency of other functions, ask for fewer than 5, or leave Warm out"].assert_eq(&told(Refusal::NoRoom("below its minimum value of [100].".to_owned())));
    }

    #[test]
    fn a_version_that_has_calls_is_neither_warmed_nor_waited_for() {
        let mut plan = a_plan("AllAtOnce");
        let mut begun = deployment(None);
        assert_eq!(wanted(&plan, &begun), None, "nobody wants it warm");
        plan.shift_mut().warm = Some(WARM);
        assert_eq!(wanted(&plan, &begun), Some((version(), WARM)));
        begun.progress.warming = Some(at(0));
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
