//! Revisions.

use crate::time::Time;

use super::lists::nulls;

shapes! {
    /// RevisionLocation (docs/codedeploy-contract.md 2.1).
    RevisionLocation {
        revision_type: String,
        s3_location: S3Location,
        git_hub_location: GitHubLocation,
        string: RawContent,
        app_spec_content: RawContent,
    }

    /// S3Location.
    S3Location {
        bucket: String,
        key: String,
        bundle_type: String,
        version: String,
        e_tag: String,
    }

    /// GitHubLocation.
    GitHubLocation {
        repository: String,
        commit_id: String,
    }

    /// AppSpecContent and RawString: the same members.
    RawContent {
        content: String,
        sha256: String,
    }

    /// GenericRevisionInfo.
    GenericRevisionInfo {
        description: String,
        deployment_groups: Vec<String>,
        first_used_time: Time,
        last_used_time: Time,
        register_time: Time,
    }

    /// RevisionInfo.
    RevisionInfo {
        revision_location: RevisionLocation,
        generic_revision_info: GenericRevisionInfo,
    }

    /// RegisterApplicationRevision and GetApplicationRevision.
    RevisionInput {
        application_name: String,
        revision: RevisionLocation,
        description: String,
    }

    /// BatchGetApplicationRevisions.
    BatchGetApplicationRevisionsInput {
        application_name: String,
        #[serde(deserialize_with = "nulls")]
        revisions: Vec<RevisionLocation>,
    }

    /// ListApplicationRevisions.
    ListApplicationRevisionsInput {
        application_name: String,
        sort_by: String,
        sort_order: String,
        s3_bucket: String,
        s3_key_prefix: String,
        deployed: String,
        next_token: String,
    }
}
