//! A task: a process of the sample web server, checked as its target group says, and started again when it ends.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http::{HeaderMap, Method};
use hyper::body::Bytes;
use tokio::sync::Notify;

use crate::LocalError;
use crate::children::{Children, Process, Program, Sink};
use crate::guarded::Guarded;
use crate::http::{Http, Request};
use crate::services::elb::{Health, Probe};

const WEB: &str = include_str!("../../../samples/web.py");
/// A task is looked at more often while it is expected to become healthy.
const CHECK_EVERY: Duration = Duration::from_millis(100);
const CHECK_HEALTHY_EVERY: Duration = Duration::from_secs(1);
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);
/// A healthy task may fail one check.
const FAILURES_ALLOWED: u32 = 1;
const FIRST_PAUSE: Duration = Duration::from_millis(300);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What tasks are started with.
pub(super) struct Launcher {
    children: Arc<Children>,
    http: Http,
    python: PathBuf,
    state: PathBuf,
    addresses: AtomicU32,
}

/// What the tasks of one task set have in common.
#[derive(Debug)]
pub(super) struct Recipe {
    /// `family:revision`.
    pub(super) definition: String,
    pub(super) env: BTreeMap<String, String>,
    /// How it is checked; without a load balancer it is healthy while it runs.
    pub(super) probe: Option<Probe>,
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It is being started, for the first time or again.
    Pending,
    Running,
    /// It has ended and stays away.
    Gone,
}

/// What is known of a task.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub(super) phase: Phase,
    pub(super) port: Option<u16>,
    pub(super) health: Health,
    /// How often it has ended.
    pub(super) ends: u32,
}

/// A task that is looked after until it is dropped; then its process ends.
#[derive(Debug)]
pub(super) struct Task {
    /// Its address in the network there would be.
    pub(super) ip: String,
    state: Arc<Guarded<State>>,
    death: Arc<Notify>,
    attendant: tokio::task::JoinHandle<()>,
}

impl Task {
    pub(super) fn state(&self) -> State {
        *self.state.lock()
    }

    /// Its process ends, now or once it has been started, and is not started again.
    pub(super) fn die(&self) {
        self.death.notify_one();
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.attendant.abort();
    }
}

/// Ends its process when it is dropped.
struct Running(Process);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill();
    }
}

impl std::fmt::Debug for Launcher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Launcher").field("state", &self.state).finish_non_exhaustive()
    }
}

impl Launcher {
    pub(super) fn new(python: &Path, state: &Path, children: Arc<Children>) -> Result<Self, LocalError> {
        std::fs::write(state.join("web.py"), WEB)
            .map_err(|error| LocalError::because("the state folder cannot be written", error))?;
        Ok(Self {
            children,
            http: Http::new(),
            python: python.to_owned(),
            state: state.to_owned(),
            addresses: AtomicU32::new(1),
        })
    }

    /// Starts a task.
    pub(super) fn start(self: &Arc<Self>, recipe: &Arc<Recipe>) -> Task {
        let number = self.addresses.fetch_add(1, Ordering::Relaxed);
        let ip = format!("10.0.{}.{}", number / 250 % 256, number % 250 + 4);
        let state = State { phase: Phase::Pending, port: None, health: Health::Initial, ends: 0 };
        let state = Arc::new(Guarded::new(state));
        let death = Arc::new(Notify::new());
        let attendant =
            tokio::spawn(attend(Arc::clone(self), Arc::clone(recipe), Arc::clone(&state), Arc::clone(&death)));
        Task { ip, state, death, attendant }
    }

    async fn spawn(&self, recipe: &Recipe, output: Sink) -> Result<Running, LocalError> {
        let mut env = recipe.env.clone();
        for name in ["PATH", "HOME", "LANG"] {
            if let Ok(value) = std::env::var(name) {
                env.entry(name.to_owned()).or_insert(value);
            }
        }
        env.insert("TASK_DEFINITION".to_owned(), recipe.definition.clone());
        env.insert("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned());
        let program = Program {
            path: self.python.clone(),
            // Nothing but the standard library: it starts sooner.
            args: ["-I", "-S"].into_iter().map(ToOwned::to_owned).chain([self.script()]).collect(),
            env,
            directory: self.state.clone(),
            output,
        };
        self.children.spawn(program).await.map(Running)
    }

    fn script(&self) -> String {
        self.state.join("web.py").display().to_string()
    }
}

async fn attend(launcher: Arc<Launcher>, recipe: Arc<Recipe>, state: Arc<Guarded<State>>, death: Arc<Notify>) {
    let mut pause = FIRST_PAUSE;
    let mut stays_away = false;
    loop {
        let said = Arc::new(Guarded::new(String::new()));
        let heard = Arc::clone(&said);
        let sink: Sink = Arc::new(move |bytes| {
            let mut text = heard.lock();
            // Only its first line matters; what a program says after that is not kept.
            if text.len() < 4096 {
                text.push_str(&String::from_utf8_lossy(bytes));
            }
        });
        if let Ok(running) = launcher.spawn(&recipe, sink).await {
            tokio::select! {
                _ = running.0.ended() => {}
                () = watch(&launcher.http, &recipe, &said, &state) => {}
                () = death.notified() => stays_away = true,
            }
        }
        {
            let mut state = state.lock();
            state.ends += 1;
            state.port = None;
            state.phase = if stays_away { Phase::Gone } else { Phase::Pending };
            state.health = Health::Unhealthy;
        }
        if stays_away {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        state.lock().health = Health::Initial;
    }
}

/// Follows a running process; does not return.
async fn watch(http: &Http, recipe: &Recipe, said: &Guarded<String>, state: &Guarded<State>) {
    let port = loop {
        if let Some(port) = port_in(&said.lock()) {
            break port;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    {
        let mut state = state.lock();
        state.phase = Phase::Running;
        state.port = Some(port);
    }
    let mut failures = 0;
    loop {
        let fine = match &recipe.probe {
            Some(probe) => check(http, port, probe).await,
            None => true,
        };
        failures = if fine { 0 } else { failures + 1 };
        let health = {
            let mut state = state.lock();
            state.health = judged(state.health, fine, failures);
            state.health
        };
        let pause = if health == Health::Healthy { CHECK_HEALTHY_EVERY } else { CHECK_EVERY };
        tokio::time::sleep(pause).await;
    }
}

/// A target's health after a check.
fn judged(before: Health, fine: bool, failures: u32) -> Health {
    match before {
        _ if fine => Health::Healthy,
        Health::Healthy if failures > FAILURES_ALLOWED => Health::Unhealthy,
        unchanged => unchanged,
    }
}

fn port_in(said: &str) -> Option<u16> {
    let (line, _) = said.split_once('\n')?;
    line.trim().strip_prefix("listening ")?.parse().ok()
}

async fn check(http: &Http, port: u16, probe: &Probe) -> bool {
    let request = Request {
        method: Method::GET,
        path: probe.path.clone(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
    };
    let authority = format!("127.0.0.1:{port}");
    let answer = tokio::time::timeout(CHECK_TIMEOUT, http.send(&authority, request)).await;
    answer.is_ok_and(|answer| answer.is_ok_and(|answer| probe.accepts(answer.status.as_u16())))
}

#[cfg(test)]
mod tests {
    use super::{judged, port_in};
    use crate::services::elb::Health;

    #[test]
    fn a_task_is_heard_once_its_first_line_is_whole() {
        assert_eq!(port_in("listening 80"), None);
        assert_eq!(port_in("listening 8080\nmore"), Some(8080));
        assert_eq!(port_in("Traceback\n"), None);
    }

    #[test]
    fn a_healthy_task_may_fail_one_check_and_a_new_one_is_not_unhealthy_yet() {
        assert_eq!(judged(Health::Initial, false, 9), Health::Initial);
        assert_eq!(judged(Health::Initial, true, 0), Health::Healthy);
        assert_eq!(judged(Health::Healthy, false, 1), Health::Healthy);
        assert_eq!(judged(Health::Healthy, false, 2), Health::Unhealthy);
    }
}
