//! The commands over a scripted stack: what is asked, what is shown, how it ends.

mod in_a_job;
mod listing;
mod logs_told;
mod refused;

use std::pin::pin;

use clap::Parser;
use expect_test::expect;
use serde_json::{Value, json};

use super::{continue_, deploy, group, list, logs, plan, repair, status, stop, undo};
use crate::api::{ApiError, Operation};
use crate::args::{Arguments, Command, Output};
use crate::github::job::Job;
use crate::github::report;
use crate::testing::{Head, Script, Streams, alias, at};

/// Runs a command line; what was asked, both streams, and the ending.
async fn ran(script: &Script, line: &str) -> String {
    ran_in(script, line, None).await
}

/// The same in a job of GitHub.
async fn ran_in(script: &Script, line: &str, job: Option<Job>) -> String {
    let arguments =
        Arguments::try_parse_from(std::iter::once("tideshift").chain(line.split(' '))).expect("a good line");
    let mut streams = Streams::default();
    let mut console = streams.console(arguments.output);
    console.job = job;
    let interrupt = pin!(std::future::pending());
    let ending = match &arguments.command {
        Command::Deploy(wanted) => deploy::run(script, &mut console, wanted, interrupt).await,
        Command::Plan(what) => plan::run(script, &mut console, what).await,
        Command::Status(watched) => status::run(script, &mut console, watched, interrupt).await,
        Command::List(wanted) => list::run(script, &mut console, wanted).await,
        Command::Logs(wanted) => logs::run(script, script, &mut console, wanted, interrupt).await,
        Command::Stop(wanted) => stop::run(script, &mut console, wanted, interrupt).await,
        Command::Continue(wanted) => continue_::run(script, &mut console, wanted, interrupt).await,
        Command::Undo(wanted) => undo::run(script, &mut console, wanted, interrupt).await,
        Command::Group(wanted) => group::run(script, &mut console, wanted).await,
        Command::Repair(watched) => repair::run(script, &mut console, watched, interrupt).await,
        Command::Doctor => panic!("the account is asked, too: see doctor"),
        Command::Proxy(_) => panic!("a server asks the stack nothing by itself"),
        Command::Completions(_) | Command::Man(_) => panic!("nothing of these is asked of the stack"),
    };
    let told = match ending {
        Ok(ending) => format!("{} {ending:?}", ending.code()),
        Err(failure) => {
            report::failed(&mut console, &failure).expect("a console");
            format!("{} {failure}", failure.ending().code())
        }
    };
    format!("{told}\nasked: {:?}\n{}", script.asked(), streams.shown())
}

fn planned(refusals: Value) -> Value {
    json!({
        "plan": {
            "target": alias("f"), "from": "1", "to": "2", "strategy": "AllAtOnce", "startWeight": 0,
            "steps": [{"weight": 100, "holdSeconds": 0, "awaitContinue": false, "onTimeout": null}],
            "hooks": [], "alarms": [], "rollbackOn": [], "pollSeconds": 60, "totalSeconds": 0
        },
        "refusals": refusals, "notes": ["f has provisioned concurrency"]
    })
}

fn over(outcome: &str) -> Value {
    json!({"deploymentId": "d-1", "status": "Failed", "outcome": outcome, "completeTime": at(0)})
}

const DEPLOY: &str = "deploy --function f --alias live --to-version 2";

#[tokio::test]
async fn deploy_plans_first_and_answers_with_the_id() {
    let script = Script::new([Ok(planned(json!([]))), Ok(json!({"deploymentId": "d-1"}))]);
    expect![[r#"
        0 Done
        asked: [PlanDeployment, CreateDeployment]
        out:
        d-1
        err:
        note: f has provisioned concurrency
        Under way. Watch it with: tideshift status d-1 --watch
    "#]]
    .assert_eq(&ran(&script, DEPLOY).await);
    assert_eq!(script.body(0), script.body(1), "what was planned is what is started");
}

#[tokio::test]
async fn of_a_deployment_that_moves_nothing_it_is_said_that_there_was_nothing_to_do() {
    let mut answer = planned(json!([]));
    answer["plan"]["steps"] = json!([]);
    answer["notes"] = json!([]);
    expect![[r#"
        0 Done
        asked: [PlanDeployment, CreateDeployment]
        out:
        d-1
        err:
        Nothing to do: f:live is on version 2 already. Its record: tideshift status d-1
    "#]]
    .assert_eq(&ran(&Script::new([Ok(answer), Ok(json!({"deploymentId": "d-1"}))]), DEPLOY).await);
}

#[tokio::test(start_paused = true)]
async fn a_watch_ends_with_its_reader_and_not_with_the_deployment() {
    let look = |weight: u8| {
        Ok(json!({"deploymentId": "d-1", "status": "InProgress", "progress": {"weight": weight, "since": at(0)}}))
    };
    let script = Script::new([look(0), look(10), look(20), look(30)]);
    let (mut streams, mut reader) = (Streams::default(), Head(1));
    let mut console = streams.console(Output::Text);
    console.err = &mut reader;
    let wanted = Arguments::try_parse_from(["tideshift", "status", "d-1", "--watch"]).expect("a good line");
    let Command::Status(wanted) = &wanted.command else { panic!("a status") };
    let ending = status::run(&script, &mut console, wanted, pin!(std::future::pending())).await.expect("an ending");
    assert_eq!((ending.code(), script.asked().len()), (141, 3));
    assert_eq!(streams.shown(), "out:\nerr:\n", "it ends silently");
}

#[tokio::test]
async fn a_wrong_appspec_is_wrong_usage() {
    let error = ApiError::Refused {
        code: "InvalidRevisionException".to_owned(),
        message: "line 3: unknown key `Nme`, did you mean `Name`?".to_owned(),
    };
    expect![[r#"
        2 line 3: unknown key `Nme`, did you mean `Name`? (InvalidRevisionException)
        asked: [PlanDeployment]
        out:
        err:
    "#]]
    .assert_eq(&ran(&Script::new([Err(error)]), DEPLOY).await);
}

#[tokio::test]
async fn an_order_whose_answer_is_lost_is_never_given_twice() {
    let script = Script::new([Ok(planned(json!([]))), Err(ApiError::NoAnswer("cannot reach AWS Lambda".to_owned()))]);
    expect![[r#"
        3 cannot reach AWS Lambda; the deployment may have been started all the same: look with tideshift list
        asked: [PlanDeployment, CreateDeployment]
        out:
        err:
        note: f has provisioned concurrency
    "#]]
    .assert_eq(&ran(&script, DEPLOY).await);
}

#[tokio::test(start_paused = true)]
async fn a_watched_deployment_ends_with_its_own_code() {
    for (outcome, code) in
        [("Succeeded", "0 "), ("RolledBack", "10 "), ("Stopped", "10 "), ("Failed", "11 "), ("Unresolved", "12 ")]
    {
        let script = Script::new([Ok(planned(json!([]))), Ok(json!({"deploymentId": "d-1"})), Ok(over(outcome))]);
        let told = ran(&script, &format!("{DEPLOY} --watch")).await;
        assert!(told.starts_with(code), "{outcome}: {told}");
    }
}

#[tokio::test]
async fn plan_ends_with_eleven_if_it_cannot_go() {
    let told = ran(&Script::new([Ok(planned(json!([])))]), "plan --function f --alias live --to-version 2").await;
    assert!(told.starts_with("0 Done\nasked: [PlanDeployment]"), "{told}");
    let refused = planned(json!([{"code": "HookMissing", "message": "there is no function check"}]));
    expect![[r#"
        11 Refused
        asked: [PlanDeployment]
        out:
        f:live from version 1 to 2, AllAtOnce

          2026-07-14 12:00:00 +02:00  +0s         100 %

          total     0s
          alarms    none: nothing but a hook or a person stops it
          rollback  off: a split is left as it is
          notes
            - f has provisioned concurrency

        Refused for 1 reason; nothing was started:
          HookMissing: there is no function check
        err:
    "#]]
    .assert_eq(&ran(&Script::new([Ok(refused)]), "plan --function f --alias live --to-version 2").await);
}

#[tokio::test]
async fn status_ends_with_the_code_of_a_deployment_that_is_over() {
    let under_way = json!({"deploymentId": "d-1", "status": "InProgress", "outcome": null});
    assert!(ran(&Script::new([Ok(under_way)]), "status d-1").await.starts_with("0 Done"));
    expect![[r#"
        12 Deployment(Unresolved)
        asked: [DescribeDeployment]
        out:
        d-1  Unresolved

          ended     2026-07-14 12:00:00 +02:00

          It could not be brought to its end without a person. Finish it with: tideshift repair d-1
        err:
    "#]]
    .assert_eq(&ran(&Script::new([Ok(over("Unresolved"))]), "status d-1").await);
}

#[tokio::test]
async fn a_deployment_that_does_not_exist_is_wrong_usage() {
    let error = ApiError::Refused {
        code: "DeploymentDoesNotExistException".to_owned(),
        message: "there is no deployment d-9".to_owned(),
    };
    expect![[r#"
        2 there is no deployment d-9; a target is a function with its alias, like storefront:live, or CLUSTER/SERVICE (DeploymentDoesNotExistException)
        asked: [DescribeDeployment]
        out:
        err:
    "#]]
    .assert_eq(&ran(&Script::new([Err(error)]), "status d-9").await);
}

#[tokio::test]
async fn the_status_of_a_target_is_asked_for_by_its_name() {
    let target = json!({"target": alias("storefront"), "live": {"version": "2"}, "history": []});
    let script = Script::new([Ok(target)]);
    expect![[r#"
        0 Done
        asked: [DescribeTarget]
        out:
        storefront:live

          live      everything on version 2
          last good unknown: no deployment of late succeeded here

          deployments, newest first
            No deployments yet.
        err:
    "#]]
    .assert_eq(&ran(&script, "status storefront:live").await);
    assert_eq!(script.body(0), json!({"target": "storefront:live"}));
}

#[tokio::test(start_paused = true)]
async fn watching_a_target_watches_the_deployment_that_is_at_it() {
    let target = json!({"target": alias("storefront"), "active": "d-1", "history": []});
    let script = Script::new([Ok(target), Ok(over("Succeeded"))]);
    expect![[r#"
        0 Deployment(Succeeded)
        asked: [DescribeTarget, DescribeDeployment]
        out:
        d-1 Succeeded
          look      tideshift status d-1
        err:
        2026-07-14 12:00:00 +02:00  over: Succeeded
    "#]]
    .assert_eq(&ran(&script, "status storefront:live --watch").await);
    assert_eq!(script.body(1), json!({"deploymentId": "d-1"}));
}

#[tokio::test]
async fn stop_says_what_the_stack_says_of_the_traffic() {
    let said = "The deployment is stopping, and its traffic goes back";
    let pending = || Script::new([Ok(json!({"status": "Pending", "statusMessage": said}))]);
    let script = pending();
    expect![[r#"
        0 Done
        asked: [StopDeployment]
        out:
        d-1: The deployment is stopping, and its traffic goes back
        err:
        Watch it with: tideshift status d-1 --watch
    "#]]
    .assert_eq(&ran(&script, "stop d-1").await);
    assert_eq!(script.body(0), json!({"deploymentId": "d-1"}));
    let script = pending();
    expect![[r#"
        0 Done
        asked: [StopDeployment]
        out:
        {
          "status": "Pending",
          "statusMessage": "The deployment is stopping, and its traffic goes back",
          "deploymentId": "d-1"
        }
        err:
    "#]]
    .assert_eq(&ran(&script, "stop d-1 --no-rollback --output json").await);
    assert_eq!(script.body(0), json!({"deploymentId": "d-1", "autoRollbackEnabled": false}));
}

#[tokio::test]
async fn continue_answers_also_where_codedeploy_sends_nothing() {
    expect![[r#"
        0 Done
        asked: [ContinueDeployment]
        out:
        d-1 goes on
        err:
    "#]]
    .assert_eq(&ran(&Script::new([Ok(Value::Null)]), "continue d-1").await);
}

#[tokio::test]
async fn continue_ends_the_time_an_old_task_set_is_kept() {
    let script = Script::new([Ok(Value::Null)]);
    expect![[r#"
        0 Done
        asked: [ContinueDeployment]
        out:
        d-1 removes the old task set
        err:
    "#]]
    .assert_eq(&ran(&script, "continue d-1 --termination").await);
    assert_eq!(script.body(0), json!({"deploymentId": "d-1", "deploymentWaitType": "TERMINATION_WAIT"}));
}

#[tokio::test]
async fn a_service_without_a_place_is_never_asked_about() {
    expect![[r#"
        2 to deploy web:2, write --service CLUSTER/SERVICE, --target-groups NAME,NAME and --listener ARN too, or --application and --group of a deployment group that has them
        asked: []
        out:
        err:
    "#]].assert_eq(&ran(&Script::new([]), "deploy --task-definition web:2").await);
}

#[tokio::test(start_paused = true)]
async fn a_watched_repair_ends_as_the_deployment_does() {
    let script = Script::new([
        Ok(json!({"deploymentId": "d-1", "executionArn": "arn"})),
        Ok(json!({"deploymentId": "d-1", "status": "InProgress", "outcome": null})),
        Ok(over("RolledBack")),
    ]);
    expect![[r#"
        10 Deployment(RolledBack)
        asked: [RepairDeployment, DescribeDeployment, DescribeDeployment]
        out:
        d-1 RolledBack
          next      tideshift logs d-1
        err:
        2026-07-14 12:00:00 +02:00  over: RolledBack
    "#]]
    .assert_eq(&ran(&script, "repair d-1 --watch").await);
    assert_eq!(script.asked()[0], Operation::RepairDeployment);
}
