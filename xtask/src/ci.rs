//! Everything a change must pass. The tests come last, so that their summary is the last that is printed.

use std::path::Path;

use crate::screen::Screen;
use crate::{cargo, test, validate};

/// Runs it.
pub(crate) async fn run(root: &Path, screen: &Screen) -> Result<(), String> {
    screen.step("format");
    cargo::run(root, &["fmt", "--all", "--check"], screen).await?;
    screen.step("lints");
    cargo::run(root, &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"], screen).await?;
    screen.step("template and state machine");
    validate::validate(root).await?;
    test::run(root, screen).await
}
