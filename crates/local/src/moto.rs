//! moto: its process, and what it is told before it serves.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::LocalError;
use crate::arn::{ACCOUNT, REGION};
use crate::children::{Children, Program};
use crate::client::Client;
use crate::guarded::Guarded;
use crate::http::listen;

const SERVER: &str = include_str!("../python/moto_server.py");
const INSTANCES: &str = include_str!("../python/instances.py");
const INTERPRETER: &str = include_str!("../python/interpreter.py");
const LOAD_BALANCERS: &str = include_str!("../python/load_balancers.py");
const TABLES: &str = include_str!("../python/tables.py");
/// Python works at one thing at a time: with hundreds at once it would mostly change between them, and refuse connections.
const DOORS: usize = 8;
const PATIENCE: Duration = Duration::from_secs(90);

/// Starts moto on a port of its own; its interpreter calls AWS at `endpoint_port`. Gives a client of it, past the endpoint.
pub(crate) async fn start(
    children: &Children,
    python: &Path,
    state: &Path,
    endpoint_port: u16,
) -> Result<Client, LocalError> {
    let unwritable = |error| LocalError::because(format!("{} cannot be written", state.display()), error);
    for (name, program) in [
        ("moto_server.py", SERVER),
        ("instances.py", INSTANCES),
        ("interpreter.py", INTERPRETER),
        ("load_balancers.py", LOAD_BALANCERS),
        ("tables.py", TABLES),
    ] {
        std::fs::write(state.join(name), program).map_err(unwritable)?;
    }
    let log = std::fs::File::create(state.join("moto.log")).map_err(unwritable)?;
    // Free at this moment; whoever takes it in between makes moto fail, and the start with it.
    let listener = listen(None).await?;
    let port = listener.local_addr().map_err(|error| LocalError::because("no free port for moto", error))?.port();
    drop(listener);
    let mut env = BTreeMap::new();
    for name in ["PATH", "HOME", "LANG", "TMPDIR"] {
        if let Ok(value) = std::env::var(name) {
            env.insert(name.to_owned(), value);
        }
    }
    for (name, value) in [
        ("MOTO_PORT", endpoint_port.to_string().as_str()),
        ("MOTO_ACCOUNT_ID", ACCOUNT),
        ("VALIDATE_LAMBDA_S3", "false"),
        ("DISABLE_GLOBAL_CORS", "true"),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("NO_PROXY", "*"),
        ("PYTHONUNBUFFERED", "1"),
        // Hundreds of threads come and go: each would get a heap of its own, which is never given back.
        ("MALLOC_ARENA_MAX", "2"),
    ] {
        env.insert(name.to_owned(), value.to_owned());
    }
    let log = Guarded::new(log);
    let process = children
        .spawn(Program {
            path: python.to_owned(),
            args: vec![state.join("moto_server.py").display().to_string(), port.to_string()],
            env,
            directory: state.to_owned(),
            output: std::sync::Arc::new(move |bytes| {
                use std::io::Write as _;
                // A full disk costs log lines.
                let _ = log.lock().write_all(bytes);
            }),
        })
        .await?;
    let client = Client::new(&format!("127.0.0.1:{port}")).with_doors(DOORS);
    let config = json!({ "stepfunctions": { "execute_state_machine": true } });
    let begun = Instant::now();
    while let Err(error) = client.post("/moto-api/config", &config).await {
        if !process.alive() || begun.elapsed() > PATIENCE {
            let said = std::fs::read_to_string(state.join("moto.log")).unwrap_or_default();
            let last = said.lines().rev().take(5).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n");
            return Err(LocalError::because(format!("moto did not start; its last words:\n{last}"), error));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(client)
}
