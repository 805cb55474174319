//! What a path of the Lambda API means.

use http::Method;

use super::elsewhere::Elsewhere;
use crate::arn::FunctionRef;
use crate::http::{Request, decoded};

/// What is asked for.
pub(super) struct Meant {
    /// As the API names it; empty where it is not one we tell apart.
    pub(super) operation: &'static str,
    pub(super) function: Option<FunctionRef>,
    pub(super) elsewhere: Option<Elsewhere>,
    /// The alias named in the path.
    pub(super) alias: Option<String>,
}

/// What a request means; `None` where its path is none of Lambda's. `named` is the function named in the body.
pub(super) fn read(request: &Request, named: Option<&str>) -> Option<Meant> {
    let path = request.path.trim_end_matches('/');
    let mut segments = path.trim_start_matches('/').split('/');
    let (dated, section) = (segments.next().unwrap_or_default(), segments.next());
    if !dated.starts_with("20") {
        return None;
    }
    let rest = segments.map(decoded).collect::<Vec<_>>();
    let rest = rest.iter().map(String::as_str).collect::<Vec<_>>();
    match section {
        Some("layers") => {
            let publishes = matches!((&request.method, rest.as_slice()), (&Method::POST, [_, "versions"]));
            let operation = if publishes { "PublishLayerVersion" } else { "" };
            Some(Meant { operation, function: None, elsewhere: None, alias: None })
        }
        Some("functions") => {
            let named = rest.first().copied().or(named);
            Some(Meant {
                operation: operation(request, &rest),
                function: named.map(|name| FunctionRef::parse(name, request.query("Qualifier"))),
                elsewhere: named.and_then(Elsewhere::read),
                alias: if let [_, "aliases", alias] = rest.as_slice() { Some((*alias).to_owned()) } else { None },
            })
        }
        _ => None,
    }
}

/// The operation of a path below `functions`.
fn operation(request: &Request, rest: &[&str]) -> &'static str {
    match (&request.method, rest) {
        (&Method::POST, []) => "CreateFunction",
        (&Method::GET, []) => "ListFunctions",
        (&Method::GET, [_]) => "GetFunction",
        (&Method::DELETE, [_]) => "DeleteFunction",
        (&Method::GET, [_, "configuration"]) => "GetFunctionConfiguration",
        (&Method::PUT, [_, "configuration"]) => "UpdateFunctionConfiguration",
        (&Method::PUT, [_, "code"]) => "UpdateFunctionCode",
        (&Method::POST, [_, "versions"]) => "PublishVersion",
        (&Method::GET, [_, "versions"]) => "ListVersionsByFunction",
        (&Method::POST, [_, "aliases"]) => "CreateAlias",
        (&Method::GET, [_, "aliases"]) => "ListAliases",
        (&Method::GET, [_, "aliases", _]) => "GetAlias",
        (&Method::PUT, [_, "aliases", _]) => "UpdateAlias",
        (&Method::DELETE, [_, "aliases", _]) => "DeleteAlias",
        (&Method::POST, [_, "invocations"]) => "InvokeFunction",
        (&Method::PUT, [_, "provisioned-concurrency"]) => "PutProvisionedConcurrencyConfig",
        (&Method::DELETE, [_, "provisioned-concurrency"]) => "DeleteProvisionedConcurrencyConfig",
        (&Method::GET, [_, "provisioned-concurrency"]) if request.query("List").is_some() => {
            "ListProvisionedConcurrencyConfigs"
        }
        (&Method::GET, [_, "provisioned-concurrency"]) => "GetProvisionedConcurrencyConfig",
        _ => "",
    }
}
