//! Invoke/Lambda: a function is handed a job, and says what became of it (docs/codedeploy-contract.md 10.1).

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

use super::action::{Done, Task, Undone};
use super::execution::{Details, Failure, Place};
use super::jobs::Answer;
use crate::arn::ACCOUNT;
use crate::clock;
use crate::services::iam::Reach;

/// How long the credentials of a job last, on AWS's clock.
const CREDENTIALS_LAST: Duration = Duration::from_secs(3_600);

/// Carries it out.
pub(super) async fn carry_out(task: &Task) -> Result<Done, Undone> {
    let times = task.book.times(&task.pipeline);
    let until = Instant::now() + times.total();
    let mut token: Option<String> = None;
    loop {
        let (job, answer) = task.book.jobs.open();
        let sent = task.aws.send_event(task.required("FunctionName"), &event(task, &job, token.as_deref())).await;
        if let Err(error) = sent {
            task.book.jobs.close(&job, "Failed");
            return Err(Failure::of(&error).into());
        }
        match answered(task, &job, answer, times.answer().min(until - Instant::now())).await? {
            Answer::Again { token: next, details } => {
                task.tell(details);
                token = Some(next);
            }
            Answer::Done { variables, details } => return Ok(Done { variables, details, revision: None }),
            Answer::Failed { failure, external_id } => {
                task.tell(Details { external_id, ..Details::default() });
                return Err(failure.into());
            }
        }
        tokio::select! {
            () = sleep(times.again()) => {}
            () = task.abandoned() => return Err(Undone::Abandoned),
        }
        if Instant::now() >= until {
            return Err(silent(task).into());
        }
    }
}

/// The answer to a job. One that does not come in time is a failure.
async fn answered(
    task: &Task,
    job: &str,
    mut answer: oneshot::Receiver<Answer>,
    within: Duration,
) -> Result<Answer, Undone> {
    let waited = tokio::select! {
        waited = timeout(within, &mut answer) => waited,
        () = task.abandoned() => {
            task.book.jobs.close(job, "Abandoned");
            return Err(Undone::Abandoned);
        }
    };
    if let Ok(Ok(answer)) = waited {
        return Ok(answer);
    }
    task.book.jobs.close(job, "TimedOut");
    // It may have come at the last moment.
    answer.try_recv().map_err(|_| silent(task).into())
}

fn silent(task: &Task) -> Failure {
    let function = task.required("FunctionName");
    let message = format!(
        "The AWS Lambda function {function} failed to return a result. Check the function to verify that it has permission \
         to call the PutJobSuccessResult action and that it made a call to PutJobSuccessResult."
    );
    Failure::new("JobFailed", message)
}

/// What the function is sent. Each job has credentials of its own, for the bucket of the artifacts.
fn event(task: &Task, job: &str, token: Option<&str>) -> Value {
    let reach = Reach::Bucket(task.store.location.clone());
    let access_key = task.sessions.issue(&task.acted.role, reach);
    let expires = clock::now_seconds() + CREDENTIALS_LAST.as_secs_f64();
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit")]
    let expires = (expires * 1e3) as i64;
    let mut data = json!({
        "actionConfiguration": { "configuration": task.acted.configuration },
        "inputArtifacts": artifacts(&task.acted.inputs),
        "outputArtifacts": artifacts(&task.acted.outputs),
        "artifactCredentials": {
            "accessKeyId": access_key,
            "secretAccessKey": "not-checked-here",
            "sessionToken": "not-checked-here",
            "expirationTime": expires,
        },
    });
    if let Some(token) = token {
        data["continuationToken"] = token.into();
    }
    if let Some(key) = &task.store.encryption_key {
        data["encryptionKey"] = json!(key);
    }
    json!({ "CodePipeline.job": { "id": job, "accountId": ACCOUNT, "data": data } })
}

fn artifacts(all: &[(String, Place)]) -> Vec<Value> {
    let one = |(name, place): &(String, Place)| {
        let location = json!({ "bucketName": place.bucket, "objectKey": place.key });
        json!({ "name": name, "revision": place.revision, "location": { "type": "S3", "s3Location": location } })
    };
    all.iter().map(one).collect()
}
