//! The samples, made as a user would make them: a function with three published versions, hooks, and a secret; and a
//! service with two target groups ([`service`]).

pub mod service;

use std::io::{Cursor, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::LocalError;
use crate::arn::ACCOUNT;
use crate::client::Client;

const GOOD: &str = include_str!("../../samples/storefront_good.py");
const FAULTY: &str = include_str!("../../samples/storefront_faulty.py");
const BEFORE: &str = include_str!("../../samples/hook_before.py");
const AFTER: &str = include_str!("../../samples/hook_after.py");
const REFUSING: &str = include_str!("../../samples/hook_refusing.py");

/// The hook that asks for the sample's parameter, and says yes where it has it.
pub const BEFORE_HOOK: &str = "CodeDeployHook_before";
/// The hook that says yes.
pub const AFTER_HOOK: &str = "CodeDeployHook_after";

/// The name of the sample's SecureString parameter.
pub const SECRET_PARAMETER: &str = "/storefront/db/password";
/// Its value: nothing a run writes may have it.
pub const SECRET_VALUE: &str = "correct-horse-battery-staple-7f3a";

/// Creates a function with the versions 1 (good), 2 (good) and 3 (fails 30 % of its calls), and `live` on 1.
pub async fn create_sample(client: &Client, name: &str) -> Result<(), LocalError> {
    create_function(client, name, GOOD, &json!({ "Description": "version 1" })).await?;
    publish(client, name).await?;
    for code in [format!("{GOOD}\n# version 2\n"), FAULTY.to_owned()] {
        update_code(client, name, &code).await?;
        publish(client, name).await?;
    }
    create_alias(client, name, "live", "1").await
}

/// Creates the hooks `CodeDeployHook_before`, `_after` and `_refusing`, and the secret the first one may ask for.
pub async fn create_hooks(client: &Client) -> Result<(), LocalError> {
    client.put_parameter(SECRET_PARAMETER, SECRET_VALUE, "SecureString").await?;
    for (name, code) in [(BEFORE_HOOK, BEFORE), (AFTER_HOOK, AFTER), ("CodeDeployHook_refusing", REFUSING)] {
        create_function(client, name, code, &json!({ "Timeout": 30 })).await?;
    }
    Ok(())
}

/// Creates a Python function from one module, `index.handler`, that Tideshift may deploy to; `more` are further members of `CreateFunction`.
pub async fn create_function(client: &Client, name: &str, code: &str, more: &Value) -> Result<(), LocalError> {
    let mut input = json!({
        "FunctionName": name,
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": role(client, "storefront-role").await?,
        "Timeout": 10,
        "Code": { "ZipFile": zipped(code)? },
        "Tags": { "tideshift": "enabled" },
    });
    for (member, value) in more.as_object().into_iter().flatten() {
        input[member] = value.clone();
    }
    client.lambda_post("/2015-03-31/functions", &input).await.map(drop)
}

/// Replaces a Python function's code.
pub async fn update_code(client: &Client, name: &str, code: &str) -> Result<(), LocalError> {
    let input = json!({ "ZipFile": zipped(code)? });
    client.lambda_put(&format!("/2015-03-31/functions/{name}/code"), &input).await.map(drop)
}

/// Publishes a layer with one extension in it; gives the ARN of its version.
pub async fn publish_extension(client: &Client, name: &str, program: &Path) -> Result<String, LocalError> {
    let unreadable =
        |error: std::io::Error| LocalError::because(format!("{} cannot be read", program.display()), error);
    let bytes = std::fs::read(program).map_err(unreadable)?;
    let unwritable = |error: zip::result::ZipError| LocalError::because("the layer could not be zipped", error);
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    // Not compressed: it goes nowhere.
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .unix_permissions(0o755);
    let file = program.file_name().unwrap_or_default().to_string_lossy();
    zip.start_file(format!("extensions/{file}"), options).map_err(unwritable)?;
    zip.write_all(&bytes).map_err(unreadable)?;
    let content = STANDARD.encode(zip.finish().map_err(unwritable)?.into_inner());
    let input = json!({ "Content": { "ZipFile": content } });
    let made = client.lambda_post(&format!("/2018-10-31/layers/{name}/versions"), &input).await?;
    Ok(made["LayerVersionArn"].as_str().unwrap_or_default().to_owned())
}

/// Publishes a version; gives its number.
pub async fn publish(client: &Client, name: &str) -> Result<String, LocalError> {
    let made = client.lambda_post(&format!("/2015-03-31/functions/{name}/versions"), &json!({})).await?;
    Ok(made["Version"].as_str().unwrap_or_default().to_owned())
}

/// Creates an alias on a version.
pub async fn create_alias(client: &Client, name: &str, alias: &str, version: &str) -> Result<(), LocalError> {
    let input = json!({ "Name": alias, "FunctionVersion": version });
    client.lambda_post(&format!("/2015-03-31/functions/{name}/aliases"), &input).await.map(drop)
}

/// Makes sure of a function's execution role; gives its ARN.
pub async fn role(client: &Client, name: &str) -> Result<String, LocalError> {
    role_of(client, name, "lambda.amazonaws.com").await
}

/// Makes sure of a role that a service of AWS assumes; gives its ARN.
pub async fn role_of(client: &Client, name: &str, service: &str) -> Result<String, LocalError> {
    let principal = json!({ "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole" });
    let trust = json!({ "Version": "2012-10-17", "Statement": [principal] }).to_string();
    let create =
        [("Action", "CreateRole"), ("Version", "2010-05-08"), ("RoleName", name), ("AssumeRolePolicyDocument", &trust)];
    match client.aws_query("iam", &create).await {
        Err(error) if error.code() != Some("EntityAlreadyExists") => Err(error),
        _ => Ok(format!("arn:aws:iam::{ACCOUNT}:role/{name}")),
    }
}

/// A zip in Base64 with the module `index.py`.
fn zipped(code: &str) -> Result<String, LocalError> {
    Ok(STANDARD.encode(zip(&[("index.py", code)])?))
}

/// A zip with these files, each by its path and its text.
pub fn zip(files: &[(&str, &str)]) -> Result<Vec<u8>, LocalError> {
    let unwritable = |error: zip::result::ZipError| LocalError::because("the files could not be zipped", error);
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in files {
        zip.start_file(*path, zip::write::SimpleFileOptions::default()).map_err(unwritable)?;
        let written = zip.write_all(text.as_bytes());
        written.map_err(|error| LocalError::because("the files could not be zipped", error))?;
    }
    Ok(zip.finish().map_err(unwritable)?.into_inner())
}
