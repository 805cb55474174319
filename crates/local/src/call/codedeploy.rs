//! How CodeDeploy is known.

use crate::http::Request;

/// Whether a request is CodeDeploy's, or one of our own operations.
pub(crate) fn is_meant(request: &Request) -> bool {
    let prefix = request.header("x-amz-target").and_then(|target| target.trim().split('.').next());
    let scope = request.header("authorization").is_some_and(|scope| scope.contains("/codedeploy/aws4_request"));
    match prefix {
        Some(prefix) if !prefix.is_empty() => prefix == "Tideshift" || prefix.starts_with("CodeDeploy_") || scope,
        _ => scope || ["/service/CodeDeploy_", "/service/Tideshift/"].iter().any(|own| request.path.starts_with(own)),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

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
            assert_eq!(is_meant(&request), ours, "{request:?}");
        }
    }
}
