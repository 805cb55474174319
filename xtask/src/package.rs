//! Builds what `sam deploy` uploads, with the SAM CLI itself.

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use crate::validate::{chain, run, tool};

/// What was built.
pub(crate) struct Package {
    /// The one program of all functions.
    pub(crate) bootstrap: PathBuf,
    /// Its size as it is uploaded.
    pub(crate) zip_bytes: u64,
}

/// Runs `sam build`, and checks that all functions share one program.
pub(crate) async fn package(root: &Path) -> Result<Package, String> {
    let python = local::python::ensure_package_venv(root, &|line| eprintln!("{line}")).await.map_err(chain)?;
    // zig stands in for the linker, and keeps its cache beside the rest.
    run(tool(&python, "sam", root)?.arg("build").env("ZIG_GLOBAL_CACHE_DIR", root.join(".tideshift/zig"))).await?;
    let bootstrap = the_only_program(&root.join(".aws-sam/build"))?;
    let zip_bytes = zipped(&bootstrap)?;
    Ok(Package { bootstrap, zip_bytes })
}

/// SAM builds once what has the same code and metadata, but gives every function a folder with a copy.
fn the_only_program(built: &Path) -> Result<PathBuf, String> {
    let unreadable = |error| format!("what sam build made in {} cannot be read: {error}", built.display());
    let mut found: Option<(PathBuf, Vec<u8>)> = None;
    for entry in std::fs::read_dir(built).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path().join("bootstrap");
        if !path.exists() {
            continue;
        }
        let program = std::fs::read(&path).map_err(unreadable)?;
        match &found {
            None => found = Some((path, program)),
            Some((_, known)) if *known == program => {}
            Some((known, _)) => {
                let (one, other) = (known.display(), path.display());
                return Err(format!("{one} and {other} differ: give all functions the same CodeUri and Metadata"));
            }
        }
    }
    found.map(|(path, _)| path).ok_or_else(|| format!("sam build left no program in {}", built.display()))
}

/// The size of the program as a zip archive.
pub(crate) fn zipped(bootstrap: &Path) -> Result<u64, String> {
    let program =
        std::fs::read(bootstrap).map_err(|error| format!("{} cannot be read: {error}", bootstrap.display()))?;
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    let failed = |error: &dyn std::fmt::Display| format!("{} cannot be zipped: {error}", bootstrap.display());
    archive.start_file("bootstrap", options).map_err(|error| failed(&error))?;
    archive.write_all(&program).map_err(|error| failed(&error))?;
    let written = archive.finish().map_err(|error| failed(&error))?;
    u64::try_from(written.into_inner().len()).map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_were_built_apart_are_refused() -> std::io::Result<()> {
        let built = std::env::temp_dir().join(format!("tideshift-package-{}", std::process::id()));
        let put = |function: &str, program: &str| {
            std::fs::create_dir_all(built.join(function))?;
            std::fs::write(built.join(function).join("bootstrap"), program)
        };
        put("PrepareFunction", "one")?;
        put("ShiftFunction", "one")?;
        let together = the_only_program(&built);
        put("ShiftFunction", "another")?;
        let apart = the_only_program(&built);
        std::fs::remove_dir_all(&built)?;
        assert!(together.is_ok_and(|program| program.ends_with("bootstrap")));
        assert!(apart.is_err_and(|error| error.contains("differ")));
        assert!(the_only_program(&built).is_err(), "nothing was built");
        Ok(())
    }
}
