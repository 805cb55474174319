//! Cargo, called by a task.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::screen::Screen;

/// Runs cargo to its end; what it says goes where ours goes.
pub(crate) async fn run(root: &Path, arguments: &[&str], screen: &Screen) -> Result<(), String> {
    screen.clear();
    let mut cargo = command(root, arguments);
    // Builds are progress, not answers.
    let ended = cargo.stdout(Stdio::from(std::io::stderr())).status().await;
    judged(arguments, ended)
}

/// What a run of tests has told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tested {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) programs: u64,
    /// Whether all is well; that they could not be built is told here too.
    pub(crate) ended: Result<(), String>,
}

/// Runs `cargo test`, shows everything it says as it says it, and counts.
pub(crate) async fn tests(
    root: &Path,
    arguments: &[&str],
    threads: Option<&str>,
    screen: &Screen,
) -> Result<Tested, String> {
    screen.clear();
    let mut cargo = command(root, arguments);
    if let Some(threads) = threads {
        cargo.env("RUST_TEST_THREADS", threads);
    }
    let mut child =
        cargo.stdout(Stdio::piped()).spawn().map_err(|error| format!("cargo cannot be started: {error}"))?;
    let mut tested = Tested::none();
    if let Some(out) = child.stdout.take() {
        let mut lines = BufReader::new(out).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            tested.read(&line);
            screen.print(&format!("{line}\n"))?;
        }
    }
    tested.ended = judged(arguments, child.wait().await);
    Ok(tested)
}

impl Tested {
    fn none() -> Self {
        Self { passed: 0, failed: 0, programs: 0, ended: Ok(()) }
    }

    fn read(&mut self, line: &str) {
        let Some(counts) = line.trim().strip_prefix("test result: ") else { return };
        let count = |of: &str| {
            let found = counts.split(&['.', ';'][..]).find_map(|part| part.trim().strip_suffix(of));
            found.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
        };
        self.passed += count("passed");
        self.failed += count("failed");
        self.programs += 1;
    }
}

/// What cargo answers on its standard output.
pub(crate) async fn answer(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = command(root, arguments).stderr(Stdio::inherit()).output().await;
    let output = output.map_err(|error| format!("cargo cannot be started: {error}"))?;
    judged(arguments, Ok(output.status))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn command(root: &Path, arguments: &[&str]) -> Command {
    // The cargo that runs us, of the toolchain that was chosen for us.
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root).stdin(Stdio::null()).kill_on_drop(true);
    command
}

fn judged(arguments: &[&str], ended: std::io::Result<std::process::ExitStatus>) -> Result<(), String> {
    let ended = ended.map_err(|error| format!("cargo cannot be started: {error}"))?;
    if ended.success() { Ok(()) } else { Err(format!("cargo {} ended with {ended}", arguments.join(" "))) }
}

#[cfg(test)]
mod tests {
    use super::Tested;

    #[test]
    fn the_summaries_of_all_test_programs_are_added_up() {
        let mut tested = Tested::none();
        for line in [
            "running 3 tests",
            "test a ... ok",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 41 passed; 1 failed; 0 ignored; 0 measured; 2 filtered out; finished in 1.20s",
        ] {
            tested.read(line);
        }
        assert_eq!(tested, Tested { passed: 44, failed: 1, programs: 2, ended: Ok(()) });
    }
}
