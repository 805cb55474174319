//! What the README and the chapters of `docs` tell a reader to type.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use harness::app::App;
use harness::deployment::Deployment;
use harness::stack::{program, root};
use harness::{OrStop, eventually, story};
use rollout::appspec;
use rollout::ids::Site;

use crate::clients_boto3::{python, stock};

/// The name of the sample function that documents deploy. Here it is one of the story's own.
const SAMPLE: &str = "storefront";

/// A fenced block of a document.
struct Block {
    document: String,
    language: String,
    text: String,
}

/// The blocks of all documents, in order.
fn blocks() -> Vec<Block> {
    let mut documents: Vec<PathBuf> = fs::read_dir(root().join("docs"))
        .or_stop("docs")
        .map(|entry| entry.or_stop("an entry of docs").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    documents.sort();
    documents.insert(0, root().join("README.md"));
    documents.iter().flat_map(blocks_of).collect()
}

fn blocks_of(path: &PathBuf) -> Vec<Block> {
    let text = fs::read_to_string(path).or_stop("a document");
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let fenced = text.split("\n```").skip(1).step_by(2);
    fenced
        .map(|block| {
            let (language, text) = block.split_once('\n').or_stop("a block has lines");
            Block { document: name.clone().into_owned(), language: language.to_owned(), text: text.to_owned() }
        })
        .collect()
}

impl Block {
    /// Whether a reader has to put something of their own in, or needs an account or a build for it: it says what to write, and
    /// cannot be typed as it stands.
    fn is_a_form(&self) -> bool {
        ["…", "d-A1B2C3D4E", "cargo ", "sam ", "tideshift proxy"].iter().any(|mark| self.text.contains(mark))
    }

    /// The command lines of it, each on one line.
    fn commands(&self) -> Vec<String> {
        let joined = self.text.replace("\\\n", " ");
        joined.lines().map(|line| line.split("   #").next().unwrap_or_default().trim().to_owned()).collect()
    }
}

/// The blocks of one document that can be typed as they stand.
fn typed(document: &str) -> Vec<String> {
    let all = blocks().into_iter();
    let typed = all.filter(|block| block.document == document && block.language == "sh" && !block.is_a_form());
    typed.map(|block| block.text).collect()
}

/// Types it into a shell, with the story's own function in place of the sample.
async fn type_in(app: &App, text: &str) -> Output {
    let folder = tempfile::tempdir().or_stop("a folder");
    let of_ours = program("tideshift");
    let of_python = python().await;
    let paths = [of_ours.parent(), of_python.parent()].map(|path| path.or_stop("a folder").display().to_string());
    let path = format!("{}:{}", paths.join(":"), std::env::var("PATH").unwrap_or_default());
    let output = stock("bash")
        .await
        .env("PATH", path)
        .env("AWS_PAGER", "")
        .args(["-euo", "pipefail", "-c", &text.replace(SAMPLE, &app.name)])
        .current_dir(folder.path())
        .output();
    output.await.or_stop("bash runs")
}

#[track_caller]
fn went_well(output: &Output) {
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}{}", output.status, said(&output.stdout), said(&output.stderr));
}

#[test]
fn the_readmes_first_deployment_goes_as_it_is_written() {
    story(async {
        let app = App::new().await;
        let [deploys, alarm, fires] = &typed("README.md")[..] else {
            harness::stop("the README has three such blocks")
        };
        went_well(&type_in(&app, deploys).await);
        assert_eq!(app.alias().await, "2");
        let begun = type_in(&app, alarm).await;
        went_well(&begun);
        let id = String::from_utf8_lossy(&begun.stdout).lines().last().or_stop("an id").to_owned();
        let holds = async || (app.alias().await != "2").then_some(());
        eventually(holds).await.or_stop("the canary never holds");
        went_well(&type_in(&app, fires).await);
        let stopped = Deployment { id, app: app.clone() };
        assert_eq!(stopped.outcome().await, ("RolledBack".to_owned(), "ALARM_ACTIVE".to_owned()));
        assert_eq!(app.alias().await, "2");
    });
}

#[test]
fn the_session_of_aws_deploy_goes_as_it_is_written() {
    story(async {
        let app = App::new().await;
        went_well(&type_in(&app, &typed("codedeploy.md").join("\n")).await);
        let at_home = async || (app.alias().await == "2").then_some(());
        eventually(at_home).await.or_stop("the stopped deployment never goes back");
    });
}

#[test]
fn every_command_line_of_the_documents_has_flags_that_there_are() {
    story(async {
        let app = App::new().await;
        let mut lines = Vec::new();
        for block in blocks().iter().filter(|block| block.language == "sh") {
            let ours =
                block.commands().into_iter().filter(|line| line.starts_with("tideshift ") && !line.ends_with('&'));
            lines.extend(ours);
        }
        assert!(lines.len() > 15, "{lines:#?}");
        for line in lines {
            // With `--help` at the end a line is read, and nothing is done.
            let line = format!("{} --help", line.replace(['[', ']'], ""));
            went_well(&type_in(&app, &line).await);
        }
    });
}

#[test]
fn every_appspec_of_the_documents_is_one() {
    let site = Site { partition: "aws".to_owned(), region: "eu-west-1".to_owned(), account: "111122223333".to_owned() };
    let mut count = 0;
    for block in blocks().iter().filter(|block| block.language == "yaml" && block.text.starts_with("version:")) {
        let platform = appspec::platform(&block.text).or_stop("a platform");
        if let Err(errors) = appspec::parse(&block.text, platform, &site) {
            harness::stop(&format!("{}: {errors}", block.document));
        }
        count += 1;
    }
    assert_eq!(count, 2);
}
