//! AppSpecs of any kind, and how they are written in YAML and JSON.

use proptest::prelude::*;

use crate::appspec::{AppSpec, Hook, NamedStrategy, Output, Resource, TargetAlias};
use crate::event::LifecycleEvent;
use crate::hold::{Hold, OnTimeout};
use crate::ids::{
    AliasName, ClusterName, ContainerName, FunctionName, HookFunction, ListenerArn, ParameterName, ServiceName,
    TargetGroupName, TaskDefinition, Version,
};
use crate::platform::Platform;
use crate::seconds::Seconds;
use crate::service::{Capacity, CapacityProvider, ServiceAddress, TargetService, WantedNetwork};
use crate::strategy::Step;
use crate::warm::Warm;
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

fn strategies(platform: Platform) -> impl Strategy<Value = NamedStrategy> {
    prop_oneof![
        (1u8..100, 1u64..90).prop_map(|(percent, minutes)| format!("Canary{percent}Percent{minutes}Minutes")),
        (1u8..100, 1u64..90)
            .prop_map(move |(percent, seconds)| format!("{platform}Linear{percent}PercentEvery{seconds}Seconds")),
        Just(platform.default_config().to_owned()),
    ]
    .prop_map(move |name| NamedStrategy::named(&name, platform).unwrap())
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
        "arn:aws:lambda:eu-west-1:111122223333:function:[a-z]{1,9}(:[a-z]{1,9})?"
    ];
    let parameters = prop::collection::btree_set("(/[a-zA-Z0-9_.-]{1,9}){1,3}", 0..5);
    let output = prop_oneof![Just(Output::Withheld), Just(Output::Kept)];
    (function, 1u64..=86_400, parameters, output).prop_map(|(function, timeout, parameters, output)| Hook {
        function: HookFunction::parse(&function).unwrap(),
        timeout: Seconds(timeout),
        parameters: parameters.iter().map(|name| ParameterName::parse(name).unwrap()).collect(),
        output,
    })
}

pub(super) fn appspecs() -> impl Strategy<Value = AppSpec> {
    (
        "[A-Za-z0-9_-]{1,64}",
        "[A-Za-z_-][A-Za-z0-9_-]{0,127}",
        prop::option::of(1u64..),
        1u64..,
        prop::option::of(hooks()),
        prop::option::of(hooks()),
        prop::option::of(strategies(Platform::Lambda)),
        prop::option::of((1u32..).prop_map(|concurrency| Warm { concurrency })),
    )
        .prop_map(|(function, alias, current, target, before, after, strategy, warm)| AppSpec {
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
            warm,
        })
}

fn arn(kind: &str) -> String {
    format!("arn:aws:elasticloadbalancing:eu-west-1:111122223333:{kind}/[a-z0-9/]{{1,20}}")
}

fn pattern(regex: &str) -> impl Strategy<Value = String> + use<> {
    prop::string::string_regex(regex).unwrap()
}

fn places() -> impl Strategy<Value = ServiceAddress> {
    let group = prop_oneof!["[A-Za-z0-9-]{1,32}", pattern(&arn("targetgroup/[a-z]{1,9}"))];
    let listeners = (pattern(&arn("listener")), prop::option::of(Just("other")));
    ("[A-Za-z][A-Za-z0-9_-]{0,30}", "[A-Za-z][A-Za-z0-9_-]{0,30}", group, listeners).prop_map(
        |(cluster, service, group, (listener, other))| ServiceAddress {
            cluster: ClusterName::parse(&cluster).unwrap(),
            service: ServiceName::parse(&service).unwrap(),
            target_groups: [&group, "the-other-one"].map(|group| TargetGroupName::parse(group).unwrap()),
            test: other.map(|other| ListenerArn::parse(&format!("{listener}/{other}")).unwrap()),
            production: ListenerArn::parse(&listener).unwrap(),
        },
    )
}

fn networks() -> impl Strategy<Value = WantedNetwork> {
    let subnets = prop::collection::vec("subnet-[0-9a-f]{8,17}", 1..16);
    let security_groups = prop::option::of(prop::collection::vec("sg-[0-9a-f]{8,17}", 1..5));
    let public_ip = prop::option::of(any::<bool>());
    (subnets, security_groups, public_ip).prop_map(|(subnets, security_groups, public_ip)| WantedNetwork {
        subnets,
        security_groups,
        public_ip,
    })
}

fn capacities() -> impl Strategy<Value = Capacity> {
    let providers = prop::collection::btree_map("[A-Za-z_-]{1,20}", 1u32..=1_000, 1..6);
    prop_oneof![
        prop::sample::select(vec!["EC2", "FARGATE", "EXTERNAL"]).prop_map(|kind| Capacity::LaunchType(kind.to_owned())),
        (providers, 0u32..=100_000).prop_map(|(providers, base)| {
            let of = |(index, (provider, weight)): (usize, (String, u32))| CapacityProvider {
                provider,
                base: if index == 0 { base } else { 0 },
                weight,
            };
            Capacity::Providers(providers.into_iter().enumerate().map(of).collect())
        }),
    ]
}

pub(super) fn services() -> impl Strategy<Value = AppSpec> {
    let definition = prop_oneof![
        "[A-Za-z0-9_-]{1,40}:[1-9][0-9]{0,4}",
        "arn:aws:ecs:eu-west-1:111122223333:task-definition/[a-z]{1,9}:[1-9]"
    ];
    let version = prop::option::of(prop_oneof![Just("LATEST".to_owned()), Just("1.4.0".to_owned())]);
    let events = LifecycleEvent::ECS.iter().copied().filter(|event| event.is_hook()).collect::<Vec<_>>();
    let hooks = prop::collection::btree_map(prop::sample::select(events), hooks(), 0..=5);
    let rest = (prop::option::of(networks()), prop::option::of(capacities()), prop::option::of(places()));
    (
        definition,
        "[A-Za-z][A-Za-z0-9_-]{0,30}",
        1u16..,
        version,
        rest,
        hooks,
        prop::option::of(strategies(Platform::Ecs)),
    )
        .prop_map(
            |(definition, container, port, platform_version, (network, capacity, place), hooks, strategy)| AppSpec {
                resource: Resource::Service(Box::new(TargetService {
                    task_definition: TaskDefinition::parse(&definition).unwrap(),
                    container: ContainerName::parse(&container).unwrap(),
                    port,
                    platform_version,
                    network,
                    capacity,
                    place,
                })),
                hooks: hooks.into_iter().collect(),
                strategy,
                warm: None,
            },
        )
}

/// The AppSpec as block YAML.
pub(super) fn yaml(appspec: &AppSpec) -> String {
    let mut text = match &appspec.resource {
        Resource::Alias(alias) => yaml_of_alias(alias),
        Resource::Service(service) => yaml_of_service(service),
    };
    text += "Hooks:\n";
    for (event, hook) in appspec.hooks.iter() {
        text += &format!("- {event}:\n    Function: '{}'\n    Timeout: {}\n", hook.function, hook.timeout);
        if hook.output == Output::Kept {
            text += "    KeepOutput: True\n";
        }
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
    if let Some(warm) = appspec.warm {
        text += &format!("Warm: {{Concurrency: {}}}\n", warm.concurrency);
    }
    text
}

fn yaml_of_alias(alias: &TargetAlias) -> String {
    let mut text = format!(
        "version: 0.0\nResources:\n- F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Name: '{}'\n      Alias: \"{}\"\n      \
         TargetVersion: {}\n",
        alias.function, alias.alias, alias.target
    );
    if let Some(current) = alias.current {
        text += &format!("      CurrentVersion: '{current}'\n");
    }
    text
}

fn yaml_of_service(service: &TargetService) -> String {
    let mut text = format!(
        "version: 0.0\nResources:\n- TargetService:\n    Type: AWS::ECS::Service\n    Properties:\n      TaskDefinition: '{}'\n      \
         LoadBalancerInfo:\n        ContainerName: '{}'\n        ContainerPort: {}\n",
        service.task_definition, service.container, service.port
    );
    if let Some(version) = &service.platform_version {
        text += &format!("      PlatformVersion: {version}\n");
    }
    if let Some(WantedNetwork { subnets, security_groups, public_ip }) = &service.network {
        text += "      NetworkConfiguration:\n        AwsvpcConfiguration:\n";
        text += &format!("          Subnets: [{}]\n", subnets.join(", "));
        if let Some(security_groups) = security_groups {
            text += "          SecurityGroups:\n";
            text += &security_groups.iter().map(|group| format!("          - {group}\n")).collect::<String>();
        }
        if let Some(public_ip) = public_ip {
            text += &format!("          AssignPublicIp: {}\n", enabled(*public_ip));
        }
    }
    match &service.capacity {
        None => {}
        Some(Capacity::LaunchType(kind)) => text += &format!("      LaunchType: {kind}\n"),
        Some(Capacity::Providers(providers)) => {
            text += "      CapacityProviderStrategy:\n";
            for CapacityProvider { provider, base, weight } in providers {
                text += &format!(
                    "      - Base: {base}\n        CapacityProvider: '{provider}'\n        Weight: '{weight}'\n"
                );
            }
        }
    }
    if let Some(place) = &service.place {
        let [one, other] = &place.target_groups;
        text += &format!("Service:\n  Cluster: {}\n  Name: {}\n", place.cluster, place.service);
        text += &format!("  TargetGroups: ['{one}', '{other}']\n  ProdListener: {}\n", place.production);
        text += &place.test.iter().map(|test| format!("  TestListener: {test}\n")).collect::<String>();
    }
    text
}

fn enabled(public_ip: bool) -> &'static str {
    if public_ip { "ENABLED" } else { "DISABLED" }
}

/// The AppSpec as JSON, for `serde_json` to write.
pub(super) fn json(appspec: &AppSpec) -> serde_json::Value {
    use serde_json::json;
    let hook = |hook: &Hook| {
        json!({
            "Function": hook.function,
            "Timeout": hook.timeout,
            "Parameters": hook.parameters,
            "KeepOutput": hook.output == Output::Kept,
        })
    };
    let hooks: Vec<_> = appspec.hooks.iter().map(|(event, it)| json!({event.as_str(): hook(it)})).collect();
    let mut text = match &appspec.resource {
        Resource::Alias(alias) => json_of_alias(alias),
        Resource::Service(service) => json_of_service(service),
    };
    text["version"] = json!("0.0");
    text["Hooks"] = json!(hooks);
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
    if let Some(warm) = appspec.warm {
        text["Warm"] = json!({"Concurrency": warm.concurrency});
    }
    text
}

fn json_of_alias(alias: &TargetAlias) -> serde_json::Value {
    use serde_json::json;
    let mut properties = json!({"Name": alias.function, "Alias": alias.alias, "TargetVersion": alias.target});
    if let Some(current) = alias.current {
        properties["CurrentVersion"] = json!(current.number());
    }
    json!({"Resources": [{"F": {"Type": "AWS::Lambda::Function", "Properties": properties}}]})
}

fn json_of_service(service: &TargetService) -> serde_json::Value {
    use serde_json::json;
    let traffic = json!({"ContainerName": service.container, "ContainerPort": service.port.to_string()});
    let mut properties = json!({"TaskDefinition": service.task_definition, "LoadBalancerInfo": traffic});
    if let Some(version) = &service.platform_version {
        properties["PlatformVersion"] = json!(version);
    }
    if let Some(WantedNetwork { subnets, security_groups, public_ip }) = &service.network {
        // What is left open is null here: it counts as left out.
        let public_ip = public_ip.map(enabled);
        let network = json!({"Subnets": subnets, "SecurityGroups": security_groups, "AssignPublicIp": public_ip});
        properties["NetworkConfiguration"] = json!({"AwsvpcConfiguration": network});
    }
    match &service.capacity {
        None => {}
        Some(Capacity::LaunchType(kind)) => properties["LaunchType"] = json!(kind),
        Some(Capacity::Providers(providers)) => {
            let one = |CapacityProvider { provider, base, weight }: &CapacityProvider| json!({"CapacityProvider": provider, "Base": base, "Weight": weight});
            properties["CapacityProviderStrategy"] = providers.iter().map(one).collect();
        }
    }
    let mut text = json!({"Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}]});
    if let Some(place) = &service.place {
        text["Service"] = json!({
            "Cluster": place.cluster,
            "Name": place.service,
            "TargetGroups": place.target_groups,
            "ProdListener": place.production,
        });
        if let Some(test) = &place.test {
            text["Service"]["TestListener"] = json!(test);
        }
    }
    text
}
