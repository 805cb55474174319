//! Layers: unpacked when they are published, and what of them is started beside a function.

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::code::unpacked;
use crate::LocalError;
use crate::guarded::Guarded;

/// Unpacked layers by the ARN of their version.
#[derive(Debug)]
pub(crate) struct Layers {
    folder: PathBuf,
    known: Guarded<HashMap<String, PathBuf>>,
}

impl Layers {
    /// An empty store under `folder`.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, known: Guarded::default() }
    }

    /// Keeps the zip of `PublishLayerVersion`.
    pub(crate) fn publish(&self, version_arn: &str, zip_base64: &str) -> Result<(), LocalError> {
        let folder = self.folder.join(version_arn.rsplit("layer:").next().unwrap_or_default().replace(':', "-"));
        unpacked(zip_base64, &folder)?;
        self.known.lock().insert(version_arn.to_owned(), folder);
        Ok(())
    }

    /// The extensions in a function's layers, in the layers' order.
    pub(crate) fn extensions(&self, config: &Value) -> Result<Vec<PathBuf>, LocalError> {
        let mut found = Vec::new();
        for arn in config["Layers"].as_array().into_iter().flatten().filter_map(|layer| layer["Arn"].as_str()) {
            let folder = self.known.lock().get(arn).cloned().ok_or_else(|| {
                LocalError::failed(format!("the layer {arn} is not here: publish it with Content.ZipFile"))
            })?;
            let mut programs = std::fs::read_dir(folder.join("extensions"))
                .into_iter()
                .flatten()
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| is_program(path))
                .collect::<Vec<_>>();
            programs.sort();
            found.extend(programs);
        }
        Ok(found)
    }
}

fn is_program(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        path.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    path.is_file()
}

const PORT: &str = "TIDESHIFT_PROXY_PORT";
const ENDPOINT: &str = "AWS_ENDPOINT_URL_CODEDEPLOY";

/// In Lambda every environment has a loopback of its own; here all share one, and our extension would find its port taken
/// by the next environment's. So it gets a port of its own, and the function's variable follows it there.
pub(crate) fn own_port(env: &mut BTreeMap<String, String>) {
    if env.contains_key(PORT) {
        return;
    }
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    let Ok(free) = free else { return };
    env.insert(PORT.to_owned(), free.port().to_string());
    if let Some(endpoint) = env.get_mut(ENDPOINT) {
        *endpoint = endpoint.replace(":8378", &format!(":{}", free.port()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_do_not_share_a_port_and_the_function_finds_its_own() {
        let env = || BTreeMap::from([(ENDPOINT.to_owned(), "http://127.0.0.1:8378".to_owned())]);
        let mut moved = env();
        own_port(&mut moved);
        assert_eq!(moved[ENDPOINT], format!("http://127.0.0.1:{}", moved[PORT]));
        let mut chosen = env();
        chosen.insert(PORT.to_owned(), "9000".to_owned());
        own_port(&mut chosen);
        assert_eq!((chosen[ENDPOINT].as_str(), chosen[PORT].as_str()), ("http://127.0.0.1:8378", "9000"));
    }
}
