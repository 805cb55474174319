//! An AppSpec as a whole, from the tree: its version, its one resource, hooks and strategy.

use super::error::Problems;
use super::node::{Entry, Node, Value, load};
use super::reader::Place;
use super::{AppSpec, AppSpecErrors, Hooks, Resource, ecs, hooks, lambda, slips, strategy};
use crate::ids::{Site, quoted};
use crate::strategy::Platform;

pub(super) fn read(text: &str, platform: Platform, site: &Site) -> Result<AppSpec, AppSpecErrors> {
    let root = load(text)?;
    let mut problems = Problems::default();
    let appspec = top(&mut problems, &Place::root(&root, platform, site), platform);
    problems.or(appspec)
}

/// The platform that the type of a resource names, whatever else is wrong.
pub(super) fn platform(text: &str) -> Option<Platform> {
    let root = load(text).ok()?;
    let resources = value(&root, "Resources")?;
    let named: Vec<&Node> = match &resources.value {
        Value::List(items) => items.iter().collect(),
        _ => vec![resources],
    };
    let kinds = named.into_iter().flat_map(entries).filter_map(|entry| value(&entry.node, "Type"));
    kinds.into_iter().find_map(|kind| match &kind.value {
        Value::Text(text) => of_kind(text),
        _ => None,
    })
}

/// The entries of a map; none of anything else.
fn entries(node: &Node) -> &[Entry] {
    match &node.value {
        Value::Map(entries) => entries,
        _ => &[],
    }
}

fn value<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    entries(node).iter().find(|entry| entry.key.eq_ignore_ascii_case(key)).map(|entry| &entry.node)
}

fn of_kind(kind: &str) -> Option<Platform> {
    [Platform::Lambda, Platform::Ecs].into_iter().find(|platform| Words::of(*platform).kind.eq_ignore_ascii_case(kind))
}

fn top(problems: &mut Problems, root: &Place<'_>, platform: Platform) -> Option<AppSpec> {
    if is_for_hosts(problems, root, platform) {
        return None;
    }
    if let Some((entry, kind)) = slips::other_document(root.node) {
        let message = format!(
            "this is {kind}, and not an AppSpec: write version: 0.0, Resources with {}, and Hooks",
            Words::of(platform).resources
        );
        problems.add(entry.line, entry.key.clone(), message);
        return None;
    }
    let known: &[&str] = match platform {
        Platform::Ecs => &["version", "Resources", "Hooks", "Strategy", "Service"],
        Platform::Lambda | Platform::Server => &["version", "Resources", "Hooks", "Strategy", "Warm"],
    };
    let fields = root.fields(problems, "a map with version and Resources", known)?;
    if let Some(version) = fields.required(problems, "version", "version: 0.0") {
        format_version(problems, &version);
    }
    let words = Words::of(platform);
    let resources = fields.required(problems, "Resources", words.resources);
    let mut read = match resources.map(|resources| resource(problems, &resources, platform)) {
        Some(Found::OtherPlatform) => return None,
        Some(Found::Read(resource)) => Some(resource),
        Some(Found::Refused) | None => None,
    };
    if let Some(place) = fields.get("Service") {
        let place = ecs::place(problems, &place);
        if let Some(Resource::Service(service)) = &mut read {
            service.place = place;
        }
    }
    let hooks = match fields.get("Hooks") {
        Some(place) => hooks::read(problems, &place, platform),
        None => Hooks::default(),
    };
    let strategy = fields.get("Strategy").and_then(|place| strategy::read(problems, &place, platform));
    let warm = fields.get("Warm").and_then(|place| lambda::warm(problems, &place));
    Some(AppSpec { resource: read?, hooks, strategy, warm })
}

/// What the messages for a platform say.
struct Words {
    kind: &'static str,
    properties: &'static str,
    resources: &'static str,
    moves: &'static str,
}

impl Words {
    fn of(platform: Platform) -> Self {
        match platform {
            Platform::Ecs => Self {
                kind: "AWS::ECS::Service",
                properties: "TaskDefinition and LoadBalancerInfo",
                resources: "a list with the service to deploy",
                moves: "one service",
            },
            Platform::Lambda | Platform::Server => Self {
                kind: "AWS::Lambda::Function",
                properties: "Name, Alias, CurrentVersion and TargetVersion",
                resources: "a list with the function to move",
                moves: "one alias",
            },
        }
    }
}

/// Whether this is an AppSpec for hosts as a whole (docs/codedeploy-contract.md 2.4). Then nothing else need be said about it.
fn is_for_hosts(problems: &mut Problems, root: &Place<'_>, platform: Platform) -> bool {
    let Value::Map(entries) = &root.node.value else {
        return false;
    };
    let find = |keys: &[&str]| entries.iter().find(|entry| keys.iter().any(|key| key.eq_ignore_ascii_case(&entry.key)));
    match (find(&["Resources"]), find(&["os", "files"])) {
        (None, Some(entry)) => {
            let message = format!(
                "this is an AppSpec for EC2/on-premises, and this deployment is for {platform}: write version, Resources with \
                 {}, and Hooks",
                Words::of(platform).resources.trim_start_matches("a list with ")
            );
            problems.add(entry.line, entry.key.clone(), message);
            true
        }
        _ => false,
    }
}

fn format_version(problems: &mut Problems, place: &Place<'_>) {
    let known = match &place.node.value {
        // Some JSON writers know no 0.0 and write 0; many a template says 1. There is one version, whatever it is called.
        Value::Number(text) | Value::Text(text) => {
            text.parse::<f64>().is_ok_and(|number| number == 0.0 || number == 1.0)
        }
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => false,
    };
    if !known {
        place.wrong(problems, "0.0, the one version of the AppSpec format");
    }
}

/// Keys that name no resource.
const ASIDE: [&str; 5] = ["Type", "Properties", "Hooks", "Strategy", "Resources"];

enum Found {
    Read(Resource),
    Refused,
    OtherPlatform,
}

fn resource(problems: &mut Problems, resources: &Place<'_>, platform: Platform) -> Found {
    let words = Words::of(platform);
    let expected = match platform {
        Platform::Ecs => "a list with one resource, such as - TargetService: with Type and Properties in it",
        Platform::Lambda | Platform::Server => {
            "a list with one resource, such as - Storefront: with Type and Properties in it"
        }
    };
    if let Value::Map(entries) = &resources.node.value
        && let Some(first) = entries.first()
    {
        let message = match first.key.strip_prefix('-') {
            Some(name) => format!("expected {expected}, found a map: put a space between the dash and {name}"),
            None => format!("expected {expected}, found a map: put a dash and a space before {}", first.key),
        };
        resources.problem(problems, message);
        return Found::Refused;
    }
    let Some(items) = resources.list(problems, expected) else {
        return Found::Refused;
    };
    let named: Vec<_> = items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| {
            let place = resources.item(index, item);
            let entries = place.map(problems, "a map from the resource's name to its Type and Properties")?;
            // A slip of indentation: what should be in it, or beside Resources, stands beside it.
            let misplaced: Vec<&Entry> = entries.iter().filter(|entry| ASIDE.contains(&entry.key.as_str())).collect();
            for entry in &misplaced {
                let message = slips::place_of(&entry.key).unwrap_or_default();
                problems.add(entry.line, place.key(&entry.key), message);
            }
            misplaced.is_empty().then_some((place, entries))
        })
        .collect();
    let count: usize = named.iter().map(|(_, entries)| entries.len()).sum();
    let [(place, [entry])] = &named[..] else {
        if named.len() == items.len() {
            let moves = words.moves;
            resources.problem(
                problems,
                match count {
                    0 => "no resource: write one, with Type and Properties".to_owned(),
                    1 => "an empty item beside the resource: leave it out".to_owned(),
                    2 => format!("two resources: one deployment moves {moves}; make two deployments"),
                    more => format!("{more} resources: one deployment moves {moves}; make {more} deployments"),
                },
            );
        }
        return Found::Refused;
    };
    let known = &["Type", "Properties"];
    let Some(fields) = place.entry(entry).fields(problems, "a map with Type and Properties", known) else {
        return Found::Refused;
    };
    if let Some(kind) = fields.required(problems, "Type", words.kind)
        && let Some(text) = kind.text(problems, words.kind)
        && text != words.kind
    {
        if let Some(other) = of_kind(text).filter(|other| *other != platform) {
            let message = format!(
                "this is an AppSpec for {other}, and this deployment is for {platform}: write {} with the properties {}",
                words.kind, words.properties
            );
            kind.problem(problems, message);
            return Found::OtherPlatform;
        }
        kind.problem(problems, format!("expected {}, found {}", words.kind, quoted(text)));
    }
    let Some(properties) = fields.required(problems, "Properties", &format!("a map with {}", words.properties)) else {
        return Found::Refused;
    };
    let read = match platform {
        Platform::Ecs => ecs::read(problems, &properties).map(|service| Resource::Service(Box::new(service))),
        Platform::Lambda | Platform::Server => lambda::read(problems, &properties).map(Resource::Alias),
    };
    read.map_or(Found::Refused, Found::Read)
}
