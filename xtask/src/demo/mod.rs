//! `demo`: deployments under load on the local stack, and what became of the traffic.

mod chart;
mod evidence;
mod play;
mod report;
mod scenario;
mod scene;
mod shares;

use std::path::Path;

use clap::ValueEnum as _;

use crate::screen::Screen;
use crate::stage::Stage;
use crate::{clock, programs};
use report::{Played, Report};
use scenario::Name;
pub(crate) use scene::steady;

/// What is played, and how it is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Tell it as one JSON document.
    #[arg(long)]
    json: bool,
    /// Play only this one.
    #[arg(long, value_enum, value_name = "NAME")]
    only: Option<Name>,
}

/// Plays them.
pub(crate) async fn run(root: &Path, arguments: &Arguments, screen: &Screen) -> Result<(), String> {
    let programs = programs::build(root, screen).await?;
    let began = clock::now();
    let stage = Stage::start(root, programs, None, screen).await?;
    evidence::alarm(&stage).await?;
    let names = arguments.only.map_or_else(|| Name::value_variants().to_vec(), |name| vec![name]);
    let mut report = Report::default();
    for name in names {
        let scenario = name.scenario();
        screen.say(&format!("\n{}: {}", scenario.name, scenario.title));
        let played = match play::play(&stage, &scenario, screen).await {
            Ok(played) => played,
            Err(error) => Played::broken(&scenario, error),
        };
        if arguments.json {
            screen.say(&played.verdict());
        } else {
            screen.print(&played.rendered(screen.width()))?;
        }
        report.add(played);
    }
    screen.step("stopping the local stack");
    stage.stack.stop().await;
    screen.say("");
    if arguments.json {
        screen.print(&report.document()?)?;
    }
    let told = report.summary();
    if report.ok {
        screen.say(&format!("{told}, {:.0} s in all", clock::now() - began));
        Ok(())
    } else {
        Err(told)
    }
}
