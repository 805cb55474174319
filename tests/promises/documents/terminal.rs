//! A reader's terminal: a shell in a folder of its own, into which commands are typed one by one.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use harness::stack::program;
use harness::{OrStop, eventually};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin};

use crate::clients_boto3::{python, stock};

/// A terminal. What runs in it ends with it.
pub(crate) struct Terminal {
    shell: Child,
    keys: ChildStdin,
    /// Where the reader is.
    here: TempDir,
    /// What was typed, and what came of it.
    kept: TempDir,
    typed: u32,
}

/// Where a command is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// In this shell: what it sets is set for those that follow.
    Here,
    /// In another window with the same settings, since it may take its time.
    Beside,
}

/// A command that was typed.
pub(crate) struct Running {
    kept: PathBuf,
    number: u32,
}

/// What became of a command.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Terminal {
    /// Opens one on the stack, with the programs that `cargo xtask local` puts on the path.
    pub(crate) async fn open() -> Self {
        let here = tempfile::tempdir().or_stop("a folder");
        let kept = tempfile::tempdir().or_stop("a folder");
        let (of_ours, of_python) = (program("tideshift"), python().await);
        let paths = [of_ours.parent(), of_python.parent()].map(|path| path.or_stop("a folder").display().to_string());
        let path = format!("{}:{}", paths.join(":"), std::env::var("PATH").unwrap_or_default());
        let mut shell = stock("bash")
            .await
            .env("PATH", path)
            .env("TZ", "UTC")
            .env("AWS_PAGER", "")
            .current_dir(here.path())
            .stdin(Stdio::piped())
            // Its own group, so that all it has started can be ended with it.
            .process_group(0)
            .spawn()
            .or_stop("bash starts");
        let keys = shell.stdin.take().or_stop("its input");
        Self { shell, keys, here, kept, typed: 0 }
    }

    /// A file where the reader is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.here.path().join(name)
    }

    /// Writes one.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).or_stop(name);
    }

    /// Types a command.
    pub(crate) async fn begin(&mut self, command: &str, way: Way) -> Running {
        self.typed += 1;
        let running = Running { kept: self.kept.path().to_owned(), number: self.typed };
        // Beside, a program takes the place of its window: then a signal to it reaches nothing else.
        let takes_over = way == Way::Beside && command.starts_with("tideshift ");
        fs::write(running.file("sh"), format!("{}{command}\n", if takes_over { "exec " } else { "" }))
            .or_stop("a file");
        let [typed, out, err, code, pid] = ["sh", "out", "err", "code", "pid"].map(|kind| running.file(kind));
        let (typed, out, err, code) = (typed.display(), out.display(), err.display(), code.display());
        let ends = format!("echo $? >'{code}.new'; mv '{code}.new' '{code}'");
        let line = match way {
            Way::Here => format!(". '{typed}' >'{out}' 2>'{err}' </dev/null; {ends}\n"),
            Way::Beside => {
                let pid = pid.display();
                format!("( (sh -c 'echo $PPID' >'{pid}'; . '{typed}') >'{out}' 2>'{err}' </dev/null; {ends} ) &\n")
            }
        };
        self.keys.write_all(line.as_bytes()).await.or_stop("the shell reads");
        running
    }

    /// Types a command and waits for its end.
    pub(crate) async fn run(&mut self, command: &str) -> Said {
        self.begin(command, Way::Here).await.ended().await
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(group) = self.shell.id() {
            // Nobody can be told here that it did not work.
            _ = Command::new("kill").args(["-TERM", "--", &format!("-{group}")]).status();
        }
    }
}

impl Running {
    fn file(&self, kind: &str) -> PathBuf {
        self.kept.join(format!("{}.{kind}", self.number))
    }

    fn read(&self, kind: &str) -> String {
        fs::read(self.file(kind)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// What it has said until now, first to whoever reads its answer.
    pub(crate) fn so_far(&self) -> String {
        self.read("out") + &self.read("err")
    }

    /// What became of it, if it is over.
    pub(crate) fn is_over(&self) -> Option<Said> {
        let code = fs::read_to_string(self.file("code")).ok()?;
        let code = code.trim().parse().or_stop("an exit code");
        Some(Said { code, out: self.read("out"), err: self.read("err") })
    }

    /// What became of it.
    pub(crate) async fn ended(&self) -> Said {
        let wanted = format!("{} never ends", self.read("sh"));
        eventually(async || self.is_over()).await.or_stop(&wanted)
    }

    /// Ctrl-C.
    pub(crate) fn interrupt(&self) {
        let pid = self.read("pid");
        Command::new("kill").args(["-INT", pid.trim()]).status().or_stop("kill");
    }
}
