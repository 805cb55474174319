//! The one endpoint: what each request becomes. Whatever is not named here is moto's.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::alias::answer_error;
use crate::arn::FunctionRef;
use crate::call::Call;
use crate::door;
use crate::elb;
use crate::elsewhere::Elsewhere;
use crate::events;
use crate::executions;
use crate::faults::{Fault, throttled};
use crate::gateway::Gateway;
use crate::http::{Answer, Handler, Request};
use crate::iam::{self, Need};
use crate::lambda::{Order, account_settings};

/// The path of GetAccountSettings, which moto does not have.
const ACCOUNT_SETTINGS: &str = "/2016-08-19/account-settings";

impl Handler for Gateway {
    async fn handle(self: Arc<Self>, request: Request) -> Option<Answer> {
        // In a task of its own: a caller that is killed must not leave a write half made.
        tokio::spawn(self.answer(request)).await.ok().flatten()
    }
}

impl Gateway {
    async fn answer(self: Arc<Self>, request: Request) -> Option<Answer> {
        if let Some(address) = request.path.strip_prefix("/_tideshift/elb/").map(ToOwned::to_owned) {
            return Some(self.balance(request, &address).await);
        }
        if request.path.starts_with("/_tideshift/") {
            return Some(self.own(&request).await);
        }
        let mut call = Call::read(request);
        call.caller = call.access_key().and_then(|key| self.host.caller(key));
        let wire = call.wire;
        let answer = self.checked(call).await?;
        Some(wire.dress(answer))
    }

    /// IAM and faults, around the service's own answer.
    async fn checked(self: Arc<Self>, call: Call) -> Option<Answer> {
        if let Some(refusal) = self.refusal(&call).await {
            return Some(refusal);
        }
        let (rule, fault) = self.faults.decide(&call).unzip();
        match &fault {
            Some(Fault::Refuse { status, code, message }) => {
                return Some(Answer::refused(&call.service, *status, code, message));
            }
            Some(Fault::Throttle) => return Some(throttled(&call.service)),
            Some(Fault::Delay(milliseconds)) => tokio::time::sleep(Duration::from_millis(*milliseconds)).await,
            Some(Fault::Hold) => self.faults.released(rule.unwrap_or_default()).await,
            Some(Fault::KillCallerBefore) => {
                call.caller.iter().for_each(|caller| self.host.kill(caller));
                return None;
            }
            Some(Fault::ApplyThenDrop | Fault::KillCallerAfter) | None => {}
        }
        let caller = call.caller.clone();
        let answer = self.served(call).await;
        match fault {
            Some(Fault::ApplyThenDrop) => None,
            Some(Fault::KillCallerAfter) => {
                caller.iter().for_each(|caller| self.host.kill(caller));
                None
            }
            _ => Some(answer),
        }
    }

    /// What the caller's role does not allow.
    async fn refusal(&self, call: &Call) -> Option<Answer> {
        let caller = call.caller.as_ref().filter(|caller| self.host.is_ours(&caller.function))?;
        let by_service = matches!(call.service.as_str(), "ecs" | elb::SERVICE);
        let mut needs = iam::needs(call, &self.executions.machines());
        if needs.is_empty() && !by_service {
            return None;
        }
        let config = match self.host.configuration(&caller.function, "$LATEST").await {
            Ok(config) => config,
            Err(error) => return Some(answer_error(&error)),
        };
        let role = config["Role"].as_str().unwrap_or_default();
        let statements = match self.iam.statements(&self.moto, role).await {
            Ok(statements) => statements,
            // Neither allowed nor refused: the caller may ask again.
            Err(error) => return Some(answer_error(&error)),
        };
        if by_service {
            needs = self.service_needs(call, iam::ask_for_tags(&statements)).await;
        } else if call.service == "lambda" && iam::ask_for_tags(&statements) {
            self.tag_functions(&mut needs).await;
        }
        if iam::one_will_do(call) && needs.iter().any(|need| iam::allows(&statements, need)) {
            return None;
        }
        let Need { action, resource, .. } = needs.iter().find(|need| !iam::allows(&statements, need))?;
        self.observed.denial(format!("{} {action} {resource}", caller.function));
        let message = iam::refusal(role, &caller.function, action, resource);
        let (status, code) = match call.service.as_str() {
            "s3" | elb::SERVICE => (403, "AccessDenied"),
            "lambda" => (403, "AccessDeniedException"),
            _ => (400, "AccessDeniedException"),
        };
        Some(Answer::refused(&call.service, status, code, &message))
    }

    async fn served(self: &Arc<Self>, call: Call) -> Answer {
        let reads = ["Describe", "Get", "List"].iter().any(|verb| call.operation.starts_with(verb));
        match (call.service.as_str(), call.operation.as_str()) {
            (door::SERVICE, _) => self.codedeploy(&call.request).await,
            ("lambda", "PublishLayerVersion") => self.publish_layer(call).await,
            ("lambda", operation) => {
                let changes_tags = iam::may_change_tags(&call.request);
                let answer = match operation {
                    "" if call.request.path.trim_end_matches('/') == ACCOUNT_SETTINGS => {
                        account_settings(self.host.settings.concurrency)
                    }
                    "" => self.forward(call.request).await,
                    _ => self.lambda(call).await,
                };
                if changes_tags {
                    self.iam.forget_tags();
                }
                answer
            }
            ("cloudwatch", "SetAlarmState") => {
                let name = call.text("AlarmName").unwrap_or_default().to_owned();
                let answer = self.set_alarm_state(&name, &call.input, true).await;
                // An old client speaks the query protocol and wants XML.
                if call.input.get("Action").is_some() { self.forward(call.request).await } else { answer }
            }
            ("cloudwatch", "PutLogAlarm") => self.alarms.on_logs.put(&call.input),
            ("cloudwatch", "DescribeAlarms") => {
                let answer = self.forward(call.request.clone()).await;
                match answer.value() {
                    found @ Value::Object(_) if answer.status.is_success() => {
                        Answer::json(200, &self.alarms.on_logs.described(&call.input, found))
                    }
                    _ => answer,
                }
            }
            ("cloudwatch", _) if !reads => {
                if call.operation == "DeleteAlarms" {
                    self.alarms.on_logs.delete(&call.input);
                }
                let answer = self.forward(call.request).await;
                self.alarms.forget();
                answer
            }
            ("events", "PutEvents") => {
                let entries = events::entries(&call.input);
                let answer = self.forward(call.request).await;
                if answer.status.is_success() {
                    for event in entries {
                        events::publish(self, event).await;
                    }
                }
                answer
            }
            ("logs", "FilterLogEvents") => self.host.printed.filter(&self.moto, &call.input).await,
            ("states", "StartExecution") => {
                let input = call.text("input").unwrap_or("{}").to_owned();
                let request = match executions::starting(call) {
                    Ok(request) => request,
                    Err(refusal) => return *refusal,
                };
                let answer = self.forward(request).await;
                let body = answer.value();
                if let Some(execution) = body["executionArn"].as_str().filter(|_| answer.status.is_success())
                    && self.executions.started(execution)
                {
                    let seen = json!({ "status": "RUNNING", "startDate": body["startDate"], "input": input });
                    events::publish(self, executions::status_change(execution, &seen)).await;
                }
                answer
            }
            ("states", "StopExecution") => {
                let answer = self.forward(call.request).await;
                self.executions.look();
                answer
            }
            ("dynamodb", _) => {
                let before = self.meter.before(&self.moto, &call).await;
                let answer = self.forward(call.request.clone()).await;
                if let Some(before) = before {
                    self.meter.after(&self.moto, &call, before, &answer).await;
                }
                answer
            }
            ("ecs", _) => self.ecs(call).await,
            (elb::SERVICE, "DescribeTargetHealth") => self.target_health(call).await,
            (elb::SERVICE, _) if !reads => {
                let request = call.request.clone();
                let answer = self.forward(request).await;
                self.balancers.written(&call);
                if answer.status.is_success()
                    && let Some(seen) = elb::listener_write(&call)
                {
                    self.observed.listener_write(seen);
                }
                answer
            }
            ("events" | "iam" | "cloudformation", _) if !reads => {
                let answer = self.forward(call.request).await;
                self.forget();
                answer
            }
            _ => self.forward(call.request).await,
        }
    }

    pub(crate) async fn forward(&self, request: Request) -> Answer {
        self.moto.forward(request).await.unwrap_or_else(|error| answer_error(&error))
    }

    /// Targets by address are tasks; others are whatever moto was told.
    async fn target_health(&self, call: Call) -> Answer {
        let groups = match self.balancers.groups(&self.moto).await {
            Ok(groups) => groups,
            Err(error) => return answer_error(&error),
        };
        match call.text("TargetGroupArn").and_then(|arn| groups.get(arn)) {
            Some(group) if group.target_type == "ip" => elb::describe(&call, group, &self.ecs),
            _ => self.forward(call.request).await,
        }
    }

    async fn lambda(self: &Arc<Self>, call: Call) -> Answer {
        let Some(function) = call.function.clone() else { return self.forward(call.request).await };
        if let Some(refusal) = call.elsewhere.as_ref().map(Elsewhere::refusal) {
            return refusal;
        }
        let name = function.name.as_str();
        let alias = call.alias.clone().unwrap_or_default();
        match call.operation.as_str() {
            "InvokeFunction" => self.invocation(call, function).await,
            "GetAlias" => self.aliases.answer_get(&self.moto, name, &alias).await,
            "ListAliases" => self.aliases.answer_list(&self.moto, name).await,
            "CreateAlias" => self.aliases.answer_create(&self.host, name, &call, &self.dead_letters).await,
            "UpdateAlias" => {
                self.aliases.answer_update(&self.host, name, &alias, &call, &self.dead_letters, &self.observed).await
            }
            "DeleteAlias" => self.aliases.answer_delete(&self.moto, name, &alias).await,
            "CreateFunction" | "UpdateFunctionCode" => self.upload(call, name).await,
            "PublishVersion" => {
                let answer = self.forward(call.request).await;
                if answer.status.is_success() {
                    self.host.code.publish(name, &answer.value());
                    self.dead_letters.publish(name, &answer.value());
                }
                answer
            }
            "DeleteFunction" => {
                let answer = self.forward(call.request).await;
                if answer.status.is_success() {
                    self.provisioned.forget(&function);
                }
                if answer.status.is_success() && function.qualifier.is_none() {
                    self.host.code.forget(name);
                }
                self.forget();
                answer
            }
            "PutProvisionedConcurrencyConfig" if self.is_split(&function).await => {
                let message = "Alias with weights can not be used with Provisioned Concurrency";
                Answer::error(400, "InvalidParameterValueException", message)
            }
            operation if operation.contains("ProvisionedConcurrency") => {
                let exists = self.resolve(&function).await.is_ok();
                self.provisioned.answer(&function, exists, self.host.settings.concurrency, &call)
            }
            "GetFunctionConfiguration" => self.configuration(&function).await,
            operation => {
                let reads = operation.starts_with("Get") || operation.starts_with("List");
                self.dead_letters.note(name, &call.input);
                let answer = self.forward(call.request).await;
                if !reads {
                    self.host.forget_configurations();
                }
                answer
            }
        }
    }

    /// Whether it is an alias that divides its calls.
    async fn is_split(&self, function: &FunctionRef) -> bool {
        let Some(qualifier) = &function.qualifier else { return false };
        let alias = self.aliases.get(&self.moto, &function.name, qualifier).await;
        let weights = alias.map(|alias| alias["RoutingConfig"]["AdditionalVersionWeights"].clone()).unwrap_or_default();
        weights.as_object().is_some_and(|weights| !weights.is_empty())
    }

    /// GetFunctionConfiguration: of the version that a qualifier means, named as it was asked for.
    async fn configuration(&self, function: &FunctionRef) -> Answer {
        let version = match self.resolve(function).await {
            Ok(target) => target.version,
            Err(refusal) => return *refusal,
        };
        let mut configuration = match self.host.configuration(&function.name, &version).await {
            Ok(configuration) => (*configuration).clone(),
            Err(error) => return answer_error(&error),
        };
        self.dead_letters.show(&mut configuration);
        self.host.states.show(&function.name, &version, &mut configuration);
        configuration["FunctionArn"] = function.arn().into();
        Answer::json(200, &configuration)
    }

    async fn upload(&self, call: Call, name: &str) -> Answer {
        let input = call.input.clone();
        let zip = call.input["Code"]["ZipFile"].as_str().or(call.text("ZipFile")).map(ToOwned::to_owned);
        let answer = self.forward(call.request).await;
        self.host.forget_configurations();
        if !answer.status.is_success() {
            return answer;
        }
        if let Some(zip) = zip
            && let Err(error) = self.host.code.upload(name, &zip)
        {
            return Answer::error(400, "InvalidParameterValueException", &error.to_string());
        }
        self.dead_letters.note(name, &input);
        self.dead_letters.publish(name, &answer.value());
        self.host.code.publish(name, &answer.value());
        answer
    }

    async fn publish_layer(&self, call: Call) -> Answer {
        let zip = call.input["Content"]["ZipFile"].as_str().map(ToOwned::to_owned);
        let answer = self.forward(call.request).await;
        let published = answer.value();
        if let (Some(arn), Some(zip)) = (published["LayerVersionArn"].as_str(), zip)
            && let Err(error) = self.host.layers.publish(arn, &zip)
        {
            return Answer::error(400, "InvalidParameterValueException", &error.to_string());
        }
        answer
    }

    async fn invocation(self: &Arc<Self>, call: Call, function: FunctionRef) -> Answer {
        let header = |name: &str| call.request.header(name).unwrap_or_default().to_owned();
        let payload = if call.request.body.is_empty() { "{}".into() } else { call.request.body.clone() };
        if serde_json::from_slice::<serde::de::IgnoredAny>(&payload).is_err() {
            let message = "Could not parse request body into json";
            return Answer::error(400, "InvalidRequestContentException", message);
        }
        match header("x-amz-invocation-type").as_str() {
            "Event" => {
                if let Err(refusal) = self.resolve(&function).await {
                    return *refusal;
                }
                tokio::spawn(events::deliver(Arc::clone(self), function, payload));
                return Answer::empty(202);
            }
            "DryRun" => return self.resolve(&function).await.map_or_else(|refusal| *refusal, |_| Answer::empty(204)),
            _ => {}
        }
        let with_log = header("x-amz-log-type") == "Tail";
        let (outcome, version) = match self.invoke(&function, payload, with_log).await {
            Ok(ran) => ran,
            Err(refusal) => return *refusal,
        };
        let mut answer = Answer::empty(200)
            .with("content-type", "application/json")
            .with("x-amz-executed-version", &version)
            .with("x-amzn-requestid", &outcome.request_id);
        if outcome.failed {
            answer = answer.with("x-amz-function-error", "Unhandled");
        }
        if with_log {
            answer = answer.with("x-amz-log-result", &STANDARD.encode(&outcome.log_tail));
        }
        answer.body = outcome.payload;
        answer
    }

    /// The stack's own doors.
    async fn own(&self, request: &Request) -> Answer {
        let path = request.path.trim_start_matches("/_tideshift/").trim_end_matches('/');
        match (request.method.as_str(), path) {
            ("GET", "health") => Answer::json(
                200,
                &json!({ "ok": true, "stack": self.stack, "endpoint": self.endpoint, "running": self.executions.running() }),
            ),
            ("GET", "observed") => Answer::json(200, &self.observed.document()),
            ("POST", "faults") => match serde_json::from_slice(&request.body) {
                Ok(rule) => Answer::json(201, &json!({ "id": self.faults.add(rule) })),
                Err(error) => Answer::error(400, "InvalidRule", &error.to_string()),
            },
            ("DELETE", "faults") => {
                self.faults.clear();
                Answer::empty(204)
            }
            ("POST", "deaths") => match serde_json::from_slice::<Value>(&request.body) {
                Ok(named) if self.ecs.die(named["taskSet"].as_str().unwrap_or_default()) => Answer::empty(204),
                Ok(_) => Answer::error(404, "NotFound", "there is no such task set"),
                Err(error) => Answer::error(400, "InvalidDeath", &error.to_string()),
            },
            ("POST", "states") => match serde_json::from_slice::<Order>(&request.body) {
                Ok(order) => match self.host.configuration(&order.function, &order.version).await {
                    Ok(_) => {
                        self.host.states.set(order);
                        Answer::empty(204)
                    }
                    Err(error) => answer_error(&error),
                },
                Err(error) => Answer::error(400, "InvalidState", &error.to_string()),
            },
            (method, path) => match path.strip_prefix("faults/").and_then(|id| id.parse().ok()) {
                Some(id) if method == "GET" => Answer::json(200, &json!({ "id": id, "hits": self.faults.hits(id) })),
                Some(id) if method == "DELETE" => {
                    self.faults.remove(id);
                    Answer::empty(204)
                }
                _ => Answer::error(404, "NotFound", "there are health, observed, faults, deaths, states and elb"),
            },
        }
    }
}
