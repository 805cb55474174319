//! What the local stack holds before, amid and after five hundred deployments: the emulator and the function processes.

use std::path::Path;
use std::time::Duration;

use codedeploy::shapes::CreateDeploymentOutput;
use local::Client;
use serde::Serialize;
use serde_json::json;
use tokio::task::JoinSet;

use super::statistics::rounded;
use crate::screen::Screen;
use crate::stage::{FUNCTION, Stage};
use crate::validate::chain;

/// Deployments between two looks.
const BETWEEN: usize = 250;
/// How many are under way at once.
const AT_ONCE: usize = 10;
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Megabytes at 0, 250 and 500 deployments.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Memory {
    /// moto's process.
    pub(super) emulator_mb: [f64; 3],
    /// This process, with the gateway in it.
    pub(super) gateway_mb: [f64; 3],
    /// All function processes.
    pub(super) functions_mb: [f64; 3],
    /// How many those are.
    pub(super) processes: [usize; 3],
}

/// Deploys and looks. Where the system does not tell, everything is 0.
pub(super) async fn measure(stage: &Stage, screen: &Screen) -> Result<Memory, String> {
    let mut memory = Memory { emulator_mb: [0.0; 3], gateway_mb: [0.0; 3], functions_mb: [0.0; 3], processes: [0; 3] };
    for look in 0..3 {
        if look > 0 {
            deploy(stage, screen, (look - 1) * BETWEEN).await?;
        }
        let all = children(std::process::id());
        let (emulator, functions): (Vec<_>, Vec<_>) = all.into_iter().partition(|process| process.emulator);
        // The sum of nothing is -0.
        let sum = |of: &[Process]| rounded(of.iter().map(|process| process.mb).sum::<f64>() + 0.0, 10.0);
        memory.emulator_mb[look] = sum(&emulator);
        memory.functions_mb[look] = sum(&functions);
        memory.processes[look] = functions.len();
        memory.gateway_mb[look] = rounded(resident(Path::new("/proc/self")), 10.0);
    }
    Ok(memory)
}

/// So many deployments, some at once, each on an alias of its own and to the version it is not on.
async fn deploy(stage: &Stage, screen: &Screen, done: usize) -> Result<(), String> {
    let rounds = BETWEEN / AT_ONCE;
    for round in (done / AT_ONCE)..(done / AT_ONCE + rounds) {
        let mut under_way = JoinSet::new();
        for number in 0..AT_ONCE {
            let execution = format!(
                "arn:aws:states:{}:{}:execution:{}-lambda",
                stage.stack.region(),
                stage.stack.account(),
                stage.stack.name()
            );
            under_way.spawn(once(stage.client.clone(), execution, format!("memory-{number}"), round));
        }
        while let Some(ended) = under_way.join_next().await {
            ended.map_err(|error| error.to_string())??;
        }
        screen.show(&format!("{} deployments", (round + 1) * AT_ONCE));
    }
    Ok(())
}

async fn once(client: Client, executions: String, alias: String, round: usize) -> Result<(), String> {
    if round == 0 {
        let path = format!("/2015-03-31/functions/{FUNCTION}/aliases");
        let input = json!({ "Name": alias, "FunctionVersion": "1" });
        client.lambda_post(&path, &input).await.map_err(chain)?;
    }
    let spec = json!({
        "version": 0.0,
        "Resources": [{ "bench": { "Type": "AWS::Lambda::Function", "Properties": {
            "Name": FUNCTION, "Alias": alias, "TargetVersion": if round.is_multiple_of(2) { "2" } else { "1" },
        } } }],
        "Strategy": [{ "Weight": 50, "Hold": "1s" }],
    });
    let request = json!({
        "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": spec.to_string() } },
    });
    let created = client.aws_json("CodeDeploy_20141006", "CreateDeployment", &request).await.map_err(chain)?;
    let created: CreateDeploymentOutput = serde_json::from_value(created).map_err(|error| error.to_string())?;
    let execution = format!("{executions}:{}", created.deployment_id.unwrap_or_default());
    loop {
        let seen = client.describe_execution(&execution).await.map_err(chain)?;
        match seen["status"].as_str() {
            Some("RUNNING") => tokio::time::sleep(LOOK_EVERY).await,
            Some("SUCCEEDED") => return Ok(()),
            _ => return Err(format!("{execution} did not succeed: {seen}")),
        }
    }
}

struct Process {
    emulator: bool,
    mb: f64,
}

/// The processes that a process has started, as the system tells.
fn children(parent: u32) -> Vec<Process> {
    let mut found = Vec::new();
    for folder in std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path()) {
        let stat = std::fs::read_to_string(folder.join("stat")).unwrap_or_default();
        // The name stands in brackets and may hold anything; the parent is the second member after it.
        let rest = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
        if rest.split_whitespace().nth(1).and_then(|id| id.parse().ok()) != Some(parent) {
            continue;
        }
        let command = std::fs::read(folder.join("cmdline")).unwrap_or_default();
        let emulator = String::from_utf8_lossy(&command).contains("moto_server.py");
        found.push(Process { emulator, mb: resident(&folder) });
    }
    found
}

/// Megabytes a process holds now.
fn resident(folder: &Path) -> f64 {
    let status = std::fs::read_to_string(folder.join("status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kb = line.and_then(|line| line.split_whitespace().next()).and_then(|kb| kb.parse::<f64>().ok());
    kb.unwrap_or(0.0) / 1024.0
}
