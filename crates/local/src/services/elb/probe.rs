//! How targets are checked.

/// A request, and the answers to it that will do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Probe {
    pub(crate) path: String,
    /// The answers that are healthy: `200`, `200-299`, `200,302`.
    pub(crate) codes: String,
}

impl Probe {
    /// Whether an answer with this status is healthy.
    pub(crate) fn accepts(&self, status: u16) -> bool {
        self.codes.split(',').any(|range| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let (first, last) = (first.trim().parse::<u16>(), last.trim().parse::<u16>());
            first.is_ok_and(|first| last.is_ok_and(|last| (first..=last).contains(&status)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Probe;

    #[test]
    fn a_matcher_accepts_codes_and_ranges() {
        let accepts =
            |codes: &str, status: u16| Probe { path: "/".to_owned(), codes: codes.to_owned() }.accepts(status);
        assert!(accepts("200", 200));
        assert!(accepts("200-299,302", 204) && accepts("200-299,302", 302));
        assert!(!accepts("200-299,302", 301) && !accepts("", 200));
    }
}
