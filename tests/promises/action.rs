//! The action for GitHub against the stack: its own scripts, with inputs as the runner hands them over; and what a job of GitHub is told.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use codedeploy::view::Outcome;
use harness::app::App;
use harness::deployment::{Deployment, Subject as _};
use harness::ours::{self, Told as _};
use harness::shop::Shop;
use harness::stack::{program, root};
use harness::{OrStop, stop, story};
use local::sample::service::{CLUSTER, CONTAINER, CONTAINER_PORT};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::clients_boto3::{both, python, stock};
use crate::clients_services::named_as_aws_expects;

/// Reads YAML.
const READ: &str = "import json, sys, yaml; print(json.dumps(yaml.load(sys.argv[1], yaml.BaseLoader)))";

/// A document of YAML, each of its values as text.
pub(crate) async fn yaml(text: &str) -> Value {
    let said = stock(python().await).await.args(["-c", READ, text]).output().await.or_stop("Python runs");
    serde_json::from_slice(&said.stdout).or_stop(&both(&said))
}

/// What the runner sets for the step that deploys: every input by its variable, given or by its default.
pub(crate) async fn environment(given: &[(String, String)]) -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("action/action.yml")).or_stop("the action");
    let action = yaml(&text).await;
    for (name, _) in given {
        assert!(action["inputs"][name].is_object(), "the action has no input {name}");
    }
    let steps = action["runs"]["steps"].as_array().or_stop("its steps").clone();
    let deploy = steps.into_iter().find(|step| step["id"] == "deploy").or_stop("the step that deploys");
    let variables = deploy["env"].as_object().or_stop("its variables").clone();
    let value = |expression: &Value| {
        let name = expression.as_str().and_then(|text| text.strip_prefix("${{ inputs.")?.strip_suffix(" }}"));
        let name = name.or_stop("an input");
        let of_job = given.iter().find(|(input, _)| input == name).map(|(_, value)| value.clone());
        of_job.unwrap_or_else(|| action["inputs"][name]["default"].as_str().unwrap_or_default().to_owned())
    };
    variables.iter().map(|(name, expression)| (name.clone(), value(expression))).collect()
}

/// A step of a job of GitHub, in a folder of its own.
struct Step {
    folder: TempDir,
}

/// What became of one.
struct Done {
    code: i32,
    log: String,
    outputs: String,
    summary: String,
}

impl Step {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().or_stop("a folder") }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// A script of the action, or `tideshift`, with the files of a runner.
    async fn command(&self, of: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = stock(of).await;
        let folder = program("tideshift").parent().or_stop("a folder").display().to_string();
        command
            .env("PATH", format!("{folder}:{}", std::env::var("PATH").unwrap_or_default()))
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_WORKSPACE", self.folder.path())
            .env("GITHUB_OUTPUT", self.path("outputs"))
            .env("GITHUB_STEP_SUMMARY", self.path("summary"))
            .env("GITHUB_PATH", self.path("paths"))
            .env("RUNNER_TEMP", self.folder.path())
            .env("GITHUB_ACTION_PATH", root().join("action"))
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    async fn done(&self, mut command: Command) -> Done {
        let said = command.output().await.or_stop("the step runs");
        let file = |name: &str| fs::read_to_string(self.path(name)).unwrap_or_default();
        let code = said.status.code().unwrap_or(-1);
        Done { code, log: both(&said), outputs: file("outputs"), summary: file("summary") }
    }

    /// The action's own step with these inputs.
    async fn deploy(&self, inputs: &[(&str, &str)]) -> Done {
        let command = self.deploying(inputs).await;
        self.done(command).await
    }

    async fn deploying(&self, inputs: &[(&str, &str)]) -> Command {
        let given: Vec<(String, String)> =
            inputs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut command = self.command("bash").await;
        command.arg(root().join("action/deploy.sh")).envs(environment(&given).await);
        command
    }

    /// Puts a program of this name before that of the machine: the folder for the path.
    async fn shadow(&self, name: &str, script: &str) -> std::path::PathBuf {
        let folder = self.path("before");
        fs::create_dir_all(&folder).or_stop("a folder");
        fs::write(folder.join(name), script).or_stop("a file");
        let made = Command::new("chmod").arg("+x").arg(folder.join(name)).status().await.or_stop("chmod");
        assert!(made.success());
        folder
    }

    async fn install(&self, inputs: &[(&str, &str)], path: &Path) -> Done {
        let mut command = self.command("bash").await;
        let path = format!("{}:{}", path.display(), std::env::var("PATH").unwrap_or_default());
        command.arg(root().join("action/install.sh")).envs(inputs.iter().copied()).env("PATH", path);
        self.done(command).await
    }
}

/// An output of a step, as the runner reads it: the last of its name.
fn output(done: &Done, name: &str) -> Option<String> {
    let mut lines = done.outputs.lines();
    let mut found = None;
    while let Some(line) = lines.next() {
        let (key, end) = line.split_once("<<").unwrap_or_else(|| stop(&format!("{line} begins no output")));
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
        if key == name {
            found = Some(value.join("\n"));
        }
    }
    found
}

#[test]
fn the_action_deploys_a_function_and_tells_later_steps_what_became_of_it() {
    story(async {
        let (app, step) = (App::new().await, Step::new());
        let alarm = app.alarm("errors").await;
        let done = step
            .deploy(&[
                ("function-name", &app.name),
                ("alias", "live"),
                ("version", "2"),
                ("codedeploy-deployment-config", "Canary10Percent3Seconds"),
                ("codedeploy-deployment-description", "'; touch forged; $(touch forged) --watch"),
                ("alarms", &format!("\n  {alarm}  \n\n")),
                ("wait-for-minutes", "30"),
            ])
            .await;
        assert_eq!(done.code, 0, "{}", done.log);
        assert_eq!(app.alias().await, "2", "{}", done.log);
        assert!(!step.path("forged").exists(), "an input is a word and no command");
        let id = output(&done, "deployment-id").or_stop("the deployment's id");
        let told =
            ["status", "from-version", "to-version", "target"].map(|name| output(&done, name).unwrap_or_default());
        assert_eq!(told, ["Succeeded", "1", "2", &format!("{}:live", app.name)]);
        let view = ours::describe(&id).await;
        assert_eq!(view.plan.or_stop("a plan").alarms, [alarm]);
        assert_eq!(view.description.as_deref(), Some("'; touch forged; $(touch forged) --watch"));
        assert!(done.log.contains("::notice title=") && done.log.contains("::group::Plan: "), "{}", done.log);
        assert!(done.summary.contains("| Outcome | **Succeeded** |"), "{}", done.summary);
    });
}

#[test]
fn a_rollback_fails_the_job_with_an_annotation_a_summary_and_no_word_of_a_hook_that_the_runner_obeys() {
    story(async {
        let (app, step) = (App::new().await, Step::new());
        let fails =
            "print('::error::forged')\nprint('##[add-mask]forged')\nraise Exception('::add-mask::forged ##[error]')";
        let hook = app.hook("failing", fails).await;
        let done = step.deploy(&[("function-name", &app.name), ("version", "2"), ("after-hook", &hook)]).await;
        assert_eq!((done.code, app.alias().await.as_str()), (10, "1"), "{}", done.log);
        let obeyed = |line: &&str| line.trim_start().starts_with("::") || line.contains("##[");
        let heard: Vec<&str> = done.log.lines().filter(obeyed).collect();
        let ours = ["::group::", "::endgroup::", "::error title=", "::notice title=", "::warning title="];
        let forged: Vec<_> = heard.iter().filter(|line| !ours.iter().any(|begin| line.starts_with(begin))).collect();
        assert!(forged.is_empty(), "{forged:#?}");
        assert!(
            heard.iter().any(|line| line.starts_with("::error title=") && line.contains("RolledBack")),
            "{heard:#?}"
        );
        let quoted = done.log.lines().filter(|line| line.contains("| ::error::forged")).count();
        assert!(quoted > 0, "the last lines of the hook's log are shown: {}", done.log);
        assert_eq!(output(&done, "status").as_deref(), Some("RolledBack"));
        for told in
            ["| Outcome | **RolledBack** |", "| Traffic | everything on version 1 |", "| AfterAllowTraffic | Failed |"]
        {
            assert!(done.summary.contains(told), "{told} in {}", done.summary);
        }
    });
}

#[test]
fn a_wrong_appspec_is_annotated_at_its_line_and_files_that_cannot_be_written_fail_nothing() {
    story(async {
        let (app, step) = (App::new().await, Step::new());
        let wrong = "version: 0.0\nResources:\n  - f:\n      Typ: AWS::Lambda::Function\n";
        fs::write(step.path("appspec.yaml"), wrong).or_stop("a file");
        let done = step.deploy(&[("codedeploy-appspec", "appspec.yaml")]).await;
        assert_eq!(done.code, 2, "{}", done.log);
        assert!(done.log.contains("::error file=appspec.yaml,line="), "{}", done.log);

        let mut command = step.command(program("tideshift")).await;
        command.args(["deploy", "--function", &app.name, "--alias", "live", "--to-version", "2", "--watch"]);
        command.env("GITHUB_OUTPUT", "/nowhere/outputs").env("GITHUB_STEP_SUMMARY", step.folder.path());
        let done = step.done(command).await;
        assert_eq!(done.code, 0, "{}", done.log);
        for file in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
            assert!(
                done.log.contains(&format!("::warning title=tideshift::cannot write the file that {file} names")),
                "{}",
                done.log
            );
        }
    });
}

#[test]
fn what_the_action_does_not_wait_for_goes_on_and_nonsense_is_refused() {
    story(async {
        let (app, step) = (App::new().await, Step::new());
        let inputs = [
            ("function-name", app.name.as_str()),
            ("version", "2"),
            ("steps", "10:30m"),
            ("wait-for-service-stability", "false"),
        ];
        let done = step.deploy(&inputs).await;
        assert_eq!(done.code, 0, "{}", done.log);
        let deployment = Deployment { id: output(&done, "deployment-id").or_stop("its id"), app: app.clone() };
        deployment.until_weight(10).await;
        deployment.stop(None).await;
        let view = deployment.ended().await;
        assert_eq!(view.end().0, Some(Outcome::RolledBack));
        for (inputs, says) in [
            (&[][..], "write what to deploy"),
            (
                &[("function-name", "f"), ("version", "2"), ("wait-for-minutes", "1; touch forged")],
                "a whole number of minutes",
            ),
            (&[("function-name", "f"), ("version", "2"), ("wait-for-service-stability", "yes")], "true or false"),
        ] {
            let done = step.deploy(inputs).await;
            assert!(done.code == 2 && done.log.contains(says), "{says}: {} {}", done.code, done.log);
        }
    });
}

#[test]
fn a_wait_that_takes_too_long_ends_the_step_and_not_the_deployment() {
    story(async {
        let (app, step) = (App::new().await, Step::new());
        // Time is over as soon as there is a deployment.
        let over = "#!/bin/sh\nuntil [ -s \"$GITHUB_OUTPUT\" ]; do /bin/sleep 0.05; done\n";
        let folder = step.shadow("sleep", over).await;
        let inputs =
            [("function-name", app.name.as_str()), ("version", "2"), ("steps", "10:30m"), ("wait-for-minutes", "7")];
        let mut command = step.deploying(&inputs).await;
        let ours = program("tideshift").parent().or_stop("a folder").display().to_string();
        command.env("PATH", format!("{}:{ours}:{}", folder.display(), std::env::var("PATH").unwrap_or_default()));
        let done = step.done(command).await;
        assert_eq!(done.code, 130, "{}", done.log);
        let deployment = Deployment { id: output(&done, "deployment-id").or_stop("its id"), app: app.clone() };
        deployment.until_weight(10).await;
        deployment.stop(None).await;
        deployment.ended().await;
    });
}

#[test]
fn every_flag_that_the_action_passes_is_one_of_deploys() {
    story(async {
        let script = fs::read_to_string(root().join("action/deploy.sh")).or_stop("the script");
        let help = Command::new(program("tideshift")).args(["deploy", "--help"]).output().await.or_stop("its help");
        let help = both(&help);
        let flags: Vec<&str> = script
            .split_whitespace()
            .map(|word| word.trim_matches(['(', ')']))
            .filter(|word| word.starts_with("--"))
            .collect();
        assert!(flags.len() > 15, "{flags:?}");
        for flag in flags {
            assert!(help.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|word| word == flag), "{flag}");
        }
    });
}

#[test]
fn what_is_installed_is_what_its_sum_says_or_nothing() {
    story(async {
        let step = Step::new();
        // In the place of curl: it writes where it is told, and asks nobody.
        let curl =
            "#!/bin/sh\nwhile [ \"$1\" != --output ]; do shift; done\nprintf '#!/bin/sh\\necho mine\\n' > \"$2\"\n";
        let folder = step.shadow("curl", curl).await;
        let sum = "36ee8e8cde63b5bb1ca9a2f2b2b5a0e8b1c9b0c1d7d3c8a6f7e1d2c3b4a59687";
        let source = ("INPUT_SOURCE", "https://downloads.example/tideshift");
        let done = step.install(&[source, ("INPUT_SHA256", sum)], &folder).await;
        assert!(
            done.code == 2 && done.log.contains("what was downloaded is not what sha256 says: it is "),
            "{}",
            done.log
        );
        assert!(!step.path("tideshift/bin/tideshift").exists() && !step.path("paths").exists());
        let (_, found) = done.log.split_once("it is ").or_stop("the sum");
        let done = step.install(&[source, ("INPUT_SHA256", found.trim())], &folder).await;
        assert_eq!(done.code, 0, "{}", done.log);
        let said = Command::new(step.path("tideshift/bin/tideshift")).output().await.or_stop("it runs");
        assert_eq!(both(&said).trim(), "mine");
        let paths = fs::read_to_string(step.path("paths")).or_stop("the path of later steps");
        assert_eq!(paths.trim(), step.path("tideshift/bin").display().to_string());
        for (inputs, says) in [
            (&[source][..], "needs its sha256"),
            (&[("INPUT_SOURCE", "http://downloads.example/tideshift"), ("INPUT_SHA256", sum)], "begins with https"),
        ] {
            let done = step.install(inputs, &folder).await;
            assert!(done.code == 2 && done.log.contains(says), "{says}: {}", done.log);
        }
    });
}

#[test]
fn the_action_deploys_a_service_where_its_inputs_or_its_deployment_group_say() {
    story(async {
        let (by_listener, by_group) = (Shop::new().await, Shop::new().await);
        named_as_aws_expects(&by_group).await;
        let port = CONTAINER_PORT.to_string();
        let groups = format!("{0}-blue,{0}-green", by_listener.name());
        let place = [
            ("target-groups", groups.as_str()),
            ("listener", &by_listener.sample.production_listener),
            ("test-listener", &by_listener.sample.test_listener),
        ];
        for (shop, place) in [(&by_listener, &place[..]), (&by_group, &[])] {
            let definition = shop.sample.definition(2);
            let mut inputs = vec![("task-definition", definition.as_str()), ("container-name", CONTAINER)];
            inputs.extend([("service", shop.name()), ("cluster", CLUSTER), ("container-port", &port)]);
            inputs.extend(place);
            let step = Step::new();
            let done = step.deploy(&inputs).await;
            assert_eq!(done.code, 0, "{}", done.log);
            assert_eq!(shop.revisions().await, ["2"], "{}", done.log);
            assert_eq!(output(&done, "target"), Some(format!("{CLUSTER}/{}", shop.name())));
        }
        let step = Step::new();
        fs::write(step.path("taskdef.json"), "{}").or_stop("a file");
        let done = step.deploy(&[("task-definition", "taskdef.json"), ("service", "web")]).await;
        assert!(done.code == 2 && done.log.contains("register it in a step before"), "{}", done.log);
    });
}
