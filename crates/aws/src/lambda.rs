//! Lambda: aliases, versions, hook functions.

mod warm;

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::{DisplayErrorContext, SdkError};
use aws_sdk_lambda::operation::RequestId as _;
use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{AliasRoutingConfiguration, LogType, State};
use aws_smithy_http_client::pool::{self, ConnectionPool};
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use base64::Engine;
use rollout::facts::{VersionFacts, VersionState};
use rollout::hooks::CallId;
use rollout::ids::{AliasName, FunctionName, HookFunction, Version};
use rollout::routing::{Additional, Backend, Routing, Share};
use serde_json::Value;
use steps::ports::{
    Alias, CallHook, Called, Calling, Pointing, PortError, ReadAlias, ReadFunctions, Revision, WriteAlias,
};

use crate::account::Account;
use crate::failure::{found, port_error};

/// How long a hook is waited for (docs/aws-realities.md 2.4). The function that waits may run for twenty seconds more, in which it reads what
/// the hook is handed and writes down what came of it.
pub const HOOK: Duration = Duration::from_secs(880);

/// How often an idle connection is heard of. What passes on packets forgets connections that are silent for 350 s (docs/aws-realities.md 2.3).
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// Why there is no client.
type BoxError = Box<dyn Error + Send + Sync>;

impl Account {
    /// For calling hooks: a hook may take as long as a function may run, and is not called twice because it is slow.
    fn hooks(&self) -> Result<&aws_sdk_lambda::Client, PortError> {
        match self.hooks.get() {
            Some(made) => Ok(made),
            None => {
                let made = patient(&self.config).map_err(|error| PortError::Denied(format!("Invoke: {error}")))?;
                Ok(self.hooks.get_or_init(|| made))
            }
        }
    }
}

fn patient(config: &SdkConfig) -> Result<aws_sdk_lambda::Client, BoxError> {
    let mut patient = aws_sdk_lambda::config::Builder::from(config)
        .timeout_config(TimeoutConfig::disabled())
        .retry_config(aws_config::retry::RetryConfig::disabled());
    if config.http_client().is_none() {
        patient = patient.http_client(kept_alive(config.endpoint_url())?);
    }
    Ok(aws_sdk_lambda::Client::from_conf(patient.build()))
}

/// Connections that say from time to time that they are there. The SDK's own say nothing.
fn kept_alive(endpoint: Option<&str>) -> Result<pool::Client, BoxError> {
    let pool = ConnectionPool::builder().tcp_keepalive(KEEP_ALIVE);
    // A pool with TLS refuses an endpoint without.
    let pool = match endpoint {
        Some(plain) if plain.starts_with("http://") => pool.build_http()?,
        Some(_) | None => pool.tls_provider(Provider::rustls(CryptoMode::AwsLc)).build_https()?,
    };
    Ok(pool::Client::new(&pool)?)
}

/// A request that may have arrived, and nothing came back.
fn is_unanswered(error: &SdkError<InvokeError, HttpResponse>) -> bool {
    match error {
        SdkError::ConstructionFailure(_) | SdkError::ServiceError(_) => false,
        SdkError::DispatchFailure(failure) => !failure.is_user() && !never_arrived(error),
        _ => true,
    }
}

/// Whether there was no connection to send it on.
fn never_arrived(error: &(dyn Error + 'static)) -> bool {
    use std::io::ErrorKind::{AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkUnreachable};
    let mut cause = Some(error);
    while let Some(error) = cause {
        let kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        if let Some(ConnectionRefused | HostUnreachable | NetworkUnreachable | AddrNotAvailable) = kind {
            return true;
        }
        cause = error.source();
    }
    false
}

impl ReadAlias for Account {
    async fn alias(&self, function: &FunctionName, alias: &AliasName) -> Result<Option<Alias>, PortError> {
        let read = self.lambda().get_alias().function_name(function.as_str()).name(alias.as_str()).send().await;
        let Some(read) = found(read.map_err(|error| port_error("GetAlias", error)))? else { return Ok(None) };
        let weights = read.routing_config().and_then(|routing| routing.additional_version_weights());
        Ok(Some(Alias {
            pointing: pointing(read.function_version().unwrap_or_default(), weights)?,
            revision: Revision(read.revision_id().unwrap_or_default().to_owned()),
        }))
    }
}

fn pointing(primary: &str, weights: Option<&HashMap<String, f64>>) -> Result<Pointing, PortError> {
    if primary == "$LATEST" {
        return Ok(Pointing::Latest);
    }
    let version = |text: &str| {
        Version::parse(text)
            .map(Backend::from)
            .map_err(|error| PortError::Denied(format!("GetAlias answered with an odd version: {error}")))
    };
    let mut additional = None;
    for (other, weight) in weights.into_iter().flatten() {
        if let Some(share) = Share::from_fraction(*weight) {
            additional = Some(Additional { backend: version(other)?, share });
        }
    }
    Ok(Pointing::At(Routing { primary: version(primary)?, additional }))
}

impl WriteAlias for Account {
    async fn point(
        &self,
        function: &FunctionName,
        alias: &AliasName,
        to: &Routing,
        revision: &Revision,
    ) -> Result<Revision, PortError> {
        let version = |backend: &Backend| {
            let version =
                backend.version().ok_or_else(|| PortError::Denied(format!("an alias cannot be on {backend}")));
            version.map(|version| version.to_string())
        };
        let primary = version(&to.primary)?;
        // An empty map ends a split; leaving the member out would keep it.
        let mut weights = HashMap::new();
        if let Some(other) = &to.additional {
            weights.insert(version(&other.backend)?, other.share.fraction());
        }
        self.lambda()
            .update_alias()
            .function_name(function.as_str())
            .name(alias.as_str())
            .function_version(primary)
            .routing_config(AliasRoutingConfiguration::builder().set_additional_version_weights(Some(weights)).build())
            .revision_id(&revision.0)
            .send()
            .await
            .map(|written| Revision(written.revision_id().unwrap_or_default().to_owned()))
            .map_err(|error| port_error("UpdateAlias", error))
    }
}

impl ReadFunctions for Account {
    async fn version(&self, function: &FunctionName, version: Version) -> Result<VersionFacts, PortError> {
        let read = self
            .lambda()
            .get_function_configuration()
            .function_name(function.as_str())
            .qualifier(version.to_string())
            .send()
            .await
            .map_err(|error| port_error("GetFunctionConfiguration", error));
        let Some(read) = found(read)? else { return Ok(VersionFacts::Missing) };
        let state = match read.state() {
            None | Some(State::Active) => VersionState::Active,
            Some(State::Inactive) => VersionState::Inactive,
            Some(State::Pending) => VersionState::Pending(read.state_reason().unwrap_or("no reason given").to_owned()),
            Some(other) => VersionState::NotReady(format!(
                "{}: {}",
                other.as_str(),
                read.state_reason().unwrap_or("no reason given")
            )),
        };
        Ok(VersionFacts::Published {
            state,
            role: read.role().unwrap_or_default().to_owned(),
            dead_letter: read.dead_letter_config().and_then(|config| config.target_arn()).map(str::to_owned),
        })
    }

    async fn exists(&self, function: &str) -> Result<bool, PortError> {
        let read = self.lambda().get_function_configuration().function_name(function).send().await;
        Ok(found(read.map_err(|error| port_error("GetFunctionConfiguration", error)))?.is_some())
    }
}

impl CallHook for Account {
    async fn call_hook(&self, function: &HookFunction, payload: &Value) -> Result<Calling, PortError> {
        let asked = self.hooks()?.invoke().function_name(function.as_str()).log_type(LogType::Tail);
        let asked = asked.payload(Blob::new(payload.to_string())).send();
        let answer = match tokio::time::timeout(HOOK, asked).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) if is_unanswered(&error) => {
                tracing::warn!(%function, error = %DisplayErrorContext(&error), "the hook was called, and no answer came");
                return Ok(Calling { called: Called::NoAnswer, id: None });
            }
            Ok(Err(error)) => return Err(port_error("Invoke", error)),
            // Before Lambda's own clock ends this function: nobody would write down that the hook was called.
            Err(_) => return Ok(Calling { called: Called::NoAnswer, id: None }),
        };
        let body = answer.payload().map(|blob| blob.as_ref()).unwrap_or_default();
        let returned: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let id = answer.request_id().and_then(CallId::parse);
        if answer.function_error().is_none() {
            return Ok(Calling { called: Called::Returned(returned), id });
        }
        let text = |key: &str| returned.get(key).and_then(Value::as_str).unwrap_or("unknown").to_owned();
        let log = answer.log_result().and_then(|log| base64::prelude::BASE64_STANDARD.decode(log).ok());
        let called = Called::Threw {
            kind: text("errorType"),
            message: text("errorMessage"),
            log_tail: String::from_utf8_lossy(&log.unwrap_or_default()).into_owned(),
        };
        Ok(Calling { called, id })
    }
}
