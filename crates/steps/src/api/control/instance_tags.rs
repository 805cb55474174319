//! Tags of on-premises instances.

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::names::INSTANCE;
use codedeploy::shapes::{InstanceInfo, InstanceTagsInput, Tag};
use serde_json::{Value, json};

use super::instances::{is_registered, not_registered, read_name};
use super::{ControlPlane, tag_rules};
use crate::ports::{Clock, Ids, Kept, Listing, ReadCatalogue, ReadRequests, Records, Shelf, WriteCatalogue};

impl<P: Clock + Records + Ids + Listing + ReadCatalogue + ReadRequests + WriteCatalogue> ControlPlane<'_, P> {
    pub(super) async fn add_instance_tags(&self, body: &Value) -> Result<Value, ApiError> {
        let most = self.settings.quotas.instance_tags;
        self.change_instance_tags(body, |tags, new| {
            tags.retain(|tag| new.iter().all(|new| new.key != tag.key));
            tags.extend(new.iter().cloned());
            if tags.len() > most {
                let message = format!("an instance would have {} tags: at most {most} are possible", tags.len());
                return Err(ApiError::new(Code::TagLimitExceededException, message));
            }
            Ok(())
        })
        .await
    }

    /// A tag is removed if key and value are its own. One that is not there is no error.
    pub(super) async fn remove_instance_tags(&self, body: &Value) -> Result<Value, ApiError> {
        self.change_instance_tags(body, |tags, old| {
            tags.retain(|tag| !old.contains(tag));
            Ok(())
        })
        .await
    }

    async fn change_instance_tags(
        &self,
        body: &Value,
        change: impl Fn(&mut Vec<Tag>, &[Tag]) -> Result<(), ApiError>,
    ) -> Result<Value, ApiError> {
        let input: InstanceTagsInput = call::input(body)?;
        let names = input.instance_names.unwrap_or_default();
        INSTANCE.required(names.first().map(String::as_str))?;
        let tags = input.tags.filter(|tags| !tags.is_empty());
        let tags = tags.ok_or_else(|| ApiError::new(Code::TagRequiredException, "no tag is named"))?;
        for name in &names {
            read_name(Some(name))?;
        }
        let tags = tag_rules::checked(tags).map_err(|why| ApiError::new(Code::InvalidTagException, why))?;
        let most = self.settings.quotas.batch;
        if names.len() > most {
            let message = format!("{} instances are named: name at most {most}", names.len());
            return Err(ApiError::new(Code::InstanceLimitExceededException, message));
        }
        let apply = |name: &str, kept: &mut Kept<InstanceInfo>| {
            if !is_registered(&kept.info) {
                return Err(not_registered(name));
            }
            change(kept.info.tags.get_or_insert_default(), &tags)
        };
        // All of them or none, as far as that can be known before.
        for name in &names {
            let kept: Option<Kept<InstanceInfo>> = self.find(&Shelf::Instances.key(name)).await?;
            apply(name, &mut kept.ok_or_else(|| not_registered(name))?)?;
        }
        for name in &names {
            self.change(&Shelf::Instances.key(name), || not_registered(name), |kept| apply(name, kept)).await?;
        }
        Ok(json!({}))
    }
}
