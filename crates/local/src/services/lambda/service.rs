//! The operations of Lambda. Those that are not named here are moto's, and may have changed a configuration.

use std::sync::Arc;

use super::dead_letters::DeadLetters;
use super::functions::Functions;
use super::invocation::invocation;
use super::provisioned::Provisioned;
use super::slots::account_settings;
use super::tags::{FunctionTags, may_change};
use crate::arn::FunctionRef;
use crate::call::{Call, Elsewhere};
use crate::client::Client;
use crate::http::Answer;
use crate::memory::{Forgets as _, Memory};
use crate::observed::Observed;
use crate::service::{Answering, Service};

/// The path of GetAccountSettings, which moto does not have.
const ACCOUNT_SETTINGS: &str = "/2016-08-19/account-settings";

/// Every call of Lambda.
pub(crate) struct Lambda {
    moto: Client,
    functions: Arc<Functions>,
    tags: Arc<FunctionTags>,
    provisioned: Provisioned,
    dead_letters: DeadLetters,
    observed: Arc<Observed>,
    memory: Arc<Memory>,
}

impl Service for Lambda {
    fn claims(&self, call: &Call) -> bool {
        call.service == "lambda"
    }

    fn answer(&self, call: Call) -> Answering<'_> {
        Box::pin(async move {
            let changes_tags = may_change(&call.request);
            let answer = match call.operation.as_str() {
                "PublishLayerVersion" => self.publish_layer(call).await,
                "" if call.request.path.trim_end_matches('/') == ACCOUNT_SETTINGS => {
                    account_settings(self.functions.host.settings.concurrency)
                }
                "" => self.moto.pass(call.request).await,
                _ => self.on_function(call).await,
            };
            if changes_tags {
                self.tags.forget();
            }
            answer
        })
    }
}

impl Lambda {
    /// Lambda in front of moto's.
    pub(crate) fn new(
        moto: Client,
        functions: Arc<Functions>,
        tags: Arc<FunctionTags>,
        observed: Arc<Observed>,
        memory: Arc<Memory>,
    ) -> Self {
        let (provisioned, dead_letters) = (Provisioned::default(), DeadLetters::default());
        Self { moto, functions, tags, provisioned, dead_letters, observed, memory }
    }

    async fn on_function(&self, call: Call) -> Answer {
        let Some(function) = call.function.clone() else { return self.moto.pass(call.request).await };
        if let Some(refusal) = call.elsewhere.as_ref().map(Elsewhere::refusal) {
            return refusal;
        }
        let name = function.name.as_str();
        match call.operation.as_str() {
            "InvokeFunction" => invocation(&self.functions, call, function).await,
            "GetAlias" | "ListAliases" | "CreateAlias" | "UpdateAlias" | "DeleteAlias" => {
                self.on_alias(&call, name).await
            }
            "CreateFunction" | "UpdateFunctionCode" => self.upload(call, name).await,
            "PublishVersion" => self.publish(call, name).await,
            "DeleteFunction" => self.delete(call, &function).await,
            "PutProvisionedConcurrencyConfig" if self.is_split(&function).await => {
                let message = "Alias with weights can not be used with Provisioned Concurrency";
                Answer::error(400, "InvalidParameterValueException", message)
            }
            operation if operation.contains("ProvisionedConcurrency") => {
                let exists = self.functions.resolve(&function).await.is_ok();
                self.provisioned.answer(&function, exists, self.functions.host.settings.concurrency, &call)
            }
            "GetFunctionConfiguration" => self.configuration(&function).await,
            operation => {
                let reads = operation.starts_with("Get") || operation.starts_with("List");
                self.dead_letters.note(name, &call.input);
                let answer = self.moto.pass(call.request).await;
                if !reads {
                    self.functions.host.forget_configurations();
                }
                answer
            }
        }
    }

    async fn on_alias(&self, call: &Call, name: &str) -> Answer {
        let (aliases, host) = (&self.functions.aliases, &self.functions.host);
        let alias = call.alias.as_deref().unwrap_or_default();
        match call.operation.as_str() {
            "GetAlias" => aliases.answer_get(&self.moto, name, alias).await,
            "ListAliases" => aliases.answer_list(&self.moto, name).await,
            "CreateAlias" => aliases.answer_create(host, name, call, &self.dead_letters).await,
            "UpdateAlias" => aliases.answer_update(host, name, alias, call, &self.dead_letters, &self.observed).await,
            _ => aliases.answer_delete(&self.moto, name, alias).await,
        }
    }

    async fn publish(&self, call: Call, name: &str) -> Answer {
        let answer = self.moto.pass(call.request).await;
        if answer.status.is_success() {
            self.functions.host.code.publish(name, &answer.value());
            self.dead_letters.publish(name, &answer.value());
        }
        answer
    }

    async fn delete(&self, call: Call, function: &FunctionRef) -> Answer {
        let answer = self.moto.pass(call.request).await;
        if answer.status.is_success() {
            self.provisioned.forget(function);
        }
        if answer.status.is_success() && function.qualifier.is_none() {
            self.functions.host.code.forget(&function.name);
        }
        self.memory.forget();
        answer
    }

    /// Whether it is an alias that divides its calls.
    async fn is_split(&self, function: &FunctionRef) -> bool {
        let Some(qualifier) = &function.qualifier else { return false };
        let alias = self.functions.aliases.get(&self.moto, &function.name, qualifier).await;
        let weights = alias.map(|alias| alias["RoutingConfig"]["AdditionalVersionWeights"].clone()).unwrap_or_default();
        weights.as_object().is_some_and(|weights| !weights.is_empty())
    }

    /// GetFunctionConfiguration: of the version that a qualifier means, named as it was asked for.
    async fn configuration(&self, function: &FunctionRef) -> Answer {
        let version = match self.functions.resolve(function).await {
            Ok(target) => target.version,
            Err(refusal) => return *refusal,
        };
        let mut configuration = match self.functions.host.configuration(&function.name, &version).await {
            Ok(configuration) => (*configuration).clone(),
            Err(error) => return Answer::of(&error),
        };
        self.dead_letters.show(&mut configuration);
        self.functions.host.states.show(&function.name, &version, &mut configuration);
        configuration["FunctionArn"] = function.arn().into();
        Answer::json(200, &configuration)
    }

    async fn upload(&self, call: Call, name: &str) -> Answer {
        let input = call.input.clone();
        let zip = call.input["Code"]["ZipFile"].as_str().or(call.text("ZipFile")).map(ToOwned::to_owned);
        let answer = self.moto.pass(call.request).await;
        self.functions.host.forget_configurations();
        if !answer.status.is_success() {
            return answer;
        }
        if let Some(zip) = zip
            && let Err(error) = self.functions.host.code.upload(name, &zip)
        {
            return Answer::error(400, "InvalidParameterValueException", &error.to_string());
        }
        self.dead_letters.note(name, &input);
        self.dead_letters.publish(name, &answer.value());
        self.functions.host.code.publish(name, &answer.value());
        answer
    }

    async fn publish_layer(&self, call: Call) -> Answer {
        let zip = call.input["Content"]["ZipFile"].as_str().map(ToOwned::to_owned);
        let answer = self.moto.pass(call.request).await;
        let published = answer.value();
        if let (Some(arn), Some(zip)) = (published["LayerVersionArn"].as_str(), zip)
            && let Err(error) = self.functions.host.layers.publish(arn, &zip)
        {
            return Answer::error(400, "InvalidParameterValueException", &error.to_string());
        }
        answer
    }
}
