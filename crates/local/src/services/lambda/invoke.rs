//! One invocation, from the event to the answer.

use std::time::Duration;

use hyper::body::Bytes;

use super::failure::failure;
use super::host::Host;
use super::route::Target;
use crate::LocalError;
use crate::arn::FunctionRef;
use crate::clock;
use crate::meter::Meter;
use crate::observed::{ColdStart, Observed};

/// What an invocation gave.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) request_id: String,
    /// The handler's answer, or the error's description.
    pub(crate) payload: Bytes,
    pub(crate) failed: bool,
    pub(crate) log_tail: Vec<u8>,
    pub(crate) duration_ms: f64,
}

impl Outcome {
    /// That of a call for which no process could be started.
    fn not_started(request_id: String, error: &LocalError) -> Self {
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
        let message = format!("RequestId: {request_id} Error: {error}{cause}");
        let payload = failure("Runtime.InvalidEntrypoint", &message);
        Self { request_id, payload, failed: true, log_tail: Vec::new(), duration_ms: 0.0 }
    }
}

impl Host {
    /// Runs a version on an event. `with_log`: the caller wants the log's tail, so wait for the last words.
    pub(crate) async fn invoke(
        &self,
        target: &Target,
        payload: Bytes,
        with_log: bool,
        observed: &Observed,
        meter: &Meter,
    ) -> Result<Outcome, LocalError> {
        let (function, version) = (target.function.as_str(), target.version.as_str());
        let config = self.configuration(function, version).await?;
        let _slot = self.slots.take()?;
        let _lane = self.lane(function).await;
        let request_id = clock::uuid();
        let lent = match self.lend(function, version, &config).await {
            Ok(lent) => lent,
            Err(error) => return Ok(Outcome::not_started(request_id, &error)),
        };
        observed.invocation(function);
        let worker = &lent.worker;
        meter.working(function, &worker.access_key, &payload);
        let first = worker.first_use();
        worker.log.begin(&format!("START RequestId: {request_id} Version: {version}\n"));
        let arn = FunctionRef { name: function.to_owned(), qualifier: target.qualifier.clone() }.arn();
        let timeout = Duration::from_secs(config["Timeout"].as_u64().unwrap_or(3));
        let (answered, took) = worker.ask(&request_id, arn, payload, timeout).await;
        let duration_ms = took.as_secs_f64() * 1e3;
        let init_ms = first.then(|| worker.init_ms()).flatten();
        let peak_kb = worker.peak_kb();
        if let Some(init_ms) = init_ms {
            let function = function.to_owned();
            observed.cold_start(ColdStart { function, init_ms, first_invoke_ms: duration_ms, rss_kb: peak_kb });
        }
        if with_log {
            // Its output comes through a pipe, its answer through a socket: give the pipe a moment.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let error = answered.as_ref().err().filter(|error| !error.is_empty());
        if let Some(error) = error {
            worker.log.write(&[error, &b"\n"[..]].concat());
        }
        let memory = config["MemorySize"].as_u64().unwrap_or(128);
        worker.log.write(report(&request_id, duration_ms, memory, peak_kb, init_ms).as_bytes());
        let log_tail = worker.log.tail();
        let failed = answered.is_err();
        let payload = answered.unwrap_or_else(|error| error);
        self.give_back(lent);
        Ok(Outcome { request_id, payload, failed, log_tail, duration_ms })
    }
}

/// The last lines of a call's log; `memory` is in MB.
fn report(request_id: &str, duration_ms: f64, memory: u64, peak_kb: u64, init_ms: Option<f64>) -> String {
    let init = init_ms.map(|ms| format!("\tInit Duration: {ms:.2} ms")).unwrap_or_default();
    format!(
        "END RequestId: {request_id}\nREPORT RequestId: {request_id}\tDuration: {duration_ms:.2} ms\t\
         Billed Duration: {:.0} ms\tMemory Size: {memory} MB\tMax Memory Used: {} MB{init}\n",
        duration_ms.ceil(),
        peak_kb / 1024,
    )
}
