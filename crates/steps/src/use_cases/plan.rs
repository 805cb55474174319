//! PlanDeployment: what CreateDeployment would do, and everything that speaks against it. Touches nothing.

use codedeploy::error::ApiError;
use codedeploy::shapes::CreateDeploymentInput;
use codedeploy::view::{PlanAnswer, Refusal as RefusalView};
use rollout::planner;

use super::{UseCases, failed, view};
use crate::effective;
use crate::facts;
use crate::ports::{
    FindParameters, ReadAlarms, ReadAlias, ReadCatalogue, ReadConcurrency, ReadFunctions, ReadLateWrites,
    ReadListeners, ReadLocks, ReadObjects, ReadServiceFacts, ReadServices, ReadTargetGroups, Records,
};
use crate::request::Envelope;
use crate::target_lock;
use crate::warm;

impl<
    P: Records
        + FindParameters
        + ReadAlarms
        + ReadAlias
        + ReadCatalogue
        + ReadConcurrency
        + ReadFunctions
        + ReadLateWrites
        + ReadListeners
        + ReadLocks
        + ReadObjects
        + ReadServiceFacts
        + ReadServices
        + ReadTargetGroups,
> UseCases<'_, P>
{
    pub(crate) async fn plan(&self, asked: &CreateDeploymentInput) -> Result<PlanAnswer, ApiError> {
        let site = self.settings.site();
        let input = effective::resolve(self.ports, &site, asked, None).await?;
        let request = Envelope::of(&input)?.open(self.ports, &site).await?;
        let lock = target_lock::look(self.ports, &request).await.map_err(failed)?;
        let mut facts = facts::gather(&request, self.settings, lock, self.ports).await.map_err(failed)?;
        warm::recognize(self.ports, &request, &mut facts).await.map_err(failed)?;
        let (plan, refusals) = planner::preview(&request, &facts);
        let notes = plan.as_ref().map(|plan| planner::notes(plan, &facts)).unwrap_or_default();
        let refusals = refusals
            .iter()
            .map(|refusal| RefusalView { code: refusal.name().to_owned(), message: refusal.to_string() })
            .collect();
        Ok(PlanAnswer { plan: plan.as_ref().map(view::plan), refusals, notes })
    }
}
