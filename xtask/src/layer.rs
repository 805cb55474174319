//! Builds the Lambda layer for hooks: the extension `tideshift-proxy`, as a zip that can be published.

use std::path::Path;

use crate::project;
use crate::validate::{chain, run, tool};

/// How to build it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// For functions on arm64; unless given, for those on x86_64.
    #[arg(long)]
    arm64: bool,
}

/// Builds the layer, and says how to publish it.
pub(crate) async fn layer(root: &Path, arguments: &Arguments) -> Result<String, String> {
    let architecture = if arguments.arm64 { Architecture::ARM64 } else { Architecture::X86_64 };
    let python = local::python::ensure_package_venv(root, &|line| eprintln!("{line}")).await.map_err(chain)?;
    let folder = project::target(root).await?.join("layer").join(architecture.name);
    run(tool(&python, "cargo-lambda", root)?
        .args(["lambda", "build", "--extension", "--release", "--package", "proxy", "--bin", "tideshift-proxy"])
        .args(["--output-format", "zip", "--target", architecture.target, "--lambda-dir"])
        .arg(&folder)
        .env("ZIG_GLOBAL_CACHE_DIR", root.join(".tideshift/zig")))
    .await?;
    let zip = folder.join("extensions/tideshift-proxy.zip");
    let bytes = zip.metadata().map_err(|error| format!("{} was not built: {error}", zip.display()))?.len();
    Ok(architecture.advice(&zip, bytes))
}

struct Architecture {
    name: &'static str,
    /// Runs on the oldest system of Lambda's runtimes, Amazon Linux 2.
    target: &'static str,
}

impl Architecture {
    const ARM64: Self = Self { name: "arm64", target: "aarch64-unknown-linux-gnu.2.26" };
    const X86_64: Self = Self { name: "x86_64", target: "x86_64-unknown-linux-gnu.2.26" };

    fn advice(&self, zip: &Path, bytes: u64) -> String {
        let (zip, name) = (zip.display(), self.name);
        format!(
            "{zip}: {bytes} bytes. Publish it, and give its ARN to your hook functions:

    aws lambda publish-layer-version --layer-name tideshift-proxy --zip-file fileb://{zip} \\
        --compatible-architectures {name} --query LayerVersionArn --output text
"
        )
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::Architecture;

    #[test]
    fn what_was_built_can_be_published_as_it_is_told() {
        expect![[r#"
            /built/tideshift-proxy.zip: 7 bytes. Publish it, and give its ARN to your hook functions:

                aws lambda publish-layer-version --layer-name tideshift-proxy --zip-file fileb:///built/tideshift-proxy.zip \
                    --compatible-architectures arm64 --query LayerVersionArn --output text
        "#]]
        .assert_eq(&Architecture::ARM64.advice("/built/tideshift-proxy.zip".as_ref(), 7));
    }
}
