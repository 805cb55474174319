//! A function of a story's own.

use std::sync::atomic::{AtomicU32, Ordering};

use codedeploy::view::RoutingView;
use serde_json::{Value, json};

use crate::deploy::Deploy;
use crate::deployment::Subject;
use crate::stack::{client, stack};
use crate::{OrStop, eventually};

/// A function with versions 1 and 2, which are good, version 3, which fails 30 % of its calls, and the alias `live` on
/// version 1.
#[derive(Debug, Clone)]
pub struct App {
    /// Its name.
    pub name: String,
}

impl App {
    /// Makes one nobody else uses.
    pub async fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        stack().await;
        let name = format!("shop-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        local::sample::create_sample(&client().await, &name).await.or_stop("the sample function");
        Self { name }
    }

    /// Where `live` sends its calls: `"1"`, or `"1 2:0.1"` for a split.
    pub async fn alias(&self) -> String {
        let alias = client().await.get_alias(&self.name, "live").await.or_stop("GetAlias");
        shown(alias["FunctionVersion"].as_str().unwrap_or("?"), &alias["RoutingConfig"]["AdditionalVersionWeights"])
    }

    /// Points `live` somewhere, as somebody else would.
    pub async fn point(&self, version: &str, weights: Value) {
        let input = json!({"FunctionVersion": version, "RoutingConfig": {"AdditionalVersionWeights": weights}});
        let path = format!("/2015-03-31/functions/{}/aliases/live", self.name);
        client().await.lambda_put(&path, &input).await.or_stop("UpdateAlias");
    }

    /// Takes away the tag that lets a stack touch it.
    pub async fn untag(&self) {
        let path = format!("/2017-03-31/tags/arn:aws:lambda:us-east-1:123456789012:function:{}", self.name);
        client().await.lambda_delete(&format!("{path}?tagKeys=tideshift")).await.or_stop("UntagResource");
    }

    /// What functions of ours wrote to `live`, in order.
    pub async fn writes(&self) -> Vec<String> {
        let writes = stack().await.observed().alias_writes().into_iter();
        writes
            .filter(|write| write.function == self.name && write.caller.is_some())
            .map(|write| shown(&write.version, &json!(write.weights)))
            .collect()
    }

    /// Waits until a write of a shift has come too late for the revision it named.
    pub async fn until_a_late_write_is_refused(&self) {
        let observed = stack().await.observed();
        let ours = |by: &str| by.ends_with("-shift");
        let refused = eventually(async || {
            let mut late = observed.stale_writes().into_iter();
            late.find(|write| write.function == self.name && write.caller.as_deref().is_some_and(ours))
        });
        refused.await.or_stop("no late write was refused");
    }

    /// A deployment to a version.
    pub fn to(&self, version: &str) -> Deploy<Self> {
        let spec = json!({
            "version": 0.0,
            "Resources": [{"app": {"Type": "AWS::Lambda::Function", "Properties": {
                "Name": self.name, "Alias": "live", "TargetVersion": version,
            }}}],
        });
        Deploy::new(self.clone(), spec)
    }
}

impl Subject for App {
    const MACHINE: &'static str = "lambda";

    fn name(&self) -> &str {
        &self.name
    }

    fn lock(&self) -> String {
        format!("lambda:{}:live", self.name)
    }

    async fn traffic(&self) -> String {
        self.alias().await
    }

    fn is_split(traffic: &str) -> bool {
        traffic.contains(':')
    }
}

/// Version 1, with so much of its calls on version 2, in percent.
pub fn split(percent: u8) -> RoutingView {
    let additional_version = Some("2".to_owned());
    RoutingView { version: "1".to_owned(), additional_version, additional_weight: Some(percent) }
}

impl Deploy<App> {
    /// From this version, said in the AppSpec.
    #[must_use]
    pub fn from(mut self, version: &str) -> Self {
        self.spec["Resources"][0]["app"]["Properties"]["CurrentVersion"] = version.into();
        self
    }
}

fn shown(version: &str, weights: &Value) -> String {
    let mut shown = version.to_owned();
    for (other, weight) in weights.as_object().into_iter().flatten() {
        shown.push_str(&format!(" {other}:{weight}"));
    }
    shown
}
