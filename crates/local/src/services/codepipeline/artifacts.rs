//! The artifacts of a pipeline: objects of its bucket, encrypted under its key.

use std::io::{Cursor, Read as _};

use super::declaration::Store;
use super::execution::{Failure, Place};
use crate::client::Client;
use crate::objects::Object;

/// Those of one store, by whoever asks for them.
pub(super) struct Artifacts<'a> {
    pub(super) aws: &'a Client,
    pub(super) store: &'a Store,
}

/// Where an artifact of an execution will lie: AWS shortens both names (docs/codedeploy-contract.md 10.4).
pub(super) fn place(store: &Store, pipeline: &str, artifact: &str) -> Place {
    let short = |name: &str, most: usize| name.chars().take(most).collect::<String>();
    let random: String = std::iter::repeat_with(fastrand::alphanumeric).take(7).collect();
    let key = format!("{}/{}/{random}", short(pipeline, 20), short(artifact, 10));
    Place { bucket: store.location.clone(), key, revision: None }
}

impl Artifacts<'_> {
    /// Writes an artifact.
    pub(super) async fn put(&self, place: &Place, content: Vec<u8>) -> Result<(), Failure> {
        let key = self.store.encryption_key.as_ref().map(|key| key.id.as_str());
        let put = self.aws.put_object(&place.bucket, &place.key, content, key).await;
        put.map_err(|error| Failure::of(&error))
    }

    /// Reads one, or an object of any other bucket.
    pub(super) async fn get(&self, bucket: &str, key: &str) -> Result<Object, Failure> {
        self.aws.get_object(bucket, key).await.map_err(|error| Failure::of(&error))
    }

    /// Reads a file of one.
    pub(super) async fn file(&self, place: &Place, path: &str) -> Result<String, Failure> {
        let zip = self.get(&place.bucket, &place.key).await?.body;
        unzipped(&zip, path).map_err(|why| {
            let at = format!("{path} in the artifact s3://{}/{}", place.bucket, place.key);
            Failure::new("ConfigurationError", format!("{at} cannot be read: {why}"))
        })
    }
}

fn unzipped(zip: &[u8], path: &str) -> Result<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).map_err(|error| error.to_string())?;
    let mut file = archive.by_name(path).map_err(|error| error.to_string())?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|error| error.to_string())?;
    Ok(text)
}
