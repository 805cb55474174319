//! Actions of listeners and their rules: where they forward, and the same actions with other weights.
//!
//! A write replaces the whole list of actions, so everything in it that is not a weight must come out as it went in
//! (docs/codedeploy-contract.md 12.3).

use aws_sdk_elasticloadbalancingv2::types::{Action, ActionTypeEnum, ForwardActionConfig, TargetGroupTuple};
use rollout::ids::TargetGroupArn;
use rollout::routing::Routing;
use rollout::seconds::Seconds;
use steps::ports::PortError;

use crate::failure::unreadable;

/// The weights of the pair in percent, each group in its place.
pub(crate) type Weights<'a> = [(&'a TargetGroupArn, u8); 2];

/// The weights that send traffic there.
pub(crate) fn weights<'a>(
    pair: (&'a TargetGroupArn, &'a TargetGroupArn),
    to: &Routing,
) -> Result<Weights<'a>, PortError> {
    let weight = |group: &TargetGroupArn| to.weight_of(&group.clone().into()).percent();
    match (weight(pair.0), weight(pair.1)) {
        (0, 0) => Err(PortError::Denied(format!("{to} leaves nothing for {} and {}", pair.0.name(), pair.1.name()))),
        (first, second) => Ok([(pair.0, first), (pair.1, second)]),
    }
}

fn is_forward(action: &Action) -> bool {
    action.r#type() == Some(&ActionTypeEnum::Forward)
}

/// The groups of a forward action, which has one of them in two places.
fn groups(action: &Action) -> Vec<TargetGroupTuple> {
    match action.forward_config().map(ForwardActionConfig::target_groups) {
        Some(groups @ [_, ..]) => groups.to_vec(),
        _ => action
            .target_group_arn()
            .map(|group| TargetGroupTuple::builder().target_group_arn(group).weight(1).build())
            .into_iter()
            .collect(),
    }
}

/// Where the actions forward, with the weights; `None` if they do not.
pub(crate) fn forwards(call: &str, actions: &[Action]) -> Result<Option<Vec<(TargetGroupArn, u32)>>, PortError> {
    if !actions.iter().any(is_forward) {
        return Ok(None);
    }
    let forward = |group: TargetGroupTuple| {
        let arn = TargetGroupArn::parse(group.target_group_arn().unwrap_or_default());
        // A group alone may come without its weight.
        let weight = u32::try_from(group.weight().unwrap_or(1)).unwrap_or_default();
        Ok((arn.map_err(|error| unreadable(call, error))?, weight))
    };
    actions.iter().filter(|action| is_forward(action)).flat_map(groups).map(forward).collect::<Result<_, _>>().map(Some)
}

/// How long the actions keep a client on one target group.
pub(crate) fn sticky(actions: &[Action]) -> Option<Seconds> {
    let configs = actions.iter().filter(|action| is_forward(action)).filter_map(Action::forward_config);
    let sticky = configs
        .filter_map(|config| config.target_group_stickiness_config())
        .find(|sticky| sticky.enabled() == Some(true))?;
    Some(Seconds(u64::try_from(sticky.duration_seconds().unwrap_or_default()).unwrap_or_default()))
}

/// The actions as they are to be written; `None` where they divide the traffic so already. What forwards to anything beside the
/// pair by now is somebody else's, and is not written: nothing else keeps two editors of a listener apart.
pub(crate) fn divided(
    actions: &[Action],
    pair: (&TargetGroupArn, &TargetGroupArn),
    weights: Weights<'_>,
) -> Result<Option<Vec<Action>>, PortError> {
    if !actions.iter().any(is_forward) {
        return Err(PortError::Missing("it does not forward any more".to_owned()));
    }
    let found: Vec<TargetGroupTuple> = actions.iter().filter(|action| is_forward(action)).flat_map(groups).collect();
    let ours = |group: &TargetGroupTuple| {
        [pair.0, pair.1].into_iter().any(|ours| group.target_group_arn() == Some(ours.as_str()))
    };
    let has_traffic = |group: &TargetGroupTuple| group.weight().unwrap_or(1) > 0;
    if !found.iter().any(ours) || found.iter().any(|group| !ours(group) && has_traffic(group)) {
        return Err(PortError::Conflict("it forwards elsewhere by now".to_owned()));
    }
    // What this version of the SDK does not know, it has read without its settings: writing it back would lose them.
    let known = |kind: &ActionTypeEnum| ActionTypeEnum::values().contains(&kind.as_str());
    if let Some(strange) = actions.iter().find(|action| !action.r#type().is_some_and(known)) {
        let kind = strange.r#type().map_or("without a type", ActionTypeEnum::as_str);
        return Err(PortError::Denied(format!("an action {kind} stands beside the weights and would be lost")));
    }
    if actions.iter().filter(|action| is_forward(action)).all(|action| is_divided(action, weights)) {
        return Ok(None);
    }
    Ok(Some(actions.iter().map(|action| written(action, weights)).collect()))
}

fn is_divided(action: &Action, weights: Weights<'_>) -> bool {
    let groups = groups(action);
    weighted(&groups, weights) == groups
}

fn weighted(groups: &[TargetGroupTuple], weights: Weights<'_>) -> Vec<TargetGroupTuple> {
    let mut groups = groups.to_vec();
    for (arn, weight) in weights {
        let weight = Some(i32::from(weight));
        match groups.iter_mut().find(|group| group.target_group_arn() == Some(arn.as_str())) {
            Some(group) => group.weight = weight,
            None => groups.push(TargetGroupTuple::builder().target_group_arn(arn.as_str()).set_weight(weight).build()),
        }
    }
    groups
}

fn written(action: &Action, weights: Weights<'_>) -> Action {
    let mut written = action.clone();
    if let Some(oidc) = &mut written.authenticate_oidc_config {
        // The secret is not shown. Without this, a write would ask for it.
        oidc.client_secret = None;
        oidc.use_existing_client_secret = Some(true);
    }
    if is_forward(action) {
        // Allowed only beside one group.
        written.target_group_arn = None;
        let config = written.forward_config.get_or_insert_with(|| ForwardActionConfig::builder().build());
        config.target_groups = Some(weighted(&groups(action), weights));
    }
    written
}
