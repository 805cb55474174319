//! Names that are of no configuration, and what was probably meant.

use super::*;

#[test]
fn an_unknown_configuration_is_refused_with_the_nearest_one() {
    check(
        "CodeDeployDefault.LambdaCanary10Percent7Minutes",
        expect![
            "no configuration is called `CodeDeployDefault.LambdaCanary10Percent7Minutes`: the nearest predefined one is CodeDeployDefault.LambdaCanary10Percent5Minutes, and Canary10Percent7Minutes works without being created first"
        ],
    );
    check(
        "CodeDeployDefault.LambdaCanary10Percent5Minuten",
        expect![
            "no configuration is called `CodeDeployDefault.LambdaCanary10Percent5Minuten`: the nearest is CodeDeployDefault.LambdaCanary10Percent5Minutes; any name of the form Canary10Percent5Minutes or Linear10PercentEvery30Seconds works without being created first"
        ],
    );
    check(
        "CodeDeployDefault.LambdaLinear10PercentEvery1Minutes",
        expect![
            "no configuration is called `CodeDeployDefault.LambdaLinear10PercentEvery1Minutes`: the nearest predefined one is CodeDeployDefault.LambdaLinear10PercentEvery1Minute, and Linear10PercentEvery1Minute works without being created first"
        ],
    );
    check(
        "CodeDeployDefault.LambdaCanary0Percent5Minutes",
        expect![
            "no configuration is called `CodeDeployDefault.LambdaCanary0Percent5Minutes`: the nearest is CodeDeployDefault.LambdaCanary10Percent5Minutes; any name of the form Canary10Percent5Minutes or Linear10PercentEvery30Seconds works without being created first"
        ],
    );
}

#[test]
fn a_misspelt_or_unheard_of_configuration_is_refused_with_what_may_be_written() {
    check(
        "codedeploydefault.lambdaallatonce",
        expect![
            "no configuration is called `codedeploydefault.lambdaallatonce`: the nearest is CodeDeployDefault.LambdaAllAtOnce; any name of the form Canary10Percent5Minutes or Linear10PercentEvery30Seconds works without being created first"
        ],
    );
    check(
        "canary10percent5minutes",
        expect![
            "no configuration is called `canary10percent5minutes`: the nearest is Canary10Percent5Minutes; any name of the form Canary10Percent5Minutes or Linear10PercentEvery30Seconds works without being created first"
        ],
    );
    check(
        "Canary010Percent5Minutes",
        expect![
            "no configuration is called `Canary010Percent5Minutes`: the nearest is Canary10Percent5Minutes; any name of the form Canary10Percent5Minutes or Linear10PercentEvery30Seconds works without being created first"
        ],
    );
    check(
        "Canary10Percent5Hours",
        expect![
            "no configuration is called `Canary10Percent5Hours`: write Canary10Percent300Minutes: times are in minutes or seconds"
        ],
    );
    check(
        "Canary10",
        expect![
            "no configuration is called `Canary10`: the nearest is Canary10Percent5Minutes; any name of the form Canary10Percent5Minutes or Linear10PercentEvery30Seconds works without being created first"
        ],
    );
    check(
        "slowly",
        expect![
            "no configuration is called `slowly`: any name of the form Canary10Percent5Minutes or Linear10PercentEvery30Seconds works without being created first"
        ],
    );
    check(
        "",
        expect![
            "no configuration is called an empty text: any name of the form Canary10Percent5Minutes or Linear10PercentEvery30Seconds works without being created first"
        ],
    );
    check(
        &"Canary".repeat(10_000),
        expect![
            "no configuration is called `CanaryCanaryCanaryCanaryCanaryCanaryCanaryCanaryCanaryCanaryCana…`: any name of the form Canary10Percent5Minutes or Linear10PercentEvery30Seconds works without being created first"
        ],
    );
}

#[test]
fn an_unknown_configuration_of_ecs_is_refused_with_the_nearest_one() {
    check_ecs(
        &[
            "CodeDeployDefault.ECSLinear10PercentEvery1Minute",
            "CodeDeployDefault.ECSCanary10Percent10Minutes",
            "codedeploydefault.ecsallatonce",
            "ECSCanary10Percent5Hours",
        ],
        expect![[r#"
            no configuration is called `CodeDeployDefault.ECSLinear10PercentEvery1Minute`: the nearest predefined one is CodeDeployDefault.ECSLinear10PercentEvery1Minutes, and Linear10PercentEvery1Minute works without being created first
            no configuration is called `CodeDeployDefault.ECSCanary10Percent10Minutes`: the nearest predefined one is CodeDeployDefault.ECSCanary10Percent15Minutes, and Canary10Percent10Minutes works without being created first
            no configuration is called `codedeploydefault.ecsallatonce`: the nearest is CodeDeployDefault.ECSAllAtOnce; any name of the form Canary10Percent5Minutes or Linear10PercentEvery30Seconds works without being created first
            no configuration is called `ECSCanary10Percent5Hours`: write Canary10Percent300Minutes: times are in minutes or seconds"#]],
    );
}
