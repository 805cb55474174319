//! From what a client sends to what the core understands.

use std::collections::BTreeSet;

use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{AlarmConfiguration, AutoRollbackConfiguration, CreateDeploymentInput};
use rollout::appspec::{self, NamedStrategy, Resource};
use rollout::code::RollbackEvent;
use rollout::ids::{AlarmName, ApplicationName, GroupName, Site};
use rollout::platform::Platform;
use rollout::request::{AlarmWatch, Labels, MAX_ALARMS, Request, RollbackRules};
use rollout::service::{ServiceAddress, Waits};
use rollout::strategy::Strategy;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::platforms::platform;
use crate::ports::ReadObjects;
use crate::source::Source;

/// The longest description, in characters.
const MAX_DESCRIPTION: usize = 1_000;

/// A request whose envelope is right; what its AppSpec says is read by [`Envelope::open`].
///
/// CodeDeploy answers CreateDeployment by the envelope alone, and a deployment whose AppSpec is wrong is created and fails
/// (docs/codedeploy-contract.md 2.5).
pub struct Envelope {
    /// What it deploys to.
    pub platform: Platform,
    /// Names.
    pub labels: Labels,
    source: Source,
    strategy: Option<NamedStrategy>,
    group_strategy: Option<NamedStrategy>,
    alarms: AlarmWatch,
    rollback: RollbackRules,
    place: Option<ServiceAddress>,
    waits: Waits,
}

impl Envelope {
    /// Reads CreateDeployment's input whose names have been looked up (see [`crate::effective`]).
    pub fn of(input: &CreateDeploymentInput) -> Result<Self, ApiError> {
        let name = input.deployment_config_name.as_deref();
        let resolved = input.resolved.clone().unwrap_or_default();
        let platform = platform(resolved.compute_platform.as_deref())?;
        let strategy = match (name, &resolved.strategy) {
            (Some(name), Some(meant)) => Some(NamedStrategy { name: name.to_owned(), strategy: read(meant)? }),
            (Some(name), None) => Some(strategy(name, platform)?),
            (None, _) => None,
        };
        Ok(Self {
            platform,
            labels: labels(input)?,
            source: Source::of(input.revision.as_ref(), platform)?,
            strategy,
            group_strategy: resolved.group_strategy.as_ref().map(read).transpose()?,
            alarms: alarms(input.override_alarm_configuration.as_ref())?,
            rollback: rollback(input.auto_rollback_configuration.clone())?,
            place: resolved.place.as_ref().map(read).transpose()?,
            waits: resolved.waits.as_ref().map(read).transpose()?.unwrap_or_default(),
        })
    }

    /// Reads the AppSpec, wherever it is. An error of ours says that the same look may work later.
    pub async fn open(self, ports: &impl ReadObjects, site: &Site) -> Result<Request, ApiError> {
        let text = self.source.text(ports).await?;
        self.read(&text, site)
    }

    /// Reads the AppSpec where it came with the request and says what it should; nothing is looked up.
    pub fn at_hand(self, site: &Site) -> Option<Request> {
        match self.source.clone() {
            Source::Text(text) => self.read(&text, site).ok(),
            Source::Object(_) => None,
        }
    }

    fn read(self, text: &str, site: &Site) -> Result<Request, ApiError> {
        let invalid = |why: String| ApiError::new(Code::InvalidRevisionException, why);
        let appspec = appspec::parse(text, self.platform, site).map_err(|problems| invalid(problems.to_string()))?;
        let written = match &appspec.resource {
            Resource::Service(service) => service.place.clone(),
            Resource::Alias(_) => None,
        };
        if self.place.is_some() && written.is_some() {
            return Err(invalid("Service is what the deployment group says: leave it out of the AppSpec".to_owned()));
        }
        Ok(Request {
            appspec,
            strategy: self.strategy,
            group_strategy: self.group_strategy,
            alarms: self.alarms,
            rollback: self.rollback,
            labels: self.labels,
            place: self.place.or(written),
            waits: self.waits,
        })
    }
}

/// What can be said of a request without looking anything up, its revision and configuration aside.
pub(crate) fn check(input: &CreateDeploymentInput) -> Result<(), ApiError> {
    labels(input)?;
    input.override_alarm_configuration.as_ref().map(alarm_names).transpose()?;
    rollback(input.auto_rollback_configuration.clone())?;
    Ok(())
}

/// What a deployment is called, as far as that can be read.
pub(crate) fn labels(input: &CreateDeploymentInput) -> Result<Labels, ApiError> {
    let application = input.application_name.as_deref().map(|name| {
        ApplicationName::parse(name)
            .map_err(|error| ApiError::new(Code::InvalidApplicationNameException, error.to_string()))
    });
    let group = input.deployment_group_name.as_deref().map(|name| {
        GroupName::parse(name)
            .map_err(|error| ApiError::new(Code::InvalidDeploymentGroupNameException, error.to_string()))
    });
    if let Some(description) = &input.description
        && description.chars().count() > MAX_DESCRIPTION
    {
        let message = format!("a description has at most {MAX_DESCRIPTION} characters");
        return Err(ApiError::new(Code::DescriptionTooLongException, message));
    }
    Ok(Labels {
        application: application.transpose()?,
        group: group.transpose()?,
        group_id: input.resolved.as_ref().and_then(|resolved| resolved.deployment_group_id.clone()),
        description: input.description.clone(),
    })
}

fn read<T: DeserializeOwned>(kept: &Value) -> Result<T, ApiError> {
    T::deserialize(kept).map_err(|error| ApiError::new(Code::SerializationException, error.to_string()))
}

fn strategy(name: &str, platform: Platform) -> Result<NamedStrategy, ApiError> {
    Strategy::named(name, platform)
        .map(|strategy| NamedStrategy { name: name.to_owned(), strategy })
        .map_err(|error| ApiError::new(Code::DeploymentConfigDoesNotExistException, error.to_string()))
}

/// What a configuration of alarms comes to over the one that holds. One that names alarms says everything anew, and so does one that
/// switches alarms off and takes their names away. Without names those that hold stay, and only what is said changes: nothing
/// that protects is switched off by leaving something out.
pub(crate) fn alarms_over(
    holds: Option<AlarmConfiguration>,
    given: Option<AlarmConfiguration>,
) -> Option<AlarmConfiguration> {
    let (Some(holds), Some(given)) = (&holds, &given) else { return given.or(holds) };
    let says_all = match given.alarms.as_deref() {
        Some([]) => given.enabled == Some(false),
        Some(_) => true,
        None => false,
    };
    if says_all {
        return Some(given.clone());
    }
    Some(AlarmConfiguration {
        enabled: given.enabled.or(holds.enabled),
        ignore_poll_alarm_failure: given.ignore_poll_alarm_failure.or(holds.ignore_poll_alarm_failure),
        alarms: holds.alarms.clone(),
    })
}

/// The names in a configuration of alarms, whether or not they are watched.
pub(crate) fn alarm_names(configuration: &AlarmConfiguration) -> Result<BTreeSet<AlarmName>, ApiError> {
    let invalid = |message: String| ApiError::new(Code::InvalidAlarmConfigException, message);
    let mut names = BTreeSet::new();
    let alarms = configuration.alarms.as_deref().unwrap_or_default();
    if alarms.len() > MAX_ALARMS {
        let message = format!(
            "{} alarms are named; a deployment watches at most {MAX_ALARMS}: combine some into a composite alarm",
            alarms.len()
        );
        return Err(ApiError::new(Code::AlarmsLimitExceededException, message));
    }
    for alarm in alarms {
        let name = alarm.name.as_deref().ok_or_else(|| invalid("an alarm has no name".to_owned()))?;
        let name = AlarmName::parse(name).map_err(|error| invalid(error.to_string()))?;
        if let Some(twice) = names.replace(name) {
            return Err(invalid(format!("the alarm {twice} is named twice")));
        }
    }
    Ok(names)
}

/// What is watched under a configuration that nothing else is laid over.
pub(crate) fn alarms(configuration: Option<&AlarmConfiguration>) -> Result<AlarmWatch, ApiError> {
    let Some(configuration) = configuration else { return Ok(AlarmWatch::default()) };
    let mut names = alarm_names(configuration)?;
    let enabled = configuration.enabled.unwrap_or(!names.is_empty());
    if enabled && names.is_empty() {
        let message = "alarms are enabled, but none is named";
        return Err(ApiError::new(Code::InvalidAlarmConfigException, message));
    }
    if !enabled {
        names.clear();
    }
    Ok(AlarmWatch { names, ignore_poll_failure: configuration.ignore_poll_alarm_failure.unwrap_or(false) })
}

pub(crate) fn rollback(configuration: Option<AutoRollbackConfiguration>) -> Result<RollbackRules, ApiError> {
    let invalid = |message: String| ApiError::new(Code::InvalidAutoRollbackConfigException, message);
    let Some(configuration) = configuration else { return Ok(RollbackRules::default()) };
    if configuration.enabled == Some(false) {
        return Ok(RollbackRules::never());
    }
    let events = configuration.events.unwrap_or_default();
    if events.is_empty() {
        if configuration.enabled.is_none() {
            return Ok(RollbackRules::default());
        }
        return Err(invalid("rollback is enabled, but no event is named".to_owned()));
    }
    let events = events
        .iter()
        .map(|text| {
            RollbackEvent::ALL.into_iter().find(|event| event.to_string() == *text).ok_or_else(|| {
                let known = RollbackEvent::ALL.map(|event| event.to_string()).join(", ");
                invalid(format!("there is no rollback event {text}; write one of {known}"))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(RollbackRules::on(events))
}
