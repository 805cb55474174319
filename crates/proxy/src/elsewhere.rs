//! Requests for services that a proxy does not serve. What sends them here is an endpoint that was set for all of AWS, where only
//! CodeDeploy's was meant: they are told so, each in a form that the client of its service reads.

use codedeploy::call::Reply;
use codedeploy::http::{self, Request, Response};
use codedeploy::protocol::Protocol;

use crate::call::{Unreached, WRONG_ENDPOINT};
use crate::ecs;

/// What the operations begin with that are served here.
const SERVED: [&str; 3] = ["CodeDeploy_", "Tideshift.", ecs::PREFIX];

/// What a signature for them names.
const SIGNED_FOR: [&str; 2] = ["codedeploy", "ecs"];

/// The longest name of a service that is repeated.
const LONGEST: usize = 40;

/// The service that a request is for, where that is neither CodeDeploy nor ECS: as its signature names it, or else as its operation
/// does. A request that says neither is nobody's.
pub(crate) fn service<'a>(request: &Request<'a>) -> Option<&'a str> {
    let target = header(request, "x-amz-target").filter(|target| !target.is_empty());
    let is_ours = |target: &str| SERVED.iter().any(|prefix| target.starts_with(prefix));
    let named = Protocol::of(request).target(request);
    if named.is_ok_and(|named| is_ours(&named)) {
        return None;
    }
    let signed = header(request, "authorization").and_then(scope);
    let service = signed.or_else(|| target?.split(['.', '_']).next());
    service.filter(|service| !SIGNED_FOR.contains(service) && is_name(service))
}

/// The service in `AWS4-HMAC-SHA256 Credential=ID/20260714/eu-west-1/s3/aws4_request, …`.
fn scope(authorization: &str) -> Option<&str> {
    let credential = authorization.split_once("Credential=")?.1.split([',', ' ']).next()?;
    credential.strip_suffix("/aws4_request")?.rsplit('/').next()
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn header<'a>(request: &Request<'a>, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// What is said to a request for `service`.
pub(crate) fn not_served(service: &str, with_ecs: bool) -> Unreached {
    let (serves, set) = if with_ecs {
        ("CodeDeploy and ECS", "AWS_ENDPOINT_URL_CODEDEPLOY and AWS_ENDPOINT_URL_ECS")
    } else {
        ("CodeDeploy", "AWS_ENDPOINT_URL_CODEDEPLOY")
    };
    let message = format!(
        "this endpoint serves {serves} alone, and the request is for {service}: set {set} instead of AWS_ENDPOINT_URL, and no other \
         service's"
    );
    Unreached::new(400, WRONG_ENDPOINT, message)
}

/// The answer to a request for `service`, in its form: XML where S3 and the services that are asked by a form write it, else JSON
/// or CBOR.
pub(crate) fn write(request: &Request<'_>, service: &str, said: Unreached, request_id: &str) -> Response {
    let is_form =
        header(request, "content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let error = format!("<Code>{}</Code><Message>{}</Message>", said.code, said.message);
    let xml = match (service, is_form) {
        ("s3", _) => format!("<Error>{error}<RequestId>{request_id}</RequestId></Error>"),
        ("ec2", true) => {
            format!("<Response><Errors><Error>{error}</Error></Errors><RequestID>{request_id}</RequestID></Response>")
        }
        (_, true) => format!(
            "<ErrorResponse><Error><Type>Sender</Type>{error}</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
        ),
        (_, false) => return http::write(request, &Reply::from(said), request_id),
    };
    let headers = vec![("x-amzn-requestid", request_id.to_owned()), ("content-type", "text/xml".to_owned())];
    Response { status: said.status, headers, body: xml.into_bytes() }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn signed(service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential=AKID/20260714/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
        )
    }

    fn asked<'a>(method: &'a str, path: &'a str, headers: &'a [(&'a str, &'a str)]) -> Request<'a> {
        Request { method, path, headers, body: b"" }
    }

    #[test]
    fn the_service_of_a_request_is_what_its_signature_or_its_operation_names() {
        let (s3, codedeploy, ecs) = (signed("s3"), signed("codedeploy"), signed("ecs"));
        let get = |headers: &[(&str, &str)]| service(&asked("GET", "/", headers)).map(str::to_owned);
        assert_eq!(get(&[("Authorization", &s3)]).as_deref(), Some("s3"));
        for ours in [codedeploy, ecs, "Bearer x".to_owned(), signed("<b>"), signed(&"x".repeat(41))] {
            assert_eq!(get(&[("authorization", &ours)]), None, "{ours}");
        }
        assert_eq!(get(&[]), None);
        let post = |target: &str, headers: &[(&str, &str)]| {
            let headers: Vec<_> = headers.iter().copied().chain([("x-amz-target", target)]).collect();
            service(&asked("POST", "/", &headers)).map(str::to_owned)
        };
        assert_eq!(
            post("DynamoDB_20120810.GetItem", &[("authorization", &signed("dynamodb"))]).as_deref(),
            Some("dynamodb")
        );
        assert_eq!(post("DynamoDB_20120810.GetItem", &[]).as_deref(), Some("DynamoDB"));
        for ours in
            ["CodeDeploy_20141006.GetDeployment", "Tideshift.ListDeployments", "AmazonEC2ContainerServiceV20141113.X"]
        {
            assert_eq!(post(ours, &[("authorization", &s3)]), None, "{ours}: what is asked for counts");
        }
        let rpc = [("smithy-protocol", "rpc-v2-cbor")];
        assert_eq!(service(&asked("POST", "/service/CodeDeploy_20141006/operation/GetDeployment", &rpc)), None);
    }

    #[test]
    fn each_service_is_answered_in_its_form() {
        let form = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        let rpc = [("smithy-protocol", "rpc-v2-cbor")];
        let mut told = String::new();
        for (service, headers) in [("s3", &[][..]), ("sts", &form), ("ec2", &form), ("lambda", &[]), ("dynamodb", &[])]
        {
            let said = write(&asked("POST", "/", headers), service, not_served(service, false), "r-1");
            told.push_str(&format!("{service} {} {}\n", said.status, String::from_utf8_lossy(&said.body)));
        }
        expect![[r#"
            s3 400 <Error><Code>InvalidEndpointException</Code><Message>this endpoint serves CodeDeploy alone, and the request is for s3: set AWS_ENDPOINT_URL_CODEDEPLOY instead of AWS_ENDPOINT_URL, and no other service's</Message><RequestId>r-1</RequestId></Error>
            sts 400 <ErrorResponse><Error><Type>Sender</Type><Code>InvalidEndpointException</Code><Message>this endpoint serves CodeDeploy alone, and the request is for sts: set AWS_ENDPOINT_URL_CODEDEPLOY instead of AWS_ENDPOINT_URL, and no other service's</Message></Error><RequestId>r-1</RequestId></ErrorResponse>
            ec2 400 <Response><Errors><Error><Code>InvalidEndpointException</Code><Message>this endpoint serves CodeDeploy alone, and the request is for ec2: set AWS_ENDPOINT_URL_CODEDEPLOY instead of AWS_ENDPOINT_URL, and no other service's</Message></Error></Errors><RequestID>r-1</RequestID></Response>
            lambda 400 {"__type":"InvalidEndpointException","message":"this endpoint serves CodeDeploy alone, and the request is for lambda: set AWS_ENDPOINT_URL_CODEDEPLOY instead of AWS_ENDPOINT_URL, and no other service's"}
            dynamodb 400 {"__type":"InvalidEndpointException","message":"this endpoint serves CodeDeploy alone, and the request is for dynamodb: set AWS_ENDPOINT_URL_CODEDEPLOY instead of AWS_ENDPOINT_URL, and no other service's"}
        "#]].assert_eq(&told);
        let said = write(&asked("POST", "/", &rpc), "cloudwatch", not_served("cloudwatch", true), "r-1");
        let body = codedeploy::cbor::read(&said.body, 8).expect("CBOR");
        assert!(body["message"].as_str().is_some_and(|message| message.contains("AWS_ENDPOINT_URL_ECS")), "{body}");
    }
}
