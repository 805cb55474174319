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
    reading: tokio::sync::Mutex<()>,
}

impl Forgets for Roles {
    fn forget(&self) {
        self.known.lock().clear();
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
        let read = Arc::new(read(moto, name).await?);
        self.known.lock().insert(role.to_owned(), Arc::clone(&read));
        Ok(read)
    }
}

/// All of them or none: half of a role would refuse what it allows.
async fn read(moto: &Client, role: &str) -> Result<Vec<Statement>, LocalError> {
    let version = ("Version", "2010-05-08");
    let list = [("Action", "ListRolePolicies"), version, ("RoleName", role)];
    let names = moto.aws_query("iam", &list).await?;
    let mut statements = Vec::new();
    for name in names.split("<member>").skip(1).filter_map(|rest| rest.split_once("</member>")) {
        let get = [("Action", "GetRolePolicy"), version, ("RoleName", role), ("PolicyName", name.0)];
        let policy = moto.aws_query("iam", &get).await?;
        let Some(document) = between(&policy, "<PolicyDocument>", "</PolicyDocument>") else { continue };
        let plain = decoded(document).replace("&quot;", "\"").replace("&#34;", "\"").replace("&amp;", "&");
        statements.extend(parse(&serde_json::from_str(&plain).unwrap_or_default()));
    }
    Ok(statements)
}
