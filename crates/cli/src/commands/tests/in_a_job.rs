//! The commands in a job of GitHub: what its runner is told, and what it must not hear.

use std::path::Path;

use expect_test::expect;
use serde_json::{Value, json};

use super::{DEPLOY, planned, ran, ran_in};
use crate::api::ApiError;
use crate::github::job::Job;
use crate::testing::{Script, alias, at};

/// A job whose files cannot be written.
fn job() -> Option<Job> {
    let variable = |name: &str| match name {
        "GITHUB_ACTIONS" => Some("true".to_owned()),
        "GITHUB_WORKSPACE" => Some("/checkout".to_owned()),
        "GITHUB_OUTPUT" => Some("/nowhere/outputs".to_owned()),
        _ => None,
    };
    Job::of(variable, Some(Path::new("deploy/appspec.yaml")), Some(Path::new("/checkout")))
}

/// A deployment that a hook ended, whose words would be obeyed.
fn refused_by_a_hook() -> Value {
    json!({
        "deploymentId": "d-1", "status": "Failed", "outcome": "RolledBack", "createTime": at(0), "completeTime": at(60),
        "description": "::stop-commands::x", "progress": {"weight": 0},
        "plan": {"target": alias("f"), "from": "1", "to": "2", "hooks": [
            {"event": "BeforeAllowTraffic", "function": "check", "timeoutSeconds": 60}
        ]},
        "error": {"code": "HOOK_FAILED", "message": "100 % wrong: ##[add-mask]a\n::error::b"},
        "events": [{"name": "BeforeAllowTraffic", "status": "Failed", "startTime": at(1), "endTime": at(2),
                    "logTail": "::set-env name=PATH::/evil\n##[endgroup]"}],
    })
}

fn deployed() -> Script {
    Script::new([Ok(planned(json!([]))), Ok(json!({"deploymentId": "d-1"})), Ok(refused_by_a_hook())])
}

/// What the runner does with a line: whether it obeys it.
fn obeyed(line: &&str) -> bool {
    line.trim_start().starts_with("::") || line.contains("##[")
}

#[tokio::test(start_paused = true)]
async fn a_rollback_is_annotated_and_nothing_that_strangers_wrote_is_obeyed() {
    let told = ran_in(&deployed(), &format!("{DEPLOY} --watch"), job()).await;
    let heard: Vec<&str> = told.lines().filter(obeyed).collect();
    expect![[r#"
        ::group::Plan: f:live from version 1 to 2, AllAtOnce
        ::endgroup::
        ::warning title=tideshift::cannot write the file that GITHUB_OUTPUT names: No such file or directory (os error 2)
        ::group::All that is known of d-1
        ::endgroup::
        ::error title=f%3Alive RolledBack::HOOK_FAILED: 100 %25 wrong: ## [add-mask]a\n::error::b; everything on version 1 (d-1)
        ::warning title=tideshift::cannot write the file that GITHUB_OUTPUT names: No such file or directory (os error 2)"#]].assert_eq(&heard.join("\n"));
    assert!(told.contains("| ::set-env name=PATH::/evil") && told.contains(": :stop-commands::x"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn outside_of_a_job_nothing_is_said_to_a_runner() {
    let told = ran(&deployed(), &format!("{DEPLOY} --watch")).await;
    assert!(!told.contains("::group::") && !told.contains("::warning") && told.contains("| ::set-env"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn the_document_of_a_job_is_the_same_document() {
    let line = format!("{DEPLOY} --watch --output json");
    let document = |told: &str| {
        let (_, rest) = told.split_once("out:\n").expect("the answer");
        serde_json::from_str::<Value>(rest.split("err:\n").next().expect("an end")).expect("one document")
    };
    let (plain, told) = (ran(&deployed(), &line).await, ran_in(&deployed(), &line, job()).await);
    assert_eq!(document(&plain), document(&told));
    let (answer, _) = told.split_once("err:\n").expect("both streams");
    assert_eq!(answer.lines().filter(obeyed).count(), 0, "{answer}");
}

#[tokio::test]
async fn a_wrong_appspec_is_annotated_where_it_is_wrong() {
    let message = "line 3, Resources[0].Nme: unknown key, did you mean `Name`?\nHooks: 100 % wrong\nand 2 more";
    let error = ApiError::Refused { code: "InvalidRevisionException".to_owned(), message: message.to_owned() };
    let told = ran_in(&Script::new([Err(error)]), DEPLOY, job()).await;
    let heard: Vec<&str> = told.lines().filter(obeyed).collect();
    expect![[r#"
        ::error file=deploy/appspec.yaml,line=3,title=tideshift::line 3, Resources[0].Nme: unknown key, did you mean `Name`?
        ::error title=tideshift::Hooks: 100 %25 wrong
        ::error title=tideshift::and 2 more"#]].assert_eq(&heard.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn what_is_found_wrong_with_an_appspec_later_is_annotated_there_too() {
    let mut view = refused_by_a_hook();
    view["error"] = json!({"code": "INVALID_REVISION", "message": "line 7, Hooks[0]: there is no such event"});
    let told = ran_in(&Script::new([Ok(view)]), "status d-1 --watch", job()).await;
    assert!(
        told.contains("::error file=deploy/appspec.yaml,line=7,title=f%3Alive RolledBack::INVALID_REVISION: line 7"),
        "{told}"
    );
}

#[tokio::test]
async fn each_reason_of_a_refusal_is_annotated() {
    let refusals = json!([{"code": "AlarmActive", "message": "alarm errors is in ALARM"}, {"code": "TargetLocked", "message": "d-7"}]);
    let told = ran_in(&Script::new([Ok(planned(refusals))]), DEPLOY, job()).await;
    let heard: Vec<&str> = told.lines().filter(obeyed).collect();
    expect![[r#"
        ::error title=Refused%3A AlarmActive::alarm errors is in ALARM
        ::error title=Refused%3A TargetLocked::d-7"#]]
    .assert_eq(&heard.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn a_pause_is_a_notice_with_the_command_that_ends_it() {
    let look = |waits: bool, outcome: Value| {
        json!({
            "deploymentId": "d-1", "status": "Ready", "outcome": outcome, "progress": {"weight": 10, "awaitingContinue": waits},
            "plan": {"target": alias("f"), "from": "1", "to": "2", "steps": [{"weight": 10, "awaitContinue": true}, {"weight": 100}]},
        })
    };
    let script = Script::new([Ok(look(true, Value::Null)), Ok(look(false, json!("Stopped")))]);
    let told = ran_in(&script, "status d-1 --watch", job()).await;
    let heard: Vec<&str> = told.lines().filter(obeyed).filter(|line| line.contains("title=")).collect();
    expect![[r#"
        ::notice title=Deployment d-1 waits::It waits. Go on with: tideshift continue d-1
        ::warning title=f%3Alive Stopped::10 %25 on version 2, the rest on version 1 (d-1)
        ::warning title=tideshift::cannot write the file that GITHUB_OUTPUT names: No such file or directory (os error 2)"#]].assert_eq(&heard.join("\n"));
}
