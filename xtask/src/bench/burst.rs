//! Hundreds of deployments at once, each on an alias of its own: healthy ones, some that are stopped and some whose alarm goes
//! off while all of them are under way. Judged by what is there afterwards, not by what anybody says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use codedeploy::operation::Operation;
use codedeploy::shapes::{CreateDeploymentOutput, ListInput, ListOutput};
use local::{Client, LocalError};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::statistics::rounded;
use crate::screen::Screen;
use crate::stage::{FUNCTION, Stage};
use crate::validate::chain;

const CODEDEPLOY: &str = "CodeDeploy_20141006";
/// How many deployments one alarm puts back.
const AN_ALARM: usize = 5;
/// How long all of them may take to end.
const ENDED_WITHIN: Duration = Duration::from_secs(420);
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// So many looks in a row without an execution: those that recover others are over, too.
const IDLE_LOOKS: u32 = 6;
/// As an SDK whose user lets it try often.
const TRIES: u32 = 12;
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What was measured.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Burst {
    /// Deployments begun at once.
    pub(super) n: usize,
    /// Aliases that are not where they must be, records that are not final, executions that run, locks that are held.
    pub(super) wrong: usize,
    /// From the first call to the end of the last execution.
    pub(super) seconds: f64,
    /// Answers that told a client to come again later.
    pub(super) throttled: usize,
}

/// What is to become of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Nobody interrupts it: it brings its alias to version 2.
    Healthy,
    /// A user stops it.
    Stopped,
    /// Its alarm goes off.
    Alarmed,
}

/// One of the burst.
#[derive(Debug, Clone, Copy)]
struct One {
    number: usize,
    fate: Fate,
}

impl One {
    fn of(number: usize) -> Self {
        Self { number, fate: [Fate::Healthy, Fate::Stopped, Fate::Healthy, Fate::Alarmed][number % 4] }
    }

    fn alias(self) -> String {
        format!("burst-{}", self.number)
    }

    fn alarm(self) -> Option<String> {
        (self.fate == Fate::Alarmed).then(|| format!("burst-{}", self.number / 4 / AN_ALARM))
    }

    /// Who stops one needs its id, which the API gives; of the others every second pair is started by hand.
    fn by_hand(self) -> bool {
        self.fate != Fate::Stopped && (self.number / 4) % 2 == 1
    }

    /// The version that must have all calls in the end.
    fn home(self) -> &'static str {
        if self.fate == Fate::Healthy { "2" } else { "1" }
    }

    fn request(self) -> Value {
        let hold = if self.fate == Fate::Healthy { "10s" } else { "1h" };
        let spec = json!({
            "version": 0.0,
            "Resources": [{ "burst": { "Type": "AWS::Lambda::Function", "Properties": {
                "Name": FUNCTION, "Alias": self.alias(), "TargetVersion": "2",
            } } }],
            "Strategy": [{ "Weight": 50, "Hold": hold }],
        });
        let mut request = json!({
            "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": spec.to_string() } },
        });
        if let Some(alarm) = self.alarm() {
            request["overrideAlarmConfiguration"] = json!({ "enabled": true, "alarms": [{ "name": alarm }] });
        }
        request
    }
}

/// Begins `n` deployments, interrupts half of them, waits for all, and looks.
pub(super) async fn measure(stage: &Stage, screen: &Screen, n: usize) -> Result<Burst, String> {
    let all: Vec<One> = (0..n).map(One::of).collect();
    screen.step(&format!("{n} aliases for a burst"));
    prepare(stage, &all).await?;

    screen.step(&format!("{n} deployments at once"));
    let retrying = RetryingClient { client: stage.client.clone(), throttled: Arc::default() };
    let machine = format!(
        "arn:aws:states:{}:{}:stateMachine:{}-lambda",
        stage.stack.region(),
        stage.stack.account(),
        stage.stack.name()
    );
    let began = Instant::now();
    let mut starting = JoinSet::new();
    for one in all.iter().copied() {
        let (retrying, machine) = (retrying.clone(), machine.clone());
        starting.spawn(async move {
            let request = one.request();
            if !one.by_hand() {
                return (one, retrying.ask(CODEDEPLOY, "CreateDeployment", &request).await);
            }
            let execution = json!({ "stateMachineArn": machine, "name": one.alias(), "input": request.to_string() });
            (one, retrying.ask("AWSStepFunctions", "StartExecution", &execution).await)
        });
    }
    let mut stops = Vec::new();
    let mut wrong = Wrong::default();
    while let Some(started) = starting.join_next().await {
        match started.map_err(|error| error.to_string())? {
            (one, Ok(answer)) if one.fate == Fate::Stopped => {
                let created: CreateDeploymentOutput =
                    serde_json::from_value(answer).map_err(|error| error.to_string())?;
                stops.extend(created.deployment_id);
            }
            (_, Ok(_)) => {}
            (_, Err(error)) => wrong.one(format!("was not begun: {error}")),
        }
    }
    screen.step(&format!("all begun after {:.0} s; half of them are interrupted", began.elapsed().as_secs_f64()));
    interrupt(&retrying, &all, stops, &mut wrong).await?;
    let running = rest(stage, screen).await?;
    let seconds = rounded(began.elapsed().as_secs_f64(), 10.0);
    running.iter().for_each(|_| wrong.one("runs".to_owned()));
    judge(stage, &all, &mut wrong).await?;
    for (what, count) in &wrong.0 {
        screen.say(&format!("wrong: {count} {what}"));
    }
    Ok(Burst { n, wrong: wrong.0.values().sum(), seconds, throttled: retrying.throttled.load(Ordering::Relaxed) })
}

/// What is wrong, and how often.
#[derive(Default)]
struct Wrong(BTreeMap<String, usize>);

impl Wrong {
    fn one(&mut self, what: String) {
        *self.0.entry(what).or_default() += 1;
    }
}

async fn prepare(stage: &Stage, all: &[One]) -> Result<(), String> {
    for one in all {
        let input = json!({ "Name": one.alias(), "FunctionVersion": "1" });
        let path = format!("/2015-03-31/functions/{FUNCTION}/aliases");
        stage.client.lambda_post(&path, &input).await.map_err(chain)?;
        if let Some(alarm) = one.alarm() {
            let input = json!({
                "AlarmName": alarm, "Namespace": "Bench", "MetricName": "Burst", "Statistic": "Sum", "Period": 60,
                "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            });
            stage.client.put_metric_alarm(&input).await.map_err(chain)?;
            stage.client.set_alarm_state(&alarm, "OK", "before the burst").await.map_err(chain)?;
        }
    }
    Ok(())
}

/// Stops those that are to be stopped and sets every alarm off, all at once.
async fn interrupt(
    retrying: &RetryingClient,
    all: &[One],
    stops: Vec<String>,
    wrong: &mut Wrong,
) -> Result<(), String> {
    let mut orders = JoinSet::new();
    for id in stops {
        let retrying = retrying.clone();
        orders.spawn(async move { retrying.ask(CODEDEPLOY, "StopDeployment", &json!({ "deploymentId": id })).await });
    }
    let alarms: BTreeSet<_> = all.iter().filter_map(|one| one.alarm()).collect();
    for alarm in alarms {
        let client = retrying.client.clone();
        orders.spawn(async move {
            client.set_alarm_state(&alarm, "ALARM", "the burst says so").await.map(|()| Value::Null)
        });
    }
    while let Some(ordered) = orders.join_next().await {
        if let Err(error) = ordered.map_err(|error| error.to_string())? {
            wrong.one(format!("could not be interrupted: {error}"));
        }
    }
    Ok(())
}

/// Waits until no execution runs; gives those that do not end.
async fn rest(stage: &Stage, screen: &Screen) -> Result<Vec<String>, String> {
    let (began, mut idle) = (Instant::now(), 0);
    loop {
        let running = stage.client.health().await.map_err(chain)?.running;
        idle = if running.is_empty() { idle + 1 } else { 0 };
        if idle >= IDLE_LOOKS || began.elapsed() > ENDED_WITHIN {
            return Ok(running);
        }
        screen.show(&format!("{} executions run", running.len()));
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Every alias, every lock and every record.
async fn judge(stage: &Stage, all: &[One], wrong: &mut Wrong) -> Result<(), String> {
    for one in all {
        let alias = stage.client.get_alias(FUNCTION, &one.alias()).await.map_err(chain)?;
        let split =
            alias["RoutingConfig"]["AdditionalVersionWeights"].as_object().is_some_and(|split| !split.is_empty());
        if split {
            wrong.one(format!("{:?}: the alias is split", one.fate));
        } else if alias["FunctionVersion"] != one.home() {
            wrong.one(format!("{:?}: the alias is on version {}", one.fate, alias["FunctionVersion"]));
        }
        let key = json!({
            "pk": { "S": format!("TARGET#lambda:{FUNCTION}:{}", one.alias()) },
            "sk": { "S": "LOCK" },
        });
        let asked = json!({ "TableName": format!("{}-deployments", stage.stack.name()), "Key": key });
        let lock = stage.client.aws_json("DynamoDB_20120810", "GetItem", &asked).await.map_err(chain)?;
        if lock["Item"]["owner"]["S"].is_string() {
            wrong.one(format!("{:?}: the lock is held", one.fate));
        }
    }
    let open = ["Created", "Queued", "InProgress", "Baking", "Ready"].map(str::to_owned);
    let mut asked = ListInput { include_only_statuses: Some(open.into()), ..ListInput::default() };
    loop {
        let page: ListOutput = stage.api(Operation::ListDeployments, &asked).await?;
        page.deployments.iter().flatten().for_each(|_| wrong.one("the record is open".to_owned()));
        if page.next_token.is_none() {
            return Ok(());
        }
        asked.next_token = page.next_token;
    }
}

/// A client as an SDK whose user lets it try often: it tries again what is throttled, with growing waits, and counts such answers.
#[derive(Clone)]
struct RetryingClient {
    client: Client,
    throttled: Arc<AtomicUsize>,
}

impl RetryingClient {
    async fn ask(&self, target: &str, operation: &str, input: &Value) -> Result<Value, LocalError> {
        let mut pause = Duration::from_millis(200);
        for _ in 1..TRIES {
            match self.client.aws_json(target, operation, input).await {
                Err(error) if error.code() == Some("ThrottlingException") => {
                    self.throttled.fetch_add(1, Ordering::Relaxed);
                }
                answered => return answered,
            }
            tokio::time::sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        self.client.aws_json(target, operation, input).await
    }
}

#[cfg(test)]
mod tests {
    use super::{Fate, One};

    #[test]
    fn a_burst_is_half_healthy_and_the_rest_is_interrupted_in_both_ways() {
        let all: Vec<One> = (0..300).map(One::of).collect();
        let count = |is: fn(&One) -> bool| all.iter().filter(|one| is(one)).count();
        assert_eq!(count(|one| one.fate == Fate::Healthy && one.home() == "2"), 150);
        assert_eq!(count(|one| one.fate == Fate::Stopped && !one.by_hand() && one.home() == "1"), 75);
        assert_eq!(count(|one| one.alarm().is_some() && one.home() == "1"), 75);
        assert!(count(|one| one.by_hand()) > 100, "and many are started by hand");
    }
}
