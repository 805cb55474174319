//! Versions that are warm before their first call, and what is left of that when something goes wrong.

use codedeploy::view::Outcome;
use harness::app::App;
use harness::deployment::Deployment;
use harness::ours::Told as _;
use harness::stack::{client, stack, sweep};
use harness::{OrStop as _, eventually, story};
use local::faults::{Fault, Rule};
use serde_json::{Value, json};

/// The provisioned concurrency that a version of the story's function has.
async fn kept_warm(app: &App, version: &str) -> Option<Value> {
    let path = format!("/2019-09-30/functions/{}/provisioned-concurrency?Qualifier={version}", app.name);
    match client().await.lambda_get(&path).await {
        Ok(kept) => Some(kept),
        Err(error) if error.code() == Some("ProvisionedConcurrencyConfigNotFoundException") => None,
        Err(error) => harness::stop(&format!("GetProvisionedConcurrencyConfig: {error}")),
    }
}

#[test]
fn a_version_is_warm_before_its_first_call_and_cold_again_after_a_success_and_after_a_stop() {
    story(async {
        let app = App::new().await;
        let warm = |spec: &mut Value| spec["Warm"] = json!({"Concurrency": 5});
        let deployment = app.to("2").changed(warm).by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        let kept = kept_warm(&app, "2").await.or_stop("provisioned concurrency");
        assert_eq!((&kept["Status"], &kept["AvailableProvisionedConcurrentExecutions"]), (&json!("READY"), &json!(5)));
        deployment.stop(None).await;
        assert_eq!(deployment.outcome().await.0, "RolledBack");
        assert_eq!(kept_warm(&app, "2").await, None);

        let view = app.to("2").changed(warm).start().await.ended().await;
        assert_eq!(view.outcome, Some(Outcome::Succeeded), "{view:#?}");
        let journal = view.lines();
        for told in ["asked for 5 provisioned", "is warm", "was taken back"] {
            assert!(journal.contains(told), "{told}: {journal}");
        }
        assert_eq!((kept_warm(&app, "2").await, app.alias().await), (None, "2".to_owned()));
    });
}

fn warm(spec: &mut Value) {
    spec["Warm"] = json!({"Concurrency": 5});
}

async fn give(app: &App, version: &str, count: u32) {
    let path = format!("/2019-09-30/functions/{}/provisioned-concurrency?Qualifier={version}", app.name);
    let wanted = json!({"ProvisionedConcurrentExecutions": count});
    client().await.lambda_put(&path, &wanted).await.or_stop("PutProvisionedConcurrencyConfig");
}

fn refusal(status: u16, code: &str, message: &str) -> Fault {
    Fault::Refuse { status, code: code.to_owned(), message: message.to_owned() }
}

async fn journal(deployment: &Deployment<App>) -> String {
    deployment.describe().await.lines()
}

/// A deployment whose version keeps what it was given, since it is not taken back.
async fn not_taken_back(app: &App) -> (Deployment<App>, u64) {
    let denied =
        refusal(403, "AccessDeniedException", "not authorized to perform lambda:DeleteProvisionedConcurrencyConfig");
    let rule = Rule::on("lambda", "DeleteProvisionedConcurrencyConfig", denied).upon(&app.name).times(0);
    let rule = stack().await.faults().add(rule);
    let deployment = app.to("2").changed(warm).start().await;
    assert_eq!(deployment.outcome().await.0, "Succeeded");
    (deployment, rule)
}

#[test]
fn what_lambda_gives_after_the_end_is_taken_back_by_the_sweep() {
    story(async {
        let app = App::new().await;
        let faults = stack().await.faults();
        // The first attempt hears no answer; the next one is given it.
        let held = faults.add(Rule::on("lambda", "PutProvisionedConcurrencyConfig", Fault::Hold).upon(&app.name));
        let deployment = app.to("2").changed(warm).start().await;
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        assert_eq!(kept_warm(&app, "2").await, None);
        faults.remove(held);
        eventually(async || kept_warm(&app, "2").await).await.or_stop("it never came");
        sweep().await;
        assert_eq!(kept_warm(&app, "2").await, None);
        let said = journal(&deployment).await;
        assert!(said.contains("after the end of the deployment: it was taken back"), "{said}");
    });
}

#[test]
fn what_is_not_taken_back_is_told_with_what_to_type_and_found_by_the_doctor() {
    story(async {
        let app = App::new().await;
        let (deployment, rule) = not_taken_back(&app).await;
        let command =
            format!("aws lambda delete-provisioned-concurrency-config --function-name {} --qualifier 2", app.name);
        let view = deployment.describe().await;
        let said = view.lines();
        assert!(said.contains("still has its 5 provisioned") && said.contains(&command), "{said}");
        assert!(!said.contains("taken back"), "{said}");
        assert_eq!(view.left_warm.or_stop("what is left").take_back, command);
        let advice = format!("unless they are yours, run {command}");
        assert_eq!(doctor(&app).await, [("warning".to_owned(), advice)]);
        stack().await.faults().remove(rule);
        sweep().await;
        assert_eq!(kept_warm(&app, "2").await, None);
        assert_eq!(doctor(&app).await, []);
        assert_eq!(deployment.describe().await.left_warm, None);
    });
}

/// What the doctor says of the provisioned concurrency of an app's versions, and what to do.
async fn doctor(app: &App) -> Vec<(String, String)> {
    let (_, found) = crate::command_line::doctor("warm").await;
    let concerned = found.into_iter().filter(|finding| finding.found.contains(&app.name));
    concerned.map(|finding| (finding.verdict, finding.advice.unwrap_or_default())).collect()
}

#[test]
fn the_next_deployment_takes_over_what_an_older_one_left_and_takes_it_back() {
    story(async {
        let app = App::new().await;
        let (_, rule) = not_taken_back(&app).await;
        app.point("1", json!({})).await;
        stack().await.faults().remove(rule);
        let notes = app.to("2").changed(warm).plan().await.notes.join("\n");
        assert!(notes.contains("that an older deployment gave it"), "{notes}");
        let view = app.to("2").changed(warm).start().await.ended().await;
        assert_eq!(view.outcome, Some(Outcome::Succeeded), "{view:#?}");
        assert_eq!(kept_warm(&app, "2").await, None, "{view:#?}");
    });
}

#[test]
fn what_somebody_changes_meanwhile_stays_theirs() {
    story(async {
        let app = App::new().await;
        let deployment = app.to("2").changed(warm).by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        give(&app, "2", 7).await;
        deployment.stop(None).await;
        assert_eq!(deployment.outcome().await.0, "RolledBack");
        let kept = kept_warm(&app, "2").await.or_stop("provisioned concurrency");
        assert_eq!(kept["RequestedProvisionedConcurrentExecutions"], 7);
        let said = journal(&deployment).await;
        assert!(said.contains("has 7 provisioned concurrent executions, and was given 5"), "{said}");
    });
}

#[test]
fn a_refusal_is_told_in_lambdas_words_and_one_for_want_of_room_says_what_to_do() {
    story(async {
        let app = App::new().await;
        let too_many = |spec: &mut Value| spec["Warm"] = json!({"Concurrency": 5_000});
        let deployment = app.to("2").changed(too_many).start().await;
        let (outcome, code) = deployment.outcome().await;
        assert_eq!((outcome.as_str(), code.as_str()), ("Failed", "INVALID_LAMBDA_CONFIGURATION"));
        let view = deployment.describe().await;
        let why = view.why().to_owned();
        for told in ["below its minimum value of [100]", "aws lambda get-account-settings", "ask for fewer than 5000"] {
            assert!(why.contains(told), "{told}: {why}");
        }
        let said = view.lines();
        assert!(!said.contains("is given") && !said.contains("taken back"), "{said}");
        assert_eq!((kept_warm(&app, "2").await, app.alias().await), (None, "1".to_owned()));
    });
}
