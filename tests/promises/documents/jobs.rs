//! Jobs of systems for CI, in which a deploy command stands: it is taken out and run as the job would run it.

use harness::documents::Block;
use harness::{OrStop, stop};

use super::reader::Reader;
use super::terminal::Way;
use crate::action;

/// The version that the jobs' variable stands for.
const VERSION: &str = "2";

/// A deploy command of ours that a job runs, on as many lines as it has there.
fn commands(block: &Block) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in block.text.lines() {
        let line = line.trim().trim_start_matches("- ");
        match commands.last_mut() {
            Some(begun) if goes_on => begun.push_str(&format!("\n{line}")),
            _ if line.starts_with("tideshift ") => commands.push(line.to_owned()),
            _ => continue,
        }
        goes_on = line.ends_with('\\');
    }
    // Buildkite puts in variables of its own before the shell does; two signs leave one to the shell.
    commands.iter().map(|command| command.replace("$$", "$")).collect()
}

impl Reader {
    /// Runs what the job deploys: by a command of ours, or by the action.
    pub(super) async fn run_job(&mut self, block: &Block) {
        let commands = commands(block);
        if commands.is_empty() {
            return self.run_action(block).await;
        }
        for command in commands {
            assert!(command.contains("--watch") && command.contains("\"$VERSION\""), "{}: {command}", block.place());
            self.app.point("1", serde_json::json!({})).await;
            let text = self.filled(block, &command);
            let said = self.terminal.run(&format!("export VERSION={VERSION}\n{text}")).await;
            assert!(said.out.contains(" Succeeded\n"), "{}: {said:?}", block.place());
            self.went_well(&block.place(), said);
            assert_eq!(self.app.alias().await, VERSION, "{}", block.place());
        }
    }

    /// Runs the script of the action with the inputs that the job gives it.
    async fn run_action(&mut self, block: &Block) {
        let text = self.filled(block, &block.text.replace("…/tideshift/action@…", "./action"));
        let job = action::yaml(&text).await;
        let steps = job["jobs"]["deploy"]["steps"].as_array().or_stop("the steps of the job");
        let step = steps.iter().find(|step| step["uses"] == "./action");
        let step = step.unwrap_or_else(|| stop(&format!("{}: nothing deploys", block.place())));
        let inputs = step["with"].as_object().or_stop("its inputs").iter();
        let value = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.replace("${{ inputs.version }}", VERSION),
            other => other.to_string(),
        };
        let inputs: Vec<(String, String)> = inputs.map(|(name, given)| (name.clone(), value(given))).collect();
        self.app.point("1", serde_json::json!({})).await;
        let mut line = String::new();
        for (variable, given) in action::environment(&inputs).await {
            line.push_str(&format!("export {variable}='{given}'\n"));
        }
        line.push_str(&format!("bash '{}'", harness::stack::root().join("action/deploy.sh").display()));
        let said = self.terminal.begin(&line, Way::Here).await.ended().await;
        self.went_well(&block.place(), said);
        assert_eq!(self.app.alias().await, VERSION, "{}", block.place());
    }
}
