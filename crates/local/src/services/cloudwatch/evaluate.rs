//! Alarms on the metrics kept here, evaluated call by call and request by request.
//!
//! moto keeps alarms and their states but evaluates none. Windows slide (the newest period ends now), so that an alarm
//! shows within a moment what CloudWatch shows at the end of a period. An alarm whose state a caller set is left alone
//! for ten seconds. moto begins an alarm in OK where AWS says INSUFFICIENT_DATA.

use std::collections::HashMap;

use serde_json::Value;

use super::math::math;
use crate::metrics::Metrics;

/// The state an alarm should be in now, with the reason; `None` to leave it as it is.
pub(super) fn evaluate(alarm: &Value, metrics: &Metrics, now: f64) -> Option<(&'static str, String)> {
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::evaluate;
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
}
