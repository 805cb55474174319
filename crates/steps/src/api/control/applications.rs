//! Applications.

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::names::APPLICATION;
use codedeploy::shapes::{
    ApplicationInfo, ApplicationNameInput, BatchGetApplicationsInput, CreateApplicationInput, DeploymentGroupInfo,
    ListApplicationsInput, RawContent, RevisionInfo, UpdateApplicationInput,
};
use codedeploy::time::Time;
use codedeploy::values;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{ControlPlane, tag_rules};
use crate::answering::failed;
use crate::api::page::with_token;
use crate::ports::{Clock, Ids, Kept, Listing, PortError, ReadCatalogue, ReadRequests, Records, Shelf, WriteCatalogue};
use crate::use_cases::batch;

impl<P: Clock + Records + Ids + Listing + ReadCatalogue + ReadRequests + WriteCatalogue> ControlPlane<'_, P> {
    pub(super) async fn create_application(&self, body: &Value) -> Result<Value, ApiError> {
        let input: CreateApplicationInput = call::input(body)?;
        let name = APPLICATION.read(input.application_name.as_deref())?;
        let platform = input.compute_platform.as_deref().unwrap_or("Server");
        values::COMPUTE_PLATFORM.checked(platform, Code::InvalidComputePlatformException)?;
        let tags = tag_rules::resource_tags(input.tags.unwrap_or_default(), &self.settings.quotas)?;
        let key = Shelf::Applications.key(name);
        if self.find::<ApplicationInfo>(&key).await?.is_some() {
            return Err(taken(name));
        }
        let most = self.settings.quotas.applications;
        self.room(&Shelf::Applications, most, Code::ApplicationLimitExceededException, "applications").await?;
        let id = self.ports.uuid();
        let info = ApplicationInfo {
            application_id: Some(id.clone()),
            application_name: Some(name.to_owned()),
            create_time: Some(Time(self.ports.now())),
            linked_to_git_hub: Some(false),
            compute_platform: Some(platform.to_owned()),
            ..ApplicationInfo::default()
        };
        self.add(&key, &Kept::new(info, tags), taken(name)).await?;
        Ok(json!({"applicationId": id}))
    }

    pub(super) async fn get_application(&self, body: &Value) -> Result<Value, ApiError> {
        let input: ApplicationNameInput = call::input(body)?;
        let name = APPLICATION.read(input.application_name.as_deref())?;
        Ok(json!({"application": self.application(name).await?.info}))
    }

    /// An application that does not exist is refused: the operation has an error for it.
    pub(super) async fn batch_get_applications(&self, body: &Value) -> Result<Value, ApiError> {
        let input: BatchGetApplicationsInput = call::input(body)?;
        let names = input.application_names.unwrap_or_default();
        APPLICATION.required(names.first().map(String::as_str))?;
        batch(names.len(), self.settings)?;
        for name in &names {
            APPLICATION.read(Some(name))?;
        }
        let mut found = Vec::with_capacity(names.len());
        for name in &names {
            found.push(self.application(name).await?.info);
        }
        Ok(json!({"applicationsInfo": found}))
    }

    pub(super) async fn list_applications(&self, body: &Value) -> Result<Value, ApiError> {
        let input: ListApplicationsInput = call::input(body)?;
        let (names, next) = self.page("ListApplications", &Shelf::Applications, input.next_token.as_deref()).await?;
        Ok(with_token(json!({"applications": names}), next))
    }

    /// Renames. The new name is taken first and the old one given up last, so that a rename that was cut short is finished
    /// by asking again.
    pub(super) async fn update_application(&self, body: &Value) -> Result<Value, ApiError> {
        let input: UpdateApplicationInput = call::input(body)?;
        let old = APPLICATION.read(input.application_name.as_deref())?;
        let new = input.new_application_name.as_deref().map(|name| APPLICATION.checked(name)).transpose()?;
        let mut application = self.application(old).await?;
        let Some(new) = new.filter(|new| *new != old) else { return Ok(json!({})) };
        application.info.application_name = Some(new.to_owned());
        let key = Shelf::Applications.key(new);
        match self.ports.add(&key, &Kept { version: 0, ..application.clone() }).await {
            Ok(()) => {}
            Err(PortError::Conflict(_)) => {
                let there = self.find::<ApplicationInfo>(&key).await?;
                let same = there.is_some_and(|there| there.info.application_id == application.info.application_id);
                if !same {
                    return Err(taken(new));
                }
            }
            Err(error) => return Err(failed(error)),
        }
        self.copy::<RawContent>(Shelf::Contents(old.to_owned()), Shelf::Contents(new.to_owned()), |_| {}).await?;
        self.copy::<RevisionInfo>(Shelf::Revisions(old.to_owned()), Shelf::Revisions(new.to_owned()), |_| {}).await?;
        let moved = |group: &mut DeploymentGroupInfo| group.application_name = Some(new.to_owned());
        let groups = Shelf::Groups(new.to_owned());
        self.copy::<DeploymentGroupInfo>(Shelf::Groups(old.to_owned()), groups.clone(), moved).await?;
        for group in self.ports.all::<DeploymentGroupInfo>(&groups).await.map_err(failed)? {
            self.refer_all(&group.info).await?;
        }
        self.clear(old).await?;
        Ok(json!({}))
    }

    async fn copy<T: Serialize + DeserializeOwned>(
        &self,
        from: Shelf,
        to: Shelf,
        change: impl Fn(&mut T),
    ) -> Result<(), ApiError> {
        let mut after: Option<String> = None;
        loop {
            let names = self.ports.names(&from, after.as_deref(), 100).await.map_err(failed)?;
            for name in &names {
                let Some(mut entry) = self.find::<T>(&from.key(name)).await? else { continue };
                change(&mut entry.info);
                match self.ports.add(&to.key(name), &entry).await {
                    // Copied before, by a call that was cut short.
                    Ok(()) | Err(PortError::Conflict(_)) => {}
                    Err(error) => return Err(failed(error)),
                }
            }
            match names.last() {
                Some(last) => after = Some(last.clone()),
                None => return Ok(()),
            }
        }
    }

    /// Deleting what is absent succeeds. Records of deployments stay, as they say what happened to live traffic.
    pub(super) async fn delete_application(&self, body: &Value) -> Result<Value, ApiError> {
        let input: ApplicationNameInput = call::input(body)?;
        let name = APPLICATION.read(input.application_name.as_deref())?;
        self.clear(name).await?;
        Ok(json!({}))
    }

    /// Removes an application and all that is its own. The application goes last: as long as it is there, a removal that was
    /// cut short can be asked for again.
    async fn clear(&self, application: &str) -> Result<(), ApiError> {
        let owner = application.to_owned();
        for group in self.ports.all::<DeploymentGroupInfo>(&Shelf::Groups(owner.clone())).await.map_err(failed)? {
            self.unrefer_all(&group.info).await?;
        }
        for shelf in [Shelf::Groups(owner.clone()), Shelf::Revisions(owner.clone()), Shelf::Contents(owner)] {
            loop {
                let names = self.ports.names(&shelf, None, 100).await.map_err(failed)?;
                if names.is_empty() {
                    break;
                }
                for name in names {
                    self.ports.remove(&shelf.key(name)).await.map_err(failed)?;
                }
            }
        }
        self.ports.remove(&Shelf::Applications.key(application)).await.map_err(failed)
    }
}

fn taken(name: &str) -> ApiError {
    ApiError::new(Code::ApplicationAlreadyExistsException, format!("An application named {name} already exists"))
}
