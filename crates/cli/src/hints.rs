//! What was probably meant by a line that cannot be read: words of other programs, and words that stand in the wrong place.

use clap::ValueEnum;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::args::{Ended, ListedStatus};

/// The error with a tip, where one is known; it stands in place of what is only spelt alike. `words` are those that were typed.
pub(crate) fn with_tip(mut error: clap::Error, words: &[&str]) -> clap::Error {
    if let Some(tip) = two_words(&error, words).or_else(|| tip(&error)) {
        for alike in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue] {
            error.remove(alike);
        }
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    }
    error
}

fn tip(error: &clap::Error) -> Option<String> {
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => command(named(ContextKind::InvalidSubcommand)?).map(str::to_owned),
        ErrorKind::UnknownArgument => flag(named(ContextKind::InvalidArg)?).map(str::to_owned),
        ErrorKind::InvalidValue => value(named(ContextKind::InvalidArg)?, named(ContextKind::InvalidValue)?),
        _ => None,
    }
}

/// Two target groups that were written as two words.
fn two_words(error: &clap::Error, words: &[&str]) -> Option<String> {
    const FLAG: &str = "--target-groups";
    let at = words.iter().position(|word| *word == FLAG || word.starts_with("--target-groups="))?;
    let (one, rest) = match words[at].split_once('=') {
        Some((_, one)) => (one, words.get(at + 1)),
        None => (*words.get(at + 1)?, words.get(at + 2)),
    };
    let other = *rest.filter(|other| !other.starts_with('-'))?;
    let is_about = match (error.kind(), error.get(ContextKind::InvalidArg)) {
        (ErrorKind::UnknownArgument, Some(ContextValue::String(unknown))) => unknown == other,
        (ErrorKind::ValueValidation, Some(ContextValue::String(flag))) => flag.starts_with(FLAG),
        _ => false,
    };
    let other = other.trim_start_matches(',');
    let one = one.trim_end_matches(',');
    (is_about && !one.contains(','))
        .then(|| format!("the two stand behind one flag, with a comma between them: {FLAG} {one},{other}"))
}

/// What a command of another program is called here.
fn command(typed: &str) -> Option<&'static str> {
    Some(match typed {
        "rollback" | "revert" | "abort" | "cancel" => {
            "tideshift stop ID ends a deployment and puts its traffic back; tideshift undo TARGET goes back from \
             one that has succeeded"
        }
        "create" | "start" | "run" | "release" | "rollout" => "tideshift deploy starts a deployment",
        "preview" | "diff" | "check" | "validate" | "dry-run" => "tideshift plan shows what a deployment would do",
        "show" | "describe" | "get" | "info" => "tideshift status ID shows a deployment",
        "watch" | "follow" | "wait" => "tideshift status ID --watch shows each change until it is over",
        "ls" | "history" | "deployments" => "tideshift list shows deployments, newest first",
        "resume" | "approve" | "promote" | "proceed" => "tideshift continue ID goes on from a step that waits",
        "skip-hold" | "skip" | "advance" | "next" => {
            "tideshift continue ID --skip-hold takes the next step now, instead of holding the weight until its time is over"
        }
        "log" | "tail" | "journal" | "events" => "tideshift logs ID tells what happened to a deployment",
        "fix" | "recover" | "retry" => "tideshift repair ID finishes a deployment that ended as Unresolved",
        "health" | "verify" => "tideshift doctor checks the stack",
        "serve" | "server" => "tideshift proxy serves CodeDeploy's API on this machine",
        _ => return None,
    })
}

/// What does here what a flag of another program does.
fn flag(typed: &str) -> Option<&'static str> {
    Some(match typed.split('=').next().unwrap_or(typed) {
        "--dry-run" | "--dryrun" | "--no-execute" | "--check" => {
            "tideshift plan, with the same flags, shows what would happen"
        }
        "--wait" | "--follow" | "-w" | "-f" => {
            "--watch of deploy and status, and --follow of logs, stay until it is over"
        }
        "--json" | "-o" | "--format" => "write --output json",
        "--region" => "the region is that of AWS_REGION, or of the profile",
        "--profile" => "the profile is that of AWS_PROFILE",
        "--endpoint-url" => "the endpoint is that of AWS_ENDPOINT_URL",
        "--reason" | "--message" | "-m" => "write why with --description",
        "--cluster" => "the cluster is part of the service's name: --service CLUSTER/SERVICE",
        "--rollback" => "traffic is put back unless --no-rollback is written",
        _ => return None,
    })
}

/// Where a word belongs that stands at the wrong flag. Flags are shown with their value's name behind.
fn value(flag: &str, typed: &str) -> Option<String> {
    let is_of = |wanted: &str| flag.split(' ').next() == Some(wanted);
    if is_of("--status") {
        let state = Ended::from_str(typed, true).ok()?.to_possible_value()?;
        return Some(format!("how a deployment ended is asked for with --ended {}", state.get_name()));
    }
    if is_of("--ended") {
        let status = ListedStatus::from_str(typed, true).ok()?.to_possible_value()?;
        return Some(format!("what is not over is asked for with --status {}", status.get_name()));
    }
    None
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use expect_test::expect;

    use super::*;
    use crate::args::Arguments;

    fn tips(line: &str) -> String {
        let words: Vec<&str> = std::iter::once("tideshift").chain(line.split(' ')).collect();
        let told = with_tip(Arguments::try_parse_from(&words).expect_err(line), &words).to_string();
        let tips: Vec<&str> = told.lines().map(str::trim).filter(|line| line.starts_with("tip:")).collect();
        tips.join(" / ")
    }

    #[test]
    fn words_of_other_programs_are_told_what_they_are_called_here() {
        expect![[r#"
            tip: tideshift stop ID ends a deployment and puts its traffic back; tideshift undo TARGET goes back from one that has succeeded
            tip: tideshift continue ID goes on from a step that waits
            tip: tideshift plan, with the same flags, shows what would happen
            tip: --watch of deploy and status, and --follow of logs, stay until it is over
            tip: some similar subcommands exist: 'stop', 'list'"#]].assert_eq(&["rollback", "resume d-1", "deploy --dry-run", "logs -f", "lst"].map(tips).join("\n"));
    }

    #[test]
    fn skip_hold_is_a_flag_of_continue() {
        assert!(tips("skip-hold d-1").contains("tideshift continue ID --skip-hold"));
    }

    #[test]
    fn two_target_groups_that_are_two_words_are_shown_as_one() {
        let tip = "tip: the two stand behind one flag, with a comma between them: --target-groups web-blue,web-green";
        for groups in ["web-blue web-green", "web-blue, web-green", "web-blue ,web-green"] {
            for flag in [" ", "="] {
                let line = format!("plan --task-definition web:2 --target-groups{flag}{groups} --port 80");
                assert_eq!(tips(&line), tip, "{line}");
            }
        }
        assert_eq!(tips("plan --task-definition web:2 --target-groups a,b c"), "");
    }

    #[test]
    fn an_ending_asked_for_as_a_status_is_told_the_right_flag_and_the_other_way_round() {
        expect![[r#"
            tip: how a deployment ended is asked for with --ended rolled-back
            tip: how a deployment ended is asked for with --ended unresolved
            tip: what is not over is asked for with --status in-progress
            tip: a similar value exists: 'ready'"#]]
        .assert_eq(
            &[
                "list --status RolledBack",
                "list --status failed,unresolved",
                "list --ended in-progress",
                "list --status reddy",
            ]
            .map(tips)
            .join("\n"),
        );
    }

    #[test]
    fn more_than_one_status_may_stand_behind_one_flag() {
        for line in
            ["list --status Succeeded,Failed", "list --ended rolledback,STOPPED", "list --status failed --status ready"]
        {
            let words = std::iter::once("tideshift").chain(line.split(' '));
            let crate::args::Command::List(list) = Arguments::try_parse_from(words).expect(line).command else {
                panic!("{line} is a list");
            };
            assert_eq!(list.status.len() + list.ended.len(), 2, "{line}");
        }
    }
}
