//! CloudWatch alarms, those on logs too (docs/aws-realities.md 2.7).

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::types::{AlarmType, StateValue};
use rollout::alarms::{AlarmState, Readings, Seen};
use rollout::ids::AlarmName;
use steps::ports::{PortError, ReadAlarms};

use crate::account::Account;
use crate::failure::port_error;

/// The most names DescribeAlarms takes.
const AT_ONCE: usize = 100;

impl Account {
    async fn alarm_states(&self, names: &[&AlarmName]) -> Result<BTreeMap<AlarmName, Seen>, PortError> {
        let answer = self
            .cloudwatch()
            .describe_alarms()
            .set_alarm_names(Some(names.iter().map(ToString::to_string).collect()))
            .alarm_types(AlarmType::MetricAlarm)
            .alarm_types(AlarmType::CompositeAlarm)
            .alarm_types(AlarmType::LogAlarm)
            .max_records(AT_ONCE as i32)
            .send()
            .await
            .map_err(|error| port_error("DescribeAlarms", error))?;
        let metric =
            answer.metric_alarms().iter().map(|alarm| (alarm.alarm_name(), alarm.state_value(), alarm.state_reason()));
        let composite = answer
            .composite_alarms()
            .iter()
            .map(|alarm| (alarm.alarm_name(), alarm.state_value(), alarm.state_reason()));
        let log =
            answer.log_alarms().iter().map(|alarm| (alarm.alarm_name(), alarm.state_value(), alarm.state_reason()));
        Ok(metric
            .chain(composite)
            .chain(log)
            .filter_map(|(name, state, reason)| {
                let seen = Seen { state: state_of(state?)?, reason: reason.map(str::to_owned) };
                Some((AlarmName::parse(name?).ok()?, seen))
            })
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

impl ReadAlarms for Account {
    async fn alarms(&self, names: &BTreeSet<AlarmName>) -> Readings {
        let names: Vec<&AlarmName> = names.iter().collect();
        let mut states = BTreeMap::new();
        for names in names.chunks(AT_ONCE) {
            match self.alarm_states(names).await {
                Ok(some) => states.extend(some),
                Err(error) if error.is_passing() => return Readings::Throttled(error.said().to_owned()),
                Err(error) => return Readings::Unreadable(error.to_string()),
            }
        }
        Readings::Read(states)
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatch::operation::describe_alarms::{DescribeAlarmsError, DescribeAlarmsOutput};
    use aws_sdk_cloudwatch::types::{CompositeAlarm, LogAlarm, MetricAlarm};
    use aws_smithy_mocks::{RuleMode, mock, mock_client};

    use super::*;
    use crate::account::Stack;

    fn account(client: aws_sdk_cloudwatch::Client) -> Account {
        let account = Account::new(&aws_config::SdkConfig::builder().build(), Stack::default());
        account.cloudwatch.set(client).unwrap();
        account
    }

    fn names(count: usize) -> BTreeSet<AlarmName> {
        (0..count).map(|number| AlarmName::parse(&format!("alarm-{number}")).unwrap()).collect()
    }

    #[tokio::test]
    async fn alarms_on_metrics_on_other_alarms_and_on_logs_are_read_and_a_state_nobody_knows_is_left_out() {
        let rule = mock!(aws_sdk_cloudwatch::Client::describe_alarms)
            .match_requests(|asked| {
                asked.alarm_types() == [AlarmType::MetricAlarm, AlarmType::CompositeAlarm, AlarmType::LogAlarm]
                    && asked.alarm_names().len() == 5
            })
            .then_output(|| {
                let metric = |name: &str, state| MetricAlarm::builder().alarm_name(name).state_value(state).build();
                DescribeAlarmsOutput::builder()
                    .metric_alarms(metric("alarm-0", StateValue::Ok))
                    .metric_alarms(metric("alarm-1", StateValue::InsufficientData))
                    .metric_alarms(metric("alarm-2", StateValue::from("SOMETHING_NEW")))
                    .composite_alarms(
                        CompositeAlarm::builder().alarm_name("alarm-3").state_value(StateValue::Alarm).build(),
                    )
                    .log_alarms(LogAlarm::builder().alarm_name("alarm-4").state_value(StateValue::Alarm).build())
                    .build()
            });
        let alarms = account(mock_client!(aws_sdk_cloudwatch, RuleMode::MatchAny, [&rule]));
        let readings = alarms.alarms(&names(5)).await;
        let states: Vec<_> = names(5).iter().map(|name| readings.state(name)).collect();
        let (ok, alarm) = (Some(AlarmState::Ok), Some(AlarmState::Alarm));
        let expected = [ok, Some(AlarmState::InsufficientData), None, alarm, alarm];
        assert_eq!(states, expected);
    }

    #[tokio::test]
    async fn not_being_able_to_read_is_a_reading() {
        let rule = mock!(aws_sdk_cloudwatch::Client::describe_alarms)
            .then_error(|| DescribeAlarmsError::unhandled("not allowed"));
        let alarms = account(mock_client!(aws_sdk_cloudwatch, RuleMode::MatchAny, [&rule]));
        assert!(matches!(alarms.alarms(&names(1)).await, Readings::Unreadable(_)));
    }

    #[tokio::test]
    async fn a_throttled_look_is_told_apart_from_one_that_is_refused() {
        let rule = mock!(aws_sdk_cloudwatch::Client::describe_alarms).then_error(|| {
            let meta =
                aws_smithy_types::error::ErrorMetadata::builder().code("Throttling").message("Rate exceeded").build();
            DescribeAlarmsError::generic(meta)
        });
        let alarms = account(mock_client!(aws_sdk_cloudwatch, RuleMode::MatchAny, [&rule]));
        assert!(matches!(alarms.alarms(&names(1)).await, Readings::Throttled(_)));
    }

    #[tokio::test]
    async fn no_alarm_is_no_call() {
        let alarms = account(mock_client!(aws_sdk_cloudwatch, RuleMode::MatchAny, []));
        assert_eq!(alarms.alarms(&names(0)).await, Readings::Read(BTreeMap::new()));
    }

    #[tokio::test]
    async fn alarms_are_asked_for_a_hundred_at_a_time() {
        let rule = mock!(aws_sdk_cloudwatch::Client::describe_alarms)
            .match_requests(|asked| asked.alarm_names().len() <= 100)
            .then_output(|| DescribeAlarmsOutput::builder().build());
        let alarms = account(mock_client!(aws_sdk_cloudwatch, RuleMode::MatchAny, [&rule]));
        assert_eq!(alarms.alarms(&names(101)).await, Readings::Read(BTreeMap::new()));
        assert_eq!(rule.num_calls(), 2);
    }
}
