//! `man`: the manual pages.

use clap::CommandFactory;
use clap_mangen::Man as Page;
use serde_json::json;

use crate::args::{Arguments, Man};
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;

/// Runs it.
pub(crate) fn run(console: &mut Console<'_>, wanted: &Man) -> Result<Ending, Failure> {
    let mut all = Arguments::command();
    // Only then the commands know their whole names.
    all.build();
    let about = match wanted.command.as_deref() {
        None => all,
        Some(name) => all.find_subcommand(name).cloned().ok_or_else(|| unknown(&all, name))?,
    };
    let mut page = Vec::new();
    Page::new(about).render(&mut page).map_err(Failure::Output)?;
    let page = String::from_utf8_lossy(&page).into_owned();
    console.answer(&json!({"page": page}), &page)?;
    Ok(Ending::Done)
}

fn unknown(all: &clap::Command, name: &str) -> Failure {
    let names: Vec<&str> = all.get_subcommands().map(clap::Command::get_name).filter(|name| *name != "help").collect();
    Failure::Usage(format!("there is no command {name}; there are {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Output;
    use crate::testing::Streams;

    fn page(command: Option<&str>) -> Result<String, Failure> {
        let mut streams = Streams::default();
        run(&mut streams.console(Output::Text), &Man { command: command.map(str::to_owned) })?;
        // A hyphen of roff stands behind a backslash.
        Ok(streams.shown().replace("\\-", "-"))
    }

    #[test]
    fn the_manual_names_every_command_and_each_has_a_page_with_all_of_its_flags() {
        let whole = page(None).expect("a page");
        assert!(whole.contains(".TH tideshift 1") && whole.contains("Exit codes"), "{whole}");
        for command in Arguments::command().get_subcommands() {
            let name = command.get_name();
            assert!(whole.contains(&format!("tideshift-{name}(1)")), "{name}");
            let page = page(Some(name)).expect(name);
            assert!(page.contains(&format!(".TH tideshift-{name} 1")), "{page}");
            for flag in command.get_arguments().filter_map(clap::Arg::get_long) {
                assert!(page.contains(&format!("--{flag}")), "{name}: {flag}");
            }
        }
    }

    #[test]
    fn a_page_of_no_command_is_told_which_there_are() {
        let why = page(Some("rollback")).expect_err("no such command").to_string();
        assert!(why.starts_with("there is no command rollback; there are deploy, plan, status"), "{why}");
    }
}
