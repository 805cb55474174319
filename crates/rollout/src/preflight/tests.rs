//! Every reason not to start, with the sentence it comes with.

use crate::alarms::Readings;
use crate::grants::Readable;
use crate::ids::{DeploymentId, HookFunction, ParameterName};
use crate::routing::Routing;
use expect_test::{Expect, expect};

use super::*;
use crate::appspec::Hook;
use crate::event::LifecycleEvent;
use crate::facts::Holder;
use crate::platform::Platform;
use crate::request::MAX_ALARMS;
use crate::testing::{a_request, alias, facts, v, versions, wanted};
use crate::weight::Weight;

#[track_caller]
fn check(change: impl FnOnce(&mut Request, &mut Facts), expected: Expect) {
    let (mut request, mut facts) = (a_request(), facts());
    change(&mut request, &mut facts);
    let refusals: Vec<String> = super::check(&request, &facts)
        .iter()
        .map(|refusal| format!("{}, {}: {refusal}\n", refusal.name(), refusal.ending(Platform::Lambda).code))
        .collect();
    expected.assert_eq(&refusals.concat());
}

fn published(state: VersionState, role: &str, dead_letter: Option<&str>) -> VersionFacts {
    VersionFacts::Published { state, role: role.to_owned(), dead_letter: dead_letter.map(str::to_owned) }
}

fn alias_on(routing: Routing) -> AliasFacts {
    AliasFacts::Live(LiveAlias { routing, provisioned: None, warmed: None })
}

fn alarm(name: &str) -> crate::ids::AlarmName {
    crate::ids::AlarmName::parse(name).unwrap()
}

#[test]
fn nothing_speaks_against_a_deployment_in_a_world_that_is_in_order() {
    check(|_, _| {}, expect![""]);
}

#[test]
fn a_function_that_does_not_exist() {
    check(
        |_, facts| *alias(facts) = AliasFacts::NoFunction,
        expect![[r#"
        FunctionMissing, INVALID_LAMBDA_FUNCTION: the function storefront does not exist in this account and region
    "#]],
    );
}

#[test]
fn an_alias_that_does_not_exist() {
    check(
        |_, facts| *alias(facts) = AliasFacts::NoAlias,
        expect![[r#"
        AliasMissing, INVALID_LAMBDA_FUNCTION: the function storefront has no alias live; create it first: aws lambda create-alias --function-name storefront --name live --function-version <version>
    "#]],
    );
}

#[test]
fn an_alias_on_latest() {
    check(
        |_, facts| *alias(facts) = AliasFacts::OnLatest,
        expect![[r#"
        AliasOnLatest, INVALID_LAMBDA_CONFIGURATION: the alias live of storefront points at $LATEST, which cannot share traffic; point it at a published version first: aws lambda update-alias --function-name storefront --name live --function-version <version>
    "#]],
    );
}

#[test]
fn a_version_that_does_not_exist() {
    check(
        |_, facts| drop(versions(facts).insert(v(2), VersionFacts::Missing)),
        expect![[r#"
        VersionMissing, INVALID_LAMBDA_FUNCTION: the function storefront has no version 2; publish it first: aws lambda publish-version --function-name storefront
    "#]],
    );
    check(
        |_, facts| drop(versions(facts).remove(&v(2))),
        expect![[r#"
        VersionMissing, INVALID_LAMBDA_FUNCTION: the function storefront has no version 2; publish it first: aws lambda publish-version --function-name storefront
    "#]],
    );
}

#[test]
fn a_version_that_is_not_ready() {
    let pending = || published(VersionState::NotReady("Failed: the image was deleted".to_owned()), "role", None);
    check(
        |_, facts| drop(versions(facts).insert(v(2), pending())),
        expect![[r#"
        VersionNotReady, INVALID_LAMBDA_FUNCTION: version 2 is not ready for calls: Failed: the image was deleted
    "#]],
    );
}

#[test]
fn a_version_whose_first_calls_would_fail() {
    for (state, expected) in [
        (
            VersionState::Inactive,
            expect![[r#"
            VersionInactive, INVALID_LAMBDA_FUNCTION: version 2 of storefront is Inactive: nobody called it for long, and its first calls would fail; wake it: aws lambda invoke --function-name storefront --qualifier 2 /dev/null, then aws lambda wait published-version-active --function-name storefront --qualifier 2
        "#]],
        ),
        (
            VersionState::Pending("The function is being created.".to_owned()),
            expect![[r#"
            VersionPending, INVALID_LAMBDA_FUNCTION: version 2 of storefront is Pending (The function is being created.), and its calls would fail; wait for it: aws lambda wait published-version-active --function-name storefront --qualifier 2
        "#]],
        ),
    ] {
        check(|_, facts| drop(versions(facts).insert(v(2), published(state, "role", None))), expected);
    }
}

#[test]
fn a_current_version_that_is_not_the_one_the_alias_is_on() {
    check(
        |request, _| wanted(request).current = Some(v(3)),
        expect![[r#"
            CurrentVersionDiffers, INVALID_LAMBDA_CONFIGURATION: The Lambda function alias version does not match the current version in AppSpec file: the AppSpec says 3, the alias is on version 1; write CurrentVersion: 1 (--from-version 1 on the command line), or leave it out
        "#]],
    );
}

#[test]
fn versions_with_different_roles() {
    let other = || published(VersionState::Active, "other-role", None);
    check(
        |_, facts| drop(versions(facts).insert(v(2), other())),
        expect![[r#"
        DifferentRoles, INVALID_LAMBDA_CONFIGURATION: versions 1 and 2 have different execution roles (role and other-role); Lambda cannot split traffic between them: publish a version with the same role
    "#]],
    );
}

#[test]
fn versions_with_different_dead_letter_targets() {
    let other = || published(VersionState::Active, "role", Some("arn:aws:sqs:eu-central-1:123456789012:dead"));
    check(
        |_, facts| drop(versions(facts).insert(v(2), other())),
        expect![[r#"
        DifferentDeadLetters, INVALID_LAMBDA_CONFIGURATION: versions 1 and 2 have different dead-letter targets (none and arn:aws:sqs:eu-central-1:123456789012:dead); Lambda cannot split traffic between them: publish a version with the same one
    "#]],
    );
}

#[test]
fn a_split_that_is_somebody_elses() {
    let split = || Routing::shifted(v(1), v(2), Weight::clamped(5));
    check(
        |_, facts| *alias(facts) = alias_on(split()),
        expect![[r#"
            AliasAlreadySplit, INVALID_LAMBDA_CONFIGURATION: the alias is split already, and not by a deployment of this stack (version 1 with 5 % on version 2): send all of its calls to one of the two first, the one its users are to stay on: aws lambda update-alias --function-name storefront --name live --routing-config AdditionalVersionWeights={} --function-version <1 or 2>
        "#]],
    );
    let another = || Some(Routing::shifted(v(1), v(2), Weight::clamped(6)));
    check(
        |_, facts| {
            *alias(facts) = alias_on(split());
            facts.leftover = another();
        },
        expect![[r#"
            AliasAlreadySplit, INVALID_LAMBDA_CONFIGURATION: the alias is split already, and not by a deployment of this stack (version 1 with 5 % on version 2): send all of its calls to one of the two first, the one its users are to stay on: aws lambda update-alias --function-name storefront --name live --routing-config AdditionalVersionWeights={} --function-version <1 or 2>
        "#]],
    );
}

#[test]
fn the_split_that_was_left_behind_is_no_reason() {
    let split = || Routing::shifted(v(1), v(2), Weight::clamped(5));
    check(
        |_, facts| {
            *alias(facts) = alias_on(split());
            facts.leftover = Some(split());
        },
        expect![""],
    );
}

fn hooked(request: &mut Request, facts: &mut Facts, found: HookFacts) {
    let function = HookFunction::parse("smoke-test").unwrap();
    request.appspec.hooks.insert(LifecycleEvent::AfterAllowTraffic, Hook::new(function.clone()));
    facts.hooks.insert(function, found);
}

#[test]
fn a_hook_that_does_not_exist() {
    check(
        |request, facts| hooked(request, facts, HookFacts::Missing),
        expect![[r#"
        HookMissing, INVALID_LAMBDA_CONFIGURATION: the AfterAllowTraffic hook smoke-test does not exist in this account and region
    "#]],
    );
    check(|request, facts| hooked(request, facts, HookFacts::Invocable), expect![""]);
}

#[test]
fn a_hook_that_this_stack_may_not_call() {
    let outside = || HookFacts::OutsidePattern("CodeDeployHook_*".to_owned());
    check(
        |request, facts| hooked(request, facts, outside()),
        expect![[r#"
        HookNotAllowed, INVALID_LAMBDA_CONFIGURATION: the AfterAllowTraffic hook smoke-test may not be called by this stack, which is limited to CodeDeployHook_*; rename the function or change the stack's parameter HookFunctionNamePattern
    "#]],
    );
}

#[test]
fn too_many_alarms() {
    let names = || (0..=MAX_ALARMS).map(|number| alarm(&format!("alarm-{number}")));
    check(
        |request, facts| {
            request.alarms.names = names().collect();
            facts.alarms = Readings::Read(names().map(|name| (name, alarms::AlarmState::Ok.into())).collect());
        },
        expect![[r#"
            TooManyAlarms, INVALID_LAMBDA_CONFIGURATION: 51 alarms are named; a deployment watches at most 50: combine some into a composite alarm
        "#]],
    );
}

#[test]
fn alarms_that_are_not_content() {
    let watch = |request: &mut Request| request.alarms.names = [alarm("errors")].into();
    let in_alarm = || Readings::Read([(alarm("errors"), alarms::AlarmState::Alarm.into())].into());
    check(
        |request, facts| {
            watch(request);
            facts.alarms = in_alarm();
        },
        expect![[r#"
            AlarmActive, ALARM_ACTIVE: nothing was started, since these alarms are in ALARM: <errors>; wait until they are OK; where this deployment is what mends it, deploy without them: with --no-alarms, or with overrideAlarmConfiguration set to {"enabled": false}
        "#]],
    );
    check(
        |request, _| watch(request),
        expect![[r#"
            AlarmMissing, ALARM_UNREADABLE: these alarms do not exist (any more): <errors>; create them, or set ignorePollAlarmFailure (--ignore-alarm-poll-failure on the command line)
        "#]],
    );
    check(
        |request, facts| {
            watch(request);
            facts.alarms = Readings::Unreadable("throttled".to_owned());
        },
        expect![[r#"
            AlarmsUnreadable, ALARM_UNREADABLE: the alarms could not be read, and unknown counts as unsafe: throttled
        "#]],
    );
}

#[test]
fn an_alias_that_another_deployment_holds() {
    let owner = || DeploymentId::parse("d-OTHER").unwrap();
    check(
        |_, facts| facts.holder = Some(Holder::Running(owner())),
        expect![[r#"
            TargetLocked, TARGET_LOCKED: another deployment of storefront:live is running, d-OTHER: wait for it, or stop it with: tideshift stop d-OTHER
        "#]],
    );
    check(
        |_, facts| facts.holder = Some(Holder::Unresolved(owner())),
        expect![[r#"
            TargetLocked, TARGET_LOCKED: deployment d-OTHER could not put storefront:live back; finish its job first with: tideshift repair d-OTHER
        "#]],
    );
}

/// A hook that asks for a parameter, of a stack whose `ParameterPath` is this.
fn asks_for_a_parameter(request: &mut Request, facts: &mut Facts, path: &str) {
    let function = HookFunction::parse("smoke-test").unwrap();
    let mut hook = Hook::new(function.clone());
    hook.parameters = vec![ParameterName::parse("/shop/db/password").unwrap()];
    request.appspec.hooks.insert(LifecycleEvent::AfterAllowTraffic, hook);
    facts.hooks.insert(function, HookFacts::Invocable);
    facts.readable = Readable::under(path);
}

#[test]
fn a_parameter_that_the_stack_may_not_read() {
    check(
        |request, facts| asks_for_a_parameter(request, facts, ""),
        expect![[r#"
        ParametersNotReadable, INVALID_LAMBDA_CONFIGURATION: the AfterAllowTraffic hook smoke-test asks for /shop/db/password, which this stack may not read: its parameter ParameterPath is empty; update the stack with a path that covers it, such as /shop/db/password, and let HookParameters hand it to the hook
    "#]],
    );
    check(
        |request, facts| asks_for_a_parameter(request, facts, "/mail/*"),
        expect![[r#"
        ParametersNotReadable, INVALID_LAMBDA_CONFIGURATION: the AfterAllowTraffic hook smoke-test asks for /shop/db/password, which this stack may not read: its parameter ParameterPath is /mail/*; update the stack with a path that covers it, such as /shop/db/password, and let HookParameters hand it to the hook
    "#]],
    );
    check(|request, facts| asks_for_a_parameter(request, facts, "/shop/*"), expect![[r#""#]]);
}

#[test]
fn a_parameter_that_does_not_exist() {
    check(
        |request, facts| {
            asks_for_a_parameter(request, facts, "/shop/*");
            facts.missing.insert(ParameterName::parse("/shop/db/password").unwrap());
        },
        expect![[r#"
            ParametersMissing, INVALID_LAMBDA_CONFIGURATION: the AfterAllowTraffic hook smoke-test asks for /shop/db/password, which SSM does not have in this account and Region: correct the name, or create it with aws ssm put-parameter --type SecureString --name /shop/db/password --value …
        "#]],
    );
}

#[test]
fn all_reasons_are_said_at_once() {
    check(
        |request, facts| {
            *alias(facts) = AliasFacts::NoAlias;
            facts.holder = Some(Holder::Running(DeploymentId::parse("d-OTHER").unwrap()));
            hooked(request, facts, HookFacts::Missing);
        },
        expect![[r#"
            TargetLocked, TARGET_LOCKED: another deployment of storefront:live is running, d-OTHER: wait for it, or stop it with: tideshift stop d-OTHER
            AliasMissing, INVALID_LAMBDA_FUNCTION: the function storefront has no alias live; create it first: aws lambda create-alias --function-name storefront --name live --function-version <version>
            HookMissing, INVALID_LAMBDA_CONFIGURATION: the AfterAllowTraffic hook smoke-test does not exist in this account and region
        "#]],
    );
}
