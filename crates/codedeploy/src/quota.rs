//! How much of everything there may be: CodeDeploy's quotas (docs/codedeploy-contract.md 9, 15), as settings.

use std::str::FromStr;

/// Quotas. The defaults are the hosted service's current ones, or the higher where its sources disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotas {
    /// Applications.
    pub applications: usize,
    /// Deployment groups of one application.
    pub groups: usize,
    /// Custom deployment configurations.
    pub configs: usize,
    /// Alarms of one group.
    pub alarms: usize,
    /// Triggers of one group.
    pub triggers: usize,
    /// Auto Scaling groups of one group.
    pub auto_scaling_groups: usize,
    /// Tags in one list of tag filters.
    pub tag_filters: usize,
    /// Lists of tag filters in a tag set.
    pub tag_sets: usize,
    /// Tags of one on-premises instance.
    pub instance_tags: usize,
    /// Tags of one application or group.
    pub tags: usize,
    /// Names in one batch call.
    pub batch: usize,
    /// Names on a page of a listing.
    pub page: usize,
    /// Characters of a description.
    pub description: usize,
    /// Minutes from the first to the last shift of traffic.
    pub shift_minutes: i64,
    /// Minutes an ECS deployment may wait before traffic moves.
    pub ready_minutes: i64,
    /// Minutes the old tasks or instances may be kept after traffic has moved.
    pub termination_minutes: i64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            applications: 1_000,
            groups: 1_000,
            configs: 50,
            alarms: 50,
            triggers: 10,
            auto_scaling_groups: 10,
            tag_filters: 10,
            tag_sets: 3,
            instance_tags: 10,
            tags: 50,
            batch: 100,
            page: 100,
            description: 1_000,
            shift_minutes: 2_880,
            ready_minutes: 7_200,
            termination_minutes: 2_880,
        }
    }
}

/// A quota that a stack may set. What a page or a batch holds is none of them: clients are written against that.
struct Setting {
    name: &'static str,
    /// The highest value; the lowest is 0, of which there may be none.
    most: u16,
    set: fn(&mut Quotas, u16),
}

/// The highest number of what is counted by reading its names, which must come to an end within one call of the API.
const COUNTED: u16 = 10_000;

const SETTINGS: [Setting; 13] = [
    Setting { name: "applications", most: COUNTED, set: |quotas, to| quotas.applications = to.into() },
    Setting { name: "groups", most: COUNTED, set: |quotas, to| quotas.groups = to.into() },
    Setting { name: "configs", most: COUNTED, set: |quotas, to| quotas.configs = to.into() },
    // A deployment watches at most 50.
    Setting { name: "alarms", most: 50, set: |quotas, to| quotas.alarms = to.into() },
    Setting { name: "triggers", most: 100, set: |quotas, to| quotas.triggers = to.into() },
    Setting { name: "autoScalingGroups", most: 100, set: |quotas, to| quotas.auto_scaling_groups = to.into() },
    Setting { name: "tagFilters", most: 100, set: |quotas, to| quotas.tag_filters = to.into() },
    Setting { name: "tagSets", most: 100, set: |quotas, to| quotas.tag_sets = to.into() },
    Setting { name: "instanceTags", most: 100, set: |quotas, to| quotas.instance_tags = to.into() },
    Setting { name: "tags", most: 100, set: |quotas, to| quotas.tags = to.into() },
    // The longest any deployment may take to move its traffic.
    Setting { name: "shiftMinutes", most: 2_880, set: |quotas, to| quotas.shift_minutes = to.into() },
    Setting { name: "readyMinutes", most: 7_200, set: |quotas, to| quotas.ready_minutes = to.into() },
    Setting { name: "terminationMinutes", most: 2_880, set: |quotas, to| quotas.termination_minutes = to.into() },
];

impl Quotas {
    /// The names of those that a stack may set.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SETTINGS.iter().map(|setting| setting.name)
    }
}

/// Why quotas cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuotaError {
    /// A part is not a name and a number.
    #[error("`{0}` is no quota: write name=number, separated by commas, as in applications=1000,groups=2000")]
    Shape(String),
    /// Nothing is called so.
    #[error("there is no quota {name}: write one of {}", Quotas::names().collect::<Vec<_>>().join(", "))]
    Unknown {
        /// What was written.
        name: String,
    },
    /// A number is missing, or higher than what can be kept.
    #[error("{name}={value}: write a whole number from 0 to {most}")]
    Number {
        /// The quota.
        name: &'static str,
        /// What was written.
        value: String,
        /// The highest it may be.
        most: u16,
    },
    /// Which of two numbers is meant?
    #[error("the quota {0} is set twice: leave one out")]
    Twice(&'static str),
}

impl FromStr for Quotas {
    type Err = QuotaError;

    /// The defaults, with what `applications=1000,groups=2000` says in their place. An empty text says nothing.
    fn from_str(text: &str) -> Result<Self, QuotaError> {
        let mut quotas = Self::default();
        let mut seen = Vec::new();
        if text.trim().is_empty() {
            return Ok(quotas);
        }
        for part in text.split(',').map(str::trim) {
            let (name, value) = part.split_once('=').ok_or_else(|| QuotaError::Shape(part.to_owned()))?;
            let (name, value) = (name.trim(), value.trim());
            let Setting { name, most, set } = SETTINGS
                .iter()
                .find(|setting| setting.name == name)
                .ok_or_else(|| QuotaError::Unknown { name: name.to_owned() })?;
            let to = value.parse().ok().filter(|to| to <= most);
            let to = to.ok_or_else(|| QuotaError::Number { name, value: value.to_owned(), most: *most })?;
            if seen.contains(name) {
                return Err(QuotaError::Twice(name));
            }
            seen.push(*name);
            set(&mut quotas, to);
        }
        Ok(quotas)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_stays_as_it_is() {
        let base = Quotas::default;
        for (text, expected) in [
            ("", base()),
            ("  ", base()),
            ("applications=7", Quotas { applications: 7, ..base() }),
            ("groups=2000,alarms=50", Quotas { groups: 2_000, alarms: 50, ..base() }),
            (" configs = 0 , tags=1 ", Quotas { configs: 0, tags: 1, ..base() }),
            ("applications=10000", Quotas { applications: 10_000, ..base() }),
            ("shiftMinutes=60,readyMinutes=5", Quotas { shift_minutes: 60, ready_minutes: 5, ..base() }),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn every_quota_sets_its_own_number() {
        let mut seen = vec![Quotas::default()];
        for name in Quotas::names() {
            let set: Quotas = format!("{name}=2").parse().unwrap();
            assert!(!seen.contains(&set), "{name} sets what another sets");
            seen.push(set);
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_what_to_write() {
        let known = Quotas::names().collect::<Vec<_>>().join(", ");
        for (text, expected) in [
            (
                "applications",
                "`applications` is no quota: write name=number, separated by commas, as in applications=1000,groups=2000"
                    .to_owned(),
            ),
            (
                "tags=1,",
                "`` is no quota: write name=number, separated by commas, as in applications=1000,groups=2000".to_owned(),
            ),
            ("apps=1", format!("there is no quota apps: write one of {known}")),
            ("page=1", format!("there is no quota page: write one of {known}")),
            ("Tags=1", format!("there is no quota Tags: write one of {known}")),
            ("groups=many", "groups=many: write a whole number from 0 to 10000".to_owned()),
            ("groups=", "groups=: write a whole number from 0 to 10000".to_owned()),
            ("groups=-1", "groups=-1: write a whole number from 0 to 10000".to_owned()),
            ("groups=10001", "groups=10001: write a whole number from 0 to 10000".to_owned()),
            ("groups=99999999999999999999", "groups=99999999999999999999: write a whole number from 0 to 10000".to_owned()),
            ("alarms=51", "alarms=51: write a whole number from 0 to 50".to_owned()),
            ("tags=1,groups=2,tags=1", "the quota tags is set twice: leave one out".to_owned()),
        ] {
            let error = text.parse::<Quotas>().unwrap_err();
            assert_eq!(error.to_string(), expected, "{text}");
        }
    }
}
