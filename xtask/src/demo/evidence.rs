//! What the local stack has seen of one deployment: the alias writes, the alarm's event, the hook's answer.

use local::observed::AliasWrite;
use serde_json::{Value, json};

use super::scenario::ALARM;
use super::shares::Moving;
use crate::stage::{ALIAS, FUNCTION, Stage};
use crate::validate::chain;

/// The writes of `storefront:live` by functions of the stack.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Writes {
    /// Those that moved traffic forward, each with the new version's share.
    pub(crate) forward: Vec<(f64, f64)>,
    /// The one that put it back.
    pub(crate) back: Option<f64>,
}

impl Writes {
    /// Those since a moment.
    pub(crate) fn since(stage: &Stage, moment: f64, to: &str) -> Self {
        Self::read(stage.stack.observed().alias_writes(), moment, to)
    }

    fn read(writes: Vec<AliasWrite>, moment: f64, to: &str) -> Self {
        let mut read = Self::default();
        for write in writes {
            if write.at < moment || write.function != FUNCTION || write.alias != ALIAS {
                continue;
            }
            match write.caller.as_deref().and_then(|caller| caller.rsplit('-').next()) {
                Some("shift") => {
                    let all = if write.version == to { 1.0 } else { 0.0 };
                    read.forward.push((write.at, write.weights.get(to).copied().unwrap_or(all)));
                }
                Some("rollback") => {
                    read.back.get_or_insert(write.at);
                }
                _ => {}
            }
        }
        read
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

/// When the alarm's event arrived.
pub(crate) fn alarmed(stage: &Stage, since: f64) -> Option<f64> {
    let events = stage.stack.observed().events();
    let alarmed = events.iter().find(|seen| {
        let detail = &seen.event["detail"];
        seen.at >= since && detail["alarmName"] == ALARM && detail["state"]["value"] == "ALARM"
    });
    alarmed.map(|seen| seen.at)
}

/// When a hook's event ended, and how.
pub(crate) fn hook<'a>(view: &'a Value, event: &str) -> Option<(f64, &'a str)> {
    let events = view["events"].as_array()?;
    let hook = events.iter().find(|record| record["name"] == event)?;
    Some((hook["endTime"].as_f64()?, hook["status"].as_str()?))
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
        let read = Writes::read(writes, 3.0, "2");
        assert_eq!(read, Writes { forward: vec![(5.0, 0.2), (7.0, 0.4)], back: Some(9.0) });
        assert_eq!(read.moving(), Some(Moving { from: 5.0, until: 9.0 }));
    }

    #[test]
    fn a_rollout_that_succeeds_moves_until_its_last_step() {
        let writes =
            vec![write(5.0, "1", Some(0.2), Some("tideshift-shift")), write(9.0, "2", None, Some("tideshift-shift"))];
        let read = Writes::read(writes, 0.0, "2");
        assert_eq!((read.forward.last(), read.moving()), (Some(&(9.0, 1.0)), Some(Moving { from: 5.0, until: 9.0 })));
        assert_eq!(Writes::default().moving(), None);
    }
}
