//! PlanDeployment: what CreateDeployment would do, and everything that speaks against it. Touches nothing.

use codedeploy::error::ApiError;
use codedeploy::shapes::CreateDeploymentInput;
use codedeploy::unknown::{self, Unknown};
use codedeploy::view::{PlanAnswer, Refusal as RefusalView};
use rollout::planner;
use serde_json::{Value, json};

use super::{Api, failed, view};
use crate::effective;
use crate::facts::{self, Sources};
use crate::ports::{
    Catalogue, FindParameters, LateWrites, Locks, ReadAlarms, ReadAlias, ReadFunctions, ReadListeners, ReadObjects,
    ReadServices, Records,
};
use crate::request::Envelope;
use crate::target_lock;
use crate::warm;

impl<S, F, O, E, A, P, W, M, C> Api<'_, S, F, O, E, A, P, W, M, C>
where
    S: Catalogue + LateWrites + Locks + Records,
    F: ReadAlias + ReadFunctions,
    O: ReadObjects,
    E: ReadListeners + ReadServices,
    A: ReadAlarms,
    P: FindParameters,
{
    pub(super) async fn plan(&self, body: &Value) -> Result<Value, ApiError> {
        let unknown = unknown::members::<CreateDeploymentInput>(body);
        self.planned(body, &unknown).await.map_err(|error| unknown::told(error, &unknown))
    }

    async fn planned(&self, body: &Value, unknown: &[Unknown]) -> Result<Value, ApiError> {
        let site = self.settings.site();
        let input = effective::resolve(self.store, &site, &effective::asked(body)?, None).await?;
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
        // A deployment with them is accepted, as AWS does it: here is where one learns of a member that does nothing.
        let ignored = unknown.iter().map(|unknown| format!("ignored: {unknown}"));
        let noted = plan.as_ref().map(|plan| planner::notes(plan, &facts)).unwrap_or_default();
        let notes: Vec<String> = ignored.chain(noted).collect();
        let refusals = refusals
            .iter()
            .map(|refusal| RefusalView { code: refusal.name().to_owned(), message: refusal.to_string() })
            .collect();
        Ok(json!(PlanAnswer { plan: plan.as_ref().map(view::plan), refusals, notes }))
    }
}
