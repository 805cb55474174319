//! Jobs of CodePipeline: what starts a deployment, what the pipeline is told of it, and what is wrong with a job.

mod abandoned;
mod bad_input;
mod functions;
mod outages;
mod secrets;
mod services;

use std::io::{Cursor, Write};

use fakes::{Said, Simulation, World};
use rollout::ids::{DeploymentId, JobId};
use rollout::pipeline::token::Token;
use serde_json::{Value, json};
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::client::{group, with};

/// The id of a job, by its number.
pub(crate) fn job_id(number: u32) -> String {
    format!("{number:08x}-2222-4333-8444-555555555555")
}

/// The deployment that a job starts.
pub(crate) fn deployment_of(number: u32) -> DeploymentId {
    DeploymentId::of_job(&JobId::parse(&job_id(number)).unwrap())
}

/// A zip with these files.
pub(crate) fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// What CodePipeline calls about a job, with these input artifacts and the token of the last answer.
pub(crate) fn event(number: u32, parameters: &str, artifacts: &[&str], token: Option<&str>) -> Value {
    let artifact = |name: &&str| {
        let place = json!({"bucketName": "artifacts", "objectKey": format!("shop/{name}.zip")});
        json!({"name": name, "revision": null, "location": {"type": "S3", "s3Location": place}})
    };
    let artifacts: Vec<Value> = artifacts.iter().map(artifact).collect();
    let configuration = json!({"FunctionName": "tideshift-on-pipeline-job", "UserParameters": parameters});
    let mut data = json!({
        "actionConfiguration": {"configuration": configuration},
        "inputArtifacts": artifacts,
        "outputArtifacts": [],
        "artifactCredentials": {
            "accessKeyId": "ASIAJOB", "secretAccessKey": "secret-of-the-job", "sessionToken": "session-of-the-job",
        },
        "encryptionKey": {"id": "arn:aws:kms:eu-central-1:123456789012:key/artifacts", "type": "KMS"},
    });
    if let Some(token) = token {
        data["continuationToken"] = token.into();
    }
    json!({"CodePipeline.job": {"id": job_id(number), "accountId": "123456789012", "data": data}})
}

/// Uploads an artifact.
pub(crate) fn upload(world: &World, name: &str, files: &[(&str, &str)]) {
    world.put_object("artifacts", &format!("shop/{name}.zip"), zip(files));
}

/// An AppSpec for `storefront:live`, without a version.
pub(crate) const APPSPEC: &str = "version: 0.0\nResources:\n  - Storefront:\n      Type: AWS::Lambda::Function\n      Properties:\n        \
                                  Name: storefront\n        Alias: live\n";

/// A pipeline with one action.
pub(crate) struct Pipeline {
    pub(crate) simulation: Simulation,
    pub(crate) parameters: String,
    pub(crate) artifacts: Vec<&'static str>,
}

impl Pipeline {
    /// Over a world, with an artifact `Build` that has these files.
    pub(crate) fn over(world: World, files: &[(&str, &str)], parameters: &str) -> Self {
        upload(&world, "Build", files);
        Self { simulation: Simulation::new(world), parameters: parameters.to_owned(), artifacts: vec!["Build"] }
    }

    pub(crate) fn world(&self) -> &World {
        self.simulation.world()
    }

    /// The application `shop` with the group `web`.
    pub(crate) fn with_group(self, platform: &str, settings: Value) -> Self {
        let ok = |operation: &str, body: Value| {
            let reply = self.simulation.api(&format!("CodeDeploy_20141006.{operation}"), body);
            assert_eq!(reply.status, 200, "{operation}: {}", reply.body);
        };
        ok("CreateApplication", json!({"applicationName": "shop", "computePlatform": platform}));
        ok("CreateDeploymentGroup", with(group(json!({})), settings));
        self
    }

    /// CodePipeline calls about a job, once.
    pub(crate) fn call(&self, number: u32, token: Option<&str>) -> Result<Value, String> {
        let event = event(number, &self.parameters, &self.artifacts, token);
        self.simulation.call("on_pipeline_job", event)
    }

    /// The same, with what it was told then.
    #[track_caller]
    pub(crate) fn told(&self, number: u32, token: Option<&str>) -> Said {
        let before = self.world().job_answers().len();
        let returned = self.call(number, token);
        let said = self.world().job_answers();
        assert_eq!(said.len(), before + 1, "one answer: {returned:?} {said:?}");
        said.last().cloned().unwrap()
    }

    /// The token of the last answer.
    pub(crate) fn token(&self) -> Option<String> {
        match self.world().job_answers().pop()? {
            Said::GoesOn { token, .. } => Some(token),
            Said::Succeeded { .. } | Said::Failed { .. } => None,
        }
    }

    /// The job runs to its end: CodePipeline asks every half a minute, each time with a job of another id.
    pub(crate) fn runs(&self, first: u32, seconds: i64) -> Said {
        let mut said = self.told(first, None);
        for (number, second) in (first + 1..).zip((30..).step_by(30)) {
            let Said::GoesOn { token, .. } = &said else { return said };
            assert!(second < seconds, "it goes on for longer: {said:?}");
            self.simulation.run_until(second);
            said = self.told(number, Some(token));
        }
        said
    }
}

/// An answer in a line or two.
pub(crate) fn line(said: &Said) -> String {
    match said {
        Said::GoesOn { token, details, .. } => {
            let nth = Token::read(token).unwrap().nth;
            format!("goes on ({nth}), {}: {}", percent(details.percent), details.summary)
        }
        Said::Succeeded { details, variables, .. } => {
            let variables: Vec<String> = variables.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            format!("succeeded, {}: {}\n{}", percent(details.percent), details.summary, variables.join("\n"))
        }
        Said::Failed { fault, deployment, .. } => {
            let deployment = deployment.as_ref().map_or_else(|| "no deployment".to_owned(), ToString::to_string);
            format!("failed, {}, {deployment}: {}", fault.kind, fault.message)
        }
    }
}

fn percent(known: Option<u8>) -> String {
    known.map_or_else(|| "nobody knows how far".to_owned(), |percent| format!("{percent} %"))
}
