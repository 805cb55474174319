//! Revisions of applications.

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::names::APPLICATION;
use codedeploy::shapes::{
    BatchGetApplicationRevisionsInput, GenericRevisionInfo, ListApplicationRevisionsInput, RevisionInfo, RevisionInput,
};
use codedeploy::{token, values};
use serde_json::{Value, json};

use super::ControlPlane;
use crate::answering::failed;
use crate::api::page::with_token;
use crate::ports::{Clock, Ids, Listing, ReadCatalogue, ReadRequests, Records, Shelf, WriteCatalogue};
use crate::revisions::{self, Located};
use crate::use_cases::batch;

impl<P: Clock + Records + Ids + Listing + ReadCatalogue + ReadRequests + WriteCatalogue> ControlPlane<'_, P> {
    /// Registering again is accepted, and changes the description if there is one.
    pub(super) async fn register_revision(&self, body: &Value) -> Result<Value, ApiError> {
        let input: RevisionInput = call::input(body)?;
        let name = APPLICATION.read(input.application_name.as_deref())?;
        Located::read(input.revision.as_ref(), None)?;
        let most = self.settings.quotas.description;
        if input.description.as_ref().is_some_and(|text| text.chars().count() > most) {
            let message = format!("a description has at most {most} characters");
            return Err(ApiError::new(Code::DescriptionTooLongException, message));
        }
        let platform = self.application(name).await?.info.compute_platform;
        let located = Located::read(input.revision.as_ref(), platform.as_deref())?;
        if located.content.is_none() && located.digest().is_some() {
            let message = "the content is missing; a revision is registered with the AppSpec's text";
            return Err(ApiError::new(Code::InvalidRevisionException, message));
        }
        revisions::change(self.ports, name, &located, self.ports.now(), |known, _| {
            if let Some(description) = &input.description {
                known.description = Some(description.clone());
            }
        })
        .await
        .map_err(failed)?;
        Ok(json!({}))
    }

    pub(super) async fn get_revision(&self, body: &Value) -> Result<Value, ApiError> {
        let input: RevisionInput = call::input(body)?;
        let name = APPLICATION.read(input.application_name.as_deref())?;
        let located = Located::read(input.revision.as_ref(), None)?;
        self.application(name).await?;
        let Some(info) = self.revision(name, &located).await? else {
            let message = format!("this revision is not registered with {name}");
            return Err(ApiError::new(Code::RevisionDoesNotExistException, message));
        };
        Ok(json!({
            "applicationName": name,
            "revision": info.revision_location,
            "revisionInfo": info.generic_revision_info,
        }))
    }

    /// What is not registered is left out and named.
    pub(super) async fn batch_get_revisions(&self, body: &Value) -> Result<Value, ApiError> {
        let input: BatchGetApplicationRevisionsInput = call::input(body)?;
        let name = APPLICATION.read(input.application_name.as_deref())?;
        let revisions = input.revisions.unwrap_or_default();
        if revisions.is_empty() {
            return Err(ApiError::new(Code::RevisionRequiredException, "no revision is named"));
        }
        batch(revisions.len(), self.settings)?;
        let located =
            revisions.iter().map(|revision| Located::read(Some(revision), None)).collect::<Result<Vec<_>, _>>()?;
        self.application(name).await?;
        let (mut found, mut missing) = (Vec::new(), 0);
        for located in &located {
            match self.revision(name, located).await? {
                Some(info) => found.push(info),
                None => missing += 1,
            }
        }
        let said = if missing == 0 {
            String::new()
        } else {
            format!("{missing} of the revisions are not registered with {name}")
        };
        Ok(json!({"applicationName": name, "errorMessage": said, "revisions": found}))
    }

    async fn revision(&self, application: &str, located: &Located) -> Result<Option<RevisionInfo>, ApiError> {
        let Some(kept) = self.find::<RevisionInfo>(&located.key(application)).await? else { return Ok(None) };
        let content = revisions::content(self.ports, application, located.digest()).await.map_err(failed)?;
        Ok(Some(RevisionInfo { revision_location: Some(located.with_content(content)), ..kept.info }))
    }

    /// Locations only: a text is asked for by its digest.
    pub(super) async fn list_revisions(&self, body: &Value) -> Result<Value, ApiError> {
        const OPERATION: &str = "ListApplicationRevisions";
        let input: ListApplicationRevisionsInput = call::input(body)?;
        let name = APPLICATION.read(input.application_name.as_deref())?;
        let order = Order::read(&input)?;
        let after: Option<String> = token::decode(OPERATION, input.next_token.as_deref())?;
        self.application(name).await?;
        let mut rows: Vec<(String, RevisionInfo)> = self
            .ports
            .all::<RevisionInfo>(&Shelf::Revisions(name.to_owned()))
            .await
            .map_err(failed)?
            .into_iter()
            .filter(|kept| order.lists(&kept.info))
            .map(|kept| (order.rank(&kept.info), kept.info))
            .collect();
        rows.sort_by(|left, right| left.0.cmp(&right.0));
        if order.descending {
            rows.reverse();
        }
        if let Some(after) = &after {
            rows.retain(|row| if order.descending { row.0 < *after } else { row.0 > *after });
        }
        let limit = self.settings.quotas.page;
        let next = (rows.len() > limit).then(|| token::encode(OPERATION, &rows[limit - 1].0));
        let locations: Vec<_> = rows.into_iter().take(limit).map(|row| row.1.revision_location).collect();
        Ok(with_token(json!({"revisions": locations}), next))
    }
}

/// Which revisions are listed, and in what order.
struct Order<'a> {
    by: &'a str,
    descending: bool,
    bucket: Option<&'a str>,
    prefix: Option<&'a str>,
    deployed: &'a str,
}

impl<'a> Order<'a> {
    fn read(input: &'a ListApplicationRevisionsInput) -> Result<Self, ApiError> {
        let by = input.sort_by.as_deref().unwrap_or("registerTime");
        values::APPLICATION_REVISION_SORT_BY.checked(by, Code::InvalidSortByException)?;
        let order = input.sort_order.as_deref().unwrap_or("ascending");
        values::SORT_ORDER.checked(order, Code::InvalidSortOrderException)?;
        let deployed = input.deployed.as_deref().unwrap_or("ignore");
        values::LIST_STATE_FILTER_ACTION.checked(deployed, Code::InvalidDeployedStateFilterException)?;
        let (bucket, prefix) = (input.s3_bucket.as_deref(), input.s3_key_prefix.as_deref());
        if bucket.is_some_and(|bucket| bucket.is_empty() || bucket.len() > 255) {
            let message = "s3Bucket is the name of a bucket, 1 to 255 characters";
            return Err(ApiError::new(Code::InvalidBucketNameFilterException, message));
        }
        if prefix.is_some_and(|prefix| prefix.is_empty() || prefix.len() > 1_024) {
            let message = "s3KeyPrefix is the beginning of a key, 1 to 1024 characters";
            return Err(ApiError::new(Code::InvalidKeyPrefixFilterException, message));
        }
        if prefix.is_some() && bucket.is_none() {
            let message = "s3KeyPrefix needs the s3Bucket whose keys are meant";
            return Err(ApiError::new(Code::BucketNameFilterRequiredException, message));
        }
        Ok(Self { by, descending: order == "descending", bucket, prefix, deployed })
    }

    fn lists(&self, info: &RevisionInfo) -> bool {
        let s3 = info.revision_location.as_ref().and_then(|location| location.s3_location.as_ref());
        let in_bucket = |bucket: &str| s3.is_some_and(|s3| s3.bucket.as_deref() == Some(bucket));
        let under = |prefix: &str| s3.is_some_and(|s3| s3.key.as_ref().is_some_and(|key| key.starts_with(prefix)));
        let generic = info.generic_revision_info.as_ref();
        let deployed =
            generic.is_some_and(|known| known.deployment_groups.as_ref().is_some_and(|names| !names.is_empty()));
        self.bucket.is_none_or(in_bucket)
            && self.prefix.is_none_or(under)
            && match self.deployed {
                "include" => deployed,
                "exclude" => !deployed,
                _ => true,
            }
    }

    /// What sorts as the times do, and tells revisions of one moment apart. A time that never came is before all others.
    fn rank(&self, info: &RevisionInfo) -> String {
        let none = GenericRevisionInfo::default();
        let known = info.generic_revision_info.as_ref().unwrap_or(&none);
        let time = match self.by {
            "firstUsedTime" => known.first_used_time,
            "lastUsedTime" => known.last_used_time,
            _ => known.register_time,
        };
        let millisecond = time.map_or(0, |time| time.0.as_millisecond().max(0));
        let location = serde_json::to_string(&info.revision_location).unwrap_or_default();
        format!("{millisecond:020}#{}", revisions::sha256(&location))
    }
}
