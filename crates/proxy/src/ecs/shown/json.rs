//! An answer in JSON.

use std::ops::Range;

use serde::Deserialize;

use super::seen::{EXTERNAL, Seen};

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    services: Option<Vec<Service<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Service<'a> {
    cluster_arn: Option<String>,
    service_arn: Option<String>,
    #[serde(borrow)]
    deployment_controller: Option<Controller<'a>>,
}

#[derive(Deserialize)]
struct Controller<'a> {
    /// A part of the answer itself, so that its place in it is known.
    #[serde(borrow, rename = "type")]
    kind: Option<&'a str>,
}

pub(super) fn services(answer: &[u8]) -> Result<Vec<Seen>, String> {
    let read: Answer<'_> = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
    let seen = |service: Service<'_>| {
        let kind = service.deployment_controller.and_then(|controller| controller.kind);
        let external = kind.filter(|kind| *kind == EXTERNAL).map(|kind| place(answer, kind));
        Seen { cluster: service.cluster_arn, service: service.service_arn, external }
    };
    Ok(read.services.into_iter().flatten().map(seen).collect())
}

/// Where in the answer a part of it is.
fn place(answer: &[u8], part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - answer.as_ptr().addr();
    start..start + part.len()
}

/// What stands between the quotes.
pub(super) fn word(word: &str) -> Vec<u8> {
    word.as_bytes().to_vec()
}
