//! Everything behind the one endpoint, and the parts of it that run by themselves.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::alarms;
use crate::alias::{Aliases, answer_error};
use crate::arn::{FunctionRef, function_arn, is_version};
use crate::client::Client;
use crate::clock;
use crate::dead_letters::DeadLetters;
use crate::ecs::Ecs;
use crate::elb::Balancers;
use crate::events::{self, Events};
use crate::executions::Executions;
use crate::faults::Faults;
use crate::guarded::Guarded;
use crate::http::Answer;
use crate::iam::Iam;
use crate::lambda::{Host, Outcome, Target, pick};
use crate::log_alarms::LogAlarms;
use crate::meter::Meter;
use crate::metrics::{Call, Metrics, Sample};
use crate::observed::Observed;
use crate::provisioned::Provisioned;

const CLOUDWATCH: &str = "GraniteServiceVersion20100801";
const EVALUATE_EVERY: Duration = Duration::from_millis(250);
const READ_ALARMS_EVERY: Duration = Duration::from_secs(2);

/// The gateway's parts.
pub(crate) struct Gateway {
    pub(crate) stack: String,
    pub(crate) endpoint: String,
    pub(crate) moto: Client,
    pub(crate) host: Host,
    pub(crate) aliases: Aliases,
    pub(crate) provisioned: Provisioned,
    pub(crate) dead_letters: DeadLetters,
    pub(crate) metrics: Metrics,
    pub(crate) alarms: Alarms,
    pub(crate) events: Events,
    pub(crate) executions: Executions,
    pub(crate) ecs: Ecs,
    pub(crate) balancers: Balancers,
    pub(crate) iam: Iam,
    pub(crate) faults: Arc<Faults>,
    pub(crate) observed: Arc<Observed>,
    pub(crate) meter: Arc<Meter>,
}

/// The alarms as last read, and whose state a caller set when.
#[derive(Debug, Default)]
pub(crate) struct Alarms {
    read: Guarded<Option<(Instant, Vec<Value>)>>,
    set_by_hand: Guarded<HashMap<String, f64>>,
    changing: tokio::sync::Mutex<()>,
    pub(crate) on_logs: LogAlarms,
}

impl Alarms {
    /// Forgets what was read: something may have changed it.
    pub(crate) fn forget(&self) {
        self.read.lock().take();
    }
}

impl Gateway {
    /// Forgets everything read from moto: a stack may have been created.
    pub(crate) fn forget(&self) {
        self.aliases.forget();
        self.events.forget();
        self.iam.forget();
        self.balancers.forget();
        self.alarms.forget();
        self.host.forget_configurations();
    }

    /// The version a name, version or alias means now.
    pub(crate) async fn resolve(&self, function: &FunctionRef) -> Result<Target, Box<Answer>> {
        let name = function.name.clone();
        let missing = || {
            let arn = function.qualifier.as_ref().map_or_else(String::new, |qualifier| format!(":{qualifier}"));
            let message = format!("Function not found: {}{arn}", function_arn(&function.name));
            Box::new(Answer::error(404, "ResourceNotFoundException", &message))
        };
        let version = match function.qualifier.as_deref() {
            None | Some("$LATEST") => "$LATEST".to_owned(),
            Some(version) if is_version(version) => version.to_owned(),
            Some(alias) => {
                let alias = self.aliases.get(&self.moto, &name, alias).await.map_err(|_| missing())?;
                pick(&alias, fastrand::f64())
            }
        };
        self.host.configuration(&name, &version).await.map_err(|_| missing())?;
        Ok(Target { function: name, version, qualifier: function.qualifier.clone() })
    }

    /// Runs a function; goes on when the one who asked has gone.
    pub(crate) async fn invoke(
        self: &Arc<Self>,
        function: &FunctionRef,
        payload: Bytes,
        with_log: bool,
    ) -> Result<(Outcome, String), Box<Answer>> {
        let target = self.resolve(function).await?;
        if let Some(refusal) = self.host.states.refusal(&target) {
            return Err(Box::new(refusal));
        }
        let gateway = Arc::clone(self);
        let ran = target.clone();
        let running = tokio::spawn(async move {
            gateway.host.invoke(&ran, payload, with_log, &gateway.observed, &gateway.meter).await
        });
        let outcome = match running.await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => return Err(Box::new(answer_error(&error))),
            Err(error) => return Err(Box::new(Answer::error(500, "ServiceException", &error.to_string()))),
        };
        if !self.host.is_ours(&target.function) {
            let resource = match &target.qualifier {
                Some(qualifier) => format!("{}:{qualifier}", target.function),
                None => target.function.clone(),
            };
            self.metrics.count(Sample::Call(Call {
                at: clock::now_seconds(),
                function: target.function,
                resource,
                version: target.version.clone(),
                failed: outcome.failed,
                duration_ms: outcome.duration_ms,
            }));
        }
        Ok((outcome, target.version))
    }

    /// Sets an alarm's state in moto; a change becomes an event.
    pub(crate) async fn set_alarm_state(self: &Arc<Self>, name: &str, input: &Value, by_hand: bool) -> Answer {
        let _one_at_a_time = self.alarms.changing.lock().await;
        let on_logs = self.alarms.on_logs.get(name);
        let before = match on_logs {
            Some(before) => before,
            None => match self.moto.describe_alarm(name).await {
                Ok(before) => before.unwrap_or_default(),
                Err(error) => return answer_error(&error),
            },
        };
        if by_hand {
            self.alarms.set_by_hand.lock().insert(name.to_owned(), clock::now_seconds());
        }
        let answer = match self.alarms.on_logs.set_state(name, input) {
            Some(answer) => answer,
            None => match self.moto.aws_json(CLOUDWATCH, "SetAlarmState", input).await {
                Ok(answer) => Answer::json(200, &answer),
                Err(error) => return answer_error(&error),
            },
        };
        self.alarms.forget();
        let state = input["StateValue"].as_str().unwrap_or_default();
        if before["StateValue"] != state {
            let reason = input["StateReason"].as_str().unwrap_or_default();
            events::publish(self, alarms::state_change(&before, state, reason, clock::now())).await;
        }
        answer
    }

    async fn evaluate_alarms(self: &Arc<Self>) {
        let known = self.alarms.read.lock().clone();
        let fresh = known.filter(|(at, _)| at.elapsed() < READ_ALARMS_EVERY);
        let all = match fresh {
            Some((_, all)) => all,
            None => {
                let Ok(mut read) = self.moto.aws_json(CLOUDWATCH, "DescribeAlarms", &json!({})).await else { return };
                let all = read["MetricAlarms"].as_array_mut().map(std::mem::take).unwrap_or_default();
                *self.alarms.read.lock() = Some((Instant::now(), all.clone()));
                all
            }
        };
        let now = clock::now_seconds();
        for alarm in &all {
            let name = alarm["AlarmName"].as_str().unwrap_or_default();
            let set = self.alarms.set_by_hand.lock().get(name).copied().unwrap_or_default();
            if now - set < alarms::HANDS_OFF_SECONDS {
                continue;
            }
            let Some((state, reason)) = alarms::evaluate(alarm, &self.metrics, now) else { continue };
            if alarm["StateValue"] != state {
                let input = json!({ "AlarmName": name, "StateValue": state, "StateReason": reason });
                self.set_alarm_state(name, &input, false).await;
            }
        }
    }
}

/// Evaluates the alarms and sends the metrics to moto until the gateway is gone.
pub(crate) async fn evaluate(gateway: Weak<Gateway>) {
    let mut rounds = 0_u32;
    loop {
        tokio::time::sleep(EVALUATE_EVERY).await;
        let Some(gateway) = gateway.upgrade() else { return };
        gateway.evaluate_alarms().await;
        rounds += 1;
        if rounds.is_multiple_of(4) {
            gateway.host.retire();
            for data in gateway.metrics.drain() {
                // Only for those who look at moto's statistics; alarms do not need it.
                let _ = gateway.moto.aws_json(CLOUDWATCH, "PutMetricData", &data).await;
            }
        }
    }
}
