//! What the alarms say. Unknown counts as unsafe, and one look that was throttled is not yet unknown.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::code::ErrorCode;
use crate::ending::Ending;
use crate::ids::AlarmName;
use crate::request::AlarmWatch;
use crate::verdict::Verdict;

/// The state of an alarm, as CloudWatch spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlarmState {
    /// Within its threshold.
    Ok,
    /// Breached.
    Alarm,
    /// Not enough data yet. Does not stop a deployment (docs/codedeploy-contract.md 6.1).
    InsufficientData,
}

impl AlarmState {
    /// Reads a state as CloudWatch spells it.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ok, Self::Alarm, Self::InsufficientData].into_iter().find(|state| state.to_string() == text)
    }
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

/// An alarm as a look found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its state.
    pub state: AlarmState,
    /// Why it is in that state, in CloudWatch's words, where it has some.
    pub reason: Option<String>,
}

impl From<AlarmState> for Seen {
    fn from(state: AlarmState) -> Self {
        Self { state, reason: None }
    }
}

/// An alarm that stops a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Its name.
    pub name: AlarmName,
    /// Why it is in ALARM, in CloudWatch's words, where it has some.
    pub reason: Option<String>,
}

/// One look at the alarms.
#[derive(Debug, Clone, PartialEq)]
pub enum Readings {
    /// CloudWatch answered; an alarm that is not in the map does not exist.
    Read(BTreeMap<AlarmName, Seen>),
    /// CloudWatch had no time for this look, and why: the next one may be answered.
    Throttled(String),
    /// CloudWatch refused the look, and why: the next one will not be answered either.
    Unreadable(String),
}

impl Readings {
    /// The state of one alarm, where it is known.
    pub fn state(&self, name: &AlarmName) -> Option<AlarmState> {
        match self {
            Self::Read(states) => states.get(name).map(|seen| seen.state),
            Self::Throttled(_) | Self::Unreadable(_) => None,
        }
    }

    /// Why the state of one alarm is not known, where it is not.
    pub fn unknown(&self, name: &AlarmName) -> Option<String> {
        match self {
            Self::Read(states) if states.contains_key(name) => None,
            Self::Read(_) => Some("there is no alarm of this name".to_owned()),
            Self::Throttled(why) | Self::Unreadable(why) => Some(why.clone()),
        }
    }
}

/// What a look at the alarms finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Go on.
    GoOn,
    /// Stop: these are in ALARM.
    Breached(Vec<Breach>),
    /// Stop: these do not exist.
    Missing(Vec<AlarmName>),
    /// Nobody knows just now. Stop if it stays so (see [`Blind`]).
    Unsure(String),
    /// Stop: nobody knows.
    Unreadable(String),
}

/// Looks at the alarms that were not answered, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Blind {
    /// When the first of them was made.
    pub since: Timestamp,
    /// How many they are.
    pub looks: u32,
}

impl Blind {
    /// So many looks in a row may fail, however fast they come: CloudWatch answers nine a second in an account, for everybody in it
    /// (docs/aws-realities.md 2.6).
    const LOOKS: u32 = 3;

    /// So long at least they have to fail, however many they are.
    const LEAST: SignedDuration = SignedDuration::from_secs(60);

    /// So long at most they may fail, however few they are.
    const MOST: SignedDuration = SignedDuration::from_mins(10);

    /// With one more look that was not answered.
    pub fn again(before: Option<Self>, now: Timestamp) -> Self {
        match before {
            Some(Self { since, looks }) => Self { since, looks: looks.saturating_add(1) },
            None => Self { since: now, looks: 1 },
        }
    }

    /// Whether the alarms stay unreadable, and so count as unsafe (promise P5).
    pub fn stays(&self, now: Timestamp) -> bool {
        let lasts = now.duration_since(self.since);
        (self.looks > Self::LOOKS && lasts >= Self::LEAST) || (self.looks > 1 && lasts >= Self::MOST)
    }
}

/// A change of an alarm's state, as its event tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmChange {
    /// The new state, where it is one that we know.
    pub state: Option<AlarmState>,
    /// Since when, where that could be read.
    pub since: Option<Timestamp>,
}

/// What a change of an alarm's state says to a deployment that watches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Stop.
    Breached,
    /// The change is older than the deployment, or of no known time: only the alarm itself can tell whether it still stands.
    Old,
    /// Go on.
    Nothing,
}

impl AlarmChange {
    /// What it says to a deployment that began then. Events may be hours late (promise P8, docs/aws-realities.md 3.1).
    pub fn to(&self, began: Timestamp) -> Heard {
        match (self.state, self.since) {
            (Some(AlarmState::Alarm), Some(since)) if since >= began => Heard::Breached,
            (Some(AlarmState::Alarm), _) => Heard::Old,
            (Some(AlarmState::Ok | AlarmState::InsufficientData) | None, _) => Heard::Nothing,
        }
    }
}

/// Judges one look at the alarms. A breached alarm always counts; what cannot be read counts unless the user said to
/// ignore it.
pub fn judge(watch: &AlarmWatch, readings: &Readings) -> Finding {
    if watch.is_empty() {
        return Finding::GoOn;
    }
    match readings {
        Readings::Throttled(_) | Readings::Unreadable(_) if watch.ignore_poll_failure => Finding::GoOn,
        Readings::Throttled(why) => Finding::Unsure(why.clone()),
        Readings::Unreadable(why) => Finding::Unreadable(why.clone()),
        Readings::Read(states) => {
            let in_alarm = |name: &AlarmName| {
                let seen = states.get(name).filter(|seen| seen.state == AlarmState::Alarm)?;
                Some(Breach { name: name.clone(), reason: seen.reason.clone() })
            };
            let breached: Vec<Breach> = watch.names.iter().filter_map(in_alarm).collect();
            let missing: Vec<AlarmName> =
                watch.names.iter().filter(|name| !states.contains_key(*name)).cloned().collect();
            if !breached.is_empty() {
                Finding::Breached(breached)
            } else if !missing.is_empty() && !watch.ignore_poll_failure {
                Finding::Missing(missing)
            } else {
                Finding::GoOn
            }
        }
    }
}

/// The verdict of one look on a deployment that runs, and how many looks in a row were not answered by now.
pub fn verdict(
    watch: &AlarmWatch,
    readings: &Readings,
    before: Option<Blind>,
    now: Timestamp,
) -> (Verdict, Option<Blind>) {
    let finding = judge(watch, readings);
    match (&finding, finding.ending()) {
        (Finding::Unsure(why), Some(ending)) => {
            let blind = Blind::again(before, now);
            let verdict = if blind.stays(now) { Verdict::Stop(ending) } else { Verdict::Unsure(why.clone()) };
            (verdict, Some(blind))
        }
        (_, Some(ending)) => (Verdict::Stop(ending), before),
        (_, None) => (Verdict::Go, None),
    }
}

impl Finding {
    /// How a deployment ends by this; `None` lets it go on.
    pub fn ending(&self) -> Option<Ending> {
        match self {
            Self::GoOn => None,
            Self::Breached(alarms) => Some(breached(alarms)),
            Self::Missing(names) => Some(Ending::new(
                ErrorCode::AlarmUnreadable,
                format!(
                    "these alarms do not exist (any more): {}; create them, or set ignorePollAlarmFailure \
                     (--ignore-alarm-poll-failure on the command line)",
                    listed(names.iter())
                ),
            )),
            Self::Unsure(why) | Self::Unreadable(why) => Some(Ending::new(
                ErrorCode::AlarmUnreadable,
                format!("the alarms could not be read, and unknown counts as unsafe: {why}"),
            )),
        }
    }
}

/// The ending of a deployment that these alarms stopped: in the words of CodeDeploy (docs/codedeploy-contract.md 6.1), then in those of CloudWatch.
pub fn breached(alarms: &[Breach]) -> Ending {
    Ending::new(
        ErrorCode::AlarmActive,
        format!(
            "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the \
             affected deployments have been stopped. Activated alarms: {}{}",
            listed(alarms.iter().map(|alarm| &alarm.name)),
            reasons(alarms)
        ),
    )
}

/// Why a deployment does not begin while these alarms are in ALARM, and what to do where it is what would quiet them.
pub fn in_the_way(alarms: &[Breach]) -> String {
    format!(
        "nothing was started, since these alarms are in ALARM: {}{}; wait until they are OK; where this deployment is what mends \
         it, deploy without them: with --no-alarms, or with overrideAlarmConfiguration set to {{\"enabled\": false}}",
        listed(alarms.iter().map(|alarm| &alarm.name)),
        reasons(alarms)
    )
}

/// What CloudWatch says of these alarms, as far as it says anything.
fn reasons(alarms: &[Breach]) -> String {
    let said = |alarm: &Breach| {
        let reason = alarm.reason.as_deref().filter(|reason| !reason.is_empty())?;
        let clipped: String = reason.chars().take(LONGEST_REASON).collect();
        let more = if clipped.len() < reason.len() { "…" } else { "" };
        Some(format!("; CloudWatch says of {}: {clipped}{more}", alarm.name))
    };
    alarms.iter().filter_map(said).collect()
}

/// So much of what CloudWatch says of an alarm is kept, in characters.
const LONGEST_REASON: usize = 250;

fn listed<'a>(names: impl Iterator<Item = &'a AlarmName>) -> String {
    names.map(|name| format!("<{name}>")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> AlarmName {
        AlarmName::parse(text).unwrap()
    }

    fn check(ignore: bool, states: &[(&str, AlarmState)], expected: Finding) {
        let watch = AlarmWatch { names: [name("errors"), name("latency")].into(), ignore_poll_failure: ignore };
        let readings = Readings::Read(states.iter().map(|(alarm, state)| (name(alarm), (*state).into())).collect());
        assert_eq!(judge(&watch, &readings), expected);
    }

    #[test]
    fn alarms_that_are_ok_or_have_no_data_yet_let_a_deployment_go_on() {
        check(false, &[("errors", AlarmState::Ok), ("latency", AlarmState::InsufficientData)], Finding::GoOn);
    }

    #[test]
    fn a_breached_alarm_stops_even_when_another_cannot_be_read() {
        let errors = || Finding::Breached(vec![Breach { name: name("errors"), reason: None }]);
        check(false, &[("errors", AlarmState::Alarm)], errors());
        check(true, &[("errors", AlarmState::Alarm)], errors());
    }

    #[test]
    fn what_cloudwatch_says_of_an_alarm_is_told_and_cut_where_it_is_a_page() {
        let of = |reason: &str| breached(&[Breach { name: name("errors"), reason: Some(reason.to_owned()) }]).message;
        let said = of("Threshold Crossed: 1 datapoint [7.0] was greater than the threshold (5.0).");
        assert!(said.ends_with("Activated alarms: <errors>; CloudWatch says of errors: Threshold Crossed: 1 datapoint [7.0] was greater than the threshold (5.0)."), "{said}");
        assert!(of(&"é".repeat(2_000)).ends_with(&format!("{}…", "é".repeat(LONGEST_REASON))));
        assert!(of("").ends_with("Activated alarms: <errors>"));
    }

    #[test]
    fn a_missing_alarm_stops_unless_the_user_said_to_ignore_it() {
        check(false, &[("errors", AlarmState::Ok)], Finding::Missing(vec![name("latency")]));
        check(true, &[("errors", AlarmState::Ok)], Finding::GoOn);
    }

    #[test]
    fn a_look_that_was_throttled_is_not_yet_unknown_and_staying_so_is() {
        let busy = Readings::Throttled("throttled".into());
        let mut watch = AlarmWatch { names: [name("errors")].into(), ignore_poll_failure: false };
        assert_eq!(judge(&watch, &busy), Finding::Unsure("throttled".into()));
        watch.ignore_poll_failure = true;
        assert_eq!(judge(&watch, &busy), Finding::GoOn);
        // When the looks are made that fail, in seconds, and whether the last one is one too many.
        let table: [(&[i64], bool); 6] = [
            (&[0], false),
            (&[0, 60, 120], false),
            (&[0, 60, 120, 180], true),
            (&[0, 1, 2, 3, 4, 5, 59], false),
            (&[0, 1, 2, 3, 4, 5, 60], true),
            (&[0, 600], true),
        ];
        for (looks, expected) in table {
            let at = |second: &i64| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(*second);
            let blind = looks.iter().fold(None, |blind, second| Some(Blind::again(blind, at(second)))).unwrap();
            assert_eq!(blind.stays(at(looks.last().unwrap())), expected, "{looks:?}");
        }
    }

    #[test]
    fn only_a_change_to_alarm_since_the_deployment_began_stops_it_unseen() {
        let at = |second| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second);
        let heard = |state, since: Option<i64>| AlarmChange { state, since: since.map(at) }.to(at(1_000));
        assert_eq!(heard(Some(AlarmState::Alarm), Some(1_000)), Heard::Breached);
        assert_eq!(heard(Some(AlarmState::Alarm), Some(999)), Heard::Old);
        assert_eq!(heard(Some(AlarmState::Alarm), None), Heard::Old);
        for state in [Some(AlarmState::Ok), Some(AlarmState::InsufficientData), None] {
            assert_eq!(heard(state, Some(2_000)), Heard::Nothing, "{state:?}");
        }
    }

    #[test]
    fn an_unreadable_cloudwatch_stops_unless_the_user_said_to_ignore_it() {
        let unreadable = Readings::Unreadable("throttled".into());
        let mut watch = AlarmWatch { names: [name("errors")].into(), ignore_poll_failure: false };
        assert_eq!(judge(&watch, &unreadable), Finding::Unreadable("throttled".into()));
        watch.ignore_poll_failure = true;
        assert_eq!(judge(&watch, &unreadable), Finding::GoOn);
    }

    #[test]
    fn a_deployment_without_alarms_does_not_care_whether_cloudwatch_answers() {
        let unreadable = Readings::Unreadable("throttled".into());
        assert_eq!(judge(&AlarmWatch::default(), &unreadable), Finding::GoOn);
    }
}
