//! What a deployment is asked to do, before anything about the world is known.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::appspec::{AppSpec, NamedStrategy, Resource};
use crate::code::RollbackEvent;
use crate::ids::{AlarmName, ApplicationName, GroupName};
use crate::service::{ServiceAddress, Waits};

/// The most alarms one deployment watches (contract section 9: the current quota of a deployment group).
pub const MAX_ALARMS: usize = 50;

/// One deployment as asked for: CreateDeployment, read once.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What to move and how.
    pub appspec: AppSpec,
    /// The configuration that the deployment itself names, beside the AppSpec.
    pub strategy: Option<NamedStrategy>,
    /// The configuration of its deployment group.
    pub group_strategy: Option<NamedStrategy>,
    /// The alarms that stop the deployment.
    pub alarms: AlarmWatch,
    /// When traffic is put back.
    pub rollback: RollbackRules,
    /// What the deployment is called.
    pub labels: Labels,
    /// The service and its listeners, where a deployment group names them.
    pub place: Option<ServiceAddress>,
    /// The waits around the traffic of a service.
    pub waits: Waits,
}

impl Request {
    /// What it wants to move, as people name it: `storefront:live`, `shop/web`.
    pub fn target(&self) -> String {
        match (&self.appspec.resource, &self.place) {
            (Resource::Alias(wanted), _) => format!("{}:{}", wanted.function, wanted.alias),
            (Resource::Service(_), Some(place)) => format!("{}/{}", place.cluster, place.service),
            (Resource::Service(_), None) => "the service".to_owned(),
        }
    }
}

/// Names that say whose deployment it is. An ad hoc deployment has none of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Labels {
    /// The CodeDeploy application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationName>,
    /// The deployment group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupName>,
    /// The group's own id, which stays when the group or its application is renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Labels {
    /// What the deployments of one group have in common: its id, or its names where no such group was known.
    pub fn group_key(&self) -> Option<String> {
        let names = || Some(format!("{}/{}", self.application.as_ref()?, self.group.as_ref()?));
        self.group_id.clone().or_else(names)
    }
}

/// The alarms a deployment watches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmWatch {
    /// Their names, each once. Empty: nothing is watched.
    pub names: BTreeSet<AlarmName>,
    /// `ignorePollAlarmFailure`: go on when an alarm cannot be read.
    #[serde(default)]
    pub ignore_poll_failure: bool,
}

impl AlarmWatch {
    /// Whether there is nothing to watch.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// When traffic is put back. Not configured means always: leaving a split behind has to be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RollbackRules(BTreeSet<RollbackEvent>);

impl RollbackRules {
    /// Traffic is put back after every one of these.
    pub fn on(events: impl IntoIterator<Item = RollbackEvent>) -> Self {
        Self(events.into_iter().collect())
    }

    /// Rollback is explicitly off.
    pub fn never() -> Self {
        Self(BTreeSet::new())
    }

    /// Whether traffic is put back after `event`.
    pub fn covers(&self, event: RollbackEvent) -> bool {
        self.0.contains(&event)
    }

    /// The events, in CodeDeploy's order.
    pub fn events(&self) -> impl Iterator<Item = RollbackEvent> + '_ {
        self.0.iter().copied()
    }
}

impl Default for RollbackRules {
    fn default() -> Self {
        Self::on(RollbackEvent::ALL)
    }
}
