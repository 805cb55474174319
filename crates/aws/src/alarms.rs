//! CloudWatch alarms.

use std::collections::{BTreeMap, BTreeSet};

use aws_config::SdkConfig;
use aws_sdk_cloudwatch::types::{AlarmType, StateValue};
use rollout::alarms::{AlarmState, Readings};
use rollout::ids::AlarmName;
use steps::ports::{PortError, ReadAlarms};

use crate::failure::port_error;

/// The alarms of this account and region.
#[derive(Debug, Clone)]
pub struct Alarms(aws_sdk_cloudwatch::Client);

impl Alarms {
    /// The most names DescribeAlarms takes.
    const AT_ONCE: usize = 100;

    /// With the function's credentials.
    pub fn new(config: &SdkConfig) -> Self {
        Self(aws_sdk_cloudwatch::Client::new(config))
    }

    async fn states(&self, names: &[&AlarmName]) -> Result<BTreeMap<AlarmName, AlarmState>, PortError> {
        let answer = self
            .0
            .describe_alarms()
            .set_alarm_names(Some(names.iter().map(ToString::to_string).collect()))
            .alarm_types(AlarmType::MetricAlarm)
            .alarm_types(AlarmType::CompositeAlarm)
            .max_records(Self::AT_ONCE as i32)
            .send()
            .await
            .map_err(|error| port_error("DescribeAlarms", error))?;
        let metric = answer.metric_alarms().iter().map(|alarm| (alarm.alarm_name(), alarm.state_value()));
        let composite = answer.composite_alarms().iter().map(|alarm| (alarm.alarm_name(), alarm.state_value()));
        Ok(metric
            .chain(composite)
            .filter_map(|(name, state)| Some((AlarmName::parse(name?).ok()?, state_of(state?)?)))
            .collect())
    }
}

/// A state nobody knows is left out: the alarm then counts as one that cannot be read.
fn state_of(value: &StateValue) -> Option<AlarmState> {
    match value {
        StateValue::Ok => Some(AlarmState::Ok),
        StateValue::Alarm => Some(AlarmState::Alarm),
        StateValue::InsufficientData => Some(AlarmState::InsufficientData),
        _ => None,
    }
}

impl ReadAlarms for Alarms {
    async fn read(&self, names: &BTreeSet<AlarmName>) -> Readings {
        let names: Vec<&AlarmName> = names.iter().collect();
        let mut states = BTreeMap::new();
        for names in names.chunks(Self::AT_ONCE) {
            match self.states(names).await {
                Ok(some) => states.extend(some),
                Err(error) => return Readings::Unreadable(error.to_string()),
            }
        }
        Readings::Read(states)
    }
}
