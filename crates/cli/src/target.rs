//! What a target is called in the words of people.

/// What a split names: a version, or a target group, whose ARN is too long to read.
pub(crate) fn backend(id: &str) -> String {
    match id.split_once(":targetgroup/") {
        Some((_, rest)) => format!("target group {}", rest.split('/').next().unwrap_or(rest)),
        None => format!("version {id}"),
    }
}
