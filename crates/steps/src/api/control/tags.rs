//! Tags by ARN, of applications and deployment groups.

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::names::Resource;
use codedeploy::shapes::{
    ApplicationInfo, DeploymentGroupInfo, ListTagsForResourceInput, Tag, TagResourceInput, UntagResourceInput,
};
use codedeploy::token;
use rollout::ids::Site;
use serde_json::{Value, json};

use super::{ControlPlane, tag_rules};
use crate::lookup::{no_application, no_group};
use crate::ports::{Clock, Ids, Kept, Listing, ReadCatalogue, ReadRequests, Records, Shelf, WriteCatalogue};

/// What can have tags.
enum Tagged {
    Application(String),
    Group(String, String),
}

impl Tagged {
    fn of(arn: Option<&str>, site: &Site) -> Result<Self, ApiError> {
        let Some(arn) = arn.filter(|arn| !arn.is_empty()) else {
            return Err(ApiError::new(Code::ResourceArnRequiredException, "ResourceArn is missing"));
        };
        let resource = Resource::of(arn)?;
        site.holds(arn).map_err(|error| ApiError::new(Code::InvalidArnException, error.to_string()))?;
        match resource {
            Resource::Application(name) => Ok(Self::Application(name)),
            Resource::Group(application, group) => Ok(Self::Group(application, group)),
            Resource::Config(_) | Resource::Instance(_) => {
                let message = "only applications and deployment groups have tags by ARN; on-premises instances have \
                               operations of their own";
                Err(ApiError::new(Code::ArnNotSupportedException, message))
            }
        }
    }
}

fn required() -> ApiError {
    ApiError::new(Code::TagRequiredException, "no tag is named")
}

impl<P: Clock + Records + Ids + Listing + ReadCatalogue + ReadRequests + WriteCatalogue> ControlPlane<'_, P> {
    pub(super) async fn tag(&self, body: &Value) -> Result<Value, ApiError> {
        let input: TagResourceInput = call::input(body)?;
        let tagged = Tagged::of(input.resource_arn.as_deref(), &self.settings.site())?;
        let new = input.tags.filter(|tags| !tags.is_empty()).ok_or_else(required)?;
        let quotas = &self.settings.quotas;
        let new = tag_rules::resource_tags(new, quotas)?;
        self.change_tags(tagged, |tags| {
            tags.retain(|tag| new.iter().all(|new| new.key != tag.key));
            tags.extend(new.iter().cloned());
            tag_rules::resource_tags(std::mem::take(tags), quotas).map(|all| *tags = all)
        })
        .await
    }

    pub(super) async fn untag(&self, body: &Value) -> Result<Value, ApiError> {
        let input: UntagResourceInput = call::input(body)?;
        let tagged = Tagged::of(input.resource_arn.as_deref(), &self.settings.site())?;
        let keys = input.tag_keys.filter(|keys| !keys.is_empty()).ok_or_else(required)?;
        self.change_tags(tagged, |tags| {
            tags.retain(|tag| tag.key.as_ref().is_none_or(|key| !keys.contains(key)));
            Ok(())
        })
        .await
    }

    async fn change_tags(
        &self,
        tagged: Tagged,
        change: impl Fn(&mut Vec<Tag>) -> Result<(), ApiError>,
    ) -> Result<Value, ApiError> {
        match &tagged {
            Tagged::Application(name) => {
                let key = Shelf::Applications.key(name);
                let changed = |kept: &mut Kept<ApplicationInfo>| change(&mut kept.tags);
                self.change(&key, || no_application(name), changed).await?;
            }
            Tagged::Group(application, group) => {
                self.application(application).await?;
                let key = Shelf::Groups(application.clone()).key(group);
                let changed = |kept: &mut Kept<DeploymentGroupInfo>| change(&mut kept.tags);
                self.change(&key, || no_group(group), changed).await?;
            }
        }
        Ok(json!({}))
    }

    /// The operation has no error for a resource that does not exist: it has no tags. All fit on one page.
    pub(super) async fn list_tags(&self, body: &Value) -> Result<Value, ApiError> {
        let input: ListTagsForResourceInput = call::input(body)?;
        let tagged = Tagged::of(input.resource_arn.as_deref(), &self.settings.site())?;
        token::decode::<String>("ListTagsForResource", input.next_token.as_deref())?;
        let tags = match tagged {
            Tagged::Application(name) => {
                self.find::<ApplicationInfo>(&Shelf::Applications.key(name)).await?.map(|kept| kept.tags)
            }
            Tagged::Group(application, group) => {
                self.find::<DeploymentGroupInfo>(&Shelf::Groups(application).key(group)).await?.map(|kept| kept.tags)
            }
        };
        Ok(json!({"Tags": tags.unwrap_or_default()}))
    }
}
