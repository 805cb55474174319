//! Where the AppSpec of a request is, and reading it there.

use std::fmt;

use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{RevisionLocation, S3Location};
use rollout::appspec::MAX_BYTES;
use rollout::platform::Platform;

use crate::answering::failed;
use crate::ports::{Object, ObjectRef, PortError, ReadObjects};
use crate::revisions::Located;

/// Where an AppSpec is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// In the request.
    Text(String),
    /// In S3.
    Object(ObjectRef),
}

impl Source {
    /// Reads the revision of a request. What is wrong with a place shows when it is looked at: CodeDeploy creates the
    /// deployment, which fails.
    pub fn of(revision: Option<&RevisionLocation>, platform: Platform) -> Result<Self, ApiError> {
        let located = Located::read(revision, Some(platform.as_str()))?;
        if let Some(S3Location { bucket: Some(bucket), key: Some(key), version, e_tag, .. }) =
            located.location.s3_location
        {
            named_plainly(&bucket).map_err(|instead| {
                let message = format!("s3Location.bucket is {bucket}: {instead}");
                ApiError::new(Code::InvalidRevisionException, codedeploy::text::clipped(&message, LONGEST))
            })?;
            return Ok(Self::Object(ObjectRef { bucket, key, version, e_tag }));
        }
        let text = located.content.ok_or_else(|| {
            let message = "the revision's content is missing; it holds the AppSpec, as YAML or JSON text";
            ApiError::new(Code::InvalidRevisionException, message)
        })?;
        Ok(Self::Text(text))
    }

    /// The AppSpec's text. An error of ours says that the same look may work later; any other is the revision's.
    pub async fn text(&self, ports: &impl ReadObjects) -> Result<String, ApiError> {
        let place = match self {
            Self::Text(text) => return Ok(text.clone()),
            Self::Object(place) => place,
        };
        let found = ports.object(place, MAX_BYTES).await.map_err(|error| unread(place, error))?;
        let (bytes, e_tag, version) = match found {
            Object::Read { bytes, e_tag, version } => (bytes, e_tag, version),
            Object::Other => {
                let message = format!(
                    "{place} does not have the eTag {} any more: send the eTag of what is there now, the version of what was, \
                     or no eTag",
                    place.e_tag.as_deref().unwrap_or_default()
                );
                return Err(ApiError::new(Code::RevisionDoesNotExistException, message));
            }
            Object::Longer => {
                return Err(unfit(place, &format!("longer than {MAX_BYTES} bytes, the most an AppSpec may have")));
            }
        };
        tracing::info!(%place, e_tag, version, "the AppSpec was read");
        String::from_utf8(bytes).map_err(|_| unfit(place, "not a text in UTF-8: upload the AppSpec as YAML or JSON"))
    }
}

/// The longest sentence about a bucket that is none.
const LONGEST: usize = 500;

/// A bucket is given by its name alone; otherwise, what to write instead.
fn named_plainly(bucket: &str) -> Result<(), String> {
    if bucket.contains(":accesspoint/") || bucket.ends_with("-s3alias") {
        return Err("access points are not read: write the name of the bucket behind it".to_owned());
    }
    if let Some(name) = bucket.strip_prefix("arn:").and_then(|arn| arn.rsplit(':').next()) {
        let name = name.split('/').next().unwrap_or(name);
        return Err(format!("write the name alone, {name}, and not its ARN"));
    }
    let Some((_, rest)) = bucket.split_once("://") else { return Ok(()) };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    // `bucket.s3.region.amazonaws.com/key`, or `s3.region.amazonaws.com/bucket/key`.
    let (name, key) = match host.split_once(".s3") {
        Some((name, _)) => (name, path),
        None if host.starts_with("s3.") || host.starts_with("s3-") => path.split_once('/').unwrap_or((path, "")),
        None => (host, path),
    };
    let key = if key.is_empty() { String::new() } else { format!(", and the key, {key}, beside it") };
    Err(format!("write the bucket's name alone, {name}{key}, and not a URL"))
}

/// Why a place could not be read. S3 says "access denied" of what is not there too, to those who may not list the bucket.
fn unread(place: &ObjectRef, error: PortError) -> ApiError {
    let missing = |why: String| ApiError::new(Code::RevisionDoesNotExistException, why);
    match error {
        PortError::Passing(_) | PortError::Newer(_) | PortError::Conflict(_) | PortError::Barred(_) => failed(error),
        PortError::Missing(_) => {
            missing(format!("{place} does not exist: upload the AppSpec, or correct the revision ({error})"))
        }
        PortError::Denied(_) => missing(format!(
            "{place} does not exist, or the stack may not read it: its parameter RevisionObjects has to name it, for example \
             as arn:aws:s3:::{}/*, and the policies of bucket and key have to allow it ({error})",
            place.bucket
        )),
    }
}

fn unfit(place: &ObjectRef, why: &str) -> ApiError {
    ApiError::new(Code::InvalidRevisionException, format!("{place} is {why}"))
}

/// The longest key that is shown whole, so that what to do about it is shown too.
const SHOWN: usize = 200;

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/", self.bucket)?;
        match self.key.char_indices().nth(SHOWN) {
            Some((end, _)) => write!(f, "{}…", &self.key[..end])?,
            None => f.write_str(&self.key)?,
        }
        match &self.version {
            Some(version) => write!(f, " (version {version})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_bucket_is_named_by_its_name_alone() {
        assert_eq!(named_plainly("shop-deployments"), Ok(()));
        let told = [
            "s3://shop-deployments/appspec.yaml",
            "s3://shop-deployments",
            "https://shop-deployments.s3.eu-west-1.amazonaws.com/web/appspec.yaml",
            "https://s3.eu-west-1.amazonaws.com/shop-deployments/appspec.yaml",
            "arn:aws:s3:::shop-deployments/appspec.yaml",
            "arn:aws:s3:eu-west-1:111122223333:accesspoint/shop",
            "shop-abcdefgh-s3alias",
        ]
        .map(|bucket| named_plainly(bucket).unwrap_err());
        expect![[r#"
            write the bucket's name alone, shop-deployments, and the key, appspec.yaml, beside it, and not a URL
            write the bucket's name alone, shop-deployments, and not a URL
            write the bucket's name alone, shop-deployments, and the key, web/appspec.yaml, beside it, and not a URL
            write the bucket's name alone, shop-deployments, and the key, appspec.yaml, beside it, and not a URL
            write the name alone, shop-deployments, and not its ARN
            access points are not read: write the name of the bucket behind it
            access points are not read: write the name of the bucket behind it"#]]
        .assert_eq(&told.join("\n"));
    }
}
