//! CodeDeploy's place at the endpoint: the stack's own `api` function, called directly.

use std::sync::Arc;

use ::http::{HeaderName, HeaderValue};
use codedeploy::call::Reply;
use codedeploy::error::{ApiError, Code};
use codedeploy::http;

use crate::arn::FunctionRef;
use crate::clock;
use crate::gateway::Gateway;
use crate::http::{Answer, Request};

/// As clients sign for it.
pub(crate) const SERVICE: &str = "codedeploy";

/// Whether a request is CodeDeploy's, or one of our own operations.
pub(crate) fn is_codedeploy(request: &Request) -> bool {
    let prefix = request.header("x-amz-target").and_then(|target| target.trim().split('.').next());
    let scope = request.header("authorization").is_some_and(|scope| scope.contains("/codedeploy/aws4_request"));
    match prefix {
        Some(prefix) if !prefix.is_empty() => prefix == "Tideshift" || prefix.starts_with("CodeDeploy_") || scope,
        _ => scope || ["/service/CodeDeploy_", "/service/Tideshift/"].iter().any(|own| request.path.starts_with(own)),
    }
}

impl Gateway {
    /// Answers as the service does.
    pub(crate) async fn codedeploy(self: &Arc<Self>, request: &Request) -> Answer {
        let headers: Vec<(&str, &str)> =
            request.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
        let (method, path) = (request.method.as_str(), request.path.as_str());
        let asked = http::Request { method, path, headers: &headers, body: &request.body };
        let (reply, id) = match http::read(&asked) {
            Ok(call) => self.api(&call).await,
            Err(error) => (Err(error).into(), None),
        };
        let response = http::write(&asked, &reply, &id.unwrap_or_else(clock::uuid));
        let mut answer = Answer::empty(response.status);
        for (name, value) in response.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                answer.headers.insert(HeaderName::from_static(name), value);
            }
        }
        answer.body = response.body.into();
        answer
    }

    async fn api(self: &Arc<Self>, call: &codedeploy::call::Call) -> (Reply, Option<String>) {
        let failed = |code, message: String| Err(ApiError::new(code, message)).into();
        let name = format!("{}-api", self.stack);
        let payload = match serde_json::to_vec(call) {
            Ok(payload) => payload.into(),
            Err(error) => return (failed(Code::SerializationException, error.to_string()), None),
        };
        let function = FunctionRef { name: name.clone(), qualifier: None };
        match self.invoke(&function, payload, false).await {
            Ok((outcome, _)) if outcome.failed => {
                let said = String::from_utf8_lossy(&outcome.payload).into_owned();
                (failed(Code::InternalFailure, format!("{name} failed: {said}")), Some(outcome.request_id))
            }
            Ok((outcome, _)) => {
                let reply = serde_json::from_slice(&outcome.payload);
                let odd = |_| failed(Code::InternalFailure, format!("{name} answered in a form of its own"));
                (reply.unwrap_or_else(odd), Some(outcome.request_id))
            }
            Err(refusal) => {
                if refusal.status == ::http::StatusCode::TOO_MANY_REQUESTS {
                    return (failed(Code::ThrottlingException, "Rate exceeded".to_owned()), None);
                }
                let why = refusal.value()["message"].as_str().unwrap_or("no reason was given").to_owned();
                (failed(Code::ServiceUnavailable, format!("{name} cannot be called: {why}")), None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ::http::{HeaderMap, Method};

    use super::*;

    fn request(path: &str, headers: &[(&'static str, &str)]) -> Request {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        Request { method: Method::POST, path: path.to_owned(), query: String::new(), headers: map, body: "{}".into() }
    }

    #[test]
    fn codedeploy_is_known_by_its_target_or_by_what_the_client_signs_for() {
        let signed = ("authorization", "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/codedeploy/aws4_request, x");
        let other = ("authorization", "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/dynamodb/aws4_request, x");
        for (request, ours) in [
            (request("/", &[("x-amz-target", "CodeDeploy_20141006.GetDeployment")]), true),
            (request("/", &[("x-amz-target", "Tideshift.ListDeployments"), other]), true),
            (request("/", &[signed]), true),
            (request("/service/CodeDeploy_20141006/operation/GetDeployment", &[]), true),
            (request("/service/Tideshift/operation/ListDeployments", &[other]), true),
            (request("/service/GraniteServiceVersion20100801/operation/DescribeAlarms", &[]), false),
            (request("/", &[("x-amz-target", "DynamoDB_20120810.GetItem"), other]), false),
            (request("/2015-03-31/functions", &[]), false),
        ] {
            assert_eq!(is_codedeploy(&request), ours, "{request:?}");
        }
    }
}
