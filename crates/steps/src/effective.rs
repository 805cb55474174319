//! What a CreateDeployment means: its application and group are looked up once, their settings are merged in, and a custom
//! configuration becomes steps. What comes out needs no look at the catalogue any more, so a group that changes afterwards
//! changes nothing about a deployment that was accepted.

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::names::{APPLICATION, CONFIG, GROUP};
use codedeploy::shapes::{ApplicationInfo, CreateDeploymentInput, DeploymentGroupInfo, Resolved};
use codedeploy::values;
use rollout::appspec;
use rollout::strategy::{Platform, Predefined, Strategy};
use serde_json::{Value, json};

use crate::configs;
use crate::place;
use crate::ports::{Catalogue, Kept, PortError, Shelf};
use crate::request::{self, Envelope};
use crate::revisions::{self, Located};

/// Reads what a client sent. What only [`resolve`] may write is refused.
pub fn asked(body: &Value) -> Result<CreateDeploymentInput, ApiError> {
    let input: CreateDeploymentInput = call::input(body)?;
    if input.resolved.is_some() {
        return Err(ApiError::new(Code::SerializationException, "unknown field `resolved`"));
    }
    Ok(input)
}

/// Reads what an execution of a platform's state machine was started with, and resolves it if nobody has.
pub async fn envelope(catalogue: &impl Catalogue, body: &Value, machine: Platform) -> Result<Envelope, ApiError> {
    let input: CreateDeploymentInput = call::input(body)?;
    Envelope::of(&resolve(catalogue, &input, Some(machine)).await?)
}

/// The effective request; a deployment without an application is for the platform its AppSpec tells, or else that of the
/// state machine it was started on. In the order of the API: what must be there, what it must look like, what must exist, and whether
/// it fits together.
pub async fn resolve(
    catalogue: &impl Catalogue,
    input: &CreateDeploymentInput,
    machine: Option<Platform>,
) -> Result<CreateDeploymentInput, ApiError> {
    if input.resolved.is_some() {
        return Ok(input.clone());
    }
    let names = match (&input.application_name, &input.deployment_group_name) {
        (None, None) => None,
        (application, group) => {
            let application = APPLICATION.required(application.as_deref())?;
            let group = GROUP.required(group.as_deref())?;
            Some((APPLICATION.checked(application)?, GROUP.checked(group)?))
        }
    };
    let located = check(input, names.is_some())?;
    let mut effective = input.clone();
    let mut resolved = Resolved::default();
    let mut deploys_to = located.content.as_deref().and_then(appspec::platform).or(machine).unwrap_or_default();
    if let Some((application, group)) = names {
        let (found, group) = find(catalogue, application, group).await?;
        deploys_to = found;
        if deploys_to == Platform::Ecs {
            resolved.place = Some(json!(place::of(&group)?));
            resolved.waits = Some(json!(place::waits(&group)));
        }
        resolved.load_balancer_info = group.load_balancer_info;
        resolved.blue_green_deployment_configuration = group.blue_green_deployment_configuration;
        effective.deployment_config_name = effective.deployment_config_name.or(group.deployment_config_name);
        effective.override_alarm_configuration = effective.override_alarm_configuration.or(group.alarm_configuration);
        effective.auto_rollback_configuration =
            effective.auto_rollback_configuration.or(group.auto_rollback_configuration);
        resolved.deployment_style = group.deployment_style;
        resolved.deployment_group_id = group.deployment_group_id;
        if located.content.is_none() && located.digest().is_some() {
            let text = revisions::content(catalogue, application, located.digest()).await.map_err(failed)?;
            let text = text.ok_or_else(|| {
                let message =
                    format!("no revision with this sha256 is registered with {application}: send its content");
                ApiError::new(Code::RevisionDoesNotExistException, message)
            })?;
            effective.revision = Some(located.with_content(Some(text)));
        }
    }
    if let Some(name) = &effective.deployment_config_name {
        resolved.strategy = Some(json!(strategy(catalogue, name, deploys_to).await?));
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
    if let Some(targets) = &input.target_instances
        && *targets != Default::default()
    {
        let message = "targetInstances is for blue/green deployments to EC2: leave it out";
        return Err(ApiError::new(Code::InvalidTargetInstancesException, message));
    }
    Ok(located)
}

/// The group a deployment is for, which must be one that can be deployed to, and its platform.
async fn find(
    catalogue: &impl Catalogue,
    application: &str,
    group: &str,
) -> Result<(Platform, DeploymentGroupInfo), ApiError> {
    let found: Option<Kept<ApplicationInfo>> =
        catalogue.find(&Shelf::Applications.key(application)).await.map_err(failed)?;
    let platform = found.ok_or_else(|| no_application(application))?.info.compute_platform.unwrap_or_default();
    let found: Option<Kept<DeploymentGroupInfo>> =
        catalogue.find(&Shelf::Groups(application.to_owned()).key(group)).await.map_err(failed)?;
    let kept = found.ok_or_else(|| no_group(group))?;
    let platform = match platform.as_str() {
        "Lambda" => Platform::Lambda,
        "ECS" => Platform::Ecs,
        other => {
            let message = format!(
                "the application {application} is for {other}: deployments to Lambda and ECS are the only ones that can be \
                 created for now"
            );
            return Err(ApiError::new(Code::InvalidComputePlatformException, message));
        }
    };
    Ok((platform, kept.info))
}

/// The platform that a resolved request names.
pub(crate) fn platform(name: Option<&str>) -> Result<Platform, ApiError> {
    match name {
        None | Some("Lambda") => Ok(Platform::Lambda),
        Some("ECS") => Ok(Platform::Ecs),
        Some(other) => Err(ApiError::new(
            Code::InvalidComputePlatformException,
            format!("there are no deployments to {other}; write Lambda or ECS"),
        )),
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
pub async fn strategy(catalogue: &impl Catalogue, name: &str, platform: Platform) -> Result<Strategy, ApiError> {
    let custom = match CONFIG.checked(name) {
        Ok(name) if !name.starts_with(configs::PREFIX) => configs::find(catalogue, name).await.map_err(failed)?,
        _ => None,
    };
    let unfit = |why: String| ApiError::new(Code::InvalidTrafficRoutingConfigurationException, why);
    let Some(config) = custom else {
        if Predefined::find(name).is_some_and(|known| known.platform != platform) {
            return Err(unfit(format!(
                "the deployment configuration {name} is not for {platform}, and this deployment is"
            )));
        }
        return Strategy::named(name, platform)
            .map_err(|error| ApiError::new(Code::DeploymentConfigDoesNotExistException, error.to_string()));
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

/// A refusal of an application that does not exist.
pub fn no_application(name: &str) -> ApiError {
    ApiError::new(Code::ApplicationDoesNotExistException, format!("No application found for name: {name}"))
}

/// A refusal of a group that does not exist.
pub fn no_group(name: &str) -> ApiError {
    ApiError::new(Code::DeploymentGroupDoesNotExistException, format!("No Deployment Group found for name: {name}"))
}

/// A port's failure as a client sees it.
pub fn failed(error: PortError) -> ApiError {
    let code = match error {
        PortError::Busy(_) | PortError::Conflict(_) => Code::ServiceUnavailable,
        PortError::Missing(_) | PortError::Denied(_) => Code::InternalFailure,
    };
    ApiError::new(code, error.to_string())
}
