//! The Lambda extension: in a layer, it gives the function it sits beside a CodeDeploy API at `127.0.0.1`, so that a hook
//! that answers through its SDK works without a change of its code. That API can do one thing: put the status of a hook's run. The
//! function it sits beside is a user's code, and needs no right to deploy.
//!
//! It listens before it registers, so that it is there before the handler is. It registers for no invocation, only for the
//! end: Lambda waits for an extension after each invocation it has registered for, and there is nothing to wait for. Between
//! invocations Lambda freezes it with everything else, and nothing here counts on time going on.

mod extensions_api;

use std::process::ExitCode;
use std::sync::Arc;

use aws_config::BehaviorVersion;
use proxy::{Function, Served};
use serde_json::json;

use extensions_api::Extension;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tideshift-proxy: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A variable, or what is taken without it.
fn variable(name: &str, otherwise: &str) -> String {
    std::env::var(name).ok().filter(|value| !value.is_empty()).unwrap_or_else(|| otherwise.to_owned())
}

async fn run() -> Result<(), String> {
    let Ok(authority) = std::env::var("AWS_LAMBDA_RUNTIME_API") else {
        return Err("this is an extension for a Lambda layer; on your own machine use `tideshift proxy`".to_owned());
    };
    let (stack, wanted) = (variable("TIDESHIFT_STACK", "tideshift"), variable("TIDESHIFT_PROXY_PORT", ""));
    let port = if wanted.is_empty() { Ok(proxy::PORT) } else { wanted.parse() };
    let listening = match port {
        Ok(port) => {
            proxy::listen(port).await.map_err(|error| format!("127.0.0.1:{port} cannot be listened on: {error}"))
        }
        Err(_) => Err(format!("TIDESHIFT_PROXY_PORT is a port's number, not {wanted}")),
    };
    let extension = Extension::register(authority, "tideshift-proxy").await?;
    let listener = match listening {
        Ok(listener) => listener,
        // Lambda shows it as the reason why the function does not start.
        Err(error) => {
            extension.cannot_start("Extension.NoPort", &error).await?;
            return Err(error);
        }
    };
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    // Here, while the function's own runtime starts beside us, and not at the first call.
    let config = aws_config::defaults(BehaviorVersion::latest()).load().await;
    let function = Function::hook_status(&config, &stack);
    println!("tideshift-proxy: CodeDeploy's API at http://{address} goes to {}", function.name());
    let health = json!({ "ok": true, "stack": stack, "function": function.name() });
    tokio::select! {
        () = proxy::serve(listener, Arc::new(Served::codedeploy(function)), health, std::future::pending()) => Ok(()),
        over = extension.until_the_end() => over,
    }
}
