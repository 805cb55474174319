//! Jobs of pipelines, over HTTP as it goes over the wire.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use rollout::ids::{DeploymentId, JobId};
use rollout::pipeline::archive::Span;
use rollout::pipeline::{FailureType, Fault};
use serde_json::{Value, json};
use steps::ports::{
    AnswerJobs, Answered, ArtifactKeys, ArtifactPlace, JobDetails, Part, Piece, PortError, ReadArtifacts,
    RegisterTaskDefinitions, Secret,
};

use crate::wire::{Service, account, error, fine};

fn job() -> JobId {
    JobId::parse("11111111-2222-4333-8444-555555555555").unwrap()
}

fn details() -> JobDetails {
    JobDetails { summary: "InProgress".to_owned(), percent: Some(40), deployment: DeploymentId::parse("d-1").unwrap() }
}

/// What was asked for: the range, the eTag, and who signed with which session.
type Asked = [Option<String>; 4];

async fn read(
    part: Part,
    status: u16,
    range: Option<&'static str>,
    body: &'static str,
) -> (Asked, Result<Piece, PortError>) {
    let asked = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&asked);
    let client = infallible_client_fn(move |request| {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        *seen.lock().unwrap() =
            Some([header("range"), header("if-match"), header("authorization"), header("x-amz-security-token")]);
        let answer = http::Response::builder().status(status).header("etag", "\"abc\"");
        let answer = match range {
            Some(range) => answer.header("content-range", range),
            None => answer,
        };
        answer.body(SdkBody::from(body)).unwrap()
    });
    let config = Service::answering(|_| fine(Value::Null)).config.into_builder().http_client(client);
    let place = ArtifactPlace { bucket: "artifacts".to_owned(), key: "shop/Build.zip".to_owned() };
    let secret = |text: &str| Secret(text.to_owned());
    let keys =
        ArtifactKeys { id: "ASIAJOB".to_owned(), secret: secret("of-the-job"), session: Some(secret("session")) };
    let found = account(&config.build()).artifact(&place, &keys, &part).await;
    let asked = asked.lock().unwrap().take().unwrap();
    (asked, found)
}

fn piece(bytes: &str, from: u64, total: u64) -> Piece {
    Piece::Read { bytes: bytes.into(), from, total, e_tag: Some("abc".to_owned()) }
}

#[tokio::test]
async fn a_part_of_an_artifact_is_read_with_the_credentials_of_the_job() {
    let ([range, e_tag, signed, session], found) = read(Part::Last(4), 206, Some("bytes 96-99/100"), "tail").await;
    assert_eq!((range.as_deref(), e_tag), (Some("bytes=-4"), None));
    assert!(signed.unwrap().contains("Credential=ASIAJOB/"));
    assert_eq!(session.as_deref(), Some("session"));
    assert_eq!(found, Ok(piece("tail", 96, 100)));
    let part = Part::At(Span { from: 10, length: 3 }, Some("abc".to_owned()));
    let ([range, e_tag, ..], found) = read(part, 206, Some("bytes 10-12/100"), "mid").await;
    assert_eq!((range.as_deref(), e_tag.as_deref()), (Some("bytes=10-12"), Some("\"abc\"")));
    assert_eq!(found, Ok(piece("mid", 10, 100)));
}

#[tokio::test]
async fn an_artifact_that_is_another_one_by_now_and_an_empty_one_are_told_apart_from_errors() {
    let part = || Part::At(Span { from: 0, length: 3 }, Some("abc".to_owned()));
    let answer = "<Error><Code>PreconditionFailed</Code></Error>";
    assert_eq!(read(part(), 412, None, answer).await.1, Ok(Piece::Changed));
    let answer = "<Error><Code>InvalidRange</Code></Error>";
    let empty = Piece::Read { bytes: Vec::new(), from: 0, total: 0, e_tag: None };
    assert_eq!(read(Part::Last(9), 416, None, answer).await.1, Ok(empty));
    let answer = "<Error><Code>AccessDenied</Code><Message>not authorized to perform: kms:Decrypt</Message></Error>";
    let denied = read(part(), 403, None, answer).await.1;
    assert_eq!(
        denied,
        Err(PortError::Denied("GetObject: AccessDenied: not authorized to perform: kms:Decrypt".to_owned()))
    );
    let answer = "<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>";
    assert!(matches!(read(part(), 404, None, answer).await.1, Err(PortError::Missing(_))));
    assert!(matches!(read(part(), 206, Some("bytes 0-2/9"), "more than that").await.1, Err(PortError::Denied(_))));
}

#[tokio::test]
async fn a_job_is_answered_in_codepipelines_words() {
    let service = Service::answering(|_| fine(json!({})));
    let account = account(&service.config);
    assert_eq!(account.continue_job(&job(), "token", &details()).await, Ok(Answered::Taken));
    let variables = BTreeMap::from([("status".to_owned(), "Succeeded".to_owned())]);
    assert_eq!(account.succeed_job(&job(), &details(), &variables).await, Ok(Answered::Taken));
    let fault = Fault::new(FailureType::RevisionUnavailable, "gone");
    let deployment = DeploymentId::parse("d-1").unwrap();
    assert_eq!(account.fail_job(&job(), &fault, Some(&deployment)).await, Ok(Answered::Taken));
    let sent: Vec<(String, Value)> = service.sent().into_iter().map(|sent| (sent.operation, sent.body)).collect();
    let id = "11111111-2222-4333-8444-555555555555";
    let details = json!({"summary": "InProgress", "externalExecutionId": "d-1", "percentComplete": 40});
    let failure = json!({"type": "RevisionUnavailable", "message": "gone", "externalExecutionId": "d-1"});
    assert_eq!(
        sent,
        [
            (
                "PutJobSuccessResult".to_owned(),
                json!({"jobId": id, "continuationToken": "token", "executionDetails": details})
            ),
            (
                "PutJobSuccessResult".to_owned(),
                json!({"jobId": id, "executionDetails": details, "outputVariables": {"status": "Succeeded"}})
            ),
            ("PutJobFailureResult".to_owned(), json!({"jobId": id, "failureDetails": failure})),
        ]
    );
}

#[tokio::test]
async fn a_job_that_is_over_is_told_from_an_answer_that_may_be_given_later() {
    for code in ["InvalidJobStateException", "JobNotFoundException"] {
        let service = Service::answering(move |_| error(400, code));
        let account = account(&service.config);
        assert_eq!(account.continue_job(&job(), "token", &details()).await, Ok(Answered::TooLate), "{code}");
        let fault = Fault::new(FailureType::JobFailed, "why");
        assert_eq!(account.fail_job(&job(), &fault, None).await, Ok(Answered::TooLate), "{code}");
    }
    let service = Service::answering(|_| error(400, "ThrottlingException"));
    let later = account(&service.config).continue_job(&job(), "token", &details()).await;
    assert!(matches!(later, Err(PortError::Passing(_))), "{later:?}");
}

#[tokio::test]
async fn a_task_definition_goes_as_it_was_written_with_our_tag() {
    let arn = "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:8";
    let service = Service::answering(move |_| fine(json!({"taskDefinition": {"taskDefinitionArn": arn}})));
    let written = json!({"family": "web", "containerDefinitions": [], "newerThanTheSdk": {"a": [1]}});
    let registered = account(&service.config).register(&written).await.unwrap();
    assert_eq!(registered.as_str(), arn);
    let sent = service.sent();
    assert_eq!(sent[0].operation, "RegisterTaskDefinition");
    let mut expected = written;
    expected["tags"] = json!([{"key": "tideshift", "value": "enabled"}]);
    assert_eq!(sent[0].body, expected);
}
