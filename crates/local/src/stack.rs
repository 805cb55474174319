//! The local stack as one value: started, used, stopped.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use serde_json::Value;
use tokio::sync::watch;

use crate::children::Children;
use crate::client::Client;
use crate::faults::Faults;
use crate::meter::Meter;
use crate::observed::Observed;
use crate::services::lambda::Settings;
use crate::wiring::Wiring;
use crate::{LocalError, arn, http, moto, provision, python, sample};

/// An account's concurrent executions, unless it asked for more.
pub const CONCURRENCY: usize = 1_000;

/// What to start.
pub struct Options {
    /// The repository: its template, its state machines, and the ignored folder everything is kept in.
    pub project_root: PathBuf,
    /// The binary of our functions.
    pub bootstrap: PathBuf,
    /// The endpoint's port; a free one where none is given.
    pub port: Option<u16>,
    /// The CloudFormation stack's name.
    pub stack: String,
    /// Whether to create the sample function `storefront` and its hooks.
    pub sample: bool,
    /// How many calls of functions run at once before others are throttled.
    pub concurrency: usize,
    /// Told what is going on.
    pub progress: Arc<dyn Fn(&str) + Send + Sync>,
}

impl Options {
    /// The stack `tideshift` with the sample, on a free port, silently.
    pub fn new(project_root: impl Into<PathBuf>, bootstrap: impl Into<PathBuf>) -> Self {
        Self {
            project_root: project_root.into(),
            bootstrap: bootstrap.into(),
            port: None,
            stack: "tideshift".to_owned(),
            sample: true,
            concurrency: CONCURRENCY,
            progress: Arc::new(|_| {}),
        }
    }
}

/// A running local stack. Stops when dropped; [`Stack::stop`] also waits and cleans up.
pub struct Stack {
    name: String,
    endpoint: String,
    wiring: Wiring,
    children: Arc<Children>,
    client: Client,
    state: PathBuf,
    keep: AtomicBool,
    stopping: watch::Sender<bool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

/// The file that keeps a state folder from being swept.
const KEPT: &str = "kept";

static RUNS: AtomicU32 = AtomicU32::new(0);

impl Stack {
    /// Sets everything up that is missing, and starts it.
    pub async fn start(options: Options) -> Result<Self, LocalError> {
        let progress = |line: &str| (options.progress)(line);
        let root = std::path::absolute(&options.project_root)
            .map_err(|error| LocalError::because("the project's folder has no absolute path", error))?;
        let bootstrap =
            std::path::absolute(&options.bootstrap).ok().filter(|path| path.is_file()).ok_or_else(|| {
                LocalError::failed(format!("{} is not there: build it first", options.bootstrap.display()))
            })?;
        let python = python::ensure_venv(&root, &*options.progress).await?;
        let stack = Self::serve(&options, &root, bootstrap, &python).await?;
        progress(&format!("creating the stack {} from template.yaml", options.stack));
        provision::create_stack(&python, &root, &stack.endpoint, &options.stack).await?;
        stack.wiring.forget();
        if options.sample {
            progress("creating the sample function storefront and its hooks");
            sample::create_sample(&stack.client, "storefront").await?;
            sample::create_hooks(&stack.client).await?;
        }
        progress(&format!("the local stack is at {}", stack.endpoint));
        Ok(stack)
    }

    /// Starts moto and the endpoint in front of it, with nothing in them yet.
    async fn serve(options: &Options, root: &Path, bootstrap: PathBuf, python: &Path) -> Result<Self, LocalError> {
        let state = state(root)?;
        let listener = http::listen(options.port).await?;
        let port =
            listener.local_addr().map_err(|error| LocalError::because("an endpoint without a port", error))?.port();
        let endpoint = format!("http://127.0.0.1:{port}");
        (options.progress)("starting moto");
        let children = Arc::new(Children::start()?);
        let moto = moto::start(&children, python, &state, port).await?;
        let settings = Settings {
            stack: options.stack.clone(),
            endpoint: endpoint.clone(),
            bootstrap,
            python: python.to_owned(),
            state: state.clone(),
            concurrency: options.concurrency,
        };
        let wiring = Wiring::new(settings, moto, &children)?;
        let (stopping, stop) = watch::channel(false);
        let router = Arc::new(wiring.router(&options.stack, &endpoint));
        let mut tasks = wiring.run();
        tasks.push(tokio::spawn(http::serve(listener, router, stop)));
        let (name, client, keep) = (options.stack.clone(), Client::new(&endpoint), AtomicBool::new(false));
        Ok(Self { name, endpoint, wiring, children, client, state, keep, stopping, tasks })
    }

    /// The one URL every AWS service is at.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The region everything is in.
    pub fn region(&self) -> &'static str {
        arn::REGION
    }

    /// The account everything is in.
    pub fn account(&self) -> &'static str {
        arn::ACCOUNT
    }

    /// The CloudFormation stack's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where logs and unpacked code are: `logs/<function>.log`, `moto.log`.
    pub fn state_dir(&self) -> &Path {
        &self.state
    }

    /// Keeps [`Self::state_dir`] when the stack stops.
    pub fn keep_state(&self) {
        self.keep.store(true, Ordering::Relaxed);
        // For the next start, which sweeps what killed stacks have left.
        let _ = std::fs::write(self.state.join(KEPT), "");
    }

    /// The faults in force.
    pub fn faults(&self) -> &Faults {
        &self.wiring.faults
    }

    /// What has been seen.
    pub fn observed(&self) -> &Observed {
        &self.wiring.observed
    }

    /// The cost meter.
    pub fn meter(&self) -> &Meter {
        &self.wiring.meter
    }

    /// The events on the bus, in their order.
    pub fn events(&self) -> Vec<Value> {
        self.wiring.observed.events().into_iter().map(|seen| seen.event).collect()
    }

    /// Ends all idle function processes: the next calls start cold.
    pub fn chill(&self) {
        self.wiring.host.chill();
    }

    /// A client at the endpoint.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Stops everything, waits until every process is gone, and removes the state folder unless it is kept.
    pub async fn stop(mut self) {
        self.halt();
        let children = Arc::clone(&self.children);
        // Joining a thread blocks.
        let _ = tokio::task::spawn_blocking(move || children.stop()).await;
        if !self.keep.load(Ordering::Relaxed) {
            // What is left behind is in an ignored folder.
            let _ = std::fs::remove_dir_all(&self.state);
        }
    }

    fn halt(&mut self) {
        self.stopping.send_replace(true);
        self.wiring.ecs.stop();
        for task in self.tasks.drain(..) {
            task.abort();
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.halt();
        self.children.stop();
    }
}

/// A new folder for what a stack keeps.
fn state(root: &Path) -> Result<PathBuf, LocalError> {
    let home = root.join(".tideshift");
    sweep(&home);
    let state = home.join(format!("run-{}-{}", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed)));
    std::fs::create_dir_all(&state)
        .map_err(|error| LocalError::because(format!("{} cannot be made", state.display()), error))?;
    Ok(state)
}

/// Removes the state folders of stacks that were killed, where the system tells who lives.
fn sweep(home: &Path) {
    if !Path::new("/proc/self").exists() {
        return;
    }
    for folder in std::fs::read_dir(home).into_iter().flatten().flatten() {
        let name = folder.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix("run-")).and_then(|rest| rest.split('-').next());
        let Some(pid) = pid.and_then(|pid| pid.parse::<u32>().ok()) else { continue };
        if !Path::new(&format!("/proc/{pid}")).exists() && !folder.path().join(KEPT).exists() {
            // Another stack may sweep at the same time.
            let _ = std::fs::remove_dir_all(folder.path());
        }
    }
}
