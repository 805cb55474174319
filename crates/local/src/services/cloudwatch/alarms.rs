//! The alarms and their states: set by hand, or by what their metrics say.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::evaluate::evaluate;
use super::event::state_change;
use super::log_alarms::LogAlarms;
use crate::client::Client;
use crate::clock;
use crate::guarded::Guarded;
use crate::http::Answer;
use crate::memory::Forgets;
use crate::metrics::Metrics;
use crate::services::events::Bus;

const CLOUDWATCH: &str = "GraniteServiceVersion20100801";
const EVALUATE_EVERY: Duration = Duration::from_millis(250);
const READ_ALARMS_EVERY: Duration = Duration::from_secs(2);
/// How long a state that a caller set stands.
const HANDS_OFF_SECONDS: f64 = 10.0;

/// The alarms as last read, and whose state a caller set when.
pub(crate) struct Alarms {
    moto: Client,
    metrics: Arc<Metrics>,
    bus: Arc<Bus>,
    read: Guarded<Option<(Instant, Vec<Value>)>>,
    set_by_hand: Guarded<HashMap<String, f64>>,
    changing: tokio::sync::Mutex<()>,
    pub(super) on_logs: LogAlarms,
}

/// Who sets a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// A caller, whose word stands for a while.
    Hand,
    Metrics,
}

impl Forgets for Alarms {
    fn forget(&self) {
        self.read.lock().take();
    }
}

impl Alarms {
    /// None read yet.
    pub(crate) fn new(moto: Client, metrics: Arc<Metrics>, bus: Arc<Bus>) -> Self {
        Self {
            moto,
            metrics,
            bus,
            read: Guarded::default(),
            set_by_hand: Guarded::default(),
            changing: tokio::sync::Mutex::default(),
            on_logs: LogAlarms::default(),
        }
    }

    /// Sets an alarm's state in moto; a change becomes an event.
    pub(super) async fn set_state(&self, name: &str, input: &Value, by: By) -> Answer {
        let _one_at_a_time = self.changing.lock().await;
        let on_logs = self.on_logs.get(name);
        let before = match on_logs {
            Some(before) => before,
            None => match self.moto.describe_alarm(name).await {
                Ok(before) => before.unwrap_or_default(),
                Err(error) => return Answer::of(&error),
            },
        };
        if by == By::Hand {
            self.set_by_hand.lock().insert(name.to_owned(), clock::now_seconds());
        }
        let answer = match self.on_logs.set_state(name, input) {
            Some(answer) => answer,
            None => match self.moto.aws_json(CLOUDWATCH, "SetAlarmState", input).await {
                Ok(answer) => Answer::json(200, &answer),
                Err(error) => return Answer::of(&error),
            },
        };
        self.forget();
        let state = input["StateValue"].as_str().unwrap_or_default();
        if before["StateValue"] != state {
            let reason = input["StateReason"].as_str().unwrap_or_default();
            self.bus.publish(state_change(&before, state, reason, clock::now())).await;
        }
        answer
    }

    async fn evaluate(&self) {
        let known = self.read.lock().clone();
        let fresh = known.filter(|(at, _)| at.elapsed() < READ_ALARMS_EVERY);
        let all = match fresh {
            Some((_, all)) => all,
            None => {
                let Ok(mut read) = self.moto.aws_json(CLOUDWATCH, "DescribeAlarms", &json!({})).await else { return };
                let all = read["MetricAlarms"].as_array_mut().map(std::mem::take).unwrap_or_default();
                *self.read.lock() = Some((Instant::now(), all.clone()));
                all
            }
        };
        let now = clock::now_seconds();
        for alarm in &all {
            let name = alarm["AlarmName"].as_str().unwrap_or_default();
            let set = self.set_by_hand.lock().get(name).copied().unwrap_or_default();
            if now - set < HANDS_OFF_SECONDS {
                continue;
            }
            let Some((state, reason)) = evaluate(alarm, &self.metrics, now) else { continue };
            if alarm["StateValue"] != state {
                let input = json!({ "AlarmName": name, "StateValue": state, "StateReason": reason });
                self.set_state(name, &input, By::Metrics).await;
            }
        }
    }
}

/// Evaluates the alarms and sends the metrics to moto until the alarms are gone.
pub(crate) async fn look_after(alarms: Weak<Alarms>) {
    let mut rounds = 0_u32;
    loop {
        tokio::time::sleep(EVALUATE_EVERY).await;
        let Some(alarms) = alarms.upgrade() else { return };
        alarms.evaluate().await;
        rounds += 1;
        if rounds.is_multiple_of(4) {
            for data in alarms.metrics.drain() {
                // Only for those who look at moto's statistics; alarms do not need it.
                let _ = alarms.moto.aws_json(CLOUDWATCH, "PutMetricData", &data).await;
            }
        }
    }
}
