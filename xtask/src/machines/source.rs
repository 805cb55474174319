//! The files that definitions are made of.

use std::fs;
use std::path::Path;

/// A file, by its path from the project's root.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
}

/// The YAML files of a folder, by name.
pub(super) fn sources(root: &Path, folder: &str) -> Result<Vec<Source>, String> {
    let told = |error: std::io::Error| format!("{folder} cannot be read: {error}");
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join(folder)).map_err(told)? {
        let name = entry.map_err(told)?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".yaml") {
            let path = format!("{folder}/{name}");
            let text = fs::read_to_string(root.join(&path)).map_err(|error| format!("{path}: {error}"))?;
            found.push(Source { path, text });
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}
