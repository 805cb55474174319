//! Texts that are read, in the forms that AWS's own pages use and in ours.

use expect_test::expect;

use super::{check, parse, with};
use crate::appspec::Resource;

const YAML: &str = "\
# This is an appspec.yml template file for use with a Lambda deployment in CodeDeploy.
version: 0.0
# In the Resources section specify the name, alias, target version, and (optional) current version.
Resources:
  - MyFunction: # Replace \"MyFunction\" with the name of your Lambda function
      Type: AWS::Lambda::Function
      Properties:
        Name: \"storefront\"
        Alias: \"live\"
        CurrentVersion: \"1\"
        TargetVersion: \"2\"
# (Optional) In the Hooks section, specify a validation Lambda function to run before and after traffic moves.
Hooks:
  - BeforeAllowTraffic: \"LambdaFunctionToValidateBeforeTrafficShift\"
  - AfterAllowTraffic: \"LambdaFunctionToValidateAfterTrafficShift\"
";

const JSON: &str = r#"{
	"version": 0.0,
	"Resources": [{
		"MyFunction": {
			"Type": "AWS::Lambda::Function",
			"Properties": {
				"Name": "storefront",
				"Alias": "live",
				"CurrentVersion": "1",
				"TargetVersion": "2"
			}
		}
	}],
	"Hooks": [
		{ "BeforeAllowTraffic": "LambdaFunctionToValidateBeforeTrafficShift" },
		{ "AfterAllowTraffic": "LambdaFunctionToValidateAfterTrafficShift" }
	]
}
"#;

#[test]
fn the_sample_of_aws_is_read() {
    check(
        YAML,
        expect![[r#"
            AppSpec {
                resource: Alias(
                    TargetAlias {
                        function: FunctionName(
                            "storefront",
                        ),
                        alias: AliasName(
                            "live",
                        ),
                        current: Some(
                            Version(
                                1,
                            ),
                        ),
                        target: Version(
                            2,
                        ),
                    },
                ),
                hooks: Hooks(
                    {
                        BeforeAllowTraffic: Hook {
                            function: HookFunction(
                                "LambdaFunctionToValidateBeforeTrafficShift",
                            ),
                            timeout: Seconds(
                                3600,
                            ),
                            parameters: [],
                            output: Withheld,
                        },
                        AfterAllowTraffic: Hook {
                            function: HookFunction(
                                "LambdaFunctionToValidateAfterTrafficShift",
                            ),
                            timeout: Seconds(
                                3600,
                            ),
                            parameters: [],
                            output: Withheld,
                        },
                    },
                ),
                strategy: None,
                warm: None,
            }"#]],
    );
}

#[test]
fn yaml_and_json_say_the_same() {
    let yaml = parse(YAML).unwrap();
    assert_eq!(parse(JSON).unwrap(), yaml);
    let compact: String = JSON.split_whitespace().collect();
    assert_eq!(parse(&compact).unwrap(), yaml, "on one line, as code writes it");
}

#[test]
fn keys_are_read_without_regard_to_case_and_versions_as_text_or_number() {
    let other = "version: \"0.0\"\nresources:\n  - MyFunction:\n      type: AWS::Lambda::Function\n      properties:\n        \
                 name: storefront\n        ALIAS: live\n        currentversion: 1\n        targetversion: 2\nhooks:\n  \
                 - beforeallowtraffic: LambdaFunctionToValidateBeforeTrafficShift\n  \
                 - AFTERALLOWTRAFFIC: LambdaFunctionToValidateAfterTrafficShift\n";
    assert_eq!(parse(other).unwrap(), parse(YAML).unwrap());
}

#[test]
fn line_ends_of_windows_a_byte_order_mark_and_an_explicit_document_change_nothing() {
    let yaml = parse(YAML).unwrap();
    assert_eq!(parse(&YAML.replace('\n', "\r\n")).unwrap(), yaml);
    assert_eq!(parse(&format!("\u{feff}{YAML}")).unwrap(), yaml);
    assert_eq!(parse(&format!("---\n{YAML}...\n")).unwrap(), yaml);
    assert_eq!(parse(&format!("\u{feff}{JSON}")).unwrap(), yaml);
    assert_eq!(parse(&JSON.replace('\n', "\r\n")).unwrap(), yaml);
    assert_eq!(parse(YAML.trim_end()).unwrap(), yaml);
}

#[test]
fn a_version_that_javascript_wrote_as_zero_is_the_version() {
    assert!(parse(&JSON.replace("0.0", "0")).is_ok());
}

#[test]
fn the_current_version_may_be_left_out() {
    let appspec = parse(&YAML.replace("        CurrentVersion: \"1\"\n", "")).unwrap();
    assert!(matches!(appspec.resource, Resource::Alias(alias) if alias.current.is_none()));
}

#[test]
fn hooks_that_are_all_commented_out_are_no_hooks() {
    let appspec = parse(&with("Hooks:\n  # - BeforeAllowTraffic: check\n")).unwrap();
    assert_eq!(appspec.hooks, Default::default());
}

#[test]
fn a_hook_may_have_a_timeout_and_parameters() {
    let text = with(
        "Hooks:\n  - BeforeAllowTraffic:\n      Function: arn:aws:lambda:eu-west-1:111122223333:function:check:live\n      \
         Timeout: 10m\n      Parameters: [/shop/db/password, shop-token]\n  - AfterAllowTraffic: {function: check, timeout: 90}\n",
    );
    let hooks = parse(&text).unwrap().hooks;
    expect![[r#"
        {
          "BeforeAllowTraffic": {
            "function": "arn:aws:lambda:eu-west-1:111122223333:function:check:live",
            "timeout": 600,
            "parameters": [
              "/shop/db/password",
              "shop-token"
            ]
          },
          "AfterAllowTraffic": {
            "function": "check",
            "timeout": 90
          }
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&hooks).unwrap());
}

#[test]
fn a_strategy_may_be_the_name_of_a_configuration() {
    let text = with("Strategy: Linear25PercentEvery90Seconds\n");
    expect![[r#"{"name":"Linear25PercentEvery90Seconds","strategy":{"Linear":{"percent":25,"interval":90}}}"#]]
        .assert_eq(&serde_json::to_string(&parse(&text).unwrap().strategy).unwrap());
}

#[test]
fn a_strategy_may_be_a_list_of_steps_and_ends_on_everything() {
    let text = with(
        "Strategy:\n  - {Weight: 1, Hold: 90}\n  - Weight: 10\n    Hold: 5m\n  - Weight: 25\n  - Weight: 50\n    \
         UntilContinued: {Timeout: 1h, OnTimeout: continue}\n  - Weight: 75\n    UntilContinued:\n      Timeout: 2d\n",
    );
    let strategy = parse(&text).unwrap().strategy.unwrap();
    assert_eq!(strategy.name, "Steps");
    let steps: Vec<_> =
        strategy.strategy.steps().iter().map(|step| format!("{} {:?}\n", step.weight, step.hold)).collect();
    expect![[r#"
        1 % For(Seconds(90))
        10 % For(Seconds(300))
        25 % For(Seconds(0))
        50 % UntilContinued { timeout: Seconds(3600), on_timeout: Continue }
        75 % UntilContinued { timeout: Seconds(172800), on_timeout: Stop }
        100 % For(Seconds(0))
    "#]]
    .assert_eq(&steps.concat());
}

#[test]
fn a_hold_on_the_last_step_is_kept_as_bake_time() {
    let strategy = parse(&with("Strategy: [{Weight: 100, Hold: 15m}]\n")).unwrap().strategy.unwrap();
    assert_eq!(strategy.strategy.total().to_string(), "15m");
    assert_eq!(strategy.strategy.steps().len(), 1);
}
