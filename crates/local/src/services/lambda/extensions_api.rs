//! The Lambda Extensions API (2020-01-01) of one environment: programs from layers that run beside the function's process.
//!
//! They register before the runtime is started, and have asked for their first event before the first invocation. What AWS
//! does and this does not: it freezes everything between invocations, and waits after each for the extensions that have
//! registered for it.

use std::collections::HashMap;
use std::sync::Arc;

use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc, watch};

use super::failure::failure;
use crate::clock;
use crate::guarded::Guarded;
use crate::http::{Answer, Request};

/// How far the extensions have come.
#[derive(Debug, Clone, Default)]
struct Progress {
    registered: usize,
    ready: usize,
    /// `{errorType, errorMessage}` of the one that cannot go on.
    failed: Option<Bytes>,
}

struct Registered {
    takes_invocations: bool,
    ready: bool,
    sender: mpsc::UnboundedSender<Value>,
    events: Arc<Mutex<mpsc::UnboundedReceiver<Value>>>,
}

/// The API's state for one environment.
pub(crate) struct ExtensionsApi {
    function: String,
    version: String,
    known: Guarded<HashMap<String, Registered>>,
    progress: watch::Sender<Progress>,
}

impl ExtensionsApi {
    /// The API before any extension has been started.
    pub(crate) fn new(function: &str, version: &str) -> Self {
        Self {
            function: function.to_owned(),
            version: version.to_owned(),
            known: Guarded::default(),
            progress: watch::channel(Progress::default()).0,
        }
    }

    /// Waits until so many have registered; the error is `{errorType, errorMessage}`.
    pub(crate) async fn registered(&self, count: usize) -> Result<(), Bytes> {
        self.until(|progress| progress.registered >= count).await
    }

    /// Waits until so many have asked for their first event; the error is `{errorType, errorMessage}`.
    pub(crate) async fn ready(&self, count: usize) -> Result<(), Bytes> {
        self.until(|progress| progress.ready >= count).await
    }

    /// Waits until one cannot go on: `{errorType, errorMessage}`.
    pub(crate) async fn failure(&self) -> Bytes {
        self.until(|_| false).await.err().unwrap_or_default()
    }

    async fn until(&self, enough: impl Fn(&Progress) -> bool) -> Result<(), Bytes> {
        let mut progress = self.progress.subscribe();
        match progress.wait_for(|progress| progress.failed.is_some() || enough(progress)).await.as_deref() {
            Ok(Progress { failed: Some(failed), .. }) => Err(failed.clone()),
            Ok(_) => Ok(()),
            Err(_) => Err(failure("Extension.Crash", "the environment has ended")),
        }
    }

    /// Notes that an extension's process is over.
    pub(crate) fn ended(&self, name: &str, how: &str) {
        self.fail(failure("Extension.Crash", &format!("the extension {name} ended: {how}")));
    }

    fn fail(&self, why: Bytes) {
        self.progress.send_modify(|progress| {
            progress.failed.get_or_insert(why);
        });
    }

    /// Tells those who have asked for it that an invocation begins.
    pub(crate) fn invocation(&self, request_id: &str, deadline_ms: i64, function_arn: &str) {
        let event = json!({
            "eventType": "INVOKE",
            "requestId": request_id,
            "deadlineMs": deadline_ms,
            "invokedFunctionArn": function_arn,
            "tracing": { "type": "X-Amzn-Trace-Id", "value": "" },
        });
        for extension in self.known.lock().values().filter(|extension| extension.takes_invocations) {
            // One that is gone is noticed elsewhere.
            let _ = extension.sender.send(event.clone());
        }
    }

    /// Answers a request below `/2020-01-01/extension/`.
    pub(crate) async fn answer(&self, path: &str, request: &Request) -> Option<Answer> {
        let identifier = request.header("lambda-extension-identifier").unwrap_or_default();
        Some(match path {
            "register" => self.register(request),
            "event/next" => return self.next(identifier).await,
            "init/error" | "exit/error" => {
                self.fail(request.body.clone());
                Answer::json(202, &json!({ "status": "OK" }))
            }
            _ => Answer::empty(404),
        })
    }

    fn register(&self, request: &Request) -> Answer {
        if request.header("lambda-extension-name").is_none_or(str::is_empty) {
            return refused("Extension.InvalidExtensionName", "the header Lambda-Extension-Name is missing");
        }
        let asked = serde_json::from_slice::<Value>(&request.body).unwrap_or_default();
        let events = asked["events"].as_array().cloned().unwrap_or_default();
        if let Some(odd) = events.iter().find(|event| *event != "INVOKE" && *event != "SHUTDOWN") {
            return refused("Extension.InvalidEventType", &format!("there are INVOKE and SHUTDOWN, not {odd}"));
        }
        let (sender, events_of_it) = mpsc::unbounded_channel();
        let identifier = clock::uuid();
        let extension = Registered {
            takes_invocations: events.iter().any(|event| event == "INVOKE"),
            ready: false,
            sender,
            events: Arc::new(Mutex::new(events_of_it)),
        };
        self.known.lock().insert(identifier.clone(), extension);
        self.progress.send_modify(|progress| progress.registered += 1);
        let body = json!({ "functionName": self.function, "functionVersion": self.version, "handler": "" });
        Answer::json(200, &body).with("lambda-extension-identifier", &identifier)
    }

    async fn next(&self, identifier: &str) -> Option<Answer> {
        let (events, first) = match self.known.lock().get_mut(identifier) {
            Some(extension) => (Arc::clone(&extension.events), !std::mem::replace(&mut extension.ready, true)),
            None => return Some(refused("Extension.UnknownExtensionIdentifier", "register first")),
        };
        if first {
            self.progress.send_modify(|progress| progress.ready += 1);
        }
        let event = events.lock().await.recv().await?;
        Some(Answer::json(200, &event))
    }
}

fn refused(error_type: &str, message: &str) -> Answer {
    Answer::json(403, &json!({ "errorType": error_type, "errorMessage": message }))
}
