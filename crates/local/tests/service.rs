//! A service with the EXTERNAL deployment controller, end to end: task sets with real tasks, behind a load balancer that
//! follows its listeners.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::time::Duration;

use local::faults::{Fault, Rule};
use local::sample::service::{self, ServiceSample, create_service_sample};
use local::traffic::{Source, Traffic};
use local::{Client, LocalError, Options, Stack};
use serde_json::{Value, json};

/// A stack that runs none of our functions: any program does in their place.
async fn stack() -> Stack {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut options = Options::new(root, std::env::current_exe().unwrap());
    options.sample = false;
    Stack::start(options).await.unwrap()
}

/// Asks again until the answer will do.
async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(found) = ask().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}: not within half a minute");
}

async fn describe(client: &Client, sample: &ServiceSample, set: &str) -> Option<Value> {
    let asked = json!({ "cluster": sample.cluster, "service": sample.service, "taskSets": [set] });
    let mut found = client.ecs("DescribeTaskSets", &asked).await.unwrap();
    found["taskSets"].as_array_mut().unwrap().pop()
}

async fn steady(client: &Client, sample: &ServiceSample, set: &str) -> Value {
    until("a steady task set", async || {
        describe(client, sample, set).await.filter(|set| set["stabilityStatus"] == "STEADY_STATE")
    })
    .await
}

async fn health(client: &Client, group: &str) -> Vec<String> {
    let found = client.elb("DescribeTargetHealth", &[("TargetGroupArn", group)]).await.unwrap();
    let all = found["TargetHealthDescriptions"].as_array().unwrap();
    all.iter().map(|one| one["TargetHealth"]["State"].as_str().unwrap().to_owned()).collect()
}

async fn create(client: &Client, sample: &ServiceSample, revision: u32) -> Result<String, LocalError> {
    let made = client.ecs("CreateTaskSet", &sample.task_set(revision, &sample.green)).await?;
    Ok(made["taskSet"]["taskSetArn"].as_str().unwrap().to_owned())
}

/// Both forwards of the production listener to these weights, as a deployment would.
async fn shift(client: &Client, sample: &ServiceSample, blue: &str, green: &str) {
    for (operation, target, actions) in [
        ("ModifyListener", ("ListenerArn", &sample.production_listener), "DefaultActions"),
        ("ModifyRule", ("RuleArn", &sample.api_rule), "Actions"),
    ] {
        let group =
            |at: u32, member: &str| format!("{actions}.member.1.ForwardConfig.TargetGroups.member.{at}.{member}");
        let (kind, names) = (
            format!("{actions}.member.1.Type"),
            [group(1, "TargetGroupArn"), group(1, "Weight"), group(2, "TargetGroupArn"), group(2, "Weight")],
        );
        let values = [&sample.blue, blue, &sample.green, green];
        let mut parameters = vec![(target.0, target.1.as_str()), (kind.as_str(), "forward")];
        parameters.extend(names.iter().map(String::as_str).zip(values));
        client.elb(operation, &parameters).await.unwrap();
    }
}

async fn seen(client: &Client, sample: &ServiceSample, path: &str, times: u32) -> Vec<Option<String>> {
    let mut seen = Vec::new();
    for _ in 0..times {
        seen.push(client.visit(&sample.name, service::PRODUCTION_PORT, path, &[]).await.unwrap().task_definition);
    }
    seen.sort();
    seen.dedup();
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_deployed_by_its_task_sets_and_its_listeners() {
    let stack = stack().await;
    let client = stack.client();
    let sample = create_service_sample(&client, "web").await.unwrap();
    let release = |revision: u32| Some(format!("web:{revision}"));

    let primary = steady(&client, &sample, &sample.primary).await;
    assert_eq!((&primary["status"], &primary["runningCount"]), (&json!("PRIMARY"), &json!(2)));
    assert_eq!(health(&client, &sample.blue).await, ["healthy", "healthy"]);
    assert_eq!(seen(&client, &sample, "/", 20).await, [release(service::GOOD)]);
    let picture = client.visit("web", service::PRODUCTION_PORT, "/static/a.png", &[]).await.unwrap();
    assert_eq!((picture.status, picture.body.as_str()), (200, "a picture"));

    // A late write: the answer and the effect both come after the delay.
    stack.faults().add(Rule::on("ecs", "CreateTaskSet", Fault::Delay(300)));
    let mut asked = sample.task_set(service::BETTER, &sample.green);
    asked["clientToken"] = json!("once");
    let made = client.ecs("CreateTaskSet", &asked).await.unwrap();
    assert_eq!(client.ecs("CreateTaskSet", &asked).await.unwrap()["taskSet"]["id"], made["taskSet"]["id"]);
    let green = made["taskSet"]["taskSetArn"].as_str().unwrap().to_owned();
    steady(&client, &sample, &green).await;
    let told = |name: &str, set: &str| {
        stack
            .events()
            .iter()
            .any(|event| event["detail"]["eventName"] == name && event["detail"]["taskSetArns"][0] == set)
    };
    until("the steady state on the bus", async || told("TASKSET_STEADY_STATE", &green).then_some(())).await;

    shift(&client, &sample, "1", "1").await;
    assert_eq!(seen(&client, &sample, "/", 60).await, [release(service::GOOD), release(service::BETTER)]);
    assert_eq!(seen(&client, &sample, "/api/carts", 60).await, [release(service::GOOD), release(service::BETTER)]);
    let source = Source::Listener { load_balancer: "web".to_owned(), port: 80, path: "/".to_owned() };
    let traffic = Traffic::on(client.clone(), source, 50.0);
    shift(&client, &sample, "0", "100").await;
    assert_eq!(seen(&client, &sample, "/", 40).await, [release(service::BETTER)]);
    assert!(traffic.stop().await.iter().all(|hit| hit.ok));
    let writes = stack.observed().listener_writes();
    assert_eq!(writes.iter().map(|write| write.weights[&sample.green]).collect::<Vec<_>>(), [1, 1, 100, 100]);
    assert!(writes.iter().all(|write| write.resource != sample.static_rule));

    replaced(&client, &sample, &green).await;
    troubles(&stack, &client, &sample).await;
    stack.stop().await;
}

/// The new task set becomes the primary one, and the old one goes.
async fn replaced(client: &Client, sample: &ServiceSample, green: &str) {
    let names = |task_set: &str| json!({ "cluster": "shop", "service": "web", "taskSet": task_set });
    let primary = json!({ "cluster": "shop", "service": "web", "primaryTaskSet": green });
    client.ecs("UpdateServicePrimaryTaskSet", &primary).await.unwrap();
    let refused = client.ecs("DeleteTaskSet", &names(green)).await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidParameterException"), "it is PRIMARY");
    let refused = client.ecs("DeleteTaskSet", &names(&sample.primary)).await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidParameterException"), "it is not at 0 %");
    let mut forced = names(&sample.primary);
    forced["force"] = json!(true);
    let deleted = client.ecs("DeleteTaskSet", &forced).await.unwrap();
    assert_eq!(deleted["taskSet"]["status"], "DRAINING");
    assert_eq!(health(client, &sample.blue).await, ["draining", "draining"]);
    until("the end of the old task set", async || {
        describe(client, sample, &sample.primary).await.is_none().then_some(())
    })
    .await;
    assert!(health(client, &sample.blue).await.is_empty());
    let asked = json!({ "cluster": "shop", "services": ["web", "nope"] });
    let found = client.ecs("DescribeServices", &asked).await.unwrap();
    assert_eq!(found["services"][0]["taskDefinition"], sample.definition(service::BETTER));
    assert_eq!(found["services"][0]["taskSets"].as_array().map(Vec::len), Some(1));
    assert_eq!(found["failures"][0]["reason"], "MISSING");
}

/// The revisions that do not do well, one after the other on the same stack.
async fn troubles(stack: &Stack, client: &Client, sample: &ServiceSample) {
    let never = create(client, sample, service::NEVER_STEADY).await.unwrap();
    until("tasks that keep dying", async || {
        let told = |event: &Value| event["detail"]["eventName"] == "SERVICE_TASK_START_IMPAIRED";
        stack.events().iter().any(told).then_some(())
    })
    .await;
    assert_eq!(describe(client, sample, &never).await.unwrap()["stabilityStatus"], "STABILIZING");

    let dying = create(client, sample, service::BETTER).await.unwrap();
    steady(client, sample, &dying).await;
    client.die(&dying).await.unwrap();
    let dead =
        until("dead tasks", async || describe(client, sample, &dying).await.filter(|set| set["runningCount"] == 0))
            .await;
    assert_eq!((&dead["pendingCount"], &dead["stabilityStatus"]), (&json!(0), &json!("STABILIZING")));

    let refused = {
        let mut missing = sample.task_set(service::BETTER, &sample.green);
        missing["cluster"] = json!("nowhere");
        client.ecs("CreateTaskSet", &missing).await.unwrap_err()
    };
    assert_eq!(refused.code(), Some("ClusterNotFoundException"));
    for _ in 0..2 {
        create(client, sample, service::GOOD).await.unwrap();
    }
    let sixth = create(client, sample, service::GOOD).await.unwrap_err();
    assert_eq!(sixth.code(), Some("InvalidParameterException"));

    let refusal = Fault::Refuse { status: 400, code: "TooManyTargets".to_owned(), message: "enough".to_owned() };
    stack.faults().add(Rule::on("elasticloadbalancing", "ModifyRule", refusal));
    let refused = client.elb("ModifyRule", &[("RuleArn", &sample.api_rule)]).await.unwrap_err();
    assert_eq!(refused.code(), Some("TooManyTargets"));
}
