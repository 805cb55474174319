//! What a CreateDeployment means: its application and group are looked up once, their settings are merged in, and a custom
//! configuration becomes steps. What comes out needs no look at the catalogue any more, so a group that changes afterwards
//! changes nothing about a deployment that was accepted.

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::names::CONFIG;
use codedeploy::shapes::{CreateDeploymentInput, DeploymentGroupInfo, Resolved};
use codedeploy::{unknown, values};
use rollout::appspec::{self, NamedStrategy};
use rollout::ids::{DeploymentId, Site};
use rollout::platform::Platform;
use rollout::strategy::{Predefined, Strategy, StrategyError};
use serde_json::{Value, json};

use crate::answering::failed;
use crate::configs;
use crate::lookup::GroupName;
use crate::place;
use crate::platforms::deployed;
pub(crate) use crate::platforms::platform;
use crate::ports::{ReadCatalogue, ReadRequests, Records};
use crate::request::{self, Envelope};
use crate::revisions::{self, Located};

/// Reads what a client sent. What only [`resolve`] may write is refused.
pub fn asked(body: &Value) -> Result<CreateDeploymentInput, ApiError> {
    let input: CreateDeploymentInput = call::input(body)?;
    if input.resolved.is_some() {
        let message = "resolved is what a request turned out to mean, and no part of one: leave it out";
        return Err(ApiError::new(Code::SerializationException, message));
    }
    Ok(input)
}

/// An effective request as it is kept beside its deployment, and as the execution is started with it.
pub fn kept(effective: &CreateDeploymentInput) -> Value {
    json!(effective)
}

/// What a deployment was asked to do, as it is kept beside it; `None` where nothing is kept that this reads.
pub async fn recorded(
    ports: &(impl Records + ReadRequests),
    id: &DeploymentId,
) -> Result<Option<CreateDeploymentInput>, ApiError> {
    let kept = ports.request(id).await.map_err(failed)?;
    Ok(kept.and_then(|kept| call::input(&kept).ok()))
}

/// Reads what an execution of a platform's state machine was started with, and resolves it if nobody has. What nobody has resolved was
/// written by hand, and no client newer than this wrote it: a member that nobody knows is a mistake.
pub async fn envelope(
    ports: &impl ReadCatalogue,
    site: &Site,
    body: &Value,
    machine: Platform,
) -> Result<Envelope, ApiError> {
    let input: CreateDeploymentInput = call::input(body)?;
    if input.resolved.is_none()
        && let Some(unknown) = unknown::members::<CreateDeploymentInput>(body).first()
    {
        return Err(ApiError::new(Code::SerializationException, unknown.to_string()));
    }
    Envelope::of(&resolve(ports, site, &input, Some(machine)).await?)
}

/// The effective request; a deployment without an application is for the platform its AppSpec tells, or else that of the
/// state machine it was started on. In the order of the API: what must be there, what it must look like, what must exist, and whether
/// it fits together.
pub async fn resolve(
    ports: &impl ReadCatalogue,
    site: &Site,
    input: &CreateDeploymentInput,
    machine: Option<Platform>,
) -> Result<CreateDeploymentInput, ApiError> {
    if input.resolved.is_some() {
        return Ok(input.clone());
    }
    let named = GroupName::read_if_any(input.application_name.as_deref(), input.deployment_group_name.as_deref())?;
    let located = check(input, named.is_some())?;
    let mut effective = input.clone();
    let mut resolved = Resolved::default();
    let mut deploys_to = located.content.as_deref().and_then(appspec::platform).or(machine).unwrap_or_default();
    if let Some(named) = named {
        let (found, group) = find(ports, named).await?;
        deploys_to = found;
        match deploys_to {
            Platform::Ecs => {
                resolved.place = Some(json!(place::of(&group, site)?));
                resolved.waits = Some(json!(place::waits(&group)));
            }
            // The AppSpec says it all.
            Platform::Lambda => {}
            Platform::Server => {}
        }
        resolved.load_balancer_info = group.load_balancer_info;
        resolved.blue_green_deployment_configuration = group.blue_green_deployment_configuration;
        if let Some(name) = group.deployment_config_name {
            match strategy(ports, &name, deploys_to).await {
                Ok(strategy) => resolved.group_strategy = Some(json!(NamedStrategy { name, strategy })),
                // It is not gone by anyway.
                Err(error) if effective.deployment_config_name.is_some() && !error.may_work_later() => {}
                Err(error) => return Err(error),
            }
        }
        effective.override_alarm_configuration =
            request::alarms_over(group.alarm_configuration, effective.override_alarm_configuration);
        effective.auto_rollback_configuration =
            effective.auto_rollback_configuration.or(group.auto_rollback_configuration);
        resolved.deployment_style = group.deployment_style;
        resolved.deployment_group_id = group.deployment_group_id;
        if located.content.is_none() && located.digest().is_some() {
            let application = named.application;
            let text = revisions::content(ports, application, located.digest()).await.map_err(failed)?;
            let text = text.ok_or_else(|| {
                let message =
                    format!("no revision with this sha256 is registered with {application}: send its content");
                ApiError::new(Code::RevisionDoesNotExistException, message)
            })?;
            effective.revision = Some(located.with_content(Some(text)));
        }
    }
    if let Some(name) = &effective.deployment_config_name {
        resolved.strategy = Some(json!(strategy(ports, name, deploys_to).await?));
    }
    resolved.compute_platform = Some(deploys_to.as_str().to_owned());
    effective.resolved = Some(resolved);
    Ok(effective)
}

/// Everything that can be said without looking anything up.
fn check(input: &CreateDeploymentInput, named: bool) -> Result<Located, ApiError> {
    let located = Located::read(input.revision.as_ref(), None)?;
    if let Some(name) = input.deployment_config_name.as_deref().filter(|_| named) {
        CONFIG.checked(name)?;
    }
    request::check(input)?;
    if let Some(behavior) = &input.file_exists_behavior {
        values::FILE_EXISTS_BEHAVIOR.checked(behavior, Code::InvalidFileExistsBehaviorException)?;
    }
    match input.deployment_mode.as_deref() {
        None | Some("STANDARD") => {}
        Some(mode) => {
            values::DEPLOYMENT_MODE.checked(mode, Code::InvalidInputException)?;
            let message = "a deploymentMode of RESTART is for in-place deployments to hosts: leave it out";
            return Err(ApiError::new(Code::InvalidInputException, message));
        }
    }
    let for_hosts = |code, member: &str| {
        ApiError::new(code, format!("{member} is for deployments to hosts: leave it out, or send false"))
    };
    if input.ignore_application_stop_failures == Some(true) {
        let code = Code::InvalidIgnoreApplicationStopFailuresValueException;
        return Err(for_hosts(code, "ignoreApplicationStopFailures"));
    }
    if input.update_outdated_instances_only == Some(true) {
        let code = Code::InvalidUpdateOutdatedInstancesOnlyValueException;
        return Err(for_hosts(code, "updateOutdatedInstancesOnly"));
    }
    if input.target_instances.is_some() {
        let message = "targetInstances is for blue/green deployments to EC2: leave it out";
        return Err(ApiError::new(Code::InvalidTargetInstancesException, message));
    }
    Ok(located)
}

/// The group a deployment is for, which must be one that can be deployed to, and its platform.
async fn find(ports: &impl ReadCatalogue, named: GroupName<'_>) -> Result<(Platform, DeploymentGroupInfo), ApiError> {
    let (application, group) = named.find(ports).await?;
    let written = application.info.compute_platform.unwrap_or_default();
    match Platform::parse(&written).filter(|platform| platform.deploys().is_some()) {
        Some(platform) => Ok((platform, group.info)),
        None => {
            let message = format!(
                "the application {} is for {written}: deployments to {} are the only ones that can be created for now",
                named.application,
                deployed().join(" and ")
            );
            Err(ApiError::new(Code::InvalidComputePlatformException, message))
        }
    }
}

/// A refusal of an execution that was started on the wrong state machine.
pub(crate) fn other_platform(asked: Platform, machine: Platform) -> ApiError {
    let message = format!(
        "this deployment is for {asked}, and was started on the state machine of {machine}: start it on the one whose name \
         ends in -{}",
        asked.as_str().to_lowercase()
    );
    ApiError::new(Code::InvalidComputePlatformException, message)
}

/// How a configuration moves the traffic: a predefined one, a custom one, or a name that says it itself.
pub async fn strategy(ports: &impl ReadCatalogue, name: &str, platform: Platform) -> Result<Strategy, ApiError> {
    let custom = match CONFIG.checked(name) {
        Ok(name) if !name.starts_with(configs::PREFIX) => configs::find(ports, name).await.map_err(failed)?,
        _ => None,
    };
    let unfit = |why: String| ApiError::new(Code::InvalidTrafficRoutingConfigurationException, why);
    let Some(config) = custom else {
        return Strategy::named(name, platform).map_err(|error| match error {
            // It says what does the same there.
            StrategyError::OtherPlatform { .. } if Predefined::find(name).is_some() => unfit(error.to_string()),
            error => ApiError::new(Code::DeploymentConfigDoesNotExistException, error.to_string()),
        });
    };
    match config.compute_platform.as_deref() {
        Some(named) if named == platform.as_str() => {
            let traffic = config.traffic_routing_config.unwrap_or_default();
            configs::strategy(&traffic).map_err(unfit)
        }
        other => Err(unfit(format!(
            "the deployment configuration {name} is for {}, and this deployment is for {platform}",
            other.unwrap_or("Server")
        ))),
    }
}
