//! The world as CloudWatch, SSM and Step Functions.

use std::collections::{BTreeMap, BTreeSet};
use std::task::Waker;

use rollout::alarms::{AlarmState, Readings, Seen};
use rollout::ids::{AlarmName, ExecutionArn, ParameterName};
use rollout::orphan::Life;
use rollout::strategy::Platform;
use serde_json::Value;
use steps::ports::{
    Alert, EndWaits, FindParameters, NameExecutions, PortError, RaiseAlerts, ReadAlarms, ReadExecutions,
    ReadParameters, Secret, StartExecutions, StopExecutions, TaskToken,
};

use crate::world::World;

/// How a wait was ended: with an output, or with an error and its cause.
pub(crate) type Ended = Result<Value, (String, String)>;

/// The task tokens that were handed out.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    open: BTreeMap<String, Waiting>,
    handed_out: u64,
    /// What was sent, whether or not somebody waited for it. The tokens themselves are not kept.
    pub(crate) sent: Vec<Ended>,
}

#[derive(Debug, Default)]
struct Waiting {
    ended: Option<Ended>,
    waker: Option<Waker>,
}

impl Waits {
    /// A new token that somebody waits for.
    pub(crate) fn open(&mut self) -> String {
        self.handed_out += 1;
        let token = format!("task-token-{}", self.handed_out);
        self.open.insert(token.clone(), Waiting::default());
        token
    }

    /// What the wait was ended with, if it was; wakes `waker` when it is.
    pub(crate) fn ended(&mut self, token: &str, waker: &Waker) -> Option<Ended> {
        let waiting = self.open.get_mut(token)?;
        waiting.waker = Some(waker.clone());
        waiting.ended.take()
    }

    /// Nobody waits any more.
    pub(crate) fn close(&mut self, token: &str) {
        self.open.remove(token);
    }

    /// Somebody ends a wait. The first answer counts.
    pub(crate) fn end(&mut self, token: &TaskToken, ended: Ended) {
        self.sent.push(ended.clone());
        if let Some(waiting) = self.open.get_mut(&token.0) {
            waiting.ended.get_or_insert(ended);
            if let Some(waker) = waiting.waker.take() {
                waker.wake();
            }
        }
    }
}

impl EndWaits for World {
    async fn succeed(&self, token: &TaskToken, output: &Value) -> Result<(), PortError> {
        self.call("succeed", |state, _| {
            state.waits.end(token, Ok(output.clone()));
            Ok(())
        })
        .await
    }

    async fn fail(&self, token: &TaskToken, error: &str, cause: &str) -> Result<(), PortError> {
        self.call("fail", |state, _| {
            state.waits.end(token, Err((error.to_owned(), cause.to_owned())));
            Ok(())
        })
        .await
    }
}

impl NameExecutions for World {
    fn arn(&self, platform: Platform, name: &str) -> Result<ExecutionArn, PortError> {
        Ok(arn(platform, name))
    }
}

impl ReadExecutions for World {
    async fn life(&self, execution: &ExecutionArn) -> Result<Life, PortError> {
        self.call("life", |state, _| {
            Ok(match state.executions.get(execution) {
                Some((_, true)) => Life::Running,
                Some((_, false)) => Life::Over,
                None => Life::Unknown,
            })
        })
        .await
    }
}

impl StopExecutions for World {
    async fn stop(&self, execution: &ExecutionArn, _why: &str) -> Result<(), PortError> {
        self.call("stop_execution", |state, _| {
            state.aborts.push(execution.clone());
            Ok(())
        })
        .await
    }
}

impl StartExecutions for World {
    /// As Step Functions does it: the same name with the same input is the same execution as long as that one runs.
    async fn start(&self, platform: Platform, name: &str, input: &Value) -> Result<ExecutionArn, PortError> {
        self.call("start", |state, now| {
            let execution = arn(platform, name);
            match state.executions.get(&execution) {
                Some((same, true)) if same == input => {}
                Some(_) => return Err(PortError::Conflict(format!("the name {name} is taken"))),
                None => {
                    state.executions.insert(execution.clone(), (input.clone(), true));
                    state.requested.push((platform, name.to_owned(), input.clone()));
                    state.log.push((now, format!("execution {name} starts")));
                }
            }
            Ok(execution)
        })
        .await
    }
}

pub(crate) fn arn(platform: Platform, name: &str) -> ExecutionArn {
    let machine = platform.deploys().expect("a platform with a state machine").machine.name;
    let text = format!("arn:aws:states:eu-central-1:123456789012:execution:tideshift-{machine}:{name}");
    ExecutionArn::parse(&text).expect("a test names executions well")
}

/// What CloudWatch says of an alarm that is in ALARM.
pub(crate) const WHY_IN_ALARM: &str = "Threshold Crossed: 7 is more than 5";

impl ReadAlarms for World {
    async fn read(&self, names: &BTreeSet<AlarmName>) -> Readings {
        let read = self.call("read", |state, _| {
            if state.alarms_are_unreadable {
                return Err(PortError::Denied("no look at the alarms is allowed".to_owned()));
            }
            if state.throttled_looks > 0 {
                state.throttled_looks -= 1;
                return Err(PortError::Passing("CloudWatch has no time".to_owned()));
            }
            let state_of = |name: &AlarmName| {
                let alarm = *state.alarms.get(name)?;
                let reason = (alarm == AlarmState::Alarm).then(|| WHY_IN_ALARM.to_owned());
                Some((name.clone(), Seen { state: alarm, reason }))
            };
            Ok(names.iter().filter_map(state_of).collect())
        });
        match read.await {
            Ok(states) => Readings::Read(states),
            Err(error) if error.is_passing() => Readings::Throttled(error.said().to_owned()),
            Err(error) => Readings::Unreadable(error.to_string()),
        }
    }
}

impl FindParameters for World {
    async fn has_parameter(&self, name: &ParameterName) -> Result<bool, PortError> {
        self.call("has_parameter", |state, _| Ok(state.parameters.contains_key(name))).await
    }
}

impl ReadParameters for World {
    async fn parameters(&self, names: &[ParameterName]) -> Result<BTreeMap<ParameterName, Secret>, PortError> {
        self.call("parameters", |state, _| {
            let value_of = |name: &ParameterName| Some((name.clone(), state.parameters.get(name)?.clone()));
            Ok(names.iter().filter_map(value_of).collect())
        })
        .await
    }
}

impl RaiseAlerts for World {
    fn raise(&self, alert: &Alert) {
        let text = match alert {
            Alert::Unresolved { deployment, cannot } => format!("alert: {deployment} is unresolved: {cannot}"),
            Alert::DeadMansSwitch { deployment, attempt } => {
                format!("alert: the execution of {deployment} died, recovery {attempt}")
            }
        };
        self.note(text);
        self.state().alerts.push(alert.clone());
    }
}
