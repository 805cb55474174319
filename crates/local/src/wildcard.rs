//! `*` and `?` in patterns, as IAM and load balancers have them.
//!
//! The core has the same rule (`rollout::pattern`), and they are two on purpose: a mistake in one must not hide behind the other.

/// Whether `text` is what the pattern says: `*` is anything, `?` is one byte.
pub(crate) fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    p = at + 1;
                    t = from + 1;
                    star = Some((at, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::wildcard;

    #[test]
    fn wildcards_match_as_iam_does() {
        for (pattern, text, does) in [
            ("*", "", true),
            ("lambda:Get*", "lambda:GetAlias", true),
            ("lambda:Get*", "lambda:UpdateAlias", false),
            ("arn:*:function:CodeDeployHook_*", "arn:aws:lambda:r:1:function:CodeDeployHook_a", true),
            ("arn:*:function:CodeDeployHook_*", "arn:aws:lambda:r:1:function:other", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a*b*c", "a-b-b-c", true),
            ("table/x", "table/x/index/y", false),
        ] {
            assert_eq!(wildcard(pattern, text), does, "{pattern} on {text}");
        }
    }
}
