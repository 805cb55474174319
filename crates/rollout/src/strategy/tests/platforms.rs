//! Names of the configurations of one platform where the deployment is for another.

use super::*;
use crate::platform::Platform;

#[test]
fn every_predefined_configuration_goes_by_its_name_on_its_own_platform_and_no_other() {
    for platform in [Platform::Lambda, Platform::Ecs] {
        for predefined in PREDEFINED {
            let named = Strategy::named(predefined.name, platform);
            if predefined.platform == platform {
                assert_eq!(named.as_ref(), Ok(predefined.strategy().unwrap()));
            } else {
                assert!(matches!(named, Err(StrategyError::OtherPlatform { .. })), "{} on {platform}", predefined.name);
            }
        }
    }
}

#[test]
fn a_configuration_of_ecs_need_not_be_created_first_either() {
    check_ecs(
        &[
            "AllAtOnce",
            "ECSAllAtOnce",
            "ECSCanary5Percent90Seconds",
            "ECSLinear50PercentEvery1Minutes",
            "Canary20Percent7Minutes",
        ],
        expect![[r#"
            AllAtOnce: 100 0s; 0s in all
            AllAtOnce: 100 0s; 0s in all
            Canary5Percent90Seconds: 5 1m 30s, 100 0s; 1m 30s in all
            Linear50PercentEvery1Minute: 50 1m, 100 0s; 1m in all
            Canary20Percent7Minutes: 20 7m, 100 0s; 7m in all"#]],
    );
}

#[test]
fn a_configuration_of_another_platform_is_refused_with_the_one_for_ecs() {
    check_ecs(
        &[
            "CodeDeployDefault.LambdaAllAtOnce",
            "CodeDeployDefault.LambdaCanary10Percent5Minutes",
            "CodeDeployDefault.LambdaCanary10Percent10Minutes",
            "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
            "LambdaLinear10PercentEvery3Minutes",
            "LambdaCanary20Percent15Minutes",
            "CodeDeployDefault.AllAtOnce",
            "CodeDeployDefault.OneAtATime",
        ],
        expect![[r#"
            `CodeDeployDefault.LambdaAllAtOnce` is a configuration for Lambda, and this deployment is for ECS: write CodeDeployDefault.ECSAllAtOnce
            `CodeDeployDefault.LambdaCanary10Percent5Minutes` is a configuration for Lambda, and this deployment is for ECS: write CodeDeployDefault.ECSCanary10Percent5Minutes
            `CodeDeployDefault.LambdaCanary10Percent10Minutes` is a configuration for Lambda, and this deployment is for ECS: write Canary10Percent10Minutes
            `CodeDeployDefault.LambdaLinear10PercentEvery1Minute` is a configuration for Lambda, and this deployment is for ECS: write CodeDeployDefault.ECSLinear10PercentEvery1Minutes
            `LambdaLinear10PercentEvery3Minutes` is a configuration for Lambda, and this deployment is for ECS: write CodeDeployDefault.ECSLinear10PercentEvery3Minutes
            `LambdaCanary20Percent15Minutes` is a configuration for Lambda, and this deployment is for ECS: write Canary20Percent15Minutes
            `CodeDeployDefault.AllAtOnce` is a configuration for EC2/on-premises, and this deployment is for ECS: write CodeDeployDefault.ECSAllAtOnce
            `CodeDeployDefault.OneAtATime` is a configuration for EC2/on-premises, and this deployment is for ECS: write AllAtOnce, or a part of the traffic at a time, such as Linear10PercentEvery1Minute"#]],
    );
}

#[test]
fn a_configuration_of_another_platform_is_refused_with_the_one_for_lambda() {
    check(
        "CodeDeployDefault.ECSAllAtOnce",
        expect![
            "`CodeDeployDefault.ECSAllAtOnce` is a configuration for ECS, and this deployment is for Lambda: write CodeDeployDefault.LambdaAllAtOnce"
        ],
    );
    check(
        "CodeDeployDefault.ECSCanary10Percent15Minutes",
        expect![
            "`CodeDeployDefault.ECSCanary10Percent15Minutes` is a configuration for ECS, and this deployment is for Lambda: write CodeDeployDefault.LambdaCanary10Percent15Minutes"
        ],
    );
    check(
        "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
        expect![
            "`CodeDeployDefault.ECSLinear10PercentEvery1Minutes` is a configuration for ECS, and this deployment is for Lambda: write CodeDeployDefault.LambdaLinear10PercentEvery1Minute"
        ],
    );
    check(
        "ECSCanary20Percent15Minutes",
        expect![
            "`ECSCanary20Percent15Minutes` is a configuration for ECS, and this deployment is for Lambda: write Canary20Percent15Minutes"
        ],
    );
    check(
        "CodeDeployDefault.AllAtOnce",
        expect![
            "`CodeDeployDefault.AllAtOnce` is a configuration for EC2/on-premises, and this deployment is for Lambda: write CodeDeployDefault.LambdaAllAtOnce"
        ],
    );
    check(
        "CodeDeployDefault.HalfAtATime",
        expect![
            "`CodeDeployDefault.HalfAtATime` is a configuration for EC2/on-premises, and this deployment is for Lambda: write AllAtOnce, or a part of the traffic at a time, such as Linear10PercentEvery1Minute"
        ],
    );
    check(
        "OneAtATime",
        expect![
            "`OneAtATime` is a configuration for EC2/on-premises, and this deployment is for Lambda: write AllAtOnce, or a part of the traffic at a time, such as Linear10PercentEvery1Minute"
        ],
    );
}
