//! The project's own tasks: `cargo xtask <task>`. Without a task it lists them.

mod bench;
mod cargo;
mod ci;
mod clock;
mod demo;
mod keep;
mod layer;
mod machines;
mod package;
mod programs;
mod project;
mod screen;
mod stage;
mod test;
mod validate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use screen::Screen;

/// The project's own tasks.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Play eight deployments on the local stack, and draw what became of the traffic.
    Demo(demo::Arguments),
    /// Keep a local stack running, and say what to type next.
    Local(keep::Arguments),
    /// Run all tests; the end-to-end ones come last.
    Test,
    /// Everything a change must pass: format, lints, validation, tests.
    Ci,
    /// Measure the release build against its budgets.
    Bench(bench::Arguments),
    /// Build what `sam deploy` uploads.
    Package,
    /// Build the Lambda layer that lets existing hooks answer through their SDK.
    Layer(layer::Arguments),
    /// Write the state machines from their parts.
    Machines(machines::Arguments),
    /// Hold the template and the state machines against their parts and the tools that know them.
    Validate,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { task } = Arguments::parse();
    let screen = Screen::new();
    // Being stopped is how `local` ends: it sees to that itself.
    let stays = matches!(task, Task::Local(_));
    let ended = tokio::select! {
        ended = run(&task, &screen) => ended,
        // What the task has started ends with it.
        () = stopped(), if !stays => {
            screen.say("stopped");
            return ExitCode::from(130);
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen.say(&format!("cargo xtask: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(task: &Task, screen: &Screen) -> Result<(), String> {
    let root = project::root()?;
    match task {
        Task::Demo(arguments) => demo::run(&root, arguments, screen).await,
        Task::Local(arguments) => keep::run(&root, arguments, screen, stopped()).await,
        Task::Test => test::run(&root, screen).await,
        Task::Ci => ci::run(&root, screen).await,
        Task::Bench(arguments) => bench::run(&root, arguments, screen).await,
        Task::Package => {
            let package::Package { bootstrap, zip_bytes } = package::package(&root).await?;
            screen.print(&format!("{}: {zip_bytes} bytes as a zip\n", bootstrap.display()))
        }
        Task::Layer(arguments) => screen.print(&layer::layer(&root, arguments).await?),
        Task::Machines(arguments) => machines::run(&root, arguments, screen),
        Task::Validate => validate::validate(&root).await,
    }
}

/// Ends at Ctrl-C or SIGTERM. Where they cannot be caught they do what they always do.
async fn stopped() {
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut terminated) => terminated.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<Option<()>>();
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupted => {}
        _ = terminated => {}
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Arguments::command().debug_assert();
    }

    #[test]
    fn without_a_task_the_tasks_are_listed() {
        let tasks =
            super::Arguments::command().get_subcommands().map(|task| task.get_name().to_owned()).collect::<Vec<_>>();
        assert_eq!(tasks, ["demo", "local", "test", "ci", "bench", "package", "layer", "machines", "validate"]);
    }
}
