//! The world as Lambda.

use std::cell::Cell;

use jiff::SignedDuration;
use rollout::facts::VersionFacts;
use rollout::hooks::CallId;
use rollout::ids::{AliasName, FunctionName, HookFunction, Version};
use rollout::routing::Routing;
use rollout::warm::{Asked, Heat, Warm, Warmth};
use serde_json::Value;
use steps::ports::{
    Alias, CallHook, Called, Calling, CoolVersions, Pointing, PortError, ReadAlias, ReadConcurrency, ReadFunctions,
    Revision, WarmVersions, WriteAlias,
};

use crate::state::Write;
use crate::state::functions::Provisioned;
use crate::world::World;

impl ReadAlias for World {
    async fn alias(&self, function: &FunctionName, alias: &AliasName) -> Result<Option<Alias>, PortError> {
        self.call("alias", |state, _| {
            let found =
                state.functions.get(function.as_str()).and_then(|function| function.aliases.get(alias.as_str()));
            Ok(found.map(|(pointing, revision)| Alias {
                pointing: pointing.clone(),
                revision: Revision(revision.to_string()),
            }))
        })
        .await
    }
}

impl WriteAlias for World {
    async fn point(
        &self,
        function: &FunctionName,
        alias: &AliasName,
        to: &Routing,
        revision: &Revision,
    ) -> Result<Revision, PortError> {
        self.call("point", |state, now| {
            let next = state.next_revision();
            let missing = || PortError::Missing(format!("{function}:{alias}"));
            let owner = state.functions.get_mut(function.as_str()).ok_or_else(missing)?;
            let (pointing, at) = owner.aliases.get_mut(alias.as_str()).ok_or_else(missing)?;
            if at.to_string() != revision.0 {
                return Err(PortError::Conflict(format!("{function}:{alias} is at revision {at}")));
            }
            if let Some(version) = to.versions().find(|version| !owner.versions.contains_key(version)) {
                return Err(PortError::Missing(format!("{function}:{version}")));
            }
            (*pointing, *at) = (Pointing::At(to.clone()), next);
            let alias = format!("{function}:{alias}");
            state.log.push((now, format!("{alias} is pointed at {to}")));
            state.writes.push(Write { at: now, alias, to: Some(Pointing::At(to.clone())), ours: true });
            Ok(Revision(next.to_string()))
        })
        .await
    }
}

impl ReadFunctions for World {
    async fn version(&self, function: &FunctionName, version: Version) -> Result<VersionFacts, PortError> {
        self.call("version", |state, _| {
            let found = state.functions.get(function.as_str()).and_then(|function| function.versions.get(&version));
            Ok(found.cloned().unwrap_or(VersionFacts::Missing))
        })
        .await
    }

    async fn exists(&self, function: &str) -> Result<bool, PortError> {
        self.call("exists", |state, _| Ok(state.functions.contains_key(function))).await
    }
}

/// How long Lambda takes to make a version warm.
const WARMING: SignedDuration = SignedDuration::from_secs(70);

impl WarmVersions for World {
    async fn warm(&self, function: &FunctionName, version: Version, warm: Warm) -> Result<Asked, PortError> {
        self.call("warm", |state, now| {
            if let Some(refusal) = &state.refuses_warmth {
                return Ok(Asked::Refused(refusal.clone()));
            }
            let owner = state.functions.get_mut(function.as_str());
            let owner = owner.ok_or_else(|| PortError::Missing(format!("{function}:{version}")))?;
            let fresh = Provisioned { requested: warm.concurrency, since: Some(now) };
            let provisioned = owner.provisioned.entry(version.to_string()).or_insert(fresh);
            if provisioned.requested != warm.concurrency {
                *provisioned = fresh;
            }
            Ok(Asked::Taken)
        })
        .await
    }
}

impl CoolVersions for World {
    async fn cool(&self, function: &FunctionName, version: Version) -> Result<(), PortError> {
        self.call("cool", |state, _| {
            state.functions.get_mut(function.as_str()).map(|owner| owner.provisioned.remove(&version.to_string()));
            Ok(())
        })
        .await
    }
}

impl CallHook for World {
    async fn call_hook(&self, function: &HookFunction, payload: &Value) -> Result<Calling, PortError> {
        let ran = Cell::new(false);
        let answer = self
            .call("call", |state, now| {
                let script = state
                    .hooks
                    .get_mut(function.as_str())
                    .ok_or_else(|| PortError::Missing(format!("the function {function}")))?;
                ran.set(true);
                let said = script(payload);
                state.hook_calls.push((function.to_string(), payload.clone()));
                let event = payload.get("LifecycleEvent").and_then(Value::as_str).unwrap_or_default();
                state.log.push((now, format!("{function} is called for {event}")));
                Ok(Calling { called: said, id: CallId::parse("c6af9ac6-7b61-11e6-9a41-93e8deadbeef") })
            })
            .await;
        match answer {
            // It was carried out, and its answer was lost.
            Err(PortError::Passing(_)) if ran.get() => Ok(Calling { called: Called::NoAnswer, id: None }),
            answer => answer,
        }
    }
}

impl ReadConcurrency for World {
    async fn provisioned(&self, function: &FunctionName, qualifier: &str) -> Result<Option<u32>, PortError> {
        self.call("provisioned", |state, _| {
            let function = state.functions.get(function.as_str());
            Ok(function
                .and_then(|function| function.provisioned.get(qualifier))
                .map(|provisioned| provisioned.requested))
        })
        .await
    }

    async fn warmth(&self, function: &FunctionName, version: Version) -> Result<Option<Warmth>, PortError> {
        self.call("warmth", |state, now| {
            let owner = state.functions.get(function.as_str());
            let found = owner.and_then(|owner| owner.provisioned.get(&version.to_string()));
            Ok(found.map(|Provisioned { requested, since }| Warmth {
                requested: *requested,
                state: match since {
                    Some(_) if state.no_room => Heat::Failed("FUNCTION_ERROR_INIT_FAILURE".to_owned()),
                    Some(since) if now.duration_since(*since) < WARMING => Heat::InProgress,
                    Some(_) | None => Heat::Ready,
                },
            }))
        })
        .await
    }
}
