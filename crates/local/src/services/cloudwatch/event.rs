//! The event that every change of an alarm's state sends.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::arn::{ACCOUNT, REGION};
use crate::clock;

/// The event of a state change, in CloudWatch's shape.
pub(super) fn state_change(before: &Value, value: &str, reason: &str, at: Timestamp) -> Value {
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
    use serde_json::json;

    use super::state_change;

    #[test]
    fn a_state_change_has_cloudwatchs_shape() {
        let mut before = json!({
            "AlarmName": "errors", "StateValue": "OK", "StateReason": "r",
            "Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum", "Period": 10,
            "Dimensions": [{ "Name": "FunctionName", "Value": "shop" }],
        });
        before["StateUpdatedTimestamp"] = 0.into();
        let event = state_change(&before, "ALARM", "because", "2026-01-02T03:04:05.678Z".parse().unwrap());
        assert_eq!(event["resources"][0], "arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors");
        assert_eq!(event["detail"]["state"]["timestamp"], "2026-01-02T03:04:05.678+0000");
        assert_eq!(event["detail"]["previousState"]["value"], "OK");
        let metric = &event["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"];
        assert_eq!(metric["dimensions"], json!({ "FunctionName": "shop" }));
    }
}
