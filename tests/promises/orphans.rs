//! What nobody is at is ended, and what belongs to another execution is not touched.

use harness::app::App;
use harness::deployment::Deployment;
use harness::stack::{client, execution, item, stack, struck, sweep};
use harness::{OrStop, eventually, story};
use local::faults::{Fault, Rule};
use serde_json::{Value, json};

/// Starts an execution past the API; the name is free on that machine.
async fn start(machine: &str, name: &str, input: &Value) {
    let of_another = execution(machine, name).await;
    let machine = of_another.replace(":execution:", ":stateMachine:");
    let machine = machine.rsplit_once(':').or_stop("an ARN").0;
    let body = json!({"stateMachineArn": machine, "name": name, "input": input.to_string()});
    client().await.aws_json("AWSStepFunctions", "StartExecution", &body).await.or_stop("StartExecution");
}

/// Waits until an execution is over, and gives its status and error.
async fn over(machine: &str, name: &str) -> (String, String) {
    let arn = execution(machine, name).await;
    let seen = eventually(async || {
        let seen = client().await.describe_execution(&arn).await.or_stop("DescribeExecution");
        Some(seen).filter(|seen| seen["status"] != "RUNNING")
    });
    let seen = seen.await.or_stop("the execution never ends");
    let text = |member: &str| seen[member].as_str().unwrap_or_default().to_owned();
    (text("status"), text("error"))
}

/// The record and the token of a deployment.
async fn kept(id: &str) -> [Option<Value>; 2] {
    let pk = format!("DEPLOYMENT#{id}");
    [item(&pk, "DEPLOYMENT").await, item(&pk, "DEPLOYMENT#TOKEN#interrupt").await]
}

fn refused(by: &str) -> (String, String) {
    ("FAILED".to_owned(), by.to_owned())
}

#[test]
fn an_execution_of_the_same_name_on_the_other_machine_touches_nothing_of_the_first() {
    story(async {
        let app = App::new().await;
        let first = app.to("2").by("Canary10Percent10Minutes").start().await;
        first.until_weight(10).await;
        let guarded = eventually(async || kept(&first.id).await[1].clone()).await;
        guarded.or_stop("its guard never waits");
        let before = kept(&first.id).await;
        start("ecs", &first.id, &app.to("3").request()).await;
        assert_eq!(over("ecs", &first.id).await, refused("ForeignExecution"));
        assert_eq!(kept(&first.id).await, before);
        first.stop(None).await;
        assert_eq!(first.outcome().await, ("RolledBack".to_owned(), "MANUAL_STOP".to_owned()));
        assert_eq!(app.alias().await, "1");
    });
}

#[test]
fn a_recovery_that_somebody_forged_rolls_back_nothing_and_one_whose_name_is_taken_takes_the_next() {
    story(async {
        let app = App::new().await;
        let deployment = app.to("2").by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        let taken = format!("{}-recovery-1", deployment.id);
        let before = kept(&deployment.id).await;
        start("lambda", &taken, &json!({"recover": {"deploymentId": deployment.id, "attempt": 1}})).await;
        assert_eq!(over("lambda", &taken).await, refused("ForeignExecution"));
        assert_eq!((kept(&deployment.id).await, app.alias().await), (before, "1 2:0.1".to_owned()));

        let arn = execution("lambda", &deployment.id).await;
        client().await.stop_execution(&arn).await.or_stop("StopExecution");
        assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), "EXECUTION_LOST".to_owned()));
        over("lambda", &format!("{}-recovery-2", deployment.id)).await;
        assert_eq!(app.alias().await, "1");
    });
}

#[test]
fn a_death_that_no_event_told_of_is_found_by_the_sweep() {
    story(async {
        let app = App::new().await;
        let deployment = app.to("2").by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        // The dead man's switch is told, and can do nothing.
        let denied = Fault::Refuse { status: 400, code: "AccessDeniedException".into(), message: "no".into() };
        let rule = Rule::on("dynamodb", "PutItem", denied).by("on-execution").with_body(&deployment.id).times(0);
        let rule = stack().await.faults().add(rule);
        let arn = execution("lambda", &deployment.id).await;
        client().await.stop_execution(&arn).await.or_stop("StopExecution");
        struck(rule).await;
        assert_eq!(app.alias().await, "1 2:0.1");
        backdate(&deployment).await;
        sweep().await;
        assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), "EXECUTION_LOST".to_owned()));
        stack().await.faults().remove(rule);
    });
}

#[test]
fn a_deployment_whose_api_was_killed_before_its_execution_began_is_ended_by_the_sweep() {
    story(async {
        let app = App::new().await;
        let request = app.to("2").by("Canary10Percent10Minutes").request();
        let rule = Rule::on("states", "StartExecution", Fault::KillCallerBefore).by("api").with_body(&app.name);
        let rule = stack().await.faults().add(rule);
        let call = json!({"target": "CodeDeploy_20141006.CreateDeployment", "body": request});
        let answer = client().await.invoke("tideshift-api", None, &call).await.or_stop("an answer");
        assert!(answer.function_error.is_some(), "the api was killed");
        struck(rule).await;
        let mut found = None;
        let open = json!({"includeOnlyStatuses": ["Created"]});
        let listed = harness::stack::call("CodeDeploy_20141006.ListDeployments", &open).await;
        for id in listed["deployments"].as_array().into_iter().flatten() {
            let id = id.as_str().unwrap_or_default().to_owned();
            let asked = item(&format!("DEPLOYMENT#{id}"), "REQUEST").await.unwrap_or_default();
            if asked.to_string().contains(&app.name) {
                found = Some(id);
            }
        }
        let deployment = Deployment { id: found.or_stop("the record"), app: app.clone() };
        backdate(&deployment).await;
        sweep().await;
        assert_eq!(deployment.outcome().await, ("Failed".to_owned(), "INTERNAL_ERROR".to_owned()));
        assert_eq!(app.alias().await, "1");
        let again = app.to("2").start().await;
        assert_eq!(again.outcome().await.0, "Succeeded", "a plain retry works");
    });
}

/// Makes a deployment some minutes older, so that no story has to wait for them.
async fn backdate(deployment: &Deployment<App>) {
    let created = "2025-01-01T00:00:00.000000000Z";
    let input = json!({
        "TableName": "tideshift-deployments",
        "Key": {"pk": {"S": format!("DEPLOYMENT#{}", deployment.id)}, "sk": {"S": "DEPLOYMENT"}},
        "UpdateExpression": "SET created = :created",
        "ExpressionAttributeValues": {":created": {"S": created}},
    });
    client().await.aws_json("DynamoDB_20120810", "UpdateItem", &input).await.or_stop("UpdateItem");
}
