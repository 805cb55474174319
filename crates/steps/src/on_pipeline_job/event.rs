//! What CodePipeline sends (docs/codedeploy-contract.md 10.1). Members that nobody needs here are not read.

use rollout::ids::JobId;
use serde::{Deserialize, Deserializer};

use crate::ports::{ArtifactKeys, Secret};

/// A job of a Lambda invoke action.
#[derive(Debug, Deserialize)]
pub struct Input {
    /// The job.
    #[serde(rename = "CodePipeline.job")]
    pub job: Job,
}

/// A job.
#[derive(Debug, Deserialize)]
pub struct Job {
    /// By which it is answered.
    pub id: JobId,
    /// What it is about.
    pub data: Data,
}

/// What a job is about.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// What the action says.
    #[serde(default)]
    pub action_configuration: ActionConfiguration,
    /// Its artifacts.
    #[serde(default, deserialize_with = "listed")]
    pub input_artifacts: Vec<Artifact>,
    /// What they are read with.
    #[serde(default)]
    pub artifact_credentials: Option<Credentials>,
    /// The token of the last answer, if there was one.
    #[serde(default)]
    pub continuation_token: Option<String>,
    /// The key that artifacts are encrypted with, where that is the pipeline's own.
    #[serde(default)]
    pub encryption_key: Option<EncryptionKey>,
}

impl Data {
    /// What the user wrote; nothing, where they wrote nothing.
    pub(super) fn parameters(&self) -> &str {
        self.action_configuration.configuration.user_parameters.as_deref().unwrap_or_default()
    }

    /// The names of the artifacts.
    pub(super) fn artifacts(&self) -> Vec<&str> {
        self.input_artifacts.iter().map(|artifact| artifact.name.as_str()).collect()
    }
}

/// What the action says.
#[derive(Debug, Default, Deserialize)]
pub struct ActionConfiguration {
    #[serde(default)]
    configuration: Configuration,
}

#[derive(Debug, Default, Deserialize)]
struct Configuration {
    #[serde(default, rename = "UserParameters")]
    user_parameters: Option<String>,
}

/// An artifact.
#[derive(Debug, Deserialize)]
pub struct Artifact {
    /// What the pipeline calls it.
    pub name: String,
    /// Where it is.
    #[serde(default)]
    pub location: Option<Location>,
}

/// Where an artifact is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// In S3.
    #[serde(default)]
    pub s3_location: Option<S3Location>,
}

/// Where an artifact is in S3.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct S3Location {
    /// The bucket.
    pub bucket_name: String,
    /// The key in it.
    pub object_key: String,
}

/// A key of KMS.
#[derive(Debug, Deserialize)]
pub struct EncryptionKey {
    /// Its id, ARN or alias.
    pub id: String,
}

/// The credentials of a job. They are never shown.
pub struct Credentials(pub(super) ArtifactKeys);

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(…)")
    }
}

impl<'de> Deserialize<'de> for Credentials {
    /// What cannot be read is not repeated, as serde would.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = serde_json::Value::deserialize(deserializer)?;
        let text = |member: &str| written.get(member)?.as_str().map(str::to_owned);
        let read = || {
            let (id, secret) = (text("accessKeyId")?, Secret(text("secretAccessKey")?));
            Some(Self(ArtifactKeys { id, secret, session: text("sessionToken").map(Secret) }))
        };
        read().ok_or_else(|| serde::de::Error::custom("artifactCredentials has an accessKeyId and a secretAccessKey"))
    }
}

fn listed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Artifact>, D::Error> {
    Ok(Option::<Vec<Artifact>>::deserialize(deserializer)?.unwrap_or_default())
}
