//! A stack that is as it should be, with one thing changed.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};

use super::*;
use crate::doctor::facts::{Named, Open};

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
    let quiet = |name| (name, Some("OK".to_owned()));
    Facts {
        command: "0.1.0".to_owned(),
        stack: Look::Seen(stack),
        api: Look::Seen(()),
        named: Vec::new(),
        hooks: Look::Seen(0),
        readable: None,
        concurrency: Look::Seen(Concurrency { limit: 1_000, unreserved: 900, used: Some(12.0) }),
        alarms: Look::Seen(["unresolved", "dead-mans-switch", "lost-events"].map(quiet).into()),
        lost_events: Look::Seen(0),
        open: Vec::new(),
        targets: vec![alias(Traffic::Whole("2".to_owned()))],
    }
}

fn seen(target: Target, arn: &str, traffic: Traffic) -> TargetSeen {
    TargetSeen {
        target,
        newest: "d-1".to_owned(),
        outcome: Some(Outcome::Succeeded),
        live: Look::Seen(Some(Live { tagged: Some(true), arn: arn.to_owned(), traffic })),
    }
}

fn alias(traffic: Traffic) -> TargetSeen {
    let target = Target::Alias { function: "storefront".to_owned(), alias: "live".to_owned() };
    seen(target, "arn:aws:lambda:eu-west-1:111122223333:function:storefront", traffic)
}

fn service(task_sets: usize) -> TargetSeen {
    let target = Target::Service {
        cluster: "shop".to_owned(),
        service: "web".to_owned(),
        green: None,
        ready_seconds: None,
        termination_seconds: 0,
    };
    seen(target, "arn:aws:ecs:eu-west-1:111122223333:service/shop/web", Traffic::TaskSets(task_sets))
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
    expect![[r#""#]].assert_eq(&text);
}

#[test]
fn what_cloudformation_left() {
    check(|facts| stack(facts).status = "UPDATE_ROLLBACK_FAILED".to_owned(), expect![[r#""#]]);
    check(|facts| stack(facts).status = "UPDATE_IN_PROGRESS".to_owned(), expect![[r#""#]]);
    check(|facts| stack(facts).status = "UPDATE_ROLLBACK_COMPLETE".to_owned(), expect![[r#""#]]);
    check(|facts| stack(facts).status = "ROLLBACK_COMPLETE".to_owned(), expect![[r#""#]]);
}

#[test]
fn another_version_than_the_commands() {
    check(|facts| stack(facts).version = Some("0.0.9".to_owned()), expect![[r#""#]]);
    check(|facts| stack(facts).version = None, expect![[r#""#]]);
}

#[test]
fn what_the_caller_may_not_do() {
    check(|facts| facts.api = Look::Failed("the function tideshift-api is not there".to_owned()), expect![[r#""#]]);
    check(|facts| facts.alarms = Look::Forbidden("cloudwatch:DescribeAlarms"), expect![[r#""#]]);
    check(|facts| facts.stack = Look::Forbidden("cloudformation:DescribeStacks"), expect![[r#""#]]);
    check(|facts| facts.lost_events = Look::Failed("InternalError: try later".to_owned()), expect![[r#""#]]);
}

#[test]
fn parameters_that_name_what_is_not_there() {
    let arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop";
    let named = |exists| vec![Named { parameter: "EcsClusters", arn: arn.to_owned(), exists: Look::Seen(exists) }];
    check(|facts| facts.named = named(true), expect![[r#""#]]);
    check(|facts| facts.named = named(false), expect![[r#""#]]);
    check(|facts| set(facts, "HookFunctionNamePattern", "hook-*"), expect![[r#""#]]);
    check(
        |facts| {
            set(facts, "ParameterPath", "/shop/*");
            set(facts, "HookParameters", "CodeDeployHook_*=/shop/*");
            facts.readable = Some(Look::Seen(false));
        },
        expect![[r#""#]],
    );
    check(|facts| set(facts, "HookParameters", "CodeDeployHook_*=/shop/*"), expect![[r#""#]]);
    check(
        |facts| {
            set(facts, "ParameterPath", "/shop/*");
            facts.readable = Some(Look::Seen(true));
        },
        expect![[r#""#]],
    );
}

#[test]
fn quotas_that_are_near() {
    let of = |limit, unreserved, used| Look::Seen(Concurrency { limit, unreserved, used });
    check(|facts| facts.concurrency = of(10, 10, None), expect![[r#""#]]);
    check(|facts| facts.concurrency = of(1_000, 900, Some(720.0)), expect![[r#""#]]);
    check(
        |facts| {
            set(facts, "AlarmPollSeconds", "5");
            facts.open = (0..23).map(|n| Open { id: format!("d-{n}"), execution: None }).collect();
        },
        expect![[r#""#]],
    );
}

#[test]
fn alarms_of_its_own_and_events_that_were_lost() {
    let alarms = |name, state: Option<&str>| Look::Seen(BTreeMap::from([(name, state.map(str::to_owned))]));
    check(|facts| facts.alarms = alarms("unresolved", Some("ALARM")), expect![[r#""#]]);
    check(|facts| facts.alarms = alarms("dead-mans-switch", Some("ALARM")), expect![[r#""#]]);
    check(|facts| facts.alarms = alarms("lost-events", Some("ALARM")), expect![[r#""#]]);
    check(|facts| facts.alarms = alarms("lost-events", None), expect![[r#""#]]);
    check(|facts| facts.lost_events = Look::Seen(1), expect![[r#""#]]);
}

#[test]
fn deployments_that_nobody_carries_out() {
    let open = |state: &str| vec![Open { id: "d-9".to_owned(), execution: Some(Look::Seen(state.to_owned())) }];
    check(|facts| facts.open = open("RUNNING"), expect![[r#""#]]);
    check(|facts| facts.open = open("ABORTED"), expect![[r#""#]]);
}

#[test]
fn traffic_that_no_deployment_keeps() {
    let split = || Traffic::Split("1".to_owned(), "2".to_owned(), 12.5);
    check(|facts| facts.targets = vec![alias(split())], expect![[r#""#]]);
    check(|facts| facts.targets = vec![service(1)], expect![[r#""#]]);
    check(|facts| facts.targets = vec![service(2)], expect![[r#""#]]);
    let at_work = |mut seen: TargetSeen| {
        seen.outcome = None;
        vec![seen]
    };
    check(|facts| facts.targets = at_work(alias(split())), expect![[r#""#]]);
    check(|facts| facts.targets = at_work(service(2)), expect![[r#""#]]);
    check(
        |facts| {
            let mut seen = alias(split());
            seen.outcome = Some(Outcome::Unresolved);
            facts.targets = vec![seen];
        },
        expect![[r#""#]],
    );
}

#[test]
fn targets_that_lost_their_tag() {
    let untagged = |mut seen: TargetSeen| {
        if let Look::Seen(Some(live)) = &mut seen.live {
            live.tagged = Some(false);
        }
        vec![seen]
    };
    let whole = || alias(Traffic::Whole("2".to_owned()));
    check(|facts| facts.targets = untagged(whole()), expect![[r#""#]]);
    check(|facts| facts.targets = untagged(service(1)), expect![[r#""#]]);
    check(
        |facts| {
            facts.targets = untagged(whole());
            set(facts, "ShiftableFunctions", "*");
        },
        expect![[r#""#]],
    );
    check(|facts| facts.targets = vec![TargetSeen { live: Look::Seen(None), ..whole() }], expect![[r#""#]]);
}
