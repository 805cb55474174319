//! PlanDeployment: what CreateDeployment would do, and everything that speaks against it. Touches nothing.

use codedeploy::error::ApiError;
use codedeploy::shapes::CreateDeploymentInput;
use codedeploy::view::{PlanAnswer, Refusal as RefusalView};
use rollout::planner;

use super::{Ports, failed, view};
use crate::effective;
use crate::facts::{self, Sources};
use crate::ports::{
    Catalogue, FindParameters, LateWrites, Locks, ReadAlarms, ReadAlias, ReadFunctions, ReadListeners, ReadObjects,
    ReadServices, Records,
};
use crate::request::Envelope;
use crate::target_lock;
use crate::warm;

impl<S, F, O, E, A, P, W, M, C> Ports<'_, S, F, O, E, A, P, W, M, C>
where
    S: Catalogue + LateWrites + Locks + Records,
    F: ReadAlias + ReadFunctions,
    O: ReadObjects,
    E: ReadListeners + ReadServices,
    A: ReadAlarms,
    P: FindParameters,
{
    pub(crate) async fn plan(&self, asked: &CreateDeploymentInput) -> Result<PlanAnswer, ApiError> {
        let site = self.settings.site();
        let input = effective::resolve(self.store, &site, asked, None).await?;
        let request = Envelope::of(&input)?.open(self.objects, &site).await?;
        let sources = Sources {
            functions: self.functions,
            services: self.services,
            objects: self.objects,
            alarms: self.alarms,
            parameters: self.parameters,
        };
        let lock = target_lock::look(self.store, &request).await.map_err(failed)?;
        let mut facts = facts::gather(&request, self.settings, lock, &sources).await.map_err(failed)?;
        warm::recognize(self.store, &request, &mut facts).await.map_err(failed)?;
        let (plan, refusals) = planner::preview(&request, &facts);
        let notes = plan.as_ref().map(|plan| planner::notes(plan, &facts)).unwrap_or_default();
        let refusals = refusals
            .iter()
            .map(|refusal| RefusalView { code: refusal.name().to_owned(), message: refusal.to_string() })
            .collect();
        Ok(PlanAnswer { plan: plan.as_ref().map(view::plan), refusals, notes })
    }
}
