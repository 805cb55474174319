//! Jobs of CodePipeline: their artifacts, read with the job's own credentials, and their answers (docs/codedeploy-contract.md 10.1).

use std::collections::BTreeMap;

use aws_sdk_codepipeline::error::ProvideErrorMetadata;
use aws_sdk_codepipeline::types::{ExecutionDetails, FailureDetails, FailureType};
use aws_sdk_s3::config::Credentials;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use rollout::ids::{DeploymentId, JobId};
use rollout::pipeline::Fault;
use rollout::pipeline::archive::Span;
use steps::ports::{
    AnswerJobs, Answered, ArtifactKeys, ArtifactPlace, JobDetails, Part, Piece, PortError, ReadArtifacts,
};

use crate::account::Account;
use crate::failure::{port_error, unreadable};

/// What CodePipeline says of a job that takes no answer any more.
const OVER: [&str; 2] = ["InvalidJobStateException", "JobNotFoundException"];

impl ReadArtifacts for Account {
    async fn artifact(&self, place: &ArtifactPlace, keys: &ArtifactKeys, part: &Part) -> Result<Piece, PortError> {
        let session = keys.session.as_ref().map(|session| session.0.clone());
        let lent = Credentials::new(&keys.id, &keys.secret.0, session, None, "the job of a pipeline");
        let config = aws_sdk_s3::config::Builder::from(&self.config).credentials_provider(lent).build();
        let client = aws_sdk_s3::Client::from_conf(config);
        let asked =
            client.get_object().bucket(&place.bucket).key(&place.key).range(range(part)).set_if_match(e_tag(part));
        let answer = match asked.send().await {
            Ok(answer) => answer,
            Err(error) => {
                return match error.raw_response().map_or(0, |response| response.status().as_u16()) {
                    412 => Ok(Piece::Changed),
                    // There is no last byte of an object that has none.
                    416 => Ok(Piece::Read { bytes: Vec::new(), from: 0, total: 0, e_tag: None }),
                    _ => Err(port_error("GetObject", error)),
                };
            }
        };
        read(answer, part).await
    }
}

/// The bytes that are wanted, as HTTP says it.
fn range(part: &Part) -> String {
    match part {
        Part::Last(length) => format!("bytes=-{length}"),
        Part::At(Span { from, length }, _) => format!("bytes={from}-{}", from + length.saturating_sub(1)),
    }
}

fn e_tag(part: &Part) -> Option<String> {
    match part {
        Part::At(_, Some(tag)) => Some(format!("\"{tag}\"")),
        Part::At(_, None) | Part::Last(_) => None,
    }
}

async fn read(mut answer: GetObjectOutput, part: &Part) -> Result<Piece, PortError> {
    let (Part::Last(wanted) | Part::At(Span { length: wanted, .. }, _)) = part;
    // `bytes 100-199/1000`.
    let told = answer.content_range().and_then(|range| {
        let (from, rest) = range.strip_prefix("bytes ")?.split_once('-')?;
        Some((from.parse::<u64>().ok()?, rest.split_once('/')?.1.parse::<u64>().ok()?))
    });
    let whole = answer.content_length().and_then(|length| u64::try_from(length).ok()).unwrap_or_default();
    let (from, total) = told.unwrap_or((0, whole));
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.body.next().await {
        let chunk = chunk.map_err(|error| PortError::Passing(format!("GetObject: half an answer: {error}")))?;
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > *wanted {
            return Err(unreadable("GetObject", "more bytes came than were asked for"));
        }
    }
    let e_tag = answer.e_tag.map(|tag| tag.trim_matches('"').to_owned());
    Ok(Piece::Read { bytes, from, total, e_tag })
}

impl AnswerJobs for Account {
    async fn continue_job(&self, job: &JobId, token: &str, of: &JobDetails) -> Result<Answered, PortError> {
        let answer = self.codepipeline().put_job_success_result().job_id(job.as_str()).continuation_token(token);
        let answered = answer.execution_details(details(of)).send().await;
        heard(
            answered
                .map(drop)
                .map_err(|error| (error.code().map(str::to_owned), port_error("PutJobSuccessResult", error))),
        )
    }

    async fn succeed_job(
        &self,
        job: &JobId,
        of: &JobDetails,
        variables: &BTreeMap<String, String>,
    ) -> Result<Answered, PortError> {
        let variables = variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let answer = self.codepipeline().put_job_success_result().job_id(job.as_str());
        let answered = answer.execution_details(details(of)).set_output_variables(Some(variables)).send().await;
        heard(
            answered
                .map(drop)
                .map_err(|error| (error.code().map(str::to_owned), port_error("PutJobSuccessResult", error))),
        )
    }

    async fn fail_job(
        &self,
        job: &JobId,
        fault: &Fault,
        deployment: Option<&DeploymentId>,
    ) -> Result<Answered, PortError> {
        let details = FailureDetails::builder()
            .r#type(FailureType::from(fault.kind.as_str()))
            .message(&fault.message)
            .set_external_execution_id(deployment.map(ToString::to_string))
            .build()
            .map_err(|error| unreadable("PutJobFailureResult", error))?;
        let answer = self.codepipeline().put_job_failure_result().job_id(job.as_str()).failure_details(details);
        let answered = answer.send().await;
        heard(
            answered
                .map(drop)
                .map_err(|error| (error.code().map(str::to_owned), port_error("PutJobFailureResult", error))),
        )
    }
}

fn details(of: &JobDetails) -> ExecutionDetails {
    ExecutionDetails::builder()
        .summary(&of.summary)
        .external_execution_id(of.deployment.as_str())
        .set_percent_complete(of.percent.map(i32::from))
        .build()
}

fn heard(answered: Result<(), (Option<String>, PortError)>) -> Result<Answered, PortError> {
    match answered {
        Ok(()) => Ok(Answered::Taken),
        Err((Some(code), _)) if OVER.contains(&code.as_str()) => Ok(Answered::TooLate),
        Err((_, error)) => Err(error),
    }
}
