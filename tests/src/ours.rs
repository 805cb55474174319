//! Tideshift's own operations, each with the shape that the stack answers it in: a story that asks for a member that there is not does
//! not compile. What CodeDeploy's operations answer is other people's shape, and stays JSON.

use codedeploy::view::{
    DeploymentList, DeploymentView, DescribeDeploymentInput, EventView, GroupPolicyView, ListDeploymentsInput, Outcome,
    PlanAnswer, PutGroupPolicyInput, RepairView,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::OrStop;
use crate::stack::{api, call};

/// DescribeDeployment.
pub async fn describe(id: &str) -> DeploymentView {
    find(id).await.or_stop(id)
}

/// DescribeDeployment of one whose record may be yet to come: an execution that was started by hand writes it itself.
pub async fn find(id: &str) -> Option<DeploymentView> {
    let asked = DescribeDeploymentInput { deployment_id: Some(id.to_owned()), look: None };
    match api("Tideshift.DescribeDeployment", &json!(asked)).await {
        (200, answer) => Some(read("DescribeDeployment", answer)),
        (_, error) if error["__type"] == "DeploymentDoesNotExistException" => None,
        (status, error) => crate::stop(&format!("DescribeDeployment: {status} {error}")),
    }
}

/// ListDeployments, the one with targets and outcomes.
pub async fn list(asked: &ListDeploymentsInput) -> DeploymentList {
    read("ListDeployments", call("Tideshift.ListDeployments", &json!(asked)).await)
}

/// PlanDeployment.
pub async fn plan(request: &Value) -> PlanAnswer {
    read("PlanDeployment", call("Tideshift.PlanDeployment", request).await)
}

/// What PlanDeployment has against a request: its refusals, a line each; or status, code and sentence of its error.
pub async fn against(request: &Value) -> String {
    match api("Tideshift.PlanDeployment", request).await {
        (200, answer) => {
            let PlanAnswer { refusals, .. } = read("PlanDeployment", answer);
            let lines: Vec<String> =
                refusals.iter().map(|refusal| format!("{}: {}", refusal.code, refusal.message)).collect();
            lines.join("\n")
        }
        (status, error) => {
            let said = |member: &str| error[member].as_str().or_stop(member).to_owned();
            format!("{status} {}: {}", said("__type"), said("message"))
        }
    }
}

/// RepairDeployment.
pub async fn repair(id: &str) -> RepairView {
    read("RepairDeployment", call("Tideshift.RepairDeployment", &json!({"deploymentId": id})).await)
}

/// PutGroupPolicy. Without anything to change it tells what the group says.
pub async fn group_policy(change: &PutGroupPolicyInput) -> GroupPolicyView {
    read("PutGroupPolicy", call("Tideshift.PutGroupPolicy", &json!(change)).await)
}

fn read<T: DeserializeOwned>(operation: &str, answer: Value) -> T {
    serde_json::from_value(answer).or_stop(operation)
}

/// What stories ask of a deployment again and again.
pub trait Told {
    /// How it ended, and by which code; without one where nothing went wrong.
    fn end(&self) -> (Option<Outcome>, &str);
    /// The code of what ended it; empty where nothing went wrong.
    fn code(&self) -> &str {
        self.end().1
    }
    /// The sentence about what ended it, which must be there.
    fn why(&self) -> &str;
    /// Its journal, a line each.
    fn lines(&self) -> String;
    /// Its lifecycle events, such as `Install Succeeded`.
    fn steps(&self) -> Vec<String>;
    /// A lifecycle event, which must be there.
    fn event(&self, name: &str) -> &EventView;
    /// Whether a person must let it go on.
    fn is_ready(&self) -> bool;
}

impl Told for DeploymentView {
    fn end(&self) -> (Option<Outcome>, &str) {
        (self.outcome, self.error.as_ref().map_or("", |error| &error.code))
    }

    #[track_caller]
    fn why(&self) -> &str {
        let error = self.error.as_ref().or_stop("what ended the deployment");
        error.message.as_deref().or_stop("the sentence about what ended the deployment")
    }

    fn lines(&self) -> String {
        self.journal.iter().map(|line| format!("{}\n", line.text)).collect()
    }

    fn steps(&self) -> Vec<String> {
        self.events.iter().map(|event| format!("{} {}", event.name, event.status)).collect()
    }

    #[track_caller]
    fn event(&self, name: &str) -> &EventView {
        self.events.iter().find(|event| event.name == name).or_stop(name)
    }

    fn is_ready(&self) -> bool {
        self.status == "Ready"
    }
}
