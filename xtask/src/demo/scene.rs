//! What a scenario plays on: the alias of the sample function, or a service of its own. Where traffic comes in, where it
//! goes, and who wrote that.

use local::sample::service::{CONTAINER, CONTAINER_PORT, PRODUCTION_PORT, ServiceSample, create_service_sample};
use local::traffic::Source;
use serde_json::{Map, Value, json};

use super::evidence::{self, Writes};
use super::scenario::{ALARM, SERVICE_ALARM, Scenario, Target, Twist};
use crate::clock;
use crate::stage::{ALIAS, FUNCTION, Stage};
use crate::validate::chain;

/// No sample takes as long to become steady.
const PATIENCE_SECONDS: f64 = 30.0;

/// A place to deploy to.
pub(crate) enum Scene {
    Alias,
    Service(Box<ServiceSample>),
}

impl Scene {
    /// Sets it up.
    pub(crate) async fn set(stage: &Stage, scenario: &Scenario) -> Result<Self, String> {
        match scenario.target {
            Target::Alias => Ok(Self::Alias),
            Target::Service => {
                let sample = create_service_sample(&stage.client, scenario.name).await.map_err(chain)?;
                if scenario.twist == Twist::Alarm {
                    evidence::service_alarm(stage, &sample).await?;
                }
                steady(stage, &sample).await?;
                Ok(Self::Service(Box::new(sample)))
            }
        }
    }

    /// Where traffic comes in.
    pub(crate) fn source(&self) -> Source {
        match self {
            Self::Alias => Source::Function { name: FUNCTION.to_owned(), qualifier: ALIAS.to_owned() },
            Self::Service(sample) => {
                Source::Listener { load_balancer: sample.name.clone(), port: PRODUCTION_PORT, path: "/".to_owned() }
            }
        }
    }

    /// What the name of its state machine ends in.
    pub(crate) fn machine(&self) -> &'static str {
        match self {
            Self::Alias => "lambda",
            Self::Service(_) => "ecs",
        }
    }

    /// The flags of `tideshift deploy` that name it.
    pub(crate) fn flags(&self, scenario: &Scenario) -> Vec<String> {
        match self {
            Self::Alias => {
                ["--function", FUNCTION, "--alias", ALIAS, "--to-version", scenario.to].map(str::to_owned).to_vec()
            }
            Self::Service(sample) => {
                let cluster = local::sample::service::CLUSTER;
                [
                    ("--service", format!("{cluster}/{}", sample.name)),
                    ("--task-definition", scenario.to.to_owned()),
                    ("--container", CONTAINER.to_owned()),
                    ("--port", CONTAINER_PORT.to_string()),
                    ("--target-groups", format!("{0}-blue,{0}-green", sample.name)),
                    ("--listener", sample.production_listener.clone()),
                    ("--test-listener", sample.test_listener.clone()),
                ]
                .into_iter()
                .flat_map(|(flag, value)| [flag.to_owned(), value])
                .collect()
            }
        }
    }

    /// The alarm that watches it.
    pub(crate) fn alarm(&self) -> &'static str {
        match self {
            Self::Alias => ALARM,
            Self::Service(_) => SERVICE_ALARM,
        }
    }

    /// What functions of the stack wrote since a moment.
    pub(crate) fn writes(&self, stage: &Stage, moment: f64, to: &str) -> Writes {
        match self {
            Self::Alias => Writes::of_alias(stage.stack.observed().alias_writes(), moment, to),
            Self::Service(sample) => Writes::of_listener(stage.stack.observed().listener_writes(), moment, sample),
        }
    }

    /// What has the traffic now, and the weights of anything beside it.
    pub(crate) async fn traffic(&self, stage: &Stage) -> Result<(String, Value), String> {
        match self {
            Self::Alias => {
                let alias = stage.client.get_alias(FUNCTION, ALIAS).await.map_err(chain)?;
                let weights =
                    alias["RoutingConfig"]["AdditionalVersionWeights"].as_object().cloned().unwrap_or_default();
                Ok((alias["FunctionVersion"].as_str().unwrap_or_default().to_owned(), weights.into()))
            }
            Self::Service(sample) => {
                let sets = task_sets(stage, sample).await?;
                let primary = sets.iter().find(|set| set["status"] == "PRIMARY");
                let definition = primary.and_then(|set| set["taskDefinition"].as_str()).unwrap_or_default();
                let more: Map<String, Value> = sets
                    .iter()
                    .filter(|set| set["status"] == "ACTIVE")
                    .map(|set| (short(set["taskDefinition"].as_str().unwrap_or_default()).to_owned(), json!(1.0)))
                    .collect();
                Ok((short(definition).to_owned(), more.into()))
            }
        }
    }

    /// Makes the place as it was. A service is not used again.
    pub(crate) async fn reset(&self, stage: &Stage) -> Result<(), String> {
        match self {
            Self::Alias => stage.point("1").await,
            Self::Service(_) => Ok(()),
        }
    }
}

/// `family:revision` of an ARN.
fn short(definition: &str) -> &str {
    definition.split_once(":task-definition/").map_or(definition, |(_, name)| name)
}

async fn task_sets(stage: &Stage, sample: &ServiceSample) -> Result<Vec<Value>, String> {
    let input = json!({ "cluster": sample.cluster, "services": [sample.service] });
    let mut answer = stage.client.ecs("DescribeServices", &input).await.map_err(chain)?;
    Ok(answer["services"][0]["taskSets"].as_array_mut().map(std::mem::take).unwrap_or_default())
}

/// Waits until the service can answer.
pub(crate) async fn steady(stage: &Stage, sample: &ServiceSample) -> Result<(), String> {
    let deadline = clock::now() + PATIENCE_SECONDS;
    loop {
        let sets = task_sets(stage, sample).await?;
        if sets.iter().all(|set| set["stabilityStatus"] == "STEADY_STATE") {
            return Ok(());
        }
        if clock::now() > deadline {
            return Err(format!("the service {} is not steady: {sets:?}", sample.name));
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
