//! What the documents name and no reader types: each program is asked whether it knows it.

use std::collections::BTreeSet;

use harness::documents::{Document, Span, documents};
use harness::stack::{program, root};
use harness::{OrStop, story};
use serde_json::{Value, json};
use tokio::process::Command;

use super::kind::Kind;
use crate::clients_boto3::{both, python, stock};

/// Options that the prose names and that are another program's.
const OF_OTHERS: [(&str, &str); 1] = [("--endpoint-url", "aws")];

/// What a program says of itself, or of a command, where it knows all these words.
async fn help(name: &str, words: &[&str]) -> Result<String, String> {
    let said = Command::new(program(name)).args(words).arg("--help").output().await.or_stop(name);
    if said.status.success() { Ok(both(&said)) } else { Err(both(&said)) }
}

/// The same of a line of a document: `tideshift …` or `cargo xtask …`.
async fn help_on(line: &str) -> Result<String, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match &words[..] {
        ["cargo", "xtask", words @ ..] => help("xtask", words).await,
        ["tideshift", words @ ..] => help("tideshift", words).await,
        // The one package that is installed.
        ["cargo", "install", "--locked", "--path", path] if root().join(path).join("Cargo.toml").exists() => {
            Ok(String::new())
        }
        _ => Err("nobody knows this program".to_owned()),
    }
}

fn spans_of(documents: &[Document]) -> Vec<Span> {
    documents.iter().flat_map(Document::spans).collect()
}

#[test]
fn every_command_that_the_documents_name_is_one_with_the_options_it_is_named_with() {
    story(async {
        let documents = documents();
        let spans = spans_of(&documents).into_iter().map(|span| (span.place, span.text));
        let tasks =
            documents.iter().flat_map(|document| &document.blocks).filter(|block| Kind::of(block) == Ok(Kind::Task));
        let tasks = tasks.flat_map(|block| block.commands().into_iter().map(|command| (block.place(), command)));
        let named =
            spans.chain(tasks).filter(|(_, text)| ["tideshift ", "cargo "].iter().any(|word| text.starts_with(word)));
        let (mut asked, mut wrong) = (BTreeSet::new(), Vec::new());
        for (place, line) in named {
            if asked.insert(line.clone())
                && let Err(said) = help_on(&line).await
            {
                wrong.push(format!("{place}: {line}: {said}"));
            }
        }
        assert!(asked.len() > 12, "{asked:?}");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn a_workflow_starts_the_proxy_as_it_is_started_and_sends_both_services_to_it() {
    story(async {
        let documents = documents();
        let blocks = documents.iter().flat_map(|document| &document.blocks);
        let workflows: Vec<&str> =
            blocks.filter(|block| Kind::of(block) == Ok(Kind::Workflow)).map(|block| block.text.as_str()).collect();
        assert!(!workflows.is_empty());
        let port = proxys_port().await;
        for text in workflows {
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let ours = lines.iter().find(|line| line.starts_with("tideshift ")).or_stop("a line of ours");
            let line = ours.split(" >").next().unwrap_or_default();
            help_on(line).await.or_stop(line);
            for variable in ["AWS_ENDPOINT_URL_ECS", "AWS_ENDPOINT_URL_CODEDEPLOY"] {
                assert!(
                    lines.contains(&format!("{variable}: http://127.0.0.1:{port}").as_str()),
                    "{variable} in {text}"
                );
            }
        }
    });
}

/// Where the proxy listens unless it is told otherwise, by its help.
async fn proxys_port() -> String {
    let said = help("tideshift", &["proxy"]).await.or_stop("its help");
    let (_, after) = said.split_once("[default: ").or_stop("a default");
    after.split(']').next().unwrap_or_default().to_owned()
}

#[test]
fn every_option_that_the_documents_name_is_one() {
    story(async {
        let mut known = String::new();
        for (name, commands) in [
            ("tideshift", &["deploy", "plan", "status", "list", "logs", "stop", "continue", "undo"][..]),
            ("tideshift", &["group", "repair", "proxy"]),
            ("xtask", &["demo", "local", "bench", "layer", "machines"]),
        ] {
            for command in commands {
                known.push_str(&help(name, &[command]).await.or_stop(command));
            }
        }
        let known: BTreeSet<&str> = known.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').collect();
        let spans = spans_of(&documents());
        let options = spans.iter().filter(|span| span.text.starts_with("--"));
        let name = |span: &&Span| span.text.split_whitespace().next().unwrap_or_default().to_owned();
        let is_known =
            |option: &str| known.contains(option) || OF_OTHERS.iter().any(|(of_other, _)| *of_other == option);
        let unknown: Vec<_> = options.filter(|span| !is_known(&name(span))).collect();
        assert!(unknown.is_empty(), "{unknown:#?}");
    });
}

#[test]
fn each_task_of_the_readmes_table_takes_the_options_and_names_that_stand_beside_it() {
    story(async {
        let documents = documents();
        let readme = documents.first().or_stop("the README");
        let rows = readme.rows("More");
        assert!(rows.len() >= 6, "{rows:?}");
        for row in &rows {
            let [task, what] = &row[..] else { harness::stop(&format!("two cells: {row:?}")) };
            let said = help_on(task.trim_matches('`')).await.or_stop(task);
            let named = what.split('`').skip(1).step_by(2).filter_map(|span| span.split_whitespace().next());
            for word in named.filter(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-')) {
                // A program that is named in passing.
                assert!(word == "sam" || said.contains(word), "{task}: {word} is not in\n{said}");
            }
        }
    });
}

#[test]
fn the_exit_codes_of_the_documents_are_those_of_the_command() {
    story(async {
        let said = help("tideshift", &[]).await.or_stop("tideshift");
        let codes = said.lines().skip_while(|line| !line.starts_with("Exit codes:")).skip(1);
        let codes = codes.map_while(|line| line.split_whitespace().next()?.parse::<u8>().ok());
        let documents = documents();
        let deploying = documents.iter().find(|document| document.name == "docs/deploying.md").or_stop("a chapter");
        let rows = deploying.rows("Exit codes");
        let written = rows.iter().map(|row| row[0].parse::<u8>().or_stop("a code"));
        // What only `doctor` ends with is told below the others.
        assert!(
            said.contains("`doctor` ends with 0 if all is as it should be, 1 if something should be seen to"),
            "{said}"
        );
        assert_eq!(written.filter(|code| *code != 1).collect::<Vec<_>>(), codes.collect::<Vec<_>>());
    });
}

#[test]
fn the_port_of_the_documents_is_the_one_the_proxy_takes() {
    story(async {
        let spans = spans_of(&documents());
        let endpoints: BTreeSet<&str> =
            spans.iter().filter_map(|span| span.text.split("http://127.0.0.1:").nth(1)).collect();
        let [port] = Vec::from_iter(endpoints)[..] else { harness::stop("one port in all documents") };
        assert_eq!(port, proxys_port().await);
    });
}

/// Says which of these lines the AWS CLI does not know, and the first word that it does not.
const AWS: &str = "\
import json, sys
from awscli.clidriver import create_clidriver

def unknown(line):
    place = create_clidriver()
    for word in (word for word in line.split()[1:] if not word.startswith('-')):
        table = place.create_help_command().command_table
        if word not in table:
            return word
        place = table[word]
    known = getattr(place, 'arg_table', {})
    flags = [word for word in line.split() if word.startswith('--')]
    return next((flag for flag in flags if flag[2:] not in known), None)

print(json.dumps([f'{line}: {word}' for line in json.loads(sys.argv[1]) if (word := unknown(line))]))
";

#[test]
fn every_command_of_aws_that_the_documents_name_is_one() {
    story(async {
        let spans = spans_of(&documents());
        let lines: BTreeSet<&str> =
            spans.iter().map(|span| span.text.as_str()).filter(|text| text.starts_with("aws ")).collect();
        assert!(lines.len() >= 3, "{lines:?}");
        let said = stock(python().await).await.args(["-c", AWS, &json!(lines).to_string()]).output().await;
        let said = said.or_stop("Python runs");
        let unknown: Value = serde_json::from_slice(&said.stdout).or_stop(&both(&said));
        assert_eq!(unknown, json!([]));
    });
}
