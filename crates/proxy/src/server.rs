//! The HTTP server on loopback.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use codedeploy::call::Reply;
use codedeploy::error::{ApiError, Code};
use codedeploy::http::{self, MAX_BODY};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HOST, HeaderName, HeaderValue, SERVER};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::call::{Invoke, Unreached, forward};
use crate::ecs::{self, Answered, Ecs, Nowhere};
use crate::elsewhere;

/// How long calls under way may take to finish at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// A body larger than allowed is still read, up to here: most clients listen only after they have sent everything.
const DRAINED: usize = 64 * MAX_BODY;

/// Listens on this machine's loopback, for programs on this machine only.
pub async fn listen(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
}

/// What a proxy serves.
#[derive(Debug)]
pub struct Served<I, E> {
    /// Who answers CodeDeploy's operations, and ours.
    pub stack: I,
    /// The way to ECS, where that is served too.
    pub ecs: Option<E>,
}

impl<I> Served<I, Nowhere> {
    /// CodeDeploy alone.
    pub fn codedeploy(stack: I) -> Self {
        Self { stack, ecs: None }
    }
}

/// Serves until `stop` is over, then lets calls under way finish. `health` is what `GET /` answers.
pub async fn serve<I: Invoke, E: Ecs>(
    listener: TcpListener,
    served: Arc<Served<I, E>>,
    health: Value,
    stop: impl Future<Output = ()>,
) {
    let health = Arc::new(health);
    // Without it nobody is called by our name.
    let port = listener.local_addr().map_or(0, |address| address.port());
    let calls = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, say: that takes a while to get better.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        // A refused option only costs time.
        let _ = stream.set_nodelay(true);
        let (doors, health) = (Arc::clone(&served), Arc::clone(&health));
        let service = hyper::service::service_fn(move |request| {
            let (doors, health) = (Arc::clone(&doors), Arc::clone(&health));
            async move { Ok::<_, Infallible>(answer(&doors, port, &health, request).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        // A client that goes away is no failure of ours.
        tokio::spawn(calls.watch(connection));
    }
    drop(listener);
    // Who is not answered by then sees a closed connection.
    let _ = tokio::time::timeout(LAST_ANSWERS, calls.shutdown()).await;
}

async fn answer<I: Invoke, E: Ecs>(
    served: &Served<I, E>,
    port: u16,
    health: &Value,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let headers: Vec<(&str, &str)> =
        parts.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let asked = http::Request { method: parts.method.as_str(), path: parts.uri.path(), headers: &headers, body: &[] };
    let misled = misled(&asked, served.ecs.is_some());
    // Who was misled is told so under any name of this machine: no web page has such headers, and nobody is asked for it.
    if misled.is_none() && !is_here(&parts, port) {
        let message = format!("call it as 127.0.0.1:{port} or localhost:{port}");
        return plain(StatusCode::FORBIDDEN, &json!({ "message": message }));
    }
    if misled.is_none() && matches!(parts.method, Method::GET | Method::HEAD) && parts.uri.path() == "/" {
        return plain(StatusCode::OK, health);
    }
    let body = whole(body).await;
    let request = http::Request { body: body.as_deref().unwrap_or(&[]), ..asked };
    let told = match (misled, &body) {
        (Some(misled), _) => misled,
        (None, Ok(_)) => tell(served, &request).await,
        (None, Err(error)) => Told::Reply(Err(error.clone()).into(), None),
    };
    match told {
        Told::AsEcsDoes(Answered { status, headers, body }) => written(status, headers, body),
        Told::Reply(reply, request_id) => {
            let http::Response { status, headers, body } =
                http::write(&request, &reply, &request_id.unwrap_or_else(own_id));
            written(status, headers, body)
        }
        Told::Elsewhere(service, said) => {
            let http::Response { status, headers, body } = elsewhere::write(&request, service, said, &own_id());
            written(status, headers, body)
        }
    }
}

/// What a request is told that an endpoint has led here by mistake: one of a proxy, or one for a service that is not served.
fn misled<'a>(request: &http::Request<'a>, with_ecs: bool) -> Option<Told<'a>> {
    if ecs::is_of_a_proxy(request) {
        return Some(ecs::sent_back().into());
    }
    let service = elsewhere::service(request)?;
    Some(Told::Elsewhere(service, elsewhere::not_served(service, with_ecs)))
}

/// What a client is told.
enum Told<'a> {
    /// What ECS answered, in the protocol in which it was asked.
    AsEcsDoes(Answered),
    /// What the stack says, or what keeps somebody from being asked, and the request's id where there is one.
    Reply(Reply, Option<String>),
    /// What is said to a request for this service, which is not served.
    Elsewhere(&'a str, Unreached),
}

impl From<Unreached> for Told<'_> {
    fn from(unreached: Unreached) -> Self {
        Self::Reply(unreached.into(), None)
    }
}

/// Asks whom a request is for.
async fn tell<'a, I: Invoke, E: Ecs>(served: &Served<I, E>, request: &http::Request<'_>) -> Told<'a> {
    match (ecs::operation(request), &served.ecs) {
        (Some(operation), Some(ecs)) => {
            let answered = ecs::forward(ecs, &served.stack, &operation, request).await;
            answered.map_or_else(Told::from, Told::AsEcsDoes)
        }
        (Some(_), None) => ecs::not_served().into(),
        (None, _) => match http::read(request) {
            Ok(call) => {
                let (reply, request_id) = forward(&served.stack, &call).await;
                Told::Reply(reply, request_id)
            }
            Err(error) => Told::Reply(Err(error).into(), None),
        },
    }
}

/// Whether the client called this machine. A web page can make a browser call 127.0.0.1 under the page's own name (DNS
/// rebinding), and would then use the credentials here.
///
/// There must be one `Host`, and nothing in it but one of our two names and our port. What the request line may name beside it
/// must be the same: a proxy would go by that.
fn is_here(parts: &Parts, port: u16) -> bool {
    let ours = |host: &str| match host.split_once(':') {
        Some((name, number)) => {
            (name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost")) && number == port.to_string()
        }
        None => false,
    };
    let mut hosts = parts.headers.get_all(HOST).iter();
    let named = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().is_ok_and(ours),
        (None, _) | (Some(_), Some(_)) => false,
    };
    named && parts.uri.authority().is_none_or(|authority| ours(authority.as_str()))
}

/// The whole body, unless it is larger than any valid one.
async fn whole(mut body: Incoming) -> Result<Vec<u8>, ApiError> {
    let (mut bytes, mut seen) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(ApiError::new(Code::SerializationException, "the body ended before its time"));
        };
        let Some(data) = frame.data_ref() else { continue };
        seen += data.len();
        if seen <= MAX_BODY {
            bytes.extend_from_slice(data);
        } else if seen > DRAINED {
            break;
        }
    }
    if seen > MAX_BODY { Err(http::too_large()) } else { Ok(bytes) }
}

fn written(
    status: u16,
    headers: impl IntoIterator<Item = (impl AsRef<str>, String)>,
    body: Vec<u8>,
) -> Response<Full<Bytes>> {
    let mut built = Response::new(Full::new(Bytes::from(body)));
    *built.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_ref().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
            built.headers_mut().insert(name, value);
        }
    }
    named(built)
}

fn plain(status: StatusCode, document: &Value) -> Response<Full<Bytes>> {
    let mut built = Response::new(Full::new(Bytes::from(format!("{document}\n"))));
    *built.status_mut() = status;
    built.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    named(built)
}

/// So that one can tell who answered.
fn named(mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    response.headers_mut().insert(SERVER, HeaderValue::from_static("tideshift-proxy"));
    response
}

/// An id for what never got as far as Lambda.
fn own_id() -> String {
    let hex = format!("{:032x}", fastrand::u128(..));
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}
