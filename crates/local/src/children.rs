//! Child processes that cannot outlive us.
//!
//! On Linux a child asks the kernel to be killed when the *thread* that started it ends, so all are started from one
//! thread that lives as long as the stack: whatever ends this process, SIGKILL included, ends them. On other systems
//! they notice by themselves: moto by the end of its standard input, functions by the loss of their Runtime API.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::{Notify, mpsc, oneshot, watch};

use crate::LocalError;
use crate::guarded::Guarded;

/// Where a child's output goes, in pieces as they come.
pub(crate) type Sink = Arc<dyn Fn(&[u8]) + Send + Sync>;

/// A program to start.
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) args: Vec<String>,
    /// The whole environment: nothing is inherited.
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) directory: PathBuf,
    pub(crate) output: Sink,
}

/// A running (or ended) child.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    kill: Arc<Notify>,
    ended: watch::Receiver<Option<Ended>>,
}

/// How a child ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended(Option<ExitStatus>);

impl Ended {
    /// In the words of AWS: `signal: killed`, `exit status 1`.
    pub(crate) fn in_words(self) -> String {
        let Some(status) = self.0 else { return "unknown status".to_owned() };
        #[cfg(unix)]
        {
            use std::os::unix::process::ExitStatusExt as _;
            match status.signal() {
                Some(9) => return "signal: killed".to_owned(),
                Some(11) => return "signal: segmentation fault".to_owned(),
                Some(signal) => return format!("signal: {signal}"),
                None => {}
            }
        }
        format!("exit status {}", status.code().unwrap_or(-1))
    }
}

impl Process {
    /// Kills it. Harmless when it has ended.
    pub(crate) fn kill(&self) {
        self.kill.notify_one();
    }

    /// Whether it still runs.
    pub(crate) fn alive(&self) -> bool {
        self.ended.borrow().is_none()
    }

    /// Waits for its end.
    pub(crate) async fn ended(&self) -> Ended {
        let mut ended = self.ended.clone();
        match ended.wait_for(Option::is_some).await {
            Ok(seen) => (*seen).unwrap_or(Ended(None)),
            Err(_) => Ended(None),
        }
    }
}

type Order = (Program, oneshot::Sender<std::io::Result<Process>>);

/// The thread that starts, watches and reaps.
pub(crate) struct Children {
    orders: Guarded<Option<mpsc::UnboundedSender<Order>>>,
    thread: Guarded<Option<std::thread::JoinHandle<()>>>,
}

impl Children {
    /// Starts the thread.
    pub(crate) fn start() -> Result<Self, LocalError> {
        let (orders, inbox) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| LocalError::because("no runtime for child processes", error))?;
        let thread = std::thread::Builder::new()
            .name("children".to_owned())
            .spawn(move || runtime.block_on(serve(inbox)))
            .map_err(|error| LocalError::because("no thread for child processes", error))?;
        Ok(Self { orders: Guarded::new(Some(orders)), thread: Guarded::new(Some(thread)) })
    }

    /// Starts a program.
    pub(crate) async fn spawn(&self, program: Program) -> Result<Process, LocalError> {
        let name = program.path.display().to_string();
        let (answer, answered) = oneshot::channel();
        let sent = self.orders.lock().as_ref().is_some_and(|orders| orders.send((program, answer)).is_ok());
        if !sent {
            return Err(LocalError::failed("the local stack is stopping"));
        }
        match answered.await {
            Ok(Ok(process)) => Ok(process),
            Ok(Err(error)) => Err(LocalError::because(format!("{name} could not be started"), error)),
            Err(_) => Err(LocalError::failed("the local stack is stopping")),
        }
    }

    /// Kills and reaps every child.
    pub(crate) fn stop(&self) {
        self.orders.lock().take();
        let thread = self.thread.lock().take();
        if let Some(thread) = thread {
            // A thread that panicked has ended, and with it its children.
            let _ = thread.join();
        }
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn serve(mut inbox: mpsc::UnboundedReceiver<Order>) {
    let (all, stopping) = watch::channel(false);
    let mut running = tokio::task::JoinSet::new();
    while let Some((program, answer)) = inbox.recv().await {
        while running.try_join_next().is_some() {}
        let output = Arc::clone(&program.output);
        let process = command(program).spawn().map(|child| {
            let (ended, watched) = watch::channel(None);
            let kill = Arc::new(Notify::new());
            let process = Process { pid: child.id().unwrap_or(0), kill: Arc::clone(&kill), ended: watched };
            let stopping = stopping.clone();
            running.spawn(async move { attend(child, output, kill, stopping, ended).await });
            process
        });
        // Nobody waits for the answer any more: the child then ends with the stack.
        let _ = answer.send(process);
    }
    all.send_replace(true);
    let longest = std::time::Duration::from_secs(5);
    let _ = tokio::time::timeout(longest, async { while running.join_next().await.is_some() {} }).await;
}

fn command(program: Program) -> Command {
    let mut command = Command::new(&program.path);
    command
        .args(&program.args)
        .env_clear()
        .envs(&program.env)
        .current_dir(&program.directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Ctrl-C in the terminal is for us; we then stop them in order.
        .process_group(0)
        .kill_on_drop(true);
    #[cfg(target_os = "linux")]
    #[expect(unsafe_code, reason = "prctl between fork and exec is the only way to ask for a parent-death signal")]
    // SAFETY: prctl is async-signal-safe and touches no memory of ours.
    unsafe {
        command.pre_exec(|| {
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) == -1 {
                return Err(std::io::Error::last_os_error());
            }
            Ok(())
        });
    }
    command
}

async fn attend(
    mut child: Child,
    output: Sink,
    kill: Arc<Notify>,
    mut stopping: watch::Receiver<bool>,
    ended: watch::Sender<Option<Ended>>,
) {
    // Kept open: its end tells moto that we are gone.
    let stdin = child.stdin.take();
    let out = child.stdout.take().map(|pipe| tokio::spawn(copy(pipe, Arc::clone(&output))));
    let err = child.stderr.take().map(|pipe| tokio::spawn(copy(pipe, output)));
    let status = tokio::select! {
        status = child.wait() => status.ok(),
        () = async { tokio::select! { () = kill.notified() => {}, _ = stopping.wait_for(|stop| *stop) => {} } } => {
            // It may have ended in between; then wait() tells how.
            let _ = child.start_kill();
            child.wait().await.ok()
        }
    };
    drop(stdin);
    // A grandchild can hold a pipe open: the last words are waited for, but not for long.
    let last_words = async {
        for reader in [out, err].into_iter().flatten() {
            let _ = reader.await;
        }
    };
    let _ = tokio::time::timeout(std::time::Duration::from_millis(200), last_words).await;
    ended.send_replace(Some(Ended(status)));
}

async fn copy(mut pipe: impl AsyncRead + Unpin, output: Sink) {
    let mut buffer = vec![0; 8192];
    while let Ok(read @ 1..) = pipe.read(&mut buffer).await {
        output(&buffer[..read]);
    }
}
