//! Alarms on the metrics kept here, evaluated call by call and request by request, and the event every state change sends.
//!
//! moto keeps alarms and their states but evaluates none. Windows slide (the newest period ends now), so that an alarm
//! shows within a moment what CloudWatch shows at the end of a period. An alarm whose state a caller set is left alone
//! for ten seconds. moto begins an alarm in OK where AWS says INSUFFICIENT_DATA.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::arn::{ACCOUNT, REGION};
use crate::clock;
use crate::metrics::Metrics;

/// How long a state that a caller set stands.
pub(crate) const HANDS_OFF_SECONDS: f64 = 10.0;

/// The state an alarm should be in now, with the reason; `None` to leave it as it is.
pub(crate) fn evaluate(alarm: &Value, metrics: &Metrics, now: f64) -> Option<(&'static str, String)> {
    let number = |member: &str| alarm[member].as_f64();
    let periods = alarm["EvaluationPeriods"].as_f64().map_or(1, whole).max(1);
    let needed = number("DatapointsToAlarm").map_or(periods, whole).clamp(1, periods);
    let threshold = number("Threshold")?;
    let points = series(alarm, metrics, now, periods)?;
    let operator = alarm["ComparisonOperator"].as_str().unwrap_or_default();
    let missing = alarm["TreatMissingData"].as_str().unwrap_or("missing");
    let breaching = points.iter().filter(|point| match point {
        Some(value) => breaches(*value, operator, threshold),
        None => missing == "breaching",
    });
    let (breaching, present) = (breaching.count(), points.iter().flatten().count());
    if present == 0 && !matches!(missing, "breaching" | "notBreaching") {
        return None;
    }
    let shown = points.iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if breaching >= needed {
        let reason = format!("Threshold Crossed: {breaching} of {periods} datapoints [{shown}] breached {threshold}");
        return Some(("ALARM", reason));
    }
    Some(("OK", format!("Threshold not crossed: {breaching} of {periods} datapoints [{shown}] breached {threshold}")))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of periods are small")]
fn whole(number: f64) -> usize {
    number.max(0.0) as usize
}

/// The value of each period, the newest first; `None` for the whole where the alarm is on metrics that are not kept here.
fn series(alarm: &Value, metrics: &Metrics, now: f64, periods: usize) -> Option<Vec<Option<f64>>> {
    let queries = alarm["Metrics"].as_array().filter(|queries| !queries.is_empty());
    let Some(queries) = queries else {
        return stat(alarm, &alarm["Statistic"], &alarm["Period"], metrics, now, periods);
    };
    let mut named = HashMap::new();
    for query in queries {
        let stated = &query["MetricStat"];
        if stated.is_object() {
            let points = stat(&stated["Metric"], &stated["Stat"], &stated["Period"], metrics, now, periods)?;
            named.insert(query["Id"].as_str().unwrap_or_default(), points);
        }
    }
    let returned = queries.iter().find(|query| query["ReturnData"] != false)?;
    if let Some(points) = named.get(returned["Id"].as_str().unwrap_or_default()) {
        return Some(points.clone());
    }
    let expression = returned["Expression"].as_str()?;
    let at = |index: usize| {
        let values = named.iter().map(|(name, points)| (*name, points[index])).collect::<HashMap<_, _>>();
        math(expression, &values)
    };
    Some((0..periods).map(at).collect())
}

fn stat(
    metric: &Value,
    statistic: &Value,
    period: &Value,
    metrics: &Metrics,
    now: f64,
    periods: usize,
) -> Option<Vec<Option<f64>>> {
    let dimensions = metric["Dimensions"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let dimensions = dimensions.map(|one| (text(&one["Name"]), text(&one["Value"]))).collect::<Vec<_>>();
    let period = period.as_f64().filter(|period| *period > 0.0)?;
    #[expect(clippy::cast_precision_loss, reason = "counts of periods are small")]
    let from = now - period * periods as f64;
    let mut bins = vec![Vec::new(); periods];
    let (namespace, name) = (metric["Namespace"].as_str()?, metric["MetricName"].as_str()?);
    for (at, value) in metrics.values(namespace, name, &dimensions, from)? {
        if let Some(bin) = bins.get_mut(whole((now - at) / period)) {
            bin.push(value);
        }
    }
    let statistic = statistic.as_str()?;
    Some(bins.into_iter().map(|bin| point(&bin, statistic)).collect())
}

/// The statistic of a period's values.
fn point(values: &[f64], statistic: &str) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of calls are small")]
    let count = values.len() as f64;
    let sum = values.iter().sum::<f64>();
    match statistic {
        "Sum" => Some(sum),
        "Average" => Some(sum / count),
        "SampleCount" => Some(count),
        "Minimum" => values.iter().copied().reduce(f64::min),
        "Maximum" => values.iter().copied().reduce(f64::max),
        _ => None,
    }
}

fn breaches(value: f64, operator: &str, threshold: f64) -> bool {
    match operator {
        "GreaterThanThreshold" => value > threshold,
        "GreaterThanOrEqualToThreshold" => value >= threshold,
        "LessThanThreshold" => value < threshold,
        "LessThanOrEqualToThreshold" => value <= threshold,
        _ => false,
    }
}

/// Metric math as far as error rates need it: names, numbers, `+ - * /` and parentheses.
fn math(expression: &str, values: &HashMap<&str, Option<f64>>) -> Option<f64> {
    let mut reader = Math { rest: expression, values };
    let result = reader.sum()?;
    (reader.rest.trim().is_empty() && result.is_finite()).then_some(result)
}

struct Math<'a> {
    rest: &'a str,
    values: &'a HashMap<&'a str, Option<f64>>,
}

impl Math<'_> {
    fn eat(&mut self, signs: [char; 2]) -> Option<char> {
        let sign = self.rest.trim_start().chars().next().filter(|sign| signs.contains(sign))?;
        self.rest = &self.rest.trim_start()[1..];
        Some(sign)
    }

    fn sum(&mut self) -> Option<f64> {
        let mut left = self.product()?;
        while let Some(sign) = self.eat(['+', '-']) {
            let right = self.product()?;
            left = if sign == '+' { left + right } else { left - right };
        }
        Some(left)
    }

    fn product(&mut self) -> Option<f64> {
        let mut left = self.term()?;
        while let Some(sign) = self.eat(['*', '/']) {
            let right = self.term()?;
            left = if sign == '*' { left * right } else { left / right };
        }
        Some(left)
    }

    fn term(&mut self) -> Option<f64> {
        if self.eat(['(', '(']).is_some() {
            let inner = self.sum()?;
            self.eat([')', ')'])?;
            return Some(inner);
        }
        let rest = self.rest.trim_start();
        let end = rest.find(|sign: char| !sign.is_alphanumeric() && sign != '_' && sign != '.').unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        self.rest = rest;
        word.parse().ok().or_else(|| self.values.get(word).copied().flatten())
    }
}

/// The event of a state change, in CloudWatch's shape.
pub(crate) fn state_change(before: &Value, value: &str, reason: &str, at: Timestamp) -> Value {
    let stamp = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string();
    let name = before["AlarmName"].as_str().unwrap_or_default();
    let arn = format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}");
    let since = before["StateUpdatedTimestamp"].as_f64().and_then(|seconds| {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit")]
        Timestamp::from_millisecond((seconds * 1e3) as i64).ok()
    });
    let metrics = before["Metrics"].as_array().filter(|metrics| !metrics.is_empty());
    let metrics = metrics.map_or_else(|| vec![simple(before)], |metrics| metrics.iter().map(query).collect());
    json!({
        "version": "0",
        "id": clock::uuid(),
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": ACCOUNT,
        "time": clock::whole_seconds(at),
        "region": REGION,
        "resources": [arn],
        "detail": {
            "alarmName": name,
            "state": { "value": value, "reason": reason, "timestamp": stamp(at) },
            "previousState": {
                "value": before["StateValue"],
                "reason": before["StateReason"],
                "timestamp": since.map(stamp),
            },
            "configuration": { "description": before["AlarmDescription"], "metrics": metrics },
        },
    })
}

fn simple(alarm: &Value) -> Value {
    json!({
        "id": clock::uuid(),
        "metricStat": { "metric": metric(alarm), "period": alarm["Period"], "stat": alarm["Statistic"] },
        "returnData": true,
    })
}

fn query(query: &Value) -> Value {
    let returned = json!(query["ReturnData"] != false);
    if let Some(expression) = query["Expression"].as_str() {
        return json!({ "id": query["Id"], "expression": expression, "label": query["Label"], "returnData": returned });
    }
    let stated = &query["MetricStat"];
    let stat = json!({ "metric": metric(&stated["Metric"]), "period": stated["Period"], "stat": stated["Stat"] });
    json!({ "id": query["Id"], "metricStat": stat, "returnData": returned })
}

fn metric(of: &Value) -> Value {
    let dimensions = of["Dimensions"].as_array().into_iter().flatten();
    let dimensions = dimensions
        .filter_map(|one| Some((one["Name"].as_str()?.to_owned(), one["Value"].clone())))
        .collect::<Map<_, _>>();
    json!({ "namespace": of["Namespace"], "name": of["MetricName"], "dimensions": dimensions })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::{Value, json};

    use super::{evaluate, math, state_change};
    use crate::metrics::{Call, Metrics, Request, Sample};

    fn metrics(calls: &[(f64, bool)]) -> Metrics {
        let metrics = Metrics::default();
        for &(at, failed) in calls {
            metrics.count(Sample::Call(Call {
                at,
                function: "shop".to_owned(),
                resource: "shop:live".to_owned(),
                version: "2".to_owned(),
                failed,
                duration_ms: 3.0,
            }));
        }
        metrics
    }

    fn alarm(more: &Value) -> Value {
        let mut alarm = json!({
            "Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum", "Period": 10, "EvaluationPeriods": 1,
            "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "Dimensions": [{ "Name": "FunctionName", "Value": "shop" }],
        });
        for (name, value) in more.as_object().unwrap() {
            alarm[name] = value.clone();
        }
        alarm
    }

    fn state(alarm: &Value, metrics: &Metrics, now: f64) -> Option<&'static str> {
        evaluate(alarm, metrics, now).map(|(state, _)| state)
    }

    #[test]
    fn one_error_in_the_window_breaches_and_an_old_one_does_not() {
        let calls = metrics(&[(100.0, true), (105.0, false)]);
        assert_eq!(state(&alarm(&json!({})), &calls, 106.0), Some("ALARM"));
        assert_eq!(state(&alarm(&json!({})), &calls, 112.0), Some("OK"));
    }

    #[test]
    fn without_data_an_alarm_stays_as_it_is_unless_it_says_otherwise() {
        let none = metrics(&[]);
        assert_eq!(state(&alarm(&json!({})), &none, 100.0), None);
        assert_eq!(state(&alarm(&json!({ "TreatMissingData": "ignore" })), &none, 100.0), None);
        assert_eq!(state(&alarm(&json!({ "TreatMissingData": "notBreaching" })), &none, 100.0), Some("OK"));
        assert_eq!(state(&alarm(&json!({ "TreatMissingData": "breaching" })), &none, 100.0), Some("ALARM"));
    }

    #[test]
    fn as_many_datapoints_must_breach_as_the_alarm_says() {
        let calls = metrics(&[(81.0, true), (95.0, false), (101.0, true)]);
        let two_of_three = |needed: u32| alarm(&json!({ "EvaluationPeriods": 3, "DatapointsToAlarm": needed }));
        assert_eq!(state(&two_of_three(2), &calls, 105.0), Some("ALARM"));
        assert_eq!(state(&two_of_three(3), &calls, 105.0), Some("OK"));
    }

    #[test]
    fn every_statistic_and_operator_counts() {
        let calls = metrics(&[(100.0, true), (101.0, false)]);
        for (statistic, operator, threshold, expected) in [
            ("Average", "GreaterThanThreshold", 0.4, "ALARM"),
            ("Average", "GreaterThanThreshold", 0.5, "OK"),
            ("SampleCount", "LessThanThreshold", 3.0, "ALARM"),
            ("Minimum", "LessThanOrEqualToThreshold", 0.0, "ALARM"),
            ("Maximum", "GreaterThanOrEqualToThreshold", 1.0, "ALARM"),
        ] {
            let more = json!({ "Statistic": statistic, "ComparisonOperator": operator, "Threshold": threshold });
            assert_eq!(state(&alarm(&more), &calls, 102.0), Some(expected), "{statistic} {operator}");
        }
    }

    #[test]
    fn an_error_rate_in_metric_math_is_evaluated() {
        let calls = metrics(&[(100.0, true), (101.0, false)]);
        let one = |id: &str, name: &str| {
            json!({ "Id": id, "ReturnData": false, "MetricStat": { "Period": 10, "Stat": "Sum", "Metric": {
                "Namespace": "AWS/Lambda", "MetricName": name,
                "Dimensions": [{ "Name": "FunctionName", "Value": "shop" }] } } })
        };
        let rate = json!({ "Id": "rate", "Expression": "100 * errors / calls", "ReturnData": true });
        let queries = json!([one("errors", "Errors"), one("calls", "Invocations"), rate]);
        assert_eq!(state(&alarm(&json!({ "Metrics": queries, "Threshold": 50 })), &calls, 102.0), Some("ALARM"));
        assert_eq!(state(&alarm(&json!({ "Metrics": queries, "Threshold": 51 })), &calls, 102.0), Some("OK"));
    }

    #[test]
    fn metric_math_knows_precedence_and_refuses_what_it_does_not_know() {
        let values = HashMap::from([("a", Some(4.0)), ("b", None)]);
        assert_eq!(math("(a + 2) * 3 - 1", &values), Some(17.0));
        assert_eq!(math("a + b", &values), None);
        assert_eq!(math("IF(a, 1, 2)", &values), None);
        assert_eq!(math("a / 0", &values), None);
    }

    #[test]
    fn an_alarm_on_a_target_groups_errors_sees_only_that_group() {
        let metrics = Metrics::default();
        metrics.count(Sample::Request(Request {
            at: 100.0,
            load_balancer: "app/shop/1".to_owned(),
            target_group: Some("targetgroup/green/2".to_owned()),
            by_target: true,
            status: 500,
            seconds: 0.1,
        }));
        let on = |group: &str| {
            alarm(&json!({
                "Namespace": "AWS/ApplicationELB", "MetricName": "HTTPCode_Target_5XX_Count",
                "TreatMissingData": "notBreaching",
                "Dimensions": [
                    { "Name": "TargetGroup", "Value": group }, { "Name": "LoadBalancer", "Value": "app/shop/1" },
                ],
            }))
        };
        assert_eq!(state(&on("targetgroup/green/2"), &metrics, 101.0), Some("ALARM"));
        assert_eq!(state(&on("targetgroup/blue/1"), &metrics, 101.0), Some("OK"));
    }

    #[test]
    fn an_alarm_on_another_namespace_is_left_alone() {
        let other = alarm(&json!({ "Namespace": "AWS/SQS", "TreatMissingData": "breaching" }));
        assert_eq!(state(&other, &metrics(&[]), 100.0), None);
    }

    #[test]
    fn a_state_change_has_cloudwatchs_shape() {
        let mut before = alarm(&json!({ "AlarmName": "errors", "StateValue": "OK", "StateReason": "r" }));
        before["StateUpdatedTimestamp"] = 0.into();
        let event = state_change(&before, "ALARM", "because", "2026-01-02T03:04:05.678Z".parse().unwrap());
        assert_eq!(event["resources"][0], "arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors");
        assert_eq!(event["detail"]["state"]["timestamp"], "2026-01-02T03:04:05.678+0000");
        assert_eq!(event["detail"]["previousState"]["value"], "OK");
        let metric = &event["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"];
        assert_eq!(metric["dimensions"], json!({ "FunctionName": "shop" }));
    }
}
