//! Where the project and its built programs are.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cargo;

/// The project's folder.
pub(crate) fn root() -> Result<PathBuf, String> {
    // Cargo tells where the manifest is now; a folder that was moved was not rebuilt for it.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR");
    let manifest = manifest.map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = manifest.parent().unwrap_or(Path::new("."));
    root.canonicalize().map_err(|error| format!("the project's folder {} cannot be found: {error}", root.display()))
}

/// Where cargo puts what it builds, whoever has set it.
pub(crate) async fn target(root: &Path) -> Result<PathBuf, String> {
    let told = cargo::answer(root, &["metadata", "--format-version", "1", "--no-deps", "--offline"]).await?;
    let told = serde_json::from_str::<Value>(&told).map_err(|error| format!("cargo metadata is not JSON: {error}"))?;
    let target = told["target_directory"].as_str();
    target.map(PathBuf::from).ok_or_else(|| "cargo metadata names no target directory".to_owned())
}
