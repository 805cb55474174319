//! The pool of processes: one per concurrent call, idle ones used again, the last to become idle first. Those that have long
//! been idle are ended.
//!
//! Only some begin at once, or a burst of calls would have this machine begin hundreds and serve none. A call waits for its
//! turn as it waits for a cold start; it takes a process that becomes idle meanwhile.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::code::CodeStore;
use super::layers::{Layers, own_port};
use super::log::{Log, Stream};
use super::slots::Slots;
use super::states::States;
use super::worker::{Launch, Worker};
use crate::LocalError;
use crate::arn::REGION;
use crate::call::Caller;
use crate::children::Children;
use crate::client::Client;
use crate::guarded::Guarded;
use crate::services::logs::Printed;

/// The Python program that runs users' Python functions.
const PYTHON_HOST: &str = include_str!("../../../python/host.py");

/// What the host starts processes with.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) stack: String,
    pub(crate) endpoint: String,
    pub(crate) bootstrap: PathBuf,
    pub(crate) python: PathBuf,
    pub(crate) state: PathBuf,
    /// How many calls run at once before others are throttled.
    pub(crate) concurrency: usize,
}

type Key = (String, String, u64);

/// AWS keeps an idle one for some minutes.
const IDLE: Duration = Duration::from_secs(60);

/// The processes of a version that wait for a call, the last to become idle at the end.
#[derive(Default)]
struct Idle {
    workers: Vec<(Instant, Arc<Worker>)>,
    returned: Arc<Notify>,
}

/// The processes of all functions.
pub(crate) struct Host {
    pub(crate) settings: Settings,
    pub(crate) code: CodeStore,
    pub(crate) layers: Layers,
    pub(crate) moto: Client,
    children: Arc<Children>,
    /// Which versions are not active.
    pub(crate) states: States,
    /// What functions printed.
    pub(crate) printed: Arc<Printed>,
    pub(super) slots: Slots,
    beginning: Semaphore,
    lanes: Guarded<HashMap<String, Arc<Semaphore>>>,
    at_once: usize,
    idle: Guarded<HashMap<Key, Idle>>,
    keys: Guarded<HashMap<String, (String, Weak<Worker>)>>,
    configurations: Guarded<HashMap<(String, String), Arc<Value>>>,
    reading: tokio::sync::Mutex<()>,
}

/// A process lent out for one call.
pub(crate) struct Lent {
    pub(crate) worker: Arc<Worker>,
    key: Key,
}

impl Host {
    /// A host without any process yet.
    pub(crate) fn new(settings: Settings, moto: Client, children: Arc<Children>) -> Result<Self, LocalError> {
        let unwritable = |error| LocalError::because("the state folder cannot be written", error);
        std::fs::create_dir_all(settings.state.join("logs")).map_err(unwritable)?;
        std::fs::write(settings.state.join("host.py"), PYTHON_HOST).map_err(unwritable)?;
        let code = CodeStore::new(settings.state.join("code"));
        let layers = Layers::new(settings.state.join("layers"));
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self {
            slots: Slots::new(settings.concurrency),
            beginning: Semaphore::new(2 * processors),
            settings,
            code,
            layers,
            moto,
            children,
            states: States::default(),
            printed: Arc::default(),
            idle: Guarded::default(),
            keys: Guarded::default(),
            configurations: Guarded::default(),
            reading: tokio::sync::Mutex::default(),
            lanes: Guarded::default(),
            at_once: 4 * processors,
        })
    }

    /// Whether a function is the stack's own.
    pub(crate) fn is_ours(&self, function: &str) -> bool {
        function.strip_prefix(&self.settings.stack).is_some_and(|rest| rest.starts_with('-'))
    }

    /// Which function's process has this access key.
    pub(crate) fn caller(&self, access_key: &str) -> Option<Caller> {
        let (function, _) = self.keys.lock().get(access_key)?.clone();
        Some(Caller { function, access_key: access_key.to_owned() })
    }

    /// Kills the process with this access key.
    pub(crate) fn kill(&self, caller: &Caller) {
        let worker = self.keys.lock().get(&caller.access_key).and_then(|(_, worker)| worker.upgrade());
        if let Some(worker) = worker {
            worker.kill();
        }
    }

    /// Forgets what was read of functions: something may have changed it.
    pub(crate) fn forget_configurations(&self) {
        self.configurations.lock().clear();
    }

    /// Ends all idle processes, so that the next calls start cold.
    pub(crate) fn chill(&self) {
        self.idle.lock().values_mut().for_each(|idle| idle.workers.clear());
    }

    /// Ends the processes that have long been idle.
    fn retire(&self) {
        for idle in self.idle.lock().values_mut() {
            idle.workers.retain(|(since, worker)| since.elapsed() < IDLE && worker.fit());
        }
    }

    /// A version's configuration, as moto has it.
    pub(crate) async fn configuration(&self, function: &str, version: &str) -> Result<Arc<Value>, LocalError> {
        let key = (function.to_owned(), version.to_owned());
        let known = || self.configurations.lock().get(&key).cloned();
        if let Some(known) = known() {
            return Ok(known);
        }
        // Those who ask at the same time wait for the first one's answer.
        let _one_at_a_time = self.reading.lock().await;
        if let Some(known) = known() {
            return Ok(known);
        }
        let qualifier = if version == "$LATEST" { String::new() } else { format!("?Qualifier={version}") };
        let path = format!("/2015-03-31/functions/{function}/configuration{qualifier}");
        let read = Arc::new(self.moto.lambda_get(&path).await?);
        self.configurations.lock().insert(key, Arc::clone(&read));
        Ok(read)
    }

    /// Waits until a call of a function of ours may begin: this machine runs some at once and has no use for more. To its
    /// caller, whose time runs, it is a cold start that takes long. Each function has a lane of its own, so that one that
    /// waits for another holds up nobody but itself; users' functions, which may call themselves, are not held up.
    pub(crate) async fn lane(&self, function: &str) -> Option<OwnedSemaphorePermit> {
        if !self.is_ours(function) {
            return None;
        }
        let fresh = || Arc::new(Semaphore::new(self.at_once));
        let lane = Arc::clone(self.lanes.lock().entry(function.to_owned()).or_insert_with(fresh));
        lane.acquire_owned().await.ok()
    }

    /// An idle process of the version, or a new one.
    pub(crate) async fn lend(&self, function: &str, version: &str, config: &Value) -> Result<Lent, LocalError> {
        let mut hasher = DefaultHasher::new();
        config.to_string().hash(&mut hasher);
        let key = (function.to_owned(), version.to_owned(), hasher.finish());
        let returned = Arc::clone(&self.idle.lock().entry(key.clone()).or_default().returned);
        let mut turn = std::pin::pin!(self.beginning.acquire());
        let _turn = loop {
            if let Some(worker) = self.idle_worker(&key) {
                return Ok(Lent { worker, key });
            }
            tokio::select! {
                biased;
                turn = &mut turn => break turn,
                () = returned.notified() => {}
            }
        };
        let launch = self.launch(function, version, config)?;
        let access_key = launch.access_key.clone();
        let folder = self.settings.state.join("logs");
        let log = Arc::new(Log::open(&folder, function, launch.stream.clone(), &self.printed));
        // Known before it starts: its first call may be quick.
        self.keys.lock().insert(access_key.clone(), (function.to_owned(), Weak::new()));
        let worker = Arc::new(Worker::start(&self.children, launch, log).await?);
        self.keys.lock().insert(access_key, (function.to_owned(), Arc::downgrade(&worker)));
        worker.until_begun().await;
        Ok(Lent { worker, key })
    }

    fn idle_worker(&self, key: &Key) -> Option<Arc<Worker>> {
        let mut idle = self.idle.lock();
        let workers = &mut idle.get_mut(key)?.workers;
        while let Some((_, worker)) = workers.pop() {
            if worker.fit() {
                return Some(worker);
            }
        }
        None
    }

    /// Takes a process back.
    pub(crate) fn give_back(&self, lent: Lent) {
        if lent.worker.fit() {
            let mut idle = self.idle.lock();
            let idle = idle.entry(lent.key).or_default();
            idle.workers.push((Instant::now(), lent.worker));
            idle.returned.notify_one();
        }
    }

    fn launch(&self, function: &str, version: &str, config: &Value) -> Result<Launch, LocalError> {
        let (path, args, directory) = self.program(function, version, config)?;
        let access_key = access_key();
        let stream = Stream::of(function, version, config, &access_key);
        let mut env = self.environment(function, version, config, &directory, &access_key);
        env.insert("AWS_LAMBDA_LOG_GROUP_NAME".to_owned(), stream.group.clone());
        env.insert("AWS_LAMBDA_LOG_STREAM_NAME".to_owned(), stream.name.clone());
        let extensions = self.layers.extensions(config)?;
        if !extensions.is_empty() {
            own_port(&mut env);
        }
        let (function, version) = (function.to_owned(), version.to_owned());
        Ok(Launch { function, version, path, args, directory, env, access_key, stream, extensions })
    }

    /// What runs a version: program, arguments, folder.
    fn program(
        &self,
        function: &str,
        version: &str,
        config: &Value,
    ) -> Result<(PathBuf, Vec<String>, PathBuf), LocalError> {
        if self.is_ours(function) {
            let folder = self.settings.bootstrap.parent().unwrap_or(Path::new("/"));
            return Ok((self.settings.bootstrap.clone(), Vec::new(), folder.to_owned()));
        }
        let runtime = config["Runtime"].as_str().unwrap_or_default();
        let code = self.code.find(function, version).ok_or_else(|| {
            LocalError::failed(format!("the code of {function}:{version} is not here: upload it as Code.ZipFile"))
        })?;
        if runtime.starts_with("python3") {
            let host = self.settings.state.join("host.py").display().to_string();
            Ok((self.settings.python.clone(), vec![host], code))
        } else if runtime.starts_with("provided") {
            Ok((code.join("bootstrap"), Vec::new(), code))
        } else {
            let what = format!("runtime {runtime} does not run here: use python3.x or provided.al2023");
            Err(LocalError::failed(what))
        }
    }

    /// All that a process sees of the environment.
    fn environment(
        &self,
        function: &str,
        version: &str,
        config: &Value,
        directory: &Path,
        access_key: &str,
    ) -> BTreeMap<String, String> {
        let own = ["PATH", "HOME", "LANG"];
        let mut env: BTreeMap<String, String> =
            own.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?))).collect();
        let memory = config["MemorySize"].as_u64().unwrap_or(128).to_string();
        for (name, value) in [
            ("_HANDLER", config["Handler"].as_str().unwrap_or_default()),
            ("AWS_LAMBDA_FUNCTION_NAME", function),
            ("AWS_LAMBDA_FUNCTION_VERSION", version),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_ENDPOINT_URL", &self.settings.endpoint),
            ("AWS_ACCESS_KEY_ID", access_key),
            ("AWS_SECRET_ACCESS_KEY", "not-checked-here"),
            ("AWS_SESSION_TOKEN", "not-checked-here"),
            ("LAMBDA_TASK_ROOT", &directory.display().to_string()),
            ("PYTHONUNBUFFERED", "1"),
            ("PYTHONDONTWRITEBYTECODE", "1"),
        ] {
            env.insert(name.to_owned(), value.to_owned());
        }
        for (name, value) in config["Environment"]["Variables"].as_object().into_iter().flatten() {
            env.insert(name.clone(), value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned));
        }
        env
    }
}

/// Ends processes that have long been idle, until the host is gone.
pub(crate) async fn retire(host: Weak<Host>) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let Some(host) = host.upgrade() else { return };
        host.retire();
    }
}

/// Twenty characters, as moto wants keys to be.
fn access_key() -> String {
    let tail = std::iter::repeat_with(|| fastrand::alphanumeric().to_ascii_uppercase()).take(16);
    format!("ASIA{}", tail.collect::<String>())
}
