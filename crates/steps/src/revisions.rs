//! Revisions: where an AppSpec is, in one form for each place, and the catalogue's memory of them.

use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{GenericRevisionInfo, RawContent, RevisionInfo, RevisionLocation};
use codedeploy::time::Time;
use codedeploy::values;
use jiff::Timestamp;
use rollout::appspec::MAX_BYTES;
use sha2::{Digest, Sha256};

use crate::ports::{Kept, Key, PortError, ReadCatalogue, Shelf, WriteCatalogue};

/// A location that is well formed.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// The location, with the digest of a text instead of the text.
    pub location: RevisionLocation,
    /// The text, where it came with the location.
    pub content: Option<String>,
}

/// The digest of a text, as clients send it.
pub fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(Code::InvalidRevisionException, message)
}

fn filled<'a>(value: Option<&'a str>, member: &str) -> Result<&'a str, ApiError> {
    value.filter(|value| !value.is_empty()).ok_or_else(|| invalid(format!("revision.{member} is missing")))
}

impl Located {
    /// Reads a location for a platform; without a platform every form that some platform takes is taken.
    pub fn read(revision: Option<&RevisionLocation>, platform: Option<&str>) -> Result<Self, ApiError> {
        let Some(revision) = revision else {
            return Err(ApiError::new(Code::RevisionRequiredException, "RevisionLocation must be specified"));
        };
        let kind = filled(revision.revision_type.as_deref(), "revisionType")?;
        values::REVISION_LOCATION_TYPE.checked(kind, Code::InvalidRevisionException)?;
        let serves = match kind {
            "GitHub" => ["Server"].as_slice(),
            "String" => &["Lambda"],
            "AppSpecContent" => &["Lambda", "ECS"],
            _ => &["Lambda", "ECS", "Server"],
        };
        if let Some(platform) = platform.filter(|platform| !serves.contains(platform)) {
            return Err(invalid(format!(
                "a revisionType of {kind} is for {}, not for {platform}",
                serves.join(" and ")
            )));
        }
        let mut located = Self {
            location: RevisionLocation { revision_type: Some(kind.to_owned()), ..RevisionLocation::default() },
            content: None,
        };
        match kind {
            "S3" => located.read_s3(revision, platform)?,
            "GitHub" => located.read_git_hub(revision)?,
            "String" => located.location.string = Some(located.read_text(revision.string.as_ref(), "string")?),
            _ => {
                let text = located.read_text(revision.app_spec_content.as_ref(), "appSpecContent")?;
                located.location.app_spec_content = Some(text);
            }
        }
        Ok(located)
    }

    fn read_s3(&mut self, revision: &RevisionLocation, platform: Option<&str>) -> Result<(), ApiError> {
        let Some(mut s3) = revision.s3_location.clone() else {
            return Err(invalid("revision.s3Location is missing"));
        };
        filled(s3.bucket.as_deref(), "s3Location.bucket")?;
        filled(s3.key.as_deref(), "s3Location.key")?;
        let bundle = filled(s3.bundle_type.as_deref(), "s3Location.bundleType")?;
        values::BUNDLE_TYPE.checked(bundle, Code::InvalidRevisionException)?;
        match (platform, bundle) {
            (Some("Lambda" | "ECS"), "tar" | "tgz" | "zip") => {
                return Err(invalid("BundleType must be either YAML or JSON"));
            }
            (Some("Server"), "YAML" | "JSON") => {
                return Err(invalid("a revision for hosts is a bundle: BundleType must be tar, tgz or zip"));
            }
            _ => {}
        }
        // Quotes around an eTag are HTTP's, not S3's; the agent compares without them, too (docs/host-agent-contract.md 11).
        s3.e_tag = s3.e_tag.map(|tag| tag.trim_matches('"').to_owned()).filter(|tag| !tag.is_empty());
        s3.version = s3.version.filter(|version| !version.is_empty());
        self.location.s3_location = Some(s3);
        Ok(())
    }

    fn read_git_hub(&mut self, revision: &RevisionLocation) -> Result<(), ApiError> {
        let Some(git_hub) = revision.git_hub_location.clone() else {
            return Err(invalid("revision.gitHubLocation is missing"));
        };
        let repository = filled(git_hub.repository.as_deref(), "gitHubLocation.repository")?;
        let commit = filled(git_hub.commit_id.as_deref(), "gitHubLocation.commitId")?;
        if repository.split('/').filter(|part| !part.is_empty()).count() != 2 || repository.matches('/').count() != 1 {
            return Err(invalid("revision.gitHubLocation.repository has the form account/repository"));
        }
        if commit.len() != 40 || !commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(invalid("revision.gitHubLocation.commitId is a whole SHA-1: 40 hexadecimal digits"));
        }
        self.location.git_hub_location = Some(git_hub);
        Ok(())
    }

    fn read_text(&mut self, raw: Option<&RawContent>, member: &str) -> Result<RawContent, ApiError> {
        let none = RawContent::default();
        let raw = raw.unwrap_or(&none);
        let given = raw.sha256.as_deref().filter(|digest| !digest.is_empty());
        if let Some(digest) = given
            && !(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()))
        {
            return Err(invalid(format!(
                "revision.{member}.sha256 is not a SHA-256: write 64 hexadecimal digits, or none"
            )));
        }
        let digest = match (&raw.content, given) {
            (Some(content), _) if content.len() > MAX_BYTES => {
                return Err(invalid(format!("the AppSpec has {} bytes; at most {MAX_BYTES} are taken", content.len())));
            }
            (Some(content), given) => {
                let digest = sha256(content);
                if given.is_some_and(|given| !given.eq_ignore_ascii_case(&digest)) {
                    return Err(invalid(format!(
                        "revision.{member}.sha256 is not the SHA-256 of the content, which is {digest}"
                    )));
                }
                self.content = Some(content.clone());
                digest
            }
            (None, Some(given)) => given.to_ascii_lowercase(),
            (None, None) => {
                return Err(invalid(format!(
                    "revision.{member}.content is missing; it holds the AppSpec, as YAML or JSON text"
                )));
            }
        };
        Ok(RawContent { content: None, sha256: Some(digest) })
    }

    /// The digest of the text, where the location is one of a text.
    pub fn digest(&self) -> Option<&str> {
        let RevisionLocation { string, app_spec_content, .. } = &self.location;
        string.as_ref().or(app_spec_content.as_ref())?.sha256.as_deref()
    }

    /// The location with its text.
    pub fn with_content(&self, content: Option<String>) -> RevisionLocation {
        let mut location = self.location.clone();
        for raw in [&mut location.string, &mut location.app_spec_content].into_iter().flatten() {
            raw.content.clone_from(&content);
        }
        location
    }

    /// Where the catalogue keeps the revision.
    pub fn key(&self, application: &str) -> Key {
        let canonical = serde_json::to_string(&self.location).unwrap_or_default();
        Shelf::Revisions(application.to_owned()).key(sha256(&canonical))
    }
}

/// The text of a digest, if it was registered with the application.
pub async fn content(
    ports: &impl ReadCatalogue,
    application: &str,
    digest: Option<&str>,
) -> Result<Option<String>, PortError> {
    let Some(digest) = digest else { return Ok(None) };
    let kept: Option<Kept<RawContent>> = ports.find(&Shelf::Contents(application.to_owned()).key(digest)).await?;
    Ok(kept.and_then(|kept| kept.info.content))
}

/// How often a change of a revision is tried while others change it too.
const ATTEMPTS: usize = 4;

/// Registers a revision, or changes what is known of it.
pub async fn change(
    ports: &(impl ReadCatalogue + WriteCatalogue),
    application: &str,
    located: &Located,
    now: Timestamp,
    change: impl Fn(&mut GenericRevisionInfo, bool),
) -> Result<(), PortError> {
    if let (Some(content), Some(digest)) = (&located.content, located.digest()) {
        let kept =
            Kept::new(RawContent { content: Some(content.clone()), sha256: Some(digest.to_owned()) }, Vec::new());
        match ports.add(&Shelf::Contents(application.to_owned()).key(digest), &kept).await {
            // The same digest is the same text.
            Ok(()) | Err(PortError::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let key = located.key(application);
    for attempt in 1.. {
        let found: Option<Kept<RevisionInfo>> = ports.find(&key).await?;
        let known = found.is_some();
        let mut kept = found.unwrap_or_else(|| {
            let generic = GenericRevisionInfo { register_time: Some(Time(now)), ..GenericRevisionInfo::default() };
            let info = RevisionInfo {
                revision_location: Some(located.location.clone()),
                generic_revision_info: Some(generic),
            };
            Kept::new(info, Vec::new())
        });
        change(kept.info.generic_revision_info.get_or_insert_default(), !known);
        let written = if known { ports.replace(&key, &mut kept).await } else { ports.add(&key, &kept).await };
        match written {
            Err(PortError::Conflict(_)) if attempt < ATTEMPTS => {}
            result => return result,
        }
    }
    Ok(())
}

/// A deployment uses a revision: it is registered if it was not, and remembered as used.
pub async fn used(
    ports: &(impl ReadCatalogue + WriteCatalogue),
    application: &str,
    located: &Located,
    deployment: &str,
    group: Option<&str>,
    now: Timestamp,
) -> Result<(), PortError> {
    change(ports, application, located, now, |known, new| {
        let groups = known.deployment_groups.get_or_insert_default();
        if let Some(group) = group.filter(|group| !groups.iter().any(|known| known == group)) {
            groups.push(group.to_owned());
        }
        if new {
            known.description = Some(format!("Application revision registered by Deployment ID: {deployment}"));
        }
        known.first_used_time.get_or_insert(Time(now));
        known.last_used_time = Some(Time(now));
    })
    .await
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(revision: Value, platform: Option<&str>) -> Result<Located, String> {
        let revision: RevisionLocation = serde_json::from_value(revision).unwrap();
        Located::read(Some(&revision), platform).map_err(|error| error.message)
    }

    #[test]
    fn a_text_is_known_by_its_digest_whether_or_not_it_comes_along() {
        let whole =
            read(json!({"revisionType": "AppSpecContent", "appSpecContent": {"content": "version: 0.0"}}), None);
        let digest = sha256("version: 0.0").to_uppercase();
        let short = read(json!({"revisionType": "AppSpecContent", "appSpecContent": {"sha256": digest}}), None);
        assert_eq!(whole.unwrap().key("shop"), short.unwrap().key("shop"));
    }

    #[test]
    fn a_wrong_digest_is_refused() {
        let wrong = json!({"revisionType": "String", "string": {"content": "a", "sha256": sha256("b")}});
        assert!(read(wrong, None).unwrap_err().contains("is not the SHA-256 of the content"));
    }

    #[test]
    fn a_bundle_is_for_hosts() {
        let s3 =
            |bundle| json!({"revisionType": "S3", "s3Location": {"bucket": "b", "key": "k", "bundleType": bundle}});
        assert_eq!(read(s3("zip"), Some("Lambda")).unwrap_err(), "BundleType must be either YAML or JSON");
        assert!(read(s3("YAML"), Some("Lambda")).is_ok());
        assert!(read(s3("zip"), Some("Server")).is_ok());
        assert!(read(s3("rar"), None).is_err());
    }
}
