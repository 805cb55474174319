//! The files of a job's artifacts. Of each artifact only what is needed is fetched (`rollout::pipeline::archive`).

use std::collections::BTreeMap;

use rollout::pipeline::access::{self, Place};
use rollout::pipeline::archive::{Archive, MAX_BYTES, Sought, Span, TAIL, path};
use rollout::pipeline::file::File;
use rollout::pipeline::{FailureType, Fault};

use super::event::{Data, S3Location};
use super::trouble::Trouble;
use crate::ports::{ArtifactKeys, ArtifactPlace, Part, Piece, PortError, ReadArtifacts};

/// How often more of an artifact is fetched for one file: its end, its directory and the file, each in two pieces at the worst.
const FETCHES: usize = 8;

/// The artifacts of a job.
pub(super) struct Artifacts<'a, P> {
    ports: &'a P,
    data: &'a Data,
    open: BTreeMap<String, Open>,
    /// How many bytes of files may be read yet.
    left: usize,
}

/// An artifact whose end was fetched.
struct Open {
    archive: Archive,
    place: ArtifactPlace,
    e_tag: Option<String>,
}

/// A file, or the names of those that it may have been.
pub(super) enum Looked {
    Found(File),
    Absent(Vec<String>),
}

impl<'a, P: ReadArtifacts> Artifacts<'a, P> {
    pub(super) fn of(ports: &'a P, data: &'a Data) -> Self {
        Self { ports, data, open: BTreeMap::new(), left: MAX_BYTES }
    }

    /// The names of the artifacts.
    pub(super) fn names(&self) -> Vec<&'a str> {
        self.data.artifacts()
    }

    /// Reads a file that must be there. `member` is what named it.
    pub(super) async fn file(&mut self, artifact: &str, written: &str, member: &str) -> Result<File, Trouble> {
        match self.look(artifact, written, member).await? {
            Looked::Found(file) => Ok(file),
            Looked::Absent(near) => Err(missing(artifact, written, member, &near).into()),
        }
    }

    /// Reads a file that may be there.
    pub(super) async fn look(&mut self, artifact: &str, written: &str, member: &str) -> Result<Looked, Trouble> {
        let path = path(written, member)?;
        if !self.open.contains_key(artifact) {
            let opened = self.opened(artifact).await?;
            self.open.insert(artifact.to_owned(), opened);
        }
        // CodePipeline's own way to write a file of an artifact.
        let name = if self.names().len() > 1 { format!("{artifact}::{path}") } else { path.clone() };
        for _ in 0..FETCHES {
            let Some(open) = self.open.get(artifact) else { break };
            match open.archive.file(&path, self.left)? {
                Sought::Found(bytes) => {
                    self.left = self.left.saturating_sub(bytes.len());
                    return Ok(Looked::Found(File::read(name, &bytes)?));
                }
                Sought::Absent(near) => return Ok(Looked::Absent(near)),
                Sought::Need(span) => self.fetch(artifact, span).await?,
            }
        }
        Err(Fault::written(format!("the artifact {artifact} cannot be read as a zip: pack it again")).into())
    }

    async fn opened(&self, artifact: &str) -> Result<Open, Trouble> {
        let named = self.data.input_artifacts.iter().find(|found| found.name == artifact);
        let place = named.and_then(|found| found.location.as_ref()?.s3_location.as_ref());
        let Some(S3Location { bucket_name, object_key }) = place else {
            return Err(Fault::written(format!("the artifact {artifact} is in no bucket of S3")).into());
        };
        let place = ArtifactPlace { bucket: bucket_name.clone(), key: object_key.clone() };
        match self.part(artifact, &place, &Part::Last(TAIL)).await? {
            Piece::Read { bytes, from, total, e_tag } => {
                let mut archive = Archive::new(format!("{artifact} (s3://{}/{})", place.bucket, place.key), total);
                archive.add(from, bytes);
                Ok(Open { archive, place, e_tag })
            }
            Piece::Changed => Err(Fault::changed(artifact).into()),
        }
    }

    async fn fetch(&mut self, artifact: &str, span: Span) -> Result<(), Trouble> {
        let Some(open) = self.open.get(artifact) else { return Ok(()) };
        let part = Part::At(span, open.e_tag.clone());
        match self.part(artifact, &open.place, &part).await? {
            Piece::Read { bytes, from, .. } => {
                if let Some(open) = self.open.get_mut(artifact) {
                    open.archive.add(from, bytes);
                }
                Ok(())
            }
            Piece::Changed => Err(Fault::changed(artifact).into()),
        }
    }

    async fn part(&self, artifact: &str, place: &ArtifactPlace, part: &Part) -> Result<Piece, Trouble> {
        let told = Place {
            bucket: &place.bucket,
            key: &place.key,
            encryption: self.data.encryption_key.as_ref().map(|key| key.id.as_str()),
        };
        match self.ports.artifact(place, self.keys()?, part).await {
            Ok(piece) => Ok(piece),
            Err(PortError::Denied(said)) => Err(access::denied(artifact, told, &said).into()),
            Err(PortError::Missing(said)) => Err(access::gone(artifact, told, &said).into()),
            Err(error) => Err(error.into()),
        }
    }

    /// The job's own, and no other: what the function itself may read is nobody's business here.
    fn keys(&self) -> Result<&ArtifactKeys, Fault> {
        let keys = self.data.artifact_credentials.as_ref().map(|credentials| &credentials.0);
        keys.ok_or_else(|| {
            Fault::new(
                FailureType::PermissionError,
                "the job brings no credentials for its artifacts: artifactCredentials is missing",
            )
        })
    }
}

/// A file that is not where it was said to be.
pub(super) fn missing(artifact: &str, path: &str, member: &str, near: &[String]) -> Fault {
    let near = match near {
        [] => "write where it is, or have the build put it there".to_owned(),
        [only] => format!("it has {only}: write {member}: {only}"),
        several => format!("it has {}: write one of them as {member}", several.join(", ")),
    };
    Fault::written(format!("the artifact {artifact} has no {path}: {near}"))
}
