//! The Lambda Runtime API (2018-06-01) of one process; the Extensions API is at the same address.

use std::sync::Arc;

use hyper::body::Bytes;
use serde_json::json;
use tokio::sync::{Mutex, mpsc, oneshot, watch};

use super::extensions_api::ExtensionsApi;
use crate::guarded::Guarded;
use crate::http::{Answer, Handler, Request};

/// An event for the process.
pub(crate) struct Job {
    pub(crate) request_id: String,
    pub(crate) payload: Bytes,
    pub(crate) deadline_ms: i64,
    pub(crate) function_arn: String,
    pub(crate) reply: oneshot::Sender<Reply>,
}

/// The process's answer.
#[derive(Debug)]
pub(crate) enum Reply {
    /// The handler returned.
    Response(Bytes),
    /// The handler failed; `{errorType, errorMessage}`.
    Error(Bytes),
}

/// How far the process has come.
#[derive(Debug, Clone)]
pub(crate) enum Init {
    Starting,
    /// It has asked for its first event, so many milliseconds after its start.
    Ready(f64),
    /// It reported that it cannot start.
    Failed(Bytes),
}

/// The API's state for one process.
pub(crate) struct RuntimeApi {
    jobs: Mutex<mpsc::Receiver<Job>>,
    running: Guarded<Option<(String, oneshot::Sender<Reply>)>>,
    extensions: Arc<ExtensionsApi>,
    init: watch::Sender<Init>,
    started: std::time::Instant,
}

impl RuntimeApi {
    /// The API for a process about to start.
    pub(crate) fn new(jobs: mpsc::Receiver<Job>, init: watch::Sender<Init>, extensions: Arc<ExtensionsApi>) -> Self {
        let started = std::time::Instant::now();
        Self { jobs: Mutex::new(jobs), running: Guarded::default(), extensions, init, started }
    }

    async fn next(&self) -> Option<Answer> {
        if matches!(&*self.init.borrow(), Init::Starting) {
            self.init.send_replace(Init::Ready(self.started.elapsed().as_secs_f64() * 1e3));
        }
        let job = self.jobs.lock().await.recv().await?;
        self.extensions.invocation(&job.request_id, job.deadline_ms, &job.function_arn);
        let mut answer = Answer::empty(200)
            .with("content-type", "application/json")
            .with("lambda-runtime-aws-request-id", &job.request_id)
            .with("lambda-runtime-deadline-ms", &job.deadline_ms.to_string())
            .with("lambda-runtime-invoked-function-arn", &job.function_arn)
            .with("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000;Sampled=0");
        answer.body = job.payload;
        *self.running.lock() = Some((job.request_id, job.reply));
        Some(answer)
    }

    fn done(&self, request_id: &str, reply: Reply) -> Answer {
        let mut running = self.running.lock();
        match running.take() {
            Some((id, caller)) if id == request_id => {
                // The caller may have given up: its time was over.
                let _ = caller.send(reply);
                Answer::json(202, &json!({ "status": "OK" }))
            }
            other => {
                *running = other;
                let body = json!({ "errorType": "InvalidRequestID", "errorMessage": "Invalid request ID" });
                Answer::json(400, &body)
            }
        }
    }
}

impl Handler for RuntimeApi {
    async fn handle(self: Arc<Self>, request: Request) -> Option<Answer> {
        if let Some(path) = request.path.strip_prefix("/2020-01-01/extension/") {
            return self.extensions.answer(path, &request).await;
        }
        let Some(rest) = request.path.strip_prefix("/2018-06-01/runtime/") else { return Some(Answer::empty(404)) };
        let segments = rest.split('/').collect::<Vec<_>>();
        Some(match segments.as_slice() {
            ["invocation", "next"] => return self.next().await,
            ["invocation", id, "response"] => self.done(id, Reply::Response(request.body)),
            ["invocation", id, "error"] => self.done(id, Reply::Error(request.body)),
            ["init", "error"] => {
                self.init.send_replace(Init::Failed(request.body));
                Answer::json(202, &json!({ "status": "OK" }))
            }
            _ => Answer::empty(404),
        })
    }
}
