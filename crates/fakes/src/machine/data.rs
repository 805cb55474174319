//! How data flows through states: paths, templates, results.

use serde_json::{Map, Value};

use super::execution::{Execution, Failure};
use crate::state::executions::arn;

/// What `$` and `$$` stand for in a state.
pub(super) struct Scope<'a> {
    pub(super) input: &'a Value,
    pub(super) execution: &'a Execution,
    pub(super) token: Option<&'a str>,
}

impl Scope<'_> {
    /// The value at a path.
    pub(super) fn at(&self, path: &str) -> Result<Value, Failure> {
        let context = |path: &str| match path {
            "Execution.Name" => Some(Value::from(self.execution.name.as_str())),
            "Execution.Id" => Some(Value::from(arn(self.execution.platform, &self.execution.name).as_str())),
            "Execution.Input" => Some(self.execution.input.clone()),
            "Task.Token" => self.token.map(Value::from),
            _ => None,
        };
        match path.strip_prefix("$$.") {
            Some(path) => context(path),
            None => find(self.input, path).cloned(),
        }
        .ok_or_else(|| Failure::runtime(format!("{path} is not in {}", self.input)))
    }

    /// A template with its paths filled in.
    pub(super) fn fill(&self, template: &Value) -> Result<Value, Failure> {
        Ok(match template {
            Value::Object(members) => {
                let mut filled = Map::new();
                for (key, value) in members {
                    match (key.strip_suffix(".$"), value.as_str()) {
                        (Some(key), Some(path)) => filled.insert(key.to_owned(), self.at(path)?),
                        _ => filled.insert(key.clone(), self.fill(value)?),
                    };
                }
                Value::Object(filled)
            }
            Value::Array(items) => Value::Array(items.iter().map(|item| self.fill(item)).collect::<Result<_, _>>()?),
            plain => plain.clone(),
        })
    }

    /// A number of seconds that `state` has under `field`, or under `field` with a path.
    pub(super) fn seconds(&self, state: &Value, field: &str, path: &str) -> Result<Option<u64>, Failure> {
        let value = match (state.get(field), state.get(path).and_then(Value::as_str)) {
            (Some(value), _) => value.clone(),
            (None, Some(path)) => self.at(path)?,
            (None, None) => return Ok(None),
        };
        match value.as_u64() {
            Some(seconds) => Ok(Some(seconds)),
            None => Err(Failure::runtime(format!("{value} is no number of seconds"))),
        }
    }
}

/// The value at a path that begins with `$`.
pub(super) fn find<'a>(input: &'a Value, path: &str) -> Option<&'a Value> {
    match path.strip_prefix('$')? {
        "" => Some(input),
        members => members.strip_prefix('.')?.split('.').try_fold(input, |value, member| value.get(member)),
    }
}

/// The output of a state with `result`, by its `ResultPath`.
pub(super) fn place(state: &Value, input: Value, result: Value) -> Result<Value, Failure> {
    match state.get("ResultPath") {
        None => Ok(result),
        Some(Value::Null) => Ok(input),
        Some(Value::String(path)) if path == "$" => Ok(result),
        Some(path) => {
            let member = path.as_str().and_then(|path| path.strip_prefix("$.")).filter(|member| !member.contains('.'));
            let (Some(member), Value::Object(mut members)) = (member, input) else {
                return Err(Failure::new("States.ResultPathMatchFailure", path.to_string()));
            };
            members.insert(member.to_owned(), result);
            Ok(Value::Object(members))
        }
    }
}

/// Whether a choice holds.
pub(super) fn holds(choice: &Value, input: &Value) -> Result<bool, Failure> {
    if let Some(all) = choice.get("And").and_then(Value::as_array) {
        for choice in all {
            if !holds(choice, input)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    let variable = choice.get("Variable").and_then(Value::as_str).unwrap_or_default();
    let found = find(input, variable);
    if choice.get("IsPresent") == Some(&Value::Bool(true)) {
        return Ok(found.is_some());
    }
    let found = found.ok_or_else(|| Failure::runtime(format!("{variable} is not in {input}")))?;
    for (operator, wanted) in [
        ("IsString", Value::Bool(found.is_string())),
        ("IsNumeric", Value::Bool(found.is_number())),
        ("StringEquals", found.clone()),
        ("BooleanEquals", found.clone()),
    ] {
        if let Some(value) = choice.get(operator) {
            return Ok(*value == wanted);
        }
    }
    for (operator, holds) in [
        ("NumericGreaterThan", (|found, limit| found > limit) as fn(f64, f64) -> bool),
        ("NumericLessThanEquals", |found, limit| found <= limit),
    ] {
        if let Some(limit) = choice.get(operator).and_then(Value::as_f64) {
            return Ok(found.as_f64().is_some_and(|found| holds(found, limit)));
        }
    }
    Err(Failure::runtime(format!("{choice} is a choice the simulation does not know")))
}
