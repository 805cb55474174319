//! Many at once, and AWS throttles: everything ends as it must, later.

use codedeploy::view::{ListDeploymentsInput, ListedDeployment, Outcome, Target};
use harness::app::App;
use harness::deployment::Subject;
use harness::ours;
use harness::stack::{client, item, stack};
use harness::{OrStop, eventually, story};
use local::Client;
use local::faults::{Fault, Rule};
use serde_json::{Value, json};
use tokio::task::JoinSet;

const AT_ONCE: usize = 24;

/// What becomes of the n-th: every third is stopped, every third is put back by its alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Healthy,
    Stopped,
    Alarmed,
}

fn fate(number: usize) -> Fate {
    [Fate::Healthy, Fate::Stopped, Fate::Alarmed][number % 3]
}

fn alias(number: usize) -> String {
    format!("live-{number}")
}

fn request(app: &App, alarm: &str, number: usize) -> Value {
    let hold = if fate(number) == Fate::Healthy { "2s" } else { "1h" };
    let deploy = app
        .to("2")
        .changed(|spec| spec["Resources"][0]["app"]["Properties"]["Alias"] = alias(number).into())
        .strategy(json!([{"Weight": 50, "Hold": hold}]));
    let deploy = if fate(number) == Fate::Alarmed { deploy.watching(&[alarm]) } else { deploy };
    deploy.request()
}

/// Calls as an SDK does: what is throttled is tried again, nothing else is. How often it was, and the answer.
async fn as_an_sdk(client: Client, operation: &str, body: Value) -> (usize, Value) {
    let mut throttled = 0;
    loop {
        match client.aws_json("CodeDeploy_20141006", operation, &body).await {
            Ok(answer) => return (throttled, answer),
            Err(error) if error.code() == Some("ThrottlingException") => throttled += 1,
            Err(error) => harness::stop(&format!("no SDK tries this again: {error}")),
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
}

async fn aliases_of_their_own(app: &App) {
    for number in 0..AT_ONCE {
        let input = json!({"Name": alias(number), "FunctionVersion": "1"});
        let path = format!("/2015-03-31/functions/{}/aliases", app.name);
        client().await.lambda_post(&path, &input).await.or_stop("CreateAlias");
    }
}

/// Where an alias sends its calls, and who holds its lock.
async fn left(app: &App, number: usize) -> (String, Option<Value>) {
    let found = client().await.get_alias(&app.name, &alias(number)).await.or_stop("GetAlias");
    let split = found["RoutingConfig"]["AdditionalVersionWeights"].as_object().is_some_and(|split| !split.is_empty());
    let version = if split { "split".to_owned() } else { found["FunctionVersion"].as_str().unwrap_or("?").to_owned() };
    let lock = item(&format!("TARGET#lambda:{}:{}", app.name, alias(number)), "LOCK").await;
    (version, lock.and_then(|lock| lock.get("owner").cloned()))
}

#[test]
fn deployments_begun_at_once_under_throttling_all_end_where_they_must_and_none_stays_open() {
    story(async {
        let app = App::new().await;
        let alarm = app.alarm("burst").await;
        aliases_of_their_own(&app).await;
        let faults = stack().await.faults();
        // More often than the SDK beneath the api tries by itself, so that some calls are told about it.
        let starts = faults.add(Rule::on("states", "StartExecution", Fault::Throttle).with_body(&app.name).times(40));
        faults.add(Rule::on("lambda", "UpdateAlias", Fault::Throttle).by("shift").upon(&app.name).times(20));
        faults.add(Rule::on("lambda", "UpdateAlias", Fault::Throttle).by("rollback").upon(&app.name).times(10));

        let mut starting = JoinSet::new();
        for number in 0..AT_ONCE {
            let (client, request) = (client().await, request(&app, &alarm, number));
            starting.spawn(async move { (number, as_an_sdk(client, "CreateDeployment", request).await) });
        }
        let (mut told, mut ids) = (0, Vec::new());
        while let Some(started) = starting.join_next().await {
            let (number, (throttled, created)) = started.or_stop("a task");
            told += throttled;
            ids.push((number, created["deploymentId"].as_str().or_stop("an id").to_owned()));
        }
        assert_eq!(faults.hits(starts), 40);
        assert!(told > 0, "some clients were told to come again later");

        let mut interrupting = JoinSet::new();
        for (_, id) in ids.iter().filter(|(number, _)| fate(*number) == Fate::Stopped) {
            let (client, order) = (client().await, json!({"deploymentId": id}));
            interrupting.spawn(async move { as_an_sdk(client, "StopDeployment", order).await });
        }
        app.set(&alarm, "ALARM").await;
        interrupting.join_all().await;

        for (number, id) in &ids {
            let view = eventually(async || {
                let view = ours::describe(id).await;
                Some(view).filter(|view| view.outcome.is_some())
            });
            let view = view.await.or_stop(&format!("{id} never ends"));
            let home = if fate(*number) == Fate::Healthy { "2" } else { "1" };
            assert_eq!(left(&app, *number).await, (home.to_owned(), None), "{:?}: {view:#?}", fate(*number));
            if fate(*number) == Fate::Healthy {
                assert_eq!(view.outcome, Some(Outcome::Succeeded), "{view:#?}");
            }
        }
        // What a client was told had not worked is no deployment that stays open.
        let statuses = ["Created", "Queued", "InProgress"].map(str::to_owned).to_vec();
        let open = ListDeploymentsInput { include_only_statuses: Some(statuses), ..ListDeploymentsInput::default() };
        let listed = ours::list(&open).await.deployments;
        let of_app = |row: &&ListedDeployment| {
            let target = row.target.as_ref().map(|target| &target.parts);
            matches!(target, Some(Target::Alias { function, .. }) if *function == app.name)
        };
        assert_eq!(listed.iter().find(of_app), None);
    });
}
