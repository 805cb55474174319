//! CloudFormation: moto creates stacks, and anything may be another thing after that.

use std::sync::Arc;

use crate::call::Call;
use crate::client::Client;
use crate::memory::Memory;
use crate::service::{Answering, Service};

/// Its writes.
pub(crate) struct CloudFormation {
    pub(crate) moto: Client,
    pub(crate) memory: Arc<Memory>,
}

impl Service for CloudFormation {
    fn claims(&self, call: &Call) -> bool {
        call.service == "cloudformation" && !call.reads()
    }

    fn answer(&self, call: Call) -> Answering<'_> {
        Box::pin(async move {
            let answer = self.moto.pass(call.request).await;
            self.memory.forget();
            answer
        })
    }
}
