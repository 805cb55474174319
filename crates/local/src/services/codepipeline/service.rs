//! The API: which operation it is, and how it is answered.

use std::sync::Arc;

use serde_json::{Value, json};

use super::book::Book;
use super::declaration::Pipeline;
use super::refusal::Refusal;
use super::run::Runner;
use super::{listing, operations, results};
use crate::call::Call;
use crate::client::Client;
use crate::http::Answer;
use crate::service::{Answering, Service};
use crate::services::iam::Sessions;

/// Every call of it.
pub(crate) struct CodePipeline {
    moto: Client,
    runner: Runner,
}

impl Service for CodePipeline {
    fn claims(&self, call: &Call) -> bool {
        call.service == "codepipeline"
    }

    fn answer(&self, call: Call) -> Answering<'_> {
        Box::pin(async move {
            match self.answered(&call.operation, &call.input).await {
                Ok(Some(answer)) => Answer::json(200, &answer),
                Ok(None) => Answer::empty(200),
                Err(refusal) => refusal.answer(),
            }
        })
    }
}

impl CodePipeline {
    /// CodePipeline that asks AWS at this endpoint.
    pub(crate) fn new(moto: Client, front: Client, book: Arc<Book>, sessions: Arc<Sessions>) -> Self {
        Self { moto, runner: Runner { book, sessions, front } }
    }

    fn run(&self, pipeline: &Pipeline, id: String) {
        tokio::spawn(self.runner.clone().run(pipeline.clone(), id));
    }

    async fn answered(&self, operation: &str, input: &Value) -> Result<Option<Value>, Refusal> {
        let book = &self.runner.book;
        Ok(Some(match operation {
            "CreatePipeline" => {
                let pipeline = operations::create(book, &self.moto, input).await?;
                if let Ok(id) = operations::first(book, &pipeline) {
                    self.run(&pipeline, id);
                }
                json!({ "pipeline": pipeline, "tags": input["tags"].as_array().cloned().unwrap_or_default() })
            }
            "GetPipeline" => operations::get(book, input)?,
            "UpdatePipeline" => operations::update(book, &self.moto, input).await?,
            "DeletePipeline" => return operations::delete(book, input).map(|()| None),
            "ListPipelines" => listing::pipelines(book, input)?,
            "StartPipelineExecution" => {
                let (id, fresh) = operations::start(book, input)?;
                if let Some(pipeline) = fresh {
                    self.run(&pipeline, id.clone());
                }
                json!({ "pipelineExecutionId": id })
            }
            "StopPipelineExecution" => operations::stop(book, input)?,
            "GetPipelineExecution" => listing::execution(book, input)?,
            "ListPipelineExecutions" => listing::executions(book, input)?,
            "GetPipelineState" => listing::state(book, input)?,
            "ListActionExecutions" => listing::actions(book, input)?,
            "PutJobSuccessResult" => return results::success(book, input).map(|()| None),
            "PutJobFailureResult" => return results::failure(book, input).map(|()| None),
            other => {
                let message = format!("the local stack does not play {other} of CodePipeline");
                return Err(Refusal::new("UnknownOperationException", message));
            }
        }))
    }
}
