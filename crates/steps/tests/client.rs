//! A client of the API over a world: one call after the other, and nothing else happens meanwhile.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use codedeploy::call::{Call, Reply};
use fakes::World;
use rollout::seconds::Seconds;
use serde_json::{Value, json};
use steps::api::Api;
use steps::facts::{Home, Settings};
use steps::use_cases::UseCases;

pub(crate) struct Client {
    pub(crate) world: World,
    pub(crate) settings: Settings,
}

impl Client {
    pub(crate) fn new() -> Self {
        let mut settings = Settings::new(Seconds(60), "*");
        settings.home =
            Home { region: "eu-central-1".to_owned(), account: "123456789012".to_owned(), ..Home::default() };
        Self { world: World::new(), settings }
    }

    /// Answers a call by its whole target.
    pub(crate) fn answer(&self, call: &Call) -> Reply {
        let Self { world, settings } = self;
        let api = Api(UseCases { ports: world, settings });
        finished(api.answer(call, &rollout::starter::Starter::Invocation))
    }

    pub(crate) fn call(&self, operation: &str, body: Value) -> Reply {
        self.answer(&Call { target: format!("CodeDeploy_20141006.{operation}"), body })
    }

    /// The output of a call that must be accepted.
    #[track_caller]
    pub(crate) fn ok(&self, operation: &str, body: Value) -> Value {
        let reply = self.call(operation, body.clone());
        assert_eq!(reply.status, 200, "{operation} {body} answers {}", reply.body);
        reply.body
    }

    /// The error of a call that must be refused.
    #[track_caller]
    pub(crate) fn refused(&self, operation: &str, body: Value) -> (String, String) {
        let reply = self.call(operation, body.clone());
        assert_eq!(reply.status, 400, "{operation} {body} answers {}", reply.body);
        let text = |member: &str| reply.body[member].as_str().unwrap_or_default().to_owned();
        (text("__type"), text("message"))
    }

    /// A table of inputs and the errors they get, written without their `Exception`.
    #[track_caller]
    pub(crate) fn refuses(&self, operation: &str, table: &[(&str, Value)]) {
        for (code, body) in table {
            let (found, message) = self.refused(operation, body.clone());
            let expected = match *code {
                plain @ ("SerializationException" | "UnknownOperationException") => plain.to_owned(),
                name => format!("{name}Exception"),
            };
            assert_eq!(found, expected, "{operation} {body}: {message}");
            assert!(!message.is_empty(), "{operation} {body}");
        }
    }

    /// An application `shop` for a platform.
    pub(crate) fn application(&self, platform: &str) -> &Self {
        self.ok("CreateApplication", json!({"applicationName": "shop", "computePlatform": platform}));
        self
    }

    /// A group `web` of the application `shop`, with these settings.
    pub(crate) fn group(&self, settings: Value) -> &Self {
        self.ok("CreateDeploymentGroup", group(settings));
        self
    }

    pub(crate) fn read_group(&self) -> Value {
        let named = json!({"applicationName": "shop", "deploymentGroupName": "web"});
        self.ok("GetDeploymentGroup", named)["deploymentGroupInfo"].clone()
    }
}

/// CreateDeploymentGroup with these settings.
pub(crate) fn group(settings: Value) -> Value {
    with(
        json!({
            "applicationName": "shop",
            "deploymentGroupName": "web",
            "serviceRoleArn": "arn:aws:iam::123456789012:role/deploy",
        }),
        settings,
    )
}

/// One object over another.
pub(crate) fn with(mut base: Value, over: Value) -> Value {
    if let (Some(base), Value::Object(over)) = (base.as_object_mut(), over) {
        base.extend(over);
    }
    base
}

/// Polls until it is done: nothing here waits for anything but its turn.
fn finished<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
