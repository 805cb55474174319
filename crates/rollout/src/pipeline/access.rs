//! What is said of an artifact that may not be read: which right is missing, where, and on which key.

use super::fault::{FailureType, Fault};

/// An object with an artifact, as far as it is told.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The bucket.
    pub bucket: &'a str,
    /// The key in it.
    pub key: &'a str,
    /// The KMS key that the pipeline names for its artifacts.
    pub encryption: Option<&'a str>,
}

/// Which rights a refusal is about. S3 names the one of KMS where that was refused, and often not its own.
fn refused(said: &str, is_encrypted: bool) -> &'static str {
    if said.contains("kms:Decrypt") || said.contains("KMS.") {
        return "kms:Decrypt";
    }
    match is_encrypted && !said.contains("s3:GetObject") {
        true => "s3:GetObject or kms:Decrypt",
        false => "s3:GetObject",
    }
}

/// The failure of a job whose credentials may not read its artifact.
pub fn denied(artifact: &str, place: Place<'_>, said: &str) -> Fault {
    let Place { bucket, key, encryption } = place;
    let right = refused(said, encryption.is_some());
    let with = encryption.map_or_else(|| "no key of its own".to_owned(), |key| format!("the KMS key {key}"));
    let message = format!(
        "the credentials of the job may not read the artifact {artifact}, s3://{bucket}/{key}, with {with}: {right} was refused; allow it \
         to the role of the pipeline's action, in its own policies, in the policy of the bucket and in that of the key ({said})"
    );
    Fault::new(FailureType::PermissionError, message)
}

/// The failure of a job whose artifact is not there.
pub fn gone(artifact: &str, place: Place<'_>, said: &str) -> Fault {
    let message = format!(
        "the artifact {artifact} is not at s3://{}/{} any more: run the pipeline again ({said})",
        place.bucket, place.key
    );
    Fault::new(FailureType::RevisionUnavailable, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_that_was_refused_is_told_and_where_s3_says_nothing_both() {
        let kms = "AccessDenied: User: x is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:…";
        for (said, encrypted, right) in [
            (kms, true, "kms:Decrypt"),
            ("KMS.DisabledException: the key is disabled", true, "kms:Decrypt"),
            ("AccessDenied: Access Denied", true, "s3:GetObject or kms:Decrypt"),
            ("AccessDenied: Access Denied", false, "s3:GetObject"),
            ("AccessDenied: not authorized to perform: s3:GetObject on resource: x", true, "s3:GetObject"),
        ] {
            assert_eq!(refused(said, encrypted), right, "{said}");
        }
    }
}
