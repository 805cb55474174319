//! `tideshift`: start, watch, stop and repair deployments from a terminal.
//!
//! The command line (`args`) becomes a request (`appspec`, `request`), which the stack answers through the port `api` (over AWS:
//! `lambda`). The answer (`view`) becomes text (`plan_text`, `status_text`, `list_text`) or stays the document it is, and the exit
//! code (`exit`); in a job of GitHub, its runner is told besides (`github`). What is deployed, and whether it may be, is decided by
//! the stack; nothing here decides anything.

mod api;
mod appspec;
mod args;
mod cause;
mod colour;
mod commands;
mod console;
mod doctor;
mod ecs;
mod endpoint;
mod exit;
mod failure;
mod function_logs;
mod github;
mod hints;
mod in_flags;
mod lambda;
mod list_text;
mod logs_text;
mod plan_text;
mod port;
mod request;
mod retry;
mod service_flags;
mod status_text;
mod steps_flag;
mod target;
mod target_text;
#[cfg(test)]
mod testing;
mod times;
mod usage;
mod view;
mod watch;

use std::ffi::OsString;
use std::io::{IsTerminal, Write, stderr, stdout};
use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;

use clap::Parser;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proxy::text::in_lines;

use args::{Arguments, Command, Output};
use console::{Console, Left, Progress};
use exit::Ending;
use failure::Failure;
use github::command::harmless;
use github::job::Job;
use lambda::Lambda;
use retry::Retrying;
use watch::follow::Interrupt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misread(error),
    };
    let mut console = Console {
        out: &mut stdout(),
        err: &mut stderr(),
        output: arguments.output,
        progress: Progress::wanted(arguments.output, stderr().is_terminal(), variable),
        colour: colour::wanted(stdout().is_terminal(), variable),
        now: &now,
        zone: TimeZone::system(),
        stack: arguments.stack.clone(),
        job: job(arguments.command.appspec()),
        left: Left::default(),
    };
    let lambda = Lambda::from_env(&arguments.stack).await;
    let interrupt = pin!(interrupted());
    let ending = match run(&lambda, &mut console, &arguments.command, interrupt).await {
        Ok(ending) => ending,
        Err(failure) => report(&mut console, &failure),
    };
    ExitCode::from(ending.code())
}

/// Says what is wrong with the command line, or shows the help that was asked for.
fn misread(error: clap::Error) -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let typed: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    let error = hints::with_tip(usage::as_typed(error, &typed), &typed);
    let failed = error.use_stderr();
    // What was typed may come from elsewhere, such as the title of a pull request.
    let told = match job(None) {
        Some(_) if failed => writeln!(stderr(), "{}", harmless(&in_lines(&error.to_string()))),
        Some(_) | None => error.print(),
    };
    if failed && usage::wants_json(words.iter().map(OsString::as_os_str)) {
        // What is written to nobody is no reason for another code.
        _ = writeln!(stdout(), "{:#}", usage::document(&error));
    }
    match told {
        Ok(()) | Err(_) if failed => ExitCode::from(exit::WRONG_USAGE),
        Ok(()) | Err(_) => ExitCode::SUCCESS,
    }
}

async fn run(
    lambda: &Lambda,
    console: &mut Console<'_>,
    command: &Command,
    interrupt: Interrupt<'_>,
) -> Result<Ending, Failure> {
    let api = &Retrying(lambda);
    match command {
        Command::Deploy(deploy) => commands::deploy::run(api, console, deploy, interrupt).await,
        Command::Plan(what) => commands::plan::run(api, console, what).await,
        Command::Status(status) => commands::status::run(api, console, status, interrupt).await,
        Command::List(list) => commands::list::run(api, console, list).await,
        Command::Logs(logs) => commands::logs::run(api, &lambda.logs()?, console, logs, interrupt).await,
        Command::Stop(stop) => commands::stop::run(api, console, stop, interrupt).await,
        Command::Continue(wanted) => commands::continue_::run(api, console, wanted, interrupt).await,
        Command::Undo(undo) => commands::undo::run(api, console, undo, interrupt).await,
        Command::Group(group) => commands::group::run(api, console, group).await,
        Command::Repair(watched) => commands::repair::run(api, console, watched, interrupt).await,
        Command::Doctor => commands::doctor::run(api, &lambda.account()?, console).await,
        Command::Proxy(proxy) => commands::proxy::run(lambda, console, proxy, behind_a_proxy(), interrupt).await,
        Command::Completions(wanted) => commands::completions::run(console, wanted),
        Command::Man(wanted) => commands::man::run(console, wanted),
    }
}

/// Whether programs here send HTTP through a proxy, and have not been told to leave this machine out.
fn behind_a_proxy() -> bool {
    let set =
        |wanted: &str| std::env::vars().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value);
    let left_out = set("NO_PROXY").unwrap_or_default();
    (set("HTTP_PROXY").is_some() || set("ALL_PROXY").is_some())
        && !left_out.split(',').any(|host| matches!(host.trim(), "*" | "127.0.0.1"))
}

/// Says what went wrong: a sentence for people, with JSON a document besides.
fn report(console: &mut Console<'_>, failure: &Failure) -> Ending {
    let told = console.tell(&format!("tideshift: {failure}")).and_then(|()| github::report::failed(console, failure));
    let told = match console.output {
        Output::Text => told,
        Output::Json => told.and_then(|()| console.answer(&failure.document(), "")),
    };
    match told {
        Ok(()) | Err(_) => failure.ending(),
    }
}

/// A variable that is set for this program.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The job of GitHub in which this runs, if it does.
fn job(appspec: Option<&Path>) -> Option<Job> {
    Job::of(variable, appspec, std::env::current_dir().ok().as_deref())
}

/// The one look at the clock.
#[expect(
    clippy::disallowed_methods,
    reason = "a terminal shows the time that is; everything else takes it as an argument"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

/// Ends at Ctrl-C. Where Ctrl-C cannot be caught it does what it always does.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
