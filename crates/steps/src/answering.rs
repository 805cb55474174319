//! How a client is answered where a port failed.

use codedeploy::error::{ApiError, Code};

use crate::ports::PortError;

/// A port's failure as a client sees it. What may work later is throttling: every client of CodeDeploy asks again then, by
/// itself and with growing waits.
pub(crate) fn failed(error: PortError) -> ApiError {
    let code = if error.is_passing() { Code::ThrottlingException } else { Code::InternalFailure };
    ApiError::new(code, error.to_string())
}
