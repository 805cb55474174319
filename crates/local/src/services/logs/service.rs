//! FilterLogEvents is answered from what functions printed; the rest is moto's.

use std::sync::Arc;

use super::printed::Printed;
use crate::call::Call;
use crate::client::Client;
use crate::service::{Answering, Service};

/// What was printed, to be searched.
pub(crate) struct Logs {
    pub(crate) moto: Client,
    pub(crate) printed: Arc<Printed>,
}

impl Service for Logs {
    fn claims(&self, call: &Call) -> bool {
        (call.service.as_str(), call.operation.as_str()) == ("logs", "FilterLogEvents")
    }

    fn answer(&self, call: Call) -> Answering<'_> {
        Box::pin(async move { self.printed.filter(&self.moto, &call.input).await })
    }
}
