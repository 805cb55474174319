//! `list`: deployments, newest first, page by page until there are enough.

use serde_json::{Value, json};

use crate::api::{Api, Operation};
use crate::args::{List, Output};
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::view::{ListedDeployment, Moment};
use crate::{list_text, view};

/// The most that the stack puts on a page.
const PAGE: usize = 50;

/// Runs it.
pub(crate) async fn run(api: &impl Api, console: &mut Console<'_>, list: &List) -> Result<Ending, Failure> {
    let limit = list.limit as usize;
    let mut body = narrowed(console, list);
    let mut deployments: Vec<Value> = Vec::new();
    let mut next = list.page.clone();
    loop {
        let asked = next.take();
        if let Some(token) = &asked {
            body["nextToken"] = json!(token);
        }
        body["limit"] = json!((limit - deployments.len()).min(PAGE));
        let mut page = api.call(Operation::ListDeployments, &body).await?;
        if let Value::Array(found) = page["deployments"].take() {
            deployments.extend(found);
        }
        // The same word again would turn the same page for ever.
        next = page["nextToken"].as_str().map(str::to_owned).filter(|token| Some(token) != asked.as_ref());
        if deployments.len() >= limit || next.is_none() {
            break;
        }
    }
    if deployments.len() > limit {
        // An older stack knows no limit: where its page goes on is not where this one does.
        deployments.truncate(limit);
        next = None;
    }
    let document = json!({"deployments": deployments, "nextToken": next});
    let listed: Vec<ListedDeployment> = view::read(&document["deployments"])?;
    console.answer(&document, &list_text::render(&listed, &console.zone, is_narrowed(list)))?;
    if let (Some(next), Output::Text) = (&next, console.output) {
        console.tell(&format!("There are more. For the next page, add: --page {next}"))?;
    }
    Ok(Ending::Done)
}

fn is_narrowed(list: &List) -> bool {
    let List { target, group, application: _, status, ended, since, page, limit: _ } = list;
    !ended.is_empty() || target.is_some() || group.is_some() || !status.is_empty() || since.is_some() || page.is_some()
}

/// What is asked for, the page aside.
fn narrowed(console: &Console<'_>, list: &List) -> Value {
    let List { target, group, application, status, ended, since, page: _, limit: _ } = list;
    let mut body = json!({});
    if let Some(target) = target {
        body["target"] = json!(target);
    }
    if let (Some(application), Some(group)) = (application, group) {
        body["applicationName"] = json!(application);
        body["deploymentGroupName"] = json!(group);
    }
    if !status.is_empty() {
        body["includeOnlyStatuses"] = status.iter().map(|status| json!(status.as_str())).collect();
    }
    if !ended.is_empty() {
        body["outcomes"] = ended.iter().map(|ended| json!(ended.outcome())).collect();
    }
    if let Some(since) = since {
        body["createTimeRange"] = json!({"start": Moment(since.moment((console.now)(), &console.zone))});
    }
    body
}
