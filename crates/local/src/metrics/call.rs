//! A function's call as `AWS/Lambda` counts it.

use super::dimensions::Dimensions;

pub(super) const NAMESPACE: &str = "AWS/Lambda";
pub(super) const DURATION: &str = "Duration";
pub(super) const METRICS: [&str; 3] = ["Invocations", "Errors", DURATION];

/// One call of a function.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Seconds since 1970.
    pub(crate) at: f64,
    pub(crate) function: String,
    /// `function` or `function:qualifier`.
    pub(crate) resource: String,
    pub(crate) version: String,
    pub(crate) failed: bool,
    pub(crate) duration_ms: f64,
}

impl Call {
    pub(super) fn value(&self, metric: &str) -> Option<f64> {
        match metric {
            "Invocations" => Some(1.0),
            "Errors" => Some(f64::from(u8::from(self.failed))),
            DURATION => Some(self.duration_ms),
            "Throttles" => Some(0.0),
            _ => None,
        }
    }

    pub(super) fn all(&self) -> Dimensions<'_> {
        vec![
            ("FunctionName", self.function.as_str()),
            ("Resource", self.resource.as_str()),
            ("ExecutedVersion", self.version.as_str()),
        ]
    }

    pub(super) fn dimensions(&self) -> Vec<Dimensions<'_>> {
        let all = self.all();
        let mut sets = vec![all[..1].to_vec(), all[..2].to_vec()];
        if self.resource.contains(':') {
            sets.push(all);
        }
        sets
    }
}
