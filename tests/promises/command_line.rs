//! The command line against the stack: what people type, and the exit codes scripts branch on.

use std::process::Stdio;

use codedeploy::view::{DeploymentView, Outcome};
use harness::app::App;
use harness::deployment::Subject as _;
use harness::ours::Told;
use harness::shop::Shop;
use harness::stack::{program, stack};
use harness::{OrStop, story};
use local::sample::service::{CLUSTER, CONTAINER, CONTAINER_PORT};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::process::Command;

pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) async fn tideshift(arguments: &[&str]) -> Said {
    let output = Command::new(program("tideshift"))
        .args(arguments)
        .env("AWS_ENDPOINT_URL", stack().await.endpoint())
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", stack().await.region())
        .stdin(Stdio::null())
        .output()
        .await
        .or_stop("tideshift runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

/// A deployment as `--output json` prints it: what the stack answers, with times as people read them.
fn told(document: &str) -> DeploymentView {
    serde_json::from_str(document).or_stop("one JSON document")
}

fn flags<'a>(app: &'a App, more: &[&'a str]) -> Vec<&'a str> {
    let mut flags = vec!["deploy", "--function", &app.name, "--alias", "live", "--to-version", "2"];
    flags.extend(more);
    flags
}

#[test]
fn a_watched_deployment_prints_a_line_for_each_change_and_exits_zero() {
    story(async {
        let app = App::new().await;
        let said = tideshift(&flags(&app, &["--config", "Linear40PercentEvery2Seconds", "--watch"])).await;
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        for weight in ["40 %", "80 %", "100 %"] {
            assert!(said.err.contains(weight), "{weight} in {}", said.err);
        }
        assert_eq!(app.alias().await, "2");
    });
}

#[test]
fn what_was_meant_and_that_there_was_nothing_to_do_is_told() {
    story(async {
        let app = App::new().await;
        let said = tideshift(&["list", "--status", "RolledBack"]).await;
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(said.err.contains("--ended rolled-back"), "{}", said.err);
        let mut to_where_it_is = flags(&app, &["--config", "CodeDeployDefault.ECSCanary10Percent5Minutes"]);
        let said = tideshift(&to_where_it_is).await;
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(said.err.contains("write CodeDeployDefault.LambdaCanary10Percent5Minutes"), "{}", said.err);
        to_where_it_is.truncate(6);
        to_where_it_is.push("1");
        let said = tideshift(&to_where_it_is).await;
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.err.contains("Nothing to do") && !said.err.contains("Under way"), "{}", said.err);
    });
}

/// What `tideshift logs --output json` prints.
#[derive(Deserialize)]
struct Logged {
    lines: Vec<Line>,
    // An `Option` would take a document without it.
    unread: Value,
}

/// One line of it.
#[derive(Deserialize)]
struct Line {
    text: String,
}

#[test]
fn logs_tell_what_the_functions_of_the_stack_logged_among_what_happened() {
    story(async {
        let app = App::new().await;
        let alarm = app.alarm("errors").await;
        let said = tideshift(&flags(&app, &["--config", "Canary10Percent30Minutes", "--alarm", &alarm])).await;
        let id = said.out.trim().to_owned();
        let deployment = harness::deployment::Deployment { id: id.clone(), app: app.clone() };
        deployment.until_weight(10).await;
        app.set(&alarm, "ALARM").await;
        let said = tideshift(&["logs", &id, "--follow"]).await;
        assert_eq!(said.code, 10, "{}{}", said.out, said.err);
        let of_function = format!("on-alarm logged an alarm was heard (alarm: {alarm}");
        let place = |text: &str| said.out.find(text).or_stop(text);
        assert!(place("planned") < place(&of_function), "{}", said.out);
        assert!(said.out.contains("stopping"), "{}", said.out);
        assert!(!said.err.contains("is missing"), "{}", said.err);
        let said = tideshift(&["logs", &id, "--output", "json"]).await;
        let Logged { lines, unread } = serde_json::from_str(&said.out).or_stop("one document");
        assert_eq!(unread, Value::Null);
        assert_eq!(lines.iter().filter(|line| line.text.contains(&of_function)).count(), 1, "{}", said.out);
    });
}

#[test]
fn the_plan_shows_steps_and_every_reason_against_it_and_touches_nothing() {
    story(async {
        let app = App::new().await;
        let mut arguments = flags(
            &app,
            &["--steps", "10:5m,50:1h,100", "--alarm", "missing", "--before-hook", "CodeDeployHook_absent"],
        );
        arguments[0] = "plan";
        let said = tideshift(&arguments).await;
        assert_eq!(said.code, 11, "{}", said.err);
        let all = said.out + &said.err;
        for text in ["10 %", "50 %", "missing", "CodeDeployHook_absent"] {
            assert!(all.contains(text), "{text} in {all}");
        }
        assert!(app.writes().await.is_empty());
    });
}

#[test]
fn a_deployment_is_stopped_listed_and_described_by_its_id() {
    story(async {
        let app = App::new().await;
        let said = tideshift(&flags(&app, &["--steps", "30:pause"])).await;
        assert_eq!(said.code, 0, "{}", said.err);
        let id = said.out.trim().to_owned();
        let deployment = harness::deployment::Deployment { id: id.clone(), app: App { name: app.name.clone() } };
        deployment.until("its pause", Told::is_ready).await;
        assert!(tideshift(&["list"]).await.out.contains(&id));
        assert_eq!(tideshift(&["stop", &id]).await.code, 0);
        deployment.ended().await;
        let status = tideshift(&["status", &id, "--output", "json"]).await;
        assert_eq!(status.code, 10, "{}", status.err);
        let view = told(&status.out);
        assert_eq!(view.outcome, Some(Outcome::RolledBack));
    });
}

#[test]
fn a_paused_deployment_is_continued_from_the_command_line() {
    story(async {
        let app = App::new().await;
        let id = tideshift(&flags(&app, &["--steps", "30:pause"])).await.out.trim().to_owned();
        let deployment = harness::deployment::Deployment { id: id.clone(), app: App { name: app.name.clone() } };
        deployment.until("its pause", Told::is_ready).await;
        assert_eq!(tideshift(&["continue", &id]).await.code, 0);
        assert_eq!(deployment.outcome().await.0, "Succeeded");
    });
}

#[test]
fn a_service_is_planned_deployed_and_shown_with_its_task_sets() {
    story(async {
        let shop = Shop::new().await;
        let (service, port) = (format!("{CLUSTER}/{}", shop.name()), CONTAINER_PORT.to_string());
        let groups = format!("{0}-blue,{0}-green", shop.name());
        let definition = shop.sample.definition(2);
        let mut arguments = vec!["plan", "--service", &service, "--task-definition", &definition];
        arguments.extend(["--container", CONTAINER, "--port", &port, "--target-groups", &groups]);
        arguments.extend([
            "--listener",
            &shop.sample.production_listener,
            "--test-listener",
            &shop.sample.test_listener,
        ]);
        arguments.extend(["--config", "Canary10Percent3Seconds"]);
        let planned = tideshift(&arguments).await;
        assert_eq!(planned.code, 0, "{}{}", planned.out, planned.err);
        let moved = format!("{service} from task definition {0}:1 to {0}:2", shop.name());
        assert!(planned.out.contains(&moved), "{}", planned.out);
        assert_eq!(shop.revisions().await, ["1"], "a plan touches nothing");

        arguments[0] = "deploy";
        arguments.push("--watch");
        let said = tideshift(&arguments).await;
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        for words in ["Install succeeded", "green task set: 2 of 2 tasks run", "10 % to 100 %", "over: Succeeded"] {
            assert!(said.err.contains(words), "{words} in {}", said.err);
        }
        assert_eq!(shop.revisions().await, ["2"]);
        let id = said.err.split_whitespace().chain(said.out.split_whitespace()).find(|word| word.starts_with("d-"));
        let id = id.or_stop("the deployment's id").trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let status = tideshift(&["status", id]).await;
        assert!(status.out.contains(&service), "{}{}", status.out, status.err);
    });
}

#[test]
fn the_status_of_a_service_that_waits_shows_both_task_sets() {
    story(async {
        let shop = Shop::new().await;
        let pause = json!([{"Weight": 30, "UntilContinued": {"Timeout": "10m", "OnTimeout": "Stop"}}]);
        let deployment = shop.to(2).strategy(pause).start().await;
        deployment.until("its pause", Told::is_ready).await;
        let status = tideshift(&["status", &deployment.id]).await;
        assert_eq!(status.code, 0, "{}", status.err);
        let words = |label: &str| {
            let mut lines = status.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
            lines.find(|words| words.first() == Some(&label)).unwrap_or_default().join(" ")
        };
        let [blue, green] = ["blue", "green"].map(|colour| format!("{}-{colour}", shop.name()));
        let said = (words("Blue"), words("Green"));
        assert!(said.0.starts_with(&format!("Blue PRIMARY 70 % 2 of 2 tasks run {blue} ecs-svc/")), "{said:?}");
        assert!(said.1.starts_with(&format!("Green ACTIVE 30 % 2 of 2 tasks run {green} ecs-svc/")), "{said:?}");
        deployment.stop(None).await;
        deployment.rolled_back("MANUAL_STOP").await;
    });
}

#[test]
fn exit_codes_tell_a_refusal_a_wrong_word_and_a_stack_that_is_not_there_apart() {
    story(async {
        let app = App::new().await;
        assert_eq!(tideshift(&flags(&app, &["--alarm", "missing"])).await.code, 11);
        assert_eq!(tideshift(&flags(&app, &["--config", "Canary0Percent5Minutes"])).await.code, 2);
        assert_eq!(tideshift(&["status", "d-NOSUCHONE"]).await.code, 2);
        assert_eq!(tideshift(&["--stack", "elsewhere", "list"]).await.code, 3);
    });
}

/// What the doctor says of one thing, whatever it says of the others that share the stack.
pub(crate) async fn doctor(about: &str) -> (i32, Vec<Finding>) {
    let said = tideshift(&["doctor", "--output", "json"]).await;
    let Examined { mut checks } = serde_json::from_str(&said.out).or_stop("one JSON document");
    checks.retain(|finding| finding.check == about || finding.found.contains(about));
    (said.code, checks)
}

/// What `tideshift doctor --output json` prints.
#[derive(Deserialize)]
struct Examined {
    checks: Vec<Finding>,
}

/// What it finds at one thing.
#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Finding {
    pub(crate) check: String,
    pub(crate) verdict: String,
    pub(crate) found: String,
    /// What to do about it, where something is to be done.
    #[serde(rename = "do")]
    pub(crate) advice: Option<String>,
}

#[test]
fn the_doctor_finds_nothing_wrong_with_the_local_stack_itself() {
    story(async {
        stack().await;
        for check in ["stack", "permissions", "parameters", "quotas"] {
            let (_, found) = doctor(check).await;
            let verdicts: Vec<&str> = found.iter().map(|finding| finding.verdict.as_str()).collect();
            assert_eq!(verdicts, ["ok"], "{check}: {found:?}");
        }
        let (_, alarms) = doctor("alarms").await;
        let missing = |finding: &Finding| finding.found.contains("is not there");
        assert!(!alarms.iter().any(missing), "{alarms:?}");
    });
}

#[test]
fn the_doctor_finds_a_split_that_no_deployment_keeps_and_a_tag_that_was_lost() {
    story(async {
        let app = App::new().await;
        assert_eq!(app.to("2").start().await.outcome().await.0, "Succeeded");
        let about = format!("{}:live", app.name);
        assert_eq!(doctor(&about).await.1, []);
        app.point("2", json!({"1": 0.25})).await;
        app.untag().await;
        let (code, found) = doctor(&about).await;
        assert_eq!(code, 2);
        let told: Vec<&str> = found.iter().map(|finding| finding.found.as_str()).collect();
        assert_eq!(
            told,
            [
                format!("{about}: it has lost the tag tideshift=enabled, and the next deployment is refused"),
                format!("{about}: 25 % of its calls go to version 1, the rest to 2, and no deployment is at it"),
            ]
        );
    });
}

#[test]
fn the_doctor_says_that_there_is_no_such_stack() {
    story(async {
        let said = tideshift(&["doctor", "--stack", "elsewhere"]).await;
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(said.out.contains("there is no stack elsewhere in this account and Region"), "{}", said.out);
    });
}
