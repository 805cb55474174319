//! What was typed wrongly, told as everything else is: with JSON, one document on stdout.

use std::ffi::OsStr;

use clap::error::{ContextKind, ContextValue};
use serde_json::{Value, json};

/// The code of an error document about the command line itself.
pub(crate) const WRONG_USAGE: &str = "WrongUsage";

/// Whether an answer in JSON was asked for. The line could not be read, so the words are looked at one by one.
pub(crate) fn wants_json<'a>(words: impl IntoIterator<Item = &'a OsStr>) -> bool {
    let mut words = words.into_iter().take_while(|word| word.to_str() != Some("--")).peekable();
    let mut wanted = false;
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--output") => wanted = words.peek().is_some_and(|format| format.to_str() == Some("json")),
            Some(word) => wanted = word.strip_prefix("--output=").map_or(wanted, |format| format == "json"),
            None => {}
        }
    }
    wanted
}

/// The error without what nobody typed: of a flag that goes with none of a group's, clap names all of the group.
pub(crate) fn as_typed(mut error: clap::Error, words: &[&str]) -> clap::Error {
    let is_typed = |shown: &String| {
        let flag = shown.split([' ', '=']).next().unwrap_or_default();
        words.iter().any(|word| word.split('=').next() == Some(flag))
    };
    if let Some(ContextValue::Strings(shown)) = error.get(ContextKind::PriorArg) {
        let typed: Vec<String> = shown.iter().filter(|shown| is_typed(shown)).cloned().collect();
        if !typed.is_empty() {
            error.insert(ContextKind::PriorArg, ContextValue::Strings(typed));
        }
    }
    error
}

/// The error as a document: what is wrong, without the usage lines that stand below it on a terminal.
pub(crate) fn document(error: &clap::Error) -> Value {
    let told = error.to_string();
    let lines =
        told.lines().take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"));
    let message = in_one_line(lines);
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    json!({"error": {"code": WRONG_USAGE, "message": message}})
}

/// Lines of a terminal as sentences of one line: what is listed below a colon with commas, what stands apart with a semicolon.
fn in_one_line<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut told = String::new();
    let mut apart = true;
    for line in lines {
        let words = line.trim();
        if words.is_empty() {
            apart = true;
            continue;
        }
        told.push_str(match told.chars().last() {
            None => "",
            Some(':') => " ",
            Some(_) if words.starts_with('[') => " ",
            Some(_) if apart || words.starts_with("tip:") || !line.starts_with(' ') => "; ",
            Some(_) => ", ",
        });
        told.push_str(words);
        apart = false;
    }
    told
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use expect_test::expect;

    use super::*;
    use crate::args::Arguments;
    use crate::hints;

    fn wrong(line: &str) -> String {
        let words: Vec<&str> = std::iter::once("tideshift").chain(line.split(' ')).collect();
        let error = hints::with_tip(as_typed(Arguments::try_parse_from(&words).expect_err(line), &words), &words);
        format!("{} {}", error.exit_code(), document(&error))
    }

    #[test]
    fn of_flags_that_do_not_go_together_those_are_named_that_were_typed() {
        expect![[r#"
            2 {"error":{"code":"WrongUsage","message":"the argument '--appspec <FILE>' cannot be used with: --service <CLUSTER/SERVICE>, --task-definition <FAMILY:REVISION>"}}
            2 {"error":{"code":"WrongUsage","message":"the argument '--appspec <FILE>' cannot be used with: --alias <ALIAS>, --steps <STEPS>, --function <FUNCTION>, --to-version <VERSION>"}}"#]].assert_eq(
            &[
                "plan --appspec a.yaml --service shop/web --task-definition web:2",
                "plan --appspec=a.yaml --alias=live --steps=10:5m --function=f --to-version=2",
            ]
            .map(wrong)
            .join("\n"),
        );
    }

    #[test]
    fn a_flag_that_cannot_be_is_one_document() {
        expect![[r#"
            2 {"error":{"code":"WrongUsage","message":"the following required arguments were not provided: <ID|TARGET>"}}
            2 {"error":{"code":"WrongUsage","message":"invalid value '0' for '--limit <N>': 0 is not in 1..=4294967295"}}
            2 {"error":{"code":"WrongUsage","message":"the following required arguments were not provided: --alias <ALIAS>, --to-version <VERSION>"}}
            2 {"error":{"code":"WrongUsage","message":"unrecognized subcommand 'lst'; tip: some similar subcommands exist: 'stop', 'list'"}}
            2 {"error":{"code":"WrongUsage","message":"unrecognized subcommand 'rollback'; tip: tideshift stop ID ends a deployment and puts its traffic back; tideshift undo TARGET goes back from one that has succeeded"}}
            2 {"error":{"code":"WrongUsage","message":"invalid value 'done' for '--status <STATUS>' [possible values: created, queued, in-progress, ready, succeeded, failed, stopped]"}}"#]].assert_eq(
            &["status --output json", "list --limit 0 --output json", "plan --function f --output=json", "lst", "rollback", "list --status done"]
                .map(wrong)
                .join("\n"),
        );
    }

    #[test]
    fn json_is_wanted_wherever_the_flag_stands() {
        let wants = |line: &str| wants_json(line.split(' ').map(OsStr::new));
        for line in ["--output json lst", "list --output=json --limt", "--output text --output json"] {
            assert!(wants(line), "{line}");
        }
        for line in
            ["list", "--output", "--output text", "--output json --output text", "-- --output json", "list json"]
        {
            assert!(!wants(line), "{line}");
        }
    }
}
