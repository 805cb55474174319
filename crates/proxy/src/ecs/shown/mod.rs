//! What an answer to DescribeServices shows as a service's deployment controller: where it says `EXTERNAL`, and the same answer
//! with another word there. All other bytes stay what they were, whatever ECS will have to say one day.

mod cbor;
mod json;
mod seen;
#[cfg(test)]
mod tests;

use std::ops::Range;

use codedeploy::protocol::Protocol;

use crate::call::Unreached;

use seen::Seen;

/// What clients go by.
const CODE_DEPLOY: &str = "CODE_DEPLOY";

/// A service with the controller `EXTERNAL`, as an answer has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct External {
    /// The cluster's ARN.
    pub(super) cluster: String,
    /// The service's ARN.
    pub(super) service: String,
    /// Where the answer says `EXTERNAL`, in bytes.
    pub(super) at: Range<usize>,
}

/// The services of an answer whose controller is `EXTERNAL`, in their order.
pub(super) fn external(protocol: Protocol, answer: &[u8]) -> Result<Vec<External>, Unreached> {
    let seen = match protocol {
        Protocol::Json => json::services(answer),
        Protocol::Cbor => cbor::services(answer),
    };
    let seen = seen.map_err(|why| unreadable(&why))?.into_iter();
    let external = seen.filter_map(|Seen { cluster, service, external }| Some((cluster, service, external?)));
    external
        .map(|(cluster, service, at)| match (cluster, service) {
            (Some(cluster), Some(service)) => Ok(External { cluster, service, at }),
            _ => Err(unreadable("a service has no ARN, or no cluster's")),
        })
        .collect()
}

/// The answer with these services shown as CodeDeploy's. They are in its order.
pub(super) fn by_code_deploy(protocol: Protocol, answer: &[u8], services: &[External]) -> Vec<u8> {
    let word = match protocol {
        Protocol::Json => json::word(CODE_DEPLOY),
        Protocol::Cbor => cbor::word(CODE_DEPLOY),
    };
    let mut changed = Vec::with_capacity(answer.len() + word.len() * services.len());
    let mut kept = 0;
    for External { at, .. } in services {
        changed.extend_from_slice(&answer[kept..at.start]);
        changed.extend_from_slice(&word);
        kept = at.end;
    }
    changed.extend_from_slice(&answer[kept..]);
    changed
}

fn unreadable(why: &str) -> Unreached {
    let message = format!("what ECS answers to DescribeServices cannot be read by this version of tideshift: {why}");
    Unreached::new(500, "InternalFailure", message)
}
