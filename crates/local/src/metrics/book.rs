//! What happened, one by one, and its sums.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::call::{self, Call};
use super::dimensions::Dimensions;
use super::request::{self, Request};
use crate::clock;
use crate::guarded::Guarded;

/// Longer than any alarm looks back here.
const KEPT_SECONDS: f64 = 6.0 * 3600.0;
const KEPT: usize = 500_000;
/// The metrics there are, by namespace.
const KNOWN: [(&str, &[&str]); 2] = [(call::NAMESPACE, &call::METRICS), (request::NAMESPACE, &request::METRICS)];

/// One thing that happened and counts.
#[derive(Debug, Clone)]
pub(crate) enum Sample {
    /// A function was called.
    Call(Call),
    /// A load balancer was asked.
    Request(Request),
}

impl Sample {
    fn at(&self) -> f64 {
        match self {
            Self::Call(call) => call.at,
            Self::Request(request) => request.at,
        }
    }

    fn namespace(&self) -> &'static str {
        match self {
            Self::Call(_) => call::NAMESPACE,
            Self::Request(_) => request::NAMESPACE,
        }
    }

    /// The metric's value of this one; `None` for a metric it does not have.
    fn value(&self, metric: &str) -> Option<f64> {
        match self {
            Self::Call(call) => call.value(metric),
            Self::Request(request) => request.value(metric),
        }
    }

    /// The sets of dimensions it counts under.
    fn dimensions(&self) -> Vec<Dimensions<'_>> {
        match self {
            Self::Call(call) => call.dimensions(),
            Self::Request(request) => request.dimensions(),
        }
    }

    /// Whether it counts under these dimensions, whichever and how many they are.
    fn has(&self, dimensions: &[(String, String)]) -> bool {
        let all = match self {
            Self::Call(call) => call.all(),
            Self::Request(request) => request.all(),
        };
        dimensions.iter().all(|(name, value)| all.contains(&(name.as_str(), value.as_str())))
    }
}

/// Everything of the last hours.
#[derive(Debug, Default)]
pub(crate) struct Metrics(Guarded<(VecDeque<Sample>, Vec<Sample>)>);

impl Metrics {
    /// Counts one.
    pub(crate) fn count(&self, sample: Sample) {
        let (kept, fresh) = &mut *self.0.lock();
        while kept.len() >= KEPT || kept.front().is_some_and(|oldest| oldest.at() < sample.at() - KEPT_SECONDS) {
            kept.pop_front();
        }
        fresh.push(sample.clone());
        kept.push_back(sample);
    }

    /// Time and value of each since `from` under these dimensions; `None` where the namespace is not one of ours.
    pub(crate) fn values(
        &self,
        namespace: &str,
        metric: &str,
        dimensions: &[(String, String)],
        from: f64,
    ) -> Option<Vec<(f64, f64)>> {
        KNOWN.iter().find(|(known, _)| *known == namespace)?;
        let kept = &self.0.lock().0;
        let recent = kept.iter().rev().take_while(|sample| sample.at() >= from);
        let ours = recent.filter(|sample| sample.namespace() == namespace && sample.has(dimensions));
        Some(ours.filter_map(|sample| Some((sample.at(), sample.value(metric)?))).collect())
    }

    /// What has been counted since the last time, as `PutMetricData` takes it: a document for each namespace.
    pub(crate) fn drain(&self) -> Vec<Value> {
        let fresh = std::mem::take(&mut self.0.lock().1);
        let of = |(namespace, metrics): &(&'static str, &'static [&'static str])| {
            let data = sums(fresh.iter().filter(|sample| sample.namespace() == *namespace), metrics);
            (!data.is_empty()).then(|| json!({ "Namespace": namespace, "MetricData": data }))
        };
        KNOWN.iter().filter_map(of).collect()
    }
}

fn sums<'a>(samples: impl Iterator<Item = &'a Sample>, metrics: &[&'static str]) -> Vec<Value> {
    let mut sums = BTreeMap::<(Dimensions<'_>, &str), Vec<f64>>::new();
    for sample in samples {
        for dimensions in sample.dimensions() {
            for &metric in metrics {
                if let Some(value) = sample.value(metric) {
                    sums.entry((dimensions.clone(), metric)).or_default().push(value);
                }
            }
        }
    }
    let at = clock::now_seconds();
    let datum = |((dimensions, metric), values): ((Dimensions<'_>, &str), Vec<f64>)| {
        let named = dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value }));
        let unit = match metric {
            call::DURATION => "Milliseconds",
            request::RESPONSE_TIME => "Seconds",
            _ => "Count",
        };
        json!({
            "MetricName": metric,
            "Dimensions": named.collect::<Vec<_>>(),
            "Timestamp": at,
            "Unit": unit,
            "StatisticValues": {
                "SampleCount": values.len(),
                "Sum": values.iter().sum::<f64>(),
                "Minimum": values.iter().copied().fold(f64::INFINITY, f64::min),
                "Maximum": values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            },
        })
    };
    sums.into_iter().map(datum).collect()
}

#[cfg(test)]
mod tests {
    use super::{Call, Metrics, Request, Sample};

    fn call(at: f64, version: &str, failed: bool) -> Sample {
        Sample::Call(Call {
            at,
            function: "shop".to_owned(),
            resource: "shop:live".to_owned(),
            version: version.to_owned(),
            failed,
            duration_ms: 2.0,
        })
    }

    fn request(at: f64, group: &str, status: u16) -> Sample {
        Sample::Request(Request {
            at,
            load_balancer: "app/shop/1".to_owned(),
            target_group: Some(group.to_owned()),
            by_target: true,
            status,
            seconds: 0.01,
        })
    }

    fn dimension(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_call_counts_under_function_alias_and_version() {
        let metrics = Metrics::default();
        metrics.count(call(1.0, "1", false));
        metrics.count(call(2.0, "2", true));
        let values = |metric: &str, dimensions: &[(String, String)], from: f64| {
            metrics.values("AWS/Lambda", metric, dimensions, from).unwrap()
        };
        let function = dimension("FunctionName", "shop");
        let version = dimension("ExecutedVersion", "2");
        assert_eq!(values("Errors", std::slice::from_ref(&function), 0.0), [(2.0, 1.0), (1.0, 0.0)]);
        assert_eq!(values("Invocations", &[function.clone(), version], 0.0), [(2.0, 1.0)]);
        assert_eq!(values("Invocations", &[dimension("Resource", "shop")], 0.0), []);
        assert_eq!(values("Errors", &[function], 1.5), [(2.0, 1.0)]);
        let sent = metrics.drain();
        assert_eq!(sent[0]["MetricData"].as_array().map(Vec::len), Some(12));
        assert!(metrics.drain().is_empty());
    }

    #[test]
    fn a_request_counts_under_its_load_balancer_and_its_target_group() {
        let metrics = Metrics::default();
        metrics.count(request(1.0, "targetgroup/blue/1", 200));
        metrics.count(request(2.0, "targetgroup/green/2", 503));
        let values = |metric: &str, dimensions: &[(String, String)]| {
            metrics.values("AWS/ApplicationELB", metric, dimensions, 0.0).unwrap()
        };
        let balancer = dimension("LoadBalancer", "app/shop/1");
        let green = dimension("TargetGroup", "targetgroup/green/2");
        assert_eq!(values("RequestCount", std::slice::from_ref(&balancer)), [(2.0, 1.0), (1.0, 1.0)]);
        assert_eq!(values("HTTPCode_Target_5XX_Count", &[green, balancer.clone()]), [(2.0, 1.0)]);
        assert_eq!(values("HTTPCode_Target_2XX_Count", std::slice::from_ref(&balancer)), [(1.0, 1.0)]);
        assert_eq!(values("Errors", &[balancer]), []);
        assert_eq!(metrics.drain()[0]["Namespace"], "AWS/ApplicationELB");
    }

    #[test]
    fn nothing_is_known_of_other_namespaces() {
        assert!(Metrics::default().values("AWS/SQS", "Errors", &[], 0.0).is_none());
    }
}
