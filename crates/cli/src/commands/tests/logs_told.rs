//! `logs`: what is told, once and for all, or as it comes.

use std::pin::pin;

use clap::Parser;
use expect_test::expect;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::logs;
use super::ran;
use crate::api::ApiError;
use crate::args::{Arguments, Command, Output};
use crate::function_logs::Found;
use crate::testing::{Head, Script, Streams, alias, at};

/// A look at a deployment whose journal has these lines: when, in seconds after noon, and what.
fn look(outcome: Option<&str>, lines: &[(i64, &str)]) -> Result<Value, ApiError> {
    let journal: Vec<Value> = lines.iter().map(|(second, text)| json!({"at": at(*second), "text": text})).collect();
    Ok(
        json!({"deploymentId": "d-1", "status": "InProgress", "outcome": outcome, "createTime": at(0), "journal": journal}),
    )
}

/// A line of the log of `prepare`.
fn found(id: &str, second: i64, what: &str) -> Found {
    Found {
        id: id.to_owned(),
        at: Timestamp::from_second(at(second)).expect("a time"),
        stream: "2026/07/14/tideshift-prepare[$LATEST]5a9e".to_owned(),
        message: json!({"level": "WARN", "fields": {"message": what, "deployment": "d-1"}}).to_string(),
    }
}

/// Three looks, the last one at the end of the deployment. The logs are read at the first one and at the last.
fn stopped() -> Script {
    let looks = [
        look(None, &[(0, "planned")]),
        look(None, &[(0, "planned")]),
        look(Some("RolledBack"), &[(0, "planned"), (5, "stopping")]),
    ];
    let (slow, late) = (found("1", 1, "slow"), found("2", 2, "late"));
    Script::new(looks).logging([Ok(vec![slow.clone()]), Ok(vec![slow, late])])
}

#[tokio::test(start_paused = true)]
async fn logs_are_told_once_each_as_they_come_until_the_deployment_is_over() {
    let script = stopped();
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
    assert_eq!(searched.len(), 2);
    expect![[r#"
        Some(
            Search {
                group: "/aws/lambda/tideshift-functions",
                from: 2026-07-14T09:59:59Z,
                until: None,
                deployment: "d-1",
            },
        )"#]]
    .assert_eq(&format!("{:#?}", searched.last()));
}

#[tokio::test(start_paused = true)]
async fn a_line_is_told_once_also_where_its_words_are_others_at_the_next_look() {
    let why = "the hook check did not answer within 1m";
    let look = |outcome: Option<&str>, status: &str, end: Option<i64>| {
        let message = end.map(|_| why);
        Ok(json!({
            "deploymentId": "d-1", "status": "InProgress", "outcome": outcome, "createTime": at(0),
            "plan": {"target": alias("f"), "from": "1", "to": "2", "hooks": [{"event": "BeforeAllowTraffic", "function": "check"}]},
            "events": [{"name": "BeforeAllowTraffic", "status": status, "startTime": at(1), "endTime": end, "message": message}],
            "journal": [{"at": at(61), "key": "interrupted", "status": "InProgress", "text": format!("stopping: TIMEOUT: {why}")}],
        }))
    };
    let looks = || Script::new([look(None, "InProgress", None), look(Some("RolledBack"), "Failed", Some(at(61)))]);
    let told = ran(&looks(), "logs d-1 --follow").await;
    assert_eq!(told.matches("BeforeAllowTraffic begins").count(), 1, "{told}");
    assert_eq!(told.matches("stopping: TIMEOUT").count(), 1, "{told}");
    let document = ran(&looks(), "logs d-1 --follow --output json").await;
    assert!(
        document.contains(r#""key": "interrupted","#) && document.contains(r#""status": "InProgress""#),
        "{document}"
    );
}

#[tokio::test(start_paused = true)]
async fn logs_that_are_followed_are_one_document_in_json() {
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
            "aws logs filter-log-events --log-group-name /aws/lambda/tideshift-functions --start-time 1784023199000 --filter-pattern '{ $.fields.deployment = \"d-1\" }' --query 'events[].message' --output text"
          ],
          "unread": null
        }
        err:
    "#]].assert_eq(&ran(&stopped(), "logs d-1 --follow --output json").await);
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
          aws logs filter-log-events --log-group-name /aws/lambda/tideshift-functions --start-time 1784023199000 --end-time 1784023269000 --filter-pattern '{ $.fields.deployment = "d-1" }' --query 'events[].message' --output text
    "#]].assert_eq(&ran(&asked, "logs d-1").await);
    let again = Script::new([Ok(begun.clone()), Ok(over.clone())]);
    let found = Found {
        id: "1".to_owned(),
        at: Timestamp::from_second(at(1)).expect("a time"),
        stream: "2026/07/14/tideshift-prepare[$LATEST]5a9e".to_owned(),
        message: "slow".to_owned(),
    };
    let told = ran(&again.logging([Err("throttled".to_owned()), Ok(vec![found])]), "logs d-1 --follow").await;
    assert!(told.contains("cannot be read just now: throttled") && told.contains("prepare logged \"slow\""), "{told}");
    assert!(!told.contains("is missing"), "{told}");
    let document = ran(&script(), "logs d-1 --output json").await;
    assert!(document.contains(r#""unread": "you may not""#), "{document}");
}

#[tokio::test(start_paused = true)]
async fn logs_that_are_followed_end_with_their_reader_and_not_with_the_deployment() {
    let look = |lines: i64| {
        let journal: Vec<Value> =
            (0..lines).map(|second| json!({"at": at(second), "text": format!("line {second}")})).collect();
        Ok(json!({"deploymentId": "d-1", "status": "InProgress", "createTime": at(0), "journal": journal}))
    };
    let script = Script::new([look(1), look(2), look(3), look(4)]);
    let (mut streams, mut reader) = (Streams::default(), Head(2));
    let mut console = streams.console(Output::Text);
    console.out = &mut reader;
    let wanted = Arguments::try_parse_from(["tideshift", "logs", "d-1", "--follow"]).expect("a good line");
    let Command::Logs(wanted) = &wanted.command else { panic!("logs") };
    let ending =
        logs::run(&script, &script, &mut console, wanted, pin!(std::future::pending())).await.expect("an ending");
    assert_eq!((ending.code(), script.asked().len()), (141, 3));
}
