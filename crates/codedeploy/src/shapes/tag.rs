//! Tags and tag filters. Their members begin with a capital, and so do those of the operations by ARN.

use super::lists::nulls;

shapes! {
    /// Tag.
    #[derive(Eq, PartialOrd, Ord)]
    Tag {
        #[serde(rename = "Key")]
        key: String,
        #[serde(rename = "Value")]
        value: String,
    }

    /// TagFilter, and EC2TagFilter, which has the same members.
    TagFilter {
        #[serde(rename = "Key")]
        key: String,
        #[serde(rename = "Value")]
        value: String,
        #[serde(rename = "Type")]
        kind: String,
    }

    /// TagResource.
    TagResourceInput {
        #[serde(rename = "ResourceArn")]
        resource_arn: String,
        #[serde(rename = "Tags", deserialize_with = "nulls")]
        tags: Vec<Tag>,
    }

    /// UntagResource.
    UntagResourceInput {
        #[serde(rename = "ResourceArn")]
        resource_arn: String,
        #[serde(rename = "TagKeys")]
        tag_keys: Vec<String>,
    }

    /// ListTagsForResource.
    ListTagsForResourceInput {
        #[serde(rename = "ResourceArn")]
        resource_arn: String,
        #[serde(rename = "NextToken")]
        next_token: String,
    }
}
