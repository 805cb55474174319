//! `bench`: the release build against its budgets, on the local stack.

mod api;
mod burst;
mod cold;
mod linear;
mod memory;
mod price;
mod report;
mod rollback;
mod service;
mod statistics;

use std::path::Path;

use crate::package;
use crate::programs::{self, Programs};
use crate::screen::Screen;
use crate::stage::Stage;
use report::{Package, Report};

/// What is measured, and how it is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Tell it as one JSON document.
    #[arg(long)]
    json: bool,
    /// Measure only this part, or these.
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// How many deployments a burst has.
    #[arg(long, value_name = "N", default_value_t = 300)]
    burst: usize,
    /// Measure the build that tests run: sooner built, slower.
    #[arg(long)]
    debug: bool,
}

/// A part of the bench, in the order they are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    ColdStart,
    Linear10,
    Rollback,
    Ecs,
    Api,
    Burst,
    Memory,
}

impl Arguments {
    fn has(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

/// Measures everything, or what was asked for.
pub(crate) async fn run(root: &Path, arguments: &Arguments, screen: &Screen) -> Result<(), String> {
    let Programs { cli, bootstrap: debug } = programs::build(root, screen).await?;
    let bootstrap = if arguments.debug { debug } else { programs::release(root, screen).await? };
    let package = match arguments.only.is_empty() {
        true => Some(Package { zip_bytes: package::zipped(&bootstrap)? }),
        false => None,
    };
    let stage = Stage::start(root, Programs { bootstrap, cli }, None, screen).await?;
    let measured = measure(&stage, arguments, screen).await;
    stage.stack.stop().await;
    let report = Report { package, ..measured? };
    screen.print(&if arguments.json { report.document()? } else { report.text() })
}

async fn measure(stage: &Stage, arguments: &Arguments, screen: &Screen) -> Result<Report, String> {
    let mut report = Report::default();
    if arguments.has(Part::ColdStart) {
        report.cold_start = Some(cold::measure(stage, screen).await?);
    }
    if arguments.has(Part::Linear10) {
        report.linear10 = Some(linear::measure(stage, screen).await?);
    }
    if arguments.has(Part::Rollback) {
        report.rollback = Some(rollback::measure(stage, screen).await?);
    }
    if arguments.has(Part::Ecs) {
        report.ecs = Some(service::measure(stage, screen).await?);
    }
    if arguments.has(Part::Api) {
        report.api = Some(api::measure(stage, screen).await?);
    }
    if arguments.has(Part::Burst) {
        report.burst = Some(burst::measure(stage, screen, arguments.burst).await?);
    }
    if arguments.has(Part::Memory) {
        report.memory = Some(memory::measure(stage, screen).await?);
    }
    Ok(report)
}
