//! The properties of an alias, in an AppSpec for Lambda (docs/codedeploy-contract.md 2.2).

use super::TargetAlias;
use super::error::Problems;
use super::node::Value;
use super::reader::Field;
use crate::ids::{AliasName, FunctionName, Version};
use crate::warm::Warm;

pub(super) fn read(problems: &mut Problems, place: &Field<'_>) -> Option<TargetAlias> {
    let expected = "a map with Name, Alias, CurrentVersion and TargetVersion";
    let fields = place.fields(problems, expected, &["Name", "Alias", "CurrentVersion", "TargetVersion"])?;
    let function = fields.required(problems, "Name", "the name of the function").and_then(|place| {
        let name = place.text(problems, "the name of the function")?;
        place.named(problems, name, FunctionName::parse)
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
    Some(TargetAlias { function: function?, alias: alias?, current, target: target? })
}

/// `Warm`, our addition: `{Concurrency: 5}`.
pub(super) fn warm(problems: &mut Problems, place: &Field<'_>) -> Option<Warm> {
    const COUNT: &str = "how many executions of the new version are kept ready, such as 5";
    let fields = place.fields(problems, "a map with Concurrency, such as {Concurrency: 5}", &["Concurrency"])?;
    let place = fields.required(problems, "Concurrency", COUNT)?;
    if let Value::Number(text) = &place.node.value
        && let Some(concurrency) = text.parse::<u32>().ok().filter(|count| *count > 0 && count.to_string() == *text)
    {
        return Some(Warm { concurrency });
    }
    let found = place.node.value.found();
    place.problem(problems, format!("expected {COUNT}: a whole number from 1, found {found}"));
    None
}

fn version(problems: &mut Problems, place: &Field<'_>, otherwise: &str) -> Option<Version> {
    match &place.node.value {
        Value::Number(text) | Value::Text(text) => place.checked(problems, Version::parse(text)),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => {
            let found = place.node.value.found();
            place.problem(problems, format!("expected the number of a published version, found {found}{otherwise}"));
            None
        }
    }
}
