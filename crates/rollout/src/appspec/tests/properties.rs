//! What holds for every text.

use proptest::prelude::*;
use proptest::sample::Index;

use super::{parse, with};
use crate::appspec::{AppSpec, Hook, NamedStrategy, Resource, TargetAlias};
use crate::ids::{AliasName, FunctionName, HookFunction, ParameterName, Version};
use crate::lifecycle::LifecycleEvent;
use crate::seconds::Seconds;
use crate::strategy::{Hold, OnTimeout, Platform, Step};
use crate::weight::Weight;

fn step_holds() -> impl Strategy<Value = Hold> {
    prop_oneof![
        (0u64..3_000).prop_map(|seconds| Hold::For(Seconds(seconds))),
        (1u64..3_000, any::<bool>()).prop_map(|(seconds, stop)| Hold::UntilContinued {
            timeout: Seconds(seconds),
            on_timeout: if stop { OnTimeout::Stop } else { OnTimeout::Continue },
        }),
    ]
}

fn strategies() -> impl Strategy<Value = NamedStrategy> {
    prop_oneof![
        (1u8..100, 1u64..90).prop_map(|(percent, minutes)| format!("Canary{percent}Percent{minutes}Minutes")),
        (1u8..100, 1u64..90)
            .prop_map(|(percent, seconds)| format!("LambdaLinear{percent}PercentEvery{seconds}Seconds")),
        Just("CodeDeployDefault.LambdaAllAtOnce".to_owned()),
    ]
    .prop_map(|name| NamedStrategy::named(&name, Platform::Lambda).unwrap())
    .boxed()
    .prop_union(
        prop::collection::btree_map(1u8..=100, step_holds(), 1..20)
            .prop_map(|steps| {
                let steps = steps.into_iter().map(|(weight, hold)| Step { weight: Weight::clamped(weight), hold });
                NamedStrategy::steps(steps.collect()).unwrap()
            })
            .boxed(),
    )
}

fn hooks() -> impl Strategy<Value = Hook> {
    let function = prop_oneof![
        "[A-Za-z][A-Za-z0-9_-]{0,63}",
        "arn:aws:lambda:eu-west-1:123456789012:function:[a-z]{1,9}(:[a-z]{1,9})?"
    ];
    let parameters = prop::collection::btree_set("(/[a-zA-Z0-9_.-]{1,9}){1,3}", 0..5);
    (function, 1u64..=86_400, parameters).prop_map(|(function, timeout, parameters)| Hook {
        function: HookFunction::parse(&function).unwrap(),
        timeout: Seconds(timeout),
        parameters: parameters.iter().map(|name| ParameterName::parse(name).unwrap()).collect(),
    })
}

fn appspecs() -> impl Strategy<Value = AppSpec> {
    (
        "[A-Za-z0-9_-]{1,64}",
        "[A-Za-z_-][A-Za-z0-9_-]{0,127}",
        prop::option::of(1u64..),
        1u64..,
        prop::option::of(hooks()),
        prop::option::of(hooks()),
        prop::option::of(strategies()),
    )
        .prop_map(|(function, alias, current, target, before, after, strategy)| AppSpec {
            resource: Resource::Alias(TargetAlias {
                function: FunctionName::parse(&function).unwrap(),
                alias: AliasName::parse(&alias).unwrap(),
                current: current.map(|number| Version::try_from(number).unwrap()),
                target: Version::try_from(target).unwrap(),
            }),
            hooks: before
                .map(|hook| (LifecycleEvent::BeforeAllowTraffic, hook))
                .into_iter()
                .chain(after.map(|hook| (LifecycleEvent::AfterAllowTraffic, hook)))
                .collect(),
            strategy,
        })
}

/// The AppSpec as block YAML.
fn yaml(appspec: &AppSpec) -> String {
    let Resource::Alias(alias) = &appspec.resource else { panic!("{appspec:?}") };
    let mut text = format!(
        "version: 0.0\nResources:\n- F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Name: '{}'\n      Alias: \"{}\"\n      \
         TargetVersion: {}\n",
        alias.function, alias.alias, alias.target
    );
    if let Some(current) = alias.current {
        text += &format!("      CurrentVersion: '{current}'\n");
    }
    text += "Hooks:\n";
    for (event, hook) in appspec.hooks.iter() {
        text += &format!("- {event}:\n    Function: '{}'\n    Timeout: {}\n", hook.function, hook.timeout);
        if !hook.parameters.is_empty() {
            text += "    Parameters:\n";
            text += &hook.parameters.iter().map(|name| format!("    - {name}\n")).collect::<String>();
        }
    }
    match &appspec.strategy {
        None => {}
        Some(NamedStrategy { name, strategy }) if name == "Steps" => {
            text += "Strategy:\n";
            for step in strategy.steps() {
                text += &format!("- Weight: {}\n", step.weight.percent());
                text += &match step.hold {
                    Hold::For(time) => format!("  Hold: {time}\n"),
                    Hold::UntilContinued { timeout, on_timeout } => {
                        format!("  UntilContinued:\n    Timeout: {}\n    OnTimeout: {on_timeout:?}\n", timeout.0)
                    }
                };
            }
        }
        Some(NamedStrategy { name, .. }) => text += &format!("Strategy: {name}\n"),
    }
    text
}

/// The AppSpec as JSON, for `serde_json` to write.
fn json(appspec: &AppSpec) -> serde_json::Value {
    use serde_json::json;
    let hook = |hook: &Hook| json!({"Function": hook.function, "Timeout": hook.timeout, "Parameters": hook.parameters});
    let hooks: Vec<_> = appspec.hooks.iter().map(|(event, it)| json!({event.as_str(): hook(it)})).collect();
    let Resource::Alias(alias) = &appspec.resource else { panic!("{appspec:?}") };
    let mut properties = json!({"Name": alias.function, "Alias": alias.alias, "TargetVersion": alias.target});
    if let Some(current) = alias.current {
        properties["CurrentVersion"] = json!(current.number());
    }
    let mut text = json!({
        "version": "0.0",
        "Resources": [{"F": {"Type": "AWS::Lambda::Function", "Properties": properties}}],
        "Hooks": hooks,
    });
    if let Some(NamedStrategy { name, strategy }) = &appspec.strategy {
        text["Strategy"] = if name == "Steps" {
            strategy
                .steps()
                .iter()
                .map(|step| match step.hold {
                    Hold::For(time) => json!({"Weight": step.weight, "Hold": time}),
                    Hold::UntilContinued { timeout, on_timeout } => {
                        json!({"Weight": step.weight, "UntilContinued": {"Timeout": timeout.to_string(), "OnTimeout": on_timeout}})
                    }
                })
                .collect()
        } else {
            json!(name)
        };
    }
    text
}

/// A text close to an AppSpec: pieces of one in any order, with what breaks parsers between them.
fn nearly() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "version",
        "Resources",
        "Type",
        "Properties",
        "Hooks",
        "Strategy",
        "Weight",
        "Hold",
        "a",
        "0.0",
        "$LATEST",
        "10",
        ": ",
        ":",
        "- ",
        "-",
        "? ",
        "\n",
        "\n  ",
        "\n    ",
        "\r\n",
        "\r",
        "\t",
        " ",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\"",
        "'",
        "\\",
        "\\u00",
        "&a ",
        "*a",
        "!",
        "!!str ",
        "!<",
        "|",
        ">",
        "|2-\n",
        ">+\n",
        "#",
        "%",
        "%TAG ! !",
        "%YAML 1.2\n",
        "---",
        "...",
        "@",
        "`",
        "~",
        "<<",
        "ü",
        "日本",
        "🦀",
        "\u{feff}",
        "\u{85}",
        "\u{2028}",
        "\0",
        "\u{7f}",
        "é: ",
    ];
    prop::collection::vec(prop::sample::select(PIECES), 0..60).prop_map(|pieces| pieces.concat())
}

fn cases(number: u32) -> ProptestConfig {
    ProptestConfig { cases: number, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn yaml_and_json_of_any_appspec_say_what_it_says(appspec in appspecs()) {
        prop_assert_eq!(parse(&yaml(&appspec)), Ok(appspec.clone()));
        let json = json(&appspec);
        prop_assert_eq!(parse(&json.to_string()), Ok(appspec.clone()));
        let pretty = serde_json::to_string_pretty(&json).unwrap().replace("  ", "\t");
        prop_assert_eq!(parse(&pretty), Ok(appspec));
    }
}

proptest! {
    #![proptest_config(cases(4_096))]

    #[test]
    fn no_text_is_too_strange_to_answer(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn no_text_that_looks_like_yaml_is_too_strange_to_answer(text in nearly()) {
        if let Err(errors) = parse(&text) {
            prop_assert!(!errors.problems().is_empty());
            let lines = text.split(['\r', '\n']).count();
            prop_assert!(errors.problems().iter().all(|problem| problem.line.is_none_or(|line| (1..=lines).contains(&line))));
        }
    }

    #[test]
    fn no_broken_appspec_is_too_strange_to_answer(
        changes in prop::collection::vec((any::<Index>(), 0usize..6, nearly()), 1..5),
        as_json in any::<bool>(),
    ) {
        let mut text: Vec<char> = with("Hooks:\n  - BeforeAllowTraffic: {Function: check, Parameters: [/a]}\nStrategy:\n  - Weight: 10\n    Hold: 5m\n").chars().collect();
        if as_json {
            text = json(&parse(&text.iter().collect::<String>()).unwrap()).to_string().chars().collect();
        }
        for (at, cut, put) in changes {
            let from = at.index(text.len() + 1);
            let to = (from + cut).min(text.len());
            text.splice(from..to, put.chars());
        }
        let _ = parse(&text.into_iter().collect::<String>());
    }
}
