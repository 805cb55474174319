//! Creates the stack on moto from the very template that `sam deploy` takes. The work is in `python/provision.py`, because
//! the transform from SAM to CloudFormation is a Python library.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use crate::LocalError;

/// Creates the stack and returns when it is complete.
///
/// `python` is the interpreter of [`crate::python::ensure_venv`].
pub async fn create_stack(python: &Path, project_root: &Path, endpoint: &str, stack: &str) -> Result<(), LocalError> {
    let template = project_root.join("template.yaml");
    script(python, project_root, &["create".as_ref(), template.as_os_str(), endpoint.as_ref(), stack.as_ref()])
        .await
        .map(drop)
}

/// The template as CloudFormation is given it, with the state machine in it, as JSON: for linters.
pub async fn plain_template(python: &Path, project_root: &Path) -> Result<String, LocalError> {
    let template = project_root.join("template.yaml");
    script(python, project_root, &["print".as_ref(), template.as_os_str()]).await
}

async fn script(python: &Path, root: &Path, arguments: &[&std::ffi::OsStr]) -> Result<String, LocalError> {
    let ended = Command::new(python)
        .arg(root.join("crates/local/python/provision.py"))
        .args(arguments)
        // Neither the user's AWS settings nor their proxy have a say.
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| LocalError::because(format!("{} cannot be started", python.display()), error))?;
    if ended.status.success() {
        return Ok(String::from_utf8_lossy(&ended.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
    Err(LocalError::failed(if said.is_empty() {
        format!("{} ended with {}", python.display(), ended.status)
    } else {
        said
    }))
}
