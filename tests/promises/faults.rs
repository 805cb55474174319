//! What goes wrong underneath: crashes, lost answers, throttling, refusals, late writes.

use codedeploy::view::Outcome;
use harness::app::App;
use harness::deployment::Subject;
use harness::ours::{self, Told as _};
use harness::stack::{stack, strikes, struck};
use harness::{OrStop, story};
use local::faults::{Fault, Rule};

fn on_alias(app: &App, by: &str, fault: Fault) -> Rule {
    Rule::on("lambda", "UpdateAlias", fault).by(by).upon(&app.name)
}

fn denied() -> Fault {
    Fault::Refuse { status: 403, code: "AccessDeniedException".into(), message: "not allowed".into() }
}

#[test]
fn a_shift_killed_once_in_the_middle_of_its_write_is_run_again_and_the_rollout_goes_on() {
    story(async {
        for fault in [Fault::KillCallerBefore, Fault::KillCallerAfter] {
            let app = App::new().await;
            let death = stack().await.faults().add(on_alias(&app, "shift", fault).from_nth(2));
            let deployment = app.to("2").by("Linear40PercentEvery1Second").start().await;
            assert_eq!(deployment.outcome().await.0, "Succeeded");
            assert_eq!(strikes(death).await, 1);
            assert_eq!(app.alias().await, "2");
        }
    });
}

#[test]
fn a_shift_killed_every_time_ends_with_the_traffic_put_back() {
    story(async {
        let app = App::new().await;
        stack().await.faults().add(on_alias(&app, "shift", Fault::KillCallerBefore).from_nth(2).times(0));
        let deployment = app.to("2").by("Linear20PercentEvery1Second").start().await;
        let view = deployment.ended().await;
        assert_eq!(view.outcome, Some(Outcome::RolledBack), "{view:#?}");
        assert_eq!(view.code(), "INTERNAL_ERROR", "{view:#?}");
        assert_eq!(app.alias().await, "1");
    });
}

#[test]
fn a_write_whose_answer_is_lost_is_recognized_and_not_taken_for_somebody_elses() {
    story(async {
        let app = App::new().await;
        stack().await.faults().add(on_alias(&app, "shift", Fault::ApplyThenDrop).from_nth(2));
        let deployment = app.to("2").by("Linear40PercentEvery1Second").start().await;
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        assert_eq!(app.writes().await, ["1 2:0.4", "1 2:0.8", "2"], "and not made twice");
    });
}

#[test]
fn throttling_and_slow_answers_are_sat_out() {
    story(async {
        let app = App::new().await;
        let faults = stack().await.faults();
        let writes = faults.add(on_alias(&app, "shift", Fault::Throttle).times(2));
        let reads = faults.add(Rule::on("lambda", "GetAlias", Fault::Throttle).by("shift").upon(&app.name).times(2));
        let back = faults.add(on_alias(&app, "rollback", Fault::Throttle).times(4));
        let deployment = app.to("2").by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        deployment.stop(None).await;
        assert_eq!(deployment.outcome().await.0, "RolledBack");
        assert_eq!(app.alias().await, "1");
        assert_eq!([strikes(writes).await, strikes(reads).await, strikes(back).await], [2, 2, 4]);
    });
}

#[test]
fn a_shift_that_is_refused_for_good_ends_with_the_traffic_where_it_was() {
    story(async {
        let app = App::new().await;
        stack().await.faults().add(on_alias(&app, "shift", denied()).from_nth(2).times(0));
        let deployment = app.to("2").by("Linear20PercentEvery1Second").start().await;
        assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), "INTERNAL_ERROR".to_owned()));
        assert_eq!(app.alias().await, "1");
    });
}

#[test]
fn a_late_write_of_a_shift_does_not_move_traffic_forward_after_a_rollback_has_begun() {
    story(async {
        for step in [1, 2] {
            let app = App::new().await;
            let alarm = app.alarm("errors").await;
            let late = stack().await.faults().add(on_alias(&app, "shift", Fault::Hold).from_nth(step));
            let deployment = app.to("2").by("Linear20PercentEvery1Second").watching(&[&alarm]).start().await;
            struck(late).await;
            // The write is on its way; now the alarm.
            app.set(&alarm, "ALARM").await;
            assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), "ALARM_ACTIVE".to_owned()));
            stack().await.faults().remove(late);
            app.until_a_late_write_is_refused().await;
            assert_eq!(app.alias().await, "1", "step {step}: {:?}", app.writes().await);
        }
    });
}

#[test]
fn a_write_of_a_shift_that_arrives_after_everything_is_over_changes_nothing() {
    story(async {
        for step in [1, 2] {
            for rollback in [None, Some(false)] {
                let app = App::new().await;
                let faults = stack().await.faults();
                // Held back with all that the SDK tries after it, until the deployment is over.
                let held = faults.add(on_alias(&app, "shift", Fault::Hold).from_nth(step).times(0));
                let deployment = app.to("2").by("Linear20PercentEvery1Second").start().await;
                struck(held).await;
                deployment.stop(rollback).await;
                assert_eq!(deployment.outcome().await.1, "MANUAL_STOP");
                let before = app.alias().await;
                faults.remove(held);
                app.until_a_late_write_is_refused().await;
                assert_eq!(app.alias().await, before, "step {step}, rollback {rollback:?}");
            }
        }
    });
}

#[test]
fn a_rollback_that_is_refused_for_good_ends_unresolved_tells_about_it_and_can_be_repaired() {
    story(async {
        let app = App::new().await;
        let rule = stack().await.faults().add(on_alias(&app, "rollback", denied()).times(0));
        let deployment = app.to("2").by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        deployment.stop(None).await;
        let view = deployment.ended().await;
        assert_eq!(view.end(), (Some(Outcome::Unresolved), "UNRESOLVED"), "{view:#?}");
        assert_eq!(view.status, "Failed", "what a client of CodeDeploy sees");
        assert_eq!(deployment.execution_status().await, "FAILED");

        let told = stack().await.events();
        let told = told
            .iter()
            .find(|event| event["detail"]["deploymentId"] == deployment.id.as_str() && event["source"] == "tideshift");
        assert_eq!(told.or_stop("an event")["detail-type"], "Tideshift Deployment Unresolved");
        let log =
            std::fs::read_to_string(stack().await.state_dir().join("logs/tideshift-finish.log")).or_stop("the log");
        let metric = log
            .lines()
            .any(|line| line.contains("_aws") && line.contains("Unresolved") && line.contains(&deployment.id));
        assert!(metric, "the metric");

        let blocked = format!("{:?}", app.to("3").plan().await.refusals);
        assert!(blocked.contains("repair") && blocked.contains(&deployment.id), "{blocked}");

        stack().await.faults().remove(rule);
        ours::repair(&deployment.id).await;
        deployment.until("its repair", |view| view.outcome == Some(Outcome::RolledBack)).await;
        assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), "MANUAL_STOP".to_owned()));
        assert_eq!(app.alias().await, "1");
    });
}

#[test]
fn every_function_may_crash_once_and_the_deployment_ends_well() {
    story(async {
        for function in ["prepare", "guard", "shift", "commit", "finish"] {
            let (app, faults) = (App::new().await, stack().await.faults());
            // Held at its first look, until there is an id to go by.
            let held = faults.add(Rule::on("lambda", "GetAlias", Fault::Hold).by("prepare").upon(&app.name));
            let deployment = app.to("2").by("Canary50Percent1Second").start().await;
            struck(held).await;
            let crash = Rule::on("dynamodb", "PutItem", Fault::KillCallerAfter).by(function);
            let crash = faults.add(crash.with_body(&format!("DEPLOYMENT#{}", deployment.id)));
            faults.remove(held);
            assert_eq!(deployment.outcome().await.0, "Succeeded", "{function}");
            assert_eq!(strikes(crash).await, 1, "{function}");
        }
    });
}

#[test]
fn a_rollback_that_crashes_is_run_again() {
    story(async {
        let app = App::new().await;
        for fault in [Fault::KillCallerBefore, Fault::KillCallerAfter] {
            let deployment = app.to("2").by("Canary10Percent10Minutes").start().await;
            deployment.until_weight(10).await;
            let crash = stack().await.faults().add(on_alias(&app, "rollback", fault));
            deployment.stop(None).await;
            assert_eq!(deployment.outcome().await.0, "RolledBack");
            assert_eq!(strikes(crash).await, 1);
            assert_eq!(app.alias().await, "1");
        }
    });
}

#[test]
fn nothing_a_function_does_is_more_than_its_role_allows() {
    story(async {
        // The gateway refuses what a role does not allow; a whole deployment with hook, alarm and stop meets no refusal.
        let app = App::new().await;
        let alarm = app.alarm("errors").await;
        let hook = app.hook("fine", "return {'status': 'Succeeded'}").await;
        let deployment = app
            .to("2")
            .by("Canary10Percent10Minutes")
            .hook("BeforeAllowTraffic", hook)
            .watching(&[&alarm])
            .start()
            .await;
        deployment.until_weight(10).await;
        app.set(&alarm, "ALARM").await;
        assert_eq!(deployment.outcome().await.0, "RolledBack");
        assert_eq!(harness::stack::denied(&app.name).await, [""; 0]);
    });
}
