//! What a request asks for: service, operation, target and caller, whichever protocol it came in.

use http::Method;
use serde_json::{Map, Value};

use crate::arn::FunctionRef;
use crate::cbor;
use crate::door;
use crate::elsewhere::Elsewhere;
use crate::http::{Request, decoded, form};
use crate::wire::Wire;

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
    /// As IAM names it: `dynamodb`, `lambda`, `ssm`, `states`, `cloudwatch`, `events`, `s3`, `ecs`,
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
        let ours = door::is_codedeploy(&request);
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
            door::SERVICE.clone_into(&mut service);
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

    /// A member of the body, as text.
    pub(crate) fn text(&self, member: &str) -> Option<&str> {
        self.input.get(member).and_then(Value::as_str)
    }

    /// S3 says in the path what is meant, here always `/bucket/key`: an endpoint that is an address has no buckets in its
    /// name. Reading an object is the one operation told apart, since it is the one that functions of ours are for.
    fn read_s3(&mut self) {
        let key = self.request.path.trim_start_matches('/').split_once('/').map_or("", |(_, key)| key);
        if self.request.method == Method::GET && !key.is_empty() {
            "GetObject".clone_into(&mut self.operation);
        }
    }

    fn read_lambda(&mut self) {
        let path = self.request.path.trim_end_matches('/').to_owned();
        let mut segments = path.trim_start_matches('/').split('/');
        let (dated, section) = (segments.next().unwrap_or_default(), segments.next());
        if !matches!(section, Some("functions" | "layers")) || !dated.starts_with("20") {
            return;
        }
        "lambda".clone_into(&mut self.service);
        let rest = segments.map(decoded).collect::<Vec<_>>();
        let rest = rest.iter().map(String::as_str).collect::<Vec<_>>();
        let method = &self.request.method;
        if section == Some("layers") {
            let publishes = matches!((method, rest.as_slice()), (&Method::POST, [_, "versions"]));
            if publishes { "PublishLayerVersion" } else { "" }.clone_into(&mut self.operation);
            return;
        }
        let operation = match (method, rest.as_slice()) {
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
            (&Method::GET, [_, "provisioned-concurrency"]) if self.request.query("List").is_some() => {
                "ListProvisionedConcurrencyConfigs"
            }
            (&Method::GET, [_, "provisioned-concurrency"]) => "GetProvisionedConcurrencyConfig",
            _ => "",
        };
        operation.clone_into(&mut self.operation);
        let named = rest.first().copied().or_else(|| self.input.get("FunctionName").and_then(Value::as_str));
        self.elsewhere = named.and_then(Elsewhere::read);
        self.function = named.map(|name| FunctionRef::parse(name, self.request.query("Qualifier")));
        if let [_, "aliases", alias] = rest.as_slice() {
            self.alias = Some((*alias).to_owned());
        } else if operation == "CreateAlias" {
            self.alias = self.text("Name").map(ToOwned::to_owned);
        }
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
        _ => "",
    }
}

/// moto has no CBOR: the same call in the JSON protocol, which CloudWatch also has.
fn to_json(request: &mut Request, operation: &str) {
    let body = cbor::decode(&request.body).unwrap_or(Value::Null);
    request.body = body.to_string().into();
    "/".clone_into(&mut request.path);
    request.headers.remove("smithy-protocol");
    let target = format!("GraniteServiceVersion20100801.{operation}");
    for (name, value) in [("x-amz-target", target.as_str()), ("content-type", "application/x-amz-json-1.0")] {
        if let Ok(value) = value.parse() {
            request.headers.insert(name, value);
        }
    }
    request.headers.remove("accept");
}
