//! `#{namespace.name}` in the values of a configuration.

use std::collections::BTreeMap;

use super::declaration::Action;
use super::shape::is_of_variables;

/// The namespace of what every execution has.
pub(super) const OF_EXECUTION: &str = "codepipeline";
/// The namespace of a pipeline's own variables.
pub(super) const OF_PIPELINE: &str = "variables";

/// Values by namespace and name.
pub(super) type Known = BTreeMap<String, BTreeMap<String, String>>;

/// The references of a text: what stands between the braces.
pub(super) fn references(text: &str) -> impl Iterator<Item = &str> {
    text.split("#{").skip(1).filter_map(|rest| rest.split_once('}').map(|(inner, _)| inner))
}

/// A reference as namespace and name; `None` where it is none.
pub(super) fn split(reference: &str) -> Option<(&str, &str)> {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(is_of_variables);
    reference.split_once('.').filter(|(namespace, name)| is_name(namespace) && is_name(name))
}

/// A configuration with its variables filled in; or the first reference that nothing is known of.
pub(super) fn resolved(action: &Action, known: &Known) -> Result<BTreeMap<String, String>, String> {
    let fill = |(key, value): (&String, &String)| Ok((key.clone(), filled(value, known)?));
    action.configuration.iter().map(fill).collect()
}

fn filled(text: &str, known: &Known) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("#{") {
        let Some((reference, behind)) = after.split_once('}') else { break };
        let value = split(reference).and_then(|(namespace, name)| known.get(namespace)?.get(name));
        filled.push_str(before);
        filled.push_str(value.ok_or_else(|| format!("#{{{reference}}}"))?);
        rest = behind;
    }
    Ok(filled + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let values = [("VersionId".to_owned(), "7".to_owned()), ("ETag".to_owned(), "abc".to_owned())];
        BTreeMap::from([("source".to_owned(), BTreeMap::from(values))])
    }

    #[test]
    fn every_reference_of_a_text_is_filled_in() {
        let text = r##"{"a": "#{source.VersionId}", "b": "#{source.ETag}/#{source.VersionId}", "c": "# {x}"}"##;
        assert_eq!(filled(text, &known()), Ok(r##"{"a": "7", "b": "abc/7", "c": "# {x}"}"##.to_owned()));
        assert_eq!(references(text).collect::<Vec<_>>(), ["source.VersionId", "source.ETag", "source.VersionId"]);
    }

    #[test]
    fn a_reference_that_nothing_is_known_of_is_told() {
        assert_eq!(filled("#{source.Nothing}", &known()), Err("#{source.Nothing}".to_owned()));
        assert_eq!(filled("#{nobody.VersionId}", &known()), Err("#{nobody.VersionId}".to_owned()));
        assert_eq!(split("no-namespace"), None);
    }
}
