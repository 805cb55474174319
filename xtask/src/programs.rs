//! The programs that tasks run, built so that nothing is built twice.

use std::path::{Path, PathBuf};

use crate::cargo;
use crate::project;
use crate::screen::Screen;

/// The programs that tasks run.
pub(crate) struct Programs {
    /// All functions.
    pub(crate) bootstrap: PathBuf,
    /// `tideshift`.
    pub(crate) cli: PathBuf,
}

/// Builds the programs as the tests need them.
///
/// Always the whole workspace, and always with a test among the targets: cargo then settles on the same features of every
/// dependency for `demo`, `local` and `test`, and compiles the AWS SDK once for all of them.
pub(crate) async fn build(root: &Path, screen: &Screen) -> Result<Programs, String> {
    screen.step("building the programs");
    cargo::run(root, &["build", "--workspace", "--bins", "--test", "contracts"], screen).await?;
    let folder = project::target(root).await?.join("debug");
    Ok(Programs { bootstrap: folder.join("bootstrap"), cli: folder.join("tideshift") })
}

/// Builds the functions as they are deployed.
pub(crate) async fn release(root: &Path, screen: &Screen) -> Result<PathBuf, String> {
    screen.step("building the functions for release: the first time this takes some minutes");
    cargo::run(root, &["build", "--release", "--package", "functions"], screen).await?;
    Ok(project::target(root).await?.join("release/bootstrap"))
}
