//! Whether the function that calls, or whoever has a role's credentials, may do what it asks for.

use std::sync::Arc;

use serde_json::{Value, json};

use super::encryption;
use super::need::{Context, Need, needs, one_will_do};
use super::policy::{Statement, allows, ask_for_tags};
use super::roles::Roles;
use super::service_needs::{ecs, load_balancing, passes};
use super::sessions::{Reach, Session, Sessions};
use crate::LocalError;
use crate::arn::{ACCOUNT, FunctionRef};
use crate::call::Call;
use crate::client::Client;
use crate::http::Answer;
use crate::observed::Observed;
use crate::services::ecs::Ecs;
use crate::services::elb;
use crate::services::lambda::{FunctionTags, Host};
use crate::services::states::Executions;

/// What has to be known of the caller, and of what it calls upon.
pub(crate) struct Guard {
    pub(crate) moto: Client,
    pub(crate) roles: Arc<Roles>,
    pub(crate) sessions: Arc<Sessions>,
    /// Whose the functions are, and which role each has.
    pub(crate) host: Arc<Host>,
    pub(crate) tags: Arc<FunctionTags>,
    /// A token may be of any that runs.
    pub(crate) executions: Arc<Executions>,
    /// Task sets have tags.
    pub(crate) ecs: Arc<Ecs>,
    pub(crate) observed: Arc<Observed>,
}

impl Guard {
    /// What the caller's role does not allow.
    pub(crate) async fn refusal(&self, call: &Call) -> Option<Answer> {
        if let Some(session) = call.access_key().and_then(|key| self.sessions.of(key)) {
            return self.beyond(call, &session).await;
        }
        let caller = call.caller.as_ref().filter(|caller| self.host.is_ours(&caller.function))?;
        let by_service = matches!(call.service.as_str(), "ecs" | elb::SERVICE);
        let mut needs = needs(call, &self.executions.machines());
        if needs.is_empty() && !by_service {
            return None;
        }
        let (role, statements) = match self.rights(&caller.function).await {
            Ok(rights) => rights,
            // Neither allowed nor refused: the caller may ask again.
            Err(error) => return Some(Answer::of(&error)),
        };
        if by_service {
            needs = self.service_needs(call, ask_for_tags(&statements)).await;
        } else if call.service == "lambda" && ask_for_tags(&statements) {
            self.tag_functions(&mut needs).await;
        }
        needs.extend(self.encryption(call, &needs, &statements).await);
        if one_will_do(call) && needs.iter().any(|need| allows(&statements, need)) {
            return None;
        }
        let Need { action, resource, .. } = needs.iter().find(|need| !allows(&statements, need))?;
        self.observed.denial(format!("{} {action} {resource}", caller.function));
        Some(denied(call, &refusal(&role, &caller.function, action, resource, "identity-based")))
    }

    /// What is beyond a session: its role does not allow it, or the session is for something else.
    async fn beyond(&self, call: &Call, session: &Session) -> Option<Answer> {
        let Session { role, name, reach } = session;
        let mut needs = needs(call, &self.executions.machines());
        if needs.is_empty() {
            needs.push(Need::new(format!("{}:{}", call.service, call.operation), "*"));
        }
        let outside = match reach {
            Reach::Role => None,
            Reach::Bucket(bucket) => {
                let objects = format!("arn:aws:s3:::{bucket}/");
                needs.iter().find(|need| !need.resource.starts_with(&objects))
            }
        };
        if let Some(Need { action, resource, .. }) = outside {
            return Some(denied(call, &refusal(role, name, action, resource, "session")));
        }
        let statements = match self.roles.statements(&self.moto, role).await {
            Ok(statements) => statements,
            Err(error) => return Some(Answer::of(&error)),
        };
        let of_key = self.encryption(call, &needs, &statements).await;
        let Need { action, resource, .. } = needs.iter().chain(&of_key).find(|need| !allows(&statements, need))?;
        Some(denied(call, &refusal(role, name, action, resource, "identity-based")))
    }

    /// What an object's key needs, once its reader may read it: before that, S3 does not ask KMS.
    async fn encryption(&self, call: &Call, needs: &[Need], statements: &[Statement]) -> Option<Need> {
        if call.service != "s3" || needs.iter().any(|need| !allows(statements, need)) {
            return None;
        }
        encryption::need(call, &self.moto).await
    }

    /// A function's role, and what it may do.
    async fn rights(&self, function: &str) -> Result<(String, Arc<Vec<Statement>>), LocalError> {
        let config = self.host.configuration(function, "$LATEST").await?;
        let role = config["Role"].as_str().unwrap_or_default();
        let statements = self.roles.statements(&self.moto, role).await?;
        Ok((role.to_owned(), statements))
    }

    /// What a call of ECS or Elastic Load Balancing needs; with the tags of resources, where they matter.
    async fn service_needs(&self, call: &Call, with_tags: bool) -> Vec<Need> {
        let mut needs = if call.service == elb::SERVICE { load_balancing(call) } else { ecs(call) };
        if with_tags {
            for need in &mut needs {
                self.tag(need).await;
            }
        }
        match call.operation.as_str() {
            "RegisterTaskDefinition" => needs.extend(passes(&call.input)),
            "CreateTaskSet" => {
                let asked = json!({ "taskDefinition": call.input["taskDefinition"] });
                let found = self.moto.ecs("DescribeTaskDefinition", &asked).await.unwrap_or_default();
                let definition = &found["taskDefinition"];
                let named = definition["taskDefinitionArn"].as_str().unwrap_or_default();
                needs.iter_mut().for_each(|need| need.context.insert("ecs:task-definition", named));
                needs.extend(passes(definition));
            }
            _ => {}
        }
        needs
    }

    /// Tells the tags of the functions that needs are about. A version or an alias has those of its function; one that is not
    /// there has none.
    async fn tag_functions(&self, needs: &mut [Need]) {
        for need in needs {
            let function = FunctionRef::parse(&need.resource, None);
            let mut known = Context::known([]);
            for (key, value) in self.tags.of(&self.moto, &function.name).await.unwrap_or_default().iter() {
                known.insert(&format!("aws:ResourceTag/{key}"), value);
            }
            need.context = known;
        }
    }

    async fn tag(&self, need: &mut Need) {
        let resource = need.resource.as_str();
        let tags = if resource.contains(":elasticloadbalancing:") {
            let found = self.moto.elb("DescribeTags", &[("ResourceArns.member.1", resource)]).await;
            found.map(|mut found| found["TagDescriptions"].pointer_mut("/0/Tags").map(Value::take).unwrap_or_default())
        } else if resource.contains(":task-set/") {
            Ok(self.ecs.tags(resource).unwrap_or_default())
        } else if resource.contains(":ecs:") {
            let asked = json!({ "resourceArn": resource });
            self.moto.ecs("ListTagsForResource", &asked).await.map(|mut found| found["tags"].take())
        } else {
            return;
        };
        for tag in tags.unwrap_or_default().as_array().into_iter().flatten() {
            let text =
                |name: &str| tag[name].as_str().or_else(|| tag[name.to_lowercase()].as_str()).unwrap_or_default();
            let (key, value) = (text("Key"), text("Value"));
            for prefix in ["aws", if resource.contains(":ecs:") { "ecs" } else { elb::SERVICE }] {
                need.context.insert(&format!("{prefix}:ResourceTag/{key}"), value);
            }
        }
    }
}

/// A refusal as the service tells it.
fn denied(call: &Call, message: &str) -> Answer {
    let (status, code) = match call.service.as_str() {
        "s3" | elb::SERVICE => (403, "AccessDenied"),
        "lambda" => (403, "AccessDeniedException"),
        _ => (400, "AccessDeniedException"),
    };
    Answer::refused(&call.service, status, code, message)
}

/// AWS's words for a refusal. S3 puts what is its own between quotes.
fn refusal(role: &str, session: &str, action: &str, resource: &str, policy: &str) -> String {
    let role = role.rsplit('/').next().unwrap_or(role);
    let subject = format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}");
    let resource = if action.starts_with("s3:") { format!("\"{resource}\"") } else { resource.to_owned() };
    let why = format!("because no {policy} policy allows the {action} action");
    format!("User: {subject} is not authorized to perform: {action} on resource: {resource} {why}")
}
