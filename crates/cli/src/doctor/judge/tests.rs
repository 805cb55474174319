//! A stack that is as it should be, with one thing changed.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};

use super::*;
use crate::doctor::facts::{Beside, Good, Listed, Live, Named, Next, Open, SetSeen, TargetSeen, Traffic, Warmed};
use crate::view::{LeftWarm, Outcome, Pair, Side, Target};

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

#[test]
fn what_somebody_else_has_changed_is_told_as_status_tells_it() {
    check(
        |facts| facts.targets = vec![alias(Traffic::Whole("3".to_owned()))],
        expect![[r#"
            warning traffic: storefront:live: all of its calls go to version 3, and not to version 2, which the last deployment that succeeded brought (d-1)
              deploy version 2 if it should be that; the next deployment starts from what is there"#]],
    );
    let open = Open { id: "d-7".to_owned(), execution: None, changed: Some("it is on version 3".to_owned()) };
    check(
        |facts| facts.open = vec![open],
        expect![[r#"
        warning deployments: the target of d-7 was changed by somebody else: it is on version 3
          nothing: it ends with DRIFT when it looks next, as tideshift status d-7 says"#]],
    );
    check(|facts| facts.targets[0].good = None, expect![[r#""#]]);
}

#[test]
fn what_cloudformation_left() {
    check(
        |facts| stack(facts).status = "UPDATE_ROLLBACK_FAILED".to_owned(),
        expect![[r#"
        broken stack: CloudFormation says UPDATE_ROLLBACK_FAILED
          see the stack's events, then run aws cloudformation continue-update-rollback"#]],
    );
    check(
        |facts| stack(facts).status = "UPDATE_IN_PROGRESS".to_owned(),
        expect![[r#"
        warning stack: CloudFormation says UPDATE_IN_PROGRESS
          wait until CloudFormation is done, and look again"#]],
    );
    check(
        |facts| stack(facts).status = "UPDATE_ROLLBACK_COMPLETE".to_owned(),
        expect![[r#"
        warning stack: CloudFormation says UPDATE_ROLLBACK_COMPLETE
          the last update failed and the one before is at work: see the stack's events"#]],
    );
    check(
        |facts| stack(facts).status = "ROLLBACK_COMPLETE".to_owned(),
        expect![[r#"
        broken stack: CloudFormation says ROLLBACK_COMPLETE
          see the stack's events, mend what they say, and deploy again"#]],
    );
}

#[test]
fn another_version_than_the_commands() {
    check(
        |facts| stack(facts).version = Some("0.0.9".to_owned()),
        expect![[r#"
        warning stack: the stack is 0.0.9, this command is 0.1.0
          deploy tideshift and install the command from the same version"#]],
    );
    check(
        |facts| stack(facts).version = None,
        expect![[r#"
        warning stack: the stack is of a version that did not say it yet, this command is 0.1.0
          deploy tideshift and install the command from the same version"#]],
    );
}

#[test]
fn what_the_caller_may_not_do() {
    check(
        |facts| facts.api = Look::Failed("the function tideshift-api is not there".to_owned()),
        expect![[r#"
        broken permissions: the API gives no answer: the function tideshift-api is not there
          see what tideshift-api says in the log group /aws/lambda/tideshift-functions"#]],
    );
    check(
        |facts| facts.alarms = Look::Forbidden("cloudwatch:DescribeAlarms"),
        expect![[r#"
        warning permissions: the caller may not look everywhere: cloudwatch:DescribeAlarms
          allow these to who runs doctor; nothing else needs them
        warning alarms: the stack's alarms: not looked at, for want of the right cloudwatch:DescribeAlarms"#]],
    );
    check(
        |facts| facts.stack = Look::Forbidden("cloudformation:DescribeStacks"),
        expect![[r#"
        warning stack: the stack: not looked at, for want of the right cloudformation:DescribeStacks
        warning permissions: the caller may not look everywhere: cloudformation:DescribeStacks
          allow these to who runs doctor; nothing else needs them"#]],
    );
    check(
        |facts| facts.lost_events = Look::Failed("InternalError: try later".to_owned()),
        expect![[r#"
        warning lost events: the queue of lost events: not looked at: InternalError: try later
          try again"#]],
    );
}

#[test]
fn parameters_that_name_what_is_not_there() {
    let arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop";
    let named = |exists| vec![Named { parameter: "EcsClusters", arn: arn.to_owned(), exists: Look::Seen(exists) }];
    check(|facts| facts.named = named(true), expect![[r#""#]]);
    check(
        |facts| facts.named = named(false),
        expect![[r#"
        warning parameters: EcsClusters names arn:aws:ecs:eu-west-1:111122223333:cluster/shop, which is not there
          correct the parameter EcsClusters and deploy again"#]],
    );
    check(
        |facts| set(facts, "HookFunctionNamePattern", "hook-*"),
        expect![[r#"
        warning parameters: HookFunctionNamePattern is hook-*, and no function is called so
          name the hooks so, or correct the parameter"#]],
    );
    check(
        |facts| {
            set(facts, "ParameterPath", "/shop/*");
            set(facts, "HookParameters", "CodeDeployHook_*=/shop/*");
            facts.readable = Some(Look::Seen(false));
        },
        expect![[r#"
            warning parameters: ParameterPath is /shop/*, and there is no SSM parameter below it
              create them, or correct the parameter"#]],
    );
    check(
        |facts| set(facts, "HookParameters", "CodeDeployHook_*=/shop/*"),
        expect![[r#"
        warning parameters: HookParameters is set and ParameterPath is not, so hooks are handed nothing
          set ParameterPath too: both are needed"#]],
    );
    check(
        |facts| {
            set(facts, "ParameterPath", "/shop/*");
            facts.readable = Some(Look::Seen(true));
        },
        expect![[r#"
            warning parameters: ParameterPath is set and HookParameters is not, so hooks are handed nothing
              set HookParameters too: both are needed"#]],
    );
}

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

#[test]
fn traffic_that_no_deployment_keeps() {
    let split = || Traffic::Split("1".to_owned(), "2".to_owned(), 12.5);
    check(
        |facts| facts.targets = vec![alias(split())],
        expect![[r#"
            broken traffic: storefront:live: 12.5 % of its calls go to version 2, the rest to 1, and no deployment is at it
              deploy one of the two, which ends a split that a deployment left; one that somebody else made is refused, and ended by pointing the alias by hand"#]],
    );
    check(|facts| facts.targets = vec![service(Traffic::TaskSets(1))], expect![[r#""#]]);
    check(
        |facts| facts.targets = vec![service(Traffic::TaskSets(2))],
        expect![[r#"
            warning traffic: shop/web: the service has 2 task sets, and no deployment is at it
              see with tideshift status shop/web what they are, and with tideshift plan whether the next deployment can begin. Delete by hand only one that has no calls"#]],
    );
    let by = |next| service(Traffic::Divided(vec![("web:1".to_owned(), 80), ("web:2".to_owned(), 20)], next));
    let divided = || by(Next::TakesOver);
    check(
        |facts| facts.targets = vec![by(Next::IsRefused)],
        expect![[r#"
        broken traffic: shop/web: its calls go 80 % to web:1 and 20 % to web:2, and no deployment is at it
          set the weights of its listeners by hand: no deployment of this stack left them so, and the next one is refused"#]],
    );
    check(
        |facts| facts.targets = vec![divided()],
        expect![[r#"
        broken traffic: shop/web: its calls go 80 % to web:1 and 20 % to web:2, and no deployment is at it
          deploy one of the two, which ends that; or set the weights of its listeners by hand"#]],
    );
    let at_work = |mut seen: TargetSeen| {
        seen.outcome = None;
        vec![seen]
    };
    check(|facts| facts.targets = at_work(alias(split())), expect![[r#""#]]);
    check(|facts| facts.targets = at_work(divided()), expect![[r#""#]]);
    check(
        |facts| {
            let mut seen = alias(split());
            seen.outcome = Some(Outcome::Unresolved);
            facts.targets = vec![seen];
        },
        expect![[r#"
            broken traffic: storefront:live: the newest deployment, d-1, is Unresolved
              tideshift status d-1 says what stands in the way; then run tideshift repair d-1"#]],
    );
}

#[test]
fn task_sets_that_nobody_needs() {
    let set = |number: u32, group: &str, production, test| SetSeen {
        id: format!("ecs-svc/{number}"),
        runs: format!("web:{number}"),
        group: group.to_owned(),
        is_primary: number == 2,
        production,
        test,
    };
    let beside = |production: [u8; 2], test: [u8; 2], next| {
        let sets = vec![set(1, "web-blue", production[0], test[0]), set(2, "web-green", production[1], test[1])];
        vec![service(Traffic::Beside(Beside { sets, test_listener: Some("arn:…:listener/test".to_owned()), next }))]
    };
    check(
        |facts| facts.targets = beside([0, 100], [100, 0], Next::TakesOver),
        expect![[r#"
        warning traffic: shop/web: no deployment is at it, and the task set ecs-svc/1, which runs web:1, gets 100 % of the test traffic, from the listener arn:…:listener/test
          the next deployment takes all calls from it and removes it: deploy when you like"#]],
    );
    check(
        |facts| facts.targets = beside([0, 100], [100, 0], Next::IsRefused),
        expect![[r#"
        warning traffic: shop/web: no deployment is at it, and the task set ecs-svc/1, which runs web:1, gets 100 % of the test traffic, from the listener arn:…:listener/test
          the next deployment is refused while it is there: point the test listener to web-green, or nobody answers its calls until the next deployment; then run aws ecs delete-task-set --cluster shop --service web --task-set ecs-svc/1 --force"#]],
    );
    check(
        |facts| facts.targets = beside([0, 100], [0, 100], Next::IsRefused),
        expect![[r#"
        warning traffic: shop/web: no deployment is at it, and the task set ecs-svc/1, which runs web:1, gets no calls
          the next deployment is refused while it is there: run aws ecs delete-task-set --cluster shop --service web --task-set ecs-svc/1 --force"#]],
    );
    check(
        |facts| facts.targets = beside([100, 0], [50, 50], Next::IsRefused),
        expect![[r#"
        warning traffic: shop/web: no deployment is at it, and the task set ecs-svc/2, which runs web:2, gets 50 % of the test traffic, from the listener arn:…:listener/test
          the next deployment is refused while it is there: point the test listener to web-blue, or nobody answers its calls until the next deployment; then run aws ecs update-service-primary-task-set --cluster shop --service web --primary-task-set ecs-svc/1, and then aws ecs delete-task-set --cluster shop --service web --task-set ecs-svc/2 --force"#]],
    );
    let pair = |mut seen: Vec<TargetSeen>| {
        let [blue, green] =
            ["web-green", "web-new"].map(|group| Side { task_set: None, target_group: group.to_owned() });
        seen[0].pair = Some(Pair { blue, green });
        seen
    };
    check(
        |facts| facts.targets = pair(beside([0, 100], [0, 100], Next::IsRefused)),
        expect![[r#"
        warning traffic: shop/web: no deployment is at it, and the task set ecs-svc/1, which runs web:1, gets no calls
          no deployment touches it: if nobody needs it, run aws ecs delete-task-set --cluster shop --service web --task-set ecs-svc/1 --force"#]],
    );
    let at_work = |mut seen: Vec<TargetSeen>| {
        seen[0].outcome = None;
        seen
    };
    check(|facts| facts.targets = at_work(beside([0, 100], [100, 0], Next::IsRefused)), expect![[r#""#]]);
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
    check(
        |facts| facts.targets = untagged(whole()),
        expect![[r#"
        warning traffic: storefront:live: it has lost the tag tideshift=enabled, and the next deployment is refused
          run aws lambda tag-resource --resource arn:aws:lambda:eu-west-1:111122223333:function:storefront --tags tideshift=enabled"#]],
    );
    check(
        |facts| facts.targets = untagged(service(Traffic::TaskSets(1))),
        expect![[r#"
        warning traffic: shop/web: it has lost the tag tideshift=enabled, and the next deployment is refused
          run aws ecs tag-resource --resource-arn arn:aws:ecs:eu-west-1:111122223333:service/shop/web --tags key=tideshift,value=enabled"#]],
    );
    check(
        |facts| {
            facts.targets = untagged(whole());
            set(facts, "ShiftableFunctions", "*");
        },
        expect![[r#""#]],
    );
    check(|facts| facts.targets = vec![TargetSeen { live: Look::Seen(None), ..whole() }], expect![[r#""#]]);
}

#[test]
fn what_a_deployment_gave_a_version_and_did_not_take_back() {
    let warmed = |found| {
        let given = LeftWarm {
            function: "storefront".to_owned(),
            version: "2".to_owned(),
            concurrency: 5,
            why: None,
            take_back: "aws lambda delete-provisioned-concurrency-config".to_owned(),
        };
        vec![Warmed { deployment: "d-1".to_owned(), given, found }]
    };
    check(
        |facts| facts.warmed = warmed(Look::Seen(Some(5))),
        expect![[r#"
            warning warm: storefront:2 has 5 provisioned concurrent executions, which cost money: d-1 asked for as many (Warm), and is over
              unless they are yours, run aws lambda delete-provisioned-concurrency-config"#]],
    );
    for none in [None, Some(6)] {
        check(|facts| facts.warmed = warmed(Look::Seen(none)), expect![""]);
    }
}
