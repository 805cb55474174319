//! PutLifecycleEventHookExecutionStatus at the API's own door: hooks have one of their own (see [`crate::hook_status`]).

use codedeploy::error::ApiError;
use serde_json::Value;

use super::Api;
use crate::hook_status;
use crate::ports::{Clock, EndWaits, HookRuns, Journal, Records};

impl<S: HookRuns + Journal + Records, F, O, E, A, P, W: EndWaits, M, C: Clock> Api<'_, S, F, O, E, A, P, W, M, C> {
    pub(super) async fn put_hook_status(&self, body: &Value) -> Result<Value, ApiError> {
        hook_status::put(self.store, self.waits, self.clock, body).await
    }
}
