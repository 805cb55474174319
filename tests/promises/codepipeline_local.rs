//! The local stack plays CodePipeline's part: a function of a user's own gets a job, and answers it as on AWS.

use harness::pipeline::{Acted, Draft, Run};
use harness::stack::client;
use harness::{OrStop as _, eventually, stop, story};
use local::{JobTimes, LocalError};
use serde_json::{Value, json};

use crate::clients_boto3::{both, python, stock};

/// A function with this Python body, which has the `job`, its `data` and a client of CodePipeline; its name.
async fn function(name: &str, body: &str) -> String {
    let indented: String = body.lines().map(|line| format!("    {line}\n")).collect();
    let code = format!(
        "import io, json, zipfile\nimport boto3\nfrom botocore.exceptions import ClientError\n\n\
         def handler(event, context):\n    job = event['CodePipeline.job']\n    data = job['data']\n    \
         pipeline = boto3.client('codepipeline')\n{indented}"
    );
    let name = format!("codepipeline-{name}");
    let made = local::sample::create_function(&client().await, &name, &code, &json!({"Timeout": 60})).await;
    made.or_stop("the function");
    name
}

/// Leaves its job open, and says which it is in an object of the artifacts' bucket.
const SILENT: &str = "
place = data['inputArtifacts'][0]['location']['s3Location']
boto3.client('s3').put_object(Bucket=place['bucketName'], Key='job', Body=job['id'])
";

/// The job that a silent function was given.
async fn job_of(run: &Run) -> String {
    let client = client().await;
    let told = async || client.get_object(&run.pipeline.artifacts, "job").await.ok();
    let object = eventually(told).await.or_stop("the function was never called");
    String::from_utf8(object.body).or_stop("an id")
}

async fn succeed(job: &str) -> Result<Value, LocalError> {
    client().await.codepipeline("PutJobSuccessResult", &json!({"jobId": job})).await
}

#[track_caller]
fn code<T>(answer: Result<T, LocalError>) -> String {
    match answer {
        Ok(_) => stop("it was taken"),
        Err(error) => error.code().or_stop("a code").to_owned(),
    }
}

fn variable(acted: &Acted, name: &str) -> String {
    acted.variables.get(name).cloned().unwrap_or_default()
}

#[test]
fn a_function_that_gives_a_token_is_called_again_and_hands_on_what_it_knows_when_it_is_done() {
    story(async {
        let name = function(
            "token",
            "
token = data.get('continuationToken')
if token is None:
    details = {'summary': 'begun', 'externalExecutionId': 'd-1', 'percentComplete': 40}
    pipeline.put_job_success_result(jobId=job['id'], continuationToken=job['id'], executionDetails=details)
else:
    known = {'again': str(token != job['id']), 'said': data['actionConfiguration']['configuration']['UserParameters']}
    pipeline.put_job_success_result(jobId=job['id'], outputVariables=known, executionDetails={'summary': 'done'})
",
        )
        .await;
        let echo = "pipeline.put_job_success_result(jobId=job['id'], outputVariables=dict(\
                    data['actionConfiguration']['configuration']))";
        let echo = function("echo", echo).await;
        let by_variable = json!({"FunctionName": echo, "UserParameters": "it said #{Invoke.said}"});
        let draft = Draft::of(&[("appspec.yaml", "version: 0.0")]).await;
        let draft = draft.invoking(&name, "#{Source.ObjectKey} in #{codepipeline.PipelineExecutionId}");
        let run = draft.then("Echo", "Lambda", &by_variable).run().await;
        let begun = run.until("Invoke", |acted| acted.summary == "begun" || acted.status == "Succeeded").await;
        assert_eq!((begun.external_id.as_str(), begun.percent), ("d-1", Some(40)), "{begun:#?}");
        assert_eq!(run.ended().await, "Succeeded", "{:#?}", run.action("Invoke").await);
        let invoked = run.action("Invoke").await;
        assert_eq!((invoked.status.as_str(), invoked.summary.as_str()), ("Succeeded", "done"));
        assert_eq!(variable(&invoked, "again"), "True", "each call is a job of its own");
        let said = format!("app.zip in {}", run.id);
        assert_eq!(variable(&invoked, "said"), said);
        assert_eq!(variable(&run.action("Echo").await, "UserParameters"), format!("it said {said}"));
    });
}

#[test]
fn a_failure_of_a_job_is_the_actions_with_its_kind_and_its_message_and_ends_the_pipeline() {
    story(async {
        let name = function(
            "failing",
            "
details = {'type': 'RevisionUnavailable', 'message': 'there is no appspec.yaml', 'externalExecutionId': 'd-2'}
pipeline.put_job_failure_result(jobId=job['id'], failureDetails=details)
",
        )
        .await;
        let after = json!({"FunctionName": name});
        let draft = Draft::of(&[("readme", "")]).await.invoking(&name, "{}");
        let run = draft.then("After", "Lambda", &after).run().await;
        assert_eq!(run.ended().await, "Failed");
        let failed = run.action("Invoke").await;
        let said =
            (failed.status.as_str(), failed.error.as_str(), failed.message.as_str(), failed.external_id.as_str());
        assert_eq!(said, ("Failed", "RevisionUnavailable", "there is no appspec.yaml", "d-2"));
        assert_eq!(run.action("After").await, Acted::default(), "it never began");
    });
}

#[test]
fn a_result_is_refused_that_is_of_no_job_or_too_long_or_comes_after_another() {
    story(async {
        let name = function(
            "refused",
            "
def refused(**result):
    try:
        pipeline.put_job_success_result(**result)
        return 'taken'
    except ClientError as error:
        return error.response['Error']['Code']

other = 'a' * 8 + job['id'][8:]
known = {
    'other': refused(jobId=other),
    'summary': refused(jobId=job['id'], executionDetails={'summary': 's' * 2049}),
    'both': refused(jobId=job['id'], continuationToken='t', outputVariables={'a': 'b'}),
    'name': refused(jobId=job['id'], outputVariables={'a.b': 'c'}),
}
pipeline.put_job_success_result(jobId=job['id'], outputVariables={**known, 'job': job['id']})
",
        )
        .await;
        let run = Draft::of(&[("a", "b")]).await.invoking(&name, "{}").run().await;
        assert_eq!(run.ended().await, "Succeeded", "{:#?}", run.action("Invoke").await);
        let invoked = run.action("Invoke").await;
        assert_eq!(variable(&invoked, "other"), "JobNotFoundException");
        for wrong in ["summary", "both", "name"] {
            assert_eq!(variable(&invoked, wrong), "ValidationException", "{wrong}");
        }
        assert_eq!(code(succeed(&variable(&invoked, "job")).await), "InvalidJobStateException");
    });
}

#[test]
fn a_job_that_stays_silent_fails_when_its_time_is_over() {
    story(async {
        let name = function("silent", SILENT).await;
        let times = JobTimes { answer_ms: 15_000, ..JobTimes::default() };
        let run = Draft::of(&[("a", "b")]).await.invoking(&name, "{}").timed(times).run().await;
        assert_eq!(run.ended().await, "Failed");
        let invoked = run.action("Invoke").await;
        let sentence = format!("The AWS Lambda function {name} failed to return a result.");
        assert!(invoked.message.starts_with(&sentence), "{invoked:#?}");
        assert_eq!(code(succeed(&job_of(&run).await).await), "InvalidJobStateException");
    });
}

/// Gives tokens, and ends with the fourth call.
const PATIENT: &str = "
calls = int(data.get('continuationToken', '0')) + 1
if calls < 4:
    pipeline.put_job_success_result(jobId=job['id'], continuationToken=str(calls))
else:
    pipeline.put_job_success_result(jobId=job['id'], outputVariables={'calls': str(calls)})
";

#[test]
fn tokens_keep_a_job_alive_for_longer_than_it_may_be_silent() {
    story(async {
        let name = function("patient", PATIENT).await;
        // Three waits are longer than one silence may be.
        let times = JobTimes { answer_ms: 18_000, again_ms: 7_000, ..JobTimes::default() };
        let run = Draft::of(&[("a", "b")]).await.invoking(&name, "{}").timed(times).run().await;
        assert_eq!(run.ended().await, "Succeeded", "{:#?}", run.action("Invoke").await);
        assert_eq!(variable(&run.action("Invoke").await, "calls"), "4");
    });
}

#[test]
fn an_action_ends_when_its_whole_time_is_over_however_many_tokens_it_is_given() {
    story(async {
        let endless = "pipeline.put_job_success_result(jobId=job['id'], continuationToken='t')";
        let name = function("endless", endless).await;
        let times = JobTimes { again_ms: 100, total_ms: 10_000, ..JobTimes::default() };
        let run = Draft::of(&[("a", "b")]).await.invoking(&name, "{}").timed(times).run().await;
        assert_eq!(run.ended().await, "Failed");
        assert_eq!(run.action("Invoke").await.error, "JobFailed");
    });
}

#[test]
fn a_job_that_is_abandoned_is_over_and_its_function_is_not_told() {
    story(async {
        let name = function("abandoned", SILENT).await;
        let run = Draft::of(&[("a", "b")]).await.invoking(&name, "{}").run().await;
        let job = job_of(&run).await;
        run.stop(true).await;
        assert_eq!(run.ended().await, "Stopped");
        assert_eq!(run.action("Invoke").await.status, "Abandoned");
        let refused = async || (code(succeed(&job).await) == "InvalidJobStateException").then_some(());
        eventually(refused).await.or_stop("the result of an abandoned job is taken");
        let again = json!({
            "pipelineName": run.pipeline.name, "pipelineExecutionId": run.id, "abandon": true,
        });
        let again = client().await.codepipeline("StopPipelineExecution", &again).await;
        assert_eq!(code(again), "PipelineExecutionNotStoppableException");
    });
}

#[test]
fn an_execution_that_is_stopped_waits_for_what_is_under_way_and_begins_nothing_else() {
    story(async {
        let name = function("waited-for", SILENT).await;
        let after = json!({"FunctionName": name});
        let draft = Draft::of(&[("a", "b")]).await.invoking(&name, "{}");
        let run = draft.then("After", "Lambda", &after).run().await;
        let job = job_of(&run).await;
        run.stop(false).await;
        assert_eq!(run.status().await, "Stopping");
        succeed(&job).await.or_stop("its result is taken");
        assert_eq!(run.ended().await, "Stopped");
        assert_eq!(run.action("Invoke").await.status, "Succeeded");
        assert_eq!(run.action("After").await, Acted::default(), "it never began");
    });
}

#[test]
fn one_request_token_starts_one_execution() {
    story(async {
        let name = function("once", "pipeline.put_job_success_result(jobId=job['id'])").await;
        let run = Draft::of(&[("a", "b")]).await.invoking(&name, "{}").run().await;
        run.ended().await;
        let start = async |token: &str| {
            let asked = json!({"name": run.pipeline.name, "clientRequestToken": token});
            let started = client().await.codepipeline("StartPipelineExecution", &asked).await;
            started.map(|started| started["pipelineExecutionId"].as_str().unwrap_or_default().to_owned())
        };
        let first = start("one").await.or_stop("an execution");
        assert_eq!(start("one").await.or_stop("an execution"), first);
        assert_ne!(start("two").await.or_stop("an execution"), first);
        assert_eq!(code(start("a b").await), "ValidationException");
    });
}

/// Reads `appspec.yaml` of its artifact with the credentials of the job, and says what came of it.
const READING: &str = "
given = data['artifactCredentials']
store = boto3.client('s3', aws_access_key_id=given['accessKeyId'], aws_secret_access_key=given['secretAccessKey'],
                     aws_session_token=given['sessionToken'])
place = data['inputArtifacts'][0]['location']['s3Location']
try:
    body = store.get_object(Bucket=place['bucketName'], Key=place['objectKey'])['Body'].read()
    text = zipfile.ZipFile(io.BytesIO(body)).read('appspec.yaml').decode()
    known = {'text': text, 'key': place['objectKey'], 'encryption': data.get('encryptionKey', {}).get('id', 'none')}
    pipeline.put_job_success_result(jobId=job['id'], outputVariables=known)
except ClientError as error:
    code = error.response['Error']['Code']
    details = {'type': 'PermissionError', 'message': f\"{code}: {error.response['Error']['Message']}\"}
    pipeline.put_job_failure_result(jobId=job['id'], failureDetails=details)
";

/// A key of KMS; its ARN.
async fn key() -> String {
    let made = client().await.aws_json("TrentService", "CreateKey", &json!({})).await.or_stop("CreateKey");
    made["KeyMetadata"]["Arn"].as_str().or_stop("an ARN").to_owned()
}

#[test]
fn the_credentials_of_a_job_read_its_artifact_also_where_it_is_encrypted() {
    story(async {
        let (name, key) = (function("reading", READING).await, key().await);
        let plain = Draft::of(&[("appspec.yaml", "version: 0.0")]).await.invoking(&name, "{}").run().await;
        let draft = Draft::of(&[("appspec.yaml", "version: 0.0")]).await.invoking(&name, "{}");
        let encrypted = draft.encrypted_under(&key).run().await;
        for (run, key) in [(plain, "none"), (encrypted, key.as_str())] {
            assert_eq!(run.ended().await, "Succeeded", "{:#?}", run.action("Invoke").await);
            let invoked = run.action("Invoke").await;
            assert_eq!(variable(&invoked, "text"), "version: 0.0");
            assert_eq!(variable(&invoked, "encryption"), key);
            let object = variable(&invoked, "key");
            assert!(object.starts_with(&format!("{}/App/", run.pipeline.name)), "{object}");
            let seen = client().await.head_object(&run.pipeline.artifacts, &object).await.or_stop("HeadObject");
            assert_eq!(seen.key.unwrap_or_else(|| "none".to_owned()), key);
        }
    });
}

#[test]
fn the_credentials_of_a_job_may_no_more_than_the_pipelines_role() {
    story(async {
        let (name, key) = (function("not-reading", READING).await, key().await);
        let draft = async || Draft::of(&[("appspec.yaml", "version: 0.0")]).await.invoking(&name, "{}");
        let unread = draft().await.without("s3:GetObject").run().await;
        let locked = draft().await.encrypted_under(&key).without("kms:Decrypt").run().await;
        for (run, action, resource) in
            [(unread, "s3:GetObject", "\"arn:aws:s3:::{artifact}\"".to_owned()), (locked, "kms:Decrypt", key.clone())]
        {
            assert_eq!(run.ended().await, "Failed");
            let invoked = run.action("Invoke").await;
            let place = format!("{}/{}", run.pipeline.artifacts, run.action("Source").await.outputs["App"]);
            let subject = format!("User: arn:aws:sts::123456789012:assumed-role/{}/", run.pipeline.role);
            assert!(invoked.message.starts_with(&format!("AccessDenied: {subject}")), "{invoked:#?}");
            let told = format!(
                "is not authorized to perform: {action} on resource: {} because no identity-based policy allows the {action} \
                 action",
                resource.replace("{artifact}", &place)
            );
            assert!(invoked.message.ends_with(&told), "{invoked:#?}");
        }
    });
}

#[test]
fn a_pipeline_does_no_more_than_its_role_allows() {
    story(async {
        let name = function("uncalled", "pipeline.put_job_success_result(jobId=job['id'])").await;
        let draft = async || Draft::of(&[("a", "b")]).await.invoking(&name, "{}");
        for (run, action, denied) in [
            (draft().await.without("lambda:InvokeFunction").run().await, "Invoke", "lambda:InvokeFunction"),
            (draft().await.without("s3:PutObject").run().await, "Source", "s3:PutObject"),
            (
                draft().await.encrypted_under(&key().await).without("kms:GenerateDataKey").run().await,
                "Source",
                "kms:GenerateDataKey",
            ),
        ] {
            assert_eq!(run.ended().await, "Failed");
            let failed = run.action(action).await;
            assert_eq!(failed.error, "PermissionError", "{failed:#?}");
            assert!(failed.message.contains(&format!("not authorized to perform: {denied}")), "{failed:#?}");
        }
    });
}

/// What a stock client makes of a pipeline: kinds of values, and the error of one that is not there.
const STOCK: &str = "
import json, sys
import boto3
client, name = boto3.client('codepipeline'), sys.argv[1]
executions = client.list_pipeline_executions(pipelineName=name)['pipelineExecutionSummaries']
actions = client.get_pipeline_state(name=name)['stageStates'][0]['actionStates']
try:
    client.get_pipeline(name='nobody')
except client.exceptions.PipelineNotFoundException as error:
    missing = error.response['Error']['Message']
times = [client.get_pipeline(name=name)['metadata']['created'], executions[0]['startTime'], actions[0]['latestExecution']['lastStatusChange']]
print(json.dumps([[type(time).__name__ for time in times], executions[0]['status'], missing]))
";

#[test]
fn a_stock_client_sees_pipelines_with_their_times_and_errors_by_their_names() {
    story(async {
        let name = function("seen", "pipeline.put_job_success_result(jobId=job['id'])").await;
        let run = Draft::of(&[("a", "b")]).await.invoking(&name, "{}").run().await;
        run.ended().await;
        let said = stock(python().await).await.args(["-c", STOCK, &run.pipeline.name]).output().await;
        let said = said.or_stop("Python runs");
        let seen: Value = serde_json::from_slice(&said.stdout).or_stop(&both(&said));
        let missing = "Account '123456789012' does not have a pipeline with name 'nobody'";
        assert_eq!(seen, json!([["datetime", "datetime", "datetime"], "Succeeded", missing]));
    });
}

#[test]
fn another_provider_is_refused_with_what_the_local_stack_plays() {
    story(async {
        let role = local::sample::role_of(&client().await, "other-pipeline", "codepipeline.amazonaws.com").await;
        let kind = |category: &str, provider: &str| json!({"category": category, "owner": "AWS", "provider": provider, "version": "1"});
        let source = json!({"name": "Source", "actionTypeId": kind("Source", "S3"), "outputArtifacts": [{"name": "App"}],
                            "configuration": {"S3Bucket": "a-bucket", "S3ObjectKey": "app.zip"}});
        let deploy = json!({"name": "Deploy", "actionTypeId": kind("Deploy", "CodeDeploy")});
        let pipeline = json!({
            "name": "other",
            "roleArn": role.or_stop("a role"),
            "artifactStore": {"type": "S3", "location": "a-bucket"},
            "stages": [{"name": "Source", "actions": [source]}, {"name": "Deploy", "actions": [deploy]}],
        });
        let made = client().await.codepipeline("CreatePipeline", &json!({"pipeline": pipeline})).await;
        let Err(LocalError::Refused { code, message, .. }) = made else { stop("it was taken") };
        assert_eq!(code, "InvalidActionDeclarationException");
        assert!(message.ends_with("Invoke/Lambda and Invoke/StepFunctions of AWS, version 1"), "{message}");
        let seen = client().await.codepipeline("GetPipeline", &json!({"name": "other"})).await;
        assert_eq!(self::code(seen), "PipelineNotFoundException");
    });
}
