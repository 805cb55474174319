//! The code of functions: ours is one binary; what users upload is unpacked and kept per version, because moto keeps
//! only the newest.

use std::collections::HashMap;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::LocalError;
use crate::guarded::Guarded;

/// Unpacked code by function and version.
#[derive(Debug)]
pub(crate) struct CodeStore {
    folder: PathBuf,
    known: Guarded<HashMap<(String, String), PathBuf>>,
    last: std::sync::atomic::AtomicU64,
}

impl CodeStore {
    /// An empty store under `folder`.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, known: Guarded::default(), last: 0.into() }
    }

    /// Keeps the zip of `CreateFunction` or `UpdateFunctionCode` as the code of `$LATEST`.
    pub(crate) fn upload(&self, function: &str, zip_base64: &str) -> Result<(), LocalError> {
        let number = self.last.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let folder = self.folder.join(function).join(number.to_string());
        unpacked(zip_base64, &folder)?;
        self.known.lock().insert((function.to_owned(), "$LATEST".to_owned()), folder);
        Ok(())
    }

    /// Keeps what `$LATEST` is now as the code of a published version; a version known already keeps its own.
    pub(crate) fn publish(&self, function: &str, answer: &Value) {
        let Some(version) = answer["Version"].as_str().filter(|version| *version != "$LATEST") else { return };
        let mut known = self.known.lock();
        if let Some(latest) = known.get(&(function.to_owned(), "$LATEST".to_owned())).cloned() {
            known.entry((function.to_owned(), version.to_owned())).or_insert(latest);
        }
    }

    /// Where the code of a version is.
    pub(crate) fn find(&self, function: &str, version: &str) -> Option<PathBuf> {
        self.known.lock().get(&(function.to_owned(), version.to_owned())).cloned()
    }

    /// Forgets a deleted function.
    pub(crate) fn forget(&self, function: &str) {
        self.known.lock().retain(|(name, _), _| name != function);
    }
}

/// Unpacks what came as `ZipFile`.
pub(super) fn unpacked(zip_base64: &str, folder: &Path) -> Result<(), LocalError> {
    let bytes =
        STANDARD.decode(zip_base64).map_err(|error| LocalError::because("ZipFile must be a zip in Base64", error))?;
    unpack(&bytes, folder)
}

fn unpack(bytes: &[u8], folder: &Path) -> Result<(), LocalError> {
    let bad = |error: zip::result::ZipError| LocalError::because("ZipFile is not a zip that can be read", error);
    let unwritable =
        |error: std::io::Error| LocalError::because(format!("{} cannot be written", folder.display()), error);
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(bad)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(bad)?;
        // A name that leads out of the folder is left out.
        let Some(name) = entry.enclosed_name() else { continue };
        let path = folder.join(name);
        if entry.is_dir() {
            std::fs::create_dir_all(&path).map_err(unwritable)?;
            continue;
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(unwritable)?;
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(unwritable)?;
        std::fs::write(&path, content).map_err(unwritable)?;
        #[cfg(unix)]
        if let Some(mode) = entry.unix_mode() {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode | 0o444)).map_err(unwritable)?;
        }
    }
    Ok(())
}
