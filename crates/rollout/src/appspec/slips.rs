//! What a text was probably meant to be: slips of form that everybody makes once, recognized for what they are.

use crate::text::{placeholder, unfilled};

use super::node::{Entry, Node, Value};

/// What is wrong with a text near a line where its form breaks, and on which line; `None` where it is no slip that is known. Lines
/// count from 1.
pub(super) fn of_form(text: &str, line: usize, json: bool) -> Option<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let here = lines.get(line - 1).copied().unwrap_or_default();
    let before = (0..line - 1).rev().find_map(|index| {
        let written = lines.get(index)?;
        (!is_blank(written)).then_some((index + 1, *written))
    });
    if let Some(opened) = open_quote(&lines, line) {
        return Some((opened, "a quote is opened and not closed: close it, on the same line".to_owned()));
    }
    if json {
        return in_json(text, here).map(|what| (line, what));
    }
    let after = lines.get(line).copied().unwrap_or_default();
    let is_tabbed = |near: &str| near.trim_start_matches(' ').starts_with('\t');
    if let Some(tabbed) = [here, after].iter().position(|near| is_tabbed(near)) {
        return Some((line + tabbed, "indent with spaces, not with tabs".to_owned()));
    }
    if here.trim_start().starts_with("```") {
        return Some((line, "a fence of Markdown stands here: leave it out, and the one at the end".to_owned()));
    }
    of_a_word(line, here, before).or_else(|| of_indentation(&lines, line, before?))
}

/// What is wrong with what stands on a line or on the one before it.
fn of_a_word(line: usize, here: &str, before: Option<(usize, &str)>) -> Option<(usize, String)> {
    // The parser finds a missing colon one line later.
    for (number, near) in [Some((line, here)), before].into_iter().flatten() {
        if let Some(placeholder) = placeholder(near) {
            return Some((number, unfilled(placeholder)));
        }
        if let Some(start) = reserved(near) {
            return Some((number, format!("a value that begins with {start} needs quotes around it")));
        }
        if let Some(key) = without_colon(near) {
            return Some((number, format!("no colon after {key}: write `{key}: `, with a space behind the colon")));
        }
    }
    if let Some(key) = without_comma(here) {
        return Some((line, format!("a comma is missing before {key}")));
    }
    if here.split(": ").count() > 2 {
        return Some((line, "two colons: put the value in quotes, or each key on a line of its own".to_owned()));
    }
    None
}

/// How a line is indented that does not fit the one before it.
fn of_indentation(lines: &[&str], line: usize, before: (usize, &str)) -> Option<(usize, String)> {
    let here = lines.get(line - 1).copied().unwrap_or_default();
    let (number, above) = before;
    let (own, of_above) = (indent(here), indent(above));
    if own > of_above
        && let Some(item) = above.trim().strip_prefix("- ")
        && let Some(key) = without_colon(item)
    {
        return Some((number, format!("no colon after {key}: write `- {key}:`")));
    }
    let parent = (0..number - 1).rev().find_map(|index| lines.get(index).filter(|written| !is_blank(written)));
    let is_item = above.trim_start().starts_with('-');
    if own > of_above && has_value(above) && !is_item && parent.is_some_and(|line| awaits_value(line, of_above)) {
        let what = format!("indented less than what it belongs to: indent it like line {line}");
        return Some((number, what));
    }
    if own > of_above && has_value(above) {
        let what = format!("indented further than line {number}, which has a value already: indent both alike");
        return Some((line, what));
    }
    let mut earlier = lines.iter().take(line - 1).filter(|written| !is_blank(written));
    if own < of_above && !earlier.any(|written| starts_at(written, own)) {
        let what =
            format!("indented by {own} spaces, and no line above it is: indent it like the lines it belongs beside");
        return Some((line, what));
    }
    None
}

fn in_json(text: &str, here: &str) -> Option<String> {
    let count = |wanted: char| text.chars().filter(|c| *c == wanted).count();
    for (open, close) in [('{', '}'), ('[', ']')] {
        if count(open) > count(close) {
            return Some(format!("a {open} is not closed: a {close} is missing"));
        }
    }
    let squeezed: String = here.chars().filter(|c| !c.is_whitespace()).collect();
    // Behind a value a colon, a comma or an end must come.
    let bare = ["\"\"", "}\"", "]\"", "}{"].iter().any(|pair| squeezed.contains(pair));
    bare.then(|| "a comma is missing between two members".to_owned())
}

fn is_blank(line: &str) -> bool {
    let text = line.trim();
    text.is_empty() || text.starts_with('#')
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Whether a line, or what follows its dash, begins there.
fn starts_at(line: &str, column: usize) -> bool {
    let own = indent(line);
    let behind_dash = line.trim_start_matches(' ').strip_prefix('-').map(|rest| own + 1 + indent(rest));
    own == column || behind_dash == Some(column)
}

/// Whether a line is a key without a value, in that column: what belongs to it stands further right.
fn awaits_value(line: &str, column: usize) -> bool {
    split(line).is_some_and(|(_, value)| value.is_empty()) && starts_at(line, column)
}

/// The key of a line and what stands behind its colon.
fn split(line: &str) -> Option<(&str, &str)> {
    let text = line.trim().trim_start_matches("- ");
    let text = text.split(" #").next().unwrap_or(text).trim_end();
    text.strip_suffix(':').map(|key| (key, "")).or_else(|| text.split_once(": "))
}

fn has_value(line: &str) -> bool {
    split(line).is_some_and(|(_, value)| !value.trim().is_empty())
}

/// The word of a line that should be its key: `Type AWS::Lambda::Function`, `Resources`, `Name:storefront`.
fn without_colon(line: &str) -> Option<&str> {
    let text = line.trim();
    if text.is_empty() || text.starts_with(['-', '#', '{', '[', '"', '\'']) || split(line).is_some() {
        return None;
    }
    let word = text.split([' ', ':']).next().filter(|word| !word.is_empty())?;
    word.chars().all(|c| c.is_ascii_alphanumeric()).then_some(word)
}

/// The key that follows a value without a comma between braces: `{ContainerName: web ContainerPort: 80}`.
fn without_comma(line: &str) -> Option<&str> {
    let (_, inside) = line.split_once('{')?;
    inside.split([',', '{', '}']).find_map(|member| {
        let (_, value) = member.split_once(": ")?;
        let (before, _) = value.split_once(": ")?;
        before.rsplit_once(' ').map(|(_, key)| key)
    })
}

/// The character a value begins with that YAML keeps for itself.
fn reserved(line: &str) -> Option<char> {
    let (_, value) = split(line)?;
    value.trim_start().chars().next().filter(|c| matches!(c, '@' | '`' | '%'))
}

/// The first line up to `last` with a quote that is open at its end.
fn open_quote(lines: &[&str], last: usize) -> Option<usize> {
    let is_open = |line: &&str| {
        let mut open = None;
        let mut escaped = false;
        let mut before = ' ';
        for c in line.chars() {
            match open {
                // A quote opens where a value or a key begins; within a word it is an apostrophe.
                None if matches!(c, '"' | '\'') && matches!(before, ' ' | '[' | '{' | ',' | ':') => open = Some(c),
                None if c == '#' && before == ' ' => break,
                Some('"') if escaped => escaped = false,
                Some('"') if c == '\\' => escaped = true,
                Some(quote) if c == quote => open = None,
                _ => {}
            }
            before = c;
        }
        open.is_some()
    };
    lines.iter().take(last).position(is_open).map(|index| index + 1)
}

/// Whether it is a function of CloudFormation's, written as a map.
pub(super) fn is_template_function(value: &Value) -> bool {
    match value {
        Value::Map(entries) => {
            matches!(&entries[..], [Entry { key, .. }] if key == "Ref" || key.starts_with("Fn::"))
        }
        _ => false,
    }
}

/// What a text as a whole is, where it is something else than an AppSpec: the key that shows it, and its name.
pub(super) fn other_document(root: &Node) -> Option<(&Entry, &'static str)> {
    const KINDS: [(&str, &str); 5] = [
        ("AWSTemplateFormatVersion", "a template of CloudFormation"),
        ("Transform", "a template of SAM"),
        ("containerDefinitions", "a task definition"),
        ("phases", "a buildspec of CodeBuild"),
        ("StartAt", "a state machine"),
    ];
    let Value::Map(entries) = &root.value else { return None };
    let named = |key: &str| entries.iter().find(|entry| entry.key.eq_ignore_ascii_case(key));
    let marked = KINDS.into_iter().find_map(|(key, kind)| named(key).map(|entry| (entry, kind)));
    marked.or_else(|| {
        let resources = named("Resources")?;
        let Value::Map(resources) = &resources.node.value else { return None };
        let is_sam = |entry: &&Entry| match &entry.node.value {
            Value::Map(members) => members.iter().any(|member| {
                member.key == "Type"
                    && matches!(&member.node.value, Value::Text(kind) if kind.starts_with("AWS::Serverless::"))
            }),
            _ => false,
        };
        resources.iter().find(is_sam).map(|entry| (entry, "a template of SAM"))
    })
}

/// What a text is that uses tags of YAML, as templates of CloudFormation do and nothing else here.
pub(super) fn tagged_document(text: &str) -> Option<&'static str> {
    let begins = |key: &str| text.lines().any(|line| line.starts_with(key));
    match () {
        () if begins("Transform:") || text.contains("AWS::Serverless::") => Some("a template of SAM"),
        () if begins("AWSTemplateFormatVersion:") => Some("a template of CloudFormation"),
        () => None,
    }
}

/// Where a key belongs that stands somewhere else, and how to get it there.
pub(super) fn place_of(key: &str) -> Option<&'static str> {
    const PLACES: [(&str, &[&str]); 5] = [
        ("stands at the beginning of a line, beside version", &["Resources", "Hooks", "Strategy"]),
        ("belongs into the resource: indent it further than the resource's name", &["Type", "Properties"]),
        (
            "belongs into Properties: indent it further than that",
            &["Name", "Alias", "CurrentVersion", "TargetVersion", "TaskDefinition", "LoadBalancerInfo"],
        ),
        ("belongs into LoadBalancerInfo: indent it further than that", &["ContainerName", "ContainerPort"]),
        (
            "belongs into the event: indent it further than the event's name",
            &["Function", "Timeout", "Parameters", "KeepOutput"],
        ),
    ];
    PLACES
        .into_iter()
        .find_map(|(place, keys)| keys.iter().any(|known| known.eq_ignore_ascii_case(key)).then_some(place))
}

/// The tool that a key is meant for, beside AWS's own.
pub(super) fn other_tool(key: &str) -> Option<&'static str> {
    (key == "branch_config").then_some("the GitHub action webfactory/create-aws-codedeploy-deployment")
}
