//! GetGroupPolicy and PutGroupPolicy: what a deployment group says about the order of its deployments.

use std::fmt::Display;

use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{DeploymentGroupInfo, DeploymentGroupNameInput};
use codedeploy::view::{GroupPolicyView, PutGroupPolicyInput};
use rollout::queue::{GroupPolicy, Order, QueueLimit, WhenBusy};

use super::{UseCases, failed};
use crate::group;
use crate::lookup::GroupName;
use crate::ports::{Kept, PortError, ReadCatalogue, ReadQueues, Shelf, WriteCatalogue};

impl<P: ReadCatalogue + ReadQueues> UseCases<'_, P> {
    /// What the group says now, and who waits.
    pub(crate) async fn group_policy(&self, input: DeploymentGroupNameInput) -> Result<GroupPolicyView, ApiError> {
        let name = GroupName::read(input.application_name.as_deref(), input.deployment_group_name.as_deref())?;
        let (_, found) = name.find(self.ports).await?;
        self.shown(name, &found.info, &self.kept(&found.info).await?.info).await
    }

    /// What is kept, under the id of the group: it stays over a rename.
    async fn kept(&self, info: &DeploymentGroupInfo) -> Result<Kept<GroupPolicy>, ApiError> {
        let key = Shelf::Policies.key(group::key(info));
        let kept = self.ports.find(&key).await.map_err(failed)?;
        Ok(kept.unwrap_or_else(|| Kept::new(GroupPolicy::default(), Vec::new())))
    }

    async fn shown(
        &self,
        name: GroupName<'_>,
        info: &DeploymentGroupInfo,
        policy: &GroupPolicy,
    ) -> Result<GroupPolicyView, ApiError> {
        let queue = self.ports.queue(&group::key(info)).await.map_err(failed)?;
        Ok(GroupPolicyView {
            application_name: name.application.to_owned(),
            deployment_group_name: name.group.to_owned(),
            when_busy: policy.when_busy.as_str().to_owned(),
            queue_limit: policy.queue_limit.get(),
            order: policy.order.as_str().to_owned(),
            queue: queue.into_iter().map(|place| place.id.to_string()).collect(),
        })
    }
}

impl<P: ReadCatalogue + ReadQueues + WriteCatalogue> UseCases<'_, P> {
    /// Changes what the input names. What waits by then goes on waiting.
    pub(crate) async fn put_group_policy(&self, input: PutGroupPolicyInput) -> Result<GroupPolicyView, ApiError> {
        let name = GroupName::read(input.application_name.as_deref(), input.deployment_group_name.as_deref())?;
        let (_, found) = name.find(self.ports).await?;
        let mut kept = self.kept(&found.info).await?;
        let policy = &mut kept.info;
        if let Some(written) = &input.when_busy {
            policy.when_busy = one_of("whenBusy", written, WhenBusy::ALL, WhenBusy::as_str)?;
        }
        if let Some(written) = &input.order {
            policy.order = one_of("order", written, Order::ALL, Order::as_str)?;
        }
        if let Some(limit) = input.queue_limit {
            policy.queue_limit = QueueLimit::try_from(limit).map_err(|why| invalid(format!("queueLimit: {why}")))?;
        }
        let key = Shelf::Policies.key(group::key(&found.info));
        let written = match self.ports.find::<GroupPolicy>(&key).await.map_err(failed)? {
            Some(_) => self.ports.replace(&key, &mut kept).await,
            None => self.ports.add(&key, &kept).await,
        };
        match written {
            Ok(()) => self.shown(name, &found.info, &kept.info).await,
            Err(PortError::Conflict(_)) => {
                let message = "somebody else changes this policy at the same moment: ask again";
                Err(ApiError::new(Code::ThrottlingException, message))
            }
            Err(error) => Err(failed(error)),
        }
    }
}

fn invalid(why: impl Display) -> ApiError {
    ApiError::new(Code::InvalidInputException, why.to_string())
}

fn one_of<T: Copy, const N: usize>(
    member: &str,
    written: &str,
    all: [T; N],
    name: fn(T) -> &'static str,
) -> Result<T, ApiError> {
    all.into_iter().find(|one| name(*one) == written).ok_or_else(|| {
        let known = all.map(name).join(", ");
        invalid(format!("{member} is {written}, and may be one of {known}"))
    })
}
