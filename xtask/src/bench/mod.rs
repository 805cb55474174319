//! `bench`: the release build against its budgets, on the local stack.

mod api;
mod cold;
mod linear;
mod price;
mod report;
mod rollback;
mod service;
mod statistics;

use std::path::Path;

use crate::cargo::{self, Programs};
use crate::package;
use crate::screen::Screen;
use crate::stage::Stage;
use report::{Package, Report};

/// How it is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Tell it as one JSON document.
    #[arg(long)]
    json: bool,
}

/// Measures everything.
pub(crate) async fn run(root: &Path, arguments: &Arguments, screen: &Screen) -> Result<(), String> {
    let Programs { cli, .. } = cargo::programs(root, screen).await?;
    let bootstrap = cargo::release(root, screen).await?;
    let zip_bytes = package::zipped(&bootstrap)?;
    let stage = Stage::start(root, Programs { bootstrap, cli }, None, screen).await?;
    let measured = async {
        let cold_start = cold::measure(&stage, screen).await?;
        let linear10 = linear::measure(&stage, screen).await?;
        let rollback = rollback::measure(&stage, screen).await?;
        let ecs = service::measure(&stage, screen).await?;
        let api = api::measure(&stage, screen).await?;
        Ok::<_, String>(Report { rollback, linear10, cold_start, package: Package { zip_bytes }, api, ecs })
    };
    let measured = measured.await;
    stage.stack.stop().await;
    let report = measured?;
    screen.print(&if arguments.json { report.document()? } else { report.text() })
}
