//! What may be left out and is refused where it is not right.

use expect_test::{Expect, expect};

use super::faults::changed;

/// An optional property, beside the task definition.
fn beside(text: &str) -> String {
    format!("TaskDefinition: web:7\n        {text}")
}

/// The problems of a valid AppSpec with one optional property more at a time.
#[track_caller]
fn more(texts: &[String], expected: Expect) {
    let changes: Vec<(&str, &str)> = texts.iter().map(|text| ("TaskDefinition: web:7", text.as_str())).collect();
    changed(&changes, expected);
}

#[test]
fn a_platform_version_that_is_not_right() {
    more(
        &[beside("PlatformVersion: newest"), beside("PlatformVersion: 1.4")],
        expect![[r#"
            TaskDefinition: web:7
                    PlatformVersion: newest
              line 7, Resources[0].TargetService.Properties.PlatformVersion: expected LATEST or a platform version, such as 1.4.0, found `newest`

            TaskDefinition: web:7
                    PlatformVersion: 1.4
              line 7, Resources[0].TargetService.Properties.PlatformVersion: expected LATEST or a platform version, such as 1.4.0, found the number `1.4`; put it in quotes if it is meant

        "#]],
    );
}

#[test]
fn a_network_that_is_not_right() {
    let network = |text: &str| beside(&format!("NetworkConfiguration: {text}"));
    let awsvpc = |text: &str| network(&format!("{{AwsvpcConfiguration: {{{text}}}}}"));
    more(
        &[
            network(""),
            network("{}"),
            network("{Subnets: [subnet-1234abcd]}"),
            awsvpc(""),
            awsvpc("Subnets: [subnet-1234abcd]"),
            awsvpc("Subnets: [], SecurityGroups: sg-1, AssignPublicIp: ENABLED"),
            awsvpc("Subnets: [public-a, 'subnet-1, subnet-2'], SecurityGroups: [web], AssignPublicIp: true"),
            awsvpc(
                "Subnets: [subnet-1], SecurityGroups: [sg-1, sg-2, sg-3, sg-4, sg-5, sg-6], AssignPublicIp: enabled",
            ),
        ],
        expect![[r#"
            TaskDefinition: web:7
                    NetworkConfiguration: 
              is read

            TaskDefinition: web:7
                    NetworkConfiguration: {}
              is read

            TaskDefinition: web:7
                    NetworkConfiguration: {Subnets: [subnet-1234abcd]}
              line 7, Resources[0].TargetService.Properties.NetworkConfiguration.Subnets: unknown key; known here: AwsvpcConfiguration

            TaskDefinition: web:7
                    NetworkConfiguration: {AwsvpcConfiguration: {}}
              is read

            TaskDefinition: web:7
                    NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1234abcd]}}
              is read

            TaskDefinition: web:7
                    NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [], SecurityGroups: sg-1, AssignPublicIp: ENABLED}}
              line 7, Resources[0].TargetService.Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets: 0 subnets: write 1 to 16, or leave NetworkConfiguration out to keep the network of the service
              line 7, Resources[0].TargetService.Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups: expected a list of security groups, such as [sg-1234abcd], found `sg-1`

            TaskDefinition: web:7
                    NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [public-a, 'subnet-1, subnet-2'], SecurityGroups: [web], AssignPublicIp: true}}
              line 7, Resources[0].TargetService.Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets[0]: `public-a` is no id: write it, such as subnet-1234abcd, not a name
              line 7, Resources[0].TargetService.Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets[1]: `subnet-1, subnet-2` is no id: write it, such as subnet-1234abcd, not a name
              line 7, Resources[0].TargetService.Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups[0]: `web` is no id: write it, such as sg-1234abcd, not a name
              line 7, Resources[0].TargetService.Properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp: expected ENABLED or DISABLED, found true

            TaskDefinition: web:7
                    NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1], SecurityGroups: [sg-1, sg-2, sg-3, sg-4, sg-5, sg-6], AssignPublicIp: enabled}}
              line 7, Resources[0].TargetService.Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups: 6 security groups: write 1 to 5, or leave NetworkConfiguration out to keep the network of the service

        "#]],
    );
}

#[test]
fn a_launch_type_beside_a_capacity_provider_strategy() {
    more(
        &[
            beside("LaunchType: Fargate"),
            beside("LaunchType: FARGATE\n        CapacityProviderStrategy: [{CapacityProvider: FARGATE, Weight: 1}]"),
        ],
        expect![[r#"
            TaskDefinition: web:7
                    LaunchType: Fargate
              is read

            TaskDefinition: web:7
                    LaunchType: FARGATE
                    CapacityProviderStrategy: [{CapacityProvider: FARGATE, Weight: 1}]
              line 7, Resources[0].TargetService.Properties.LaunchType: ECS takes a launch type or a capacity provider strategy: leave LaunchType out, or CapacityProviderStrategy

        "#]],
    );
}

#[test]
fn a_capacity_provider_strategy_that_is_not_right() {
    let strategy = |text: &str| beside(&format!("CapacityProviderStrategy: {text}"));
    more(
        &[
            strategy(""),
            strategy("[]"),
            strategy("{CapacityProvider: FARGATE, Weight: 1}"),
            strategy("[{CapacityProvider: FARGATE}]"),
            strategy("[{Weight: 1}, {CapacityProvider: a b, Weight: 1}]"),
            strategy("[{CapacityProvider: a, Base: -1, Weight: 1001}]"),
            strategy(
                "[{CapacityProvider: a, Base: 1, Weight: 1}, {CapacityProvider: b, Base: 1}, {CapacityProvider: a, Weight: 1}]",
            ),
        ],
        expect![[r#"
            TaskDefinition: web:7
                    CapacityProviderStrategy: 
              is read

            TaskDefinition: web:7
                    CapacityProviderStrategy: []
              is read

            TaskDefinition: web:7
                    CapacityProviderStrategy: {CapacityProvider: FARGATE, Weight: 1}
              line 7, Resources[0].TargetService.Properties.CapacityProviderStrategy: expected a list such as - {CapacityProvider: FARGATE, Base: 0, Weight: 1}, found a map

            TaskDefinition: web:7
                    CapacityProviderStrategy: [{CapacityProvider: FARGATE}]
              line 7, Resources[0].TargetService.Properties.CapacityProviderStrategy: no provider has a Weight, so none gets tasks: write Weight: 1 for one of them

            TaskDefinition: web:7
                    CapacityProviderStrategy: [{Weight: 1}, {CapacityProvider: a b, Weight: 1}]
              line 7, Resources[0].TargetService.Properties.CapacityProviderStrategy[0].CapacityProvider: missing: write the name of a capacity provider, such as FARGATE
              line 7, Resources[0].TargetService.Properties.CapacityProviderStrategy[1].CapacityProvider: `a b` is not a capacity provider: write its name or ARN

            TaskDefinition: web:7
                    CapacityProviderStrategy: [{CapacityProvider: a, Base: -1, Weight: 1001}]
              line 7, Resources[0].TargetService.Properties.CapacityProviderStrategy[0].Base: expected the least number of tasks, 0 to 100000, found the number `-1`
              line 7, Resources[0].TargetService.Properties.CapacityProviderStrategy[0].Weight: expected the share of the tasks, 0 to 1000, found the number `1001`

            TaskDefinition: web:7
                    CapacityProviderStrategy: [{CapacityProvider: a, Base: 1, Weight: 1}, {CapacityProvider: b, Base: 1}, {CapacityProvider: a, Weight: 1}]
              line 7, Resources[0].TargetService.Properties.CapacityProviderStrategy[1]: a second Base: one provider of a strategy may have one
              line 7, Resources[0].TargetService.Properties.CapacityProviderStrategy[2]: `a` is written twice: name a provider once

        "#]],
    );
}
