//! Who gets what: every service with the handles it needs, and what runs by itself.

use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::LocalError;
use crate::children::Children;
use crate::client::Client;
use crate::faults::Faults;
use crate::memory::Memory;
use crate::meter::Meter;
use crate::metrics::Metrics;
use crate::observed::Observed;
use crate::router::{Own, Router};
use crate::service::Service;
use crate::services::cloudformation::CloudFormation;
use crate::services::cloudwatch::{self, Alarms, CloudWatch};
use crate::services::codedeploy::CodeDeploy;
use crate::services::codepipeline::{Book, CodePipeline};
use crate::services::dynamodb::DynamoDb;
use crate::services::ecs::{self, Ecs, TaskSets};
use crate::services::elb::{Balancers, Elb, Listeners, Targets};
use crate::services::events::{self, Bus, Events};
use crate::services::iam::{Guard, Iam, Roles, Sessions};
use crate::services::lambda::{self, FunctionTags, Functions, Host, Lambda, Settings};
use crate::services::logs::Logs;
use crate::services::states::{self, Executions, States};

/// What more than one of them needs.
pub(crate) struct Wiring {
    moto: Client,
    memory: Arc<Memory>,
    metrics: Arc<Metrics>,
    pub(crate) host: Arc<Host>,
    functions: Arc<Functions>,
    tags: Arc<FunctionTags>,
    bus: Arc<Bus>,
    executions: Arc<Executions>,
    alarms: Arc<Alarms>,
    balancers: Arc<Balancers>,
    pub(crate) ecs: Arc<Ecs>,
    roles: Arc<Roles>,
    sessions: Arc<Sessions>,
    pipelines: Arc<Book>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) observed: Arc<Observed>,
    pub(crate) meter: Arc<Meter>,
}

impl Wiring {
    /// Everything in front of a moto, and nothing known of it yet.
    pub(crate) fn new(settings: Settings, moto: Client, children: &Arc<Children>) -> Result<Self, LocalError> {
        let (observed, meter, metrics) =
            (Arc::<Observed>::default(), Arc::<Meter>::default(), Arc::<Metrics>::default());
        let ecs = Arc::new(Ecs::new(&settings.python, &settings.state, Arc::clone(children))?);
        let host = Arc::new(Host::new(settings, moto.clone(), Arc::clone(children))?);
        let functions =
            Functions::new(Arc::clone(&host), Arc::clone(&metrics), Arc::clone(&observed), Arc::clone(&meter));
        let functions = Arc::new(functions);
        let bus = Arc::new(Bus::new(moto.clone(), Arc::clone(&functions), Arc::clone(&observed)));
        let wiring = Self {
            alarms: Arc::new(Alarms::new(moto.clone(), Arc::clone(&metrics), Arc::clone(&bus))),
            moto,
            memory: Arc::default(),
            metrics,
            host,
            functions,
            tags: Arc::default(),
            bus,
            executions: Arc::default(),
            balancers: Arc::default(),
            ecs,
            roles: Arc::default(),
            sessions: Arc::default(),
            pipelines: Arc::default(),
            faults: Arc::default(),
            observed,
            meter,
        };
        wiring.memory.register(&wiring.functions);
        wiring.memory.register(&wiring.tags);
        wiring.memory.register(&wiring.bus);
        wiring.memory.register(&wiring.alarms);
        wiring.memory.register(&wiring.balancers);
        wiring.memory.register(&wiring.roles);
        Ok(wiring)
    }

    /// Forgets everything read from moto: a stack may have been created.
    pub(crate) fn forget(&self) {
        self.memory.forget();
    }

    /// The router of a stack, by its name and endpoint.
    pub(crate) fn router(&self, stack: &str, endpoint: &str) -> Router {
        let own = Own {
            stack: stack.to_owned(),
            endpoint: endpoint.to_owned(),
            executions: Arc::clone(&self.executions),
            observed: Arc::clone(&self.observed),
            faults: Arc::clone(&self.faults),
            ecs: Arc::clone(&self.ecs),
            host: Arc::clone(&self.host),
            pipelines: Arc::clone(&self.pipelines),
        };
        let guard = Guard {
            moto: self.moto.clone(),
            roles: Arc::clone(&self.roles),
            sessions: Arc::clone(&self.sessions),
            host: Arc::clone(&self.host),
            tags: Arc::clone(&self.tags),
            executions: Arc::clone(&self.executions),
            ecs: Arc::clone(&self.ecs),
            observed: Arc::clone(&self.observed),
        };
        let (moto, balancers, metrics) = (self.moto.clone(), Arc::clone(&self.balancers), Arc::clone(&self.metrics));
        Router {
            own,
            listeners: Arc::new(Listeners::new(moto, balancers, self.targets(), metrics)),
            host: Arc::clone(&self.host),
            guard,
            faults: Arc::clone(&self.faults),
            table: self.table(stack, endpoint),
            moto: self.moto.clone(),
        }
    }

    /// Who may claim a request.
    fn table(&self, stack: &str, endpoint: &str) -> Vec<Arc<dyn Service>> {
        let moto = || self.moto.clone();
        let (memory, bus, observed) =
            (|| Arc::clone(&self.memory), || Arc::clone(&self.bus), || Arc::clone(&self.observed));
        let (sessions, pipelines) = (Arc::clone(&self.sessions), Arc::clone(&self.pipelines));
        let (functions, balancers) = (|| Arc::clone(&self.functions), || Arc::clone(&self.balancers));
        vec![
            Arc::new(CodeDeploy { functions: functions(), stack: stack.to_owned() }),
            Arc::new(CodePipeline::new(moto(), Client::new(endpoint), pipelines, sessions)),
            Arc::new(Lambda::new(moto(), functions(), Arc::clone(&self.tags), observed(), memory())),
            Arc::new(CloudWatch { moto: moto(), alarms: Arc::clone(&self.alarms) }),
            Arc::new(Events { moto: moto(), bus: bus(), memory: memory() }),
            Arc::new(Logs { moto: moto(), printed: Arc::clone(&self.host.printed) }),
            Arc::new(States { moto: moto(), executions: Arc::clone(&self.executions), bus: bus() }),
            Arc::new(DynamoDb { moto: moto(), meter: Arc::clone(&self.meter) }),
            Arc::new(TaskSets { moto: moto(), ecs: Arc::clone(&self.ecs), balancers: balancers() }),
            Arc::new(Elb { moto: moto(), balancers: balancers(), targets: self.targets(), observed: observed() }),
            Arc::new(Iam { moto: moto(), memory: memory() }),
            Arc::new(CloudFormation { moto: moto(), memory: memory() }),
        ]
    }

    /// The tasks of ECS are what load balancers forward to.
    fn targets(&self) -> Arc<dyn Targets> {
        Arc::<Ecs>::clone(&self.ecs)
    }

    /// Starts what nobody asks for: each runs until what it looks after is gone.
    pub(crate) fn run(&self) -> Vec<JoinHandle<()>> {
        let (moto, bus) = (|| self.moto.clone(), || Arc::clone(&self.bus));
        vec![
            tokio::spawn(cloudwatch::look_after(Arc::downgrade(&self.alarms))),
            tokio::spawn(lambda::retire(Arc::downgrade(&self.host))),
            tokio::spawn(states::follow(Arc::downgrade(&self.executions), moto(), bus())),
            tokio::spawn(events::fire(Arc::downgrade(&self.functions), moto())),
            tokio::spawn(ecs::supervise(Arc::downgrade(&self.ecs), moto(), Arc::clone(&self.balancers), bus())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::*;
    use crate::call::Call;
    use crate::http::Request;

    fn asked(service: &str, operation: &str) -> Call {
        let scope = format!("AWS4-HMAC-SHA256 Credential=K/20260101/us-east-1/{service}/aws4_request");
        let mut headers = HeaderMap::new();
        headers.insert("authorization", scope.parse().unwrap());
        headers.insert("x-amz-target", format!("Any.{operation}").parse().unwrap());
        let (path, query) = ("/".to_owned(), String::new());
        Call::read(Request { method: Method::POST, path, query, headers, body: "{}".into() })
    }

    #[test]
    fn no_two_services_claim_the_same_request_and_what_none_claims_is_motos() {
        let state = tempfile::tempdir().unwrap();
        let (path, text) = (|| state.path().to_owned(), |text: &str| text.to_owned());
        let settings = Settings {
            stack: text("tideshift"),
            endpoint: text("http://127.0.0.1:1"),
            bootstrap: path(),
            python: path(),
            state: path(),
            concurrency: 1,
        };
        let children = Arc::new(Children::start().unwrap());
        let table = Wiring::new(settings, Client::new("127.0.0.1:1"), &children)
            .unwrap()
            .table("tideshift", "http://127.0.0.1:1");
        for (service, operation, claims) in [
            ("codedeploy", "GetDeployment", 1),
            ("codepipeline", "StartPipelineExecution", 1),
            ("codepipeline", "PutJobSuccessResult", 1),
            ("lambda", "GetFunction", 1),
            ("monitoring", "DescribeAlarms", 1),
            ("monitoring", "PutMetricData", 1),
            ("monitoring", "GetMetricStatistics", 0),
            ("events", "PutEvents", 1),
            ("events", "PutRule", 1),
            ("events", "ListRules", 0),
            ("logs", "FilterLogEvents", 1),
            ("logs", "CreateLogGroup", 0),
            ("states", "StartExecution", 1),
            ("states", "SendTaskSuccess", 0),
            ("dynamodb", "GetItem", 1),
            ("ecs", "CreateTaskSet", 1),
            ("ecs", "RegisterTaskDefinition", 0),
            ("elasticloadbalancing", "ModifyRule", 1),
            ("elasticloadbalancing", "DescribeTargetHealth", 1),
            ("elasticloadbalancing", "DescribeRules", 0),
            ("iam", "CreateRole", 1),
            ("iam", "GetRole", 0),
            ("cloudformation", "CreateStack", 1),
            ("cloudformation", "DescribeStacks", 0),
            ("ssm", "GetParameter", 0),
            ("s3", "PutObject", 0),
            ("sts", "GetCallerIdentity", 0),
        ] {
            let call = asked(service, operation);
            assert_eq!(table.iter().filter(|one| one.claims(&call)).count(), claims, "{service} {operation}");
        }
    }
}
