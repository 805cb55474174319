//! What the local stack has seen of one deployment: the writes that moved traffic, the alarm's event, the hook's answer.

use codedeploy::view::DeploymentView;
use local::observed::{AliasWrite, ListenerWrite};
use local::sample::service::ServiceSample;
use serde_json::json;

use super::scenario::{ALARM, SERVICE_ALARM};
use super::shares::Moving;
use crate::stage::{ALIAS, FUNCTION, Stage};
use crate::validate::chain;

/// The writes by functions of the stack that moved traffic.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Writes {
    /// Those that moved traffic forward, each with the new version's share.
    pub(crate) forward: Vec<(f64, f64)>,
    /// The one that put it back.
    pub(crate) back: Option<f64>,
}

impl Writes {
    /// Those of `storefront:live` since a moment.
    pub(crate) fn of_alias(writes: Vec<AliasWrite>, moment: f64, to: &str) -> Self {
        let mut read = Self::default();
        for write in writes {
            if write.at < moment || write.function != FUNCTION || write.alias != ALIAS {
                continue;
            }
            let all = if write.version == to { 1.0 } else { 0.0 };
            read.note(write.at, write.caller.as_deref(), write.weights.get(to).copied().unwrap_or(all));
        }
        read
    }

    /// Those of the production listener's default action since a moment. Its rules follow within milliseconds.
    pub(crate) fn of_listener(writes: Vec<ListenerWrite>, moment: f64, sample: &ServiceSample) -> Self {
        let mut read = Self::default();
        for write in writes {
            if write.at < moment || write.resource != sample.production_listener {
                continue;
            }
            let weight = |group: &String| f64::from(write.weights.get(group).copied().unwrap_or(0));
            let (blue, green) = (weight(&sample.blue), weight(&sample.green));
            read.note(write.at, write.caller.as_deref(), green / (blue + green).max(1.0));
        }
        read
    }

    fn note(&mut self, at: f64, caller: Option<&str>, share: f64) {
        match caller.and_then(|caller| caller.rsplit('-').next()) {
            Some("shift") => self.forward.push((at, share)),
            Some("rollback") => {
                self.back.get_or_insert(at);
            }
            _ => {}
        }
    }

    /// When the traffic was moving, if it did.
    pub(crate) fn moving(&self) -> Option<Moving> {
        let (from, _) = *self.forward.first()?;
        let (last, _) = *self.forward.last()?;
        Some(Moving { from, until: self.back.unwrap_or(last) })
    }
}

/// Creates the alarm on the errors that version 3 makes behind the alias.
pub(crate) async fn alarm(stage: &Stage) -> Result<(), String> {
    let dimension = |name: &str, value: &str| json!({ "Name": name, "Value": value });
    let alarm = json!({
        "AlarmName": ALARM,
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [
            dimension("FunctionName", FUNCTION),
            dimension("Resource", &format!("{FUNCTION}:{ALIAS}")),
            dimension("ExecutedVersion", "3"),
        ],
        "Statistic": "Sum",
        "Period": 10,
        "EvaluationPeriods": 1,
        "Threshold": 25.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    });
    stage.client.put_metric_alarm(&alarm).await.map_err(chain)
}

/// Creates the alarm on the errors that the new tasks of a service make behind its load balancer.
pub(crate) async fn service_alarm(stage: &Stage, sample: &ServiceSample) -> Result<(), String> {
    let end = |arn: &str, kind: &str| arn.split_once(kind).map(|(_, rest)| rest.to_owned()).unwrap_or_default();
    let group = format!("targetgroup/{}", end(&sample.green, ":targetgroup/"));
    let alarm = json!({
        "AlarmName": SERVICE_ALARM,
        "Namespace": "AWS/ApplicationELB",
        "MetricName": "HTTPCode_Target_5XX_Count",
        "Dimensions": [
            { "Name": "TargetGroup", "Value": group },
            { "Name": "LoadBalancer", "Value": end(&sample.load_balancer, ":loadbalancer/") },
        ],
        "Statistic": "Sum",
        "Period": 10,
        "EvaluationPeriods": 1,
        "Threshold": 25.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    });
    stage.client.put_metric_alarm(&alarm).await.map_err(chain)
}

/// When an alarm's event arrived.
pub(crate) fn alarmed(stage: &Stage, alarm: &str, since: f64) -> Option<f64> {
    let events = stage.stack.observed().events();
    let alarmed = events.iter().find(|seen| {
        let detail = &seen.event["detail"];
        seen.at >= since && detail["alarmName"] == alarm && detail["state"]["value"] == "ALARM"
    });
    alarmed.map(|seen| seen.at)
}

/// When a hook's event ended, and how.
pub(crate) fn hook<'a>(view: &'a DeploymentView, event: &str) -> Option<(f64, &'a str)> {
    let hook = view.events.iter().find(|record| record.name == event)?;
    Some((hook.end_time?.seconds(), &hook.status))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn write(at: f64, version: &str, weight: Option<f64>, caller: Option<&str>) -> AliasWrite {
        AliasWrite {
            at,
            function: FUNCTION.to_owned(),
            alias: ALIAS.to_owned(),
            version: version.to_owned(),
            weights: weight.map(|weight| BTreeMap::from([("2".to_owned(), weight)])).unwrap_or_default(),
            caller: caller.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn the_traffic_moves_from_the_first_shift_to_the_rollback() {
        let writes = vec![
            write(1.0, "2", None, Some("tideshift-shift")),
            write(2.0, "1", None, None),
            write(5.0, "1", Some(0.2), Some("tideshift-shift")),
            write(7.0, "1", Some(0.4), Some("tideshift-shift")),
            write(9.0, "1", None, Some("tideshift-rollback")),
        ];
        let read = Writes::of_alias(writes, 3.0, "2");
        assert_eq!(read, Writes { forward: vec![(5.0, 0.2), (7.0, 0.4)], back: Some(9.0) });
        assert_eq!(read.moving(), Some(Moving { from: 5.0, until: 9.0 }));
    }

    #[test]
    fn a_rollout_that_succeeds_moves_until_its_last_step() {
        let writes =
            vec![write(5.0, "1", Some(0.2), Some("tideshift-shift")), write(9.0, "2", None, Some("tideshift-shift"))];
        let read = Writes::of_alias(writes, 0.0, "2");
        assert_eq!((read.forward.last(), read.moving()), (Some(&(9.0, 1.0)), Some(Moving { from: 5.0, until: 9.0 })));
        assert_eq!(Writes::default().moving(), None);
    }
}
