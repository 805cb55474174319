//! All tests: first those of each crate, the documentation's and the contracts, then the promises over the local stack.

use std::path::Path;

use crate::screen::Screen;
use crate::{cargo, validate};

/// Stories mostly wait, so more of them run than there are processors.
const STORIES_AT_ONCE: &str = "8";

/// Runs them. The end-to-end tests' own summary is the last that is printed.
pub(crate) async fn run(root: &Path, screen: &Screen) -> Result<(), String> {
    let _built = cargo::programs(root, screen).await?;
    local::python::ensure_venv(root, &|line| screen.step(line)).await.map_err(validate::chain)?;
    screen.clear();
    let units = cargo::tests(root, &["test", "--workspace", "--lib", "--bins", "--test", "contracts"], None).await?;
    let examples = cargo::tests(root, &["test", "--workspace", "--doc"], None).await?;
    screen.say(&format!(
        "{} tests of the crates and contracts passed, {} of the documentation; now the promises, end to end on the local stack",
        units.passed, examples.passed
    ));
    cargo::tests(root, &["test", "--workspace", "--test", "promises"], Some(STORIES_AT_ONCE)).await.map(drop)
}
