//! The actions of pipelines that the documents have, each made a pipeline and run.

use harness::OrStop;
use harness::documents::Block;
use harness::pipeline::Draft;
use harness::stack::client;
use serde_json::{Value, json};

use super::reader::Reader;
use crate::clients_boto3::{both, python, stock};

/// Reads YAML, as CloudFormation does where it has no tags of its own.
const YAML: &str = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.argv[1])))";

/// What a reader keeps the input of an execution as.
const INPUT: &str = "request.json";

impl Reader {
    /// A pipeline whose artifact has the request goes well with this action, and puts something out.
    pub(super) async fn act(&mut self, block: &Block) {
        let read = stock(python().await).await.args(["-c", YAML, &self.filled(block, &block.text)]).output().await;
        let read = read.or_stop("Python runs");
        assert!(read.status.success(), "{}: {}", block.place(), both(&read));
        let actions: Value = serde_json::from_slice(&read.stdout).or_stop("an action");
        let action = &actions[0];
        let text = |value: &Value| value.as_str().or_stop(&block.place()).to_owned();
        let kind = &action["ActionTypeId"];
        let said = [&kind["Category"], &kind["Owner"], &kind["Version"]].map(&text);
        assert_eq!(said, ["Invoke", "AWS", "1"], "{}", block.place());
        assert_eq!(action["InputArtifacts"], json!([{"Name": "App"}]), "{}", block.place());

        self.app.point("1", json!({})).await;
        let input = std::fs::read_to_string(self.terminal.path(INPUT)).or_stop(INPUT);
        let draft = Draft::of(&[(INPUT, &input)]).await;
        let draft = draft.then(&text(&action["Name"]), &text(&kind["Provider"]), &action["Configuration"]);
        let run = draft.making(&text(&action["OutputArtifacts"][0]["Name"])).run().await;
        assert_eq!(run.ended().await, "Succeeded", "{}: {:#?}", block.place(), run.action("Deploy").await);
        let (_, made) = run.action("Deploy").await.outputs.pop_first().or_stop("an output");
        let object = client().await.get_object(&run.pipeline.artifacts, &made).await.or_stop("the output");
        self.put_out = serde_json::from_slice(&object.body).or_stop("JSON");
    }
}
