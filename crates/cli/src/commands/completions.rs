//! `completions`: what makes a shell complete the words of this program.

use clap::CommandFactory;
use serde_json::json;

use crate::args::{Arguments, Completions};
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;

/// Runs it.
pub(crate) fn run(console: &mut Console<'_>, wanted: &Completions) -> Result<Ending, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(wanted.shell, &mut Arguments::command(), "tideshift", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    console.answer(&json!({"shell": wanted.shell.to_string(), "script": script}), &script)?;
    Ok(Ending::Done)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;
    use clap_complete::Shell;

    use super::*;
    use crate::args::Output;
    use crate::testing::Streams;

    fn script(shell: Shell) -> String {
        let mut streams = Streams::default();
        run(&mut streams.console(Output::Text), &Completions { shell }).expect("a script");
        streams.shown()
    }

    #[test]
    fn every_shell_completes_commands_flags_and_the_values_of_flags_that_have_some() {
        for shell in Shell::value_variants() {
            let script = script(*shell);
            for word in ["deploy", "doctor", "task-definition", "skip-hold"] {
                assert!(script.contains(word), "{shell}: {word}");
            }
            // What clap makes for these two completes no values.
            if !matches!(shell, Shell::PowerShell | Shell::Elvish) {
                for value in ["in-progress", "rolled-back", "json"] {
                    assert!(script.contains(value), "{shell}: {value}");
                }
            }
        }
    }
}
