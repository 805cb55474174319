//! The properties of a service, in an AppSpec for ECS (docs/codedeploy-contract.md 2.3), and our addition `Service`.

use super::error::Problems;
use super::node::Value;
use super::reader::{Field, Fields};
use crate::ids::{ClusterName, ContainerName, IdError, ListenerArn, ServiceName, TargetGroupName, TaskDefinition};
use crate::service::{self, Capacity, CapacityProvider, TargetService, WantedNetwork};
use crate::text::quoted;

/// The most subnets and security groups ECS takes for a network.
const MAX_SUBNETS: usize = 16;
const MAX_SECURITY_GROUPS: usize = 5;

/// The most capacity providers ECS takes for a strategy, and the largest numbers of one.
const MAX_PROVIDERS: usize = 20;
const MAX_BASE: u32 = 100_000;
const MAX_WEIGHT: u32 = 1_000;

pub(super) fn read(problems: &mut Problems, place: &Field<'_>) -> Option<TargetService> {
    let expected = "a map with TaskDefinition and LoadBalancerInfo";
    let known = &[
        "TaskDefinition",
        "LoadBalancerInfo",
        "PlatformVersion",
        "NetworkConfiguration",
        "CapacityProviderStrategy",
        "LaunchType",
    ];
    let fields = place.fields(problems, expected, known)?;
    let what = "the ARN of the task definition with its revision";
    let task_definition = name(problems, &fields, "TaskDefinition", what, TaskDefinition::parse);
    let what = "a map with ContainerName and ContainerPort";
    let traffic =
        fields.required(problems, "LoadBalancerInfo", what).and_then(|place| load_balancer(problems, &place, what));
    let platform_version = fields.get("PlatformVersion").and_then(|place| platform_version(problems, &place));
    let network = fields.get("NetworkConfiguration").and_then(|place| network(problems, &place));
    let capacity = capacity(problems, &fields);
    let (container, port) = traffic?;
    Some(TargetService {
        task_definition: task_definition?,
        container,
        port,
        platform_version,
        network,
        capacity,
        place: None,
    })
}

/// Our addition: where the service is, for a deployment without a deployment group.
pub(super) fn place(problems: &mut Problems, place: &Field<'_>) -> Option<service::ServiceAddress> {
    let expected = "a map with Cluster, Name, TargetGroups and ProdListener";
    let known = &["Cluster", "Name", "TargetGroups", "ProdListener", "TestListener"];
    let fields = place.fields(problems, expected, known)?;
    let cluster = name(problems, &fields, "Cluster", "the name of the cluster", ClusterName::parse);
    let service = name(problems, &fields, "Name", "the name of the service", |text| match &cluster {
        Some(cluster) => ServiceName::parse_in(text, cluster),
        None => ServiceName::parse(text),
    });
    let what = "a list of two target groups, by name or ARN";
    let groups = fields.required(problems, "TargetGroups", what).and_then(|place| pair(problems, &place, what));
    let what = "the ARN of the listener of production traffic";
    let production = name(problems, &fields, "ProdListener", what, ListenerArn::parse);
    let test = fields.get("TestListener").and_then(|place| {
        let text = place.text(problems, "the ARN of the listener of test traffic")?;
        let listener = place.named(problems, text, ListenerArn::parse)?;
        if production.as_ref() == Some(&listener) {
            place.problem(problems, "this is the ProdListener: name another listener, or leave TestListener out");
        }
        Some(listener)
    });
    Some(service::ServiceAddress {
        cluster: cluster?,
        service: service?,
        target_groups: groups?,
        production: production?,
        test,
    })
}

/// A name that must be there.
fn name<T>(
    problems: &mut Problems,
    fields: &Fields<'_>,
    key: &str,
    what: &str,
    parse: impl Fn(&str) -> Result<T, IdError>,
) -> Option<T> {
    let place = fields.required(problems, key, what)?;
    let text = place.text(problems, what)?;
    place.named(problems, text, parse)
}

fn pair(problems: &mut Problems, place: &Field<'_>, what: &str) -> Option<[TargetGroupName; 2]> {
    let items = place.list(problems, what)?;
    let [_, _] = items else {
        let message = format!("expected two target groups, found {}: traffic moves from one to the other", items.len());
        place.problem(problems, message);
        return None;
    };
    let read = |(index, item)| {
        let item = place.item(index, item);
        let text = item.text(problems, "the name or ARN of a target group")?;
        item.named(problems, text, TargetGroupName::parse)
    };
    let groups: Vec<_> = items.iter().enumerate().map(read).collect();
    let groups: [TargetGroupName; 2] = groups.into_iter().collect::<Option<Vec<_>>>()?.try_into().ok()?;
    if groups[0] == groups[1] {
        place.problem(problems, "the same target group twice: traffic moves from one to the other; name two");
        return None;
    }
    Some(groups)
}

fn load_balancer(problems: &mut Problems, place: &Field<'_>, what: &str) -> Option<(ContainerName, u16)> {
    if matches!(place.node.value, Value::List(_)) {
        let message = format!("expected {what}, found a list: one container takes the traffic, so leave the - out");
        place.problem(problems, message);
        return None;
    }
    let fields = place.fields(problems, what, &["ContainerName", "ContainerPort"])?;
    let what = "the name of the container that takes traffic";
    let container = name(problems, &fields, "ContainerName", what, ContainerName::parse);
    let port = fields
        .required(problems, "ContainerPort", "the port of the container, such as 80")
        .and_then(|place| number(problems, &place, "the port of the container", 1, u16::MAX.into()));
    Some((container?, u16::try_from(port?).ok()?))
}

/// A whole number, also as text: AWS's own templates have both.
fn number(problems: &mut Problems, place: &Field<'_>, what: &str, least: u32, most: u32) -> Option<u32> {
    let read = match &place.node.value {
        Value::Number(text) | Value::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse::<u32>().ok().filter(|number| (least..=most).contains(number))
        }
        _ => None,
    };
    if let (Some(number), Value::Number(text) | Value::Text(text)) = (read, &place.node.value)
        && *text != number.to_string()
    {
        place.problem(problems, format!("{} begins with a zero: write {number}", quoted(text)));
        return None;
    }
    if read.is_none() {
        place.wrong(problems, &format!("{what}, {least} to {most}"));
    }
    read
}

fn platform_version(problems: &mut Problems, place: &Field<'_>) -> Option<String> {
    let text = place.text(problems, "LATEST or a platform version, such as 1.4.0")?;
    let is_version = |text: &str| text.split('.').count() == 3 && text.split('.').all(is_number);
    if text.eq_ignore_ascii_case("LATEST") {
        return Some("LATEST".to_owned());
    }
    if is_version(text) {
        return Some(text.to_owned());
    }
    place.wrong(problems, "LATEST or a platform version, such as 1.4.0");
    None
}

fn is_number(text: &str) -> bool {
    text.len() <= 9 && text.parse::<u32>().is_ok_and(|number| number.to_string() == text)
}

fn network(problems: &mut Problems, place: &Field<'_>) -> Option<WantedNetwork> {
    let otherwise = "or leave NetworkConfiguration out to keep the network of the service";
    let expected = format!("a map with AwsvpcConfiguration, {otherwise}");
    let fields = place.fields(problems, &expected, &["AwsvpcConfiguration"])?;
    let expected = format!("a map with Subnets, SecurityGroups and AssignPublicIp, {otherwise}");
    let place = fields.get("AwsvpcConfiguration")?;
    let fields = place.fields(problems, &expected, &["Subnets", "SecurityGroups", "AssignPublicIp"])?;
    let ids = |problems: &mut Problems, place: &Field<'_>, what: &'static str, prefix: &'static str, most: usize| {
        let expected = format!("a list of {what}, such as [{prefix}1234abcd]");
        let items = place.list(problems, &expected)?;
        if items.is_empty() || items.len() > most {
            place.problem(problems, format!("{} {what}: write 1 to {most}, {otherwise}", items.len()));
            return None;
        }
        let read = |(index, item)| id(problems, &place.item(index, item), prefix);
        items.iter().enumerate().map(read).collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()
    };
    let subnets = fields
        .required(problems, "Subnets", &format!("the subnets too, {otherwise}"))
        .and_then(|place| ids(problems, &place, "subnets", "subnet-", MAX_SUBNETS));
    let security_groups =
        fields.get("SecurityGroups").map(|place| ids(problems, &place, "security groups", "sg-", MAX_SECURITY_GROUPS));
    let public_ip = fields.get("AssignPublicIp").map(|place| match &place.node.value {
        Value::Text(text) if text.eq_ignore_ascii_case("ENABLED") => Some(true),
        Value::Text(text) if text.eq_ignore_ascii_case("DISABLED") => Some(false),
        _ => {
            place.wrong(problems, "ENABLED or DISABLED");
            None
        }
    });
    // What is written and cannot be is no less a problem than what is missing.
    let (security_groups, public_ip) =
        (security_groups.map_or(Some(None), |it| it.map(Some)), public_ip.map_or(Some(None), |it| it.map(Some)));
    Some(WantedNetwork { subnets: subnets?, security_groups: security_groups?, public_ip: public_ip? })
}

/// The id of a subnet or a security group: a name would be refused much later, by ECS.
fn id(problems: &mut Problems, place: &Field<'_>, prefix: &str) -> Option<String> {
    let text = place.text(problems, &format!("an id, such as {prefix}1234abcd"))?;
    let rest = text.strip_prefix(prefix).filter(|rest| (1..=64).contains(&rest.len()));
    if rest.is_none_or(|rest| !rest.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        place.problem(problems, format!("{} is no id: write it, such as {prefix}1234abcd, not a name", quoted(text)));
        return None;
    }
    Some(text.to_owned())
}

/// `CapacityProviderStrategy`, or `LaunchType`, our addition.
fn capacity(problems: &mut Problems, fields: &Fields<'_>) -> Option<Capacity> {
    let providers = fields.get("CapacityProviderStrategy");
    let launch_type = fields.get("LaunchType");
    if let (Some(_), Some(place)) = (&providers, &launch_type) {
        let message = "ECS takes a launch type or a capacity provider strategy: leave LaunchType out, or \
                       CapacityProviderStrategy";
        place.problem(problems, message);
    }
    let launch_type = launch_type.and_then(|place| match &place.node.value {
        Value::Text(text) if ["EC2", "FARGATE", "EXTERNAL"].iter().any(|kind| kind.eq_ignore_ascii_case(text)) => {
            Some(Capacity::LaunchType(text.to_ascii_uppercase()))
        }
        _ => {
            place.wrong(problems, "EC2, FARGATE or EXTERNAL");
            None
        }
    });
    let providers = providers.and_then(|place| strategy(problems, &place)).map(Capacity::Providers);
    providers.or(launch_type)
}

fn strategy(problems: &mut Problems, place: &Field<'_>) -> Option<Vec<CapacityProvider>> {
    let otherwise = "or leave CapacityProviderStrategy out to keep that of the service";
    let items = place.list(problems, "a list such as - {CapacityProvider: FARGATE, Base: 0, Weight: 1}")?;
    if items.is_empty() || items.len() > MAX_PROVIDERS {
        place.problem(problems, format!("{} providers: write 1 to {MAX_PROVIDERS}, {otherwise}", items.len()));
        return None;
    }
    let mut read: Vec<CapacityProvider> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let item = place.item(index, item);
        let Some(next) = provider(problems, &item) else { continue };
        if read.iter().any(|earlier| earlier.provider == next.provider) {
            item.problem(problems, format!("{} is written twice: name a provider once", quoted(&next.provider)));
        } else if next.base > 0 && read.iter().any(|earlier| earlier.base > 0) {
            item.problem(problems, "a second Base: one provider of a strategy may have one");
        }
        read.push(next);
    }
    if read.len() == items.len() && read.iter().all(|provider| provider.weight == 0) {
        place.problem(problems, "no provider has a Weight, so none gets tasks: write Weight: 1 for one of them");
    }
    Some(read)
}

fn provider(problems: &mut Problems, place: &Field<'_>) -> Option<CapacityProvider> {
    let expected = "a map with CapacityProvider, Base and Weight";
    let fields = place.fields(problems, expected, &["CapacityProvider", "Base", "Weight"])?;
    let what = "the name of a capacity provider, such as FARGATE";
    let provider = fields.required(problems, "CapacityProvider", what).and_then(|place| {
        let text = place.text(problems, what)?;
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '/');
        if (1..=255).contains(&text.len()) && text.chars().all(fits) {
            return place.named(problems, text, |text| Ok(text.to_owned()));
        }
        place.problem(problems, format!("{} is not a capacity provider: write its name or ARN", quoted(text)));
        None
    });
    // Left out, both are 0, as ECS has it.
    let mut number = |key: &str, what: &str, most| match fields.get(key) {
        Some(place) => number(problems, &place, what, 0, most),
        None => Some(0),
    };
    let base = number("Base", "the least number of tasks", MAX_BASE);
    let weight = number("Weight", "the share of the tasks", MAX_WEIGHT);
    Some(CapacityProvider { provider: provider?, base: base?, weight: weight? })
}
