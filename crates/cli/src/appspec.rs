//! Where the AppSpec comes from: a file, stdin, or the flags. Only the rim is checked here (is there a text, is it of a sane size);
//! what it says is for the stack to judge.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::{Value, json};

use crate::args::{HookSettings, What};
use crate::failure::Failure;

/// The most an AppSpec may have; what CodeDeploy takes is far less.
const LIMIT: u64 = 1024 * 1024;

/// The AppSpec's text.
pub(crate) fn content(what: &What) -> Result<String, Failure> {
    match &what.appspec {
        Some(path) if path == Path::new("-") => read("stdin", io::stdin().lock()),
        Some(path) => {
            let name = path.display().to_string();
            let file = File::open(path).map_err(|error| {
                Failure::Usage(format!(
                    "cannot read the AppSpec {name}: {error}; --appspec takes a file, or - for stdin"
                ))
            })?;
            read(&name, file)
        }
        None => from_flags(what).map(|appspec| appspec.to_string()),
    }
}

fn read(name: &str, source: impl Read) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    source.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|error| {
        Failure::Usage(format!("cannot read the AppSpec {name}: {error}; --appspec takes a file, or - for stdin"))
    })?;
    if bytes.len() as u64 > LIMIT {
        return Err(Failure::Usage(format!("the AppSpec {name} has more than 1 MiB: is it the right file?")));
    }
    String::from_utf8(bytes)
        .map_err(|_| Failure::Usage(format!("the AppSpec {name} is not UTF-8 text: is it the right file?")))
}

/// The AppSpec that says what the flags say.
fn from_flags(what: &What) -> Result<Value, Failure> {
    let mut appspec = match &what.service.task_definition {
        Some(task_definition) => Value::Object(what.service.appspec(task_definition, what.group.is_some())?),
        None => alias(what),
    };
    let events = [
        ("BeforeInstall", &what.service.before_install_hook),
        ("AfterInstall", &what.service.after_install_hook),
        ("AfterAllowTestTraffic", &what.service.test_hook),
        ("BeforeAllowTraffic", &what.before_hook),
        ("AfterAllowTraffic", &what.after_hook),
    ];
    let hooks: Vec<Value> = events
        .into_iter()
        .filter_map(|(event, function)| function.as_ref().map(|function| json!({event: hook(function, &what.hooks)})))
        .collect();
    if !hooks.is_empty() {
        appspec["Hooks"] = Value::Array(hooks);
    }
    if let Some(steps) = &what.steps {
        appspec["Strategy"] = steps.strategy();
    }
    Ok(appspec)
}

/// The AppSpec of an alias, without what both platforms have.
fn alias(what: &What) -> Value {
    let mut properties = json!({"Name": what.function, "Alias": what.alias, "TargetVersion": what.to_version});
    if let Some(from) = &what.from_version {
        properties["CurrentVersion"] = json!(from);
    }
    let mut appspec = json!({
        "version": 0.0,
        "Resources": [{"Target": {"Type": "AWS::Lambda::Function", "Properties": properties}}],
    });
    if let Some(concurrency) = what.warm {
        appspec["Warm"] = json!({"Concurrency": concurrency});
    }
    appspec
}

/// A hook in CodeDeploy's own form, unless something is asked for that only ours can say.
fn hook(function: &str, settings: &HookSettings) -> Value {
    if settings.timeout.is_none() && settings.parameters.is_empty() {
        return json!(function);
    }
    let mut hook = json!({"Function": function});
    if let Some(timeout) = &settings.timeout {
        hook["Timeout"] = json!(timeout);
    }
    if !settings.parameters.is_empty() {
        hook["Parameters"] = json!(settings.parameters);
    }
    hook
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_appspec_is_sent_as_it_is_written() {
        let text = "version: 0.0\n# a comment\n";
        assert_eq!(read("app.yaml", text.as_bytes()).expect("small text"), text);
    }

    #[test]
    fn what_is_no_appspec_at_all_never_leaves_the_machine() {
        let told = |result: Result<String, Failure>| result.expect_err("not an AppSpec").to_string();
        assert_eq!(told(read("a", io::repeat(b'x'))), "the AppSpec a has more than 1 MiB: is it the right file?");
        assert_eq!(told(read("a", &b"\xff\xfe"[..])), "the AppSpec a is not UTF-8 text: is it the right file?");
    }
}
