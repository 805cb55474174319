//! One call of a hook function.

/// The number of one call of a function, by which its log is searched. Lambda gives it, not the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallId(String);

impl CallId {
    /// The longest one.
    const LONGEST: usize = 64;

    /// Reads one; `None` for anything but hexadecimal digits and dashes.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        (plain && !text.is_empty() && text.len() <= Self::LONGEST).then(|| Self(text.to_owned()))
    }

    /// As Lambda gave it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lambdas_own_kind_of_number_is_the_number_of_a_call() {
        assert!(CallId::parse("c6af9ac6-7b61-11e6-9a41-93e8deadbeef").is_some());
        for odd in ["", "a secret", "x\ny", &"a".repeat(65)] {
            assert_eq!(CallId::parse(odd), None, "{odd}");
        }
    }
}
