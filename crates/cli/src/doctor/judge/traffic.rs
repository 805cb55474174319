//! How the traffic of a target lies that no deployment is at.

use super::{Check, Findings, Verdict};
use crate::doctor::facts::{Good, Live, TargetSeen, Traffic};
use crate::view::{Outcome, Target};

/// Judges one target; whether functions and services need the tag that lets the stack touch them is told beside.
pub(super) fn judge(found: &mut Findings, seen: &TargetSeen, (functions_by_tag, services_by_tag): (bool, bool)) {
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
    // While a deployment is at work, both are as they should be.
    if seen.outcome.is_none() || seen.outcome == Some(Outcome::Unresolved) {
        return;
    }
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
        Traffic::Divided(shares) => {
            let shares: Vec<String> = shares.iter().map(|(runs, percent)| format!("{percent} % to {runs}")).collect();
            found.add(
                Check::Traffic,
                Verdict::Broken,
                format!("{target}: its calls go {}, and no deployment is at it", shares.join(" and ")),
                Some("deploy one of the two, which ends that; or set the weights of its listeners by hand".to_owned()),
            );
        }
        Traffic::TaskSets(count @ 2..) => found.add(
            Check::Traffic,
            Verdict::Warning,
            format!("{target}: the service has {count} task sets, and no deployment is at it"),
            Some(format!(
                "tideshift status {target} says which of them have calls: the next deployment sends all of them to one and removes \
                 the other. Delete by hand only one that has none"
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
