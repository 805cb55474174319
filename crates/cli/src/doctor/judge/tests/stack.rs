//! The stack itself, who asks, and what its parameters name.

use expect_test::expect;

use super::{check, set, stack};
use crate::doctor::facts::{Look, Named};

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
