//! Provisioned concurrency of aliases and versions, which moto does not have: what was asked for is ready after a while, some
//! minutes on AWS.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::arn::FunctionRef;
use crate::call::Call;
use crate::clock;
use crate::guarded::Guarded;
use crate::http::Answer;

/// What was asked for, by function and qualifier.
#[derive(Debug, Default)]
pub(crate) struct Provisioned(Guarded<BTreeMap<(String, String), Config>>);

/// What an account keeps free of reservations, and of provisioned concurrency.
const KEPT_FREE: u64 = 100;

/// How long it takes.
const ALLOCATING: Duration = Duration::from_secs(3);

/// What was asked for, and when.
#[derive(Debug)]
struct Config {
    count: u64,
    modified: String,
    since: Instant,
}

impl Provisioned {
    /// A function is gone, or an alias or version of it.
    pub(crate) fn forget(&self, function: &FunctionRef) {
        let is_gone = |(name, qualifier): &(String, String)| {
            *name == function.name && function.qualifier.as_ref().is_none_or(|gone| gone == qualifier)
        };
        self.0.lock().retain(|key, _| !is_gone(key));
    }

    /// Put-, Get-, Delete- and ListProvisionedConcurrencyConfig(s). The function exists; `exists` is about the qualifier. `concurrency`
    /// is the account's.
    pub(crate) fn answer(&self, function: &FunctionRef, exists: bool, concurrency: usize, call: &Call) -> Answer {
        let key = (function.name.clone(), function.qualifier.clone().unwrap_or_default());
        if call.operation == "ListProvisionedConcurrencyConfigs" {
            let configs = self.0.lock();
            let ours = configs.iter().filter(|((name, _), _)| *name == function.name);
            let shown = ours.map(|((name, qualifier), config)| {
                let mut shown = shown(config);
                let named = FunctionRef { name: name.clone(), qualifier: Some(qualifier.clone()) };
                shown["FunctionArn"] = named.arn().into();
                shown
            });
            return Answer::json(200, &json!({ "ProvisionedConcurrencyConfigs": shown.collect::<Vec<_>>() }));
        }
        if key.1.is_empty() || key.1 == "$LATEST" {
            let message = "Provisioned Concurrency Configs cannot be applied to unpublished function versions.";
            return Answer::error(400, "InvalidParameterValueException", message);
        }
        if !exists {
            let message = format!("Cannot find alias arn: {}", function.arn());
            return Answer::error(404, "ResourceNotFoundException", &message);
        }
        match call.operation.as_str() {
            "PutProvisionedConcurrencyConfig" => {
                let Some(count) = call.input["ProvisionedConcurrentExecutions"].as_u64().filter(|count| *count > 0)
                else {
                    let message = "ProvisionedConcurrentExecutions must be at least 1";
                    return Answer::error(400, "InvalidParameterValueException", message);
                };
                let mut configs = self.0.lock();
                let others: u64 =
                    configs.iter().filter(|(other, _)| **other != key).map(|(_, config)| config.count).sum();
                if others + count + KEPT_FREE > concurrency as u64 {
                    let message = format!(
                        "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its \
                         minimum value of [{KEPT_FREE}]."
                    );
                    return Answer::error(400, "InvalidParameterValueException", &message);
                }
                let modified = clock::now().strftime("%Y-%m-%dT%H:%M:%S+0000").to_string();
                let config = Config { count, modified, since: Instant::now() };
                let answer = Answer::json(202, &shown(&config));
                configs.insert(key, config);
                answer
            }
            "DeleteProvisionedConcurrencyConfig" => {
                self.0.lock().remove(&key);
                Answer::empty(204)
            }
            _ => match self.0.lock().get(&key) {
                Some(config) => Answer::json(200, &shown(config)),
                None => {
                    let message = "No Provisioned Concurrency Config found for this function";
                    Answer::error(404, "ProvisionedConcurrencyConfigNotFoundException", message)
                }
            },
        }
    }
}

fn shown(Config { count, modified, since }: &Config) -> Value {
    let is_ready = since.elapsed() >= ALLOCATING;
    let (status, ready) = if is_ready { ("READY", *count) } else { ("IN_PROGRESS", 0) };
    json!({
        "RequestedProvisionedConcurrentExecutions": count,
        "AvailableProvisionedConcurrentExecutions": ready,
        "AllocatedProvisionedConcurrentExecutions": ready,
        "Status": status,
        "LastModified": modified,
    })
}
