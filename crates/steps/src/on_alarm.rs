//! An alarm's state-change event: the first line. It stops every deployment that watches the alarm, at once.

use codedeploy::names::Home;
use futures_util::stream::{self, StreamExt};
use jiff::Timestamp;
use rollout::alarms::{self, AlarmChange, AlarmState, Breach, Heard};
use rollout::ids::{AlarmName, DeploymentId};
use serde::Deserialize;

use crate::error::StepError;
use crate::interrupt;
use crate::ports::ReadAlarms;
use crate::powers;

/// How many deployments are stopped side by side. A stop takes some 60 ms, most of it the answer to SendTaskFailure, of which the
/// smaller regions allow 300 a second: sixteen stay below that. What follows is Lambda's 15 control-plane calls a second, which
/// nothing here can widen.
const SIDE_BY_SIDE: usize = 16;

/// The parts of "CloudWatch Alarm State Change" that matter. The rule lets only changes to ALARM of this account and region
/// through (docs/aws-realities.md 3.2); that is looked at here once more, since a rule can be changed by hand.
#[derive(Debug, Clone, Deserialize)]
pub struct Input {
    /// Whose alarm it is.
    pub account: String,
    /// Where.
    pub region: String,
    /// The event's detail.
    pub detail: Detail,
}

/// Which alarm, and what became of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    /// Its name.
    pub alarm_name: AlarmName,
    /// Its new state.
    pub state: State,
}

/// A state, as CloudWatch tells it.
#[derive(Debug, Clone, Deserialize)]
pub struct State {
    /// `ALARM` and others.
    pub value: String,
    /// Why it became so.
    #[serde(default)]
    pub reason: Option<String>,
    /// When it became so.
    #[serde(default)]
    pub timestamp: Option<String>,
}

/// Runs the step. A deployment that cannot be stopped now does not keep the others from being stopped; the event is then
/// delivered again.
pub async fn run(ports: &impl powers::OnAlarm, home: &Home, input: Input) -> Result<(), StepError> {
    let Input { account, region, detail: Detail { alarm_name: alarm, state } } = input;
    if (&account, &region) != (&home.account, &home.region) {
        tracing::info!(%alarm, account, region, "an alarm of the same name elsewhere");
        return Ok(());
    }
    let since = state.timestamp.and_then(|text| text.parse::<Timestamp>().ok());
    let told = AlarmChange { state: AlarmState::parse(&state.value), since };
    if told.to(Timestamp::MIN) == Heard::Nothing {
        tracing::info!(%alarm, state = state.value, "not an alarm");
        return Ok(());
    }
    let watchers = ports.watchers(&alarm).await?;
    let breach = Breach { name: alarm.clone(), reason: state.reason };
    let outcomes: Vec<Result<(), StepError>> = stream::iter(&watchers)
        .map(async |id| {
            let stopped = stop(ports, &breach, &told, id).await;
            if let Err(error) = &stopped {
                tracing::error!(deployment = %id, %alarm, %error, "the alarm could not stop the deployment");
            }
            stopped
        })
        .buffer_unordered(SIDE_BY_SIDE)
        .collect()
        .await;
    outcomes.into_iter().collect()
}

/// Stops one deployment, if what was told is about its time.
async fn stop(
    ports: &impl powers::OnAlarm,
    breach: &Breach,
    told: &AlarmChange,
    id: &DeploymentId,
) -> Result<(), StepError> {
    let alarm = &breach.name;
    let Some(mut loaded) = ports.load(id).await? else { return Ok(()) };
    let began = loaded.deployment.started.unwrap_or(loaded.deployment.created);
    let stops = match told.to(began) {
        Heard::Breached => true,
        Heard::Old => stands(ports, alarm).await,
        Heard::Nothing => false,
    };
    if stops {
        let why = alarms::breached(std::slice::from_ref(breach));
        let outcome = interrupt::interrupt(ports, &mut loaded, &why, None).await?;
        tracing::info!(deployment = %id, %alarm, %outcome, "an alarm was heard");
    } else {
        tracing::info!(deployment = %id, %alarm, "the alarm was over before the deployment began");
    }
    if loaded.deployment.phase.is_final() {
        // Left behind by a Guard that was still at it when its deployment ended.
        ports.unwatch(alarm, id).await?;
    }
    Ok(())
}

/// Whether an alarm still stands that was told of late. What cannot be told now is found by the deployment's own looks.
async fn stands(ports: &impl ReadAlarms, alarm: &AlarmName) -> bool {
    ports.alarms(&[alarm.clone()].into()).await.state(alarm) == Some(AlarmState::Alarm)
}
