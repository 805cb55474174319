//! The commands over a scripted stack: what is asked, what is shown, how it ends.

use std::pin::pin;

use clap::Parser;
use expect_test::expect;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{continue_, deploy, list, logs, plan, repair, status, stop};
use crate::api::{ApiError, Operation};
use crate::args::{Arguments, Command};
use crate::function_logs::Found;
use crate::testing::{Script, Streams, at};

/// Runs a command line; what was asked, both streams, and the ending.
async fn ran(script: &Script, line: &str) -> String {
    let arguments =
        Arguments::try_parse_from(std::iter::once("tideshift").chain(line.split(' '))).expect("a good line");
    let mut streams = Streams::default();
    let mut console = streams.console(arguments.output);
    let interrupt = pin!(std::future::pending());
    let ending = match &arguments.command {
        Command::Deploy(wanted) => deploy::run(script, &mut console, wanted, interrupt).await,
        Command::Plan(what) => plan::run(script, &mut console, what).await,
        Command::Status(watched) => status::run(script, &mut console, watched, interrupt).await,
        Command::List(wanted) => list::run(script, &mut console, wanted).await,
        Command::Logs(wanted) => logs::run(script, script, &mut console, wanted, interrupt).await,
        Command::Stop(wanted) => stop::run(script, &mut console, wanted, interrupt).await,
        Command::Continue(wanted) => continue_::run(script, &mut console, wanted, interrupt).await,
        Command::Repair(watched) => repair::run(script, &mut console, watched, interrupt).await,
        Command::Doctor => panic!("the account is asked, too: see doctor"),
        Command::Proxy(_) => panic!("a server asks the stack nothing by itself"),
    };
    let told = match ending {
        Ok(ending) => format!("{} {ending:?}", ending.code()),
        Err(failure) => format!("{} {failure}", failure.ending().code()),
    };
    format!("{told}\nasked: {:?}\n{}", script.asked(), streams.shown())
}

fn planned(refusals: Value) -> Value {
    json!({
        "plan": {
            "function": "f", "alias": "live", "from": "1", "to": "2", "strategy": "AllAtOnce", "startWeight": 0,
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
async fn a_refused_deployment_is_never_started() {
    let refusals = json!([{"code": "AlarmActive", "message": "alarm errors is in ALARM"}, {"code": "TargetLocked", "message": "d-7 is under way"}]);
    expect![[r#"
        11 Refused
        asked: [PlanDeployment]
        out:
        err:
        Refused for 2 reasons; nothing was started:
          AlarmActive: alarm errors is in ALARM
          TargetLocked: d-7 is under way
    "#]]
    .assert_eq(&ran(&Script::new([Ok(planned(refusals.clone()))]), DEPLOY).await);
    expect![[r#"
        11 Refused
        asked: [PlanDeployment]
        out:
        {
          "plan": {
            "function": "f",
            "alias": "live",
            "from": "1",
            "to": "2",
            "strategy": "AllAtOnce",
            "startWeight": 0,
            "steps": [
              {
                "weight": 100,
                "holdSeconds": 0,
                "awaitContinue": false,
                "onTimeout": null
              }
            ],
            "hooks": [],
            "alarms": [],
            "rollbackOn": [],
            "pollSeconds": 60,
            "totalSeconds": 0
          },
          "refusals": [
            {
              "code": "AlarmActive",
              "message": "alarm errors is in ALARM"
            },
            {
              "code": "TargetLocked",
              "message": "d-7 is under way"
            }
          ],
          "notes": [
            "f has provisioned concurrency"
          ],
          "error": {
            "code": "AlarmActive",
            "message": "alarm errors is in ALARM; d-7 is under way"
          }
        }
        err:
    "#]]
    .assert_eq(&ran(&Script::new([Ok(planned(refusals))]), &format!("{DEPLOY} --output json")).await);
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
async fn list_turns_pages_until_it_has_enough() {
    let page = |ids: [&str; 2], next: Option<&str>| {
        let found: Vec<Value> =
            ids.iter().map(|id| json!({"deploymentId": id, "status": "Created", "createTime": at(0)})).collect();
        Ok(json!({"deployments": found, "nextToken": next}))
    };
    let script = Script::new([page(["d-4", "d-3"], Some("more")), page(["d-2", "d-1"], Some("again"))]);
    expect![[r#"
        0 Done
        asked: [ListDeployments, ListDeployments]
        out:
        ID   STATE    TARGET  CHANGE  CREATED                     NOTE
        d-4  Created  -       -       2026-07-14 12:00:00 +02:00
        d-3  Created  -       -       2026-07-14 12:00:00 +02:00
        d-2  Created  -       -       2026-07-14 12:00:00 +02:00
        err:
    "#]]
    .assert_eq(&ran(&script, "list --limit 3").await);
    assert_eq!((script.body(0), script.body(1)), (json!({"limit": 3}), json!({"limit": 1, "nextToken": "more"})));
}

#[tokio::test]
async fn list_asks_for_what_it_is_narrowed_to_and_says_where_to_go_on() {
    let row = json!({"deploymentId": "d-4", "status": "Created", "createTime": at(0)});
    let script = Script::new([Ok(json!({"deployments": [row], "nextToken": "more"}))]);
    let line = "list --target storefront:live --group web --application shop --status failed --status in-progress --since 2h --limit 1";
    expect![[r#"
        0 Done
        asked: [ListDeployments]
        out:
        ID   STATE    TARGET  CHANGE  CREATED                     NOTE
        d-4  Created  -       -       2026-07-14 12:00:00 +02:00
        err:
        There are more. For the next page, add: --page more
    "#]]
    .assert_eq(&ran(&script, line).await);
    let expected = json!({
        "target": "storefront:live", "applicationName": "shop", "deploymentGroupName": "web", "limit": 1,
        "includeOnlyStatuses": ["Failed", "InProgress"], "createTimeRange": {"start": at(-7_200) as f64}
    });
    assert_eq!(script.body(0), expected);
    ran(&script, "list --limit 1 --page more").await;
    assert_eq!(script.body(1), json!({"nextToken": "more", "limit": 1}));
}

#[tokio::test]
async fn the_status_of_a_target_is_asked_for_by_its_name() {
    let target = json!({"function": "storefront", "alias": "live", "live": {"version": "2"}, "history": []});
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
    let target = json!({"function": "storefront", "alias": "live", "active": "d-1", "history": []});
    let script = Script::new([Ok(target), Ok(over("Succeeded"))]);
    expect![[r#"
        0 Deployment(Succeeded)
        asked: [DescribeTarget, DescribeDeployment]
        out:
        d-1 Succeeded
        err:
        2026-07-14 12:00:00 +02:00  over: Succeeded
    "#]]
    .assert_eq(&ran(&script, "status storefront:live --watch").await);
    assert_eq!(script.body(1), json!({"deploymentId": "d-1"}));
}

#[tokio::test(start_paused = true)]
async fn logs_are_told_once_each_as_they_come_until_the_deployment_is_over() {
    let look = |outcome: Option<&str>, lines: &[(i64, &str)]| {
        let journal: Vec<Value> = lines.iter().map(|(second, text)| json!({"at": at(*second), "text": text})).collect();
        Ok(
            json!({"deploymentId": "d-1", "status": "InProgress", "outcome": outcome, "createTime": at(0), "journal": journal}),
        )
    };
    let looks = || {
        Script::new([
            look(None, &[(0, "planned")]),
            look(None, &[(0, "planned")]),
            look(Some("RolledBack"), &[(0, "planned"), (5, "stopping")]),
        ])
    };
    let found = |id: &str, second: i64, what: &str| Found {
        id: id.to_owned(),
        at: Timestamp::from_second(at(second)).expect("a time"),
        message: json!({"level": "WARN", "fields": {"message": what, "deployment": "d-1"}}).to_string(),
    };
    let (slow, late) = (found("1", 1, "slow"), found("2", 2, "late"));
    // prepare, finish and five that are called by events are asked, at the first look and once it is over.
    let none = || Ok(Vec::new());
    let first = [Ok(vec![slow.clone()]), none(), none(), none(), none(), none(), none()];
    let logged = || first.clone().into_iter().chain([Ok(vec![slow.clone(), late.clone()])]);
    let script = looks().logging(logged());
    expect![[r#"
        10 Deployment(RolledBack)
        asked: [DescribeDeployment, DescribeDeployment, DescribeDeployment]
        out:
        2026-07-14 12:00:00 +02:00  planned
        2026-07-14 12:00:01 +02:00  prepare logged a warning: slow
        2026-07-14 12:00:02 +02:00  prepare logged a warning: late
        2026-07-14 12:00:05 +02:00  stopping
        err:
        looking at what the stack's functions logged
    "#]]
    .assert_eq(&ran(&script, "logs d-1 --follow").await);
    let searched = script.searched();
    let groups: Vec<&str> = searched.iter().map(|search| search.group.as_str()).collect();
    assert_eq!(groups[..7], groups[7..]);
    expect![[r#"
        /aws/lambda/tideshift-prepare
        /aws/lambda/tideshift-finish
        /aws/lambda/tideshift-api
        /aws/lambda/tideshift-hook-status
        /aws/lambda/tideshift-on-alarm
        /aws/lambda/tideshift-on-execution
        /aws/lambda/tideshift-sweep"#]]
    .assert_eq(&groups[..7].join("\n"));
    expect![[r#"
        Some(
            Search {
                group: "/aws/lambda/tideshift-sweep",
                from: 2026-07-14T09:59:59Z,
                until: None,
                deployment: "d-1",
            },
        )"#]]
    .assert_eq(&format!("{:#?}", searched.last()));
    expect![[r#"
        10 Deployment(RolledBack)
        asked: [DescribeDeployment, DescribeDeployment, DescribeDeployment]
        out:
        {
          "deploymentId": "d-1",
          "lines": [
            {
              "at": "2026-07-14T10:00:00.000Z",
              "text": "planned"
            },
            {
              "at": "2026-07-14T10:00:01.000Z",
              "text": "prepare logged a warning: slow"
            },
            {
              "at": "2026-07-14T10:00:02.000Z",
              "text": "prepare logged a warning: late"
            },
            {
              "at": "2026-07-14T10:00:05.000Z",
              "text": "stopping"
            }
          ],
          "functionLogs": [
            "aws logs filter-log-events --log-group-name /aws/lambda/tideshift-prepare --start-time 1784023199000 --filter-pattern '{ $.fields.deployment = \"d-1\" }' --query 'events[].message' --output text",
            "aws logs filter-log-events --log-group-name /aws/lambda/tideshift-finish --start-time 1784023199000 --filter-pattern '{ $.fields.deployment = \"d-1\" }' --query 'events[].message' --output text",
            "aws logs filter-log-events --log-group-name /aws/lambda/tideshift-api --start-time 1784023199000 --filter-pattern '{ $.fields.deployment = \"d-1\" }' --query 'events[].message' --output text",
            "aws logs filter-log-events --log-group-name /aws/lambda/tideshift-hook-status --start-time 1784023199000 --filter-pattern '{ $.fields.deployment = \"d-1\" }' --query 'events[].message' --output text",
            "aws logs filter-log-events --log-group-name /aws/lambda/tideshift-on-alarm --start-time 1784023199000 --filter-pattern '{ $.fields.deployment = \"d-1\" }' --query 'events[].message' --output text",
            "aws logs filter-log-events --log-group-name /aws/lambda/tideshift-on-execution --start-time 1784023199000 --filter-pattern '{ $.fields.deployment = \"d-1\" }' --query 'events[].message' --output text",
            "aws logs filter-log-events --log-group-name /aws/lambda/tideshift-sweep --start-time 1784023199000 --filter-pattern '{ $.fields.deployment = \"d-1\" }' --query 'events[].message' --output text"
          ],
          "unread": null
        }
        err:
    "#]].assert_eq(&ran(&looks().logging(logged()), "logs d-1 --follow --output json").await);
}

#[tokio::test(start_paused = true)]
async fn logs_that_are_interrupted_answer_with_what_was_read() {
    let begun = json!({"deploymentId": "d-1", "status": "InProgress", "createTime": at(0), "journal": [{"at": at(0), "text": "planned"}]});
    for (output, expected) in
        [("json", "\"text\": \"planned\""), ("text", "Look again with: tideshift logs d-1 --follow")]
    {
        let line = ["tideshift", "--output", output, "logs", "d-1", "--follow"];
        let arguments = Arguments::try_parse_from(line).expect("a good line");
        let Command::Logs(wanted) = &arguments.command else { panic!("logs") };
        let script = Script::new([Ok(begun.clone())]);
        let mut streams = Streams::default();
        let interrupt = pin!(tokio::time::sleep(std::time::Duration::from_secs(3)));
        let ending = logs::run(&script, &script, &mut streams.console(arguments.output), wanted, interrupt).await;
        assert_eq!(ending.expect("an ending").code(), 130);
        assert!(streams.shown().contains(expected), "{}", streams.shown());
    }
}

#[tokio::test(start_paused = true)]
async fn logs_that_are_interrupted_before_any_answer_are_a_document_too() {
    let line = ["tideshift", "--output", "json", "logs", "d-1", "--follow"];
    let arguments = Arguments::try_parse_from(line).expect("a good line");
    let Command::Logs(wanted) = &arguments.command else { panic!("logs") };
    let script = Script::new([Err(ApiError::Throttled("slow".to_owned()))]);
    let mut streams = Streams::default();
    let interrupt = pin!(tokio::time::sleep(std::time::Duration::from_secs(3)));
    let ending = logs::run(&script, &script, &mut streams.console(arguments.output), wanted, interrupt).await;
    assert_eq!(ending.expect("an ending").code(), 130);
    assert!(streams.shown().contains(r#""unread": "interrupted""#), "{}", streams.shown());
}

#[tokio::test(start_paused = true)]
async fn logs_that_cannot_be_read_are_told_with_the_commands_that_show_them() {
    let over = json!({"deploymentId": "d-1", "status": "Failed", "outcome": "RolledBack", "createTime": at(0), "completeTime": at(9)});
    let begun = json!({"deploymentId": "d-1", "status": "InProgress", "createTime": at(0)});
    let script = || Script::new([Ok(over.clone())]).logging([Err("you may not".to_owned())]);
    let asked = script();
    expect![[r#"
        10 Deployment(RolledBack)
        asked: [DescribeDeployment]
        out:
        err:
        looking at what the stack's functions logged

        What the stack's functions logged is missing, or a part of it: you may not. Who may read it sees it by:
          aws logs filter-log-events --log-group-name /aws/lambda/tideshift-prepare --start-time 1784023199000 --end-time 1784023269000 --filter-pattern '{ $.fields.deployment = "d-1" }' --query 'events[].message' --output text
          aws logs filter-log-events --log-group-name /aws/lambda/tideshift-finish --start-time 1784023199000 --end-time 1784023269000 --filter-pattern '{ $.fields.deployment = "d-1" }' --query 'events[].message' --output text
          aws logs filter-log-events --log-group-name /aws/lambda/tideshift-api --start-time 1784023199000 --end-time 1784023269000 --filter-pattern '{ $.fields.deployment = "d-1" }' --query 'events[].message' --output text
          aws logs filter-log-events --log-group-name /aws/lambda/tideshift-hook-status --start-time 1784023199000 --end-time 1784023269000 --filter-pattern '{ $.fields.deployment = "d-1" }' --query 'events[].message' --output text
          aws logs filter-log-events --log-group-name /aws/lambda/tideshift-on-alarm --start-time 1784023199000 --end-time 1784023269000 --filter-pattern '{ $.fields.deployment = "d-1" }' --query 'events[].message' --output text
          aws logs filter-log-events --log-group-name /aws/lambda/tideshift-on-execution --start-time 1784023199000 --end-time 1784023269000 --filter-pattern '{ $.fields.deployment = "d-1" }' --query 'events[].message' --output text
          aws logs filter-log-events --log-group-name /aws/lambda/tideshift-sweep --start-time 1784023199000 --end-time 1784023269000 --filter-pattern '{ $.fields.deployment = "d-1" }' --query 'events[].message' --output text
    "#]].assert_eq(&ran(&asked, "logs d-1").await);
    assert_eq!(asked.searched().len(), 1, "what one group refuses is not asked of each");
    let again = Script::new([Ok(begun.clone()), Ok(over.clone())]);
    let found =
        Found { id: "1".to_owned(), at: Timestamp::from_second(at(1)).expect("a time"), message: "slow".to_owned() };
    let told = ran(&again.logging([Err("throttled".to_owned()), Ok(vec![found])]), "logs d-1 --follow").await;
    assert!(told.contains("cannot be read just now: throttled") && told.contains("prepare logged \"slow\""), "{told}");
    assert!(!told.contains("is missing"), "{told}");
    let document = ran(&script(), "logs d-1 --output json").await;
    assert!(document.contains(r#""unread": "you may not""#), "{document}");
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
        err:
        2026-07-14 12:00:00 +02:00  over: RolledBack
    "#]]
    .assert_eq(&ran(&script, "repair d-1 --watch").await);
    assert_eq!(script.asked()[0], Operation::RepairDeployment);
}
