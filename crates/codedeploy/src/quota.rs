//! How much of everything there may be: CodeDeploy's quotas, as settings.

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
