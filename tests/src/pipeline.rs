//! A pipeline of a story's own: a bucket with a zip in it, and actions that are given the zip as the artifact `App`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use local::JobTimes;
use serde_json::{Value, json};

use crate::stack::{client, stack};
use crate::{OrStop, eventually};

/// A pipeline in the making. Its source is the action `Source`, in the namespace `Source`.
pub struct Draft {
    name: String,
    zip: Vec<u8>,
    actions: Vec<Value>,
    key: Option<String>,
    denied: Vec<String>,
    times: Option<JobTimes>,
}

/// A pipeline.
#[derive(Debug, Clone)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
    /// The bucket of its artifacts.
    pub artifacts: String,
    /// Its role's name.
    pub role: String,
}

/// One execution of a pipeline.
#[derive(Debug, Clone)]
pub struct Run {
    /// Whose it is.
    pub pipeline: Pipeline,
    /// Its id.
    pub id: String,
}

/// An action of one, as CodePipeline tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acted {
    /// `InProgress`, `Succeeded`, `Failed` or `Abandoned`; empty for one that never began.
    pub status: String,
    /// What it says of itself.
    pub summary: String,
    /// What it calls what it has started.
    pub external_id: String,
    /// How far it is.
    pub percent: Option<u64>,
    /// The kind of its failure.
    pub error: String,
    /// The failure's message.
    pub message: String,
    /// What it hands to other actions.
    pub variables: BTreeMap<String, String>,
    /// Where its output artifacts are in the bucket, by their names.
    pub outputs: BTreeMap<String, String>,
}

impl Draft {
    /// One whose artifact has these files, each by its path and its text.
    pub async fn of(files: &[(&str, &str)]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        stack().await;
        let name = format!("pipeline-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let zip = local::sample::zip(files).or_stop("a zip");
        Self { name, zip, actions: Vec::new(), key: None, denied: Vec::new(), times: None }
    }

    /// With one more invoke action after the others: its name, which is its namespace too, its provider and configuration.
    #[must_use]
    pub fn then(mut self, name: &str, provider: &str, configuration: &Value) -> Self {
        self.actions.push(json!({
            "name": name,
            "namespace": name,
            "actionTypeId": {"category": "Invoke", "owner": "AWS", "provider": provider, "version": "1"},
            "runOrder": self.actions.len() + 1,
            "configuration": configuration,
            "inputArtifacts": [{"name": "App"}],
        }));
        self
    }

    /// With an action `Invoke` that calls a function.
    #[must_use]
    pub fn invoking(self, function: &str, user_parameters: &str) -> Self {
        self.then("Invoke", "Lambda", &json!({"FunctionName": function, "UserParameters": user_parameters}))
    }

    /// The last action puts out an artifact.
    #[must_use]
    pub fn making(mut self, artifact: &str) -> Self {
        if let Some(action) = self.actions.last_mut() {
            action["outputArtifacts"] = json!([{"name": artifact}]);
        }
        self
    }

    /// With artifacts encrypted under a key of KMS.
    #[must_use]
    pub fn encrypted_under(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// With a role that lacks an action, such as `kms:Decrypt`; of `s3:GetObject` it has what its source needs.
    #[must_use]
    pub fn without(mut self, action: &str) -> Self {
        self.denied.push(action.to_owned());
        self
    }

    /// With these times for its jobs.
    #[must_use]
    pub fn timed(mut self, times: JobTimes) -> Self {
        self.times = Some(times);
        self
    }

    /// Makes it. A pipeline runs once it is made.
    pub async fn run(self) -> Run {
        let client = client().await;
        let (sources, artifacts) = (format!("{}-sources", self.name), format!("{}-artifacts", self.name));
        for bucket in [&sources, &artifacts] {
            client.create_bucket(bucket).await.or_stop("CreateBucket");
        }
        client.put_object(&sources, "app.zip", self.zip.clone(), None).await.or_stop("PutObject");
        let role = format!("{}-role", self.name);
        let role_arn = local::sample::role_of(&client, &role, "codepipeline.amazonaws.com").await.or_stop("the role");
        let pipeline = Pipeline { name: self.name.clone(), artifacts, role };
        pipeline.may(&self.rights(&sources, &pipeline.artifacts)).await;
        if let Some(times) = self.times {
            client.set_job_times(&self.name, times).await.or_stop("the times of its jobs");
        }
        client.codepipeline("CreatePipeline", &self.declaration(&role_arn, &sources)).await.or_stop("CreatePipeline");
        let id = pipeline.latest().await;
        Run { pipeline, id }
    }

    /// What its role may do.
    fn rights(&self, sources: &str, artifacts: &str) -> Value {
        let all = [
            ("s3:GetObject", format!("arn:aws:s3:::{artifacts}/*")),
            ("s3:PutObject", format!("arn:aws:s3:::{artifacts}/*")),
            ("kms:Decrypt", "*".to_owned()),
            ("kms:GenerateDataKey", "*".to_owned()),
            ("lambda:InvokeFunction", "*".to_owned()),
            ("states:StartExecution", "*".to_owned()),
            ("states:DescribeExecution", "*".to_owned()),
        ];
        let allowed = all.iter().filter(|(action, _)| !self.denied.iter().any(|denied| denied == action));
        let allow = |action: &str, on: &str| json!({"Effect": "Allow", "Action": action, "Resource": on});
        let mut statements: Vec<Value> = allowed.map(|(action, on)| allow(action, on)).collect();
        statements.push(allow("s3:GetObject", &format!("arn:aws:s3:::{sources}/*")));
        json!({"Version": "2012-10-17", "Statement": statements})
    }

    fn declaration(&self, role: &str, sources: &str) -> Value {
        let source = json!({
            "name": "Source",
            "namespace": "Source",
            "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"},
            "configuration": {"S3Bucket": sources, "S3ObjectKey": "app.zip"},
            "outputArtifacts": [{"name": "App"}],
        });
        let mut store = json!({"type": "S3", "location": format!("{}-artifacts", self.name)});
        if let Some(key) = &self.key {
            store["encryptionKey"] = json!({"id": key, "type": "KMS"});
        }
        json!({"pipeline": {
            "name": self.name,
            "roleArn": role,
            "artifactStore": store,
            "stages": [{"name": "Source", "actions": [source]}, {"name": "Deploy", "actions": self.actions}],
        }})
    }
}

impl Pipeline {
    async fn may(&self, policy: &Value) {
        let policy = policy.to_string();
        let put = [
            ("Action", "PutRolePolicy"),
            ("Version", "2010-05-08"),
            ("RoleName", self.role.as_str()),
            ("PolicyName", "pipeline"),
            ("PolicyDocument", policy.as_str()),
        ];
        client().await.aws_query("iam", &put).await.or_stop("PutRolePolicy");
    }

    /// The execution that began last.
    async fn latest(&self) -> String {
        let asked = json!({"pipelineName": self.name, "maxResults": 1});
        let listed = client().await.codepipeline("ListPipelineExecutions", &asked).await;
        let listed = listed.or_stop("ListPipelineExecutions");
        let id = listed["pipelineExecutionSummaries"][0]["pipelineExecutionId"].as_str();
        id.or_stop("an execution").to_owned()
    }

    /// Starts one more execution.
    pub async fn start(&self) -> Run {
        let asked = json!({"name": self.name});
        let started = client().await.codepipeline("StartPipelineExecution", &asked).await;
        let started = started.or_stop("StartPipelineExecution");
        let id = started["pipelineExecutionId"].as_str().or_stop("an id").to_owned();
        Run { pipeline: self.clone(), id }
    }
}

impl Run {
    /// Where it is: `InProgress`, `Stopping`, `Stopped`, `Succeeded`, `Superseded` or `Failed`.
    pub async fn status(&self) -> String {
        let asked = json!({"pipelineName": self.pipeline.name, "pipelineExecutionId": self.id});
        let seen = client().await.codepipeline("GetPipelineExecution", &asked).await.or_stop("GetPipelineExecution");
        seen["pipelineExecution"]["status"].as_str().or_stop("a status").to_owned()
    }

    /// Waits until it is over; its status.
    pub async fn ended(&self) -> String {
        let over = async || Some(self.status().await).filter(|status| !["InProgress", "Stopping"].contains(&&**status));
        eventually(over).await.or_stop("the pipeline never ends")
    }

    /// One of its actions.
    pub async fn action(&self, name: &str) -> Acted {
        let asked = json!({"pipelineName": self.pipeline.name, "filter": {"pipelineExecutionId": self.id}});
        let listed = client().await.codepipeline("ListActionExecutions", &asked).await.or_stop("ListActionExecutions");
        let details = listed["actionExecutionDetails"].as_array().into_iter().flatten();
        let Some(detail) = details.into_iter().find(|detail| detail["actionName"] == name) else {
            return Acted::default();
        };
        let (result, output) = (&detail["output"]["executionResult"], &detail["output"]);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let variables = output["outputVariables"].as_object().into_iter().flatten();
        let outputs = output["outputArtifacts"].as_array().into_iter().flatten();
        Acted {
            status: text(&detail["status"]),
            summary: text(&result["externalExecutionSummary"]),
            external_id: text(&result["externalExecutionId"]),
            percent: self.percent(name).await,
            error: text(&result["errorDetails"]["code"]),
            message: text(&result["errorDetails"]["message"]),
            variables: variables.map(|(name, value)| (name.clone(), text(value))).collect(),
            outputs: outputs.map(|made| (text(&made["name"]), text(&made["s3location"]["key"]))).collect(),
        }
    }

    /// How far an action of the latest execution is: only the pipeline's state says so.
    async fn percent(&self, name: &str) -> Option<u64> {
        let seen = client().await.codepipeline("GetPipelineState", &json!({"name": self.pipeline.name})).await;
        let seen = seen.or_stop("GetPipelineState");
        let stages = seen["stageStates"].as_array().into_iter().flatten();
        let mut actions = stages.flat_map(|stage| stage["actionStates"].as_array().into_iter().flatten());
        actions.find(|action| action["actionName"] == name)?["latestExecution"]["percentComplete"].as_u64()
    }

    /// Waits until one of its actions is so.
    pub async fn until(&self, name: &str, is: impl Fn(&Acted) -> bool) -> Acted {
        match eventually(async || Some(self.action(name).await).filter(&is)).await {
            Some(acted) => acted,
            None => crate::stop(&format!("{name} never got so far: {:#?}", self.action(name).await)),
        }
    }

    /// Stops it; what is under way is left to itself where it is abandoned.
    pub async fn stop(&self, abandon: bool) {
        let asked = json!({"pipelineName": self.pipeline.name, "pipelineExecutionId": self.id, "abandon": abandon});
        client().await.codepipeline("StopPipelineExecution", &asked).await.or_stop("StopPipelineExecution");
    }
}
