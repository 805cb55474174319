//! What each request becomes: refused by IAM, spoilt by a fault, answered by the service that claims it, or by moto.

use std::sync::Arc;
use std::time::Duration;

use super::own::Own;
use crate::call::Call;
use crate::client::Client;
use crate::faults::{Fault, Faults, throttled};
use crate::http::{Answer, Handler, Request};
use crate::service::Service;
use crate::services::elb::Listeners;
use crate::services::iam::Guard;
use crate::services::lambda::Host;

/// Everything that requests come to.
pub(crate) struct Router {
    pub(crate) own: Own,
    pub(crate) listeners: Arc<Listeners>,
    /// Whose process a caller is.
    pub(crate) host: Arc<Host>,
    pub(crate) guard: Guard,
    pub(crate) faults: Arc<Faults>,
    /// Who may claim a request. What nobody claims is moto's.
    pub(crate) table: Vec<Arc<dyn Service>>,
    pub(crate) moto: Client,
}

impl Handler for Router {
    async fn handle(self: Arc<Self>, request: Request) -> Option<Answer> {
        // In a task of its own: a caller that is killed must not leave a write half made.
        tokio::spawn(self.answer(request)).await.ok().flatten()
    }
}

impl Router {
    async fn answer(self: Arc<Self>, request: Request) -> Option<Answer> {
        if let Some(address) = request.path.strip_prefix("/_tideshift/elb/").map(ToOwned::to_owned) {
            return Some(self.listeners.balance(request, &address).await);
        }
        if request.path.starts_with("/_tideshift/") {
            return Some(self.own.answer(&request).await);
        }
        let mut call = Call::read(request);
        call.caller = call.access_key().and_then(|key| self.host.caller(key));
        let wire = call.wire;
        let answer = self.checked(call).await?;
        Some(wire.dress(answer))
    }

    /// IAM and faults, around the service's own answer.
    async fn checked(&self, call: Call) -> Option<Answer> {
        if let Some(refusal) = self.guard.refusal(&call).await {
            return Some(refusal);
        }
        let (rule, fault) = self.faults.decide(&call).unzip();
        match &fault {
            Some(Fault::Refuse { status, code, message }) => {
                return Some(Answer::refused(&call.service, *status, code, message));
            }
            Some(Fault::Throttle) => return Some(throttled(&call.service)),
            Some(Fault::Delay(milliseconds)) => tokio::time::sleep(Duration::from_millis(*milliseconds)).await,
            Some(Fault::Hold) => self.faults.released(rule.unwrap_or_default()).await,
            Some(Fault::KillCallerBefore) => {
                call.caller.iter().for_each(|caller| self.host.kill(caller));
                return None;
            }
            Some(Fault::ApplyThenDrop | Fault::KillCallerAfter) | None => {}
        }
        let caller = call.caller.clone();
        let answer = self.served(call).await;
        match fault {
            Some(Fault::ApplyThenDrop) => None,
            Some(Fault::KillCallerAfter) => {
                caller.iter().for_each(|caller| self.host.kill(caller));
                None
            }
            _ => Some(answer),
        }
    }

    async fn served(&self, call: Call) -> Answer {
        match self.table.iter().find(|service| service.claims(&call)) {
            Some(service) => service.answer(call).await,
            None => self.moto.pass(call.request).await,
        }
    }
}
