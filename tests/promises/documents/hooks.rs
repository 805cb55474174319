//! The hooks of the documents, each made a function and asked by a deployment.

use codedeploy::view::Outcome;
use harness::OrStop;
use harness::documents::Block;
use harness::ours::Told as _;
use harness::stack::{client, program, root};
use local::sample::{create_function, publish_extension};
use serde_json::{Value, json};

use super::reader::Reader;
use crate::clients_boto3::{both, python, stock};

/// What a hook calls that does not just return its status.
const CALL: &str = "put_lifecycle_event_hook_execution_status";

impl Reader {
    /// A hook that returns its status is of use as it is; one that calls CodeDeploy, with the template that comes after it.
    pub(super) async fn meet_hook(&mut self, block: &Block) {
        match block.text.contains(CALL) {
            true => self.code = Some(block.text.clone()),
            false => self.ask_hook("returns", block, &block.text, &json!({"Timeout": 30})).await,
        }
    }

    /// A function as the template has it, once it is what CloudFormation gets of it.
    pub(super) async fn meet_template(&mut self, block: &Block) {
        self.terminal.write("template.yaml", &self.filled(block, &block.text));
        let plain = self.transformed(block).await;
        let of = |kind: &str| {
            let mut all = plain["Resources"].as_object().into_iter().flatten().map(|(_, resource)| resource);
            all.find(|resource| resource["Type"] == kind).cloned().or_stop(kind)["Properties"].take()
        };
        let (mut function, role) = (of("AWS::Lambda::Function"), of("AWS::IAM::Role"));

        let statement = &role["Policies"][0]["PolicyDocument"]["Statement"][0];
        assert_eq!(statement["Action"], "lambda:InvokeFunction", "{}: {role:#}", block.place());
        let called =
            statement["Resource"].as_str().and_then(|arn| arn.rsplit(":function:").next()).or_stop("a function");
        client().await.lambda_get(&format!("/2015-03-31/functions/{called}")).await.or_stop(called);
        assert_eq!(called, "tideshift-hook-status", "{}: what the layer calls", block.place());

        assert_eq!(function["Layers"].as_array().map(Vec::len), Some(1), "{}: {function:#}", block.place());
        let extension = program("tideshift-proxy");
        let layer = publish_extension(&client().await, "tideshift-proxy", &extension).await.or_stop("the layer");
        let more = json!({
            "Timeout": function["Timeout"],
            "Handler": function["Handler"],
            "Environment": function["Environment"].take(),
            "Layers": [layer],
        });
        let code = self.code.take().or_stop("a template comes after the code of its hook");
        self.ask_hook("calls", block, &code, &more).await;
    }

    /// The template as `sam` makes it.
    async fn transformed(&self, block: &Block) -> Value {
        let mut script = stock(python().await).await;
        script
            .arg(root().join("crates/local/python/provision.py"))
            .arg("print")
            .arg(self.terminal.path("template.yaml"));
        let said = script.output().await.or_stop("Python runs");
        assert!(said.status.success(), "{}: {}", block.place(), both(&said));
        serde_json::from_slice(&said.stdout).or_stop("a template in JSON")
    }

    /// A deployment goes well when this hook lets it.
    async fn ask_hook(&self, kind: &str, block: &Block, code: &str, more: &Value) {
        let name = format!("CodeDeployHook_{}-{kind}", self.app.name);
        create_function(&client().await, &name, code, more).await.or_stop("the hook");
        self.app.point("1", json!({})).await;
        let view = self.app.to("2").hook("BeforeAllowTraffic", name).start().await.ended().await;
        assert_eq!(view.outcome, Some(Outcome::Succeeded), "{}: {view:#?}", block.place());
        assert_eq!(view.event("BeforeAllowTraffic").status, "Succeeded", "{}: {view:#?}", block.place());
    }
}
