//! The application and the deployment group that a call names. Both must exist; the application is missed first.

use codedeploy::error::{ApiError, Code};
use codedeploy::names::{APPLICATION, GROUP};
use codedeploy::shapes::{ApplicationInfo, DeploymentGroupInfo};

use crate::answering::failed;
use crate::ports::{Kept, ReadCatalogue, Shelf};

/// A deployment group by its name, which is its own within an application only.
#[derive(Debug, Clone, Copy)]
pub struct GroupName<'a> {
    /// Of the application.
    pub application: &'a str,
    /// Of the group.
    pub group: &'a str,
}

impl<'a> GroupName<'a> {
    /// Reads both names: first what must be there, then what it must look like.
    pub fn read(application: Option<&'a str>, group: Option<&'a str>) -> Result<Self, ApiError> {
        let application = APPLICATION.required(application)?;
        let group = GROUP.required(group)?;
        Ok(Self { application: APPLICATION.checked(application)?, group: GROUP.checked(group)? })
    }

    /// The same, where a call may also name neither.
    pub fn read_if_any(application: Option<&'a str>, group: Option<&'a str>) -> Result<Option<Self>, ApiError> {
        match (application, group) {
            (None, None) => Ok(None),
            (application, group) => Self::read(application, group).map(Some),
        }
    }

    /// The group and its application.
    pub async fn find(
        self,
        ports: &impl ReadCatalogue,
    ) -> Result<(Kept<ApplicationInfo>, Kept<DeploymentGroupInfo>), ApiError> {
        let found = application(ports, self.application).await?;
        Ok((found, group(ports, self).await?))
    }
}

/// An application.
pub async fn application(ports: &impl ReadCatalogue, name: &str) -> Result<Kept<ApplicationInfo>, ApiError> {
    let found = ports.find(&Shelf::Applications.key(name)).await.map_err(failed)?;
    found.ok_or_else(|| no_application(name))
}

/// A group of an application that is known to exist.
pub async fn group(ports: &impl ReadCatalogue, name: GroupName<'_>) -> Result<Kept<DeploymentGroupInfo>, ApiError> {
    let found = ports.find(&Shelf::Groups(name.application.to_owned()).key(name.group)).await.map_err(failed)?;
    found.ok_or_else(|| no_group(name.group))
}

/// A refusal of an application that does not exist.
pub fn no_application(name: &str) -> ApiError {
    ApiError::new(Code::ApplicationDoesNotExistException, format!("No application found for name: {name}"))
}

/// A refusal of a group that does not exist.
pub fn no_group(name: &str) -> ApiError {
    ApiError::new(Code::DeploymentGroupDoesNotExistException, format!("No Deployment Group found for name: {name}"))
}
