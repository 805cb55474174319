//! An AppSpec for Lambda, from the tree (contract 2.2).

use super::error::Problems;
use super::node::{Value, load};
use super::reader::Place;
use super::{AppSpec, AppSpecErrors, Hooks, hooks, strategy};
use crate::ids::{AliasName, FunctionName, Version, quoted};

const TYPE: &str = "AWS::Lambda::Function";

pub(super) fn read(text: &str) -> Result<AppSpec, AppSpecErrors> {
    let root = load(text)?;
    let mut problems = Problems::default();
    let appspec = top(&mut problems, &Place::root(&root));
    problems.or(appspec)
}

/// What a resource says.
struct Target {
    function: FunctionName,
    alias: AliasName,
    current: Option<Version>,
    target: Version,
}

fn top(problems: &mut Problems, root: &Place<'_>) -> Option<AppSpec> {
    if is_for_hosts(problems, root) {
        return None;
    }
    let known = &["version", "Resources", "Hooks", "Strategy"];
    let fields = root.fields(problems, "a map with version and Resources", known)?;
    if let Some(version) = fields.required(problems, "version", "version: 0.0") {
        format_version(problems, &version);
    }
    let resources = fields.required(problems, "Resources", "a list with the function to move");
    let target = match resources.map(|resources| resource(problems, &resources)) {
        Some(Resource::OtherPlatform) => return None,
        Some(Resource::Read(target)) => Some(target),
        Some(Resource::Refused) | None => None,
    };
    let hooks = match fields.get("Hooks") {
        Some(place) => hooks::read(problems, &place),
        None => Hooks::default(),
    };
    let strategy = fields.get("Strategy").and_then(|place| strategy::read(problems, &place));
    let Target { function, alias, current, target } = target?;
    Some(AppSpec { function, alias, current, target, hooks, strategy })
}

/// Whether this is an AppSpec for hosts as a whole. Then nothing else need be said about it.
fn is_for_hosts(problems: &mut Problems, root: &Place<'_>) -> bool {
    let Value::Map(entries) = &root.node.value else {
        return false;
    };
    let find = |keys: &[&str]| entries.iter().find(|entry| keys.iter().any(|key| key.eq_ignore_ascii_case(&entry.key)));
    match (find(&["Resources"]), find(&["os", "files"])) {
        (None, Some(entry)) => {
            let message = "this is an AppSpec for EC2/on-premises, and this deployment is for Lambda: write version, Resources \
                           with the function to move, and Hooks";
            problems.add(entry.line, entry.key.clone(), message);
            true
        }
        _ => false,
    }
}

fn format_version(problems: &mut Problems, place: &Place<'_>) {
    let known = match &place.node.value {
        // Some JSON writers know no 0.0 and write 0.
        Value::Number(number) => number.parse::<f64>().is_ok_and(|number| number == 0.0),
        Value::Text(text) => text == "0.0",
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => false,
    };
    if !known {
        place.wrong(problems, "0.0, the one version of the AppSpec format");
    }
}

enum Resource {
    Read(Target),
    Refused,
    OtherPlatform,
}

fn resource(problems: &mut Problems, resources: &Place<'_>) -> Resource {
    let expected = "a list with one resource, such as - Storefront: with Type and Properties in it";
    let Some(items) = resources.list(problems, expected) else {
        return Resource::Refused;
    };
    let named: Vec<_> = items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| {
            let place = resources.item(index, item);
            let entries = place.map(problems, "a map from the resource's name to its Type and Properties")?;
            Some((place, entries))
        })
        .collect();
    let count: usize = named.iter().map(|(_, entries)| entries.len()).sum();
    let [(place, [entry])] = &named[..] else {
        if named.len() == items.len() {
            resources.problem(
                problems,
                match count {
                    0 => "no resource: write one, with Type and Properties".to_owned(),
                    1 => "an empty item beside the resource: leave it out".to_owned(),
                    2 => "two resources: one deployment moves one alias; make two deployments".to_owned(),
                    more => format!("{more} resources: one deployment moves one alias; make {more} deployments"),
                },
            );
        }
        return Resource::Refused;
    };
    let known = &["Type", "Properties"];
    let Some(fields) = place.entry(entry).fields(problems, "a map with Type and Properties", known) else {
        return Resource::Refused;
    };
    if let Some(kind) = fields.required(problems, "Type", TYPE)
        && let Some(text) = kind.text(problems, TYPE)
        && text != TYPE
    {
        if text.starts_with("AWS::ECS::") {
            kind.problem(
                problems,
                format!(
                    "this is an AppSpec for ECS, and this deployment is for Lambda: write {TYPE} with the properties \
                     Name, Alias, CurrentVersion and TargetVersion"
                ),
            );
            return Resource::OtherPlatform;
        }
        kind.problem(problems, format!("expected {TYPE}, found {}", quoted(text)));
    }
    fields
        .required(problems, "Properties", "a map with Name, Alias, CurrentVersion and TargetVersion")
        .and_then(|place| properties(problems, &place))
        .map_or(Resource::Refused, Resource::Read)
}

fn properties(problems: &mut Problems, place: &Place<'_>) -> Option<Target> {
    let expected = "a map with Name, Alias, CurrentVersion and TargetVersion";
    let fields = place.fields(problems, expected, &["Name", "Alias", "CurrentVersion", "TargetVersion"])?;
    let function = fields.required(problems, "Name", "the name of the function").and_then(|place| {
        let name = place.text(problems, "the name of the function")?;
        place.checked(problems, FunctionName::parse(name))
    });
    let alias = fields.required(problems, "Alias", "the alias to move, such as live").and_then(|place| {
        let name = place.text(problems, "the name of an alias, such as live")?;
        place.checked(problems, AliasName::parse(name))
    });
    let current = fields
        .get("CurrentVersion")
        .map(|place| version(problems, &place, "; leave CurrentVersion out to start from where the alias is"));
    let target = fields
        .required(problems, "TargetVersion", "the version to move to, such as 2")
        .and_then(|place| version(problems, &place, ""));
    let current = match current {
        Some(version) => Some(version?),
        None => None,
    };
    Some(Target { function: function?, alias: alias?, current, target: target? })
}

fn version(problems: &mut Problems, place: &Place<'_>, otherwise: &str) -> Option<Version> {
    match &place.node.value {
        Value::Number(text) | Value::Text(text) => place.checked(problems, Version::parse(text)),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => {
            let found = place.node.value.found();
            place.problem(problems, format!("expected the number of a published version, found {found}{otherwise}"));
            None
        }
    }
}
