//! What the alarms say. Unknown counts as unsafe.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ending::{Ending, ErrorCode};
use crate::ids::AlarmName;
use crate::request::AlarmWatch;

/// The state of an alarm, as CloudWatch spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlarmState {
    /// Within its threshold.
    Ok,
    /// Breached.
    Alarm,
    /// Not enough data yet. Does not stop a deployment (contract 6.1).
    InsufficientData,
}

impl fmt::Display for AlarmState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        })
    }
}

/// One look at the alarms.
#[derive(Debug, Clone, PartialEq)]
pub enum Readings {
    /// CloudWatch answered; an alarm that is not in the map does not exist.
    Read(BTreeMap<AlarmName, AlarmState>),
    /// CloudWatch did not answer, and why.
    Unreadable(String),
}

impl Readings {
    /// The state of one alarm, where it is known.
    pub fn state(&self, name: &AlarmName) -> Option<AlarmState> {
        match self {
            Self::Read(states) => states.get(name).copied(),
            Self::Unreadable(_) => None,
        }
    }
}

/// What a look at the alarms means for a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Clear,
    /// Stop: these are in ALARM.
    Breached(Vec<AlarmName>),
    /// Stop: these do not exist.
    Missing(Vec<AlarmName>),
    /// Stop: nobody knows.
    Unreadable(String),
}

/// Judges one look at the alarms. A breached alarm always counts; what cannot be read counts unless the user said to
/// ignore it.
pub fn judge(watch: &AlarmWatch, readings: &Readings) -> Verdict {
    if watch.is_empty() {
        return Verdict::Clear;
    }
    match readings {
        Readings::Unreadable(_) if watch.ignore_poll_failure => Verdict::Clear,
        Readings::Unreadable(why) => Verdict::Unreadable(why.clone()),
        Readings::Read(states) => {
            let is = |wanted: Option<AlarmState>| -> Vec<AlarmName> {
                watch.names.iter().filter(|name| states.get(*name).copied() == wanted).cloned().collect()
            };
            let (breached, missing) = (is(Some(AlarmState::Alarm)), is(None));
            if !breached.is_empty() {
                Verdict::Breached(breached)
            } else if !missing.is_empty() && !watch.ignore_poll_failure {
                Verdict::Missing(missing)
            } else {
                Verdict::Clear
            }
        }
    }
}

impl Verdict {
    /// How the deployment ends under this verdict; `None` lets it go on.
    pub fn ending(&self) -> Option<Ending> {
        match self {
            Self::Clear => None,
            Self::Breached(names) => Some(breached(names)),
            Self::Missing(names) => Some(Ending::new(
                ErrorCode::AlarmUnreadable,
                format!(
                    "these alarms do not exist (any more): {}; create them, or set ignorePollAlarmFailure",
                    listed(names)
                ),
            )),
            Self::Unreadable(why) => Some(Ending::new(
                ErrorCode::AlarmUnreadable,
                format!("the alarms could not be read, and unknown counts as unsafe: {why}"),
            )),
        }
    }
}

/// The ending of a deployment that `names` stopped, in the words of CodeDeploy (contract 6.1).
pub fn breached(names: &[AlarmName]) -> Ending {
    Ending::new(
        ErrorCode::AlarmActive,
        format!(
            "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the \
             affected deployments have been stopped. Activated alarms: {}",
            listed(names)
        ),
    )
}

fn listed(names: &[AlarmName]) -> String {
    names.iter().map(|name| format!("<{name}>")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> AlarmName {
        AlarmName::parse(text).unwrap()
    }

    fn check(ignore: bool, states: &[(&str, AlarmState)], expected: Verdict) {
        let watch = AlarmWatch { names: [name("errors"), name("latency")].into(), ignore_poll_failure: ignore };
        let readings = Readings::Read(states.iter().map(|(alarm, state)| (name(alarm), *state)).collect());
        assert_eq!(judge(&watch, &readings), expected);
    }

    #[test]
    fn alarms_that_are_ok_or_have_no_data_yet_let_a_deployment_go_on() {
        check(false, &[("errors", AlarmState::Ok), ("latency", AlarmState::InsufficientData)], Verdict::Clear);
    }

    #[test]
    fn a_breached_alarm_stops_even_when_another_cannot_be_read() {
        check(false, &[("errors", AlarmState::Alarm)], Verdict::Breached(vec![name("errors")]));
        check(true, &[("errors", AlarmState::Alarm)], Verdict::Breached(vec![name("errors")]));
    }

    #[test]
    fn a_missing_alarm_stops_unless_the_user_said_to_ignore_it() {
        check(false, &[("errors", AlarmState::Ok)], Verdict::Missing(vec![name("latency")]));
        check(true, &[("errors", AlarmState::Ok)], Verdict::Clear);
    }

    #[test]
    fn an_unreadable_cloudwatch_stops_unless_the_user_said_to_ignore_it() {
        let unreadable = Readings::Unreadable("throttled".into());
        let mut watch = AlarmWatch { names: [name("errors")].into(), ignore_poll_failure: false };
        assert_eq!(judge(&watch, &unreadable), Verdict::Unreadable("throttled".into()));
        watch.ignore_poll_failure = true;
        assert_eq!(judge(&watch, &unreadable), Verdict::Clear);
    }

    #[test]
    fn a_deployment_without_alarms_does_not_care_whether_cloudwatch_answers() {
        let unreadable = Readings::Unreadable("throttled".into());
        assert_eq!(judge(&AlarmWatch::default(), &unreadable), Verdict::Clear);
    }
}
