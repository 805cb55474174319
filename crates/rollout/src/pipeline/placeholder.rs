//! `<NAME>`: what stands for a value that only the pipeline knows (docs/codedeploy-contract.md 10.3).

use std::collections::BTreeMap;

/// What placeholders stand for, by name.
pub(super) type Values = BTreeMap<String, String>;

/// What stands for the task definition in an AppSpec.
pub const TASK_DEFINITION: &str = "TASK_DEFINITION";

/// Whether a name can be a placeholder's: anything else between `<` and `>` is left alone.
pub(super) fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    !name.is_empty() && name.chars().all(plain)
}

/// The names of the placeholders of a text, as often as they stand there.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(name, _)| name).filter(|name| is_name(name))
}

/// A text with its placeholders filled: every occurrence of a name that is known. What is put in is not looked at again.
pub(super) fn filled(text: &str, values: &Values) -> String {
    let mut parts = text.split('<');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('>').and_then(|(name, rest)| Some((values.get(name)?, rest))) {
            Some((value, rest)) => {
                filled.push_str(value);
                filled.push_str(rest);
            }
            None => {
                filled.push('<');
                filled.push_str(part);
            }
        }
    }
    filled
}

/// What is said of a name that nobody has declared.
pub(super) fn undeclared(name: &str, values: &Values) -> String {
    let declared: Vec<String> = values.keys().map(|name| format!("<{name}>")).collect();
    let declared = if declared.is_empty() { "none".to_owned() } else { declared.join(", ") };
    format!(
        "nobody has declared <{name}>: name it in Image1ContainerName to Image4ContainerName, with the artifact that has the image, or \
         write the value (declared: {declared})"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_occurrence_of_a_known_name_is_filled_and_nothing_else_is_touched() {
        let values = Values::from([("APP".into(), "<SIDE>".into()), ("SIDE".into(), "repo/side:2".into())]);
        for (text, expected) in [
            ("<APP>", "<SIDE>"),
            ("a <APP> b <SIDE><SIDE>", "a <SIDE> b repo/side:2repo/side:2"),
            ("1 < 2 > 1", "1 < 2 > 1"),
            ("<app> <OTHER> <", "<app> <OTHER> <"),
            ("<<SIDE>>", "<repo/side:2>"),
        ] {
            assert_eq!(filled(text, &values), expected, "{text}");
        }
        assert_eq!(names("<A> < B> <B-C> <B_2><> <c>").collect::<Vec<_>>(), ["A", "B_2"]);
    }
}
