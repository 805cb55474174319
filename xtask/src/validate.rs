//! Holds the deployable files against what they are made of, and against the tools that know them: the SAM CLI, cfn-lint, and
//! cfn-lint's schema of the states language.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use crate::machines;

/// Validates `template.yaml` and the state machines in it.
pub(crate) async fn validate(root: &Path) -> Result<(), String> {
    machines::check(root)?;
    let python = local::python::ensure_package_venv(root, &|line| eprintln!("{line}")).await.map_err(chain)?;
    run(tool(&python, "sam", root)?.args(["validate", "--lint"])).await?;
    run(tool(&python, "cfn-lint", root)?.arg("template.yaml")).await?;
    // The state machines are files of their own, which neither of them reads: they are put into the template for them.
    let plain = local::provision::plain_template(&python, root).await.map_err(chain)?;
    let file = root.join(".tideshift/template.json");
    std::fs::write(&file, plain).map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    run(tool(&python, "cfn-lint", root)?.arg(&file)).await
}

/// A program of the packaging's Python, with its neighbours first in the path.
pub(crate) fn tool(python: &Path, name: &str, root: &Path) -> Result<Command, String> {
    let programs = python.parent().ok_or_else(|| format!("{} lies in no folder", python.display()))?;
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([programs.to_path_buf()].into_iter().chain(std::env::split_paths(&inherited)))
        .map_err(|error| format!("{} cannot be in a path: {error}", programs.display()))?;
    let mut command = Command::new(programs.join(name));
    command
        .current_dir(root)
        .env("PATH", path)
        .env("SAM_CLI_TELEMETRY", "0")
        // The linters want to know for which region; they ask nobody there.
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    Ok(command)
}

/// Runs it to its end; what it says goes where ours goes.
pub(crate) async fn run(command: &mut Command) -> Result<(), String> {
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    let ended = command.status().await.map_err(|error| format!("{name} cannot be started: {error}"))?;
    if ended.success() { Ok(()) } else { Err(format!("{name} ended with {ended}")) }
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: local::LocalError) -> String {
    let mut told = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(source) = cause {
        told = format!("{told}: {source}");
        cause = source.source();
    }
    told
}
