//! The world as the table: every write on top of the version it was made for.

use jiff::Timestamp;
use rollout::admission::Newest;
use rollout::deployment::Deployment;
use rollout::event::LifecycleEvent;
use rollout::ids::{AlarmName, DeploymentId, HookExecutionId};
use rollout::journal::{Line, in_order};
use rollout::plan::Plan;
use rollout::queue::Place;
use rollout::routing::Routing;
use serde_json::Value;
use steps::ports::{
    ExpectLateWrites, Filter, ForgetLateWrites, HookRun, HookRuns, Journal, Listing, Loaded, Lock, Locks, PortError,
    Queues, ReadLateWrites, ReadLocks, ReadQueues, ReadRequests, Records, Row, Sequences, TaskToken, WaitFor, Watches,
};

use crate::world::World;

impl Records for World {
    async fn load(&self, id: &DeploymentId) -> Result<Option<Loaded>, PortError> {
        self.call("load", |state, _| Ok(state.table.loaded(id))).await
    }

    async fn create(&self, deployment: &Deployment, request: &Value) -> Result<(), PortError> {
        self.call("create", |state, _| {
            if state.table.records.get(&deployment.id).is_some_and(|taken| taken != deployment) {
                return Err(PortError::Conflict(format!("{} is taken", deployment.id)));
            }
            state.table.records.insert(deployment.id.clone(), deployment.clone());
            state.table.requests.insert(deployment.id.clone(), request.clone());
            Ok(())
        })
        .await
    }

    async fn save(&self, deployment: &mut Deployment) -> Result<(), PortError> {
        let before = deployment.version;
        deployment.version = before + 1;
        self.call("save", |state, _| match state.table.records.get_mut(&deployment.id) {
            Some(kept) if kept.version == before => {
                kept.clone_from(deployment);
                Ok(())
            }
            _ => Err(PortError::Conflict(format!("{} is not at version {before}", deployment.id))),
        })
        .await
    }

    async fn keep_plan(&self, id: &DeploymentId, plan: &Plan) -> Result<(), PortError> {
        self.call("keep_plan", |state, _| {
            if state.table.plans.contains_key(id) {
                return Err(PortError::Conflict(format!("{id} has a plan")));
            }
            state.table.plans.insert(id.clone(), plan.clone());
            Ok(())
        })
        .await
    }

    async fn keep_token(
        &self,
        id: &DeploymentId,
        wait: WaitFor,
        token: &TaskToken,
        _until: Timestamp,
    ) -> Result<(), PortError> {
        self.call("keep_token", |state, _| {
            state.table.tokens.entry(id.clone()).or_default().insert(wait, token.clone());
            Ok(())
        })
        .await
    }
}

impl ReadRequests for World {
    async fn request(&self, id: &DeploymentId) -> Result<Option<Value>, PortError> {
        self.call("request", |state, _| Ok(state.table.requests.get(id).cloned())).await
    }
}

impl Listing for World {
    async fn newest(&self, filter: &Filter, limit: usize) -> Result<Vec<Row>, PortError> {
        self.call("newest", |state, _| {
            let listed = |deployment: &&Deployment| {
                filter.statuses.contains(&deployment.phase.status())
                    && (filter.group.is_none() || filter.group == deployment.labels.group_key())
                    && filter.before.is_none_or(|before| deployment.created < before)
                    && filter.after.is_none_or(|after| deployment.created > after)
            };
            let mut found: Vec<_> = state
                .table
                .records
                .values()
                .filter(listed)
                .map(|deployment| (deployment.created, deployment.id.clone()))
                .filter(|row| filter.below.as_ref().is_none_or(|below| row < below))
                .collect();
            found.sort_by(|left, right| right.cmp(left));
            found.truncate(limit);
            Ok(found)
        })
        .await
    }
}

impl Journal for World {
    async fn append(&self, id: &DeploymentId, line: &Line) -> Result<(), PortError> {
        self.call("append", |state, now| {
            let lines = state.table.journals.entry(id.clone()).or_default();
            if lines.iter().all(|told| told.key() != line.key()) {
                lines.push(line.clone());
                state.log.push((now, format!("{id}: {}", line.entry)));
            }
            Ok(())
        })
        .await
    }

    async fn lines(&self, id: &DeploymentId) -> Result<Vec<Line>, PortError> {
        self.call("lines", |state, _| Ok(in_order(state.table.journals.get(id).cloned().unwrap_or_default()))).await
    }
}

impl ReadLocks for World {
    async fn read_lock(&self, key: &str) -> Result<Lock, PortError> {
        self.call("read_lock", |state, _| Ok(state.table.locks.get(key).cloned().unwrap_or_default())).await
    }
}

impl Locks for World {
    async fn lock(&self, key: &str, owner: &DeploymentId, from: Option<&DeploymentId>) -> Result<(), PortError> {
        self.call("lock", |state, _| {
            let lock = state.table.locks.entry(key.to_owned()).or_default();
            match &lock.owner {
                Some(other) if other != owner && Some(other) != from => {
                    Err(PortError::Conflict(format!("{key} is held by {other}")))
                }
                _ => {
                    lock.owner = Some(owner.clone());
                    Ok(())
                }
            }
        })
        .await
    }

    async fn unlock(&self, key: &str, owner: &DeploymentId, leftover: Option<&Routing>) -> Result<(), PortError> {
        self.call("unlock", |state, _| {
            let lock = state.table.locks.entry(key.to_owned()).or_default();
            if lock.owner.as_ref() == Some(owner) {
                *lock = Lock { owner: None, leftover: leftover.cloned() };
            }
            Ok(())
        })
        .await
    }
}

impl ReadQueues for World {
    async fn queue(&self, group: &str) -> Result<Vec<Place>, PortError> {
        self.call("queue", |state, _| Ok(state.table.queues.get(group).into_iter().flatten().cloned().collect())).await
    }
}

impl Queues for World {
    async fn join(&self, group: &str, place: &Place) -> Result<(), PortError> {
        self.call("join", |state, _| {
            state.table.queues.entry(group.to_owned()).or_default().insert(place.clone());
            Ok(())
        })
        .await
    }

    async fn quit(&self, group: &str, place: &Place) -> Result<(), PortError> {
        self.call("quit", |state, _| {
            state.table.queues.entry(group.to_owned()).or_default().remove(place);
            Ok(())
        })
        .await
    }
}

impl Sequences for World {
    async fn newest_of(&self, group: &str) -> Result<Option<Newest>, PortError> {
        self.call("newest_of", |state, _| Ok(state.table.newest.get(group).cloned())).await
    }

    async fn came(&self, group: &str, newest: &Newest) -> Result<(), PortError> {
        self.call("came", |state, _| match state.table.newest.get(group) {
            Some(other) if other.number > newest.number => {
                Err(PortError::Conflict(format!("{} of {group} is newer", other.id)))
            }
            _ => {
                state.table.newest.insert(group.to_owned(), newest.clone());
                Ok(())
            }
        })
        .await
    }
}

impl Watches for World {
    async fn watch(&self, alarm: &AlarmName, id: &DeploymentId, _until: Timestamp) -> Result<(), PortError> {
        self.call("watch", |state, _| {
            state.table.watches.insert((alarm.clone(), id.clone()));
            Ok(())
        })
        .await
    }

    async fn unwatch(&self, alarm: &AlarmName, id: &DeploymentId) -> Result<(), PortError> {
        self.call("unwatch", |state, _| {
            state.table.watches.remove(&(alarm.clone(), id.clone()));
            Ok(())
        })
        .await
    }

    async fn watchers(&self, alarm: &AlarmName) -> Result<Vec<DeploymentId>, PortError> {
        self.call("watchers", |state, _| {
            let watching = state.table.watches.iter().filter(|watch| watch.0 == *alarm);
            Ok(watching.map(|watch| watch.1.clone()).collect())
        })
        .await
    }
}

impl ExpectLateWrites for World {
    async fn expect_late(&self, id: &DeploymentId, _until: Timestamp) -> Result<(), PortError> {
        self.call("expect_late", |state, _| {
            state.table.late.insert(id.clone());
            Ok(())
        })
        .await
    }
}

impl ReadLateWrites for World {
    async fn expected_late(&self) -> Result<Vec<DeploymentId>, PortError> {
        self.call("expected_late", |state, _| Ok(state.table.late.iter().cloned().collect())).await
    }
}

impl ForgetLateWrites for World {
    async fn forget_late(&self, id: &DeploymentId) -> Result<(), PortError> {
        self.call("forget_late", |state, _| {
            state.table.late.remove(id);
            Ok(())
        })
        .await
    }
}

impl HookRuns for World {
    async fn keep_run(&self, run: &HookRun) -> Result<(), PortError> {
        self.call("keep_run", |state, _| {
            state.table.runs.insert(run.id.clone(), run.clone());
            Ok(())
        })
        .await
    }

    async fn find_run(&self, id: &HookExecutionId) -> Result<Option<HookRun>, PortError> {
        self.call("find_run", |state, _| Ok(state.table.runs.get(id).cloned())).await
    }

    async fn keep_details(
        &self,
        id: &DeploymentId,
        event: LifecycleEvent,
        details: Option<&Value>,
    ) -> Result<(), PortError> {
        self.call("keep_details", |state, _| {
            if let Some(details) = details {
                state.table.details.insert((id.clone(), event), details.clone());
            }
            Ok(())
        })
        .await
    }

    async fn details(&self, id: &DeploymentId, event: LifecycleEvent) -> Result<Option<Value>, PortError> {
        self.call("details", |state, _| Ok(state.table.details.get(&(id.clone(), event)).cloned())).await
    }
}
