use std::fmt::Write as _;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

/// What becomes of each text: itself, what is kept of it, or why it is refused.
#[track_caller]
fn check<T: FromStr<Err = IdError> + fmt::Display>(texts: &[&str], expected: Expect) {
    let mut answers = String::new();
    for text in texts {
        match text.parse::<T>() {
            Ok(name) => writeln!(answers, "{text:?} is {name}"),
            Err(error) => writeln!(answers, "{error}"),
        }
        .unwrap();
    }
    expected.assert_eq(&answers);
}

#[test]
fn the_console_shows_an_execution_in_its_own_partition_and_region() {
    let shown = |arn: &str| ExecutionArn::parse(arn).unwrap().console();
    let arn = "arn:aws:states:eu-west-1:123456789012:execution:tideshift-lambda:d-A1B2C3D4E";
    let at =
        format!("https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/{arn}");
    assert_eq!(shown(arn), Some(at));
    let in_china = shown("arn:aws-cn:states:cn-north-1:123456789012:execution:tideshift-lambda:d-1").unwrap();
    assert!(in_china.starts_with("https://console.amazonaws.cn/states/home?region=cn-north-1#"), "{in_china}");
    assert_eq!(shown("an execution"), None);
}

#[test]
fn a_function_is_named_by_its_name_or_its_full_arn() {
    check::<FunctionName>(
        &[
            "storefront",
            "Store_front-2",
            "arn:aws:lambda:eu-west-1:123456789012:function:storefront",
            "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:storefront",
            "",
            "store front",
            "größe",
            "storefront:live",
            "arn:aws:lambda:eu-west-1:123456789012:function:storefront:2",
            "123456789012:function:storefront",
            "arn:aws:sns:eu-west-1:123456789012:topic",
            "arn:aws:lambda:eu-west-1:12:function:storefront",
            "arn:aws:lambda:eu-west-1:123456789012:function:",
            &"x".repeat(65),
            "a:b:c:d:e:f:g:h:i:j:k",
        ],
        expect![[r#"
            "storefront" is storefront
            "Store_front-2" is Store_front-2
            "arn:aws:lambda:eu-west-1:123456789012:function:storefront" is storefront
            "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:storefront" is storefront
            an empty text is not a function name: write 1 to 64 of A-Z a-z 0-9 - _
            `store front` is not a function name: write 1 to 64 of A-Z a-z 0-9 - _
            `größe` is not a function name: its character 3 (U+00F6) is no letter of ASCII, whatever it looks like; write 1 to 64 of A-Z a-z 0-9 - _
            `storefront:live` is not a function name: leave the qualifier off and write storefront; alias and versions are given on their own
            `arn:aws:lambda:eu-west-1:123456789012:function:storefront:2` is not a function name: leave the qualifier off and write storefront; alias and versions are given on their own
            `123456789012:function:storefront` is not a function name: write storefront, or the full ARN
            `arn:aws:sns:eu-west-1:123456789012:topic` is not a function name: write the name, or an ARN such as arn:aws:lambda:region:account:function:name
            `arn:aws:lambda:eu-west-1:12:function:storefront` is not a function name: write the name, or an ARN such as arn:aws:lambda:region:account:function:name
            `arn:aws:lambda:eu-west-1:123456789012:function:` is not a function name: write 1 to 64 of A-Z a-z 0-9 - _
            `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` is not a function name: write 1 to 64 of A-Z a-z 0-9 - _
            `a:b:c:d:e:f:g:h:i:j:k` is not a function name: write the name, or an ARN such as arn:aws:lambda:region:account:function:name
        "#]],
    );
}

#[test]
fn a_hook_function_is_kept_as_it_is_written() {
    check::<HookFunction>(
        &[
            "check",
            "check:live",
            "check:$LATEST",
            "123456789012:function:check",
            "123456789012:function:check:3",
            "arn:aws:lambda:eu-west-1:123456789012:function:check",
            "arn:aws:lambda:eu-west-1:123456789012:function:check:live",
            "",
            ":",
            "check:",
            "check:a b",
            "check it",
            "arn:aws:lambda:eu-west-1:123456789012:layer:check",
            "a:b:c",
        ],
        expect![[r#"
            "check" is check
            "check:live" is check:live
            "check:$LATEST" is check:$LATEST
            "123456789012:function:check" is 123456789012:function:check
            "123456789012:function:check:3" is 123456789012:function:check:3
            "arn:aws:lambda:eu-west-1:123456789012:function:check" is arn:aws:lambda:eu-west-1:123456789012:function:check
            "arn:aws:lambda:eu-west-1:123456789012:function:check:live" is arn:aws:lambda:eu-west-1:123456789012:function:check:live
            an empty text is not a hook function: write 1 to 64 of A-Z a-z 0-9 - _
            `:` is not a hook function: write 1 to 64 of A-Z a-z 0-9 - _
            `check:` is not a hook function: write a function's name or ARN, with or without :version or :alias
            `check:a b` is not a hook function: write a function's name or ARN, with or without :version or :alias
            `check it` is not a hook function: write 1 to 64 of A-Z a-z 0-9 - _
            `arn:aws:lambda:eu-west-1:123456789012:layer:check` is not a hook function: write a function's name or ARN, with or without :version or :alias
            `a:b:c` is not a hook function: write a function's name or ARN, with or without :version or :alias
        "#]],
    );
}

#[test]
fn a_hook_function_knows_its_bare_name_and_its_qualifier() {
    for (text, qualifier) in [
        ("check", None),
        ("check:$LATEST", Some("$LATEST")),
        ("123456789012:function:check", None),
        ("arn:aws:lambda:eu-west-1:123456789012:function:check:live", Some("live")),
    ] {
        let hook = HookFunction::parse(text).unwrap();
        assert_eq!((hook.name(), hook.qualifier()), ("check", qualifier), "{text}");
    }
}

#[test]
fn an_alias_is_never_only_digits() {
    check::<AliasName>(
        &["live", "v2", "2", "$LATEST", "", "a b", &"x".repeat(128), &"x".repeat(129)],
        expect![[r#"
        "live" is live
        "v2" is v2
        `2` is not an alias name: only digits would be a version; write the alias, such as live
        `$LATEST` is not an alias name: $LATEST cannot be shifted; create an alias, such as live
        an empty text is not an alias name: write 1 to 128 of A-Z a-z 0-9 - _
        `a b` is not an alias name: write 1 to 128 of A-Z a-z 0-9 - _
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" is xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
        `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` is not an alias name: write 1 to 128 of A-Z a-z 0-9 - _
    "#]],
    );
}

#[test]
fn a_version_is_the_number_of_a_published_one() {
    check::<Version>(
        &[
            "1",
            "18446744073709551615",
            "0",
            "-1",
            "+1",
            "03",
            "1.0",
            "",
            "live",
            "$LATEST",
            "$latest",
            "18446744073709551616",
        ],
        expect![[r#"
            "1" is 1
            "18446744073709551615" is 18446744073709551615
            `0` is not a version: write the number of a published version, such as 3
            `-1` is not a version: write the number of a published version, such as 3
            `+1` is not a version: write the number of a published version, such as 3
            `03` is not a version: it does not begin with 0; write 3
            `1.0` is not a version: write the number of a published version, such as 3
            an empty text is not a version: write the number of a published version, such as 3
            `live` is not a version: write the number of a published version, such as 3
            `$LATEST` is not a version: an alias cannot be shifted to or from it; publish a version and write its number
            `$latest` is not a version: an alias cannot be shifted to or from it; publish a version and write its number
            `18446744073709551616` is not a version: write the number of a published version, such as 3
        "#]],
    );
}

#[test]
fn a_version_is_text_in_json_and_read_from_text_or_a_number() {
    let three = Version::parse("3").unwrap();
    assert_eq!(serde_json::to_string(&three).unwrap(), r#""3""#);
    for text in ["3", r#""3""#] {
        assert_eq!(serde_json::from_str::<Version>(text).unwrap(), three);
    }
    for text in ["0", "-3", "3.5", "null", r#""$LATEST""#] {
        assert!(serde_json::from_str::<Version>(text).is_err(), "{text}");
    }
}

#[test]
fn an_alarm_is_called_anything_that_can_be_printed() {
    check::<AlarmName>(
        &["storefront errors", "Fehler über 5 %", "", "a\nb", &"ü".repeat(255), &"ü".repeat(256)],
        expect![[r#"
        "storefront errors" is storefront errors
        "Fehler über 5 %" is Fehler über 5 %
        an empty text is not an alarm name: write 1 to 255 characters, none of them a control character
        `a\nb` is not an alarm name: write 1 to 255 characters, none of them a control character
        "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü" is üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü
        `üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü…` is not an alarm name: write 1 to 255 characters, none of them a control character
    "#]],
    );
}

#[test]
fn a_parameter_is_named_by_its_path_or_its_arn() {
    check::<ParameterName>(
        &[
            "/shop/db/password",
            "token",
            "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/token",
            "",
            "shop/db",
            "/shop/db:3",
            "/shop/pass word",
            "arn:aws:ssm:eu-west-1:123456789012:parameter",
            "arn:aws:ssm:eu-west-1:123456789012:document/x",
            "arn:aws:s3:::bucket",
            &"x".repeat(1012),
        ],
        expect![[r#"
            "/shop/db/password" is /shop/db/password
            "token" is token
            "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/token" is arn:aws:ssm:eu-west-1:123456789012:parameter/shop/token
            an empty text is not an SSM parameter name: write 1 to 1011 of A-Z a-z 0-9 _ . - /
            `shop/db` is not an SSM parameter name: a name with levels begins with /, such as /shop/db/password
            `/shop/db:3` is not an SSM parameter name: leave the version or label after the colon off; the current value is read
            `/shop/pass word` is not an SSM parameter name: write 1 to 1011 of A-Z a-z 0-9 _ . - /
            `arn:aws:ssm:eu-west-1:123456789012:parameter` is not an SSM parameter name: write 1 to 1011 of A-Z a-z 0-9 _ . - /
            `arn:aws:ssm:eu-west-1:123456789012:document/x` is not an SSM parameter name: write 1 to 1011 of A-Z a-z 0-9 _ . - /
            `arn:aws:s3:::bucket` is not an SSM parameter name: write a name such as /shop/db/password, or arn:aws:ssm:region:account:parameter/name
            `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` is not an SSM parameter name: write 1 to 1011 of A-Z a-z 0-9 _ . - /
        "#]],
    );
}

#[test]
fn the_names_of_codedeploy_share_one_alphabet() {
    check::<ConfigName>(
        &["Canary10Percent5Minutes", "a+b=c,d.e@f_g-h", "", "a b", "a/b", &"x".repeat(101)],
        expect![[r#"
        "Canary10Percent5Minutes" is Canary10Percent5Minutes
        "a+b=c,d.e@f_g-h" is a+b=c,d.e@f_g-h
        an empty text is not a deployment configuration name: write 1 to 100 of A-Z a-z 0-9 + = , . @ _ -
        `a b` is not a deployment configuration name: write 1 to 100 of A-Z a-z 0-9 + = , . @ _ -
        `a/b` is not a deployment configuration name: write 1 to 100 of A-Z a-z 0-9 + = , . @ _ -
        `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` is not a deployment configuration name: write 1 to 100 of A-Z a-z 0-9 + = , . @ _ -
    "#]],
    );
    check::<ApplicationName>(
        &["shop", "a/b"],
        expect![[r#"
        "shop" is shop
        `a/b` is not an application name: write 1 to 100 of A-Z a-z 0-9 + = , . @ _ -
    "#]],
    );
    check::<GroupName>(
        &["live", "a/b"],
        expect![[r#"
        "live" is live
        `a/b` is not a deployment group name: write 1 to 100 of A-Z a-z 0-9 + = , . @ _ -
    "#]],
    );
}

#[test]
fn a_deployment_id_is_any_name_an_execution_can_have_here() {
    check::<DeploymentId>(
        &["d-ABCDEF123", "release_1.2", "d-ABCDEF123.recovery-2", "", "a b", "a/b", &"x".repeat(81)],
        expect![[r#"
        "d-ABCDEF123" is d-ABCDEF123
        "release_1.2" is release_1.2
        "d-ABCDEF123.recovery-2" is d-ABCDEF123.recovery-2
        an empty text is not a deployment id: write 1 to 80 of A-Z a-z 0-9 _ . -
        `a b` is not a deployment id: write 1 to 80 of A-Z a-z 0-9 _ . -
        `a/b` is not a deployment id: write 1 to 80 of A-Z a-z 0-9 _ . -
        `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` is not a deployment id: write 1 to 80 of A-Z a-z 0-9 _ . -
    "#]],
    );
    check::<HookExecutionId>(
        &["eyJ0IjoxfQ==", "", "a b", "a\n", "ü", &"x".repeat(1025)],
        expect![[r#"
        "eyJ0IjoxfQ==" is eyJ0IjoxfQ==
        an empty text is not a hook execution id: send back the LifecycleEventHookExecutionId as the hook got it
        `a b` is not a hook execution id: send back the LifecycleEventHookExecutionId as the hook got it
        `a\n` is not a hook execution id: send back the LifecycleEventHookExecutionId as the hook got it
        `ü` is not a hook execution id: send back the LifecycleEventHookExecutionId as the hook got it
        `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` is not a hook execution id: send back the LifecycleEventHookExecutionId as the hook got it
    "#]],
    );
}

#[test]
fn a_name_is_checked_when_it_arrives_as_json() {
    assert_eq!(serde_json::to_string(&AliasName::parse("live").unwrap()).unwrap(), r#""live""#);
    let error = serde_json::from_str::<AliasName>(r#""1""#).unwrap_err();
    expect!["`1` is not an alias name: only digits would be a version; write the alias, such as live"]
        .assert_eq(&error.to_string());
}

proptest! {
    #[test]
    fn a_new_deployment_id_looks_like_one_of_codedeploy(mut seed in any::<u64>()) {
        let id = DeploymentId::from_random(|| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            seed
        });
        let random = id.as_str().strip_prefix("d-").unwrap();
        prop_assert!(random.len() == 9 && random.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()));
        prop_assert_eq!(DeploymentId::parse(id.as_str()), Ok(id));
    }

    #[test]
    fn no_text_is_too_strange_for_a_name(text in any::<String>()) {
        let _ = (FunctionName::parse(&text), ParameterName::parse(&text), Version::parse(&text), AlarmName::parse(&text));
        if let Ok(hook) = HookFunction::parse(&text) {
            prop_assert!(text.contains(hook.name()));
        }
    }
}

#[test]
fn the_id_of_a_rollback_is_always_the_same_and_never_the_deployments_own() {
    let id = DeploymentId::parse("d-ABCDEFGHI").unwrap();
    assert_eq!(id.of_rollback(), id.of_rollback());
    assert_ne!(id.of_rollback(), id);
    assert_ne!(id.of_rollback(), DeploymentId::parse("d-ABCDEFGHJ").unwrap().of_rollback());
    assert!(id.of_rollback().as_str().starts_with("d-") && id.of_rollback().as_str().len() == 11);
}
