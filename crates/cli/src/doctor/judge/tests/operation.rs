//! What happens in a stack that is as it should be: its quotas, its alarms, and the deployments that are open.

use std::collections::BTreeMap;

use expect_test::expect;

use super::{check, set};
use crate::doctor::facts::{Concurrency, Look, Open};

#[test]
fn quotas_that_are_near() {
    let of = |limit, unreserved, used| Look::Seen(Concurrency { limit, unreserved, used });
    check(
        |facts| facts.concurrency = of(10, 10, None),
        expect![[r#"
        warning quotas: this account may run 10 functions at once, in all
          ask for 1000 in Service Quotas (Lambda, Concurrent executions)"#]],
    );
    check(
        |facts| facts.concurrency = of(1_000, 900, Some(720.0)),
        expect![[r#"
        warning quotas: within a day 720 functions ran at once, of 900 that may
          ask for more in Service Quotas (Lambda, Concurrent executions), or set ReservedConcurrency: without a free one, nothing can be put back"#]],
    );
    check(
        |facts| {
            set(facts, "AlarmPollSeconds", "5");
            facts.open = (0..23).map(|n| Open { id: format!("d-{n}"), execution: None, changed: None }).collect();
        },
        expect![[r#"
            warning quotas: 23 deployments each look at alarms every 5 s: more than half of the 9 calls of DescribeAlarms a second
              raise AlarmPollSeconds: an alarm's own event stops a deployment at once anyway"#]],
    );
}

#[test]
fn alarms_of_its_own_and_events_that_were_lost() {
    let alarms = |name, state: Option<&str>| Look::Seen(BTreeMap::from([(name, state.map(str::to_owned))]));
    check(
        |facts| facts.alarms = alarms("unresolved", Some("ALARM")),
        expect![[r#"
        broken alarms: tideshift-unresolved is in ALARM
          find it with tideshift list, see what stands in the way, then run tideshift repair ID"#]],
    );
    check(
        |facts| facts.alarms = alarms("dead-mans-switch", Some("ALARM")),
        expect![[r#"
        broken alarms: tideshift-dead-mans-switch is in ALARM
          an execution ended before its time: see who stopped it, and the log group of the state machine"#]],
    );
    check(
        |facts| facts.alarms = alarms("lost-events", Some("ALARM")),
        expect![[r#"
        broken alarms: tideshift-lost-events is in ALARM
          see the queue of the same name, and what on-alarm and on-execution log"#]],
    );
    check(
        |facts| facts.alarms = alarms("lost-events", None),
        expect![[r#"
        warning alarms: the alarm tideshift-lost-events is not there
          deploy the stack again: it was deleted by somebody"#]],
    );
    check(
        |facts| facts.lost_events = Look::Seen(1),
        expect![[r#"
        broken lost events: 1 event in the queue tideshift-lost-events could not be worked on
          read them, see that no deployment is open that should be over, and purge the queue"#]],
    );
}

#[test]
fn deployments_that_nobody_carries_out() {
    let open =
        |state: &str| vec![Open { id: "d-9".to_owned(), execution: Some(Look::Seen(state.to_owned())), changed: None }];
    check(|facts| facts.open = open("RUNNING"), expect![[r#""#]]);
    check(
        |facts| facts.open = open("ABORTED"),
        expect![[r#"
        broken deployments: d-9 is open, and its execution is over (ABORTED)
          wait 15 minutes: a recovery takes it up; if none does, run tideshift repair d-9"#]],
    );
}
