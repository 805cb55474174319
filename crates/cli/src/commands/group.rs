//! `group`: what a deployment group says about the order of its deployments.

use std::fmt::Write;

use proxy::shapes::DeploymentGroupNameInput;
use serde_json::json;

use crate::api::{Api, Operation};
use crate::args::{Group, Order, WhenBusy};
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::view::{GroupPolicyView, PutGroupPolicyInput, read};

/// Runs it.
pub(crate) async fn run(api: &impl Api, console: &mut Console<'_>, asked: &Group) -> Result<Ending, Failure> {
    let (application_name, deployment_group_name) = (Some(asked.group.0.clone()), Some(asked.group.1.clone()));
    let change = PutGroupPolicyInput {
        application_name: application_name.clone(),
        deployment_group_name: deployment_group_name.clone(),
        when_busy: asked.when_busy.map(WhenBusy::as_str).map(str::to_owned),
        queue_limit: asked.queue_limit,
        order: asked.order.map(Order::as_str).map(str::to_owned),
    };
    let changes = change.when_busy.is_some() || change.queue_limit.is_some() || change.order.is_some();
    let document = if changes {
        api.call(Operation::PutGroupPolicy, &json!(change)).await?
    } else {
        let named = DeploymentGroupNameInput { application_name, deployment_group_name };
        api.call(Operation::GetGroupPolicy, &json!(named)).await?
    };
    let policy: GroupPolicyView = read(&document)?;
    console.answer(&document, &words(&policy))?;
    Ok(Ending::Done)
}

fn words(policy: &GroupPolicyView) -> String {
    let mut text = format!("{} / {}\n", policy.application_name, policy.deployment_group_name);
    let busy = match policy.when_busy.as_str() {
        "Refuse" => "a deployment that comes while another one is active is refused".to_owned(),
        "Queue" => format!(
            "a deployment that comes while another one is active waits for its turn; {} may wait",
            policy.queue_limit
        ),
        "Supersede" => "a deployment that comes while another one is active waits for its turn, and those that waited \
                        before it are stopped"
            .to_owned(),
        other => other.to_owned(),
    };
    _ = writeln!(text, "  {:<9} {busy}", "busy");
    if policy.order == "NewerOnly" {
        _ = writeln!(text, "  {:<9} one that is older than the last is refused, by its sequence number", "order");
    }
    for (nth, id) in (1..).zip(&policy.queue) {
        _ = writeln!(text, "  {:<9} {nth}. {id}", "waits");
    }
    text
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_group_says_what_it_does_with_a_second_deployment_and_who_waits() {
        let policy = GroupPolicyView {
            application_name: "shop".to_owned(),
            deployment_group_name: "web".to_owned(),
            when_busy: "Queue".to_owned(),
            queue_limit: 5,
            order: "NewerOnly".to_owned(),
            queue: vec!["d-TWO".to_owned(), "d-THREE".to_owned()],
        };
        expect![[r"
            shop / web
              busy      a deployment that comes while another one is active waits for its turn; 5 may wait
              order     one that is older than the last is refused, by its sequence number
              waits     1. d-TWO
              waits     2. d-THREE
        "]]
        .assert_eq(&words(&policy));
    }
}
