//! Objects of S3, and what else pipelines need of AWS.

use http::{HeaderMap, Method};
use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::LocalError;
use crate::client::{Client, between, put, refused};
use crate::http::{Answer, encoded};
use crate::job_times::JobTimes;

/// An object of S3.
#[derive(Debug, Clone)]
pub struct Object {
    /// Its content.
    pub body: Vec<u8>,
    /// A hash of it.
    pub etag: String,
    /// The version that it is, where its bucket has versions.
    pub version: Option<String>,
    /// The key of KMS that it is encrypted under, where it is.
    pub key: Option<String>,
}

impl Client {
    /// Creates a bucket.
    pub async fn create_bucket(&self, bucket: &str) -> Result<(), LocalError> {
        let path = format!("/{}", encoded(bucket));
        let answer = self.send(Method::PUT, &path, "", self.signed("s3"), Bytes::new()).await?;
        accepted("CreateBucket", answer).map(drop)
    }

    /// Writes an object, encrypted under a key of KMS where one is given.
    pub async fn put_object(
        &self,
        bucket: &str,
        key: &str,
        body: Vec<u8>,
        encryption: Option<&str>,
    ) -> Result<(), LocalError> {
        let mut headers = self.signed("s3");
        if let Some(encryption) = encryption {
            put(&mut headers, "x-amz-server-side-encryption", "aws:kms");
            put(&mut headers, "x-amz-server-side-encryption-aws-kms-key-id", encryption);
        }
        let answer = self.send(Method::PUT, &path(bucket, key), "", headers, body.into()).await?;
        accepted("PutObject", answer).map(drop)
    }

    /// Reads an object.
    pub async fn get_object(&self, bucket: &str, key: &str) -> Result<Object, LocalError> {
        let answer = self.send(Method::GET, &path(bucket, key), "", self.signed("s3"), Bytes::new()).await?;
        accepted("GetObject", answer).map(object)
    }

    /// Reads what is known of an object, without its content.
    pub async fn head_object(&self, bucket: &str, key: &str) -> Result<Object, LocalError> {
        let answer = self.send(Method::HEAD, &path(bucket, key), "", self.signed("s3"), Bytes::new()).await?;
        accepted("HeadObject", answer).map(object)
    }

    /// Hands an event to a function, and does not wait for what it makes of it.
    pub async fn send_event(&self, function: &str, event: &Value) -> Result<(), LocalError> {
        let mut headers = self.signed("lambda");
        put(&mut headers, "x-amz-invocation-type", "Event");
        let path = format!("/2015-03-31/functions/{}/invocations", encoded(function));
        let answer = self.send(Method::POST, &path, "", headers, event.to_string().into()).await?;
        if answer.status.is_success() { Ok(()) } else { Err(refused("Invoke", &answer)) }
    }

    /// Calls an operation of CodePipeline.
    pub async fn codepipeline(&self, operation: &str, input: &Value) -> Result<Value, LocalError> {
        self.aws_json("CodePipeline_20150709", operation, input).await
    }

    /// Says how long jobs of a pipeline may take from now on, also of one that is yet to be made.
    pub async fn set_job_times(&self, pipeline: &str, times: JobTimes) -> Result<(), LocalError> {
        self.post("/_tideshift/jobs", &json!({ "pipeline": pipeline, "times": times })).await.map(drop)
    }
}

/// Where an object is; a slash in its key stays one.
fn path(bucket: &str, key: &str) -> String {
    let key: Vec<String> = key.split('/').map(encoded).collect();
    format!("/{}/{}", encoded(bucket), key.join("/"))
}

fn object(answer: Answer) -> Object {
    let text = |name: &str| header(&answer.headers, name);
    Object {
        etag: text("etag").unwrap_or_default().trim_matches('"').to_owned(),
        version: text("x-amz-version-id").filter(|version| version != "null"),
        key: text("x-amz-server-side-encryption-aws-kms-key-id"),
        body: answer.body.to_vec(),
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
}

/// S3 says in XML what is wrong; to a HEAD it says nothing but a status.
fn accepted(operation: &str, answer: Answer) -> Result<Answer, LocalError> {
    if answer.status.is_success() {
        return Ok(answer);
    }
    let text = String::from_utf8_lossy(&answer.body);
    let said = |member: &str| between(&text, &format!("<{member}>"), &format!("</{member}>")).map(plain);
    let status = answer.status.as_u16();
    let code = said("Code").unwrap_or_else(|| if status == 403 { "AccessDenied" } else { "NoSuchKey" }.to_owned());
    let message = said("Message").unwrap_or_else(|| format!("S3 answered {status}"));
    Err(LocalError::Refused { operation: operation.to_owned(), status, code, message })
}

fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}
