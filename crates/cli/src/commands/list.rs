//! `list`: deployments, newest first, page by page until there are enough.

use serde_json::{Value, json};

use crate::api::{Api, Operation};
use crate::args::List;
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::view::ListedDeployment;
use crate::{list_text, view};

/// Runs it.
pub(crate) async fn run(api: &impl Api, console: &mut Console<'_>, list: &List) -> Result<Ending, Failure> {
    let limit = list.limit as usize;
    let mut deployments: Vec<Value> = Vec::new();
    let mut token = None;
    loop {
        let body = match &token {
            Some(token) => json!({"nextToken": token}),
            None => json!({}),
        };
        let mut page = api.call(Operation::ListDeployments, &body).await?;
        if let Value::Array(found) = page["deployments"].take() {
            deployments.extend(found);
        }
        let next = page["nextToken"].as_str().map(str::to_owned);
        if deployments.len() >= limit || next.is_none() || next == token {
            break;
        }
        token = next;
    }
    deployments.truncate(limit);
    let document = json!({"deployments": deployments});
    let listed: Vec<ListedDeployment> = view::read(&document["deployments"])?;
    console.answer(&document, &list_text::render(&listed, &console.zone))?;
    Ok(Ending::Done)
}
