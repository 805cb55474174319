//! What is refused in hooks and strategies, which is where our additions to the AppSpec are.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::{changed, parse, with};

#[test]
fn a_hook_that_cannot_be_called() {
    changed(
        " check",
        "",
        expect![
            "line 11, Hooks[0].BeforeAllowTraffic: the Lambda function name cannot be null or empty: write a function, or leave the event out"
        ],
    );
    changed(
        " check",
        " \"\"",
        expect![
            "line 11, Hooks[0].BeforeAllowTraffic: the Lambda function name cannot be null or empty: write a function, or leave the event out"
        ],
    );
    changed(
        " check",
        " 5",
        expect![
            "line 11, Hooks[0].BeforeAllowTraffic: expected the name or ARN of a function, found the number `5`; put it in quotes if it is meant"
        ],
    );
    changed(
        " check",
        " [check]",
        expect![
            "line 11, Hooks[0].BeforeAllowTraffic: a list stands here, as of the scripts in an AppSpec for EC2/on-premises: for Lambda an event calls one Lambda function, so write its name"
        ],
    );
    changed(
        " check",
        " check it",
        expect![
            "line 11, Hooks[0].BeforeAllowTraffic: `check it` is not a hook function: write 1 to 64 of A-Z a-z 0-9 - _"
        ],
    );
    changed(
        " check",
        " {Timeout: 5m}",
        expect!["line 11, Hooks[0].BeforeAllowTraffic.Function: missing: write the name or ARN of the function"],
    );
    changed(
        " check",
        " check\n  - beforeAllowTraffic: other",
        expect!["line 12, Hooks[1].beforeAllowTraffic: written twice, first on line 11: an event calls one function"],
    );
}

#[test]
fn a_time_or_an_output_that_a_hook_cannot_have() {
    changed(
        " check",
        " {Function: check, TimeOut: 25h}",
        expect!["line 11, Hooks[0].BeforeAllowTraffic.TimeOut: a timeout of 1d 1h: write 1s to 24h"],
    );
    changed(
        " check",
        " {Function: check, Timeout: 0}",
        expect!["line 11, Hooks[0].BeforeAllowTraffic.Timeout: a timeout of 0s: write 1s to 24h"],
    );
    changed(
        " check",
        " {Function: check, Timeout: 5 minutes}",
        expect![
            "line 11, Hooks[0].BeforeAllowTraffic.Timeout: `5 minutes` is not a length of time: write seconds, or a number with s, m, h or d, such as 90, 90s, 5m, 1h30m or 2d"
        ],
    );
    changed(
        " check",
        " {Function: check, Parameters: [/a], KeepOutput: sometimes}",
        expect![
            "line 11, Hooks[0].BeforeAllowTraffic.KeepOutput: expected true, where nothing that the function returns, throws or logs is secret, or false, where only its status may be kept, found `sometimes`"
        ],
    );
}

#[test]
fn parameters_that_a_hook_cannot_be_handed() {
    changed(
        " check",
        " {Function: check, Parameters: /shop/db/password}",
        expect![
            "line 11, Hooks[0].BeforeAllowTraffic.Parameters: expected a list of SSM parameter names, such as [/shop/db/password], found `/shop/db/password`"
        ],
    );
    changed(
        " check",
        " {Function: check, Parameters: [/a, shop/db, /a, \"/a:3\", 7]}",
        expect![[r#"
        line 11, Hooks[0].BeforeAllowTraffic.Parameters[1]: `shop/db` is not an SSM parameter name: a name with levels begins with /, such as /shop/db/password
        line 11, Hooks[0].BeforeAllowTraffic.Parameters[2]: written twice: name a parameter once
        line 11, Hooks[0].BeforeAllowTraffic.Parameters[3]: `/a:3` is not an SSM parameter name: leave the version or label after the colon off; the current value is read
        line 11, Hooks[0].BeforeAllowTraffic.Parameters[4]: expected the name of an SSM parameter, found the number `7`; put it in quotes if it is meant"#]],
    );
    let many: Vec<String> = (0..51).map(|number| format!("/p/{number}")).collect();
    changed(
        " check",
        &format!(" {{Function: check, Parameters: [{}]}}", many.join(", ")),
        expect!["line 11, Hooks[0].BeforeAllowTraffic.Parameters: 51 parameters: a hook is handed at most 50"],
    );
}

/// The problems of a strategy.
#[track_caller]
fn strategies(written: &[&str], expected: Expect) {
    let mut answers = String::new();
    for text in written {
        let answer =
            parse(&with(&format!("Strategy: {text}\n"))).map_or_else(|errors| errors.to_string(), |_| "is read".into());
        writeln!(answers, "{text}\n{answer}\n").unwrap();
    }
    expected.assert_eq(&answers);
}

#[test]
fn a_strategy_that_cannot_be_carried_out() {
    strategies(
        &[
            "",
            "5",
            "{Weight: 10}",
            "[]",
            "Canary100Percent5Minutes",
            "Canary10Percent8Days",
            "[10, 20]",
            "[{Hold: 5m}]",
            "[{Weight: 0}, {Weight: 101}]",
            "[{Weight: 0}, {Weight: 50}, {Weight: 50}, {Weight: 20}, {Weight: 100}, {Weight: 100}]",
        ],
        expect![[r#"

            is read

            5
            line 10, Strategy: expected a configuration name such as Canary10Percent5Minutes, or a list of steps such as - Weight: 10, found the number `5`

            {Weight: 10}
            line 10, Strategy: expected a configuration name such as Canary10Percent5Minutes, or a list of steps such as - Weight: 10, found a map

            []
            is read

            Canary100Percent5Minutes
            line 10, Strategy: a canary step of 100 percent: write 1 to 99, or AllAtOnce to move all traffic in one step

            Canary10Percent8Days
            line 10, Strategy: no configuration is called `Canary10Percent8Days`: the steps take 8d (691200 seconds), and a rollout may take 7d (604800 seconds): shorten the waits

            [10, 20]
            line 10, Strategy[0]: expected a step, such as Weight: 10 with Hold: 5m, found the number `10`
            line 10, Strategy[1]: expected a step, such as Weight: 10 with Hold: 5m, found the number `20`

            [{Hold: 5m}]
            line 10, Strategy[0].Weight: missing: write the percentage of traffic, 1 to 100

            [{Weight: 0}, {Weight: 101}]
            line 10, Strategy[1].Weight: expected a whole number of percent, 1 to 100, without a percent sign, found the number `101`

            [{Weight: 0}, {Weight: 50}, {Weight: 50}, {Weight: 20}, {Weight: 100}, {Weight: 100}]
            line 10, Strategy[0]: step 1 has weight 0: write 1 to 100
            line 10, Strategy[2]: step 3 has weight 50, and a step before it has 50: weights climb; write 51 to 100
            line 10, Strategy[3]: step 4 has weight 20, and a step before it has 50: weights climb; write 51 to 100
            line 10, Strategy[5]: step 6 has weight 100, and a step before it has 100: nothing comes after 100; leave this step out

        "#]],
    );
}

#[test]
fn a_step_that_cannot_be_carried_out() {
    strategies(
        &[
            "[{Weight: 10%}]",
            "[{Weight: 1.5}]",
            "[{Weight: 10, Hold: soon}]",
            "[{Weight: 10, Hold: 4d}, {Weight: 20, Hold: 4d}]",
            "[{Weight: 10, Hold: 5m, UntilContinued: {Timeout: 1h}}]",
            "[{Weight: 10, UntilContinued: 1h}]",
            "[{Weight: 10, UntilContinued: {OnTimeout: Wait}}]",
            "[{Weight: 10, UntilContinued: {Timeout: 0}}]",
            "[{Wait: 10}]",
        ],
        expect![[r#"
            [{Weight: 10%}]
            line 10, Strategy[0].Weight: expected a whole number of percent, 1 to 100, without a percent sign, found `10%`

            [{Weight: 1.5}]
            line 10, Strategy[0].Weight: expected a whole number of percent, 1 to 100, without a percent sign, found the number `1.5`

            [{Weight: 10, Hold: soon}]
            line 10, Strategy[0].Hold: `soon` is not a length of time: write seconds, or a number with s, m, h or d, such as 90, 90s, 5m, 1h30m or 2d

            [{Weight: 10, Hold: 4d}, {Weight: 20, Hold: 4d}]
            line 10, Strategy: the steps take 8d (691200 seconds), and a rollout may take 7d (604800 seconds): shorten the waits

            [{Weight: 10, Hold: 5m, UntilContinued: {Timeout: 1h}}]
            line 10, Strategy[0].UntilContinued: a step waits for one thing: write Hold or UntilContinued, or make two steps of it

            [{Weight: 10, UntilContinued: 1h}]
            line 10, Strategy[0].UntilContinued: expected a map, such as {Timeout: 1h, OnTimeout: Stop}, found `1h`

            [{Weight: 10, UntilContinued: {OnTimeout: Wait}}]
            line 10, Strategy[0].UntilContinued.Timeout: missing: write how long to wait, such as 1h
            line 10, Strategy[0].UntilContinued.OnTimeout: expected Stop or Continue, found `Wait`

            [{Weight: 10, UntilContinued: {Timeout: 0}}]
            line 10, Strategy[0]: step 1 waits until continued with a timeout of 0: write how long, such as 1h

            [{Wait: 10}]
            line 10, Strategy[0].Wait: unknown key; known here: Weight, Hold, UntilContinued
            line 10, Strategy[0].Weight: missing: write the percentage of traffic, 1 to 100

        "#]],
    );
}
