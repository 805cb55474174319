//! What a target is called in the words of people.

/// What a split names: a version, or a target group, whose ARN is too long to read.
pub(crate) fn backend(id: &str) -> String {
    match id.split_once(":targetgroup/") {
        Some((_, rest)) => format!("target group {}", rest.split('/').next().unwrap_or(rest)),
        None => format!("version {id}"),
    }
}

/// A function's name, or an alias, alone: what was written as one word has two flags.
pub(crate) fn part(text: &str) -> Result<String, String> {
    match qualified(text) {
        Some((function, qualifier)) => Err(written_apart(function, qualifier)),
        None => Ok(text.to_owned()),
    }
}

/// A function's name or ARN, and what stands behind it.
fn qualified(text: &str) -> Option<(&str, &str)> {
    let (function, qualifier) = text.rsplit_once(':')?;
    match function.split_once(":function:") {
        Some((_, name)) => (!name.contains(':')).then_some((function, qualifier)),
        None => (!function.contains(':')).then_some((function, qualifier)),
    }
}

fn written_apart(function: &str, qualifier: &str) -> String {
    let is_version = !qualifier.is_empty() && qualifier.bytes().all(|byte| byte.is_ascii_digit());
    let flag = if is_version { "--to-version" } else { "--alias" };
    format!("write --function {function} {flag} {qualifier}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_with_its_alias_or_a_version_is_written_apart() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:storefront";
        for plain in ["storefront", arn, "123456789012:function:storefront"] {
            assert_eq!(part(plain), Ok(plain.to_owned()));
        }
        let write = |text: &str| Err(format!("write --function {text}"));
        assert_eq!(part("storefront:live"), write("storefront --alias live"));
        assert_eq!(part("storefront:7"), write("storefront --to-version 7"));
        assert_eq!(part(&format!("{arn}:live")), write(&format!("{arn} --alias live")));
        assert_eq!(part("storefront:live"), write("storefront --alias live"));
        assert_eq!(part("live"), Ok("live".to_owned()));
    }
}
