//! Texts that are read, in the forms that AWS's own pages use and in ours.

use expect_test::expect;

use super::SHORT;
use crate::appspec::tests::parse_for as parse;
use crate::appspec::{Resource, platform};
use crate::event::LifecycleEvent;
use crate::platform::Platform;
use crate::service::{Capacity, ServiceAddress, TargetService};

const YAML: &str = "\
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: \"arn:aws:ecs:eu-west-1:111122223333:task-definition/my-task-definition-family-name:1\"
        LoadBalancerInfo:
          ContainerName: \"SampleApplicationName\"
          ContainerPort: 80
        PlatformVersion: \"LATEST\"
        NetworkConfiguration:
          AwsvpcConfiguration:
            Subnets: [\"subnet-1234abcd\",\"subnet-5678abcd\"]
            SecurityGroups: [\"sg-12345678\"]
            AssignPublicIp: \"ENABLED\"
        CapacityProviderStrategy:
          - Base: 1
            CapacityProvider: \"FARGATE_SPOT\"
            Weight: 2
          - Base: 0
            CapacityProvider: \"FARGATE\"
            Weight: 1
Hooks:
  - BeforeInstall: \"LambdaFunctionToValidateBeforeInstall\"
  - AfterInstall: \"LambdaFunctionToValidateAfterInstall\"
  - AfterAllowTestTraffic: \"LambdaFunctionToValidateAfterTestTrafficStarts\"
  - BeforeAllowTraffic: \"LambdaFunctionToValidateBeforeAllowingProductionTraffic\"
  - AfterAllowTraffic: \"LambdaFunctionToValidateAfterAllowingProductionTraffic\"
";

const JSON: &str = r#"{
	"version": 0.0,
	"Resources": [{
		"TargetService": {
			"Type": "AWS::ECS::Service",
			"Properties": {
				"TaskDefinition": "arn:aws:ecs:eu-west-1:111122223333:task-definition/my-task-definition-family-name:1",
				"LoadBalancerInfo": { "ContainerName": "SampleApplicationName", "ContainerPort": 80 },
				"PlatformVersion": "LATEST",
				"NetworkConfiguration": {
					"AwsvpcConfiguration": {
						"Subnets": ["subnet-1234abcd", "subnet-5678abcd"],
						"SecurityGroups": ["sg-12345678"],
						"AssignPublicIp": "ENABLED"
					}
				},
				"CapacityProviderStrategy": [
					{ "Base": 1, "CapacityProvider": "FARGATE_SPOT", "Weight": 2 },
					{ "Base": 0, "CapacityProvider": "FARGATE", "Weight": 1 }
				]
			}
		}
	}],
	"Hooks": [
		{ "BeforeInstall": "LambdaFunctionToValidateBeforeInstall" },
		{ "AfterInstall": "LambdaFunctionToValidateAfterInstall" },
		{ "AfterAllowTestTraffic": "LambdaFunctionToValidateAfterTestTrafficStarts" },
		{ "BeforeAllowTraffic": "LambdaFunctionToValidateBeforeAllowingProductionTraffic" },
		{ "AfterAllowTraffic": "LambdaFunctionToValidateAfterAllowingProductionTraffic" }
	]
}
"#;

fn service(text: &str) -> TargetService {
    match parse(text, Platform::Ecs).unwrap().resource {
        Resource::Service(service) => *service,
        Resource::Alias(alias) => panic!("{alias:?}"),
    }
}

#[test]
fn the_sample_of_aws_is_read() {
    let appspec = parse(YAML, Platform::Ecs).unwrap();
    expect![[r#"
        Service(
            TargetService {
                task_definition: TaskDefinition(
                    "arn:aws:ecs:eu-west-1:111122223333:task-definition/my-task-definition-family-name:1",
                ),
                container: ContainerName(
                    "SampleApplicationName",
                ),
                port: 80,
                platform_version: Some(
                    "LATEST",
                ),
                network: Some(
                    WantedNetwork {
                        subnets: [
                            "subnet-1234abcd",
                            "subnet-5678abcd",
                        ],
                        security_groups: Some(
                            [
                                "sg-12345678",
                            ],
                        ),
                        public_ip: Some(
                            true,
                        ),
                    },
                ),
                capacity: Some(
                    Providers(
                        [
                            CapacityProvider {
                                provider: "FARGATE_SPOT",
                                base: 1,
                                weight: 2,
                            },
                            CapacityProvider {
                                provider: "FARGATE",
                                base: 0,
                                weight: 1,
                            },
                        ],
                    ),
                ),
                place: None,
            },
        )"#]]
    .assert_eq(&format!("{:#?}", appspec.resource));
    assert_eq!((appspec.strategy, appspec.warm), (None, None));
}

#[test]
fn the_sample_of_aws_is_read_with_all_five_hooks() {
    let hooks = parse(YAML, Platform::Ecs).unwrap().hooks;
    let read: Vec<String> = hooks.iter().map(|(event, hook)| format!("{event}: {hook:?}")).collect();
    expect![[r#"
        BeforeInstall: Hook { function: HookFunction("LambdaFunctionToValidateBeforeInstall"), timeout: Seconds(3600), parameters: [], output: Withheld }
        AfterInstall: Hook { function: HookFunction("LambdaFunctionToValidateAfterInstall"), timeout: Seconds(3600), parameters: [], output: Withheld }
        AfterAllowTestTraffic: Hook { function: HookFunction("LambdaFunctionToValidateAfterTestTrafficStarts"), timeout: Seconds(3600), parameters: [], output: Withheld }
        BeforeAllowTraffic: Hook { function: HookFunction("LambdaFunctionToValidateBeforeAllowingProductionTraffic"), timeout: Seconds(3600), parameters: [], output: Withheld }
        AfterAllowTraffic: Hook { function: HookFunction("LambdaFunctionToValidateAfterAllowingProductionTraffic"), timeout: Seconds(3600), parameters: [], output: Withheld }"#]]
    .assert_eq(&read.join("\n"));
    let events: Vec<LifecycleEvent> = hooks.iter().map(|(event, _)| event).collect();
    let hookable: Vec<LifecycleEvent> = LifecycleEvent::ECS.iter().copied().filter(|event| event.is_hook()).collect();
    assert_eq!(events, hookable);
}

#[test]
fn yaml_and_json_of_a_service_say_the_same() {
    let yaml = parse(YAML, Platform::Ecs).unwrap();
    assert_eq!(parse(JSON, Platform::Ecs).unwrap(), yaml);
    let compact: String = JSON.split_whitespace().collect();
    assert_eq!(parse(&compact, Platform::Ecs).unwrap(), yaml, "on one line, as code writes it");
    assert_eq!(parse(&YAML.replace('\n', "\r\n"), Platform::Ecs).unwrap(), yaml);
}

#[test]
fn keys_are_read_without_regard_to_case_and_a_port_as_text_or_number() {
    let lower = YAML
        .replace("TaskDefinition:", "taskdefinition:")
        .replace("LoadBalancerInfo", "loadBalancerInfo")
        .replace("ContainerPort: 80", "containerport: '80'")
        .replace("AwsvpcConfiguration", "awsvpcConfiguration")
        .replace("Weight: 2", "weight: \"2\"")
        .replace("- AfterInstall", "- afterinstall");
    assert_eq!(parse(&lower, Platform::Ecs), parse(YAML, Platform::Ecs));
}

#[test]
fn what_is_left_out_is_left_to_the_service() {
    let TargetService { platform_version, network, capacity, port, .. } = service(SHORT);
    assert_eq!((platform_version, network, capacity, port), (None, None, None, 8080));
}

#[test]
fn a_deployment_without_a_group_names_its_service_in_the_appspec() {
    let ServiceAddress { cluster, service, target_groups, production, test } = service(SHORT).place.unwrap();
    assert_eq!((cluster.as_str(), service.as_str()), ("shop", "web"));
    assert_eq!(target_groups.map(|group| group.to_string()), ["web-1", "web-2"]);
    assert!(production.as_str().ends_with("/2") && test.unwrap().as_str().ends_with("/3"));
}

#[test]
fn a_launch_type_is_our_addition() {
    let text = SHORT.replace("TaskDefinition: web:7", "TaskDefinition: web:7\n        LaunchType: EXTERNAL");
    assert_eq!(service(&text).capacity, Some(Capacity::LaunchType("EXTERNAL".to_owned())));
}

#[test]
fn a_base_and_a_weight_may_be_left_out_as_ecs_has_it() {
    let strategy = "CapacityProviderStrategy: [{CapacityProvider: FARGATE, Weight: 1}, {CapacityProvider: spare}]";
    let text = SHORT.replace("TaskDefinition: web:7", &format!("TaskDefinition: web:7\n        {strategy}"));
    let Some(Capacity::Providers(providers)) = service(&text).capacity else { panic!("no providers") };
    let numbers: Vec<_> = providers.iter().map(|provider| (provider.base, provider.weight)).collect();
    assert_eq!(numbers, [(0, 1), (0, 0)]);
}

#[test]
fn a_strategy_for_a_service_may_be_any_of_the_forms() {
    let named = |name: &str| parse(&format!("{SHORT}Strategy: {name}\n"), Platform::Ecs).unwrap().strategy.unwrap();
    assert_eq!(named("CodeDeployDefault.ECSCanary10Percent15Minutes").strategy.to_string(), "Canary10Percent15Minutes");
    assert_eq!(named("ECSLinear25PercentEvery90Seconds").strategy.steps().len(), 4);
    assert_eq!(named("[{Weight: 10, Hold: 5m}]").strategy.steps().len(), 2);
}

#[test]
fn the_platform_is_told_by_the_type_of_the_resource_whatever_else_is_wrong() {
    for (text, expected) in [
        (YAML, Some(Platform::Ecs)),
        (JSON, Some(Platform::Ecs)),
        ("Resources: [{A: {Type: AWS::ECS::Service}}]", Some(Platform::Ecs)),
        ("resources: [{A: {type: 'aws::ecs::service', Properties: 7}}]\nversion: 12", Some(Platform::Ecs)),
        ("Resources: {A: {Type: AWS::ECS::Service}}", Some(Platform::Ecs)),
        ("Resources: [{A: {}}, {B: {Type: AWS::Lambda::Function}}]", Some(Platform::Lambda)),
        ("Resources: [{A: {Type: AWS::Lambda::Alias}}]", None),
        ("Resources: [{A: {Type: [AWS::ECS::Service]}}]", None),
        ("Type: AWS::ECS::Service", None),
        ("os: linux\nfiles: []", None),
        ("Resources: [{A: {Type: AWS::ECS::Service}", None),
        ("", None),
    ] {
        assert_eq!(platform(text), expected, "{text}");
    }
}
