//! The operations that keep and return what deployments refer to. None of them touches a deployment.
//!
//! Every one checks in the same order: what must be there, what it must look like, what must exist, and whether it fits.

mod applications;
mod configs;
mod github;
mod group_settings;
mod groups;
mod instance_tags;
mod instances;
mod platforms;
mod revisions;
mod service_groups;
mod tag_rules;
mod tags;

use codedeploy::error::{ApiError, Code};
use codedeploy::operation::Operation;
use codedeploy::shapes::ApplicationInfo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::page;
use crate::answering::failed;
use crate::facts::Settings;
use crate::lookup;
use crate::ports::{
    Clock, Ids, Kept, Key, Listing, PortError, ReadCatalogue, ReadRequests, Records, Shelf, WriteCatalogue,
};

/// What the operations need.
pub(super) struct ControlPlane<'a, P> {
    pub(super) ports: &'a P,
    pub(super) settings: &'a Settings,
}

/// How often a change is tried on an entry that others change too.
const ATTEMPTS: usize = 5;

impl<P: Clock + Records + Ids + Listing + ReadCatalogue + ReadRequests + WriteCatalogue> ControlPlane<'_, P> {
    /// Answers one call.
    pub(super) async fn answer(&self, operation: Operation, body: &Value) -> Result<Value, ApiError> {
        match operation {
            Operation::CreateApplication => self.create_application(body).await,
            Operation::GetApplication => self.get_application(body).await,
            Operation::BatchGetApplications => self.batch_get_applications(body).await,
            Operation::ListApplications => self.list_applications(body).await,
            Operation::UpdateApplication => self.update_application(body).await,
            Operation::DeleteApplication => self.delete_application(body).await,
            Operation::CreateDeploymentConfig => self.create_config(body).await,
            Operation::GetDeploymentConfig => self.get_config(body).await,
            Operation::ListDeploymentConfigs => self.list_configs(body).await,
            Operation::DeleteDeploymentConfig => self.delete_config(body).await,
            Operation::CreateDeploymentGroup => self.create_group(body).await,
            Operation::GetDeploymentGroup => self.get_group(body).await,
            Operation::BatchGetDeploymentGroups => self.batch_get_groups(body).await,
            Operation::ListDeploymentGroups => self.list_groups(body).await,
            Operation::UpdateDeploymentGroup => self.update_group(body).await,
            Operation::DeleteDeploymentGroup => self.delete_group(body).await,
            Operation::DescribeServiceGroups => self.service_groups(body).await,
            Operation::RegisterApplicationRevision => self.register_revision(body).await,
            Operation::GetApplicationRevision => self.get_revision(body).await,
            Operation::BatchGetApplicationRevisions => self.batch_get_revisions(body).await,
            Operation::ListApplicationRevisions => self.list_revisions(body).await,
            Operation::RegisterOnPremisesInstance => self.register_instance(body).await,
            Operation::DeregisterOnPremisesInstance => self.deregister_instance(body).await,
            Operation::GetOnPremisesInstance => self.get_on_premises_instance(body).await,
            Operation::BatchGetOnPremisesInstances => self.batch_get_on_premises_instances(body).await,
            Operation::ListOnPremisesInstances => self.list_on_premises_instances(body).await,
            Operation::AddTagsToOnPremisesInstances => self.add_instance_tags(body).await,
            Operation::RemoveTagsFromOnPremisesInstances => self.remove_instance_tags(body).await,
            Operation::TagResource => self.tag(body).await,
            Operation::UntagResource => self.untag(body).await,
            Operation::ListTagsForResource => self.list_tags(body).await,
            Operation::ListGitHubAccountTokenNames => github::list(body),
            Operation::DeleteGitHubAccountToken => github::delete(body),
            Operation::DeleteResourcesByExternalId => github::delete_by_external_id(body),
            other => {
                let message = format!("{other} is not an operation that this version answers");
                Err(ApiError::new(Code::UnknownOperationException, message))
            }
        }
    }

    async fn find<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<Kept<T>>, ApiError> {
        self.ports.find(key).await.map_err(failed)
    }
}

impl<P: Clock + Records + Ids + Listing + ReadCatalogue + ReadRequests + WriteCatalogue> ControlPlane<'_, P> {
    /// The application, which must exist.
    async fn application(&self, name: &str) -> Result<Kept<ApplicationInfo>, ApiError> {
        lookup::application(self.ports, name).await
    }

    /// Writes a new entry; `taken` if there is one.
    async fn add<T: Serialize>(&self, key: &Key, entry: &Kept<T>, taken: ApiError) -> Result<(), ApiError> {
        match self.ports.add(key, entry).await {
            Err(PortError::Conflict(_)) => Err(taken),
            result => result.map_err(failed),
        }
    }

    /// Changes an entry, which must exist: reads, applies, writes on top of what was read, and again if somebody was faster.
    async fn change<T: Serialize + DeserializeOwned>(
        &self,
        key: &Key,
        missing: impl Fn() -> ApiError,
        change: impl Fn(&mut Kept<T>) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        for attempt in 1.. {
            let mut entry = self.find::<T>(key).await?.ok_or_else(&missing)?;
            change(&mut entry)?;
            match self.ports.replace(key, &mut entry).await {
                Err(PortError::Conflict(_)) if attempt < ATTEMPTS => {}
                result => return result.map_err(failed),
            }
        }
        Ok(())
    }

    /// A page of names, and the token of the next one.
    async fn page(
        &self,
        operation: &str,
        shelf: &Shelf,
        token: Option<&str>,
    ) -> Result<(Vec<String>, Option<String>), ApiError> {
        let after = page::begins_after(operation, token)?;
        let limit = self.settings.quotas.page;
        let mut names = self.ports.names(shelf, after.as_deref(), limit + 1).await.map_err(failed)?;
        let next = page::cut(operation, &mut names, limit);
        Ok((names, next))
    }

    /// Refuses what is one too many.
    async fn room(&self, shelf: &Shelf, most: usize, code: Code, what: &str) -> Result<(), ApiError> {
        // A quota may be 0, and a listing of nothing cannot be asked for.
        let names = self.ports.names(shelf, None, most.max(1)).await.map_err(failed)?;
        if names.len() < most {
            return Ok(());
        }
        Err(ApiError::new(code, format!("there are {} {what} already, and there may be {most}", names.len())))
    }
}
