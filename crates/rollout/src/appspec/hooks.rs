//! The hooks of an AppSpec: CodeDeploy's form (an event and a function), and ours with a timeout, parameters and what is kept of its
//! words.

use super::error::Problems;
use super::node::{Entry, Value};
use super::reader::{Field, unknown};
use super::{Hook, Hooks, MAX_HOOK_TIMEOUT, MAX_PARAMETERS, Output};
use crate::event::LifecycleEvent;
use crate::ids::{HookFunction, ParameterName};
use crate::platform::Platform;
use crate::seconds::Seconds;

/// Reads the hooks. What is wrong with one of them is noted, and the others are read all the same.
pub(super) fn read(problems: &mut Problems, place: &Field<'_>, platform: Platform) -> Hooks {
    let mut hooks = Hooks::default();
    let expected = "a list such as - BeforeAllowTraffic: function-name";
    let events: Vec<LifecycleEvent> = platform.row().events.iter().copied().filter(|event| event.is_hook()).collect();
    let names: Vec<&str> = events.iter().map(|event| event.as_str()).collect();
    let mut seen: Vec<(LifecycleEvent, usize)> = Vec::new();
    for (at, entry) in entries(problems, place, expected) {
        let known = events.iter().find(|event| event.as_str().eq_ignore_ascii_case(&entry.key));
        let Some(event) = known.copied() else {
            at.problem(problems, no_event(&entry.key, &names, platform));
            continue;
        };
        if let Some((_, first)) = seen.iter().find(|(earlier, _)| *earlier == event) {
            at.problem(problems, format!("written twice, first on line {first}: an event calls one function"));
            continue;
        }
        seen.push((event, entry.line));
        if let Some(hook) = hook(problems, &at) {
            hooks.insert(event, hook);
        }
    }
    hooks
}

/// The events with their functions: a list of maps of one each, as CodeDeploy has it; of several, or one map of all, as people
/// write it where no event can be there twice.
fn entries<'a>(problems: &mut Problems, place: &Field<'a>, expected: &str) -> Vec<(Field<'a>, &'a Entry)> {
    let items = match &place.node.value {
        Value::Map(_) => vec![place.clone()],
        _ => {
            let items = place.list(problems, expected).unwrap_or_default();
            items.iter().enumerate().map(|(index, item)| place.item(index, item)).collect()
        }
    };
    let mut entries = Vec::new();
    for item in items {
        let found = item.map(problems, "an event and its function, such as BeforeAllowTraffic: function-name");
        entries.extend(found.unwrap_or_default().iter().map(|entry| (item.entry(entry), entry)));
    }
    entries
}

/// Says which events call a function instead of `key`.
fn no_event(key: &str, names: &[&str], platform: Platform) -> String {
    let own = platform.row().events.iter().find(|event| event.as_str().eq_ignore_ascii_case(key));
    match own {
        Some(event) => format!("{event} is our own work and calls no function; known here: {}", names.join(", ")),
        None => unknown(key, names, platform).replace("unknown key", "unknown event"),
    }
}

fn hook(problems: &mut Problems, place: &Field<'_>) -> Option<Hook> {
    if !matches!(place.node.value, Value::Map(_)) {
        return function(problems, place).map(Hook::new);
    }
    let fields = place.fields(problems, "a map", &["Function", "Timeout", "Parameters", "KeepOutput"])?;
    let function = fields
        .required(problems, "Function", "the name or ARN of the function")
        .and_then(|place| function(problems, &place));
    let timeout = fields.get("Timeout").map(|place| timeout(problems, &place));
    let parameters = fields.get("Parameters").map(|place| parameters(problems, &place));
    let output = fields.get("KeepOutput").map(|place| output(problems, &place));
    let mut hook = Hook::new(function?);
    if let Some(timeout) = timeout {
        hook.timeout = timeout?;
    }
    hook.parameters = parameters.unwrap_or_default();
    hook.output = output.unwrap_or_default();
    Some(hook)
}

fn output(problems: &mut Problems, place: &Field<'_>) -> Output {
    match &place.node.value {
        Value::Bool(written) if written.eq_ignore_ascii_case("true") => Output::Kept,
        Value::Bool(written) if written.eq_ignore_ascii_case("false") => Output::Withheld,
        Value::Bool(_) | Value::Null | Value::Number(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => {
            place.wrong(
                problems,
                "true, where nothing that the function returns, throws or logs is secret, or false, where only its status may be \
                 kept",
            );
            Output::Withheld
        }
    }
}

fn function(problems: &mut Problems, place: &Field<'_>) -> Option<HookFunction> {
    let is_empty = match &place.node.value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        _ => false,
    };
    if is_empty {
        let message = "the Lambda function name cannot be null or empty: write a function, or leave the event out";
        place.problem(problems, message);
        return None;
    }
    if matches!(&place.node.value, Value::List(_)) {
        let message = format!(
            "a list stands here, as of the scripts in an AppSpec for EC2/on-premises: for {} an event calls one Lambda function, \
             so write its name",
            place.platform
        );
        place.problem(problems, message);
        return None;
    }
    let name = place.text(problems, "the name or ARN of a function")?;
    place.named(problems, name, HookFunction::parse)
}

fn timeout(problems: &mut Problems, place: &Field<'_>) -> Option<Seconds> {
    let time = length_of_time(problems, place)?;
    if time.is_zero() || time > MAX_HOOK_TIMEOUT {
        let message = format!("a timeout of {time}: write 1s to {}h", MAX_HOOK_TIMEOUT.0 / Seconds::HOUR.0);
        place.problem(problems, message);
        return None;
    }
    Some(time)
}

/// A length of time, as a number of seconds or as text.
pub(super) fn length_of_time(problems: &mut Problems, place: &Field<'_>) -> Option<Seconds> {
    match &place.node.value {
        Value::Number(text) | Value::Text(text) => place.checked(problems, Seconds::parse(text)),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => {
            place.wrong(problems, "a length of time, such as 90, 90s, 5m, 1h30m or 2d");
            None
        }
    }
}

fn parameters(problems: &mut Problems, place: &Field<'_>) -> Vec<ParameterName> {
    let items = place.list(problems, "a list of SSM parameter names, such as [/shop/db/password]").unwrap_or_default();
    if items.len() > MAX_PARAMETERS {
        place.problem(problems, format!("{} parameters: a hook is handed at most {MAX_PARAMETERS}", items.len()));
        return Vec::new();
    }
    let mut names = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let item = place.item(index, item);
        let Some(text) = item.text(problems, "the name of an SSM parameter") else {
            continue;
        };
        let Some(name) = item.checked(problems, ParameterName::parse(text)) else {
            continue;
        };
        if names.contains(&name) {
            item.problem(problems, "written twice: name a parameter once");
        } else {
            names.push(name);
        }
    }
    names
}
