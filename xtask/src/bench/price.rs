//! What AWS charges for a deployment, by its list prices.

/// Prices of us-east-1 in US dollars, as published in November 2025. Free tiers are left out.
mod list {
    /// Step Functions, standard workflows: a state transition.
    pub(super) const TRANSITION: f64 = 0.025 / 1e3;
    /// Lambda on x86: a request.
    pub(super) const REQUEST: f64 = 0.20 / 1e6;
    /// Lambda on x86: a GB-second.
    pub(super) const GB_SECOND: f64 = 0.000_016_666_7;
    /// DynamoDB on demand: a write unit.
    pub(super) const WRITE_UNIT: f64 = 0.625 / 1e6;
    /// DynamoDB on demand: a read unit.
    pub(super) const READ_UNIT: f64 = 0.125 / 1e6;
}

/// What a deployment has used.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Used {
    pub(super) transitions: f64,
    pub(super) requests: f64,
    pub(super) gb_seconds: f64,
    pub(super) write_units: f64,
    pub(super) read_units: f64,
}

impl Used {
    /// Its price in US dollars.
    pub(super) fn usd(self) -> f64 {
        self.transitions * list::TRANSITION
            + self.requests * list::REQUEST
            + self.gb_seconds * list::GB_SECOND
            + self.write_units * list::WRITE_UNIT
            + self.read_units * list::READ_UNIT
    }
}

/// The GB-seconds that a function's log says were billed.
pub(super) fn billed(log: &str) -> f64 {
    log.lines().filter(|line| line.starts_with("REPORT ")).filter_map(report).sum()
}

fn report(line: &str) -> Option<f64> {
    let field = |name: &str| {
        line.split('\t').find_map(|field| field.strip_prefix(name))?.split(' ').next()?.parse::<f64>().ok()
    };
    Some(field("Billed Duration: ")? / 1e3 * field("Memory Size: ")? / 1_024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_of_everything_costs_what_the_lists_say() {
        let million = 1e6;
        let used = Used {
            transitions: million,
            requests: million,
            gb_seconds: 0.0,
            write_units: million,
            read_units: million,
        };
        assert_eq!((used.usd() * 1e3).round() / 1e3, 25.0 + 0.2 + 0.625 + 0.125);
    }

    #[test]
    fn billed_time_is_read_from_the_reports_of_a_log() {
        let log = "START RequestId: 1 Version: $LATEST\n{\"message\":\"moved\"}\n\
                   REPORT RequestId: 1\tDuration: 99.2 ms\tBilled Duration: 100 ms\tMemory Size: 256 MB\tMax Memory Used: 20 MB\n\
                   REPORT RequestId: 2\tDuration: 300 ms\tBilled Duration: 300 ms\tMemory Size: 256 MB\tMax Memory Used: 20 MB\n";
        assert_eq!(billed(log), 0.1);
    }
}
