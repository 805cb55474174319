//! Promise P6: a secret is handed to the hook and is nowhere else.

use std::path::Path;

use codedeploy::view::Outcome;
use harness::app::App;
use harness::deployment::Subject;
use harness::stack::{call, client, stack};
use harness::{OrStop, story};
use serde_json::{Value, json};

const SECRET: &str = "swordfish-\"quoted\"-99b1";

/// The secret as it would show: plain, inside JSON text, and as somebody may write it who means no harm.
fn spellings() -> [String; 4] {
    let quoted = Value::from(SECRET).to_string();
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    [SECRET.to_owned(), quoted[1..quoted.len() - 1].to_owned(), hex, "c3dvcmRmaXNoLSJxdW90ZWQiLTk5YjE=".to_owned()]
}

fn grep(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).or_stop("the logs").flatten() {
        let path = entry.path();
        if path.is_dir() {
            grep(&path, found);
        } else if let Ok(bytes) = std::fs::read(&path) {
            let text = String::from_utf8_lossy(&bytes);
            // The hook's own log is the hook's own business.
            let own = path.to_string_lossy().contains("CodeDeployHook_");
            if !own && spellings().iter().any(|secret| text.contains(secret)) {
                found.push(path.display().to_string());
            }
        }
    }
}

async fn table() -> String {
    let (mut items, mut start) = (String::new(), Value::Null);
    loop {
        let mut scan = json!({"TableName": "tideshift-deployments"});
        if !start.is_null() {
            scan["ExclusiveStartKey"] = start.clone();
        }
        let page = client().await.aws_json("DynamoDB_20120810", "Scan", &scan).await.or_stop("Scan");
        items.push_str(&page["Items"].to_string());
        start = page["LastEvaluatedKey"].clone();
        if start.is_null() {
            return items;
        }
    }
}

/// A secret is in no history, no record and no log, whatever the hook does with it.
/// Hooks that do with the secret of this name what they should not, with how a deployment ends for it.
fn hooks(name: &str) -> [(&'static str, String, Outcome); 4] {
    [
        (
            "content",
            format!("assert event['Parameters']['{name}']\nreturn {{'status': 'Succeeded'}}"),
            Outcome::Succeeded,
        ),
        (
            "throws",
            format!(
                "import base64\nsecret = event['Parameters']['{name}']\nprint('using', secret, secret.encode().hex())\n\
                 raise ValueError('bad login ' + secret + base64.b64encode(secret.encode()).decode())"
            ),
            Outcome::Failed,
        ),
        (
            "says",
            format!(
                "secret = event['Parameters']['{name}']\n\
                 return {{'status': 'Failed', 'message': 'bad login ' + secret + secret.encode().hex()}}"
            ),
            Outcome::Failed,
        ),
        (
            "keeps",
            format!(
                "if event.get('HookDetails'):\n    return {{'status': 'Succeeded'}}\n\
             return {{'hookStatus': 'IN_PROGRESS', 'callBackDelay': 1, 'hookDetails': {{'seen': event['Parameters']['{name}']}}}}"
            ),
            // What it wants to be handed back would have to be kept, and it does not say that its words are safe.
            Outcome::Failed,
        ),
    ]
}

#[test]
fn a_secret_is_found_nowhere_after_a_run() {
    story(async {
        let app = App::new().await;
        let name = format!("/{}/password", app.name);
        client().await.put_parameter(&name, SECRET, "SecureString").await.or_stop("PutParameter");
        let mut evidence = Vec::new();
        for (kind, body, outcome) in hooks(&name) {
            let hook = app.hook(kind, &body).await;
            let hook = json!({"Function": hook, "Parameters": [name]});
            let deployment = app.to("2").hook("BeforeAllowTraffic", hook).start().await;
            let view = deployment.ended().await;
            assert_eq!(view.outcome, Some(outcome), "{kind}: {view:#?}");
            deployment.execution_status().await;
            evidence.push((format!("the history of {kind}"), json!(deployment.history().await).to_string()));
            // All that is answered, and not what a program of ours reads of it.
            let named = json!({"deploymentId": deployment.id});
            let described = call("Tideshift.DescribeDeployment", &named).await;
            evidence.push((format!("the description of {kind}"), described.to_string()));
            app.point("1", json!({})).await;
        }
        evidence.push(("the table".to_owned(), table().await));
        let mut found = Vec::new();
        for (place, text) in evidence {
            if spellings().iter().any(|secret| text.contains(secret.as_str())) {
                found.push(place);
            }
        }
        grep(stack().await.state_dir(), &mut found);
        assert!(found.is_empty(), "the secret is in {found:?}");
    });
}
