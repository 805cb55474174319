//! Step Functions: how executions are named, and the task tokens that were handed out.

use std::collections::BTreeMap;
use std::task::Waker;

use rollout::ids::ExecutionArn;
use rollout::platform::Platform;
use serde_json::Value;
use steps::ports::TaskToken;

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

pub(crate) fn arn(platform: Platform, name: &str) -> ExecutionArn {
    let machine = platform.deploys().expect("a platform with a state machine").machine.name;
    let text = format!("arn:aws:states:eu-central-1:123456789012:execution:tideshift-{machine}:{name}");
    ExecutionArn::parse(&text).expect("a test names executions well")
}
