//! On-premises instances, and connections to GitHub.

use crate::time::Time;

use super::lists::nulls;
use super::{Tag, TagFilter};

shapes! {
    /// InstanceInfo.
    InstanceInfo {
        instance_name: String,
        iam_session_arn: String,
        iam_user_arn: String,
        instance_arn: String,
        register_time: Time,
        deregister_time: Time,
        tags: Vec<Tag>,
    }

    /// RegisterOnPremisesInstance, and with the name alone every operation about one instance.
    InstanceInput {
        instance_name: String,
        iam_session_arn: String,
        iam_user_arn: String,
    }

    /// BatchGetOnPremisesInstances.
    BatchGetOnPremisesInstancesInput {
        instance_names: Vec<String>,
    }

    /// ListOnPremisesInstances.
    ListOnPremisesInstancesInput {
        registration_status: String,
        #[serde(deserialize_with = "nulls")]
        tag_filters: Vec<TagFilter>,
        next_token: String,
    }

    /// AddTagsToOnPremisesInstances and RemoveTagsFromOnPremisesInstances.
    InstanceTagsInput {
        #[serde(deserialize_with = "nulls")]
        tags: Vec<Tag>,
        instance_names: Vec<String>,
    }

    /// DeleteGitHubAccountToken.
    DeleteGitHubAccountTokenInput {
        token_name: String,
    }

    /// DeleteResourcesByExternalId.
    ExternalIdInput {
        external_id: String,
    }
}
