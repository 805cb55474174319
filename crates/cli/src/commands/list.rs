//! `list`: deployments, newest first, page by page until there are enough.

use proxy::shapes::TimeRange;
use serde_json::{Value, json};

use crate::api::{Api, Operation};
use crate::args::{List, Output};
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::view::{DeploymentList, ListDeploymentsInput, ListedDeployment, Moment};
use crate::{list_text, view};

/// Runs it.
pub(crate) async fn run(api: &impl Api, console: &mut Console<'_>, list: &List) -> Result<Ending, Failure> {
    let limit = list.limit as usize;
    let mut question = narrowed(console, list);
    let mut deployments: Vec<Value> = Vec::new();
    let mut next = list.page.clone();
    loop {
        question.next_token = next.take();
        question.limit = u32::try_from(limit - deployments.len()).ok();
        let page = api.call(Operation::DescribeDeployments, &json!(question)).await?;
        let page: DeploymentList<Value> = view::handed_on(page)?;
        deployments.extend(page.deployments);
        // The same word again would turn the same page for ever.
        next = page.next_token.filter(|token| Some(token) != question.next_token.as_ref());
        if deployments.len() >= limit || next.is_none() {
            break;
        }
    }
    if deployments.len() > limit {
        // An older stack knows no limit: where its page goes on is not where this one does.
        deployments.truncate(limit);
        next = None;
    }
    let listed: Vec<ListedDeployment> = view::read(&json!(deployments))?;
    let document = json!({"deployments": deployments, "nextToken": next});
    console.answer(&document, &list_text::render(&listed, &console.zone, is_narrowed(list)))?;
    if let Some(tip) = list.target.as_deref().and_then(other_platform)
        && listed.is_empty()
        && console.output == Output::Text
    {
        console.tell(&tip)?;
    }
    if let (Some(next), Output::Text) = (&next, console.output) {
        console.tell(&format!("There are more. For the next page, add: --page {next}"))?;
    }
    Ok(Ending::Done)
}

/// A function's alias has a colon, a service a slash. Who wrote one may have meant the other, and neither need be there.
fn other_platform(target: &str) -> Option<String> {
    let (marks, what, other, instead) = match (target.split_once(':'), target.split_once('/')) {
        (Some(parts), None) => (parts, "an alias of a function", "a service of ECS", '/'),
        (None, Some(parts)) => (parts, "a service of ECS", "an alias of a function", ':'),
        _ => return None,
    };
    let (one, rest) = marks;
    let is_plain = !one.is_empty() && !rest.is_empty() && !rest.contains([':', '/']);
    is_plain.then(|| format!("{target} is {what}; {other} is written {one}{instead}{rest}"))
}

fn is_narrowed(list: &List) -> bool {
    let List { target, group, application: _, status, ended, since, page, limit: _ } = list;
    !ended.is_empty() || target.is_some() || group.is_some() || !status.is_empty() || since.is_some() || page.is_some()
}

/// What is asked for, the page aside.
fn narrowed(console: &Console<'_>, list: &List) -> ListDeploymentsInput {
    let List { target, group, application, status, ended, since, page: _, limit: _ } = list;
    let start = since.map(|since| Moment(since.moment((console.now)(), &console.zone)));
    ListDeploymentsInput {
        target: target.clone(),
        application_name: application.clone(),
        deployment_group_name: group.clone(),
        include_only_statuses: some(status.iter().map(|status| status.as_str().to_owned()).collect()),
        outcomes: some(ended.iter().map(|ended| ended.outcome()).collect()),
        create_time_range: start.map(|start| TimeRange { start: Some(start), end: None }),
        ..ListDeploymentsInput::default()
    }
}

/// None of an empty list: it is left out.
fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}
