//! Asynchronous invocations.
//!
//! A failed delivery is tried again twice, as Lambda does with asynchronous events; the minutes between are seconds here. One
//! that is throttled is no attempt: it waits its turn, for hours if need be.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use hyper::body::Bytes;

use super::functions::Functions;
use crate::arn::FunctionRef;

/// Between two looks for a free place.
const QUEUED: Duration = Duration::from_secs(1);

/// An asynchronous invocation, with its retries.
pub(crate) async fn deliver(functions: Arc<Functions>, function: FunctionRef, payload: Bytes) {
    for pause in [1, 2, 0] {
        let outcome = loop {
            match functions.invoke(&function, payload.clone(), false).await {
                Err(refusal) if refusal.status == StatusCode::TOO_MANY_REQUESTS => tokio::time::sleep(QUEUED).await,
                outcome => break outcome,
            }
        };
        if outcome.is_ok_and(|(outcome, _)| !outcome.failed) || pause == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_secs(pause)).await;
    }
}
