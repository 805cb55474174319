//! The states of versions that are not `Active`. moto has every version active from the start; a test says which one is not.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

use super::route::Target;
use crate::guarded::Guarded;
use crate::http::Answer;

/// How long Lambda needs to make an inactive version ready again, once it was called.
const WAKING: Duration = Duration::from_secs(3);

/// The states of the versions that have another one than `Active`.
#[derive(Debug, Default)]
pub(crate) struct States(Guarded<HashMap<(String, String), State>>);

/// A state, as `GetFunctionConfiguration` names it.
#[derive(Debug, Clone, Copy, Deserialize)]
enum State {
    Pending,
    Inactive,
    Failed,
    /// It was inactive and has been called, at that moment.
    #[serde(skip)]
    Waking(Instant),
}

/// What a test orders.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    pub(crate) function: String,
    pub(crate) version: String,
    /// `None` is active again.
    state: Option<State>,
}

impl States {
    /// Puts a version into a state.
    pub(crate) fn set(&self, order: Order) {
        let (key, mut states) = ((order.function, order.version), self.0.lock());
        match order.state {
            Some(state) => states.insert(key, state),
            None => states.remove(&key),
        };
    }

    /// Puts the state into a version's configuration.
    pub(crate) fn show(&self, function: &str, version: &str, configuration: &mut Value) {
        let key = (function.to_owned(), version.to_owned());
        let Some(state) = self.0.lock().get(&key).copied() else { return };
        let (name, code, reason) = match state {
            State::Pending => ("Pending", "Creating", "The function is being created."),
            State::Inactive => ("Inactive", "Idle", "The function has not been invoked for a while."),
            State::Failed => ("Failed", "InvalidImage", "The image of the function cannot be read."),
            State::Waking(since) if since.elapsed() < WAKING => {
                ("Pending", "Restoring", "The function is being restored.")
            }
            State::Waking(_) => return,
        };
        configuration["State"] = name.into();
        configuration["StateReasonCode"] = code.into();
        configuration["StateReason"] = reason.into();
    }

    /// How a call of a version that is not active is refused. An inactive one begins to wake with it (docs/aws-realities.md 2.5).
    pub(crate) fn refusal(&self, target: &Target) -> Option<Answer> {
        let key = (target.function.clone(), target.version.clone());
        let mut states = self.0.lock();
        let state = states.get_mut(&key)?;
        let name = match *state {
            State::Pending => "Pending",
            State::Failed => "Failed",
            State::Inactive => {
                *state = State::Waking(Instant::now());
                "Inactive"
            }
            State::Waking(since) if since.elapsed() < WAKING => "Pending",
            State::Waking(_) => {
                states.remove(&key);
                return None;
            }
        };
        let message = format!(
            "The operation cannot be performed at this time. The function is currently in the following state: {name}"
        );
        Some(Answer::error(409, "ResourceConflictException", &message))
    }
}
