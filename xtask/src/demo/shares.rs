//! The new version's share of the traffic: as planned, and as seen by real calls.

use std::time::Duration;

use codedeploy::view::{PlanView, StepView};
use local::traffic::Hit;

/// A plan's steps over time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Planned {
    /// The share before the first step.
    start: f64,
    /// The share of each step, and how many seconds it is held.
    steps: Vec<(f64, f64)>,
}

impl Planned {
    /// Reads the api's plan.
    pub(crate) fn read(plan: &PlanView) -> Self {
        let share = |weight: u8| f64::from(weight) / 100.0;
        let held = |step: &StepView| Duration::from_secs(step.hold_seconds.unwrap_or(0)).as_secs_f64();
        Self {
            start: share(plan.start_weight),
            steps: plan.steps.iter().map(|step| (share(step.weight), held(step))).collect(),
        }
    }

    /// The share so many seconds after the first step; before it, the share at the start.
    pub(crate) fn at(&self, seconds: f64) -> f64 {
        let mut share = self.start;
        let mut begins = 0.0;
        for (next, hold) in &self.steps {
            if seconds < begins {
                break;
            }
            share = *next;
            begins += hold;
        }
        share
    }
}

/// From the first write of the alias to the one that ended the moving, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moving {
    pub(crate) from: f64,
    pub(crate) until: f64,
}

/// The mean share over the calls sent while the traffic was moving: observed, and planned for the same calls.
pub(crate) fn means(hits: &[Hit], version: &str, planned: &Planned, moving: Moving) -> (f64, f64) {
    let (mut calls, mut new, mut due) = (0.0, 0.0, 0.0);
    for hit in hits.iter().filter(|hit| hit.version.is_some() && hit.at >= moving.from && hit.at < moving.until) {
        calls += 1.0;
        new += f64::from(u8::from(hit.version.as_deref() == Some(version)));
        due += planned.at(hit.at - moving.from);
    }
    if calls > 0.0 { (new / calls, due / calls) } else { (0.0, 0.0) }
}

/// Shorter stretches have too few calls to tell a share.
const STRETCH_SECONDS: f64 = 0.4;

/// The observed share between two moments, for each of so many columns; `None` where nobody called.
pub(crate) fn observed(hits: &[Hit], version: &str, from: f64, until: f64, columns: usize) -> Vec<Option<f64>> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a demo lasts seconds")]
    let stretches = (((until - from) / STRETCH_SECONDS) as usize).clamp(1, columns.max(1));
    let mut counts = vec![(0.0, 0.0); stretches];
    #[expect(clippy::cast_precision_loss, reason = "no terminal is that wide")]
    let each = ((until - from) / stretches as f64).max(f64::MIN_POSITIVE);
    for hit in hits.iter().filter(|hit| hit.version.is_some() && hit.at >= from) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not before the first stretch")]
        let stretch = counts.get_mut(((hit.at - from) / each) as usize);
        if let Some((calls, new)) = stretch {
            *calls += 1.0;
            *new += f64::from(u8::from(hit.version.as_deref() == Some(version)));
        }
    }
    let share = |(calls, new): (f64, f64)| (calls > 0.0).then(|| new / calls);
    (0..columns).map(|column| share(counts[column * stretches / columns])).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn planned(start: u8, steps: &[(u8, u64)]) -> Planned {
        let steps: Vec<Value> =
            steps.iter().map(|(weight, hold)| json!({ "weight": weight, "holdSeconds": hold })).collect();
        let plan = json!({
            "target": {"computePlatform": "Lambda", "name": "f:live", "function": "f", "alias": "live"}, "from": "1", "to": "2", "startWeight": start, "steps": steps,
        });
        Planned::read(&serde_json::from_value(plan).expect("a plan"))
    }

    fn canary() -> Planned {
        planned(0, &[(20, 4), (100, 0)])
    }

    fn hit(at: f64, version: &str) -> Hit {
        Hit { at, version: Some(version.to_owned()), ok: true }
    }

    #[test]
    fn the_planned_share_is_the_step_of_that_moment() {
        let planned = canary();
        let shares = [-1.0, 0.0, 3.9, 4.0, 100.0].map(|seconds| planned.at(seconds));
        assert_eq!(shares, [0.0, 0.2, 0.2, 1.0, 1.0]);
    }

    #[test]
    fn a_leftover_split_is_where_a_plan_starts() {
        let planned = planned(50, &[(100, 0)]);
        assert_eq!((planned.at(-0.1), planned.at(0.0)), (0.5, 1.0));
    }

    #[test]
    fn means_are_taken_over_the_calls_while_the_traffic_moved() {
        let hits = [hit(9.0, "2"), hit(10.0, "2"), hit(11.0, "1"), hit(12.0, "1"), hit(13.0, "1"), hit(14.0, "2")];
        let (observed, planned) = means(&hits, "2", &canary(), Moving { from: 10.0, until: 14.0 });
        assert_eq!((observed, (planned * 100.0).round()), (0.25, 20.0));
    }

    #[test]
    fn where_nothing_moved_both_shares_are_nothing() {
        assert_eq!(means(&[hit(1.0, "1")], "2", &canary(), Moving { from: 5.0, until: 5.0 }), (0.0, 0.0));
    }

    #[test]
    fn columns_without_a_call_have_no_share() {
        let hits = [hit(0.1, "1"), hit(0.2, "2"), hit(2.5, "2"), hit(9.0, "2")];
        assert_eq!(observed(&hits, "2", 0.0, 3.0, 3), [Some(0.5), None, Some(1.0)]);
    }

    #[test]
    fn columns_too_narrow_for_a_share_of_their_own_show_it_together() {
        let hits = [hit(0.0, "1"), hit(0.3, "2"), hit(0.5, "2")];
        assert_eq!(observed(&hits, "2", 0.0, 0.8, 4), [Some(0.5), Some(0.5), Some(1.0), Some(1.0)]);
    }
}
