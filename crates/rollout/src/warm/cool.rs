//! The end of warming: what the new version was given is taken back, that and nothing else, and it is looked at afterwards.

use jiff::Timestamp;

use super::concurrency::Warmth;
use super::given::{Answer, Cooled, Gift, Given};
use crate::deployment::Deployment;
use crate::journal::Entry;
use crate::plan::Plan;
use crate::seconds::Seconds;
use crate::service::aftermath::WATCHED;
use crate::target::Target;

/// How long a deployment does not end while Lambda does not take it back. After that the sweep tries.
pub const KEPT_FROM_ENDING: Seconds = Seconds(60);

/// What was given, or may have been.
pub fn gift(plan: &Plan, deployment: &Deployment) -> Option<Gift> {
    let Target::LambdaAlias { function, .. } = &plan.target else { return None };
    let warm = plan.shift().warm.filter(|_| deployment.progress.warming.is_some())?;
    Some(Gift { function: function.clone(), version: plan.shift().to.version()?, concurrency: warm.concurrency })
}

/// What is to be taken back, unless that is done.
pub fn due(plan: &Plan, deployment: &Deployment) -> Option<Gift> {
    let is_done =
        matches!(deployment.progress.given.end, Some(Cooled::TakenBack | Cooled::Absent | Cooled::Changed(_)));
    gift(plan, deployment).filter(|_| !is_done)
}

/// What is left of it, as far as the record of a deployment that is over says: it is still there, or may have come since. Records
/// of older code say nothing of what came of it.
pub fn left(plan: &Plan, deployment: &Deployment) -> Option<Gift> {
    let Given { heard, end, .. } = &deployment.progress.given;
    let may_be_there = match end {
        Some(Cooled::Left(_)) => true,
        Some(Cooled::TakenBack | Cooled::Absent | Cooled::Changed(_)) => *heard == Some(Answer::Nothing),
        None => *heard != Some(Answer::Refused),
    };
    gift(plan, deployment).filter(|_| deployment.phase.is_final() && may_be_there)
}

/// Why it is still there, where that is known.
pub fn why_left(deployment: &Deployment) -> Option<&str> {
    match &deployment.progress.given.end {
        Some(Cooled::Left(why)) => Some(why),
        Some(Cooled::TakenBack | Cooled::Absent | Cooled::Changed(_)) | None => None,
    }
}

/// Whether the sweep is to look at a deployment that is about to be over.
pub fn may_come(deployment: &Deployment) -> bool {
    let given = &deployment.progress.given;
    given.heard == Some(Answer::Nothing) || matches!(given.end, Some(Cooled::Left(_)))
}

/// What is done about the version, by what Lambda says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Lambda is asked to take back what it has.
    TakeBack,
    /// There is nothing to take back.
    Done(Cooled),
}

/// Decides what is done; `None`: the version has no provisioned concurrency. What is of another size than what was given is
/// somebody else's.
pub fn next(gift: &Gift, found: Option<&Warmth>) -> Next {
    match found {
        None => Next::Done(Cooled::Absent),
        Some(found) if found.requested == gift.concurrency => Next::TakeBack,
        Some(found) => Next::Done(Cooled::Changed(found.requested)),
    }
}

/// Whether a deployment that has tried in vain to take it back ends all the same.
pub fn gives_up(deployment: &Deployment, now: Timestamp) -> bool {
    deployment.progress.given.cooling.is_some_and(|since| Seconds::between(since, now) >= KEPT_FROM_ENDING)
}

/// The line that tells what came of it; none where Lambda had given nothing.
pub fn line(gift: &Gift, deployment: &Deployment, end: &Cooled) -> Option<Entry> {
    let given = &deployment.progress.given;
    let Gift { function, version, concurrency } = gift.clone();
    match end {
        Cooled::Absent if given.heard == Some(Answer::Nothing) => Some(Entry::NotYetWarm { version }),
        Cooled::Absent if given.heard == Some(Answer::Refused) => None,
        Cooled::Absent | Cooled::TakenBack => Some(Entry::Cooled { version }),
        Cooled::Changed(found) => Some(Entry::WarmthChanged { version, given: concurrency, found: *found }),
        Cooled::Left(why) => {
            let (function, concurrency) = (Some(function), Some(concurrency));
            Some(Entry::NotCooled { version, why: why.clone(), function, concurrency })
        }
    }
}

/// What a look at a deployment that is over is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Late {
    /// Somebody is at the deployment: it will see to it itself.
    NotYet,
    /// It may be there, or may come.
    Look(Gift),
    /// Nothing of it is looked for any more.
    Over,
}

/// Decides whether a deployment is looked at after its end.
pub fn late(plan: &Plan, deployment: &Deployment, now: Timestamp) -> Late {
    if !deployment.phase.is_final() {
        return Late::NotYet;
    }
    let is_over = deployment.completed.is_none_or(|completed| Seconds::between(completed, now) >= WATCHED);
    match left(plan, deployment) {
        Some(gift) if !is_over => Late::Look(gift),
        Some(_) | None => Late::Over,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Change, Phase};
    use crate::ids::DeploymentId;
    use crate::platform::Platform;
    use crate::request::Labels;
    use crate::testing::a_plan;
    use crate::warm::{Heat, Warm};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// A deployment that warmed version 2, and that this came of.
    fn warmed(given: Given) -> (Plan, Deployment) {
        let mut plan = a_plan("AllAtOnce");
        plan.shift_mut().warm = Some(Warm { concurrency: 5 });
        let id = DeploymentId::parse("d-1").unwrap();
        let mut deployment = Deployment::new(id, Platform::Lambda, Labels::default(), at(0));
        deployment.apply(Change::Begin, at(0)).unwrap();
        deployment.progress.warming = Some(at(0));
        deployment.progress.given = given;
        (plan, deployment)
    }

    fn over(given: Given) -> (Plan, Deployment) {
        let (plan, mut deployment) = warmed(given);
        (deployment.phase, deployment.completed) = (Phase::Succeeded, Some(at(100)));
        (plan, deployment)
    }

    fn gifted() -> Gift {
        let (plan, deployment) = warmed(Given::default());
        gift(&plan, &deployment).unwrap()
    }

    #[test]
    fn only_as_much_as_was_given_is_taken_back() {
        let found = |requested| Some(Warmth { requested, state: Heat::Ready });
        for (found, expected) in [
            (None, Next::Done(Cooled::Absent)),
            (found(5), Next::TakeBack),
            (found(4), Next::Done(Cooled::Changed(4))),
            (found(6), Next::Done(Cooled::Changed(6))),
        ] {
            assert_eq!(next(&gifted(), found.as_ref()), expected);
        }
    }

    #[test]
    fn what_was_never_asked_for_is_not_taken_back_and_what_was_only_once() {
        let (plan, mut deployment) = warmed(Given::default());
        assert!(due(&plan, &deployment).is_some());
        deployment.progress.warming = None;
        assert_eq!(due(&plan, &deployment), None);
        for (end, again) in [
            (Cooled::TakenBack, false),
            (Cooled::Absent, false),
            (Cooled::Changed(9), false),
            (Cooled::Left("denied".to_owned()), true),
        ] {
            let (plan, deployment) = warmed(Given { end: Some(end), ..Given::default() });
            assert_eq!(due(&plan, &deployment).is_some(), again);
        }
    }

    #[test]
    fn it_may_be_left_where_it_stayed_where_no_answer_came_and_where_older_code_did_not_say() {
        let end = |end| Given { end: Some(end), ..Given::default() };
        for (given, expected) in [
            (Given::default(), true),
            (Given { heard: Some(Answer::Refused), ..Given::default() }, false),
            (end(Cooled::TakenBack), false),
            (end(Cooled::Absent), false),
            (end(Cooled::Changed(9)), false),
            (end(Cooled::Left("denied".to_owned())), true),
            (Given { heard: Some(Answer::Nothing), ..end(Cooled::Absent) }, true),
        ] {
            let (plan, deployment) = warmed(given.clone());
            assert_eq!(left(&plan, &deployment), None, "it is at work");
            let (plan, deployment) = over(given.clone());
            assert_eq!(left(&plan, &deployment).is_some(), expected, "{given:?}");
        }
    }

    #[test]
    fn it_is_looked_for_an_hour_after_the_end() {
        let unanswered = Given { heard: Some(Answer::Nothing), end: Some(Cooled::Absent), ..Given::default() };
        let (plan, deployment) = warmed(unanswered.clone());
        assert_eq!(late(&plan, &deployment, at(50)), Late::NotYet);
        let (plan, deployment) = over(unanswered);
        assert_eq!(late(&plan, &deployment, at(3_699)), Late::Look(gifted()));
        assert_eq!(late(&plan, &deployment, at(3_700)), Late::Over);
    }

    #[test]
    fn a_deployment_ends_after_a_minute_of_trying() {
        let (_, mut deployment) = warmed(Given::default());
        assert!(!gives_up(&deployment, at(500)), "it has not tried");
        deployment.progress.given.cooling = Some(at(500));
        assert!(!gives_up(&deployment, at(559)) && gives_up(&deployment, at(560)));
    }

    #[test]
    fn each_end_is_told_as_it_is() {
        let told = |given: Given, end: Cooled| {
            let (_, deployment) = warmed(given);
            line(&gifted(), &deployment, &end).map_or_else(|| "nothing".to_owned(), |entry| entry.to_string())
        };
        let unanswered = || Given { heard: Some(Answer::Nothing), ..Given::default() };
        let lines = [
            told(Given::default(), Cooled::TakenBack),
            told(unanswered(), Cooled::TakenBack),
            told(unanswered(), Cooled::Absent),
            told(Given { heard: Some(Answer::Refused), ..Given::default() }, Cooled::Absent),
            told(Given::default(), Cooled::Changed(9)),
            told(Given::default(), Cooled::Left("refused: no".to_owned())),
        ];
        expect_test::expect![[r#"
            the provisioned concurrency of version 2 was taken back
            the provisioned concurrency of version 2 was taken back
            version 2 has no provisioned concurrency; Lambda may still give it, since it was asked and gave no answer: that is looked at for an hour
            nothing
            version 2 has 9 provisioned concurrent executions, and was given 5: somebody else has changed that, and keeps it
            version 2 still has its 5 provisioned concurrent executions, which costs money: refused: no; take it back with: aws lambda delete-provisioned-concurrency-config --function-name storefront --qualifier 2"#]].assert_eq(&lines.join("\n"));
    }
}
