//! Objects in S3.

use steps::ports::{Object, ObjectRef, PortError, ReadObjects};

use crate::account::Account;
use crate::failure::port_error;

impl ReadObjects for Account {
    async fn object(&self, place: &ObjectRef, limit: usize) -> Result<Object, PortError> {
        let asked = self
            .s3()
            .get_object()
            .bucket(&place.bucket)
            .key(&place.key)
            .set_version_id(place.version.clone())
            .set_if_match(place.e_tag.as_ref().map(|tag| format!("\"{tag}\"")))
            .send()
            .await;
        let mut answer = match asked {
            Ok(answer) => answer,
            Err(error) if error.raw_response().is_some_and(|response| response.status().as_u16() == 412) => {
                return Ok(Object::Other);
            }
            Err(error) => return Err(port_error("GetObject", error)),
        };
        // The rest of what is too long is not fetched.
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.body.next().await {
            let chunk = chunk.map_err(|error| PortError::Passing(format!("GetObject: half an answer: {error}")))?;
            bytes.extend_from_slice(&chunk);
            if bytes.len() > limit {
                return Ok(Object::Longer);
            }
        }
        let e_tag = answer.e_tag.map(|tag| tag.trim_matches('"').to_owned());
        Ok(Object::Read { bytes, e_tag, version: answer.version_id })
    }
}
