//! Strategies, and the steps they become.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::StrategyError;
use super::limits::{MAX_STEPS, MAX_TOTAL};
use crate::hold::Hold;
use crate::seconds::Seconds;
use crate::weight::Weight;

/// One weight, and what is waited for before the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The share of the new version.
    pub weight: Weight,
    /// What is waited for at this weight. On the last step, at 100 %, it is the bake time.
    pub hold: Hold,
}

impl Step {
    /// All traffic to the new version, and nothing waited for.
    pub const LAST: Self = Self { weight: Weight::FULL, hold: Hold::NONE };

    /// Whether the step waits for a person.
    pub fn is_pause(&self) -> bool {
        matches!(self.hold, Hold::UntilContinued { .. })
    }

    /// How long the step holds at most.
    pub fn hold_seconds(&self) -> Seconds {
        self.hold.longest()
    }
}

/// How traffic moves from one version to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub enum Strategy {
    /// One step.
    AllAtOnce,
    /// A part at once, the rest after a while.
    Canary {
        /// The share of the new version while it is tried out, 1 to 99.
        percent: Weight,
        /// How long it is tried out.
        interval: Seconds,
    },
    /// Equal parts, the first at once.
    Linear {
        /// What each step adds, 1 to 99. The last step adds what is left.
        percent: Weight,
        /// The time between two steps.
        interval: Seconds,
    },
    /// A list, as written in an AppSpec.
    Steps(Vec<Step>),
}

impl Strategy {
    /// A canary: `percent` at once, the rest after `interval`.
    pub fn canary(percent: u64, interval: Seconds) -> Result<Self, StrategyError> {
        let percent = part("canary", percent)?;
        Self::Canary { percent, interval }.checked("canary")
    }

    /// Equal parts of `percent`, the first at once, the others after `interval` each (docs/codedeploy-contract.md 4.3).
    pub fn linear(percent: u64, interval: Seconds) -> Result<Self, StrategyError> {
        let percent = part("linear", percent)?;
        Self::Linear { percent, interval }.checked("linear")
    }

    /// A list of steps. A last step below 100 % is followed by one at 100 %.
    pub fn custom(mut steps: Vec<Step>) -> Result<Self, StrategyError> {
        match faults(&steps).into_iter().next() {
            Some(fault) => Err(fault),
            None => {
                close(&mut steps);
                Ok(Self::Steps(steps))
            }
        }
    }

    /// The steps: weights only climb, and the last one is 100 %.
    pub fn steps(&self) -> Vec<Step> {
        match self {
            Self::AllAtOnce => vec![Step::LAST],
            Self::Canary { percent, interval } => {
                let mut steps = vec![Step { weight: *percent, hold: Hold::For(*interval) }];
                close(&mut steps);
                steps
            }
            Self::Linear { percent, interval } => {
                let stride = usize::from(percent.percent().max(1));
                let mut steps: Vec<Step> = (stride..100)
                    .step_by(stride)
                    .map(|weight| Step { weight: Weight::clamped(weight as u8), hold: Hold::For(*interval) })
                    .collect();
                close(&mut steps);
                steps
            }
            Self::Steps(steps) => {
                let mut steps = steps.clone();
                close(&mut steps);
                steps
            }
        }
    }

    /// The longest time from the first weight to the end: all holds, with every pause taken to its timeout.
    pub fn total(&self) -> Seconds {
        total(&self.steps())
    }

    fn checked(self, kind: &'static str) -> Result<Self, StrategyError> {
        match &self {
            Self::Canary { interval, .. } | Self::Linear { interval, .. } if interval.is_zero() => {
                Err(StrategyError::NoInterval { kind })
            }
            _ if self.total() > MAX_TOTAL => Err(StrategyError::TooLong { total: self.total() }),
            _ => Ok(self),
        }
    }
}

/// The short name: `Canary10Percent5Minutes`, which [`Strategy::named`] reads again. A list of steps is just `Steps`.
impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&match self {
            Self::AllAtOnce => "AllAtOnce".to_owned(),
            Self::Canary { percent, interval } => {
                format!("Canary{}Percent{}", percent.percent(), in_a_name(*interval))
            }
            Self::Linear { percent, interval } => {
                format!("Linear{}PercentEvery{}", percent.percent(), in_a_name(*interval))
            }
            Self::Steps(_) => "Steps".to_owned(),
        })
    }
}

/// A strategy as JSON has it, before the rules are checked.
#[derive(Deserialize)]
#[serde(rename = "Strategy")]
enum Written {
    AllAtOnce,
    Canary { percent: u64, interval: Seconds },
    Linear { percent: u64, interval: Seconds },
    Steps(Vec<Step>),
}

impl TryFrom<Written> for Strategy {
    type Error = StrategyError;

    fn try_from(written: Written) -> Result<Self, StrategyError> {
        match written {
            Written::AllAtOnce => Ok(Self::AllAtOnce),
            Written::Canary { percent, interval } => Self::canary(percent, interval),
            Written::Linear { percent, interval } => Self::linear(percent, interval),
            Written::Steps(steps) => Self::custom(steps),
        }
    }
}

/// Everything that is wrong with a list of steps.
pub(crate) fn faults(steps: &[Step]) -> Vec<StrategyError> {
    if steps.is_empty() {
        return vec![StrategyError::NoSteps];
    }
    let mut faults = Vec::new();
    if steps.len() > MAX_STEPS
        || (steps.len() == MAX_STEPS && steps.last().is_some_and(|last| last.weight < Weight::FULL))
    {
        faults.push(StrategyError::TooManySteps { steps: steps.len() });
    }
    let mut before = Weight::ZERO;
    for (number, step) in (1..).zip(steps) {
        if step.weight == Weight::ZERO {
            faults.push(StrategyError::NoWeight { step: number });
        } else if step.weight <= before {
            faults.push(StrategyError::NotClimbing { step: number, weight: step.weight, before });
        }
        if matches!(step.hold, Hold::UntilContinued { timeout: Seconds::ZERO, .. }) {
            faults.push(StrategyError::NoTimeout { step: number });
        }
        before = before.max(step.weight);
    }
    if total(steps) > MAX_TOTAL {
        faults.push(StrategyError::TooLong { total: total(steps) });
    }
    faults
}

fn total(steps: &[Step]) -> Seconds {
    steps.iter().map(|step| step.hold.longest()).sum()
}

fn close(steps: &mut Vec<Step>) {
    if steps.last().is_none_or(|last| last.weight < Weight::FULL) {
        steps.push(Step::LAST);
    }
}

fn part(kind: &'static str, percent: u64) -> Result<Weight, StrategyError> {
    match Weight::try_from(percent) {
        Ok(weight) if weight > Weight::ZERO && weight < Weight::FULL => Ok(weight),
        _ => Err(StrategyError::Percent { kind, percent }),
    }
}

/// A time as names have it: `5Minutes`, `1Minute`, `90Seconds`.
fn in_a_name(time: Seconds) -> String {
    let (count, unit) = if time.0.is_multiple_of(60) { (time.0 / 60, "Minute") } else { (time.0, "Second") };
    format!("{count}{unit}{}", if count == 1 { "" } else { "s" })
}
