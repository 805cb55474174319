//! Source/S3: an object becomes an artifact.

use std::collections::BTreeMap;

use super::action::{Done, Task, Undone};
use super::execution::Details;

/// Carries it out.
pub(super) async fn carry_out(task: &Task) -> Result<Done, Undone> {
    let (bucket, key) = (task.required("S3Bucket"), task.required("S3ObjectKey"));
    let object = task.artifacts().get(bucket, key).await?;
    let revision = object.version.clone().unwrap_or_else(|| object.etag.clone());
    for (_, place) in &task.acted.outputs {
        task.artifacts().put(place, object.body.clone()).await?;
    }
    let mut variables = BTreeMap::from([
        ("BucketName".to_owned(), bucket.to_owned()),
        ("ETag".to_owned(), object.etag),
        ("ObjectKey".to_owned(), key.to_owned()),
    ]);
    variables.extend(object.version.map(|version| ("VersionId".to_owned(), version)));
    let summary = Some(format!("Amazon S3 version id: {revision}"));
    let details = Details { summary, external_id: Some(revision.clone()), ..Details::default() };
    Ok(Done { variables, details, revision: Some(revision) })
}
