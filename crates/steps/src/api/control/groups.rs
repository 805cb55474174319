//! Deployment groups.

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::names::{APPLICATION, GROUP};
use codedeploy::shapes::{
    AutoScalingGroup, BatchGetDeploymentGroupsInput, CreateDeploymentGroupInput, DeploymentGroupInfo,
    DeploymentGroupNameInput, GroupSettings, ListDeploymentGroupsInput, UpdateDeploymentGroupInput,
};
use serde_json::{Value, json};

use super::configs::no_config;
use super::{ControlPlane, group_settings, platforms, tag_rules};
use crate::answering::failed;
use crate::api::page::{begins_after, with_token};
use crate::configs;
use crate::effective;
use crate::group;
use crate::lookup::{self, GroupName};
use crate::ports::{
    Clock, Ids, Kept, Listing, PortError, ReadCatalogue, ReadRequests, Records, Referred, Shelf, WriteCatalogue,
};
use crate::request;
use crate::use_cases::batch;

impl<P: Clock + Records + Ids + Listing + ReadCatalogue + ReadRequests + WriteCatalogue> ControlPlane<'_, P> {
    pub(super) async fn create_group(&self, body: &Value) -> Result<Value, ApiError> {
        let input: CreateDeploymentGroupInput = call::input(body)?;
        let settings: GroupSettings = call::input(body)?;
        let application = APPLICATION.required(input.application_name.as_deref())?;
        let name = GROUP.required(input.deployment_group_name.as_deref())?;
        if settings.service_role_arn.as_deref().is_none_or(str::is_empty) {
            return Err(ApiError::new(Code::RoleRequiredException, "serviceRoleArn is missing"));
        }
        let (application, name) = (APPLICATION.checked(application)?, GROUP.checked(name)?);
        group_settings::check(&settings, &self.settings.quotas, &self.settings.site())?;
        let tags = tag_rules::resource_tags(input.tags.unwrap_or_default(), &self.settings.quotas)?;
        let platform = self.application(application).await?.info.compute_platform;
        let shelf = Shelf::Groups(application.to_owned());
        let key = shelf.key(name);
        if self.find::<DeploymentGroupInfo>(&key).await?.is_some() {
            return Err(taken(name));
        }
        let most = self.settings.quotas.groups;
        self.room(&shelf, most, Code::DeploymentGroupLimitExceededException, "deployment groups").await?;
        let id = self.ports.uuid();
        let mut info = DeploymentGroupInfo {
            application_name: Some(application.to_owned()),
            deployment_group_id: Some(id.clone()),
            deployment_group_name: Some(name.to_owned()),
            compute_platform: platform,
            ..DeploymentGroupInfo::default()
        };
        lay_over(&mut info, settings);
        self.settle(&info, None).await?;
        self.add(&key, &Kept::new(info, tags), taken(name)).await?;
        Ok(json!({"deploymentGroupId": id}))
    }

    pub(super) async fn get_group(&self, body: &Value) -> Result<Value, ApiError> {
        let input: DeploymentGroupNameInput = call::input(body)?;
        let (_, kept) = named(&input)?.find(self.ports).await?;
        let info = group::with_history(self.ports, kept.info).await.map_err(failed)?;
        Ok(json!({"deploymentGroupInfo": platforms::shown(info)}))
    }

    /// What does not exist is left out and named.
    pub(super) async fn batch_get_groups(&self, body: &Value) -> Result<Value, ApiError> {
        let input: BatchGetDeploymentGroupsInput = call::input(body)?;
        let application = APPLICATION.required(input.application_name.as_deref())?;
        let names = input.deployment_group_names.unwrap_or_default();
        GROUP.required(names.first().map(String::as_str))?;
        APPLICATION.checked(application)?;
        batch(names.len(), self.settings)?;
        for name in &names {
            GROUP.read(Some(name))?;
        }
        self.application(application).await?;
        let (mut found, mut missing) = (Vec::with_capacity(names.len()), Vec::new());
        for name in names {
            match self.find::<DeploymentGroupInfo>(&Shelf::Groups(application.to_owned()).key(&name)).await? {
                Some(kept) => {
                    let info = group::with_history(self.ports, kept.info).await.map_err(failed)?;
                    found.push(platforms::shown(info));
                }
                None => missing.push(name),
            }
        }
        let said = if missing.is_empty() {
            String::new()
        } else {
            format!("No Deployment Group found for name: {}", missing.join(", "))
        };
        Ok(json!({"deploymentGroupsInfo": found, "errorMessage": said}))
    }

    pub(super) async fn list_groups(&self, body: &Value) -> Result<Value, ApiError> {
        let input: ListDeploymentGroupsInput = call::input(body)?;
        let application = APPLICATION.read(input.application_name.as_deref())?;
        let operation = format!("ListDeploymentGroups {application}");
        begins_after(&operation, input.next_token.as_deref())?;
        self.application(application).await?;
        let shelf = Shelf::Groups(application.to_owned());
        let (names, next) = self.page(&operation, &shelf, input.next_token.as_deref()).await?;
        Ok(with_token(json!({"applicationName": application, "deploymentGroups": names}), next))
    }

    /// A member that is absent is unchanged, and an empty list empties.
    pub(super) async fn update_group(&self, body: &Value) -> Result<Value, ApiError> {
        let input: UpdateDeploymentGroupInput = call::input(body)?;
        let settings: GroupSettings = call::input(body)?;
        let application = APPLICATION.required(input.application_name.as_deref())?;
        let old = GROUP.required(input.current_deployment_group_name.as_deref())?;
        let (application, old) = (APPLICATION.checked(application)?, GROUP.checked(old)?);
        let new =
            input.new_deployment_group_name.as_deref().map(|name| GROUP.checked(name)).transpose()?.unwrap_or(old);
        group_settings::check(&settings, &self.settings.quotas, &self.settings.site())?;
        self.application(application).await?;
        let shelf = Shelf::Groups(application.to_owned());
        for attempt in 1.. {
            let mut kept = lookup::group(self.ports, GroupName { application, group: old }).await?;
            if new != old && self.find::<DeploymentGroupInfo>(&shelf.key(new)).await?.is_some() {
                return Err(taken(new));
            }
            let before = kept.info.clone();
            kept.info.deployment_group_name = Some(new.to_owned());
            lay_over(&mut kept.info, settings.clone());
            self.settle(&kept.info, Some(&before)).await?;
            if new == old {
                match self.ports.replace(&shelf.key(old), &mut kept).await {
                    Err(PortError::Conflict(_)) if attempt < super::ATTEMPTS => continue,
                    result => result.map_err(failed)?,
                }
            } else {
                // The new name is there before the old one goes: a rename that is cut short loses nothing.
                self.add(&shelf.key(new), &kept, taken(new)).await?;
                self.ports.remove(&shelf.key(old)).await.map_err(failed)?;
            }
            self.let_go(&before, &kept.info).await?;
            break;
        }
        Ok(json!({"hooksNotCleanedUp": []}))
    }

    /// Deleting what is absent succeeds (docs/codedeploy-contract.md 1.4).
    pub(super) async fn delete_group(&self, body: &Value) -> Result<Value, ApiError> {
        let input: DeploymentGroupNameInput = call::input(body)?;
        let GroupName { application, group } = named(&input)?;
        let key = Shelf::Groups(application.to_owned()).key(group);
        if let Some(kept) = self.find::<DeploymentGroupInfo>(&key).await? {
            self.ports.remove(&key).await.map_err(failed)?;
            self.unrefer_all(&kept.info).await?;
            self.ports.remove(&Shelf::Policies.key(group::key(&kept.info))).await.map_err(failed)?;
        }
        Ok(json!({"hooksNotCleanedUp": []}))
    }

    /// The group that calls itself `application/group` where it refers to something.
    pub(super) async fn group_of(&self, referrer: &str) -> Result<Option<Kept<DeploymentGroupInfo>>, ApiError> {
        match referrer.split_once('/') {
            Some((application, name)) => self.find(&Shelf::Groups(application.to_owned()).key(name)).await,
            None => Ok(None),
        }
    }

    /// The groups that something belongs to. What only began to be one's own is not among them.
    pub(super) async fn owners(&self, of: &Referred) -> Result<Vec<DeploymentGroupInfo>, ApiError> {
        let mut owners = Vec::new();
        for referrer in self.ports.referrers(of).await.map_err(failed)? {
            let owner = self.group_of(&referrer).await?.map(|kept| kept.info);
            owners.extend(owner.filter(|owner| references(owner).contains(of)));
        }
        Ok(owners)
    }

    /// Whether the group as it is to be can be: its configuration exists and is for its platform, its ECS service is its own.
    /// From here on it refers to both, so that neither is taken away while it is written.
    async fn settle(&self, group: &DeploymentGroupInfo, before: Option<&DeploymentGroupInfo>) -> Result<(), ApiError> {
        let platform = group.compute_platform.as_deref().unwrap_or("Server");
        if let Some(name) = group.deployment_config_name.as_deref() {
            self.fits(name, platform).await?;
        }
        platforms::fit(group)?;
        request::alarms(group.alarm_configuration.as_ref())?;
        self.refer_all(group).await?;
        let undo = async || match before {
            Some(before) => self.let_go(group, before).await,
            None => self.unrefer_all(group).await,
        };
        for service in references(group).into_iter().filter(|to| matches!(to, Referred::Service(_))) {
            let id = |group: &DeploymentGroupInfo| group.deployment_group_id.clone();
            if let Some(other) = self.owners(&service).await?.iter().find(|owner| id(owner) != id(group)) {
                undo().await?;
                let other = referrer(other);
                let message =
                    format!("the ECS service belongs to the deployment group {other}: a service has one group");
                return Err(ApiError::new(Code::ECSServiceMappingLimitExceededException, message));
            }
        }
        // Somebody may have deleted the configuration before it was referred to.
        if let Some(Referred::Config(name)) = references(group).first()
            && let Err(gone) = self.fits(name, platform).await
        {
            undo().await?;
            return Err(gone);
        }
        Ok(())
    }

    /// A configuration that a group may name: one for its platform, or a name that says it all.
    async fn fits(&self, name: &str, platform: &str) -> Result<(), ApiError> {
        match configs::find(self.ports, name).await.map_err(failed)? {
            Some(config) if config.compute_platform.as_deref().unwrap_or("Server") == platform => Ok(()),
            Some(config) => {
                let other = config.compute_platform.unwrap_or_default();
                let message = format!(
                    "the deployment configuration {name} is for {other}, and the application is for {platform}"
                );
                Err(ApiError::new(Code::InvalidTrafficRoutingConfigurationException, message))
            }
            None if platform == "Server" => Err(no_config(name)),
            None => effective::strategy(self.ports, name, effective::platform(Some(platform))?).await.map(drop),
        }
    }

    pub(super) async fn refer_all(&self, group: &DeploymentGroupInfo) -> Result<(), ApiError> {
        for to in references(group) {
            self.ports.refer(&to, &referrer(group)).await.map_err(failed)?;
        }
        Ok(())
    }

    pub(super) async fn unrefer_all(&self, group: &DeploymentGroupInfo) -> Result<(), ApiError> {
        for to in references(group) {
            self.ports.unrefer(&to, &referrer(group)).await.map_err(failed)?;
        }
        Ok(())
    }

    /// Gives up what `old` referred to and `new` does not.
    async fn let_go(&self, old: &DeploymentGroupInfo, new: &DeploymentGroupInfo) -> Result<(), ApiError> {
        let kept = if referrer(old) == referrer(new) { references(new) } else { Vec::new() };
        for to in references(old).into_iter().filter(|to| !kept.contains(to)) {
            self.ports.unrefer(&to, &referrer(old)).await.map_err(failed)?;
        }
        Ok(())
    }
}

fn referrer(group: &DeploymentGroupInfo) -> String {
    let text = |name: &Option<String>| name.clone().unwrap_or_default();
    format!("{}/{}", text(&group.application_name), text(&group.deployment_group_name))
}

/// What a group refers to: its custom configuration first, then its ECS service.
fn references(group: &DeploymentGroupInfo) -> Vec<Referred> {
    let custom = group.deployment_config_name.iter().filter(|name| !name.starts_with(configs::PREFIX));
    let services = group.ecs_services.iter().flatten().map(|service| {
        let text = |name: &Option<String>| name.clone().unwrap_or_default();
        referred(&text(&service.cluster_name), &text(&service.service_name))
    });
    custom.cloned().map(Referred::Config).chain(services).collect()
}

/// A service as groups refer to it. By name or ARN, it is the same one.
pub(super) fn referred(cluster: &str, service: &str) -> Referred {
    let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    Referred::Service(format!("{}/{}", last(cluster), last(service)))
}

fn named(input: &DeploymentGroupNameInput) -> Result<GroupName<'_>, ApiError> {
    GroupName::read(input.application_name.as_deref(), input.deployment_group_name.as_deref())
}

fn taken(name: &str) -> ApiError {
    let message = format!("A deployment group named {name} already exists in this application");
    ApiError::new(Code::DeploymentGroupAlreadyExistsException, message)
}

/// Sets what is there.
fn lay_over(group: &mut DeploymentGroupInfo, settings: GroupSettings) {
    macro_rules! set {
        ($($member:ident)*) => {$(
            if settings.$member.is_some() {
                group.$member = settings.$member;
            }
        )*};
    }
    if let Some(names) = settings.auto_scaling_groups {
        let named = |name| AutoScalingGroup { name: Some(name), ..AutoScalingGroup::default() };
        group.auto_scaling_groups = Some(names.into_iter().map(named).collect());
    }
    // A list of filters and a set of lists say the same thing: the one that is sent replaces the other.
    if settings.ec2_tag_set.is_some() && settings.ec2_tag_filters.is_none() {
        group.ec2_tag_filters = None;
    } else if settings.ec2_tag_filters.is_some() && settings.ec2_tag_set.is_none() {
        group.ec2_tag_set = None;
    }
    if settings.on_premises_tag_set.is_some() && settings.on_premises_instance_tag_filters.is_none() {
        group.on_premises_instance_tag_filters = None;
    } else if settings.on_premises_instance_tag_filters.is_some() && settings.on_premises_tag_set.is_none() {
        group.on_premises_tag_set = None;
    }
    group.alarm_configuration = request::alarms_over(group.alarm_configuration.take(), settings.alarm_configuration);
    set!(deployment_config_name ec2_tag_filters on_premises_instance_tag_filters service_role_arn trigger_configurations
        auto_rollback_configuration outdated_instances_strategy deployment_style
        blue_green_deployment_configuration load_balancer_info ec2_tag_set ecs_services on_premises_tag_set
        ec2_deployment_options termination_hook_enabled);
}
