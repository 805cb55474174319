//! Faults on order: AWS refuses, throttles, is slow, loses its answer, or a function dies in the middle of a call.

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::call::Call;
use crate::guarded::Guarded;
use crate::http::Answer;

/// How long a call is held at most.
const HELD: Duration = Duration::from_secs(300);

/// Which calls go wrong, and how. A member left out matches every call.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// The service as IAM names it: `dynamodb`, `lambda`, `ssm`, `states`, `cloudwatch`, `events`, `s3`, `ecs`,
    /// `elasticloadbalancing`.
    #[serde(default)]
    pub service: Option<String>,
    /// The operation as the API names it, whichever protocol it comes in; invocations are `InvokeFunction`.
    #[serde(default)]
    pub operation: Option<String>,
    /// The calling function, by its name with or without the stack's.
    #[serde(default)]
    pub caller: Option<String>,
    /// For Lambda operations: the function called upon.
    #[serde(default)]
    pub function: Option<String>,
    /// A text the request's body has.
    #[serde(default)]
    pub body_contains: Option<String>,
    /// The first matching call that goes wrong, counted from 1.
    #[serde(default = "once")]
    pub from_nth: u32,
    /// How many go wrong from there; 0 is all.
    #[serde(default = "once")]
    pub times: u32,
    /// What goes wrong.
    pub fault: Fault,
}

fn once() -> u32 {
    1
}

/// What goes wrong.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Fault {
    /// The call is refused and not applied.
    Refuse {
        /// The HTTP status.
        status: u16,
        /// The error's name.
        code: String,
        /// The error's message.
        message: String,
    },
    /// The call is refused with the service's own throttling error.
    Throttle,
    /// The call is applied some milliseconds later.
    Delay(u64),
    /// The call is applied once the rule is out of force: after whatever else was to come first.
    Hold,
    /// The call is applied and the connection closed without an answer.
    ApplyThenDrop,
    /// The calling function's process is killed, the call not applied.
    KillCallerBefore,
    /// The call is applied and the calling function's process killed.
    KillCallerAfter,
}

impl Rule {
    /// One such fault, at the first call of an operation.
    pub fn on(service: &str, operation: &str, fault: Fault) -> Self {
        Self {
            service: Some(service.to_owned()),
            operation: Some(operation.to_owned()),
            caller: None,
            function: None,
            body_contains: None,
            from_nth: 1,
            times: 1,
            fault,
        }
    }

    /// Only calls of this function, named with or without the stack's name.
    #[must_use]
    pub fn by(mut self, caller: &str) -> Self {
        self.caller = Some(caller.to_owned());
        self
    }

    /// From the n-th matching call on.
    #[must_use]
    pub fn from_nth(mut self, nth: u32) -> Self {
        self.from_nth = nth;
        self
    }

    /// So many times; 0 is for good.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Only requests whose body has this text.
    #[must_use]
    pub fn with_body(mut self, text: &str) -> Self {
        self.body_contains = Some(text.to_owned());
        self
    }

    /// Only Lambda operations on this function.
    #[must_use]
    pub fn upon(mut self, function: &str) -> Self {
        self.function = Some(function.to_owned());
        self
    }

    fn matches(&self, call: &Call) -> bool {
        let same = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        let named = |wanted: &Option<String>, is: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| {
                is.is_some_and(|is| is == wanted || is.strip_suffix(wanted).is_some_and(|stack| stack.ends_with('-')))
            })
        };
        same(&self.service, &call.service)
            && same(&self.operation, &call.operation)
            && named(&self.caller, call.caller.as_ref().map(|caller| caller.function.as_str()))
            && named(&self.function, call.function.as_ref().map(|function| function.name.as_str()))
            && self.body_contains.as_deref().is_none_or(|text| contains(&call.request.body, text.as_bytes()))
    }
}

fn contains(body: &[u8], text: &[u8]) -> bool {
    text.is_empty() || body.windows(text.len()).any(|window| window == text)
}

#[derive(Debug)]
struct Entry {
    rule: Rule,
    seen: u32,
    hits: u32,
}

/// The rules in force. Also at `POST` and `DELETE /_tideshift/faults`.
#[derive(Debug, Default)]
pub struct Faults {
    /// The last id, and the rules by theirs.
    rules: Guarded<(u64, BTreeMap<u64, Entry>)>,
    /// That some are no longer in force.
    gone: Notify,
}

impl Faults {
    /// Puts a rule in force; gives its id.
    pub fn add(&self, rule: Rule) -> u64 {
        let (last, rules) = &mut *self.rules.lock();
        *last += 1;
        rules.insert(*last, Entry { rule, seen: 0, hits: 0 });
        *last
    }

    /// Takes a rule out of force.
    pub fn remove(&self, id: u64) {
        self.rules.lock().1.remove(&id);
        self.gone.notify_waiters();
    }

    /// Takes all out of force.
    pub fn clear(&self) {
        self.rules.lock().1.clear();
        self.gone.notify_waiters();
    }

    /// How many calls a rule has made go wrong.
    pub fn hits(&self, id: u64) -> u32 {
        self.rules.lock().1.get(&id).map_or(0, |entry| entry.hits)
    }

    /// Waits until a rule is out of force, five minutes at most: longer than any deployment of a story takes to end.
    pub(crate) async fn released(&self, id: u64) {
        let released = async {
            loop {
                let mut gone = pin!(self.gone.notified());
                // Heard from now on: between the look and the wait it may go.
                gone.as_mut().enable();
                if !self.rules.lock().1.contains_key(&id) {
                    return;
                }
                gone.await;
            }
        };
        // Whoever forgot the rule is not waited for.
        let _ = tokio::time::timeout(HELD, released).await;
    }

    /// What goes wrong with this call, and by which rule: the first one's word counts, and only its count goes on.
    pub(crate) fn decide(&self, call: &Call) -> Option<(u64, Fault)> {
        for (id, entry) in &mut self.rules.lock().1 {
            let spent = entry.rule.times != 0 && entry.hits >= entry.rule.times;
            if spent || !entry.rule.matches(call) {
                continue;
            }
            entry.seen += 1;
            if entry.seen >= entry.rule.from_nth {
                entry.hits += 1;
                return Some((*id, entry.rule.fault.clone()));
            }
        }
        None
    }
}

/// The throttling error of a service.
pub(crate) fn throttled(service: &str) -> Answer {
    match service {
        "lambda" => Answer::error(429, "TooManyRequestsException", "Rate Exceeded."),
        "s3" => Answer::refused(service, 503, "SlowDown", "Please reduce your request rate."),
        "dynamodb" => Answer::error(400, "ThrottlingException", "Rate of requests exceeds the allowed throughput."),
        "elasticloadbalancing" => Answer::error(400, "Throttling", "Rate exceeded"),
        _ => Answer::error(400, "ThrottlingException", "Rate exceeded"),
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    use http::{HeaderMap, Method};

    use super::{Fault, Faults, Rule};
    use crate::call::{Call, Caller};
    use crate::http::Request;

    fn call(operation: &str, caller: &str, body: &'static str) -> Call {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-target", format!("DynamoDB_20120810.{operation}").parse().unwrap());
        let request =
            Request { method: Method::POST, path: "/".to_owned(), query: String::new(), headers, body: body.into() };
        let mut call = Call::read(request);
        call.caller = Some(Caller { function: caller.to_owned(), access_key: String::new() });
        call
    }

    #[test]
    fn a_rule_strikes_from_its_nth_call_as_often_as_it_says() {
        let faults = Faults::default();
        let id = faults.add(Rule::on("dynamodb", "PutItem", Fault::Throttle).from_nth(2).times(2));
        let struck = (0..5).map(|_| faults.decide(&call("PutItem", "x", "")).is_some()).collect::<Vec<_>>();
        assert_eq!(struck, [false, true, true, false, false]);
        assert_eq!(faults.hits(id), 2);
    }

    #[test]
    fn a_rule_strikes_calls_of_the_query_protocol_by_their_operation() {
        let faults = Faults::default();
        faults.add(Rule::on("elasticloadbalancing", "ModifyListener", Fault::Delay(5)).times(0).with_body("green"));
        let asked = |body: &'static str| {
            let scope = "AWS4-HMAC-SHA256 Credential=K/20260101/us-east-1/elasticloadbalancing/aws4_request";
            let mut headers = HeaderMap::new();
            headers.insert("authorization", scope.parse().unwrap());
            headers.insert("content-type", "application/x-www-form-urlencoded; charset=utf-8".parse().unwrap());
            let (path, query) = ("/".to_owned(), String::new());
            faults.decide(&Call::read(Request { method: Method::POST, path, query, headers, body: body.into() }))
        };
        assert!(asked("Action=ModifyListener&ListenerArn=l&DefaultActions.member.1.TargetGroupArn=green").is_some());
        assert!(asked("Action=ModifyListener&ListenerArn=l").is_none());
        assert!(asked("Action=DescribeListeners&ListenerArns.member.1=green").is_none());
    }

    #[tokio::test]
    async fn a_call_that_is_held_goes_on_once_its_rule_is_out_of_force() {
        let faults = Faults::default();
        let id = faults.add(Rule::on("dynamodb", "PutItem", Fault::Hold));
        assert!(matches!(faults.decide(&call("PutItem", "x", "")), Some((held_by, Fault::Hold)) if held_by == id));
        let mut released = pin!(faults.released(id));
        let waits = poll_fn(|context| Poll::Ready(released.as_mut().poll(context).is_pending()));
        assert!(waits.await, "as long as it is in force");
        faults.remove(id);
        released.await;
    }

    #[test]
    fn a_rule_strikes_only_what_it_names() {
        let faults = Faults::default();
        faults.add(Rule::on("dynamodb", "PutItem", Fault::ApplyThenDrop).by("shift").with_body("LOCK").times(0));
        assert!(faults.decide(&call("PutItem", "tideshift-shift", "a LOCK")).is_some());
        assert!(faults.decide(&call("PutItem", "shift", "a LOCK")).is_some());
        assert!(faults.decide(&call("PutItem", "tideshift-makeshift", "a LOCK")).is_none());
        assert!(faults.decide(&call("GetItem", "tideshift-shift", "a LOCK")).is_none());
        assert!(faults.decide(&call("PutItem", "tideshift-shift", "")).is_none());
    }
}
