//! An AppSpec as a whole, from the tree: its version, its one resource, hooks and strategy.

use super::error::Problems;
use super::node::{Entry, Node, Value};
use super::reader::Field;
use super::yaml::load;
use super::{AppSpec, AppSpecErrors, Hooks, Resource, ecs, hooks, lambda, slips, strategy};
use crate::ids::Site;
use crate::platform::{Deploys, Form, Platform};
use crate::text::quoted;

pub(super) fn read(text: &str, platform: Platform, site: &Site) -> Result<AppSpec, AppSpecErrors> {
    read_tree(&load(text)?, platform, site)
}

/// The same of a tree.
pub(super) fn read_tree(root: &Node, platform: Platform, site: &Site) -> Result<AppSpec, AppSpecErrors> {
    let mut problems = Problems::default();
    let appspec = top(&mut problems, &Field::root(root, platform, site), platform);
    problems.or(appspec)
}

/// The platform that the type of a resource names, whatever else is wrong.
pub(super) fn platform(text: &str) -> Option<Platform> {
    of_tree(&load(text).ok()?)
}

/// The same of a tree.
pub(super) fn of_tree(root: &Node) -> Option<Platform> {
    let resources = value(root, "Resources")?;
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
    Platform::deployed().find(|(_, deploys)| deploys.form.kind.eq_ignore_ascii_case(kind)).map(|(platform, _)| platform)
}

fn top(problems: &mut Problems, root: &Field<'_>, platform: Platform) -> Option<AppSpec> {
    let Some(Deploys { form, .. }) = platform.deploys() else {
        root.problem(problems, format!("there are no deployments to {platform} yet"));
        return None;
    };
    if is_for_hosts(problems, root, platform, form) {
        return None;
    }
    if let Some((entry, kind)) = slips::other_document(root.node) {
        let message = format!(
            "this is {kind}, and not an AppSpec: write version: 0.0, Resources with {}, and Hooks",
            form.resources
        );
        problems.add(entry.line, entry.key.clone(), message);
        return None;
    }
    let fields = root.fields(problems, "a map with version and Resources", form.known)?;
    if let Some(version) = fields.required(problems, "version", "version: 0.0") {
        format_version(problems, &version);
    }
    let resources = fields.required(problems, "Resources", form.resources);
    let mut read = match resources.map(|resources| resource(problems, &resources, platform, form)) {
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

/// Whether this is an AppSpec for hosts as a whole (docs/codedeploy-contract.md 2.4). Then nothing else need be said about it.
fn is_for_hosts(problems: &mut Problems, root: &Field<'_>, platform: Platform, form: &Form) -> bool {
    let Value::Map(entries) = &root.node.value else {
        return false;
    };
    let find = |keys: &[&str]| entries.iter().find(|entry| keys.iter().any(|key| key.eq_ignore_ascii_case(&entry.key)));
    match (find(&["Resources"]), find(&["os", "files"])) {
        (None, Some(entry)) => {
            let message = format!(
                "this is an AppSpec for EC2/on-premises, and this deployment is for {platform}: write version, Resources with \
                 {}, and Hooks",
                form.resources.trim_start_matches("a list with ")
            );
            problems.add(entry.line, entry.key.clone(), message);
            true
        }
        _ => false,
    }
}

fn format_version(problems: &mut Problems, place: &Field<'_>) {
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

fn resource(problems: &mut Problems, resources: &Field<'_>, platform: Platform, form: &Form) -> Found {
    let known = &["Type", "Properties"];
    let resource = only_resource(problems, resources, form);
    let Some(fields) = resource.and_then(|resource| resource.fields(problems, "a map with Type and Properties", known))
    else {
        return Found::Refused;
    };
    if let Some(kind) = fields.required(problems, "Type", form.kind)
        && let Some(text) = kind.text(problems, form.kind)
        && text != form.kind
    {
        if let Some(other) = of_kind(text).filter(|other| *other != platform) {
            let message = format!(
                "this is an AppSpec for {other}, and this deployment is for {platform}: write {} with the properties {}",
                form.kind, form.properties
            );
            kind.problem(problems, message);
            return Found::OtherPlatform;
        }
        kind.problem(problems, format!("expected {}, found {}", form.kind, quoted(text)));
    }
    let Some(properties) = fields.required(problems, "Properties", &format!("a map with {}", form.properties)) else {
        return Found::Refused;
    };
    let read = match platform {
        Platform::Lambda => lambda::read(problems, &properties).map(Resource::Alias),
        Platform::Ecs => ecs::read(problems, &properties).map(|service| Resource::Service(Box::new(service))),
        // It has no form.
        Platform::Server => None,
    };
    read.map_or(Found::Refused, Found::Read)
}

/// The one resource of the list.
fn only_resource<'a>(problems: &mut Problems, resources: &Field<'a>, form: &Form) -> Option<Field<'a>> {
    let expected = &format!("a list with one resource, such as {} with Type and Properties in it", form.example);
    if let Value::Map(entries) = &resources.node.value
        && let Some(first) = entries.first()
    {
        let message = match first.key.strip_prefix('-') {
            Some(name) => format!("expected {expected}, found a map: put a space between the dash and {name}"),
            None => format!("expected {expected}, found a map: put a dash and a space before {}", first.key),
        };
        resources.problem(problems, message);
        return None;
    }
    let items = resources.list(problems, expected)?;
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
    if let [(place, [entry])] = &named[..] {
        return Some(place.entry(entry));
    }
    if named.len() == items.len() {
        resources.problem(problems, not_one(named.iter().map(|(_, entries)| entries.len()).sum(), form.moves));
    }
    None
}

/// What is wrong with a list of so many resources.
fn not_one(count: usize, moves: &str) -> String {
    match count {
        0 => "no resource: write one, with Type and Properties".to_owned(),
        1 => "an empty item beside the resource: leave it out".to_owned(),
        2 => format!("two resources: one deployment moves {moves}; make two deployments"),
        more => format!("{more} resources: one deployment moves {moves}; make {more} deployments"),
    }
}
