//! The world as S3.

use steps::ports::{Object, ObjectRef, PortError, ReadObjects};

use crate::state::objects::e_tag;
use crate::world::World;

impl World {
    /// Writes an object, on top of what is there.
    pub fn put_object(&self, bucket: &str, key: &str, bytes: impl Into<Vec<u8>>) {
        self.state().objects.entry((bucket.to_owned(), key.to_owned())).or_default().push(bytes.into());
    }

    /// Deletes an object with all its versions.
    pub fn delete_object(&self, bucket: &str, key: &str) {
        self.state().objects.remove(&(bucket.to_owned(), key.to_owned()));
    }
}

impl ReadObjects for World {
    async fn object(&self, place: &ObjectRef, limit: usize) -> Result<Object, PortError> {
        self.call("object", |state, now| {
            let missing = || PortError::Missing(format!("{place}"));
            let versions = state.objects.get(&(place.bucket.clone(), place.key.clone())).ok_or_else(missing)?;
            let number = match &place.version {
                Some(version) => {
                    version.parse().map_err(|_| PortError::Denied(format!("no version is called {version}")))?
                }
                None => versions.len(),
            };
            let bytes = number.checked_sub(1).and_then(|index| versions.get(index)).ok_or_else(missing)?;
            if place.e_tag.as_ref().is_some_and(|wanted| *wanted != e_tag(bytes)) {
                return Ok(Object::Other);
            }
            if bytes.len() > limit {
                return Ok(Object::Longer);
            }
            state.log.push((now, format!("{place} is read")));
            Ok(Object::Read { bytes: bytes.clone(), e_tag: Some(e_tag(bytes)), version: Some(number.to_string()) })
        })
        .await
    }
}
