//! AWS through the stack's endpoint without an SDK, for tests and demos: JSON in, JSON out.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, Method};
use hyper::body::Bytes;
use serde::Deserialize as _;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::LocalError;
use crate::arn::{ACCOUNT, REGION};
use crate::health::Health;
use crate::http::{Answer, Http, Request, encoded};

/// Calls AWS operations at one endpoint.
#[derive(Debug, Clone)]
pub struct Client {
    http: Http,
    authority: String,
    /// Where there are some: as many calls are under way at once, and the others wait.
    doors: Option<Arc<Semaphore>>,
    /// What calls are signed with.
    access_key: String,
}

/// Whoever has no credentials of their own: nobody asks what they may do.
const ANYBODY: &str = "AKIATIDESHIFTLOCAL00";

/// What a function's invocation gave.
#[derive(Debug, Clone)]
pub struct InvokeResult {
    /// The HTTP status: 200 also for a function that failed.
    pub status: u16,
    /// `Unhandled`, where the function failed.
    pub function_error: Option<String>,
    /// The answer, or the error's description.
    pub payload: Value,
    /// The version that ran.
    pub executed_version: Option<String>,
    /// The last of the log, where it was asked for.
    pub log_tail: Option<String>,
}

/// What a load balancer answered.
#[derive(Debug, Clone)]
pub struct Page {
    /// The HTTP status.
    pub status: u16,
    /// The task definition of the task that answered, as `family:revision`; `None` where no task did.
    pub task_definition: Option<String>,
    /// The cookie to send the next time, where there is one.
    pub cookie: Option<String>,
    /// The body.
    pub body: String,
}

impl Client {
    /// A client of `http://host:port`.
    pub fn new(endpoint: &str) -> Self {
        let authority = endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Self { http: Http::new(), authority, doors: None, access_key: ANYBODY.to_owned() }
    }

    /// The same with credentials of its own.
    pub(crate) fn signing_as(self, access_key: &str) -> Self {
        Self { access_key: access_key.to_owned(), ..self }
    }

    /// The same, but with at most so many calls under way.
    pub(crate) fn with_doors(self, doors: usize) -> Self {
        Self { doors: Some(Arc::new(Semaphore::new(doors))), ..self }
    }

    /// Calls an operation of a JSON protocol: `("DynamoDB_20120810", "GetItem", …)`.
    pub async fn aws_json(&self, target: &str, operation: &str, input: &Value) -> Result<Value, LocalError> {
        let service = match target.split(['_', '.']).next().unwrap_or_default() {
            "DynamoDB" => "dynamodb",
            "AmazonSSM" => "ssm",
            "AWSStepFunctions" => "states",
            "AWSEvents" => "events",
            "Logs" => "logs",
            "CodeDeploy" => "codedeploy",
            "AmazonEC2ContainerServiceV20141113" => "ecs",
            "CodePipeline" => "codepipeline",
            "TrentService" => "kms",
            _ => "monitoring",
        };
        let mut headers = self.signed(service);
        let version = if matches!(service, "dynamodb" | "states" | "monitoring") { "1.0" } else { "1.1" };
        put(&mut headers, "content-type", &format!("application/x-amz-json-{version}"));
        put(&mut headers, "x-amz-target", &format!("{target}.{operation}"));
        let answer = self.send(Method::POST, "/", "", headers, input.to_string().into()).await?;
        accepted(operation, &answer)
    }

    /// Calls an operation of the query protocol (IAM, CloudFormation); gives the XML.
    pub async fn aws_query(&self, service: &str, parameters: &[(&str, &str)]) -> Result<String, LocalError> {
        let mut headers = self.signed(service);
        put(&mut headers, "content-type", "application/x-www-form-urlencoded; charset=utf-8");
        let body = parameters.iter().map(|(key, value)| format!("{}={}", encoded(key), encoded(value)));
        let body = body.collect::<Vec<_>>().join("&");
        let answer = self.send(Method::POST, "/", "", headers, body.into()).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        if answer.status.is_success() {
            return Ok(text);
        }
        let operation = parameters.iter().find(|(key, _)| *key == "Action").map_or("", |(_, value)| value);
        let told = answer.value();
        let said = |member: &str| {
            let in_xml = between(&text, &format!("<{member}>"), &format!("</{member}>"));
            in_xml.or_else(|| told["Error"][member].as_str()).unwrap_or_default().to_owned()
        };
        let (code, message) = (said("Code"), said("Message"));
        let status = answer.status.as_u16();
        Err(LocalError::Refused { operation: operation.to_owned(), status, code, message })
    }

    /// Calls an operation of ECS.
    pub async fn ecs(&self, operation: &str, input: &Value) -> Result<Value, LocalError> {
        self.aws_json("AmazonEC2ContainerServiceV20141113", operation, input).await
    }

    /// Calls an operation of Elastic Load Balancing; gives its result. Asks for JSON, which only a local AWS has.
    pub async fn elb(&self, operation: &str, parameters: &[(&str, &str)]) -> Result<Value, LocalError> {
        let mut all = vec![("Action", operation), ("Version", "2015-12-01"), ("ContentType", "JSON")];
        all.extend_from_slice(parameters);
        let said = self.aws_query("elasticloadbalancing", &all).await?;
        let mut answer = serde_json::from_str::<Value>(&said)
            .map_err(|error| LocalError::because(format!("{operation} did not answer in JSON"), error))?;
        let result = answer.pointer_mut(&format!("/{operation}Response/{operation}Result"));
        Ok(result.map(Value::take).unwrap_or_default())
    }

    /// GET through a listener of a load balancer: `("shop", 80, "/api/carts?page=2", &[("cookie", "…")])`.
    pub async fn visit(
        &self,
        load_balancer: &str,
        port: u16,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Page, LocalError> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let path = format!("/_tideshift/elb/{}/{port}{path}", encoded(load_balancer));
        let mut all = HeaderMap::new();
        headers.iter().for_each(|(name, value)| put(&mut all, name, value));
        let answer = self.send(Method::GET, &path, query, all, Bytes::new()).await?;
        let text = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
        let cookie = text("set-cookie").and_then(|cookie| cookie.split(';').next());
        Ok(Page {
            status: answer.status.as_u16(),
            task_definition: text("x-task-definition").map(ToOwned::to_owned),
            cookie: cookie.map(ToOwned::to_owned),
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        })
    }

    /// GET of the Lambda API, the query included: `/2015-03-31/functions/storefront/aliases/live`.
    pub async fn lambda_get(&self, path: &str) -> Result<Value, LocalError> {
        self.lambda(Method::GET, path, None).await
    }

    /// PUT of the Lambda API.
    pub async fn lambda_put(&self, path: &str, input: &Value) -> Result<Value, LocalError> {
        self.lambda(Method::PUT, path, Some(input)).await
    }

    /// POST of the Lambda API.
    pub async fn lambda_post(&self, path: &str, input: &Value) -> Result<Value, LocalError> {
        self.lambda(Method::POST, path, Some(input)).await
    }

    /// DELETE of the Lambda API.
    pub async fn lambda_delete(&self, path: &str) -> Result<Value, LocalError> {
        self.lambda(Method::DELETE, path, None).await
    }

    async fn lambda(&self, method: Method, path: &str, input: Option<&Value>) -> Result<Value, LocalError> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut headers = self.signed("lambda");
        put(&mut headers, "content-type", "application/json");
        let body = input.map(|input| Bytes::from(input.to_string())).unwrap_or_default();
        let answer = self.send(method.clone(), path, query, headers, body).await?;
        accepted(&format!("{method} {path}"), &answer)
    }

    /// Reads an alias.
    pub async fn get_alias(&self, function: &str, alias: &str) -> Result<Value, LocalError> {
        self.lambda_get(&format!("/2015-03-31/functions/{}/aliases/{}", encoded(function), encoded(alias))).await
    }

    /// Invokes a function and waits for its answer; the log's tail comes along.
    pub async fn invoke(
        &self,
        function: &str,
        qualifier: Option<&str>,
        payload: &Value,
    ) -> Result<InvokeResult, LocalError> {
        let mut headers = self.signed("lambda");
        put(&mut headers, "x-amz-log-type", "Tail");
        let path = format!("/2015-03-31/functions/{}/invocations", encoded(function));
        let query = qualifier.map(|qualifier| format!("Qualifier={}", encoded(qualifier))).unwrap_or_default();
        let answer = self.send(Method::POST, &path, &query, headers, payload.to_string().into()).await?;
        let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
        if !answer.status.is_success() {
            return Err(refused("Invoke", &answer));
        }
        let log_tail = header("x-amz-log-result")
            .and_then(|log| STANDARD.decode(log).ok())
            .map(|log| String::from_utf8_lossy(&log).into_owned());
        Ok(InvokeResult {
            status: answer.status.as_u16(),
            function_error: header("x-amz-function-error"),
            payload: answer.value(),
            executed_version: header("x-amz-executed-version"),
            log_tail,
        })
    }

    /// Creates or replaces an alarm (`PutMetricAlarm`'s members).
    pub async fn put_metric_alarm(&self, alarm: &Value) -> Result<(), LocalError> {
        self.aws_json("GraniteServiceVersion20100801", "PutMetricAlarm", alarm).await.map(drop)
    }

    /// Sets an alarm's state: `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub async fn set_alarm_state(&self, alarm: &str, state: &str, reason: &str) -> Result<(), LocalError> {
        let input = json!({ "AlarmName": alarm, "StateValue": state, "StateReason": reason });
        self.aws_json("GraniteServiceVersion20100801", "SetAlarmState", &input).await.map(drop)
    }

    /// Creates or replaces an alarm on logs.
    pub async fn put_log_alarm(&self, alarm: &Value) -> Result<(), LocalError> {
        self.aws_json("GraniteServiceVersion20100801", "PutLogAlarm", alarm).await.map(drop)
    }

    /// Reads an alarm, of whatever kind; `None` where there is no such.
    pub async fn describe_alarm(&self, alarm: &str) -> Result<Option<Value>, LocalError> {
        let kinds = ["MetricAlarm", "CompositeAlarm", "LogAlarm"];
        let input = json!({ "AlarmNames": [alarm], "AlarmTypes": kinds });
        let mut answer = self.aws_json("GraniteServiceVersion20100801", "DescribeAlarms", &input).await?;
        let members = kinds.map(|kind| format!("{kind}s"));
        Ok(members.iter().find_map(|member| answer[member].as_array_mut().and_then(Vec::pop)))
    }

    /// Creates or replaces a parameter; `kind` is `String` or `SecureString`.
    pub async fn put_parameter(&self, name: &str, value: &str, kind: &str) -> Result<(), LocalError> {
        let input = json!({ "Name": name, "Value": value, "Type": kind, "Overwrite": true });
        self.aws_json("AmazonSSM", "PutParameter", &input).await.map(drop)
    }

    /// Puts a function's version into a state: `Pending`, `Inactive` or `Failed`; `None` is active again.
    pub async fn set_version_state(
        &self,
        function: &str,
        version: &str,
        state: Option<&str>,
    ) -> Result<(), LocalError> {
        let order = json!({ "function": function, "version": version, "state": state });
        self.post("/_tideshift/states", &order).await.map(drop)
    }

    /// Starts an execution; gives its ARN.
    pub async fn start_execution(&self, machine: &str, name: &str, input: &str) -> Result<String, LocalError> {
        let input = json!({ "stateMachineArn": machine_arn(machine), "name": name, "input": input });
        let answer = self.aws_json("AWSStepFunctions", "StartExecution", &input).await?;
        Ok(answer["executionArn"].as_str().unwrap_or_default().to_owned())
    }

    /// Stops an execution.
    pub async fn stop_execution(&self, execution: &str) -> Result<(), LocalError> {
        let input = json!({ "executionArn": execution });
        self.aws_json("AWSStepFunctions", "StopExecution", &input).await.map(drop)
    }

    /// Reads an execution.
    pub async fn describe_execution(&self, execution: &str) -> Result<Value, LocalError> {
        self.aws_json("AWSStepFunctions", "DescribeExecution", &json!({ "executionArn": execution })).await
    }

    /// The whole history of an execution, all pages of it.
    pub async fn execution_history(&self, execution: &str) -> Result<Vec<Value>, LocalError> {
        let mut events = Vec::new();
        let mut input = json!({ "executionArn": execution, "maxResults": 1000, "includeExecutionData": true });
        loop {
            let mut page = self.aws_json("AWSStepFunctions", "GetExecutionHistory", &input).await?;
            events.append(page["events"].as_array_mut().unwrap_or(&mut Vec::new()));
            match page["nextToken"].take() {
                Value::String(token) => input["nextToken"] = token.into(),
                _ => return Ok(events),
            }
        }
    }

    /// Hands a request on as it is; no answer is an answer, too.
    pub(crate) async fn pass(&self, request: Request) -> Answer {
        self.forward(request).await.unwrap_or_else(|error| Answer::of(&error))
    }

    async fn forward(&self, request: Request) -> Result<Answer, LocalError> {
        let _through = match &self.doors {
            Some(doors) => doors.acquire().await.ok(),
            None => None,
        };
        self.http.send(&self.authority, request).await
    }

    /// Sends a request of any kind; the answer is as it comes.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        query: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, LocalError> {
        self.forward(Request { method, path: path.to_owned(), query: query.to_owned(), headers, body }).await
    }

    /// GET of anything the endpoint has: `/_tideshift/observed`.
    pub async fn get(&self, path: &str) -> Result<Value, LocalError> {
        let answer = self.send(Method::GET, path, "", HeaderMap::new(), Bytes::new()).await?;
        accepted(path, &answer)
    }

    /// How the stack is.
    pub async fn health(&self) -> Result<Health, LocalError> {
        let path = "/_tideshift/health";
        let told = self.get(path).await?;
        Health::deserialize(told).map_err(|error| LocalError::because(format!("{path} is not understood"), error))
    }

    /// Has the tasks of a task set, named by its ARN, end as if by themselves, and stay away.
    pub async fn die(&self, task_set: &str) -> Result<(), LocalError> {
        self.post("/_tideshift/deaths", &json!({ "taskSet": task_set })).await.map(drop)
    }

    pub(crate) async fn post(&self, path: &str, input: &Value) -> Result<Value, LocalError> {
        let mut headers = HeaderMap::new();
        put(&mut headers, "content-type", "application/json");
        let answer = self.send(Method::POST, path, "", headers, input.to_string().into()).await?;
        accepted(path, &answer)
    }
}

/// The ARN of a state machine, given it or its name.
fn machine_arn(machine: &str) -> String {
    if machine.starts_with("arn:") {
        return machine.to_owned();
    }
    format!("arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{machine}")
}

/// What lies between two marks.
pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(inner, _)| inner)
}

/// Puts a header in, where its value can be one.
pub(crate) fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

impl Client {
    /// moto finds the service in the signature's scope, and the stack whose credentials they are; nobody checks the rest.
    pub(crate) fn signed(&self, service: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let scope = format!("{}/20260101/{REGION}/{service}/aws4_request", self.access_key);
        let value = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={:064}", 0);
        put(&mut headers, "authorization", &value);
        headers
    }
}

fn accepted(operation: &str, answer: &Answer) -> Result<Value, LocalError> {
    if answer.status.is_success() {
        return Ok(answer.value());
    }
    Err(refused(operation, answer))
}

/// What a service that speaks JSON has against an operation.
pub(crate) fn refused(operation: &str, answer: &Answer) -> LocalError {
    let body = answer.value();
    let header = answer.headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
    let code = body["__type"].as_str().or(header).or(body["code"].as_str()).unwrap_or("Unknown");
    let message = body["message"].as_str().or(body["Message"].as_str());
    let text = String::from_utf8_lossy(&answer.body);
    LocalError::Refused {
        operation: operation.to_owned(),
        status: answer.status.as_u16(),
        code: code.rsplit('#').next().unwrap_or(code).split(':').next().unwrap_or(code).to_owned(),
        message: message.map_or_else(|| text.chars().take(500).collect(), ToOwned::to_owned),
    }
}
