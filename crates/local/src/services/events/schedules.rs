//! Rules with a schedule, which moto keeps and never fires.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::arn::{ACCOUNT, FunctionRef, REGION};
use crate::client::Client;
use crate::clock;
use crate::services::lambda::{Functions, deliver};

const TARGET: &str = "AWSEvents";
const LOOK_EVERY: Duration = Duration::from_secs(1);
const READ_EVERY: Duration = Duration::from_secs(10);

/// A rule that is due every so often, with its targets.
#[derive(Debug)]
struct Scheduled {
    arn: String,
    every: Duration,
    targets: Vec<Value>,
}

/// Fires the rules until the functions are gone: for the first time one period after a rule was first seen, as EventBridge does.
pub(crate) async fn fire(functions: Weak<Functions>, moto: Client) {
    let mut last: HashMap<String, Instant> = HashMap::new();
    let mut known: (Option<Instant>, Vec<Scheduled>) = (None, Vec::new());
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(functions) = functions.upgrade() else { return };
        if known.0.is_none_or(|read| read.elapsed() >= READ_EVERY) {
            known = (Some(Instant::now()), read(&moto).await);
            last.retain(|arn, _| known.1.iter().any(|rule| rule.arn == *arn));
        }
        for rule in &known.1 {
            let since = last.entry(rule.arn.clone()).or_insert_with(Instant::now);
            if since.elapsed() >= rule.every {
                *since = Instant::now();
                for target in &rule.targets {
                    let function = target["Arn"].as_str().filter(|arn| arn.starts_with("arn:aws:lambda:"));
                    let Some(function) = function else { continue };
                    let payload =
                        target["Input"].as_str().map_or_else(|| event(&rule.arn).to_string(), ToOwned::to_owned);
                    let functions = Arc::clone(&functions);
                    tokio::spawn(deliver(functions, FunctionRef::parse(function, None), payload.into()));
                }
            }
        }
    }
}

async fn read(moto: &Client) -> Vec<Scheduled> {
    let list = moto.aws_json(TARGET, "ListRules", &json!({})).await.unwrap_or_default();
    let mut rules = Vec::new();
    for rule in list["Rules"].as_array().into_iter().flatten().filter(|rule| rule["State"] != "DISABLED") {
        let Some(every) = rule["ScheduleExpression"].as_str().and_then(rate) else { continue };
        let input = json!({ "Rule": rule["Name"] });
        let mut found = moto.aws_json(TARGET, "ListTargetsByRule", &input).await.unwrap_or_default();
        let targets = found["Targets"].as_array_mut().map(std::mem::take).unwrap_or_default();
        rules.push(Scheduled { arn: rule["Arn"].as_str().unwrap_or_default().to_owned(), every, targets });
    }
    rules
}

/// The period of `rate(2 minutes)` and the like, as EventBridge takes it: one minute, two minutes. The template has no `cron`.
fn rate(expression: &str) -> Option<Duration> {
    let (number, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    let seconds = match (unit, number) {
        ("minute", 1) => 60,
        ("hour", 1) => 3_600,
        ("day", 1) => 86_400,
        ("minutes", 2..) => 60,
        ("hours", 2..) => 3_600,
        ("days", 2..) => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(number * seconds))
}

/// What a target of a scheduled rule is sent.
fn event(rule: &str) -> Value {
    json!({
        "version": "0",
        "id": clock::uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": clock::whole_seconds(clock::now()),
        "region": REGION,
        "resources": [rule],
        "detail": {},
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::rate;

    #[test]
    fn a_rate_is_a_number_with_its_unit_in_the_right_number() {
        for (expression, minutes) in [
            ("rate(1 minute)", Some(1)),
            ("rate(2 minutes)", Some(2)),
            ("rate(1 hour)", Some(60)),
            ("rate(3 days)", Some(3 * 24 * 60)),
            ("rate(1 minutes)", None),
            ("rate(2 minute)", None),
            ("rate(0 minutes)", None),
            ("rate(2minutes)", None),
            ("cron(0 12 * * ? *)", None),
        ] {
            assert_eq!(rate(expression), minutes.map(|minutes| Duration::from_secs(60 * minutes)), "{expression}");
        }
    }
}
