//! Logs as JSON lines.

use std::io::{self, Write};

use codedeploy::text::in_json;
use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging: from `LOG_LEVEL` up, which is a level, also by target (`info,steps=debug`). Payloads are never logged: a
/// hook's holds secrets.
pub(crate) fn log() {
    let level = std::env::var("LOG_LEVEL").ok();
    let chosen = level.and_then(|level| level.parse().ok());
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .with_current_span(false)
        .with_span_list(false)
        // Lambda adds the time.
        .without_time()
        .with_writer(Lines::default);
    let chosen = chosen.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let told_already = filter_fn(|event| !is_told_already(event));
    tracing_subscriber::registry().with(lines.with_filter(told_already)).with(chosen).init();
}

/// Whether an event of the runtime says once more what [`crate::serve`] has said: it writes every error of a step as an ERROR of
/// its module for panics. A real panic has a field of its own.
fn is_told_already(event: &Metadata<'_>) -> bool {
    event.target() == "lambda_runtime::layers::panic" && event.fields().field("error").is_none()
}

/// Lines of JSON on stdout, in which nothing that strangers wrote breaks a line or turns it.
#[derive(Debug, Default)]
struct Lines;

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        io::stdout().write_all(in_json(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()
    }
}
