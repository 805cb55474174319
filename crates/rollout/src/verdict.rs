//! What is said of a deployment that runs, at each look, by everything that may hold it up or end it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ending::Ending;

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Judge {
    /// Its alarms ([`crate::alarms`]).
    Alarms,
    /// Whether its target is as it left it ([`crate::drift`]).
    Target,
    /// What the traffic moves to: a version, or a task set ([`crate::replacement`]).
    Replacement,
}

impl Judge {
    /// What it means to people that this is not known, for this reason.
    pub fn doubts(self, why: &str) -> String {
        match self {
            Self::Alarms => format!(
                "the alarms could not be read at the last look. It goes on for now, and stops if the next looks find them so, too: {why}"
            ),
            Self::Target => format!("nobody knows whether somebody else has changed the target: {why}"),
            Self::Replacement => format!("for the new task set, whose tasks are on their way: {why}"),
        }
    }
}

/// What one look says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing speaks against going on.
    Go,
    /// Nobody knows yet, and why. Only if it stays so, the deployment ends.
    Unsure(String),
    /// It ends.
    Stop(Ending),
}

/// What is not known yet, by who could not say it, with the reason. A record keeps it, so that it can be said what a deployment waits
/// for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Doubts(BTreeMap<Judge, String>);

impl Doubts {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each, with its reason.
    pub fn iter(&self) -> impl Iterator<Item = (Judge, &str)> {
        self.0.iter().map(|(judge, why)| (*judge, why.as_str()))
    }

    /// What was said now takes the place of what the same one said before.
    pub fn hear(&mut self, judge: Judge, verdict: &Verdict) {
        match verdict {
            Verdict::Unsure(why) => drop(self.0.insert(judge, why.clone())),
            Verdict::Go | Verdict::Stop(_) => drop(self.0.remove(&judge)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::ErrorCode;

    fn unsure(why: &str) -> Verdict {
        Verdict::Unsure(why.to_owned())
    }

    fn kept(doubts: &Doubts) -> Vec<(Judge, &str)> {
        doubts.iter().collect()
    }

    #[test]
    fn a_doubt_lasts_until_who_had_it_is_asked_again_and_knows() {
        let mut doubts = Doubts::default();
        doubts.hear(Judge::Alarms, &unsure("throttled"));
        doubts.hear(Judge::Replacement, &unsure("no task runs"));
        assert_eq!(kept(&doubts), [(Judge::Alarms, "throttled"), (Judge::Replacement, "no task runs")]);
        doubts.hear(Judge::Alarms, &Verdict::Go);
        doubts.hear(Judge::Replacement, &unsure("no target is healthy"));
        assert_eq!(kept(&doubts), [(Judge::Replacement, "no target is healthy")]);
        doubts.hear(Judge::Replacement, &Verdict::Stop(Ending::new(ErrorCode::EcsUpdateError, "why")));
        assert!(doubts.is_empty());
    }
}
