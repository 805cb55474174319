//! The headers that go through the proxy, in either direction.

/// Those by name that say something to the other side.
const KNOWN: [&str; 6] = ["accept", "content-encoding", "content-type", "retry-after", "smithy-protocol", "user-agent"];

/// What a client signs with, for an address that is not ECS's: the proxy signs anew.
const SIGNATURE: [&str; 3] = ["x-amz-content-sha256", "x-amz-date", "x-amz-security-token"];

/// Those of the headers that go through, with names in lower case. What is about one connection stays behind, and so does what a
/// browser adds by itself.
pub(super) fn travelling<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    headers
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .filter(|(name, _)| travels(name))
        .collect()
}

fn travels(name: &str) -> bool {
    (name.starts_with("x-amz") && !SIGNATURE.contains(&name)) || KNOWN.contains(&name)
}
