//! Lambda's Extensions API (2020-01-01), as much of it as is needed here.

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// This program as Lambda knows it.
pub(crate) struct Extension {
    authority: String,
    identifier: String,
}

struct Answered {
    identifier: Option<String>,
    body: Value,
}

impl Extension {
    /// Registers for the environment's end. `name` is the program's file name.
    pub(crate) async fn register(authority: String, name: &str) -> Result<Self, String> {
        let events = json!({ "events": ["SHUTDOWN"] });
        let answered = call(&authority, Method::POST, "register", &[("Lambda-Extension-Name", name)], &events).await?;
        let identifier = answered.identifier.ok_or("Lambda has registered the extension without an identifier")?;
        Ok(Self { authority, identifier })
    }

    /// Says why the extension cannot do its work; the function then does not start.
    pub(crate) async fn cannot_start(&self, kind: &str, why: &str) -> Result<(), String> {
        let error = json!({ "errorType": kind, "errorMessage": why });
        let headers = [self.id(), ("Lambda-Extension-Function-Error-Type", kind)];
        call(&self.authority, Method::POST, "init/error", &headers, &error).await.map(drop)
    }

    /// Says that the extension is ready, and waits for the end of the environment, however long it is frozen.
    pub(crate) async fn until_the_end(&self) -> Result<(), String> {
        loop {
            let event = call(&self.authority, Method::GET, "event/next", &[self.id()], &Value::Null).await?;
            if event.body["eventType"] == "SHUTDOWN" {
                return Ok(());
            }
        }
    }

    fn id(&self) -> (&'static str, &str) {
        ("Lambda-Extension-Identifier", &self.identifier)
    }
}

/// One request on a connection of its own: there are three in all, and the last one waits for hours.
async fn call(
    authority: &str,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Result<Answered, String> {
    let failed = |error: &dyn std::fmt::Display| format!("the Extensions API at {authority} failed at {path}: {error}");
    let stream = TcpStream::connect(authority).await.map_err(|error| failed(&error))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| failed(&error))?;
    // Its failure is told by the request on it.
    tokio::spawn(connection);
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/2020-01-01/extension/{path}"))
        .header("host", authority)
        .header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(body)).map_err(|error| failed(&error))?;
    let answer = sender.send_request(request).await.map_err(|error| failed(&error))?;
    if !answer.status().is_success() {
        return Err(failed(&answer.status()));
    }
    let identifier = answer.headers().get("Lambda-Extension-Identifier").and_then(|value| value.to_str().ok());
    let identifier = identifier.map(str::to_owned);
    let body = answer.into_body().collect().await.map_err(|error| failed(&error))?.to_bytes();
    Ok(Answered { identifier, body: serde_json::from_slice(&body).unwrap_or_default() })
}
