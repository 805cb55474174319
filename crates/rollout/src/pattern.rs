//! Names and ARNs with wildcards, as IAM reads them.

/// Whether a text is what the pattern says: `*` stands for any characters, `?` for one.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut read) = (0, 0);
    // The last star, and how much of the text it stands for so far: where nothing fits, it takes one character more.
    let mut star = None;
    while read < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(one) if *one == '?' || *one == text[read] => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                at = star_at + 1;
                read = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_pattern_is_matched_as_iam_does() {
        for (pattern, name, wanted) in [
            ("*", "anything", true),
            ("*", "", true),
            ("CodeDeployHook_*", "CodeDeployHook_checks", true),
            ("CodeDeployHook_*", "codedeployhook_checks", false),
            ("CodeDeployHook_*", "my-CodeDeployHook_checks", false),
            ("checks", "checks", true),
            ("checks", "checks-2", false),
            ("*-checks", "shop-checks", true),
            ("*-checks", "shop-checks-2", false),
            ("a*b*c", "abc", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c", false),
            ("ab*ba", "aba", false),
            ("shop-?", "shop-1", true),
            ("shop-?", "shop-", false),
            ("shop-?", "shop-12", false),
            ("?*-checks", "-checks", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, name), wanted, "{pattern} {name}");
        }
    }
}
