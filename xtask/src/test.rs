//! All tests: first those of each crate, the contracts and the documentation's, then the promises over the local stack.

use std::path::Path;

use crate::screen::Screen;
use crate::{cargo, programs, project, validate};

/// The end-to-end tests.
const END_TO_END: &str = "promises";
/// Stories mostly wait, so more of them run than there are processors.
const STORIES_AT_ONCE: &str = "6";

/// Runs them. The end-to-end tests' own summary is the last that is printed.
///
/// Each run selects the whole workspace and leaves out targets, not packages: cargo then builds every dependency once.
pub(crate) async fn run(root: &Path, screen: &Screen) -> Result<(), String> {
    let _built = programs::build(root, screen).await?;
    local::python::ensure_venv(root, &|line| screen.step(line)).await.map_err(validate::chain)?;
    let programs = project::test_programs(root).await?;
    let mut first = vec!["test", "--workspace", "--no-fail-fast", "--lib", "--bins"];
    for program in programs.iter().filter(|program| *program != END_TO_END) {
        first.extend(["--test", program]);
    }
    let units = cargo::tests(root, &first, None, screen).await?;
    let examples = cargo::tests(root, &["test", "--workspace", "--no-fail-fast", "--doc"], None, screen).await?;
    screen.say(&format!(
        "{} tests in {} programs passed, {} failed; now the promises, end to end on the local stack",
        units.passed + examples.passed,
        units.programs + examples.programs,
        units.failed + examples.failed,
    ));
    let last = ["test", "--workspace", "--test", END_TO_END];
    let promises = cargo::tests(root, &last, Some(STORIES_AT_ONCE), screen).await?;
    // A failure is no reason not to run the others, and they have told what failed.
    match [units, examples, promises].into_iter().find_map(|tested| tested.ended.err()) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
