//! PlanUndo: the deployment that brings a target back to what it had before. It is one of its own, all at once: holds are for what is new,
//! but the hooks and alarms of the last one guard it as well.

use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{CreateDeploymentInput, ListInput, RawContent, RevisionLocation};
use codedeploy::view::{PlanUndoInput, TargetView, UndoView};
use rollout::appspec::Draft;
use rollout::deployment::{Creator, Status};
use rollout::undo::{Good, choose, good};

use super::describe_target::Named;
use super::{UseCases, failed};
use crate::effective;
use crate::lookup::GroupName;
use crate::ports::{
    Listing, Loaded, ReadAlias, ReadCatalogue, ReadListeners, ReadLocks, ReadObjects, ReadRequests, ReadServices,
    Records, Sequences,
};
use crate::source::Source;

/// How many deployments that succeeded are looked at together, of whatever target, and how often more of them are.
const PAGE: usize = 25;
const PAGES: usize = 16;

impl<
    P: Records
        + Listing
        + ReadAlias
        + ReadCatalogue
        + ReadListeners
        + ReadLocks
        + ReadObjects
        + ReadRequests
        + ReadServices
        + Sequences,
> UseCases<'_, P>
{
    pub(crate) async fn plan_undo(&self, input: PlanUndoInput) -> Result<UndoView, ApiError> {
        let target = self.undone(&input).await?;
        let named = Named::parse(&target)?;
        let seen = Box::pin(self.seen(&named, Vec::new())).await?;
        let live = live(&seen).ok_or_else(|| {
            let why = seen.note.as_deref().unwrap_or("nobody knows what is live there");
            invalid(format!("{target}: {why}"))
        })?;
        let wanted = input.revision.as_deref();
        let (past, good) = self.past(&named, &live, wanted).await?;
        let chosen = choose(&target, &good, &live, wanted).map_err(|no| invalid(no.to_string()))?;
        let last = past.iter().find(|loaded| loaded.deployment.creator == Creator::User && loaded.plan.is_some());
        let last =
            last.ok_or_else(|| invalid(format!("no deployment of {target} is known whose hooks could guard it")))?;
        let request =
            self.request_of_undo(last, &chosen.revision, chosen.brought_by.as_ref().map(|id| id.as_str())).await?;
        Ok(UndoView {
            target: seen.target,
            from: live,
            to: chosen.revision.clone(),
            brought_by: chosen.brought_by.as_ref().map(ToString::to_string),
            good: good.iter().map(|good| good.revision.clone()).collect(),
            request,
        })
    }

    /// The deployments of a target that succeeded, and what it was well with, newest first: as far back as is needed.
    async fn past(
        &self,
        named: &Named,
        live: &str,
        wanted: Option<&str>,
    ) -> Result<(Vec<Loaded>, Vec<Good>), ApiError> {
        let (mut past, mut next_token) = (Vec::<Loaded>::new(), None);
        for page in 1.. {
            let include_only_statuses = Some(vec![Status::Succeeded.as_str().to_owned()]);
            let asked = ListInput { include_only_statuses, next_token, ..ListInput::default() };
            let (rows, next) = self.summaries(asked, None, &[], PAGE).await?;
            past.extend(rows.into_iter().filter(|(_, row)| named.is_of(row)).map(|(loaded, _)| loaded));
            let good = good(past.iter().filter_map(|loaded| Some((&loaded.deployment, loaded.plan.as_ref()?))));
            if next.is_none() || page == PAGES || choose("", &good, live, wanted).is_ok() {
                return Ok((past, good));
            }
            next_token = next;
        }
        Ok((past, Vec::new()))
    }

    /// The target that is meant: the one that is named, or that of the group's last deployment.
    async fn undone(&self, input: &PlanUndoInput) -> Result<String, ApiError> {
        let group = GroupName::read_if_any(input.application_name.as_deref(), input.deployment_group_name.as_deref())?;
        match (&input.target, group) {
            (Some(target), None) => Ok(target.clone()),
            (None, Some(group)) => {
                let of_group = ListInput {
                    application_name: input.application_name.clone(),
                    deployment_group_name: input.deployment_group_name.clone(),
                    ..ListInput::default()
                };
                let (rows, _) = self.summaries(of_group, None, &[], 1).await?;
                let target = rows.into_iter().find_map(|(_, row)| row.target);
                target.map(|target| target.name).ok_or_else(|| {
                    invalid(format!("nothing was deployed yet in the group {} of {}", group.group, group.application))
                })
            }
            (Some(_), Some(_)) | (None, None) => Err(invalid(
                "say what goes back: a target, like storefront:live, or an application and its group".to_owned(),
            )),
        }
    }

    /// What the last deployment was asked for with, for another revision and all at once.
    async fn request_of_undo(
        &self,
        last: &Loaded,
        revision: &str,
        brought_by: Option<&str>,
    ) -> Result<CreateDeploymentInput, ApiError> {
        let platform = last.deployment.platform;
        let recorded = effective::recorded(self.ports, &last.deployment.id).await?;
        let recorded = recorded.ok_or_else(|| invalid(format!("the request of {} is gone", last.deployment.id)))?;
        let text = Source::of(recorded.revision.as_ref(), platform)?.text(self.ports).await?;
        let mut draft = Draft::of(&text).map_err(|errors| invalid(errors.to_string()))?;
        draft.go_back_to(platform, revision);
        let content = RawContent { content: Some(draft.to_text()), sha256: None };
        let of = brought_by.map(|id| format!(", which {id} had brought")).unwrap_or_default();
        let sequence_number = match last.deployment.labels.group_key() {
            Some(key) => self.ports.newest_of(&key).await.map_err(failed)?.map(|newest| newest.number),
            None => None,
        };
        Ok(CreateDeploymentInput {
            revision: Some(RevisionLocation {
                revision_type: Some("AppSpecContent".to_owned()),
                app_spec_content: Some(content),
                ..RevisionLocation::default()
            }),
            deployment_config_name: Some(platform.default_config().to_owned()),
            description: Some(format!("Goes back to {revision}{of}")),
            sequence_number,
            resolved: None,
            ..recorded
        })
    }
}

/// The revision that a target has now.
fn live(seen: &TargetView) -> Option<String> {
    let primary = seen.task_sets.iter().find(|set| set.status == "PRIMARY").map(|set| set.task_definition.clone());
    match seen.target.parts.is_service() {
        true => primary,
        false => seen.live.as_ref().map(|live| live.version.clone()),
    }
}

fn invalid(message: String) -> ApiError {
    ApiError::new(Code::InvalidTargetException, message)
}
