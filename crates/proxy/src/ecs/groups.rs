//! Which services have a deployment group, asked of the stack. What is asked is remembered by nobody, so that a group counts from
//! the moment it is made: it is one call for an answer of ECS that shows a service of the kind at all.

use codedeploy::call::{Call, Reply};
use codedeploy::error::ErrorBody;
use codedeploy::operation::Operation;
use codedeploy::shapes::{DescribeServiceGroupsInput, EcsService};
use codedeploy::view::ServiceGroupsView;
use serde_json::json;

use super::shown::External;
use crate::call::{Invoke, Unreached, forward};

/// Those of the services that have a deployment group in the stack. Where that cannot be told there is no answer, as a wrong one
/// would send a client to the wrong service.
pub(super) async fn with_a_group(stack: &impl Invoke, services: Vec<External>) -> Result<Vec<External>, Unreached> {
    if services.is_empty() {
        return Ok(services);
    }
    let (reply, _) = forward(stack, &question(&services)).await;
    named_in(&reply, services)
}

fn question(services: &[External]) -> Call {
    let named = |service: &External| EcsService {
        cluster_name: Some(service.cluster.clone()),
        service_name: Some(service.service.clone()),
    };
    let body = json!(DescribeServiceGroupsInput { ecs_services: Some(services.iter().map(named).collect()) });
    Call { target: Operation::DescribeServiceGroups.target(), body }
}

/// Those of the services that the stack's answer names.
fn named_in(reply: &Reply, services: Vec<External>) -> Result<Vec<External>, Unreached> {
    if reply.status != 200 {
        return Err(unknown(reply));
    }
    let Ok(view) = serde_json::from_value::<ServiceGroupsView>(reply.body.clone()) else {
        let why = "the stack answers in a form of its own: is it of this program's version?";
        return Err(without_groups(500, "InternalFailure", why));
    };
    let named = |service: &External| {
        let mut owned = view.ecs_services.iter();
        owned.any(|owned| owned.cluster_name == service.cluster && owned.service_name == service.service)
    };
    Ok(services.into_iter().filter(named).collect())
}

/// The stack's refusal, told by its status and name, so that clients try again what passes.
fn unknown(reply: &Reply) -> Unreached {
    let error = ErrorBody::of(&reply.body);
    let code = error.code().unwrap_or_default();
    match code {
        "UnknownOperationException" => {
            without_groups(400, code, "the stack is older than this program, and cannot tell: update it")
        }
        _ => without_groups(reply.status, code, error.message.as_deref().unwrap_or_default()),
    }
}

fn without_groups(status: u16, code: &str, why: &str) -> Unreached {
    let message = format!(
        "ECS has answered, but which of the services have a deployment group in the Tideshift stack could not be read, so that \
         nobody knows what their deployment controller is to be shown as: {why}"
    );
    Unreached::new(status, code, message)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::{Value, json};

    use super::*;

    fn service(name: &str) -> External {
        External { cluster: "arn:cluster/shop".to_owned(), service: format!("arn:service/shop/{name}"), at: 0..0 }
    }

    fn owned(name: &str) -> Value {
        let External { cluster, service, .. } = service(name);
        json!({"clusterName": cluster, "serviceName": service, "applicationName": "a", "deploymentGroupName": "g"})
    }

    #[test]
    fn the_stack_is_asked_in_ecss_own_words_and_its_answer_is_found_by_them() {
        let services = vec![service("web"), service("mail")];
        let call = question(&services);
        assert_eq!(call.target, "Tideshift.DescribeServiceGroups");
        assert_eq!(
            call.body["ecsServices"][1],
            json!({"clusterName": "arn:cluster/shop", "serviceName": "arn:service/shop/mail"})
        );
        let reply = Reply { status: 200, body: json!({"ecsServices": [owned("mail"), owned("other")]}) };
        assert_eq!(named_in(&reply, services), Ok(vec![service("mail")]));
    }

    #[test]
    fn a_stack_that_cannot_tell_is_an_error_that_says_so_and_keeps_its_name() {
        let mut told = String::new();
        for (status, body) in [
            (400, json!({"__type": "ThrottlingException", "message": "Rate exceeded"})),
            (
                503,
                json!({"__type": "ServiceUnavailable", "message": "tideshift-api could not be reached: it took too long"}),
            ),
            (400, json!({"__type": "UnknownOperationException", "message": "there is no operation"})),
            (200, json!({"deployments": []})),
        ] {
            let unreached = named_in(&Reply { status, body }, vec![service("web")]).expect_err("no answer");
            let (_, why) = unreached.message.split_once("shown as: ").expect("what it is about");
            told.push_str(&format!("{} {}: {why}\n", unreached.status, unreached.code));
        }
        expect![[r#"
            400 ThrottlingException: Rate exceeded
            503 ServiceUnavailable: tideshift-api could not be reached: it took too long
            400 UnknownOperationException: the stack is older than this program, and cannot tell: update it
            500 InternalFailure: the stack answers in a form of its own: is it of this program's version?
        "#]]
        .assert_eq(&told);
    }
}
