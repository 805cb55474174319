//! Alarms: the event first, polling as the second line, unknown as unsafe.

use codedeploy::view::Outcome;
use harness::app::App;
use harness::deployment::Subject;
use harness::ours::Told as _;
use harness::stack::{client, stack};
use harness::{OrStop, story};
use local::faults::{Fault, Rule};
use serde_json::json;

#[test]
fn an_alarm_event_puts_the_traffic_back_in_the_middle_of_a_long_hold() {
    story(async {
        let app = App::new().await;
        let alarm = app.alarm("errors").await;
        let deployment = app.to("2").by("Canary10Percent30Minutes").watching(&[&alarm]).start().await;
        deployment.until_weight(10).await;
        app.set(&alarm, "ALARM").await;
        let view = deployment.ended().await;
        assert_eq!(view.end(), (Some(Outcome::RolledBack), "ALARM_ACTIVE"), "{view:#?}");
        assert!(view.why().contains(&alarm));
        assert_eq!(view.status, "Stopped");
        assert_eq!(app.writes().await, ["1 2:0.1", "1"]);
        assert_eq!(deployment.execution_status().await, "FAILED");
    });
}

#[test]
fn an_alarm_on_logs_stops_a_deployment_by_its_event_and_by_a_look() {
    story(async {
        for (config, lost) in [("Canary10Percent30Minutes", false), ("Linear10PercentEvery2Seconds", true)] {
            let app = App::new().await;
            let alarm = app.log_alarm("words").await;
            let deployment = app.to("2").by(config).watching(&[&alarm]).start().await;
            deployment.until_weight(10).await;
            let refuse = Fault::Refuse { status: 400, code: "ValidationException".into(), message: "lost".into() };
            let lookup = Rule::on("dynamodb", "Query", refuse).by("on-alarm").with_body(&format!("ALARM#{alarm}"));
            let rule = if lost { Some(stack().await.faults().add(lookup.times(0))) } else { None };
            app.set(&alarm, "ALARM").await;
            assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), "ALARM_ACTIVE".to_owned()));
            assert_eq!(app.alias().await, "1");
            if let Some(rule) = rule {
                stack().await.faults().remove(rule);
            }
        }
    });
}

#[test]
fn an_alarm_event_during_a_hook_stops_the_hook_too() {
    story(async {
        let app = App::new().await;
        let alarm = app.alarm("errors").await;
        let hook = app.hook("patient", "return None").await;
        let deployment = app.to("2").hook("BeforeAllowTraffic", hook).watching(&[&alarm]).start().await;
        deployment.until("its hook", |view| view.event("BeforeAllowTraffic").status == "InProgress").await;
        app.set(&alarm, "ALARM").await;
        assert_eq!(deployment.outcome().await, ("Stopped".to_owned(), "ALARM_ACTIVE".to_owned()));
        assert!(app.writes().await.is_empty(), "no call ever reached the new version");
    });
}

#[test]
fn an_alarm_whose_event_is_lost_is_found_by_the_next_look() {
    story(async {
        let app = App::new().await;
        let alarm = app.alarm("errors").await;
        let refuse = Fault::Refuse { status: 400, code: "ValidationException".into(), message: "lost".into() };
        let rule = Rule::on("dynamodb", "Query", refuse).by("on-alarm").with_body(&format!("ALARM#{alarm}")).times(0);
        let rule = stack().await.faults().add(rule);
        let deployment = app.to("2").by("Linear10PercentEvery2Seconds").watching(&[&alarm]).start().await;
        deployment.until_weight(10).await;
        app.set(&alarm, "ALARM").await;
        assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), "ALARM_ACTIVE".to_owned()));
        stack().await.faults().remove(rule);
    });
}

#[test]
fn an_alarm_that_disappears_stops_the_deployment_unless_the_user_said_to_ignore_it() {
    story(async {
        for (ignore, outcome) in [(false, "RolledBack"), (true, "Succeeded")] {
            let app = App::new().await;
            let alarm = app.alarm("errors").await;
            let alarms = json!({"enabled": true, "ignorePollAlarmFailure": ignore, "alarms": [{"name": alarm}]});
            let deployment =
                app.to("2").by("Linear25PercentEvery2Seconds").with("overrideAlarmConfiguration", alarms).start().await;
            deployment.until_weight(25).await;
            let gone = json!({"AlarmNames": [alarm]});
            let deleted = client().await.aws_json("GraniteServiceVersion20100801", "DeleteAlarms", &gone).await;
            deleted.or_stop("DeleteAlarms");
            let (ended, code) = deployment.outcome().await;
            assert_eq!(ended, outcome, "ignorePollAlarmFailure {ignore}");
            assert_eq!(code, if ignore { "" } else { "ALARM_UNREADABLE" });
        }
    });
}

#[test]
fn alarms_that_cannot_be_read_count_as_unsafe() {
    story(async {
        let app = App::new().await;
        let alarm = app.alarm("errors").await;
        let deployment = app.to("2").by("Linear25PercentEvery2Seconds").watching(&[&alarm]).start().await;
        deployment.until_weight(25).await;
        let refuse = Fault::Refuse { status: 403, code: "AccessDenied".into(), message: "not yours".into() };
        let rule = Rule::on("cloudwatch", "DescribeAlarms", refuse).by("shift").with_body(&alarm).times(0);
        let rule = stack().await.faults().add(rule);
        assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), "ALARM_UNREADABLE".to_owned()));
        stack().await.faults().remove(rule);
    });
}

#[test]
fn an_alarm_on_real_errors_of_the_new_version_puts_the_traffic_back() {
    story(async {
        let app = App::new().await;
        let alarm = format!("{}-real", app.name);
        let definition = json!({
            "AlarmName": alarm,
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [
                {"Name": "FunctionName", "Value": app.name},
                {"Name": "Resource", "Value": format!("{}:live", app.name)},
            ],
            "Statistic": "Sum",
            "Period": 10,
            "EvaluationPeriods": 1,
            "Threshold": 3.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
        });
        client().await.put_metric_alarm(&definition).await.or_stop("PutMetricAlarm");
        let traffic = local::traffic::Traffic::start(client().await, &app.name, "live", 30.0);
        let deployment = app.to("3").by("Linear20PercentEvery10Seconds").watching(&[&alarm]).start().await;
        assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), "ALARM_ACTIVE".to_owned()));
        let hits = traffic.stop().await;
        assert!(hits.iter().any(|hit| hit.version.as_deref() == Some("3")), "the new version had calls");
        assert_eq!(app.alias().await, "1");
    });
}
