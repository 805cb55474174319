//! Alarms as DescribeAlarms shows them: alarms on metrics alone, unless others are asked for too. And alarms on logs, which moto
//! does not have. Nobody evaluates those here: their state is what a caller sets.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::arn::{ACCOUNT, REGION};
use crate::guarded::Guarded;
use crate::http::Answer;

/// The alarms on logs, by name.
#[derive(Debug, Default)]
pub(crate) struct LogAlarms(Guarded<BTreeMap<String, Value>>);

impl LogAlarms {
    /// PutLogAlarm.
    pub(crate) fn put(&self, input: &Value) -> Answer {
        let needed = ["AlarmName", "ScheduledQueryConfiguration", "Threshold", "ComparisonOperator"];
        if let Some(missing) =
            needed.iter().find(|member| matches!(&input[**member], Value::Null) || input[**member] == "")
        {
            return Answer::error(400, "ValidationError", &format!("The parameter {missing} is required."));
        }
        let name = input["AlarmName"].as_str().unwrap_or_default().to_owned();
        let mut alarm = input.clone();
        alarm["AlarmArn"] = format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}").into();
        alarm["StateValue"] = "INSUFFICIENT_DATA".into();
        alarm["StateReason"] = "Unchecked: Initial alarm creation".into();
        self.0.lock().insert(name, alarm);
        Answer::json(200, &json!({}))
    }

    /// One of them.
    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        self.0.lock().get(name).cloned()
    }

    /// SetAlarmState of one of them; `None` where there is no such.
    pub(crate) fn set_state(&self, name: &str, input: &Value) -> Option<Answer> {
        let mut alarms = self.0.lock();
        let alarm = alarms.get_mut(name)?;
        if !matches!(input["StateValue"].as_str(), Some("OK" | "ALARM" | "INSUFFICIENT_DATA")) {
            return Some(Answer::error(400, "ValidationError", "StateValue must be OK, ALARM or INSUFFICIENT_DATA"));
        }
        for member in ["StateValue", "StateReason"] {
            alarm[member] = input[member].clone();
        }
        Some(Answer::json(200, &json!({})))
    }

    /// Forgets those that DeleteAlarms names.
    pub(crate) fn delete(&self, input: &Value) {
        let named = input["AlarmNames"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut alarms = self.0.lock();
        named.for_each(|name| {
            alarms.remove(name);
        });
    }

    /// The answer of DescribeAlarms: what moto found, of the kinds that were asked for, and the alarms on logs.
    pub(crate) fn described(&self, input: &Value, mut found: Value) -> Value {
        let asked: Vec<&str> = input["AlarmTypes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let wanted = |kind: &str| if asked.is_empty() { kind == "MetricAlarm" } else { asked.contains(&kind) };
        for (kind, member) in [("MetricAlarm", "MetricAlarms"), ("CompositeAlarm", "CompositeAlarms")] {
            if !wanted(kind) {
                found[member] = json!([]);
            }
        }
        let names = input["AlarmNames"].as_array().filter(|names| !names.is_empty());
        let named = |name: &str, alarm: &Value| {
            names.is_none_or(|names| names.iter().any(|wanted| wanted == name))
                && input["AlarmNamePrefix"].as_str().is_none_or(|prefix| name.starts_with(prefix))
                && input["StateValue"].as_str().is_none_or(|state| alarm["StateValue"] == state)
        };
        if wanted("LogAlarm") {
            let alarms = self.0.lock();
            found["LogAlarms"] =
                alarms.iter().filter(|(name, alarm)| named(name, alarm)).map(|(_, alarm)| alarm.clone()).collect();
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::LogAlarms;

    #[test]
    fn alarms_on_metrics_alone_are_shown_unless_others_are_asked_for() {
        let alarms = LogAlarms::default();
        let query = json!({"AlarmName": "words", "ScheduledQueryConfiguration": {}, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"});
        assert!(alarms.put(&query).status.is_success());
        let found = || json!({"MetricAlarms": [{"AlarmName": "m"}], "CompositeAlarms": [{"AlarmName": "c"}]});
        let shown = |input| {
            let answer = alarms.described(&input, found());
            let count = |member: &str| answer[member].as_array().map_or(0, Vec::len);
            (count("MetricAlarms"), count("CompositeAlarms"), count("LogAlarms"))
        };
        assert_eq!(shown(json!({})), (1, 0, 0));
        assert_eq!(shown(json!({"AlarmTypes": ["CompositeAlarm"]})), (0, 1, 0));
        assert_eq!(shown(json!({"AlarmTypes": ["MetricAlarm", "CompositeAlarm", "LogAlarm"]})), (1, 1, 1));
        for other in
            [json!({"AlarmNames": ["other"]}), json!({"AlarmNamePrefix": "other"}), json!({"StateValue": "OK"})]
        {
            let mut input = other;
            input["AlarmTypes"] = json!(["LogAlarm"]);
            assert_eq!(shown(input), (0, 0, 0));
        }
    }
}
