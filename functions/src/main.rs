//! One program for every function of the stack; `Handler` in template.yaml says which.

// The futures of the API nest deeper than the compiler's default.
#![recursion_limit = "256"]

mod api;
mod clear;
mod commit;
mod door;
mod environment;
mod finish;
mod guard;
mod hook;
mod hook_status;
mod install;
mod on_alarm;
mod on_execution;
mod on_pipeline_job;
mod on_service;
mod prepare;
mod rollback;
mod serve;
mod shift;
mod sweep;
mod telemetry;
mod test_traffic;
mod wait;

use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::log();
    match environment::required("_HANDLER")?.as_str() {
        "prepare" => prepare::main().await,
        "guard" => guard::main().await,
        "hook" => hook::main().await,
        "hook_status" => hook_status::main().await,
        "install" => install::main().await,
        "test_traffic" => test_traffic::main().await,
        "wait" => wait::main().await,
        "shift" => shift::main().await,
        "commit" => commit::main().await,
        "clear" => clear::main().await,
        "rollback" => rollback::main().await,
        "finish" => finish::main().await,
        "on_alarm" => on_alarm::main().await,
        "on_service" => on_service::main().await,
        "on_execution" => on_execution::main().await,
        "on_pipeline_job" => on_pipeline_job::main().await,
        "sweep" => sweep::main().await,
        "api" => api::main().await,
        other => Err(format!("no function is called {other}").into()),
    }
}
