//! The world as CodePipeline, and what it needs beside: artifacts in S3, and ECS that registers task definitions.

use std::collections::BTreeMap;

use rollout::ids::{DeploymentId, JobId, TaskDefinition};
use rollout::pipeline::Fault;
use rollout::pipeline::archive::Span;
use rollout::pipeline::silence::Question;
use rollout::service::preflight::{DefinitionFacts, Ports};
use serde_json::Value;
use steps::ports::{
    AnswerJobs, Answered, ArtifactKeys, ArtifactPlace, JobDetails, KeepQuestions, Part, Piece, PortError,
    ReadArtifacts, ReadQuestions, RegisterTaskDefinitions,
};

use crate::shop::definition;
use crate::state::State;
use crate::state::objects::e_tag;
use crate::state::pipelines::Said;
use crate::world::World;

impl World {
    /// The credentials that may read artifacts from now on, by their id; without this, any may.
    pub fn lends_artifacts_to(&self, id: &str) {
        self.state().pipelines.readers = Some(id.to_owned());
    }

    /// CodePipeline takes no answers for a job any more.
    pub fn abandon_job(&self, job: &str) {
        self.state().pipelines.over.insert(job.to_owned());
    }

    /// What CodePipeline was told of its jobs, in order.
    pub fn job_answers(&self) -> Vec<Said> {
        self.state().pipelines.said.clone()
    }

    /// The task definitions that were registered, in order.
    pub fn registered(&self) -> Vec<Value> {
        self.state().pipelines.registered.clone()
    }

    /// How many executions were started, whatever became of them.
    pub fn executions_started(&self) -> usize {
        self.state().executions.len()
    }

    /// How many bytes of artifacts were fetched.
    pub fn bytes_of_artifacts(&self) -> u64 {
        self.state().pipelines.fetched
    }

    /// The last question of a deployment's pipeline.
    pub fn question_of(&self, id: &DeploymentId) -> Option<Question> {
        self.state().table.questions.get(id).cloned()
    }
}

impl ReadArtifacts for World {
    async fn artifact(&self, place: &ArtifactPlace, keys: &ArtifactKeys, part: &Part) -> Result<Piece, PortError> {
        self.call("artifact", |state, _| {
            if state.pipelines.readers.as_ref().is_some_and(|id| *id != keys.id) {
                return Err(PortError::Denied("GetObject: AccessDenied: Access Denied".to_owned()));
            }
            let versions = state.objects.get(&(place.bucket.clone(), place.key.clone()));
            let object = versions.and_then(|versions| versions.last());
            let object = object.ok_or_else(|| PortError::Missing("GetObject: NoSuchKey: no such key".to_owned()))?;
            let (total, tag) = (object.len() as u64, e_tag(object));
            let (from, length) = match part {
                Part::Last(length) => (total.saturating_sub(*length), *length),
                Part::At(_, Some(wanted)) if *wanted != tag => return Ok(Piece::Changed),
                Part::At(Span { from, length }, _) => (*from, *length),
            };
            let at = |byte: u64| usize::try_from(byte.min(total)).unwrap_or(usize::MAX);
            let bytes = object.get(at(from)..at(from + length)).unwrap_or_default().to_vec();
            state.pipelines.fetched += bytes.len() as u64;
            Ok(Piece::Read { bytes, from, total, e_tag: Some(tag) })
        })
        .await
    }
}

/// A job that is over takes no answer, and neither does one that nobody knows.
fn say(state: &mut State, job: &JobId, said: Said) -> Answered {
    if state.pipelines.over.contains(job.as_str()) {
        return Answered::TooLate;
    }
    if !matches!(said, Said::GoesOn { .. }) {
        state.pipelines.over.insert(job.to_string());
    }
    state.pipelines.said.push(said);
    Answered::Taken
}

impl AnswerJobs for World {
    async fn continue_job(&self, job: &JobId, token: &str, details: &JobDetails) -> Result<Answered, PortError> {
        self.call("continue_job", |state, _| {
            let said = Said::GoesOn { job: job.to_string(), token: token.to_owned(), details: details.clone() };
            Ok(say(state, job, said))
        })
        .await
    }

    async fn succeed_job(
        &self,
        job: &JobId,
        details: &JobDetails,
        variables: &BTreeMap<String, String>,
    ) -> Result<Answered, PortError> {
        self.call("succeed_job", |state, _| {
            let variables = variables.clone();
            Ok(say(state, job, Said::Succeeded { job: job.to_string(), details: details.clone(), variables }))
        })
        .await
    }

    async fn fail_job(
        &self,
        job: &JobId,
        fault: &Fault,
        deployment: Option<&DeploymentId>,
    ) -> Result<Answered, PortError> {
        self.call("fail_job", |state, _| {
            let said = Said::Failed { job: job.to_string(), fault: fault.clone(), deployment: deployment.cloned() };
            Ok(say(state, job, said))
        })
        .await
    }
}

impl RegisterTaskDefinitions for World {
    /// Each time a revision more; its containers are those of the request.
    async fn register(&self, request: &Value) -> Result<TaskDefinition, PortError> {
        self.call("register", |state, _| {
            let family = request["family"].as_str().unwrap_or_default();
            let number = (1..).find(|number| !state.fleet.definitions.contains_key(&format!("{family}:{number}")));
            let name = format!("{family}:{}", number.unwrap_or_default());
            let containers = request["containerDefinitions"].as_array().into_iter().flatten().map(|container| {
                let ports = container["portMappings"].as_array().into_iter().flatten();
                let ports = ports.filter_map(|port| u16::try_from(port["containerPort"].as_u64()?).ok()).collect();
                (container["name"].as_str().unwrap_or_default().to_owned(), Ports::tcp(ports))
            });
            let facts = DefinitionFacts {
                arn: definition(&name),
                active: true,
                awsvpc: true,
                containers: containers.collect(),
                fit_for: Vec::new(),
            };
            state.fleet.definitions.insert(name.clone(), facts);
            state.pipelines.registered.push(request.clone());
            Ok(definition(&name))
        })
        .await
    }
}

impl KeepQuestions for World {
    async fn keep_question(&self, id: &DeploymentId, question: &Question) -> Result<(), PortError> {
        self.call("keep_question", |state, _| {
            state.table.questions.insert(id.clone(), question.clone());
            Ok(())
        })
        .await
    }
}

impl ReadQuestions for World {
    async fn question(&self, id: &DeploymentId) -> Result<Option<Question>, PortError> {
        self.call("question", |state, _| Ok(state.table.questions.get(id).cloned())).await
    }
}
