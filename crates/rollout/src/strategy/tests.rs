mod platforms;
mod unknown;

use crate::seconds::Seconds;
use crate::weight::Weight;
use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::*;
use crate::hold::{Hold, OnTimeout};
use crate::platform::Platform;

/// The weights of a configuration, each with what is waited for after it.
#[track_caller]
fn check(name: &str, expected: Expect) {
    expected.assert_eq(&answer(name, Platform::Lambda));
}

/// The same for a list of names, on ECS.
#[track_caller]
fn check_ecs(names: &[&str], expected: Expect) {
    let answers: Vec<String> = names.iter().map(|name| answer(name, Platform::Ecs)).collect();
    expected.assert_eq(&answers.join("\n"));
}

fn answer(name: &str, platform: Platform) -> String {
    match Strategy::named(name, platform) {
        Ok(strategy) => plan(&strategy),
        Err(error) => error.to_string(),
    }
}

fn plan(strategy: &Strategy) -> String {
    let steps: Vec<_> =
        strategy.steps().iter().map(|step| format!("{} {}", step.weight.percent(), step.hold.longest())).collect();
    format!("{}: {}; {} in all", strategy, steps.join(", "), strategy.total())
}

#[test]
fn the_predefined_configurations_are_the_seventeen_of_codedeploy() {
    let mut table = String::new();
    for Predefined { name, platform, rule } in PREDEFINED {
        match rule {
            Rule::Traffic(strategy) => writeln!(table, "{platform} {name}\n  {}", plan(strategy)),
            Rule::Hosts(minimum) => writeln!(table, "{platform} {name}\n  {minimum:?}"),
        }
        .unwrap();
    }
    assert_eq!(PREDEFINED.len(), 17);
    expect![[r#"
        EC2/on-premises CodeDeployDefault.AllAtOnce
          HostCount(0)
        EC2/on-premises CodeDeployDefault.HalfAtATime
          FleetPercent(50)
        EC2/on-premises CodeDeployDefault.OneAtATime
          MostConcurrency(1)
        Lambda CodeDeployDefault.LambdaAllAtOnce
          AllAtOnce: 100 0s; 0s in all
        Lambda CodeDeployDefault.LambdaCanary10Percent5Minutes
          Canary10Percent5Minutes: 10 5m, 100 0s; 5m in all
        Lambda CodeDeployDefault.LambdaCanary10Percent10Minutes
          Canary10Percent10Minutes: 10 10m, 100 0s; 10m in all
        Lambda CodeDeployDefault.LambdaCanary10Percent15Minutes
          Canary10Percent15Minutes: 10 15m, 100 0s; 15m in all
        Lambda CodeDeployDefault.LambdaCanary10Percent30Minutes
          Canary10Percent30Minutes: 10 30m, 100 0s; 30m in all
        Lambda CodeDeployDefault.LambdaLinear10PercentEvery1Minute
          Linear10PercentEvery1Minute: 10 1m, 20 1m, 30 1m, 40 1m, 50 1m, 60 1m, 70 1m, 80 1m, 90 1m, 100 0s; 9m in all
        Lambda CodeDeployDefault.LambdaLinear10PercentEvery2Minutes
          Linear10PercentEvery2Minutes: 10 2m, 20 2m, 30 2m, 40 2m, 50 2m, 60 2m, 70 2m, 80 2m, 90 2m, 100 0s; 18m in all
        Lambda CodeDeployDefault.LambdaLinear10PercentEvery3Minutes
          Linear10PercentEvery3Minutes: 10 3m, 20 3m, 30 3m, 40 3m, 50 3m, 60 3m, 70 3m, 80 3m, 90 3m, 100 0s; 27m in all
        Lambda CodeDeployDefault.LambdaLinear10PercentEvery10Minutes
          Linear10PercentEvery10Minutes: 10 10m, 20 10m, 30 10m, 40 10m, 50 10m, 60 10m, 70 10m, 80 10m, 90 10m, 100 0s; 1h 30m in all
        ECS CodeDeployDefault.ECSAllAtOnce
          AllAtOnce: 100 0s; 0s in all
        ECS CodeDeployDefault.ECSCanary10Percent5Minutes
          Canary10Percent5Minutes: 10 5m, 100 0s; 5m in all
        ECS CodeDeployDefault.ECSCanary10Percent15Minutes
          Canary10Percent15Minutes: 10 15m, 100 0s; 15m in all
        ECS CodeDeployDefault.ECSLinear10PercentEvery1Minutes
          Linear10PercentEvery1Minute: 10 1m, 20 1m, 30 1m, 40 1m, 50 1m, 60 1m, 70 1m, 80 1m, 90 1m, 100 0s; 9m in all
        ECS CodeDeployDefault.ECSLinear10PercentEvery3Minutes
          Linear10PercentEvery3Minutes: 10 3m, 20 3m, 30 3m, 40 3m, 50 3m, 60 3m, 70 3m, 80 3m, 90 3m, 100 0s; 27m in all
    "#]].assert_eq(&table);
}

#[test]
fn a_configuration_need_not_be_created_first() {
    check("AllAtOnce", expect!["AllAtOnce: 100 0s; 0s in all"]);
    check("LambdaAllAtOnce", expect!["AllAtOnce: 100 0s; 0s in all"]);
    check("Canary25Percent90Seconds", expect!["Canary25Percent90Seconds: 25 1m 30s, 100 0s; 1m 30s in all"]);
    check("LambdaCanary5Percent1Minute", expect!["Canary5Percent1Minute: 5 1m, 100 0s; 1m in all"]);
    check("Linear50PercentEvery1Second", expect!["Linear50PercentEvery1Second: 50 1s, 100 0s; 1s in all"]);
    check(
        "LambdaLinear30PercentEvery2Minutes",
        expect!["Linear30PercentEvery2Minutes: 30 2m, 60 2m, 90 2m, 100 0s; 6m in all"],
    );
    check("Linear99PercentEvery1Minutes", expect!["Linear99PercentEvery1Minute: 99 1m, 100 0s; 1m in all"]);
    check(" Canary10Percent5Minutes\n", expect!["Canary10Percent5Minutes: 10 5m, 100 0s; 5m in all"]);
    check("Canary10Percent10080Minutes", expect!["Canary10Percent10080Minutes: 10 7d, 100 0s; 7d in all"]);
}

#[test]
fn a_name_that_asks_for_too_much_or_too_little_is_refused_with_the_numbers() {
    check(
        "Canary0Percent5Minutes",
        expect!["a canary step of 0 percent: write 1 to 99, or AllAtOnce to move all traffic in one step"],
    );
    check(
        "Canary100Percent5Minutes",
        expect!["a canary step of 100 percent: write 1 to 99, or AllAtOnce to move all traffic in one step"],
    );
    check(
        "LambdaLinear150PercentEvery5Minutes",
        expect!["a linear step of 150 percent: write 1 to 99, or AllAtOnce to move all traffic in one step"],
    );
    check(
        "Canary10Percent0Minutes",
        expect!["a canary interval of 0: write 1 second or more, or AllAtOnce to move all traffic in one step"],
    );
    check(
        "Linear10PercentEvery0Seconds",
        expect!["a linear interval of 0: write 1 second or more, or AllAtOnce to move all traffic in one step"],
    );
    check(
        "Canary10Percent10081Minutes",
        expect!["the steps take 7d 1m (604860 seconds), and a rollout may take 7d (604800 seconds): shorten the waits"],
    );
    check(
        "Linear1PercentEvery2Minutes",
        expect![
            "Linear1PercentEvery2Minutes: 1 2m, 2 2m, 3 2m, 4 2m, 5 2m, 6 2m, 7 2m, 8 2m, 9 2m, 10 2m, 11 2m, 12 2m, 13 2m, 14 2m, 15 2m, 16 2m, 17 2m, 18 2m, 19 2m, 20 2m, 21 2m, 22 2m, 23 2m, 24 2m, 25 2m, 26 2m, 27 2m, 28 2m, 29 2m, 30 2m, 31 2m, 32 2m, 33 2m, 34 2m, 35 2m, 36 2m, 37 2m, 38 2m, 39 2m, 40 2m, 41 2m, 42 2m, 43 2m, 44 2m, 45 2m, 46 2m, 47 2m, 48 2m, 49 2m, 50 2m, 51 2m, 52 2m, 53 2m, 54 2m, 55 2m, 56 2m, 57 2m, 58 2m, 59 2m, 60 2m, 61 2m, 62 2m, 63 2m, 64 2m, 65 2m, 66 2m, 67 2m, 68 2m, 69 2m, 70 2m, 71 2m, 72 2m, 73 2m, 74 2m, 75 2m, 76 2m, 77 2m, 78 2m, 79 2m, 80 2m, 81 2m, 82 2m, 83 2m, 84 2m, 85 2m, 86 2m, 87 2m, 88 2m, 89 2m, 90 2m, 91 2m, 92 2m, 93 2m, 94 2m, 95 2m, 96 2m, 97 2m, 98 2m, 99 2m, 100 0s; 3h 18m in all"
        ],
    );
    check(
        "Linear1PercentEvery2000Minutes",
        expect![
            "the steps take 137d 12h (11880000 seconds), and a rollout may take 7d (604800 seconds): shorten the waits"
        ],
    );
    check(
        "Canary10Percent99999999999999999999999Minutes",
        expect![
            "the steps take 213503982334601d 7h 15s (18446744073709551615 seconds), and a rollout may take 7d (604800 seconds): shorten the waits"
        ],
    );
}

fn step(weight: u8, seconds: u64) -> Step {
    Step { weight: Weight::clamped(weight), hold: Hold::For(Seconds(seconds)) }
}

#[test]
fn a_list_of_steps_ends_on_everything() {
    let shown = |steps: &[Step]| plan(&Strategy::custom(steps.to_vec()).unwrap());
    expect!["Steps: 10 1m, 100 0s; 1m in all"].assert_eq(&shown(&[step(10, 60)]));
    expect!["Steps: 10 1m, 100 15m; 16m in all"].assert_eq(&shown(&[step(10, 60), step(100, 900)]));
    expect!["Steps: 1 0s, 99 0s, 100 0s; 0s in all"].assert_eq(&shown(&[step(1, 0), step(99, 0)]));
    let hundred: Vec<_> = (1..=100).map(|weight| step(weight, 6_048)).collect();
    assert_eq!(Strategy::custom(hundred).unwrap().total(), MAX_TOTAL);
}

#[test]
fn a_list_of_steps_that_cannot_be_carried_out_is_refused() {
    let refused = |steps: Vec<Step>| Strategy::custom(steps).unwrap_err().to_string();
    let pause = Hold::UntilContinued { timeout: Seconds::ZERO, on_timeout: OnTimeout::Stop };
    let answers = [
        refused(vec![]),
        refused(vec![step(0, 60)]),
        refused(vec![step(10, 60), step(10, 60)]),
        refused(vec![step(99, 60), step(10, 60)]),
        refused(vec![step(100, 60), step(100, 60)]),
        refused(vec![step(10, 0), Step { hold: pause, ..step(20, 0) }]),
        refused(vec![step(10, 604_800), step(20, 1)]),
        refused((1..=101).map(|weight| step(weight, 0)).collect()),
    ];
    expect![[r#"
        no steps: write at least one, such as Weight: 10 with Hold: 5m, or AllAtOnce
        step 1 has weight 0: write 1 to 100
        step 2 has weight 10, and a step before it has 10: weights climb; write 11 to 100
        step 2 has weight 10, and a step before it has 99: weights climb; write 100
        step 2 has weight 100, and a step before it has 100: nothing comes after 100; leave this step out
        step 2 waits until continued with a timeout of 0: write how long, such as 1h
        the steps take 7d 1s (604801 seconds), and a rollout may take 7d (604800 seconds): shorten the waits
        101 steps: write at most 100, the one at 100 percent included"#]]
    .assert_eq(&answers.join("\n"));
}

#[test]
fn a_strategy_reads_well_in_json_and_is_checked_on_the_way_in() {
    let json = |strategy: &Strategy| serde_json::to_string(strategy).unwrap();
    let until = Hold::UntilContinued { timeout: Seconds::HOUR, on_timeout: OnTimeout::Continue };
    let answers = [
        json(&Strategy::AllAtOnce),
        json(&Strategy::named("Canary10Percent5Minutes", Platform::Lambda).unwrap()),
        json(&Strategy::named("Linear10PercentEvery1Minute", Platform::Lambda).unwrap()),
        json(&Strategy::custom(vec![step(10, 60), Step { hold: until, ..step(50, 0) }]).unwrap()),
    ];
    expect![[r#"
        "AllAtOnce"
        {"Canary":{"percent":10,"interval":300}}
        {"Linear":{"percent":10,"interval":60}}
        {"Steps":[{"weight":10,"hold":{"For":60}},{"weight":50,"hold":{"UntilContinued":{"timeout":3600,"onTimeout":"Continue"}}},{"weight":100,"hold":{"For":0}}]}"#]].assert_eq(&answers.join("\n"));
    for text in [
        r#"{"Canary":{"percent":100,"interval":300}}"#,
        r#"{"Linear":{"percent":0,"interval":300}}"#,
        r#"{"Linear":{"percent":10,"interval":0}}"#,
        r#"{"Steps":[]}"#,
        r#"{"Steps":[{"weight":50,"hold":{"For":1}},{"weight":10,"hold":{"For":1}}]}"#,
    ] {
        assert!(serde_json::from_str::<Strategy>(text).is_err(), "{text}");
    }
}
