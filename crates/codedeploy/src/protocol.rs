//! The two protocols that CodeDeploy's model lists (docs/codedeploy-contract.md 1.1), told apart where a request comes in. From there on a call is a call.

use serde_json::{Value, json};

use crate::cbor::{self, Malformed};
use crate::error::{ApiError, Code};
use crate::http::{MAX_BODY, MAX_DEPTH, MAX_TARGET, Request, too_deep, too_large, unknown, unreadable};
use crate::operation::{CODEDEPLOY_PREFIX, Operation};

const RPC_V2_CBOR: &str = "rpc-v2-cbor";

/// Where the errors of CodeDeploy's model are, in the full names that CBOR's clients are promised.
const NAMESPACE: &str = "com.amazonaws.codedeploy#";

/// How a client writes what it asks, and reads what it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// AWS JSON 1.1: the operation in the header `X-Amz-Target`.
    Json,
    /// Smithy RPC v2 CBOR: the operation in the path.
    Cbor,
}

impl Protocol {
    /// The protocol of a request. Whoever does not say speaks JSON.
    pub fn of(request: &Request<'_>) -> Self {
        if request.header("smithy-protocol") == Some(RPC_V2_CBOR) { Self::Cbor } else { Self::Json }
    }

    /// The operation a request names, as [`Call::target`](crate::call::Call) has it: service, point, operation.
    pub fn target(self, request: &Request<'_>) -> Result<String, ApiError> {
        let named = request.header("x-amz-target").filter(|target| !target.is_empty());
        match (self, named) {
            (_, Some(target)) if target.len() > MAX_TARGET => Err(unknown("no operation has so long a name")),
            (Self::Json, Some(target)) => Ok(target.to_owned()),
            (Self::Json, None) => Err(unknown(&match request.header("smithy-protocol") {
                Some(other) => format!(
                    "this endpoint does not speak the protocol {}: it speaks AWS JSON 1.1 and {RPC_V2_CBOR}",
                    other.chars().take(20).collect::<String>()
                ),
                None => "the header X-Amz-Target is missing: it names the operation".to_owned(),
            })),
            // Whoever checks a request by one name must not be able to miss the other.
            (Self::Cbor, Some(_)) => {
                Err(unreadable("with rpc-v2-cbor the path names the operation: leave out X-Amz-Target"))
            }
            (Self::Cbor, None) => in_path(request.path).ok_or_else(|| {
                unknown(&format!(
                    "with rpc-v2-cbor the path names the operation: /service/{CODEDEPLOY_PREFIX}/operation/…"
                ))
            }),
        }
    }

    /// The input in a request's body. No body is an input without members.
    pub(crate) fn input(self, request: &Request<'_>) -> Result<Value, ApiError> {
        if request.body.len() > MAX_BODY {
            return Err(too_large());
        }
        match self {
            Self::Json => json(request.body),
            Self::Cbor => {
                let kind = request.header("content-type").map(|kind| kind.split(';').next().unwrap_or(kind).trim());
                if let Some(kind) = kind.filter(|kind| !kind.eq_ignore_ascii_case("application/cbor"))
                    && !request.body.is_empty()
                {
                    let kind: String = kind.chars().take(40).collect();
                    return Err(unreadable(&format!("with rpc-v2-cbor the body is application/cbor, not {kind}")));
                }
                cbor(request.body)
            }
        }
    }

    /// The headers and the body of an answer. `error` is the name of the error it tells.
    pub(crate) fn output(
        self,
        request: &Request<'_>,
        body: &Value,
        error: Option<&str>,
    ) -> (Vec<(&'static str, String)>, Vec<u8>) {
        let kind = |kind: &str| ("content-type", kind.to_owned());
        match (self, error) {
            (Self::Json, error) => {
                let error = error.map(|name| ("x-amzn-errortype", name.to_owned()));
                let headers = error.into_iter().chain([kind("application/x-amz-json-1.1")]);
                (headers.collect(), body.to_string().into_bytes())
            }
            (Self::Cbor, error) => {
                let mut headers = vec![("smithy-protocol", RPC_V2_CBOR.to_owned())];
                if error.is_none() && !self.has_output(request) {
                    return (headers, Vec::new());
                }
                headers.push(kind("application/cbor"));
                let mut body = body.clone();
                if let Some(name) = error {
                    body["__type"] = format!("{NAMESPACE}{name}").into();
                }
                (headers, cbor::write(&body))
            }
        }
    }

    /// Whether what was asked for has an answer at all.
    fn has_output(self, request: &Request<'_>) -> bool {
        let operation = self.target(request).ok().and_then(|target| Operation::from_target(&target));
        operation.is_none_or(Operation::has_output)
    }
}

/// What `…/service/SERVICE/operation/OPERATION` names. Services may be called by their full names.
fn in_path(path: &str) -> Option<String> {
    let mut segments = path.rsplit('/');
    let (operation, word, service, first) = (segments.next()?, segments.next()?, segments.next()?, segments.next()?);
    let service = service.rsplit('.').next().unwrap_or(service);
    let named = (first, word) == ("service", "operation") && ![service, operation].contains(&"");
    let target = format!("{service}.{operation}");
    (named && target.len() <= MAX_TARGET).then_some(target)
}

fn json(bytes: &[u8]) -> Result<Value, ApiError> {
    if bytes.trim_ascii().is_empty() {
        return Ok(json!({}));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| unreadable(&format!("the body is not UTF-8: {error}")))?;
    let value = serde_json::from_str(text).map_err(|error| unreadable(&format!("the body is not JSON: {error}")))?;
    if deeper(&value, MAX_DEPTH) { Err(too_deep()) } else { Ok(value) }
}

fn cbor(bytes: &[u8]) -> Result<Value, ApiError> {
    if bytes.is_empty() {
        return Ok(json!({}));
    }
    match cbor::read(bytes, MAX_DEPTH) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(unreadable("the body is CBOR, but not a map: an input is a map of its members")),
        Err(Malformed::TooDeep) => Err(too_deep()),
        Err(malformed @ Malformed::Item { .. }) => {
            Err(ApiError::new(Code::SerializationException, format!("the body cannot be read as CBOR: {malformed}")))
        }
    }
}

/// Whether lists and objects are nested deeper than so many levels. A parsed value is never deeper than the parser goes.
fn deeper(value: &Value, levels: usize) -> bool {
    let inner = |value: &Value| levels == 0 || deeper(value, levels - 1);
    match value {
        Value::Array(list) => levels == 0 || list.iter().any(inner),
        Value::Object(members) => levels == 0 || members.values().any(inner),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
