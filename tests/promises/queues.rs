//! The order of a group's deployments: refused, in a queue, or the newest in place of those that wait.

use codedeploy::view::{DeploymentView, GroupPolicyView, Outcome, PutGroupPolicyInput};
use harness::app::App;
use harness::deploy::Deploy;
use harness::deployment::Deployment;
use harness::ours::{self, Told};
use harness::stack::{api, call};
use harness::story;
use serde_json::json;

fn busy(what: &str) -> PutGroupPolicyInput {
    PutGroupPolicyInput { when_busy: Some(what.to_owned()), ..PutGroupPolicyInput::default() }
}

/// A function whose deployments are of one group, which says this about their order.
struct Grouped {
    app: App,
}

impl Grouped {
    async fn new(policy: PutGroupPolicyInput) -> Self {
        let grouped = Self { app: App::new().await };
        let named = json!({"applicationName": grouped.application(), "computePlatform": "Lambda"});
        call("CodeDeploy_20141006.CreateApplication", &named).await;
        let group = json!({
            "applicationName": grouped.application(),
            "deploymentGroupName": "live",
            "serviceRoleArn": "arn:aws:iam::123456789012:role/deploy",
            "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        });
        call("CodeDeploy_20141006.CreateDeploymentGroup", &group).await;
        grouped.policy(policy).await;
        grouped
    }

    fn application(&self) -> String {
        format!("app-{}", self.app.name)
    }

    /// What the group says, once this is changed.
    async fn policy(&self, change: PutGroupPolicyInput) -> GroupPolicyView {
        let (application_name, deployment_group_name) = (Some(self.application()), Some("live".to_owned()));
        ours::group_policy(&PutGroupPolicyInput { application_name, deployment_group_name, ..change }).await
    }

    fn to(&self, version: &str) -> Deploy<App> {
        self.app
            .to(version)
            .with("applicationName", self.application().into())
            .with("deploymentGroupName", "live".into())
    }

    /// Waits until one that never began is over, whatever the active one is at.
    async fn over(&self, deployment: &Deployment<App>) -> DeploymentView {
        let view = deployment.until("its end", |view| view.outcome.is_some()).await;
        assert_eq!((view.outcome, view.start_time), (Some(Outcome::Stopped), None), "{view:#?}");
        view
    }

    /// Waits until a deployment waits for its turn.
    async fn waits(&self, deployment: &Deployment<App>) -> DeploymentView {
        deployment.until("the queue", |view| view.status == "Queued").await
    }
}

#[test]
fn a_deployment_in_the_queue_starts_when_the_active_one_is_stopped() {
    story(async {
        let group = Grouped::new(busy("Queue")).await;
        let first = group.to("2").by("Canary10Percent10Minutes").start().await;
        first.until_weight(10).await;
        let second = group.to("3").by("AllAtOnce").start().await;
        let waits = group.waits(&second).await;
        assert_eq!(waits.queued.and_then(|queued| queued.behind), Some(first.id.clone()));
        second.until_state("Wait for its turn").await;
        first.stop(None).await;
        assert_eq!(second.ended().await.outcome, Some(Outcome::Succeeded));
        assert_eq!(group.app.writes().await, ["1 2:0.1", "1", "3"]);
    });
}

#[test]
fn a_deployment_in_the_queue_starts_also_where_the_active_one_died() {
    story(async {
        let group = Grouped::new(busy("Queue")).await;
        let first = group.to("2").by("Canary10Percent10Minutes").start().await;
        first.until_weight(10).await;
        let second = group.to("3").by("AllAtOnce").start().await;
        second.until_state("Wait for its turn").await;
        let arn = harness::stack::execution("lambda", &first.id).await;
        harness::stack::client().await.stop_execution(&arn).await.expect("StopExecution");
        assert_eq!(first.outcome().await, ("RolledBack".to_owned(), "EXECUTION_LOST".to_owned()));
        assert_eq!(second.ended().await.outcome, Some(Outcome::Succeeded));
        assert_eq!(group.app.alias().await, "3");
    });
}

#[test]
fn one_that_waits_can_be_stopped_and_its_execution_ends() {
    story(async {
        let group = Grouped::new(busy("Queue")).await;
        let first = group.to("2").by("Canary10Percent10Minutes").start().await;
        let second = group.to("3").by("AllAtOnce").start().await;
        second.until_state("Wait for its turn").await;
        second.stop(None).await;
        assert_eq!(group.over(&second).await.code(), "MANUAL_STOP");
        assert_eq!(second.execution_status().await, "FAILED");
        first.until_weight(10).await;
        first.stop(None).await;
        first.ended().await;
        let policy = group.policy(PutGroupPolicyInput::default()).await;
        assert_eq!(policy.queue, Vec::<String>::new());
    });
}

#[test]
fn the_newest_takes_the_place_of_one_that_waits() {
    story(async {
        let group = Grouped::new(busy("Supersede")).await;
        let first = group.to("2").by("Canary10Percent10Minutes").start().await;
        first.until_weight(10).await;
        let second = group.to("2").by("AllAtOnce").start().await;
        second.until_state("Wait for its turn").await;
        let third = group.to("3").by("AllAtOnce").start().await;
        let superseded = group.over(&second).await;
        assert_eq!(superseded.code(), "SUPERSEDED");
        let why = format!("The newer deployment {} of the group takes its place", third.id);
        assert_eq!(superseded.error.and_then(|error| error.message), Some(why));
        first.stop(None).await;
        assert_eq!(third.ended().await.outcome, Some(Outcome::Succeeded));
    });
}

#[test]
fn a_full_queue_and_what_is_older_than_the_last_are_refused() {
    story(async {
        let order = Some("NewerOnly".to_owned());
        let policy = PutGroupPolicyInput { queue_limit: Some(1), order, ..busy("Queue") };
        let group = Grouped::new(policy).await;
        let numbered = |version, number: u64| {
            group.to(version).by("Canary10Percent10Minutes").with("sequenceNumber", number.into())
        };
        let first = numbered("2", 7).start().await;
        first.until_weight(10).await;
        let second = numbered("3", 8).start().await;
        group.waits(&second).await;
        for (number, code) in [(9_u64, "DeploymentLimitExceededException"), (6, "InvalidRevisionException")] {
            let (status, refused) = api("CodeDeploy_20141006.CreateDeployment", &numbered("3", number).request()).await;
            assert_eq!((status, &refused["__type"]), (400, &json!(code)), "{refused}");
        }
        second.stop(None).await;
        group.over(&second).await;
        first.stop(None).await;
        first.ended().await;
    });
}
