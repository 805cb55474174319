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
    let told = metadata(root).await?;
    let target = told["target_directory"].as_str();
    target.map(PathBuf::from).ok_or_else(|| "cargo metadata names no target directory".to_owned())
}

/// The test programs of all packages, those inside of crates aside.
pub(crate) async fn test_programs(root: &Path) -> Result<Vec<String>, String> {
    Ok(tests_in(&metadata(root).await?))
}

fn tests_in(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let targets = packages.filter_map(|package| package["targets"].as_array()).flatten();
    let tests = targets.filter(|target| target["kind"][0] == "test").filter_map(|target| target["name"].as_str());
    tests.map(ToOwned::to_owned).collect()
}

async fn metadata(root: &Path) -> Result<Value, String> {
    let told = cargo::answer(root, &["metadata", "--format-version", "1", "--no-deps"]).await?;
    serde_json::from_str(&told).map_err(|error| format!("cargo metadata is not JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::tests_in;

    #[test]
    fn test_programs_are_found_by_their_kind() {
        let target = |name: &str, kind: &str| json!({ "name": name, "kind": [kind] });
        let metadata = json!({ "packages": [
            { "targets": [target("steps", "lib"), target("steps", "test")] },
            { "targets": [target("harness", "lib"), target("promises", "test"), target("bootstrap", "bin")] },
        ] });
        assert_eq!(tests_in(&metadata), ["steps", "promises"]);
    }
}
