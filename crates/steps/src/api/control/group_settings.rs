//! What the settings of a deployment group must look like, whatever it deploys to.

use std::collections::BTreeSet;

use codedeploy::error::{ApiError, Code};
use codedeploy::names::CONFIG;
use codedeploy::quota::Quotas;
use codedeploy::shapes::{
    BlueGreenDeploymentConfiguration, DeploymentStyle, EcsService, GroupSettings, LoadBalancerInfo, TargetGroupInfo,
    TargetGroupPairInfo, TrafficRoute, TriggerConfig,
};
use codedeploy::values;
use rollout::ids::{ClusterName, IdError, ListenerArn, ServiceName, Site, TargetGroupArn, TargetGroupName};

use super::instances::is_arn;
use super::tag_rules;
use crate::request;

/// Checks every member that is there.
pub(super) fn check(settings: &GroupSettings, quotas: &Quotas, site: &Site) -> Result<(), ApiError> {
    if let Some(name) = &settings.deployment_config_name {
        CONFIG.checked(name)?;
    }
    if let Some(role) = &settings.service_role_arn
        && !is_arn(role, "iam", "role/")
    {
        let message = "serviceRoleArn has the form arn:aws:iam::123456789012:role/name";
        return Err(ApiError::new(Code::InvalidRoleException, message));
    }
    if let Some(role) = &settings.service_role_arn {
        site.holds(role).map_err(|error| ApiError::new(Code::InvalidRoleException, error.to_string()))?;
    }
    tags(settings, quotas)?;
    auto_scaling(settings, quotas)?;
    triggers(settings.trigger_configurations.as_deref().unwrap_or_default(), quotas)?;
    if let Some(alarms) = &settings.alarm_configuration {
        let count = alarms.alarms.as_ref().map_or(0, Vec::len);
        if count > quotas.alarms {
            let message = format!("{count} alarms are named: a group has at most {}", quotas.alarms);
            return Err(ApiError::new(Code::AlarmsLimitExceededException, message));
        }
        request::alarm_names(alarms)?;
    }
    request::rollback(settings.auto_rollback_configuration.clone())?;
    if let Some(strategy) = &settings.outdated_instances_strategy {
        values::OUTDATED_INSTANCES_STRATEGY.checked(strategy, Code::InvalidInputException)?;
    }
    settings.deployment_style.as_ref().map_or(Ok(()), style)?;
    settings
        .blue_green_deployment_configuration
        .as_ref()
        .map_or(Ok(()), |blue_green| check_blue_green(blue_green, quotas))?;
    settings.load_balancer_info.as_ref().map_or(Ok(()), |info| load_balancer(info, site))?;
    services(settings.ecs_services.as_deref().unwrap_or_default(), site)
}

fn tags(settings: &GroupSettings, quotas: &Quotas) -> Result<(), ApiError> {
    let ec2 = |why| ApiError::new(Code::InvalidEC2TagException, why);
    let on_premises = |why| ApiError::new(Code::InvalidTagException, why);
    let sets = |lists: usize| {
        if lists <= quotas.tag_sets {
            return Ok(());
        }
        let message = format!("{lists} lists in a tag set: write at most {}", quotas.tag_sets);
        Err(ApiError::new(Code::TagSetListLimitExceededException, message))
    };
    let both = |code, filters: &str, set: &str| {
        Err(ApiError::new(code, format!("{filters} and {set} are both there: send one of them")))
    };
    let set = settings.ec2_tag_set.as_ref().and_then(|set| set.ec2_tag_set_list.as_deref()).unwrap_or_default();
    let filters = settings.ec2_tag_filters.as_deref().unwrap_or_default();
    if !set.is_empty() && !filters.is_empty() {
        return both(Code::InvalidEC2TagCombinationException, "ec2TagFilters", "ec2TagSet");
    }
    sets(set.len())?;
    tag_rules::filters(filters, quotas).map_err(ec2)?;
    set.iter().try_for_each(|list| tag_rules::filters(list, quotas)).map_err(ec2)?;
    let set = settings.on_premises_tag_set.as_ref().and_then(|set| set.on_premises_tag_set_list.as_deref());
    let set = set.unwrap_or_default();
    let filters = settings.on_premises_instance_tag_filters.as_deref().unwrap_or_default();
    if !set.is_empty() && !filters.is_empty() {
        let code = Code::InvalidOnPremisesTagCombinationException;
        return both(code, "onPremisesInstanceTagFilters", "onPremisesTagSet");
    }
    sets(set.len())?;
    tag_rules::filters(filters, quotas).map_err(on_premises)?;
    set.iter().try_for_each(|list| tag_rules::filters(list, quotas)).map_err(on_premises)
}

fn auto_scaling(settings: &GroupSettings, quotas: &Quotas) -> Result<(), ApiError> {
    let groups = settings.auto_scaling_groups.as_deref().unwrap_or_default();
    let invalid = |why: String| ApiError::new(Code::InvalidAutoScalingGroupException, why);
    if groups.len() > quotas.auto_scaling_groups {
        return Err(invalid(format!(
            "{} Auto Scaling groups: name at most {}",
            groups.len(),
            quotas.auto_scaling_groups
        )));
    }
    if groups.iter().any(|name| name.is_empty() || name.len() > 255) {
        return Err(invalid("the name of an Auto Scaling group has 1 to 255 characters".to_owned()));
    }
    let options = settings.ec2_deployment_options.as_ref();
    let processes = options.and_then(|options| options.auto_scaling_group_processes_to_suspend.as_deref());
    let mut seen = BTreeSet::new();
    for process in processes.unwrap_or_default() {
        let code = Code::InvalidAutoScalingGroupProcessToSuspendException;
        values::AUTO_SCALING_GROUP_PROCESS.checked(process, code)?;
        if !seen.insert(process) {
            return Err(ApiError::new(code, format!("{process} is named twice")));
        }
    }
    Ok(())
}

fn triggers(triggers: &[TriggerConfig], quotas: &Quotas) -> Result<(), ApiError> {
    if triggers.len() > quotas.triggers {
        let message = format!("{} triggers: a group has at most {}", triggers.len(), quotas.triggers);
        return Err(ApiError::new(Code::TriggerTargetsLimitExceededException, message));
    }
    let invalid = |why: String| ApiError::new(Code::InvalidTriggerConfigException, why);
    let mut names = BTreeSet::new();
    for trigger in triggers {
        let name = trigger.trigger_name.as_deref().unwrap_or_default();
        if name.is_empty() || name.chars().count() > 100 {
            return Err(invalid("a triggerName has 1 to 100 characters".to_owned()));
        }
        if !names.insert(name) {
            return Err(invalid(format!("the trigger {name} is named twice")));
        }
        let target = trigger.trigger_target_arn.as_deref().unwrap_or_default();
        let is_topic = matches!(
            target.split(':').collect::<Vec<_>>()[..],
            ["arn", partition, "sns", region, account, topic]
                if partition.starts_with("aws") && !region.is_empty() && account.len() == 12 && !topic.is_empty()
        );
        if !is_topic {
            return Err(invalid(format!(
                "the triggerTargetArn of {name} is not an SNS topic's: write arn:aws:sns:region:account:topic"
            )));
        }
        let events = trigger.trigger_events.as_deref().unwrap_or_default();
        if events.is_empty() {
            return Err(invalid(format!("the trigger {name} has no events")));
        }
        for event in events {
            values::TRIGGER_EVENT_TYPE.checked(event, Code::InvalidTriggerConfigException)?;
        }
    }
    Ok(())
}

fn style(style: &DeploymentStyle) -> Result<(), ApiError> {
    let code = Code::InvalidDeploymentStyleException;
    let filled = |value: &Option<String>| value.as_deref().is_some_and(|value| !value.is_empty());
    if !filled(&style.deployment_type) || !filled(&style.deployment_option) {
        return Err(ApiError::new(code, "Deployment type or deployment option cannot be null or empty"));
    }
    values::DEPLOYMENT_TYPE.checked(style.deployment_type.as_deref().unwrap_or_default(), code)?;
    values::DEPLOYMENT_OPTION.checked(style.deployment_option.as_deref().unwrap_or_default(), code)?;
    Ok(())
}

fn check_blue_green(blue_green: &BlueGreenDeploymentConfiguration, quotas: &Quotas) -> Result<(), ApiError> {
    let code = Code::InvalidBlueGreenDeploymentConfigurationException;
    let invalid = |why: String| ApiError::new(code, why);
    let minutes = |minutes: Option<i64>, most: i64, member: &str| match minutes {
        Some(minutes) if !(0..=most).contains(&minutes) => {
            Err(invalid(format!("{member} is {minutes}: write 0 to {most}")))
        }
        _ => Ok(()),
    };
    if let Some(ready) = &blue_green.deployment_ready_option {
        if let Some(action) = &ready.action_on_timeout {
            values::DEPLOYMENT_READY_ACTION.checked(action, code)?;
        }
        minutes(ready.wait_time_in_minutes, quotas.ready_minutes, "waitTimeInMinutes")?;
        let waits = ready.wait_time_in_minutes.is_some_and(|minutes| minutes > 0);
        if waits && ready.action_on_timeout.as_deref() != Some("STOP_DEPLOYMENT") {
            let message = "Deployment ready action cannot be set to 'CONTINUE_DEPLOYMENT' when timeout is specified";
            return Err(invalid(message.to_owned()));
        }
    }
    if let Some(end) = &blue_green.terminate_blue_instances_on_deployment_success {
        if let Some(action) = &end.action {
            values::INSTANCE_ACTION.checked(action, code)?;
        }
        minutes(end.termination_wait_time_in_minutes, quotas.termination_minutes, "terminationWaitTimeInMinutes")?;
    }
    if let Some(action) =
        blue_green.green_fleet_provisioning_option.as_ref().and_then(|option| option.action.as_deref())
    {
        values::GREEN_FLEET_PROVISIONING_ACTION.checked(action, code)?;
    }
    Ok(())
}

fn load_balancer(info: &LoadBalancerInfo, site: &Site) -> Result<(), ApiError> {
    let named = |groups: &Option<Vec<TargetGroupInfo>>| {
        groups.iter().flatten().all(|group| group.name.as_ref().is_some_and(|name| !name.is_empty()))
    };
    if !named(&info.elb_info_list) || !named(&info.target_group_info_list) {
        let message = "a load balancer or target group in loadBalancerInfo has no name";
        return Err(ApiError::new(Code::InvalidLoadBalancerInfoException, message));
    }
    let pairs = info.target_group_pair_info_list.as_deref().unwrap_or_default();
    if pairs.len() > 1 {
        let message = format!("{} target group pairs: a deployment group has one", pairs.len());
        return Err(ApiError::new(Code::InvalidTargetGroupPairException, message));
    }
    pairs.iter().try_for_each(|written| pair(written, site))
}

fn pair(pair: &TargetGroupPairInfo, site: &Site) -> Result<(), ApiError> {
    let invalid = |why: String| ApiError::new(Code::InvalidTargetGroupPairException, why);
    let named: Vec<&str> = pair.target_groups.iter().flatten().filter_map(|group| group.name.as_deref()).collect();
    let (Some([_, _]), [one, other]) = (pair.target_groups.as_deref(), named.as_slice()) else {
        return Err(invalid("a target group pair has two target groups: write targetGroups with two names".to_owned()));
    };
    for name in [one, other] {
        TargetGroupName::parse(name).map_err(|error| invalid(error.to_string()))?;
        site.holds(name).map_err(|error| invalid(error.to_string()))?;
    }
    if name_of(one) == name_of(other) {
        let why =
            format!("both target groups of the pair are {}: traffic moves from one to another, name two", name_of(one));
        return Err(invalid(why));
    }
    let production = route(pair.prod_traffic_route.as_ref(), "prodTrafficRoute")?
        .ok_or_else(|| invalid("prodTrafficRoute is missing: write listenerArns with one listener's ARN".to_owned()))?;
    let test = route(pair.test_traffic_route.as_ref(), "testTrafficRoute")?;
    for listener in [Some(&production), test.as_ref()].into_iter().flatten() {
        site.holds(listener.as_str()).map_err(|error| invalid(error.to_string()))?;
    }
    if test == Some(production) {
        let why = "testTrafficRoute names the listener of prodTrafficRoute: name another one, or leave it out";
        return Err(invalid(why.to_owned()));
    }
    Ok(())
}

/// A target group's name, also out of its ARN: by either, it is the same one.
fn name_of(group: &str) -> String {
    TargetGroupArn::parse(group).map_or_else(|_| group.to_owned(), |arn| arn.name().to_owned())
}

/// The one listener of a route that is there.
fn route(route: Option<&TrafficRoute>, member: &str) -> Result<Option<ListenerArn>, ApiError> {
    let invalid = |why: String| ApiError::new(Code::InvalidTargetGroupPairException, format!("{member}: {why}"));
    let Some(route) = route else { return Ok(None) };
    match route.listener_arns.as_deref().unwrap_or_default() {
        [listener] => ListenerArn::parse(listener).map(Some).map_err(|error| invalid(error.to_string())),
        listeners => Err(invalid(format!("{} listeners: write listenerArns with one listener's ARN", listeners.len()))),
    }
}

fn services(services: &[EcsService], site: &Site) -> Result<(), ApiError> {
    let invalid = |why: String| ApiError::new(Code::InvalidECSServiceException, why);
    if services.len() > 1 {
        let why = format!("{} ECS services: a deployment group has one, so make a group for each", services.len());
        return Err(ApiError::new(Code::ECSServiceMappingLimitExceededException, why));
    }
    for service in services {
        let (Some(cluster), Some(name)) = (&service.cluster_name, &service.service_name) else {
            return Err(invalid("an ECS service is named by its clusterName and its serviceName".to_owned()));
        };
        let odd = |error: IdError| invalid(error.to_string());
        ServiceName::parse_in(name, &ClusterName::parse(cluster).map_err(odd)?).map_err(odd)?;
        for named in [cluster, name] {
            site.holds(named).map_err(|error| invalid(error.to_string()))?;
        }
    }
    Ok(())
}
