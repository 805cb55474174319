//! Aliases as AWS keeps them: every write changes `RevisionId`, and a write that names another one is refused.
//!
//! moto gives an alias one revision for life and checks neither it nor weights. Reads are moto's, with the revision
//! put in; writes of an alias are validated and made one at a time.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::dead_letters::DeadLetters;
use super::host::Host;
use crate::LocalError;
use crate::arn::{function_arn, is_version};
use crate::call::Call;
use crate::client::Client;
use crate::clock;
use crate::guarded::Guarded;
use crate::http::{Answer, encoded};
use crate::observed::{AliasWrite, Observed, StaleWrite};

type Key = (String, String);

/// The revisions of all aliases, and what was read of them.
#[derive(Debug, Default)]
pub(crate) struct Aliases {
    revisions: Guarded<HashMap<Key, String>>,
    read: Guarded<HashMap<Key, Value>>,
    writing: Guarded<HashMap<Key, Arc<tokio::sync::Mutex<()>>>>,
}

impl Aliases {
    /// Forgets what was read: something may have changed it.
    pub(crate) fn forget(&self) {
        self.read.lock().clear();
    }

    /// What a write of this alias holds: those of others go on meanwhile.
    fn turn(&self, function: &str, alias: &str) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(self.writing.lock().entry((function.to_owned(), alias.to_owned())).or_default())
    }

    /// An alias as AWS would show it.
    pub(crate) async fn get(&self, moto: &Client, function: &str, alias: &str) -> Result<Value, LocalError> {
        let key = (function.to_owned(), alias.to_owned());
        if let Some(known) = self.read.lock().get(&key) {
            return Ok(known.clone());
        }
        let found = self.shown(function, moto.get_alias(function, alias).await?);
        // A write may have been quicker: what it left stays.
        self.read.lock().entry(key).or_insert_with(|| found.clone());
        Ok(found)
    }

    /// GetAlias.
    pub(crate) async fn answer_get(&self, moto: &Client, function: &str, alias: &str) -> Answer {
        match self.get(moto, function, alias).await {
            Ok(found) => Answer::json(200, &found),
            Err(error) => Answer::of(&error),
        }
    }

    /// ListAliases.
    pub(crate) async fn answer_list(&self, moto: &Client, function: &str) -> Answer {
        match moto.lambda_get(&format!("/2015-03-31/functions/{function}/aliases")).await {
            Ok(mut found) => {
                let all = found["Aliases"].as_array_mut().map(std::mem::take).unwrap_or_default();
                let all = all.into_iter().map(|alias| self.shown(function, alias)).collect::<Vec<_>>();
                Answer::json(200, &json!({ "Aliases": all }))
            }
            Err(error) => Answer::of(&error),
        }
    }

    /// CreateAlias.
    pub(crate) async fn answer_create(
        &self,
        host: &Host,
        function: &str,
        call: &Call,
        dead_letters: &DeadLetters,
    ) -> Answer {
        let turn = self.turn(function, call.alias.as_deref().unwrap_or_default());
        let _one_at_a_time = turn.lock().await;
        let wanted = match Wanted::read(&call.input, &Value::Null) {
            Ok(wanted) => wanted,
            Err(refusal) => return *refusal,
        };
        if let Err(refusal) = check(host, function, &wanted, dead_letters).await {
            return *refusal;
        }
        let path = format!("/2015-03-31/functions/{function}/aliases");
        match host.moto.lambda_post(&path, &wanted.body(&call.input)).await {
            Ok(made) => Answer::json(201, &self.shown(function, made)),
            Err(error) => Answer::of(&error),
        }
    }

    /// UpdateAlias.
    pub(crate) async fn answer_update(
        &self,
        host: &Host,
        function: &str,
        alias: &str,
        call: &Call,
        dead_letters: &DeadLetters,
        observed: &Observed,
    ) -> Answer {
        let turn = self.turn(function, alias);
        let _one_at_a_time = turn.lock().await;
        let current = match self.get(&host.moto, function, alias).await {
            Ok(current) => current,
            Err(error) => return Answer::of(&error),
        };
        let caller = call.caller.as_ref().map(|caller| caller.function.clone());
        if let Some(refusal) = stale(call.text("RevisionId"), &current) {
            observed.stale_write(StaleWrite { function: function.to_owned(), alias: alias.to_owned(), caller });
            return refusal;
        }
        let wanted = match Wanted::read(&call.input, &current) {
            Ok(wanted) => wanted,
            Err(refusal) => return *refusal,
        };
        if let Err(refusal) = check(host, function, &wanted, dead_letters).await {
            return *refusal;
        }
        let path = format!("/2015-03-31/functions/{function}/aliases/{}", encoded(alias));
        let written = match host.moto.lambda_put(&path, &wanted.body(&call.input)).await {
            Ok(written) => written,
            Err(error) => return Answer::of(&error),
        };
        let key = (function.to_owned(), alias.to_owned());
        self.revisions.lock().insert(key.clone(), clock::uuid());
        let written = self.shown(function, written);
        self.read.lock().insert(key, written.clone());
        observed.alias_write(AliasWrite {
            at: clock::now_seconds(),
            function: function.to_owned(),
            alias: alias.to_owned(),
            version: wanted.version,
            weights: wanted.weights,
            caller,
        });
        Answer::json(200, &written)
    }

    /// DeleteAlias.
    pub(crate) async fn answer_delete(&self, moto: &Client, function: &str, alias: &str) -> Answer {
        let turn = self.turn(function, alias);
        let _one_at_a_time = turn.lock().await;
        let path = format!("/2015-03-31/functions/{function}/aliases/{}", encoded(alias));
        let key = (function.to_owned(), alias.to_owned());
        self.revisions.lock().remove(&key);
        self.read.lock().remove(&key);
        match moto.lambda_delete(&path).await {
            Ok(_) => Answer::empty(204),
            Err(error) => Answer::of(&error),
        }
    }

    /// moto's alias with the revision we keep, and without its nulls.
    fn shown(&self, function: &str, mut alias: Value) -> Value {
        let name = alias["Name"].as_str().unwrap_or_default().to_owned();
        let motos = alias["RevisionId"].as_str().unwrap_or_default().to_owned();
        let revision = self.revisions.lock().entry((function.to_owned(), name)).or_insert(motos).clone();
        alias["RevisionId"] = revision.into();
        let weights = alias["RoutingConfig"]["AdditionalVersionWeights"].as_object();
        if weights.is_none_or(Map::is_empty)
            && let Some(members) = alias.as_object_mut()
        {
            members.remove("RoutingConfig");
        }
        alias
    }
}

/// The refusal for a revision that is no longer the alias's (docs/codedeploy-contract.md 13.2).
pub(crate) fn stale(named: Option<&str>, current: &Value) -> Option<Answer> {
    let named = named.filter(|named| !named.is_empty())?;
    if current["RevisionId"] == named {
        return None;
    }
    let message = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API \
                   to retrieve the latest Revision Id";
    Some(Answer::error(412, "PreconditionFailedException", message))
}

/// What an alias shall be after a write.
#[derive(Debug, PartialEq)]
struct Wanted {
    version: String,
    weights: BTreeMap<String, f64>,
}

impl Wanted {
    /// The request over what is: what it does not name stays.
    fn read(input: &Value, current: &Value) -> Result<Self, Box<Answer>> {
        let version = input["FunctionVersion"].as_str().or(current["FunctionVersion"].as_str()).unwrap_or_default();
        let routing =
            if input["RoutingConfig"].is_object() { &input["RoutingConfig"] } else { &current["RoutingConfig"] };
        let mut weights = BTreeMap::new();
        for (version, weight) in routing["AdditionalVersionWeights"].as_object().into_iter().flatten() {
            let weight = weight.as_f64().filter(|weight| (0.0..=1.0).contains(weight));
            let Some(weight) = weight else {
                let message =
                    format!("1 validation error detected: the weight of version {version} must be between 0 and 1");
                return Err(Box::new(Answer::error(400, "InvalidParameterValueException", &message)));
            };
            weights.insert(version.clone(), weight);
        }
        Ok(Self { version: version.to_owned(), weights })
    }

    fn body(&self, input: &Value) -> Value {
        let mut body = input.clone();
        body["FunctionVersion"] = self.version.clone().into();
        body["RoutingConfig"] = json!({ "AdditionalVersionWeights": self.weights });
        body
    }
}

/// AWS's rules for an alias (docs/codedeploy-contract.md 13.1).
async fn check(host: &Host, function: &str, wanted: &Wanted, dead_letters: &DeadLetters) -> Result<(), Box<Answer>> {
    let invalid = |message: &str| Err(Box::new(Answer::error(400, "InvalidParameterValueException", message)));
    if wanted.weights.len() > 1 {
        return invalid("Number of items in AdditionalVersionWeights cannot be greater than 1");
    }
    let mut main = version(host, function, &wanted.version).await?;
    let Some(additional) = wanted.weights.keys().next() else { return Ok(()) };
    if !is_version(&wanted.version) || !is_version(additional) {
        return invalid("$LATEST is not supported for an alias pointing to more than 1 version");
    }
    if *additional == wanted.version {
        return invalid("Invalid function version in AdditionalVersionWeights: it is the alias's own version");
    }
    let mut other = version(host, function, additional).await?;
    dead_letters.show(&mut main);
    dead_letters.show(&mut other);
    if main["Role"] != other["Role"] {
        return invalid("Both versions of an alias must have the same execution role");
    }
    if main["DeadLetterConfig"] != other["DeadLetterConfig"] {
        return invalid("Both versions of an alias must have the same dead-letter queue");
    }
    Ok(())
}

async fn version(host: &Host, function: &str, version: &str) -> Result<Value, Box<Answer>> {
    host.configuration(function, version).await.map(|known| (*known).clone()).map_err(|_| {
        let message = format!("Function not found: {}:{version}", function_arn(function));
        Box::new(Answer::error(404, "ResourceNotFoundException", &message))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Wanted, stale};

    #[test]
    fn a_write_with_another_revision_is_refused() {
        let current = json!({ "RevisionId": "a" });
        assert!(stale(Some("a"), &current).is_none());
        assert!(stale(None, &current).is_none());
        assert_eq!(stale(Some("b"), &current).map(|answer| answer.status.as_u16()), Some(412));
    }

    #[test]
    fn weights_not_named_stay_and_empty_ones_clear() {
        let current = json!({ "FunctionVersion": "1", "RoutingConfig": { "AdditionalVersionWeights": { "2": 0.1 } } });
        let kept = Wanted::read(&json!({ "FunctionVersion": "3" }), &current).unwrap();
        assert_eq!((kept.version.as_str(), kept.weights.len()), ("3", 1));
        let cleared = json!({ "RoutingConfig": { "AdditionalVersionWeights": {} } });
        let cleared = Wanted::read(&cleared, &current).unwrap();
        assert_eq!((cleared.version.as_str(), cleared.weights.len()), ("1", 0));
    }

    #[test]
    fn a_weight_outside_0_to_1_is_refused() {
        let beyond = json!({ "RoutingConfig": { "AdditionalVersionWeights": { "2": 1.1 } } });
        assert_eq!(Wanted::read(&beyond, &json!({})).map_err(|answer| answer.status.as_u16()), Err(400));
    }
}
