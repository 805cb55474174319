//! The keys of KMS that objects of S3 are encrypted under: whoever reads one must be allowed to decrypt with its key, whoever
//! writes one to have data keys made.

use serde_json::json;

use super::need::Need;
use crate::arn::{ACCOUNT, REGION};
use crate::call::Call;
use crate::client::Client;
use crate::http::decoded;

const ASKED: &str = "x-amz-server-side-encryption-aws-kms-key-id";

/// What a call of S3 needs of KMS.
pub(super) async fn need(call: &Call, moto: &Client) -> Option<Need> {
    match call.operation.as_str() {
        "GetObject" => {
            let path = decoded(call.request.path.trim_start_matches('/'));
            let (bucket, key) = path.split_once('/')?;
            // One that is not there is not encrypted; S3 says so.
            let key = moto.head_object(bucket, key).await.ok()?.key?;
            Some(Need::new("kms:Decrypt", arn(&key, moto).await))
        }
        "PutObject" => {
            let key = call.request.header(ASKED)?;
            Some(Need::new("kms:GenerateDataKey", arn(key, moto).await))
        }
        _ => None,
    }
}

/// A key's ARN, given its id, an alias, or the ARN of either.
async fn arn(key: &str, moto: &Client) -> String {
    let found = moto.aws_json("TrentService", "DescribeKey", &json!({ "KeyId": key })).await.unwrap_or_default();
    match found["KeyMetadata"]["Arn"].as_str() {
        Some(arn) => arn.to_owned(),
        None if key.starts_with("arn:") => key.to_owned(),
        None => format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}"),
    }
}
