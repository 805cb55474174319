//! The tags of functions, read once: a role that asks for them is asked at each call.

use std::collections::HashMap;
use std::sync::Arc;

use crate::LocalError;
use crate::arn::function_arn;
use crate::client::Client;
use crate::guarded::Guarded;
use crate::http::{Request, encoded};
use crate::memory::Forgets;

/// Keys and values.
pub(crate) type Tags = Arc<Vec<(String, String)>>;

/// What is known. What was read before something changed, and arrives after it, is not kept.
#[derive(Debug, Default)]
pub(crate) struct FunctionTags(Guarded<(u64, HashMap<String, Tags>)>);

impl Forgets for FunctionTags {
    fn forget(&self) {
        let mut known = self.0.lock();
        known.0 += 1;
        known.1.clear();
    }
}

impl FunctionTags {
    /// The tags of a function, by its name. One that is not there has none, and is looked for again.
    pub(crate) async fn of(&self, moto: &Client, function: &str) -> Result<Tags, LocalError> {
        let before = {
            let known = self.0.lock();
            if let Some(tags) = known.1.get(function) {
                return Ok(Arc::clone(tags));
            }
            known.0
        };
        let found = moto.lambda_get(&format!("/2017-03-31/tags/{}", encoded(&function_arn(function)))).await?;
        let tags = found["Tags"].as_object().into_iter().flatten();
        let tags = tags.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
        let tags: Tags = Arc::new(tags.collect());
        let mut known = self.0.lock();
        if known.0 == before {
            known.1.insert(function.to_owned(), Arc::clone(&tags));
        }
        Ok(tags)
    }
}

/// Whether a request to Lambda may change the tags of a function.
pub(super) fn may_change(request: &Request) -> bool {
    let makes = request.method == http::Method::POST && request.path.trim_end_matches('/').ends_with("/functions");
    makes || request.method != http::Method::GET && request.path.contains("/tags/")
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::*;

    #[test]
    fn tags_are_read_again_after_a_function_was_made_or_tagged() {
        let request = |method: Method, path: &str| {
            let (path, query) = (path.to_owned(), String::new());
            Request { method, path, query, headers: HeaderMap::new(), body: Vec::new().into() }
        };
        for (method, path, expected) in [
            (Method::POST, "/2015-03-31/functions", true),
            (Method::POST, "/2015-03-31/functions/", true),
            (Method::POST, "/2017-03-31/tags/arn", true),
            (Method::DELETE, "/2017-03-31/tags/arn", true),
            (Method::GET, "/2017-03-31/tags/arn", false),
            (Method::POST, "/2015-03-31/functions/hello/invocations", false),
            (Method::PUT, "/2015-03-31/functions/hello/aliases/live", false),
        ] {
            assert_eq!(may_change(&request(method.clone(), path)), expected, "{method} {path}");
        }
    }
}
