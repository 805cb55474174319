//! HTTP/1.1 between programs on this machine: whole bodies, kept connections.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::LocalError;

/// A request with its body.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// As it came: percent-encoded, without the query.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A parameter of the query, decoded.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        form(&self.query).find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// The members of a query or form, decoded.
pub(crate) fn form(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    form_urlencoded::parse(text.as_bytes()).into_owned()
}

/// Takes percent-encoding off.
pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// All but letters, digits and what is never encoded in a URL.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Puts percent-encoding on, for one segment of a path or one value of a query.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// An answer with its body.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// A JSON document.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        let mut answer = Self::empty(status);
        answer.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        answer.body = Bytes::from(body.to_string());
        answer
    }

    /// Nothing but a status.
    pub(crate) fn empty(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// An error in the shape every JSON protocol of AWS understands.
    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        let body = serde_json::json!({ "__type": code, "Type": "User", "message": message, "Message": message });
        Self::json(status, &body).with("x-amzn-errortype", code)
    }

    /// An error as a service tells it: S3 speaks XML.
    pub(crate) fn refused(service: &str, status: u16, code: &str, message: &str) -> Self {
        if service != "s3" {
            return Self::error(status, code, message);
        }
        let plain = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
        let mut answer = Self::empty(status).with("content-type", "application/xml");
        answer.body =
            format!("<Error><Code>{}</Code><Message>{}</Message></Error>", plain(code), plain(message)).into();
        answer
    }

    /// What was not to be had of moto, passed on.
    pub(crate) fn of(error: &LocalError) -> Self {
        match error {
            LocalError::Refused { status, code, message, .. } => Self::error(*status, code, message),
            LocalError::Failed { what, .. } => Self::error(500, "ServiceException", what),
        }
    }

    /// The same with one header more.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The body as JSON; null where it is none.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// A client with a pool of connections.
#[derive(Debug, Clone)]
pub(crate) struct Http(Client<HttpConnector, Full<Bytes>>);

impl Http {
    /// A client without any connection yet.
    pub(crate) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        Self(client)
    }

    /// Sends `request` to a host and port; reads the whole answer.
    pub(crate) async fn send(&self, authority: &str, request: Request) -> Result<Answer, LocalError> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            LocalError::because(format!("no answer from http://{authority}"), error)
        };
        let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
        let mut built = http::Request::new(Full::new(request.body));
        *built.method_mut() = request.method;
        *built.uri_mut() =
            format!("http://{authority}{}{query}", request.path).parse().map_err(|error| failed(Box::new(error)))?;
        *built.headers_mut() = request.headers;
        for hop in [header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH, header::EXPECT] {
            built.headers_mut().remove(hop);
        }
        let answer = self.0.request(built).await.map_err(|error| failed(Box::new(error)))?;
        let (mut parts, body) = answer.into_parts();
        let body = body.collect().await.map_err(|error| failed(Box::new(error)))?.to_bytes();
        parts.headers.remove(header::CONNECTION);
        parts.headers.remove(header::TRANSFER_ENCODING);
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }
}

/// What a server does with a request; `None` closes the connection without an answer.
pub(crate) trait Handler: Send + Sync + 'static {
    /// Answers.
    fn handle(self: Arc<Self>, request: Request) -> impl Future<Output = Option<Answer>> + Send;
}

/// A free port of this machine, listened on.
pub(crate) async fn listen(port: Option<u16>) -> Result<TcpListener, LocalError> {
    let address = SocketAddr::from(([127, 0, 0, 1], port.unwrap_or(0)));
    TcpListener::bind(address)
        .await
        .map_err(|error| LocalError::because(format!("{address} cannot be listened on"), error))
}

/// Serves until `stopping` turns true or its sender is gone.
pub(crate) async fn serve<H: Handler>(listener: TcpListener, handler: Arc<H>, mut stopping: watch::Receiver<bool>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.wait_for(|stop| *stop) => return,
        };
        let Ok((stream, _)) = accepted else { continue };
        let handler = Arc::clone(&handler);
        let mut stopping = stopping.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = connection(stream, handler) => {}
                _ = stopping.wait_for(|stop| *stop) => {}
            }
        });
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the connection is closed without an answer")]
struct Dropped;

async fn connection<H: Handler>(stream: TcpStream, handler: Arc<H>) {
    // A refused option only costs time.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request: http::Request<Incoming>| {
        let handler = Arc::clone(&handler);
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
            let request = Request {
                method: parts.method,
                path: parts.uri.path().to_owned(),
                query: parts.uri.query().unwrap_or_default().to_owned(),
                headers: parts.headers,
                body,
            };
            let answer = handler.handle(request).await.ok_or(Dropped)?;
            let mut built = http::Response::new(Full::new(answer.body));
            *built.status_mut() = answer.status;
            *built.headers_mut() = answer.headers;
            built.headers_mut().remove(header::CONTENT_LENGTH);
            Ok::<_, Dropped>(built)
        }
    });
    // A client that goes away, or that we drop on purpose, is no failure of ours.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}
