//! What a request asks for: service, operation, target and caller, whichever protocol it came in.

mod codedeploy;
mod elsewhere;
mod lambda;

use http::Method;
use serde_json::{Map, Value};

pub(crate) use self::elsewhere::Elsewhere;
use crate::arn::FunctionRef;
use crate::cbor;
use crate::http::{Request, form};
use crate::wire::Wire;

/// CodeDeploy, as clients sign for it.
pub(crate) const CODEDEPLOY: &str = "codedeploy";

/// A process of one of the functions, known by the access key it was started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) function: String,
    pub(crate) access_key: String,
}

/// A request, understood.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) request: Request,
    /// As IAM names it: `dynamodb`, `lambda`, `ssm`, `states`, `cloudwatch`, `events`, `s3`, `ecs`, `codepipeline`,
    /// `elasticloadbalancing`.
    pub(crate) service: String,
    /// As the API names it; empty where it is not one we tell apart.
    pub(crate) operation: String,
    /// The body's members, also of a form.
    pub(crate) input: Value,
    /// For Lambda: the function meant.
    pub(crate) function: Option<FunctionRef>,
    /// For Lambda: where the function is, if its ARN names another place than this one.
    pub(crate) elsewhere: Option<Elsewhere>,
    /// For Lambda: the alias named in the path.
    pub(crate) alias: Option<String>,
    pub(crate) caller: Option<Caller>,
    /// The form the answer must have.
    pub(crate) wire: Wire,
}

impl Call {
    /// Reads a request; one in CBOR is turned into JSON on the way.
    pub(crate) fn read(mut request: Request) -> Self {
        let scope = credential(&request);
        let mut service = scope.map(|(_, service)| service.to_owned()).unwrap_or_default();
        let mut operation = String::new();
        let ours = codedeploy::is_meant(&request);
        // CodeDeploy's door answers CBOR itself.
        let mut wire = Wire::Json;
        if !ours && request.header("smithy-protocol") == Some("rpc-v2-cbor") {
            wire = Wire::Cbor;
            operation = request.path.rsplit('/').next().unwrap_or_default().to_owned();
            to_json(&mut request, &operation);
        }
        let mut input = serde_json::from_slice::<Value>(&request.body).unwrap_or(Value::Null);
        if let Some(target) = request.header("x-amz-target") {
            operation = target.rsplit('.').next().unwrap_or_default().to_owned();
            if service.is_empty() {
                service = service_of(target).to_owned();
            }
        } else if request
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
        {
            wire = Wire::Query;
            let members = form(&String::from_utf8_lossy(&request.body))
                .map(|(key, value)| (key, Value::String(value)))
                .collect::<Map<_, _>>();
            operation = members.get("Action").and_then(Value::as_str).unwrap_or_default().to_owned();
            input = Value::Object(members);
        }
        if service == "monitoring" {
            "cloudwatch".clone_into(&mut service);
        }
        if ours {
            CODEDEPLOY.clone_into(&mut service);
        }
        let mut call = Self {
            request,
            service,
            operation,
            input,
            function: None,
            elsewhere: None,
            alias: None,
            caller: None,
            wire,
        };
        match call.service.as_str() {
            _ if ours => {}
            "s3" => call.read_s3(),
            _ => call.read_lambda(),
        }
        call
    }

    /// The access key the request was signed with.
    pub(crate) fn access_key(&self) -> Option<&str> {
        credential(&self.request).map(|(key, _)| key)
    }

    /// Whether it only looks.
    pub(crate) fn reads(&self) -> bool {
        ["Describe", "Get", "List"].iter().any(|verb| self.operation.starts_with(verb))
    }

    /// A member of the body, as text.
    pub(crate) fn text(&self, member: &str) -> Option<&str> {
        self.input.get(member).and_then(Value::as_str)
    }

    /// S3 says in the path what is meant, here always `/bucket/key`: an endpoint that is an address has no buckets in its
    /// name. What is done with one object is told apart, since functions and pipelines are for that.
    fn read_s3(&mut self) {
        let key = self.request.path.trim_start_matches('/').split_once('/').map_or("", |(_, key)| key);
        let operation = match self.request.method {
            _ if key.is_empty() => return,
            Method::GET => "GetObject",
            Method::HEAD => "HeadObject",
            Method::PUT => "PutObject",
            _ => return,
        };
        operation.clone_into(&mut self.operation);
    }

    /// Lambda says in the path what is meant.
    fn read_lambda(&mut self) {
        let named = self.text("FunctionName").map(ToOwned::to_owned);
        let Some(meant) = lambda::read(&self.request, named.as_deref()) else { return };
        "lambda".clone_into(&mut self.service);
        meant.operation.clone_into(&mut self.operation);
        (self.function, self.elsewhere) = (meant.function, meant.elsewhere);
        self.alias = meant
            .alias
            .or_else(|| self.text("Name").filter(|_| meant.operation == "CreateAlias").map(ToOwned::to_owned));
    }
}

/// Access key and service of the signature.
fn credential(request: &Request) -> Option<(&str, &str)> {
    let header = request.header("authorization")?;
    let scope = header.split("Credential=").nth(1)?.split([',', ' ']).next()?;
    let mut parts = scope.split('/');
    let (key, service) = (parts.next()?, parts.nth(2)?);
    Some((key, service))
}

fn service_of(target: &str) -> &'static str {
    match target.split(['_', '.']).next().unwrap_or_default() {
        "DynamoDB" => "dynamodb",
        "AmazonSSM" => "ssm",
        "AWSStepFunctions" => "states",
        "AWSEvents" => "events",
        "GraniteServiceVersion20100801" => "cloudwatch",
        "AmazonEC2ContainerServiceV20141113" => "ecs",
        "CodePipeline" => "codepipeline",
        _ => "",
    }
}

/// moto has no CBOR: the same call in the JSON protocol, which CloudWatch and CodePipeline also have. The path is
/// `/service/CodePipeline_20150709/operation/GetPipeline`.
fn to_json(request: &mut Request, operation: &str) {
    let body = cbor::decode(&request.body).unwrap_or(Value::Null);
    request.body = body.to_string().into();
    let service = request.path.split('/').nth(2).unwrap_or_default();
    let target = format!("{service}.{operation}");
    "/".clone_into(&mut request.path);
    request.headers.remove("smithy-protocol");
    for (name, value) in [("x-amz-target", target.as_str()), ("content-type", "application/x-amz-json-1.0")] {
        if let Ok(value) = value.parse() {
            request.headers.insert(name, value);
        }
    }
    request.headers.remove("accept");
}
