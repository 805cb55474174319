//! What a person sees: answers on standard output, progress on standard error.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Where a terminal does not tell its width.
const WIDTH: usize = 80;

/// The terminal, or what stands in for it.
pub(crate) struct Screen {
    /// The line that changes, where a terminal can show one.
    line: Option<ProgressBar>,
}

impl Screen {
    /// With a changing line only where somebody looks on.
    pub(crate) fn new() -> Self {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let watched = io::stderr().is_terminal() && !dumb && std::env::var_os("CI").is_none();
        Self { line: watched.then(ProgressBar::hidden) }
    }

    /// A line about progress that stays.
    pub(crate) fn say(&self, line: &str) {
        self.clear();
        eprintln!("{line}");
    }

    /// What is being done now. On a terminal the next one takes its place.
    pub(crate) fn step(&self, line: &str) {
        if self.line.is_some() { self.show(line) } else { eprintln!("{line}") }
    }

    /// What changes from moment to moment: only where a terminal can show it.
    pub(crate) fn show(&self, line: &str) {
        let Some(bar) = &self.line else { return };
        if bar.is_hidden() {
            bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{spinner} {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        bar.set_message(line.to_owned());
    }

    /// Takes the changing line away: somebody else writes now.
    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.line {
            bar.disable_steady_tick();
            bar.finish_and_clear();
            bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
            bar.reset();
        }
    }

    /// Writes a part of the answer, at once.
    pub(crate) fn print(&self, text: &str) -> Result<(), String> {
        self.clear();
        let mut out = io::stdout();
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .map_err(|error| format!("the answer cannot be written: {error}"))
    }

    /// How many columns an answer may have.
    pub(crate) fn width(&self) -> usize {
        console::Term::stdout().size_checked().map_or(WIDTH, |(_, columns)| usize::from(columns))
    }
}
