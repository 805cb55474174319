//! moto: its process, and what it is told before it serves.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::LocalError;
use crate::arn::{ACCOUNT, REGION};
use crate::children::{Children, Process, Program};
use crate::client::Client;
use crate::guarded::Guarded;
use crate::http::listen;

/// Its server, what is mended in it, and by whom.
const PROGRAMS: [(&str, &str); 10] = [
    ("moto_server.py", include_str!("../python/moto_server.py")),
    ("mends.py", include_str!("../python/mends.py")),
    ("calls.py", include_str!("../python/calls.py")),
    ("functions.py", include_str!("../python/functions.py")),
    ("instances.py", include_str!("../python/instances.py")),
    ("interpreter.py", include_str!("../python/interpreter.py")),
    ("load_balancers.py", include_str!("../python/load_balancers.py")),
    ("rules.py", include_str!("../python/rules.py")),
    ("stacks.py", include_str!("../python/stacks.py")),
    ("tables.py", include_str!("../python/tables.py")),
];
const REQUIREMENTS: &str = include_str!("../python/requirements.txt");
/// Python works at one thing at a time: with hundreds at once it would mostly change between them, and refuse connections.
const DOORS: usize = 8;
/// How long moto may take until it answers.
const STARTUP_LIMIT: Duration = Duration::from_secs(90);

/// Starts moto on a port of its own; its interpreter calls AWS at `endpoint_port`. Gives a client of it, past the endpoint.
pub(crate) async fn start(
    children: &Children,
    python: &Path,
    state: &Path,
    endpoint_port: u16,
) -> Result<Client, LocalError> {
    let unwritable = |error| LocalError::because(format!("{} cannot be written", state.display()), error);
    for (name, program) in PROGRAMS {
        std::fs::write(state.join(name), program).map_err(unwritable)?;
    }
    let log = Guarded::new(std::fs::File::create(state.join("moto.log")).map_err(unwritable)?);
    // Free at this moment; whoever takes it in between makes moto fail, and the start with it.
    let listener = listen(None).await?;
    let port = listener.local_addr().map_err(|error| LocalError::because("no free port for moto", error))?.port();
    drop(listener);
    let program = Program {
        path: python.to_owned(),
        args: vec![state.join("moto_server.py").display().to_string(), port.to_string(), version().to_owned()],
        env: environment(endpoint_port),
        directory: state.to_owned(),
        output: std::sync::Arc::new(move |bytes| {
            use std::io::Write as _;
            // A full disk costs log lines.
            let _ = log.lock().write_all(bytes);
        }),
    };
    let process = children.spawn(program).await?;
    let client = Client::new(&format!("127.0.0.1:{port}")).with_doors(DOORS);
    serving(&client, &process, &state.join("moto.log")).await?;
    Ok(client)
}

/// The moto that is mended here.
fn version() -> &'static str {
    REQUIREMENTS.lines().find_map(|line| line.strip_prefix("moto==")).unwrap_or_default().trim()
}

/// All that moto sees of the environment.
fn environment(endpoint_port: u16) -> BTreeMap<String, String> {
    let own = ["PATH", "HOME", "LANG", "TMPDIR"];
    let mut env: BTreeMap<String, String> =
        own.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?))).collect();
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
    env
}

/// Waits until moto serves, and has it run state machines.
async fn serving(client: &Client, process: &Process, log: &Path) -> Result<(), LocalError> {
    let config = json!({ "stepfunctions": { "execute_state_machine": true } });
    let begun = Instant::now();
    while let Err(error) = client.post("/moto-api/config", &config).await {
        let last_words = || last_words(&std::fs::read_to_string(log).unwrap_or_default());
        if !process.alive() {
            return Err(LocalError::failed(last_words()));
        }
        if begun.elapsed() > STARTUP_LIMIT {
            return Err(LocalError::because(last_words(), error));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Why moto did not start, by what it said last.
fn last_words(said: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    match lines[lines.len().saturating_sub(5)..] {
        [only] => format!("moto did not start: {only}"),
        ref last => format!("moto did not start; its last words:\n{}", last.join("\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::{last_words, version};

    #[test]
    fn the_moto_that_is_mended_is_the_one_that_is_pinned() {
        assert!(version().starts_with("5."), "{}", version());
    }

    #[test]
    fn one_sentence_of_moto_is_told_as_one() {
        assert_eq!(last_words("moto 5.0.0 is installed\n"), "moto did not start: moto 5.0.0 is installed");
        assert_eq!(last_words("1\n2\n3\n4\n5\n6"), "moto did not start; its last words:\n2\n3\n4\n5\n6");
    }
}
