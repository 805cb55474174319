//! Writes to EventBridge: what PutEvents brings is delivered; after any other, the rules may be others.

use std::sync::Arc;

use super::bus::Bus;
use super::entries::entries;
use crate::call::Call;
use crate::client::Client;
use crate::http::Answer;
use crate::memory::Memory;
use crate::service::{Answering, Service};

/// The writes.
pub(crate) struct Events {
    pub(crate) moto: Client,
    pub(crate) bus: Arc<Bus>,
    pub(crate) memory: Arc<Memory>,
}

impl Service for Events {
    fn claims(&self, call: &Call) -> bool {
        call.service == "events" && !call.reads()
    }

    fn answer(&self, call: Call) -> Answering<'_> {
        Box::pin(async move {
            if call.operation == "PutEvents" {
                return self.put(call).await;
            }
            let answer = self.moto.pass(call.request).await;
            self.memory.forget();
            answer
        })
    }
}

impl Events {
    async fn put(&self, call: Call) -> Answer {
        let entries = entries(&call.input);
        let answer = self.moto.pass(call.request).await;
        if answer.status.is_success() {
            for event in entries {
                self.bus.publish(event).await;
            }
        }
        answer
    }
}
