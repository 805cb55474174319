//! What a line means: the change of a state that people and programs are told of, in CodeDeploy's words.

use super::line::Entry;
use crate::deployment::Status;
use crate::event::LifecycleEvent;
use crate::lifecycle::EventStatus;

/// The state that a line tells of, where it is one that CodeDeploy knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Meaning {
    /// What the deployment is from then on.
    pub status: Option<Status>,
    /// What one of its lifecycle events is from then on.
    pub event: Option<(LifecycleEvent, EventStatus)>,
}

impl Entry {
    /// What it means.
    pub fn means(&self) -> Meaning {
        use LifecycleEvent::{AllowTestTraffic, AllowTraffic, Install};
        let status = |status| Meaning { status: Some(status), event: None };
        let event = |event, status| Meaning { status: None, event: Some((event, status)) };
        match self {
            // A person ends a wait in which the deployment was Ready.
            Self::Planned { .. } | Self::Continued => status(Status::InProgress),
            Self::Queued { .. } => status(Status::Queued),
            Self::NothingToDo { .. } => status(Status::Succeeded),
            Self::Ended { code: None, .. } => status(Status::Succeeded),
            Self::Ended { code: Some(code), .. } if code.stops() => status(Status::Stopped),
            Self::Ended { .. } => status(Status::Failed),
            Self::Refused { why } if why.code.stops() => status(Status::Stopped),
            Self::Refused { .. } | Self::GivenUp { .. } => status(Status::Failed),
            // Another execution goes on with what was over, or may have looked so.
            Self::Recovering { .. } => status(Status::InProgress),
            Self::WeightSet { .. } => event(AllowTraffic, EventStatus::InProgress),
            Self::TaskSetCreated { .. } | Self::TaskSetLate { .. } => event(Install, EventStatus::InProgress),
            Self::TaskSetReady { .. } => event(Install, EventStatus::Succeeded),
            Self::TestTrafficMoved => event(AllowTestTraffic, EventStatus::Succeeded),
            Self::HookAsksAgain { event: hook, .. } | Self::HookUnanswered { event: hook } => {
                event(*hook, EventStatus::InProgress)
            }
            Self::HookAnsweredTwice { event: hook, .. } => event(*hook, EventStatus::Succeeded),
            // It ends, and is in progress until it has.
            Self::Interrupted { .. } | Self::Committed | Self::TrafficSettled { .. } => status(Status::InProgress),
            // Work and findings that change neither.
            Self::Warming { .. }
            | Self::Warmed { .. }
            | Self::Cooled { .. }
            | Self::NotCooled { .. }
            | Self::NotYetWarm { .. }
            | Self::WarmthChanged { .. }
            | Self::CooledLate { .. }
            | Self::LeftoverSentHome { .. }
            | Self::PrimarySwitched { .. }
            | Self::TaskSetRemoved { .. }
            | Self::NotCleared { .. }
            | Self::TaskSetKept { .. }
            | Self::TaskSetBroughtBack { .. }
            | Self::TaskSetRefilled { .. }
            | Self::TaskSetNeededAgain { .. }
            | Self::LateWriteUndone { .. }
            | Self::Overruled { .. }
            | Self::TestOverruled { .. }
            | Self::Abandoned { .. } => Meaning::default(),
        }
    }
}
