//! ECS, served beside CodeDeploy for clients that deploy by CodeDeploy only where ECS says so.
//!
//! Such a client (AWS's own action for GitHub is one) asks DescribeServices, and calls CodeDeploy where the controller of a
//! service is `CODE_DEPLOY`. Services that Tideshift deploys have `EXTERNAL`, since only then anybody but CodeDeploy itself may
//! make task sets. So each request is sent on to ECS and answered as ECS answers it, and in the answer to DescribeServices
//! `EXTERNAL` becomes `CODE_DEPLOY` where the service has a deployment group in this stack ([`shown`], [`groups`]). Nothing else
//! is changed, not a byte.
//!
//! One port serves both APIs. A request names its own service, in `X-Amz-Target` or, in CBOR, in its path: nothing else is needed
//! to tell them apart. With a second port there were two to choose, to keep free and to wait for; as it is, both variables name
//! the same address.

mod groups;
mod headers;
mod shown;
#[cfg(test)]
mod tests;

use std::future::Future;

use codedeploy::http::Request;
use codedeploy::protocol::Protocol;

use crate::call::{Invoke, Unreached, WRONG_ENDPOINT};

/// What ECS's operations are called behind.
pub(crate) const PREFIX: &str = "AmazonEC2ContainerServiceV20141113.";

/// The operation whose answer says what deploys a service.
const DESCRIBE_SERVICES: &str = "DescribeServices";

/// What a proxy puts into its requests, to know them where they come back to it or to another one: they would go round for ever.
const MARK: (&str, &str) = ("x-tideshift-proxy", "ecs");

/// Sends requests to ECS.
pub trait Ecs: Send + Sync + 'static {
    /// Sends one, once, in the name of who runs the proxy. Whatever ECS says is an answer, errors too.
    fn send(&self, request: Sent) -> impl Future<Output = Result<Answered, Unreached>> + Send;
}

/// A request to ECS, without what was only between the client and the proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Below the endpoint, from the slash on.
    pub path: String,
    /// Those that say something to ECS, with names in lower case; neither a host nor a signature.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What ECS answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// Its headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// The way to ECS of a proxy that has none.
#[derive(Debug)]
pub enum Nowhere {}

impl Ecs for Nowhere {
    async fn send(&self, _: Sent) -> Result<Answered, Unreached> {
        match *self {}
    }
}

/// The operation of ECS that a request calls; `None` where it calls another service's.
pub(crate) fn operation(request: &Request<'_>) -> Option<String> {
    let target = Protocol::of(request).target(request).ok()?;
    let operation = target.strip_prefix(PREFIX).filter(|_| request.method == "POST");
    operation.map(str::to_owned)
}

/// What a proxy that serves no ECS says.
pub(crate) fn not_served() -> Unreached {
    let message =
        "this proxy serves CodeDeploy and no ECS: start it with `tideshift proxy --ecs`, or unset AWS_ENDPOINT_URL_ECS";
    Unreached::new(400, "UnknownOperationException", message)
}

/// Whether a proxy sent a request.
pub(crate) fn is_of_a_proxy(request: &Request<'_>) -> bool {
    request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(MARK.0))
}

/// What is said to a request that a proxy sent.
pub(crate) fn sent_back() -> Unreached {
    let message = "AWS_ENDPOINT_URL_ECS, or endpoint_url in the profile, sends a proxy to a proxy: unset it where the proxy is started";
    Unreached::new(400, WRONG_ENDPOINT, message)
}

/// Forwards a request that calls this operation of ECS. `stack` says whose services are.
pub(crate) async fn forward(
    ecs: &impl Ecs,
    stack: &impl Invoke,
    operation: &str,
    request: &Request<'_>,
) -> Result<Answered, Unreached> {
    let mut headers = headers::travelling(request.headers.iter().copied());
    headers.push((MARK.0.to_owned(), MARK.1.to_owned()));
    let sent = Sent { path: request.path.to_owned(), headers, body: request.body.to_vec() };
    let mut answered = ecs.send(sent).await?;
    answered.headers =
        headers::travelling(answered.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    if operation == DESCRIBE_SERVICES && answered.status == 200 {
        let protocol = Protocol::of(request);
        let external = shown::external(protocol, &answered.body)?;
        let ours = groups::with_a_group(stack, external).await?;
        answered.body = shown::by_code_deploy(protocol, &answered.body, &ours);
    }
    Ok(answered)
}
