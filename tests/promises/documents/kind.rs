//! What a block of a document is, and so what is done with it.

use harness::documents::Block;

/// What a reader replaces by something of their own.
const MARKS: [&str; 6] = ["…", "d-A1B2C3D4E", "111122223333", "eu-west-1", "subnet-", "sg-"];

/// Each block is of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Lines for a shell, typed as they stand.
    Typed,
    /// Lines for a shell in which something of the reader's own is put, and which are then typed.
    Form,
    /// The project's own tasks. They build for minutes: each is asked for its help, with the flags that are written.
    Task,
    /// What nobody but an AWS account can run. The parameters of the stack it names are held against the template.
    Account,
    /// An AppSpec. It is read by the core, kept as `appspec.yaml`, and planned.
    AppSpec,
    /// What CreateDeployment, or an execution, is sent. It is kept as `request.json`.
    Request,
    /// The code of a hook. It is made a function.
    Hook,
    /// A reader's own template, with a hook in it. It is transformed as `sam` does, and the hook made as it says.
    Template,
    /// What the command before it prints: the same words, values aside.
    Output,
    /// An action of a pipeline. A pipeline is made of it, and run, with `request.json` in the artifact.
    Action,
    /// Steps of a workflow of GitHub. Its own lines are looked at; what the action does with them is played by `clients_ecs`.
    Workflow,
    /// A job of a system for CI. What it deploys is taken out and run.
    Job,
    /// An action that calls the function for jobs of pipelines. Its names are held against what is written about them; `pipelines` plays it.
    LambdaAction,
    /// `UserParameters` of such an action. They are read by the core.
    Parameters,
}

/// The kinds, for whoever has written a block of none.
const KINDS: &str = "
- sh: lines to type, filled in where they have …, d-A1B2C3D4E, an account or a network of the reader's own;
- sh: nothing but `cargo` lines, each a task of this project with its flags;
- sh: nothing but `sam` lines, which need an account;
- yaml that begins with `version:`, an AppSpec;
- yaml that begins with `Resources:`, a template with a hook;
- yaml that begins with `- Name:`, an action of a pipeline;
- yaml that begins with `- run:`, steps of a workflow;
- yaml that begins with `on:`, `deploy:` or `steps:`, or groovy that begins with `pipeline {`: a job that deploys;
- yaml that begins with `- Name:` and has `Provider: Lambda`, an action that calls the function for jobs;
- yaml that begins with `applicationName:`, the UserParameters of one;
- json with a `revision`, a request;
- python with a `handler`, a hook;
- text, what the command before it prints.";

impl Kind {
    /// The kind of a block; without one, what is wrong and which there are.
    pub(crate) fn of(block: &Block) -> Result<Self, String> {
        let is_form = MARKS.iter().any(|mark| block.text.contains(mark));
        let commands = block.commands();
        let all = |word: &str| commands.iter().all(|command| command.starts_with(word));
        let any = |word: &str| commands.iter().any(|command| command.starts_with(word));
        match block.language.as_str() {
            "sh" if all("cargo ") => Ok(Self::Task),
            "sh" if all("sam ") => Ok(Self::Account),
            "sh" if any("cargo ") || any("sam ") => Err("its lines are of more than one kind: make it two blocks"),
            "sh" if is_form => Ok(Self::Form),
            "sh" => Ok(Self::Typed),
            "yaml" if block.text.starts_with("version:") => Ok(Self::AppSpec),
            "yaml" if block.text.starts_with("Resources:") => Ok(Self::Template),
            "yaml" if block.text.starts_with("- Name:") && block.text.contains("Provider: Lambda") => {
                Ok(Self::LambdaAction)
            }
            "yaml" if block.text.starts_with("- Name:") => Ok(Self::Action),
            "yaml" if block.text.starts_with("- run:") => Ok(Self::Workflow),
            "yaml" if ["on:", "deploy:", "steps:"].iter().any(|word| block.text.starts_with(word)) => Ok(Self::Job),
            "groovy" if block.text.starts_with("pipeline {") => Ok(Self::Job),
            "yaml" if block.text.starts_with("applicationName:") => Ok(Self::Parameters),
            "json" if block.text.contains("\"revision\"") => Ok(Self::Request),
            "python" if block.text.contains("def handler(event, context):") => Ok(Self::Hook),
            "text" => Ok(Self::Output),
            _ => Err("it is of no kind that there is"),
        }
        .map_err(|wrong| format!("{}: a block of `{}`, and {wrong}. There are:{KINDS}", block.place(), block.language))
    }
}

/// What only some programs of these names have: those of GNU.
const OF_GNU: [&str; 6] = ["sed -i", "sed -r", "date -d", "grep -P", "readlink -f", "timeout "];

/// What is read otherwise on a Mac: by zsh, in which nothing begins a comment that is typed and which looks for files by these
/// signs; or by programs that are not GNU's.
pub(crate) fn misread(command: &str) -> Option<&'static str> {
    if OF_GNU.iter().any(|words| format!(" {command}").contains(&format!(" {words}"))) {
        return Some("an option of GNU's programs");
    }
    if command.contains("<<'END'") {
        return None;
    }
    let outside = command.replace("\\\n", " ");
    let outside: String = outside.split('\'').step_by(2).collect::<Vec<_>>().join("''");
    let outside: String = outside.split('"').step_by(2).collect::<Vec<_>>().join("\"\"");
    match outside {
        text if text.contains(" #") || text.starts_with('#') => Some("a comment"),
        text if text.contains(['[', ']', '*', '?', '(', ')']) && !text.contains("$(") => Some("a pattern for files"),
        _ => None,
    }
}
