//! What an earlier version wrote is read by this one: plans and records that lie in tables, and the inputs of executions that wait.
//! The files in `tests/golden/` are as that version wrote them, and are never renewed: what cannot be read any more would leave
//! somebody's deployment without an end. A newer format gets files beside them; those without a number are of format 1.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use codedeploy::call;
use codedeploy::shapes::CreateDeploymentInput;
use expect_test::expect;
use rollout::deployment::Deployment;
use rollout::ids::Site;
use rollout::journal;
use rollout::plan::Plan;
use rollout::platform::Platform;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use steps::request::Envelope;

/// The golden files of a folder by name, in order.
fn files(folder: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: &Path| serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    files.iter().map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), read(path))).collect()
}

/// Reads each file of a folder, sees that what this version writes of it is read as the same, and tells each in a line.
fn told<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    folder: &str,
    tell: impl Fn(&T) -> String,
) -> String {
    let mut lines = String::new();
    for (name, written) in files(folder) {
        let read: T = serde_json::from_value(written).unwrap_or_else(|error| panic!("{folder}/{name}: {error}"));
        let again: T = serde_json::from_value(serde_json::to_value(&read).unwrap()).unwrap();
        assert_eq!(read, again, "{folder}/{name}");
        writeln!(lines, "{name}: {}", tell(&read)).unwrap();
    }
    lines
}

#[test]
fn plans_of_every_format_are_read() {
    let lines = told("plans", |plan: &Plan| {
        let steps: Vec<String> = plan.shift().steps.iter().map(|step| step.weight.to_string()).collect();
        let hooks: Vec<String> = plan.hooks.iter().map(|(event, _)| event.to_string()).collect();
        let (target, from, to) = (plan.target.shown(), &plan.shift().from, &plan.shift().to);
        format!("{target} from {from} to {to}, {}, hooks {}", steps.join(" "), hooks.join(" "))
    });
    expect![[r#"
        alias-format-2: storefront:live from version 1 to version 2, 10 % 20 % 30 % 40 % 50 % 60 % 70 % 80 % 90 % 100 %, hooks BeforeAllowTraffic AfterAllowTraffic
        alias: storefront:live from version 1 to version 2, 10 % 20 % 30 % 40 % 50 % 60 % 70 % 80 % 90 % 100 %, hooks BeforeAllowTraffic AfterAllowTraffic
        service-format-2: shop/web from target group web-blue to target group web-green, 10 % 100 %, hooks AfterAllowTestTraffic
        service-ready-format-2: shop/web from target group web-blue to target group web-green, 10 % 100 %, hooks AfterAllowTestTraffic
        service-ready: shop/web from target group web-blue to target group web-green, 10 % 100 %, hooks AfterAllowTestTraffic
        service: shop/web from target group web-blue to target group web-green, 10 % 100 %, hooks AfterAllowTestTraffic
    "#]].assert_eq(&lines);
}

#[test]
fn a_plan_of_an_older_format_is_written_in_the_newest() {
    let plans: BTreeMap<_, _> = files("plans").into_iter().collect();
    for name in ["alias", "service", "service-ready"] {
        let plan: Plan = serde_json::from_value(plans[name].clone()).unwrap();
        assert_eq!(serde_json::to_value(&plan).unwrap(), plans[&format!("{name}-format-2")], "{name}");
    }
}

#[test]
fn records_of_every_format_are_read() {
    let lines = told("records", |record: &Deployment| {
        let why = record.phase.why().map_or_else(String::new, |why| format!(", {}", why.code));
        let outcome = record.phase.outcome().map_or_else(String::new, |outcome| format!(" {}", outcome.as_str()));
        format!("{}{outcome}{why}", record.phase.name())
    });
    expect![[r#"
        alias-drift: ended Failed, DRIFT
        alias-left: ended Stopped, MANUAL_STOP
        alias-queued-format-3: queued
        alias-rolled-back: ended RolledBack, ALARM_ACTIVE
        alias-running: running
        alias-succeeded: succeeded Succeeded
        service-ready: running
        service-rolled-back: ended RolledBack, ALARM_ACTIVE
        service-running: running
        service-succeeded: succeeded Succeeded
    "#]]
    .assert_eq(&lines);
}

#[test]
fn records_of_every_format_imply_the_lines_of_their_journal() {
    let plans: Vec<(String, Plan)> =
        files("plans").into_iter().map(|(name, plan)| (name, serde_json::from_value(plan).unwrap())).collect();
    let lines = told("records", |record: &Deployment| {
        let kind = if record.platform == Platform::Ecs { "service" } else { "alias" };
        let plan = plans.iter().find(|(name, _)| name == kind).map(|(_, plan)| plan);
        let due = journal::in_order(journal::due(record, plan));
        due.iter().map(|line| line.key().to_string()).collect::<Vec<_>>().join(" ")
    });
    expect![[r#"
        alias-drift: planned weight/030 interrupted settled ended/1
        alias-left: planned weight/030 interrupted settled ended/1
        alias-queued-format-3: queued
        alias-rolled-back: planned weight/030 interrupted settled ended/1
        alias-running: planned weight/030
        alias-succeeded: planned weight/100 committed ended/1
        service-ready: planned
        service-rolled-back: planned weight/010 interrupted settled ended/1
        service-running: planned weight/010
        service-succeeded: planned weight/100 committed ended/1
    "#]]
    .assert_eq(&lines);
}

#[test]
fn inputs_of_executions_that_the_first_version_started_are_read() {
    let site =
        Site { partition: "aws".to_owned(), region: "eu-central-1".to_owned(), account: "123456789012".to_owned() };
    let mut lines = String::new();
    for (name, written) in files("inputs") {
        let input: CreateDeploymentInput = call::input(&written).unwrap();
        let request = Envelope::of(&input).unwrap().at_hand(&site).unwrap();
        writeln!(lines, "{name}: {:?} {:?}", request.labels, request.alarms.names).unwrap();
    }
    expect![[r#"
        alias: Labels { application: None, group: None, group_id: None, description: None } {AlarmName("errors"), AlarmName("latency")}
        service: Labels { application: Some(ApplicationName("shop")), group: Some(GroupName("web")), group_id: Some("00000000-0000-4000-8000-000000000002"), description: None } {AlarmName("errors")}
    "#]].assert_eq(&lines);
}
