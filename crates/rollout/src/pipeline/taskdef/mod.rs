//! The task definition of an artifact: its images put in, what ECS does not take dropped, and the rest as somebody wrote it.

mod model;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::fault::Fault;
use super::file::File;
use super::images::Definition;
use super::json;
use super::parameters::nearest;
use super::placeholder::{self, Values};
use crate::text::quoted;

pub use model::{ONLY_TOLD, REQUEST, Shape};

/// A task definition that is to be registered.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskDefinition {
    file: File,
    /// Where it begins in the file: what `aws ecs describe-task-definition` prints has it one level deeper.
    top: Vec<String>,
    value: Value,
}

impl TaskDefinition {
    /// Reads one. What ECS only tells, and what is null, is dropped; a member that ECS does not know is refused.
    pub fn read(file: File) -> Result<Self, Fault> {
        let mut value = json::read(&file)?;
        let mut top = Vec::new();
        if let Some(inner) = value.get_mut("taskDefinition").filter(|inner| inner.is_object()).map(Value::take) {
            let tags = value.get_mut("tags").map(Value::take);
            value = inner;
            top.push("taskDefinition".to_owned());
            if let (Some(Value::Array(tags)), Some(members)) = (tags, value.as_object_mut())
                && !tags.is_empty()
            {
                members.entry("tags").or_insert(Value::Array(tags));
            }
        }
        let Some(members) = value.as_object_mut() else {
            return Err(file.wrong(None, "expected an object with family and containerDefinitions"));
        };
        members.retain(|name, _| !ONLY_TOLD.contains(&name.as_str()));
        let mut read = Self { file, top, value };
        let mut value = read.value.take();
        read.clean(&mut value, &REQUEST, &mut Vec::new())?;
        read.value = value;
        for member in ["family", "containerDefinitions"] {
            if read.value.get(member).is_none() {
                return Err(read.file.wrong(None, format!("{member} is missing: ECS registers nothing without it")));
            }
        }
        Ok(read)
    }

    /// The family it is registered under; one that is no text is ECS's to refuse.
    pub fn family(&self) -> &str {
        self.value.get("family").and_then(Value::as_str).unwrap_or_default()
    }

    /// Puts images in place of their placeholders, wherever they stand. A placeholder that nobody has declared is refused, and so is one
    /// that is declared and stands nowhere: its image would never be deployed.
    pub fn fill(&mut self, images: &Values) -> Result<(), Fault> {
        let mut found = Vec::new();
        let mut used = BTreeSet::new();
        walk(&mut self.value, &mut |text| {
            found.extend(placeholder::names(text).map(str::to_owned));
            used.extend(images.keys().filter(|name| text.contains(&format!("<{name}>"))));
            *text = placeholder::filled(text, images);
        });
        if let Some(name) = found.iter().find(|name| !images.contains_key(*name)) {
            let line = self.file.line_of(&format!("<{name}>"));
            return Err(self.file.wrong(line, placeholder::undeclared(name, images)));
        }
        if let Some(unused) = images.keys().find(|name| !used.contains(name)) {
            let what = format!(
                "<{unused}> stands nowhere in it, so its image would not be deployed: write \"image\": \"<{unused}>\""
            );
            return Err(self.file.wrong(None, what));
        }
        Ok(())
    }

    /// Gives containers the images that a file names for them.
    pub fn set_images(&mut self, named: &File, definitions: &[Definition]) -> Result<(), Fault> {
        let containers = self.value.get_mut("containerDefinitions").and_then(Value::as_array_mut);
        let containers = containers.map(Vec::as_mut_slice).unwrap_or_default();
        let name = |container: &Value| container.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let known: Vec<String> = containers.iter().map(name).collect();
        for Definition { container, image, line } in definitions {
            let place = known.iter().position(|known| known == container);
            let Some(members) = place.and_then(|at| containers.get_mut(at)).and_then(Value::as_object_mut) else {
                let what = format!(
                    "name: {} has no container {}; its containers are {}",
                    self.file.name,
                    quoted(container),
                    known.join(", ")
                );
                return Err(named.wrong(*line, what));
            };
            members.insert("image".to_owned(), image.as_str().into());
        }
        Ok(())
    }

    /// What ECS is asked to register.
    pub fn into_request(self) -> Value {
        self.value
    }

    fn clean(&self, value: &mut Value, shape: &Shape, path: &mut Vec<String>) -> Result<(), Fault> {
        match (shape, value) {
            (Shape::Members(known), Value::Object(members)) => self.members(members, known, path),
            (Shape::List(each), Value::Array(items)) => {
                items.retain(|item| !item.is_null());
                for (index, item) in items.iter_mut().enumerate() {
                    path.push(index.to_string());
                    self.clean(item, each, path)?;
                    path.pop();
                }
                Ok(())
            }
            // A value of another kind is ECS's to refuse.
            (Shape::Plain, value) => {
                drop_nulls(value);
                Ok(())
            }
            (Shape::Members(_) | Shape::List(_), _) => Ok(()),
        }
    }

    fn members(
        &self,
        members: &mut Map<String, Value>,
        known: &[(&str, Shape)],
        path: &mut Vec<String>,
    ) -> Result<(), Fault> {
        members.retain(|_, value| !value.is_null());
        for (name, value) in members.iter_mut() {
            path.push(name.clone());
            let Some((_, shape)) = known.iter().find(|(known, _)| known == name) else {
                return Err(self.unknown(name, known, path));
            };
            self.clean(value, shape, path)?;
            path.pop();
        }
        Ok(())
    }

    fn unknown(&self, name: &str, known: &[(&str, Shape)], path: &[String]) -> Fault {
        let whole: Vec<String> = self.top.iter().chain(path).cloned().collect();
        let line = json::line_of(&self.file, &whole);
        let place = path.iter().fold(String::new(), |place, step| match step.parse::<usize>() {
            Ok(index) => format!("{place}[{index}]"),
            Err(_) if place.is_empty() => step.clone(),
            Err(_) => format!("{place}.{step}"),
        });
        let meant = nearest(name, known.iter().map(|(name, _)| *name));
        let meant = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_else(|| {
            let known: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            format!("; known here: {}", known.join(", "))
        });
        self.file.wrong(line, format!("{place} is nothing that ECS knows{meant}"))
    }
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, value| !value.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => {
            items.retain(|item| !item.is_null());
            items.iter_mut().for_each(drop_nulls);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn walk(value: &mut Value, each: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, each)),
        Value::Object(members) => members.values_mut().for_each(|value| walk(value, each)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests;
