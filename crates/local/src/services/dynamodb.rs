//! DynamoDB: moto keeps the tables, the meter counts what is read and written.

use std::sync::Arc;

use crate::call::Call;
use crate::client::Client;
use crate::meter::Meter;
use crate::service::{Answering, Service};

/// Every call of it.
pub(crate) struct DynamoDb {
    pub(crate) moto: Client,
    pub(crate) meter: Arc<Meter>,
}

impl Service for DynamoDb {
    fn claims(&self, call: &Call) -> bool {
        call.service == "dynamodb"
    }

    fn answer(&self, call: Call) -> Answering<'_> {
        Box::pin(async move {
            let before = self.meter.before(&self.moto, &call).await;
            let answer = self.moto.pass(call.request.clone()).await;
            if let Some(before) = before {
                self.meter.after(&self.moto, &call, before, &answer).await;
            }
            answer
        })
    }
}
