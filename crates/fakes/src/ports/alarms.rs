//! The world as CloudWatch.

use std::collections::BTreeSet;

use rollout::alarms::{AlarmState, Readings, Seen};
use rollout::ids::AlarmName;
use steps::ports::{Alert, PortError, RaiseAlerts, ReadAlarms};

use crate::world::World;

/// What CloudWatch says of an alarm that is in ALARM.
pub(crate) const WHY_IN_ALARM: &str = "Threshold Crossed: 7 is more than 5";

impl ReadAlarms for World {
    async fn alarms(&self, names: &BTreeSet<AlarmName>) -> Readings {
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
