//! The Python that the local stack and the packaging need: virtual environments under `.tideshift`, which git ignores.
//!
//! A virtual environment cannot be moved once it is made, so it is made where it stays, and a stamp written last says that
//! it is whole. Without the stamp it is an interrupted set-up and is made anew.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;

use crate::LocalError;

/// The oldest Python that the pinned packages allow.
const OLDEST: (u32, u32) = (3, 10);
/// Where to look, in this order.
const NAMES: [&str; 6] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
const STAMP: &str = "complete";

/// The Python of the local stack (moto, the SAM transform, the AWS CLI, boto3), set up if it is not yet there. Returns the
/// path of its interpreter; the programs lie beside it.
pub async fn ensure_venv(project_root: &Path, progress: &dyn Fn(&str)) -> Result<PathBuf, LocalError> {
    ensure(project_root, "venv", "requirements.txt", progress).await
}

/// The Python of the packaging (the SAM CLI, cargo-lambda, zig, cfn-lint), set up if it is not yet there.
pub async fn ensure_package_venv(project_root: &Path, progress: &dyn Fn(&str)) -> Result<PathBuf, LocalError> {
    ensure(project_root, "package-venv", "requirements-package.txt", progress).await
}

async fn ensure(root: &Path, name: &str, file: &str, progress: &dyn Fn(&str)) -> Result<PathBuf, LocalError> {
    let requirements = root.join("crates/local/python").join(file);
    let wanted = std::fs::read_to_string(&requirements)
        .map_err(|error| LocalError::because(format!("{} cannot be read", requirements.display()), error))?;
    let home = root.join(".tideshift");
    let venv = home.join(format!("{name}-{:016x}", fingerprint(&wanted)));
    if is_complete(&venv) {
        return Ok(interpreter(&venv));
    }
    std::fs::create_dir_all(&home)
        .map_err(|error| LocalError::because(format!("{} cannot be made", home.display()), error))?;
    let _lock = lock(venv.with_extension("lock"), progress).await?;
    if is_complete(&venv) {
        return Ok(interpreter(&venv));
    }
    if venv.exists() {
        progress("an earlier set-up of Python was interrupted: beginning anew");
        std::fs::remove_dir_all(&venv)
            .map_err(|error| LocalError::because(format!("{} cannot be removed", venv.display()), error))?;
    }
    make(&venv, progress).await?;
    install(&venv, &requirements, packages(&wanted), progress).await?;
    std::fs::write(venv.join(STAMP), "")
        .map_err(|error| LocalError::because(format!("{} cannot be written", venv.display()), error))?;
    Ok(interpreter(&venv))
}

fn interpreter(venv: &Path) -> PathBuf {
    venv.join("bin/python")
}

/// Whether it was set up to the end, by a Python that is still there.
fn is_complete(venv: &Path) -> bool {
    venv.join(STAMP).exists() && interpreter(venv).exists()
}

/// FNV-1a: the same for the same text on every machine and with every compiler.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn packages(requirements: &str) -> usize {
    requirements.lines().filter(|line| line.contains("==")).count()
}

/// Held until dropped; the system frees it when the process ends in any way.
async fn lock(path: PathBuf, progress: &dyn Fn(&str)) -> Result<File, LocalError> {
    let refused = |error| LocalError::because(format!("{} cannot be locked", path.display()), error);
    let file = File::create(&path).map_err(refused)?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => progress("Python is being set up by another process: waiting for it"),
        Err(TryLockError::Error(error)) => return Err(refused(error)),
    }
    let waiting = tokio::task::spawn_blocking(move || file.lock().map(|()| file));
    match waiting.await {
        Ok(locked) => locked.map_err(refused),
        Err(error) => Err(LocalError::because("waiting for another set-up of Python ended", error)),
    }
}

async fn make(venv: &Path, progress: &dyn Fn(&str)) -> Result<(), LocalError> {
    let python = find().await?;
    progress(&format!("setting up Python in {}", venv.display()));
    let made = Command::new(&python)
        .args(["-m", "venv"])
        .arg(venv)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| LocalError::because(format!("{python} cannot be started"), error))?;
    if made.status.success() {
        return Ok(());
    }
    let said = format!("{}{}", String::from_utf8_lossy(&made.stdout), String::from_utf8_lossy(&made.stderr));
    Err(LocalError::failed(if said.contains("ensurepip") || said.contains("No module named venv") {
        format!("{python} has no venv module: install it (on Debian and Ubuntu the package is called python3-venv)")
    } else {
        format!("{python} -m venv failed: {}", last_line(&said))
    }))
}

/// The first Python that is new enough.
async fn find() -> Result<String, LocalError> {
    let mut too_old = None;
    for name in NAMES {
        let asked = Command::new(name)
            .args(["-c", "import sys; print(*sys.version_info[:2])"])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await;
        let Some(version) = asked.ok().and_then(|said| version(&String::from_utf8_lossy(&said.stdout))) else {
            continue;
        };
        if version >= OLDEST {
            return Ok(name.to_owned());
        }
        too_old.get_or_insert((name, version));
    }
    let (major, minor) = OLDEST;
    Err(LocalError::failed(match too_old {
        Some((name, (its_major, its_minor))) => {
            format!("{name} is Python {its_major}.{its_minor}: install Python {major}.{minor} or later")
        }
        None => format!("there is no python3: install Python {major}.{minor} or later"),
    }))
}

fn version(said: &str) -> Option<(u32, u32)> {
    let (major, minor) = said.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

async fn install(venv: &Path, requirements: &Path, count: usize, progress: &dyn Fn(&str)) -> Result<(), LocalError> {
    let start = |error| LocalError::because("pip cannot be started", error);
    let mut pip = Command::new(interpreter(venv))
        .arg(requirements.with_file_name("install.py"))
        .args(["install", "--no-deps", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"])
        .arg("--requirement")
        .arg(requirements)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(start)?;
    // Never written to: pip stops when it closes, and it does when we end, in whatever way.
    let stdin = pip.stdin.take();
    let (Some(out), Some(mut err)) = (pip.stdout.take(), pip.stderr.take()) else {
        return Err(LocalError::failed("pip cannot be heard"));
    };
    let complaints = tokio::spawn(async move {
        let mut said = Vec::new();
        // What was said before the pipe broke is what there is.
        let _ = err.read_to_end(&mut said).await;
        String::from_utf8_lossy(&said).into_owned()
    });
    let mut lines = BufReader::new(out).lines();
    let mut seen = 0;
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(package) = line.trim().strip_prefix("Collecting ") {
            seen += 1;
            let package = package.split(" (from").next().unwrap_or(package);
            progress(&format!("Python package {seen} of {count}: {package}"));
        } else if line.starts_with("Installing collected packages") {
            progress("installing the Python packages");
        }
    }
    let ended = pip.wait().await.map_err(start)?;
    drop(stdin);
    if ended.success() {
        return Ok(());
    }
    let said = complaints.await.unwrap_or_default();
    Err(LocalError::failed(format!("pip could not install {}: {}", requirements.display(), last_error(&said))))
}

/// What pip says last as an error.
fn last_error(said: &str) -> &str {
    said.lines().rev().find_map(|line| line.trim().strip_prefix("ERROR: ")).unwrap_or_else(|| last_line(said))
}

fn last_line(said: &str) -> &str {
    said.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it said nothing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_requirements_mean_the_same_folder() {
        assert_eq!(format!("{:016x}", fingerprint("moto==5.2.5\n")), format!("{:016x}", fingerprint("moto==5.2.5\n")));
        assert_ne!(fingerprint("moto==5.2.5\n"), fingerprint("moto==5.2.6\n"));
        assert_eq!(fingerprint(""), 0xcbf2_9ce4_8422_2325);
    }

    #[test]
    fn every_package_is_pinned() {
        for requirements in
            [include_str!("../python/requirements.txt"), include_str!("../python/requirements-package.txt")]
        {
            let lines = requirements.lines().filter(|line| !line.starts_with('#'));
            assert_eq!(lines.filter(|line| !line.contains("==")).collect::<Vec<_>>(), Vec::<&str>::new());
        }
    }

    #[test]
    fn a_folder_without_its_stamp_is_an_interrupted_set_up() -> std::io::Result<()> {
        let venv = tempfile::tempdir()?;
        std::fs::create_dir(venv.path().join("bin"))?;
        std::fs::write(interpreter(venv.path()), "")?;
        assert!(!is_complete(venv.path()));
        std::fs::write(venv.path().join(STAMP), "")?;
        assert!(is_complete(venv.path()));
        Ok(())
    }

    #[test]
    fn pips_last_error_is_what_is_told() {
        let said =
            "WARNING: retrying\nERROR: Could not find a version\nERROR: No matching distribution found for moto==9\n\n";
        assert_eq!(last_error(said), "No matching distribution found for moto==9");
        assert_eq!(last_error("segmentation fault\n"), "segmentation fault");
        assert_eq!(last_error(""), "it said nothing");
    }

    #[test]
    fn a_version_is_compared_as_numbers() {
        assert!(version("3 9\n") < Some(OLDEST));
        assert!(version("3 10\n") >= Some(OLDEST));
        assert_eq!(version("no python here"), None);
    }
}
