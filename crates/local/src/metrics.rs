//! `AWS/Lambda` metrics of users' functions: Invocations, Errors and Duration of every call, with AWS's dimensions.
//!
//! Kept here call by call, so that alarms see them at once; once a second the sums also go to moto, where
//! `GetMetricStatistics` finds them.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use crate::clock;
use crate::guarded::Guarded;

/// Longer than any alarm looks back here.
const KEPT_SECONDS: f64 = 6.0 * 3600.0;
const KEPT: usize = 500_000;

/// One call of a function.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// Seconds since 1970.
    pub(crate) at: f64,
    pub(crate) function: String,
    /// `function` or `function:qualifier`.
    pub(crate) resource: String,
    pub(crate) version: String,
    pub(crate) failed: bool,
    pub(crate) duration_ms: f64,
}

impl Sample {
    /// The metric's value of this call; `None` for a metric calls do not have.
    pub(crate) fn value(&self, metric: &str) -> Option<f64> {
        match metric {
            "Invocations" => Some(1.0),
            "Errors" => Some(f64::from(u8::from(self.failed))),
            "Duration" => Some(self.duration_ms),
            "Throttles" => Some(0.0),
            _ => None,
        }
    }

    /// Whether the call counts under these dimensions.
    pub(crate) fn has(&self, dimensions: &[(String, String)]) -> bool {
        dimensions.iter().all(|(name, value)| match name.as_str() {
            "FunctionName" => self.function == *value,
            "Resource" => self.resource == *value,
            "ExecutedVersion" => self.version == *value,
            _ => false,
        })
    }
}

/// All calls of the last hours.
#[derive(Debug, Default)]
pub(crate) struct Metrics(Guarded<(VecDeque<Sample>, Vec<Sample>)>);

impl Metrics {
    /// Counts a call.
    pub(crate) fn count(&self, sample: Sample) {
        let (kept, fresh) = &mut *self.0.lock();
        while kept.len() >= KEPT || kept.front().is_some_and(|oldest| oldest.at < sample.at - KEPT_SECONDS) {
            kept.pop_front();
        }
        fresh.push(sample.clone());
        kept.push_back(sample);
    }

    /// Time and value of every call since `from` under these dimensions.
    pub(crate) fn values(&self, metric: &str, dimensions: &[(String, String)], from: f64) -> Vec<(f64, f64)> {
        let kept = &self.0.lock().0;
        let recent = kept.iter().rev().take_while(|sample| sample.at >= from);
        let ours = recent.filter(|sample| sample.has(dimensions));
        ours.filter_map(|sample| Some((sample.at, sample.value(metric)?))).collect()
    }

    /// What has been counted since the last time, as `PutMetricData` takes it.
    pub(crate) fn drain(&self) -> Option<Value> {
        let fresh = std::mem::take(&mut self.0.lock().1);
        let mut sums = BTreeMap::<(Vec<(&str, &str)>, &str), Vec<f64>>::new();
        for sample in &fresh {
            let function = ("FunctionName", sample.function.as_str());
            let resource = ("Resource", sample.resource.as_str());
            let version = ("ExecutedVersion", sample.version.as_str());
            let mut sets = vec![vec![function], vec![function, resource]];
            if sample.resource.contains(':') {
                sets.push(vec![function, resource, version]);
            }
            for dimensions in sets {
                for metric in ["Invocations", "Errors", "Duration"] {
                    sums.entry((dimensions.clone(), metric)).or_default().extend(sample.value(metric));
                }
            }
        }
        let at = clock::now_seconds();
        let data = sums.into_iter().map(|((dimensions, metric), values)| {
            let named = dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value }));
            json!({
                "MetricName": metric,
                "Dimensions": named.collect::<Vec<_>>(),
                "Timestamp": at,
                "Unit": if metric == "Duration" { "Milliseconds" } else { "Count" },
                "StatisticValues": {
                    "SampleCount": values.len(),
                    "Sum": values.iter().sum::<f64>(),
                    "Minimum": values.iter().copied().fold(f64::INFINITY, f64::min),
                    "Maximum": values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                },
            })
        });
        let data = data.collect::<Vec<_>>();
        (!data.is_empty()).then(|| json!({ "Namespace": "AWS/Lambda", "MetricData": data }))
    }
}

#[cfg(test)]
mod tests {
    use super::{Metrics, Sample};

    fn sample(at: f64, version: &str, failed: bool) -> Sample {
        Sample {
            at,
            function: "shop".to_owned(),
            resource: "shop:live".to_owned(),
            version: version.to_owned(),
            failed,
            duration_ms: 2.0,
        }
    }

    #[test]
    fn a_call_counts_under_function_alias_and_version() {
        let metrics = Metrics::default();
        metrics.count(sample(1.0, "1", false));
        metrics.count(sample(2.0, "2", true));
        let dimension = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let function = dimension("FunctionName", "shop");
        let version = dimension("ExecutedVersion", "2");
        assert_eq!(metrics.values("Errors", std::slice::from_ref(&function), 0.0), [(2.0, 1.0), (1.0, 0.0)]);
        assert_eq!(metrics.values("Invocations", &[function.clone(), version], 0.0), [(2.0, 1.0)]);
        assert_eq!(metrics.values("Invocations", &[dimension("Resource", "shop")], 0.0), []);
        assert_eq!(metrics.values("Errors", &[function], 1.5), [(2.0, 1.0)]);
        let sent = metrics.drain().unwrap();
        assert_eq!(sent["MetricData"].as_array().map(Vec::len), Some(12));
        assert!(metrics.drain().is_none());
    }
}
