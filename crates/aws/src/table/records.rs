//! Records of deployments, their plans and the tokens of what waits for them.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;
use rollout::deployment::Deployment;
use rollout::ids::DeploymentId;
use rollout::plan::Plan;
use serde_json::Value;
use steps::ports::{Loaded, PortError, ReadRequests, Records, TaskToken, WaitFor};

use super::item::{Item, deployment_key, expiring, keyed, number, string, text, value, with};
use crate::account::Account;
use crate::failure::table_error;

const RECORD: &str = "DEPLOYMENT";
const PLAN: &str = "DEPLOYMENT#PLAN";
const INTERRUPT: &str = "DEPLOYMENT#TOKEN#interrupt";
const CONTINUE: &str = "DEPLOYMENT#TOKEN#continue";
const TASK_SET: &str = "DEPLOYMENT#TOKEN#task-set";
const TURN: &str = "DEPLOYMENT#TOKEN#turn";

impl Records for Account {
    async fn load(&self, id: &DeploymentId) -> Result<Option<Loaded>, PortError> {
        let mut pages = self
            .dynamodb()
            .query()
            .table_name(&self.stack.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", text(deployment_key(id)))
            .expression_attribute_values(":sk", text(RECORD))
            .into_paginator()
            .items()
            .send();
        let (mut deployment, mut plan, mut tokens) = (None, None, BTreeMap::new());
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| table_error("Query", error))?;
            let token = || string(&item, "token").map(TaskToken);
            match string(&item, "sk").unwrap_or_default().as_str() {
                RECORD => deployment = Some(value::<Deployment>(item)?),
                PLAN => plan = Some(value::<Plan>(item)?),
                INTERRUPT => tokens.extend(token().map(|token| (WaitFor::Interrupt, token))),
                CONTINUE => tokens.extend(token().map(|token| (WaitFor::Continue, token))),
                TASK_SET => tokens.extend(token().map(|token| (WaitFor::TaskSet, token))),
                TURN => tokens.extend(token().map(|token| (WaitFor::Turn, token))),
                _ => {}
            }
        }
        Ok(deployment.map(|deployment| Loaded { deployment, plan, tokens }))
    }

    async fn create(&self, deployment: &Deployment, request: &Value) -> Result<(), PortError> {
        self.dynamodb()
            .put_item()
            .table_name(&self.stack.table)
            .set_item(Some(record(deployment)?))
            // The SDK sends it again where the answer was lost: then it finds its own.
            .condition_expression("attribute_not_exists(pk) OR (version = :version AND created = :created)")
            .expression_attribute_values(":version", number(deployment.version))
            .expression_attribute_values(":created", text(deployment.created.to_string()))
            .send()
            .await
            .map_err(|error| table_error("PutItem", error))?;
        let mut kept = keyed(deployment_key(&deployment.id), "REQUEST");
        kept.insert("request".to_owned(), text(request.to_string()));
        self.put(kept).await
    }

    async fn save(&self, deployment: &mut Deployment) -> Result<(), PortError> {
        let before = deployment.version;
        deployment.version = before + 1;
        let item = record(deployment)?;
        let saved = self
            .dynamodb()
            .put_item()
            .table_name(&self.stack.table)
            .set_item(Some(item.clone()))
            .condition_expression("version = :before")
            .expression_attribute_values(":before", number(before))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match saved {
            Ok(_) => Ok(()),
            // The SDK sends it again where the answer was lost: then it finds its own, and nobody was faster.
            Err(error) if found(&error) == Some(&item) => Ok(()),
            Err(error) => Err(table_error("PutItem", error)),
        }
    }

    async fn keep_plan(&self, id: &DeploymentId, plan: &Plan) -> Result<(), PortError> {
        self.dynamodb()
            .put_item()
            .table_name(&self.stack.table)
            .set_item(Some(with(keyed(deployment_key(id), PLAN), plan)?))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await
            .map(drop)
            .map_err(|error| table_error("PutItem", error))
    }

    async fn keep_token(
        &self,
        id: &DeploymentId,
        wait: WaitFor,
        token: &TaskToken,
        until: Timestamp,
    ) -> Result<(), PortError> {
        let sk = match wait {
            WaitFor::Interrupt => INTERRUPT,
            WaitFor::Continue => CONTINUE,
            WaitFor::TaskSet => TASK_SET,
            WaitFor::Turn => TURN,
        };
        let mut item = expiring(keyed(deployment_key(id), sk), until);
        item.insert("token".to_owned(), text(&token.0));
        self.put(item).await
    }
}

impl ReadRequests for Account {
    async fn request(&self, id: &DeploymentId) -> Result<Option<Value>, PortError> {
        let item = self.get(keyed(deployment_key(id), "REQUEST")).await?;
        Ok(item.and_then(|item| serde_json::from_str(&string(&item, "request")?).ok()))
    }
}

impl Account {
    pub(super) async fn put(&self, item: Item) -> Result<(), PortError> {
        let put = self.dynamodb().put_item().table_name(&self.stack.table).set_item(Some(item)).send().await;
        put.map(drop).map_err(|error| table_error("PutItem", error))
    }
}

/// The item that a conditional write found instead of what it expected.
fn found(error: &SdkError<PutItemError, HttpResponse>) -> Option<&Item> {
    match error.as_service_error()? {
        PutItemError::ConditionalCheckFailedException(refused) => refused.item(),
        _ => None,
    }
}

/// The record with the attributes the indexes are made of.
fn record(deployment: &Deployment) -> Result<Item, PortError> {
    let mut item = with(keyed(deployment_key(&deployment.id), RECORD), deployment)?;
    item.insert("status".to_owned(), text(deployment.phase.status().as_str()));
    if let Some(group) = deployment.labels.group_key() {
        item.insert("group".to_owned(), text(group));
    }
    // Fixed width, so that the index sorts by time.
    item.insert("created".to_owned(), text(format!("{:.9}", deployment.created)));
    item.retain(|_, value| !matches!(value, AttributeValue::Null(_)));
    Ok(item)
}
