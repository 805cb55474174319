//! Traffic that no deployment is at, and task sets that nobody needs.

use super::finding::{Check, Findings, Verdict};
use crate::doctor::facts::{Beside, Good, Live, Next, SetSeen, TargetSeen, Traffic};
use crate::view::{Outcome, Pair, Target};

/// Judges a target by what is live there. Whether the tag counts is known for functions and for services.
pub(super) fn judge(found: &mut Findings, seen: &TargetSeen, functions_by_tag: bool, services_by_tag: bool) {
    let target = &seen.target;
    if seen.outcome == Some(Outcome::Unresolved) {
        found.add(
            Check::Traffic,
            Verdict::Broken,
            format!("{target}: the newest deployment, {}, is Unresolved", seen.newest),
            Some(format!(
                "tideshift status {} says what stands in the way; then run tideshift repair {0}",
                seen.newest
            )),
        );
    }
    let Some(Some(Live { tagged, arn, traffic })) = found.look(Check::Traffic, &target.to_string(), &seen.live) else {
        return;
    };
    untagged(found, target, tagged, arn, functions_by_tag, services_by_tag);
    // While a deployment is at work, both are as they should be.
    if seen.outcome.is_none() || seen.outcome == Some(Outcome::Unresolved) {
        return;
    }
    divided(found, seen, traffic);
}

/// A target that has lost its tag.
fn untagged(
    found: &mut Findings,
    target: &Target,
    tagged: &Option<bool>,
    arn: &str,
    functions_by_tag: bool,
    services_by_tag: bool,
) {
    let by_tag = match target {
        Target::Alias { .. } => functions_by_tag,
        Target::Service { .. } => services_by_tag,
    };
    if by_tag && *tagged == Some(false) {
        let command = match target {
            Target::Alias { .. } => format!("aws lambda tag-resource --resource {arn} --tags tideshift=enabled"),
            Target::Service { .. } => {
                format!("aws ecs tag-resource --resource-arn {arn} --tags key=tideshift,value=enabled")
            }
        };
        let what = format!("{target}: it has lost the tag tideshift=enabled, and the next deployment is refused");
        found.add(Check::Traffic, Verdict::Warning, what, Some(format!("run {command}")));
    }
}

/// Where the calls of a target go that no deployment is at.
fn divided(found: &mut Findings, seen: &TargetSeen, traffic: &Traffic) {
    let target = &seen.target;
    match traffic {
        Traffic::Split(primary, additional, weight) => found.add(
            Check::Traffic,
            Verdict::Broken,
            format!("{target}: {weight} % of its calls go to version {additional}, the rest to {primary}, and no deployment is at it"),
            Some(
                "deploy one of the two, which ends a split that a deployment left; one that somebody else made is refused, and ended by \
                 pointing the alias by hand"
                    .to_owned(),
            ),
        ),
        Traffic::Divided(shares, next) => {
            let shares: Vec<String> = shares.iter().map(|(runs, percent)| format!("{percent} % to {runs}")).collect();
            let advice = match next {
                Next::TakesOver => "deploy one of the two, which ends that; or set the weights of its listeners by hand",
                Next::IsRefused => "set the weights of its listeners by hand: no deployment of this stack left them so, and the next one is refused",
            };
            found.add(
                Check::Traffic,
                Verdict::Broken,
                format!("{target}: its calls go {}, and no deployment is at it", shares.join(" and ")),
                Some(advice.to_owned()),
            );
        }
        Traffic::Beside(beside) => {
            for (what, advice) in idle(seen, beside) {
                let what = format!("{target}: no deployment is at it, and {what}");
                found.add(Check::Traffic, Verdict::Warning, what, Some(advice));
            }
        }
        Traffic::TaskSets(count @ 2..) => found.add(
            Check::Traffic,
            Verdict::Warning,
            format!("{target}: the service has {count} task sets, and no deployment is at it"),
            Some(format!(
                "see with tideshift status {target} what they are, and with tideshift plan whether the next deployment can begin. Delete \
                 by hand only one that has no calls"
            )),
        ),
        Traffic::Whole(live) => {
            if let Some(Good { revision, deployment }) = seen.good.as_ref().filter(|good| good.revision != *live) {
                found.add(
                    Check::Traffic,
                    Verdict::Warning,
                    format!(
                        "{target}: all of its calls go to version {live}, and not to version {revision}, which the last deployment that \
                         succeeded brought ({deployment})"
                    ),
                    Some(format!("deploy version {revision} if it should be that; the next deployment starts from what is there")),
                );
            }
        }
        Traffic::TaskSets(_) => {}
    }
}

/// Each task set without production traffic, and what to do about it.
fn idle(seen: &TargetSeen, Beside { sets, test_listener, next }: &Beside) -> Vec<(String, String)> {
    let winner = sets.iter().find(|set| set.production > 0).or_else(|| sets.iter().find(|set| set.is_primary));
    let others = sets.iter().filter(|set| winner.is_none_or(|winner| winner.id != set.id));
    let judged = others.map(|set| {
        let SetSeen { id, runs, test, .. } = set;
        let listener = test_listener.as_ref().filter(|_| *test > 0);
        let gets = match listener {
            Some(listener) => format!("gets {test} % of the test traffic, from the listener {listener}"),
            None => "gets no calls".to_owned(),
        };
        let by_hand = by_hand(&seen.target, set, winner, listener);
        let advice = match next {
            _ if is_elsewhere(seen.pair.as_ref(), set) => {
                format!("no deployment touches it: if nobody needs it, {by_hand}")
            }
            Next::TakesOver => {
                "the next deployment takes all calls from it and removes it: deploy when you like".to_owned()
            }
            Next::IsRefused => format!("the next deployment is refused while it is there: {by_hand}"),
        };
        (format!("the task set {id}, which runs {runs}, {gets}"), advice)
    });
    judged.collect()
}

/// Whether it is behind a target group that is known to be none of the pair.
fn is_elsewhere(pair: Option<&Pair>, set: &SetSeen) -> bool {
    pair.is_some_and(|Pair { blue, green }| set.group != blue.target_group && set.group != green.target_group)
}

/// The commands that remove a task set.
fn by_hand(target: &Target, set: &SetSeen, winner: Option<&SetSeen>, listener: Option<&String>) -> String {
    let Target::Service { cluster, service } = target else { return String::new() };
    let of = format!("--cluster {cluster} --service {service}");
    let point = listener.zip(winner).map(|(_, winner)| {
        format!(
            "point the test listener to {}, or nobody answers its calls until the next deployment; then ",
            winner.group
        )
    });
    let promote = winner.filter(|winner| !winner.is_primary && set.is_primary).map(|winner| {
        format!("aws ecs update-service-primary-task-set {of} --primary-task-set {}, and then ", winner.id)
    });
    format!(
        "{}run {}aws ecs delete-task-set {of} --task-set {} --force",
        point.unwrap_or_default(),
        promote.unwrap_or_default(),
        set.id
    )
}
