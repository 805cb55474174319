//! The policies of roles, read once.

use std::collections::HashMap;
use std::sync::Arc;

use super::policy::{Statement, parse};
use crate::LocalError;
use crate::client::{Client, between};
use crate::guarded::Guarded;
use crate::http::decoded;
use crate::memory::Forgets;

/// What is known of them.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    known: Guarded<HashMap<String, Arc<Vec<Statement>>>>,
    attached: Policies,
    reading: tokio::sync::Mutex<()>,
}

impl Forgets for Roles {
    fn forget(&self) {
        self.known.lock().clear();
        self.attached.0.lock().clear();
    }
}

impl Roles {
    /// The statements of a role, by its ARN.
    pub(super) async fn statements(&self, moto: &Client, role: &str) -> Result<Arc<Vec<Statement>>, LocalError> {
        let known = || self.known.lock().get(role).cloned();
        if let Some(known) = known() {
            return Ok(known);
        }
        // Those who ask at the same time wait for the first one's answer.
        let _one_at_a_time = self.reading.lock().await;
        if let Some(known) = known() {
            return Ok(known);
        }
        let name = role.rsplit('/').next().unwrap_or(role);
        let read = Arc::new(read(moto, name, &self.attached).await?);
        self.known.lock().insert(role.to_owned(), Arc::clone(&read));
        Ok(read)
    }
}

/// All of them or none: half of a role would refuse what it allows.
async fn read(moto: &Client, role: &str, attached: &Policies) -> Result<Vec<Statement>, LocalError> {
    let of_role = ("RoleName", role);
    let names = ask(moto, "ListRolePolicies", &[of_role]).await?;
    let mut statements = Vec::new();
    for name in every(&names, "member") {
        let policy = ask(moto, "GetRolePolicy", &[of_role, ("PolicyName", name)]).await?;
        statements.extend(document(&policy, "PolicyDocument"));
    }
    let arns = ask(moto, "ListAttachedRolePolicies", &[of_role]).await?;
    for arn in every(&arns, "PolicyArn") {
        statements.extend(attached.statements(moto, arn).await?.iter().cloned());
    }
    Ok(statements)
}

/// Managed policies: several roles have them, and each is read once.
#[derive(Debug, Default)]
struct Policies(Guarded<HashMap<String, Arc<Vec<Statement>>>>);

impl Policies {
    /// The statements of a policy's default version.
    async fn statements(&self, moto: &Client, arn: &str) -> Result<Arc<Vec<Statement>>, LocalError> {
        if let Some(known) = self.0.lock().get(arn).cloned() {
            return Ok(known);
        }
        let of_policy = ("PolicyArn", arn);
        let policy = ask(moto, "GetPolicy", &[of_policy]).await?;
        let version = ("VersionId", between(&policy, "<DefaultVersionId>", "</DefaultVersionId>").unwrap_or_default());
        let version = ask(moto, "GetPolicyVersion", &[of_policy, version]).await?;
        let read = Arc::new(document(&version, "Document"));
        self.0.lock().insert(arn.to_owned(), Arc::clone(&read));
        Ok(read)
    }
}

async fn ask(moto: &Client, action: &str, about: &[(&str, &str)]) -> Result<String, LocalError> {
    let form: Vec<(&str, &str)> =
        [("Action", action), ("Version", "2010-05-08")].iter().chain(about).copied().collect();
    moto.aws_query("iam", &form).await
}

/// What stands in the elements of this name.
fn every<'a>(answer: &'a str, name: &str) -> Vec<&'a str> {
    let (begin, end) = (format!("<{name}>"), format!("</{name}>"));
    answer.split(&begin).skip(1).filter_map(|rest| rest.split_once(&end)).map(|(inner, _)| inner).collect()
}

/// The statements of the document in an answer.
fn document(answer: &str, name: &str) -> Vec<Statement> {
    let Some(document) = between(answer, &format!("<{name}>"), &format!("</{name}>")) else { return Vec::new() };
    let plain = decoded(document).replace("&quot;", "\"").replace("&#34;", "\"").replace("&amp;", "&");
    parse(&serde_json::from_str(&plain).unwrap_or_default())
}
