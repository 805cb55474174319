//! One process of one version: started, asked, timed, killed.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use tokio::sync::{mpsc, oneshot, watch};

use super::extensions_api::ExtensionsApi;
use super::failure::failure;
use super::log::{Log, Stream};
use super::runtime_api::{Init, Job, Reply, RuntimeApi};
use crate::LocalError;
use crate::children::{Children, Process, Program};
use crate::clock;
use crate::http;

/// The longest a process may take to its first question; more than AWS's 10 s, for machines that are busy building.
const INIT: Duration = Duration::from_secs(60);

/// A process that serves events.
pub(crate) struct Worker {
    pub(crate) access_key: String,
    process: Process,
    beside: Vec<Process>,
    extensions: Arc<ExtensionsApi>,
    pub(crate) log: Arc<Log>,
    init: watch::Receiver<Init>,
    jobs: mpsc::Sender<Job>,
    used: AtomicBool,
    condemned: AtomicBool,
    // The Runtime API's listener ends with it.
    _listening: watch::Sender<bool>,
}

/// What a process is started from.
pub(crate) struct Launch {
    pub(crate) function: String,
    pub(crate) version: String,
    pub(crate) path: PathBuf,
    pub(crate) args: Vec<String>,
    pub(crate) directory: PathBuf,
    pub(crate) env: std::collections::BTreeMap<String, String>,
    pub(crate) access_key: String,
    pub(crate) stream: Stream,
    /// Programs from layers, started first.
    pub(crate) extensions: Vec<PathBuf>,
}

impl Worker {
    /// Starts the process and its Runtime API; before it the extensions.
    pub(crate) async fn start(children: &Children, mut launch: Launch, log: Arc<Log>) -> Result<Self, LocalError> {
        let listener = http::listen(None).await?;
        let address =
            listener.local_addr().map_err(|error| LocalError::because("a Runtime API without a port", error))?;
        launch.env.insert("AWS_LAMBDA_RUNTIME_API".to_owned(), address.to_string());
        let (jobs, inbox) = mpsc::channel(1);
        let (progress, init) = watch::channel(Init::Starting);
        let (listening, stopping) = watch::channel(false);
        let extensions = Arc::new(ExtensionsApi::new(&launch.function, &launch.version));
        let api = Arc::new(RuntimeApi::new(inbox, progress, Arc::clone(&extensions)));
        tokio::spawn(http::serve(listener, api, stopping));
        let beside = start_beside(children, &launch, &log, &extensions).await?;
        let printed = Arc::clone(&log);
        let program = Program {
            path: launch.path,
            args: launch.args,
            env: launch.env,
            directory: launch.directory,
            output: Arc::new(move |bytes| printed.write(bytes)),
        };
        let process = children.spawn(program).await?;
        Ok(Self {
            access_key: launch.access_key,
            process,
            beside,
            extensions,
            log,
            init,
            jobs,
            used: AtomicBool::new(false),
            condemned: AtomicBool::new(false),
            _listening: listening,
        })
    }

    /// Kills the process; it is not lent again.
    pub(crate) fn kill(&self) {
        self.condemned.store(true, Ordering::Relaxed);
        self.process.kill();
        self.beside.iter().for_each(Process::kill);
    }

    /// Whether it can take another event.
    pub(crate) fn fit(&self) -> bool {
        !self.condemned.load(Ordering::Relaxed) && self.process.alive()
    }

    /// Whether this is the first event it gets.
    pub(crate) fn first_use(&self) -> bool {
        !self.used.swap(true, Ordering::Relaxed)
    }

    /// The milliseconds from start to the first question, once known.
    pub(crate) fn init_ms(&self) -> Option<f64> {
        match &*self.init.borrow() {
            Init::Ready(ms) => Some(*ms),
            Init::Starting | Init::Failed(_) => None,
        }
    }

    /// The most memory it has held, where the system tells.
    pub(crate) fn peak_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.pid)).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|line| line.split_whitespace().next()).and_then(|kb| kb.parse().ok()).unwrap_or(0)
    }

    /// Waits until it has begun, well or not, or has taken too long.
    pub(crate) async fn until_begun(&self) {
        let mut init = self.init.clone();
        tokio::select! {
            _ = init.wait_for(|init| !matches!(init, Init::Starting)) => {}
            _ = self.process.ended() => {}
            () = tokio::time::sleep(INIT) => {}
        }
    }

    /// Hands it an event and waits; the error is `{errorType, errorMessage}`. With it how long the handler took, the
    /// wait for a process that is just starting not counted.
    pub(crate) async fn ask(
        &self,
        request_id: &str,
        function_arn: String,
        payload: Bytes,
        timeout: Duration,
    ) -> (Result<Bytes, Bytes>, Duration) {
        if let Err(error) = self.ready(request_id).await {
            return (Err(error), Duration::ZERO);
        }
        let begun = Instant::now();
        let answered = self.hand_over(request_id, function_arn, payload, timeout).await;
        (answered, begun.elapsed())
    }

    async fn hand_over(
        &self,
        request_id: &str,
        function_arn: String,
        payload: Bytes,
        timeout: Duration,
    ) -> Result<Bytes, Bytes> {
        let (reply, mut replied) = oneshot::channel();
        let milliseconds = i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX / 2);
        let deadline_ms = clock::now().as_millisecond().saturating_add(milliseconds);
        let job = Job { request_id: request_id.to_owned(), payload, deadline_ms, function_arn, reply };
        if self.jobs.send(job).await.is_err() {
            return Err(self.exited(request_id).await);
        }
        let answered = tokio::select! {
            biased;
            answered = &mut replied => answered.ok(),
            _ = self.process.ended() => replied.try_recv().ok(),
            error = self.extensions.failure() => {
                // Killed from outside, everything ends at once.
                let killed = self.condemned.load(Ordering::Relaxed);
                self.kill();
                return Err(if killed { self.exited(request_id).await } else { error });
            }
            () = tokio::time::sleep(timeout) => {
                self.kill();
                return Err(timed_out(request_id, timeout));
            }
        };
        match answered {
            Some(Reply::Response(body)) => Ok(body),
            Some(Reply::Error(body)) => Err(body),
            None => Err(self.exited(request_id).await),
        }
    }

    async fn ready(&self, request_id: &str) -> Result<(), Bytes> {
        let mut init = self.init.clone();
        let begun = async {
            let failed = match init.wait_for(|init| !matches!(init, Init::Starting)).await.as_deref() {
                Ok(Init::Failed(body)) => Some(body.clone()),
                _ => None,
            };
            match failed {
                Some(body) => Some(body),
                None => self.extensions.ready(self.beside.len()).await.err(),
            }
        };
        tokio::select! {
            biased;
            failed = begun => match failed {
                Some(body) => {
                    self.kill();
                    Err(body)
                }
                None => Ok(()),
            },
            _ = self.process.ended() => Err(self.exited(request_id).await),
            () = tokio::time::sleep(INIT) => {
                self.kill();
                Err(timed_out(request_id, INIT))
            }
        }
    }

    async fn exited(&self, request_id: &str) -> Bytes {
        let how = self.process.ended().await.in_words();
        let message = format!("RequestId: {request_id} Error: Runtime exited with error: {how}");
        failure("Runtime.ExitError", &message)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.process.kill();
        self.beside.iter().for_each(Process::kill);
    }
}

/// Starts the extensions, and waits until they have registered.
async fn start_beside(
    children: &Children,
    launch: &Launch,
    log: &Arc<Log>,
    api: &Arc<ExtensionsApi>,
) -> Result<Vec<Process>, LocalError> {
    let mut beside = Vec::new();
    for path in &launch.extensions {
        let printed = Arc::clone(log);
        let program = Program {
            path: path.clone(),
            args: Vec::new(),
            env: launch.env.clone(),
            directory: launch.directory.clone(),
            output: Arc::new(move |bytes| printed.write(bytes)),
        };
        let process = children.spawn(program).await?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (watched, api) = (process.clone(), Arc::clone(api));
        tokio::spawn(async move { api.ended(&name, &watched.ended().await.in_words()) });
        beside.push(process);
    }
    let registered = tokio::time::timeout(INIT, api.registered(beside.len())).await;
    match registered {
        Ok(Ok(())) => Ok(beside),
        other => {
            beside.iter().for_each(Process::kill);
            let why = other
                .map_or_else(|_| "an extension does not register".into(), |failed| failed.err().unwrap_or_default());
            Err(LocalError::failed(String::from_utf8_lossy(&why)))
        }
    }
}

fn timed_out(request_id: &str, timeout: Duration) -> Bytes {
    let message = format!("RequestId: {request_id} Error: Task timed out after {:.2} seconds", timeout.as_secs_f64());
    failure("Sandbox.Timedout", &message)
}
