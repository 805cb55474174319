//! Functions as they are called: what a name means now, and what is kept of a call.

use std::sync::Arc;

use hyper::body::Bytes;

use super::alias::Aliases;
use super::host::Host;
use super::invoke::Outcome;
use super::route::{Target, pick};
use crate::arn::{FunctionRef, function_arn, is_version};
use crate::clock;
use crate::http::Answer;
use crate::memory::Forgets;
use crate::meter::Meter;
use crate::metrics::{Call, Metrics, Sample};
use crate::observed::Observed;

/// The functions with their aliases.
pub(crate) struct Functions {
    pub(super) host: Arc<Host>,
    pub(super) aliases: Aliases,
    metrics: Arc<Metrics>,
    observed: Arc<Observed>,
    meter: Arc<Meter>,
}

impl Forgets for Functions {
    fn forget(&self) {
        self.aliases.forget();
        self.host.forget_configurations();
    }
}

impl Functions {
    /// The functions of a host, of whose aliases nothing is known yet.
    pub(crate) fn new(host: Arc<Host>, metrics: Arc<Metrics>, observed: Arc<Observed>, meter: Arc<Meter>) -> Self {
        Self { host, aliases: Aliases::default(), metrics, observed, meter }
    }

    /// The version a name, version or alias means now.
    pub(crate) async fn resolve(&self, function: &FunctionRef) -> Result<Target, Box<Answer>> {
        let name = function.name.clone();
        let missing = || {
            let arn = function.qualifier.as_ref().map_or_else(String::new, |qualifier| format!(":{qualifier}"));
            let message = format!("Function not found: {}{arn}", function_arn(&function.name));
            Box::new(Answer::error(404, "ResourceNotFoundException", &message))
        };
        let version = match function.qualifier.as_deref() {
            None | Some("$LATEST") => "$LATEST".to_owned(),
            Some(version) if is_version(version) => version.to_owned(),
            Some(alias) => {
                let alias = self.aliases.get(&self.host.moto, &name, alias).await.map_err(|_| missing())?;
                pick(&alias, fastrand::f64())
            }
        };
        self.host.configuration(&name, &version).await.map_err(|_| missing())?;
        Ok(Target { function: name, version, qualifier: function.qualifier.clone() })
    }

    /// Runs a function; goes on when the one who asked has gone.
    pub(crate) async fn invoke(
        &self,
        function: &FunctionRef,
        payload: Bytes,
        with_log: bool,
    ) -> Result<(Outcome, String), Box<Answer>> {
        let target = self.resolve(function).await?;
        if let Some(refusal) = self.host.states.refusal(&target) {
            return Err(Box::new(refusal));
        }
        let (host, observed, meter) = (Arc::clone(&self.host), Arc::clone(&self.observed), Arc::clone(&self.meter));
        let ran = target.clone();
        let running = tokio::spawn(async move { host.invoke(&ran, payload, with_log, &observed, &meter).await });
        let outcome = match running.await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => return Err(Box::new(Answer::of(&error))),
            Err(error) => return Err(Box::new(Answer::error(500, "ServiceException", &error.to_string()))),
        };
        if !self.host.is_ours(&target.function) {
            self.count(&target, &outcome);
        }
        Ok((outcome, target.version))
    }

    /// A call of a user's function counts in its metrics.
    fn count(&self, target: &Target, outcome: &Outcome) {
        let resource = match &target.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", target.function),
            None => target.function.clone(),
        };
        self.metrics.count(Sample::Call(Call {
            at: clock::now_seconds(),
            function: target.function.clone(),
            resource,
            version: target.version.clone(),
            failed: outcome.failed,
            duration_ms: outcome.duration_ms,
        }));
    }
}
