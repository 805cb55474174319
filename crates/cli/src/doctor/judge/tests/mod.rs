//! A stack that is as it should be, with one thing changed.

mod operation;
mod stack;
mod traffic;

use expect_test::{Expect, expect};

use super::*;
use crate::doctor::facts::{Good, Live, TargetSeen, Traffic};
use crate::view::{Outcome, Target};

fn healthy() -> Facts {
    let parameters = [
        ("ShiftableFunctions", "tagged"),
        ("EcsClusters", "tagged"),
        ("EcsListeners", "tagged"),
        ("HookFunctionNamePattern", "CodeDeployHook_*"),
        ("AlarmPollSeconds", "60"),
        ("ParameterPath", ""),
        ("HookParameters", ""),
    ];
    let stack = Stack {
        status: "UPDATE_COMPLETE".to_owned(),
        version: Some("0.1.0".to_owned()),
        parameters: parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
    };
    let ok = |name| (name, Some("OK".to_owned()));
    Facts {
        command: "0.1.0".to_owned(),
        stack: Look::Seen(stack),
        api: Look::Seen(()),
        named: Vec::new(),
        hooks: Look::Seen(0),
        readable: None,
        concurrency: Look::Seen(Concurrency { limit: 1_000, unreserved: 900, used: Some(12.0) }),
        alarms: Look::Seen(["unresolved", "dead-mans-switch", "lost-events"].map(ok).into()),
        lost_events: Look::Seen(0),
        open: Vec::new(),
        deployments: Listed { count: 3, older: false },
        targets: vec![alias(Traffic::Whole("2".to_owned()))],
        warmed: Vec::new(),
    }
}

fn seen(target: Target, arn: &str, traffic: Traffic) -> TargetSeen {
    TargetSeen {
        target,
        pair: None,
        newest: "d-1".to_owned(),
        outcome: Some(Outcome::Succeeded),
        good: Some(Good { revision: "2".to_owned(), deployment: "d-1".to_owned() }),
        live: Look::Seen(Some(Live { tagged: Some(true), arn: arn.to_owned(), traffic })),
    }
}

fn alias(traffic: Traffic) -> TargetSeen {
    let target = Target::Alias { function: "storefront".to_owned(), alias: "live".to_owned() };
    seen(target, "arn:aws:lambda:eu-west-1:111122223333:function:storefront", traffic)
}

fn service(traffic: Traffic) -> TargetSeen {
    let target = Target::Service { cluster: "shop".to_owned(), service: "web".to_owned() };
    seen(target, "arn:aws:ecs:eu-west-1:111122223333:service/shop/web", traffic)
}

fn stack(facts: &mut Facts) -> &mut Stack {
    match &mut facts.stack {
        Look::Seen(stack) => stack,
        _ => panic!("the stack is seen"),
    }
}

fn set(facts: &mut Facts, parameter: &str, value: &str) {
    stack(facts).parameters.insert(parameter.to_owned(), value.to_owned());
}

/// What is found that is not good.
#[track_caller]
fn check(change: impl FnOnce(&mut Facts), expected: Expect) {
    let mut facts = healthy();
    change(&mut facts);
    let found: Vec<String> = judge(&facts, "tideshift")
        .into_iter()
        .filter(|finding| finding.verdict != Verdict::Good)
        .map(|Finding { check, verdict, found, advice }| {
            let advice = advice.map_or_else(String::new, |advice| format!("\n  {advice}"));
            format!("{} {check}: {found}{advice}", verdict.as_str())
        })
        .collect();
    expected.assert_eq(&found.join("\n"));
}

#[test]
fn a_healthy_stack_has_a_good_word_for_each_check() {
    let found = judge(&healthy(), "tideshift");
    assert_eq!(worst(&found), Verdict::Good);
    let text = crate::doctor::text::render(&found, "tideshift");
    expect![[r#"
        stack tideshift

        ok       stack        UPDATE_COMPLETE, version 0.1.0 as this command
        ok       permissions  the caller may call the API and look everywhere
        ok       parameters   what they name is there
        ok       quotas       at most 12 of 900 functions at once within a day
        ok       alarms       none of the 3 is in ALARM
        ok       lost events  none
        ok       deployments  none is open
        ok       traffic      1 target looked at: nothing left behind
        ok       warm         no version still has what a deployment gave it

        All is as it should be.
    "#]]
    .assert_eq(&text);
}
