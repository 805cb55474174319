//! Provisioned concurrency that deployments gave to versions and did not take back.

use super::finding::{Check, Findings, Verdict, many};
use crate::doctor::facts::Warmed;
use crate::view::LeftWarm;

/// What has another size than what was given is somebody else's.
pub(super) fn warmed(found: &mut Findings, warmed: &[Warmed]) {
    for Warmed { deployment, given, found: look } in warmed {
        let LeftWarm { function, version, concurrency, take_back, .. } = given;
        let what = format!("{function}:{version}");
        if found.look(Check::Warm, &what, look).is_some_and(|now| *now == Some(*concurrency)) {
            let left = format!(
                "{what} has {concurrency} provisioned concurrent executions, which cost money: {deployment} asked for as many (Warm), \
                 and is over"
            );
            let advice = format!("unless they are yours, run {take_back}");
            found.add(Check::Warm, Verdict::Warning, left, Some(advice));
        }
    }
    found.good(Check::Warm, || match warmed.len() {
        0 => "no version still has what a deployment gave it".to_owned(),
        count => format!("{} looked at: none still has what a deployment gave it", many(count, "version")),
    });
}
