//! Writes to IAM: roles may be others after that.

use std::sync::Arc;

use crate::call::Call;
use crate::client::Client;
use crate::memory::Memory;
use crate::service::{Answering, Service};

/// The writes.
pub(crate) struct Iam {
    pub(crate) moto: Client,
    pub(crate) memory: Arc<Memory>,
}

impl Service for Iam {
    fn claims(&self, call: &Call) -> bool {
        call.service == "iam" && !call.reads()
    }

    fn answer(&self, call: Call) -> Answering<'_> {
        Box::pin(async move {
            let answer = self.moto.pass(call.request).await;
            self.memory.forget();
            answer
        })
    }
}
