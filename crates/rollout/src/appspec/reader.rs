//! Reading fields out of the tree: every value knows its place, every key is a known one, every problem is kept.

use std::fmt::Display;

use super::error::Problems;
use super::node::{Entry, Node, Value};
use super::slips;
use crate::ids::{IdError, Site};
use crate::platform::Platform;
use crate::text::{odd_letter, quoted};

/// A value and where it stands.
#[derive(Clone)]
pub(super) struct Field<'a> {
    /// `Resources[0].Storefront.Properties`, with the keys as the user wrote them.
    path: String,
    pub(super) node: &'a Node,
    /// What the deployment is for: a key may be wrong only because of that.
    pub(super) platform: Platform,
    /// Where what is named here has to be.
    site: &'a Site,
}

impl<'a> Field<'a> {
    pub(super) fn root(node: &'a Node, platform: Platform, site: &'a Site) -> Self {
        Self { path: String::new(), node, platform, site }
    }

    /// The place of an item of this list.
    pub(super) fn item(&self, index: usize, node: &'a Node) -> Self {
        Self { path: format!("{}[{index}]", self.path), node, ..self.clone() }
    }

    /// The place of a value of this map.
    pub(super) fn entry(&self, entry: &'a Entry) -> Self {
        Self { path: self.key(&entry.key), node: &entry.node, ..self.clone() }
    }

    pub(super) fn key(&self, key: &str) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '$');
        let shown = if key.len() <= 64 && key.chars().all(plain) { key.to_owned() } else { quoted(key) };
        if self.path.is_empty() { shown } else { format!("{}.{shown}", self.path) }
    }

    /// Notes a problem with this value.
    pub(super) fn problem(&self, problems: &mut Problems, message: impl Into<String>) {
        problems.add(self.node.line, self.path.clone(), message);
    }

    /// Notes that something else was expected here.
    pub(super) fn wrong(&self, problems: &mut Problems, expected: &str) {
        if slips::is_template_function(&self.node.value) {
            let message = "CloudFormation's functions (Ref, Fn::…) work in templates only: write the value out, or have the \
                           build put it in";
            return self.problem(problems, message);
        }
        self.problem(problems, format!("expected {expected}, found {}", self.node.value.found()));
    }

    /// The value of `read`, or its error as a problem of this place.
    pub(super) fn checked<T, E: Display>(&self, problems: &mut Problems, read: Result<T, E>) -> Option<T> {
        read.map_err(|error| self.problem(problems, error.to_string())).ok()
    }

    /// The name of a thing of AWS: well formed, and of one that is where the deployment happens.
    pub(super) fn named<T>(
        &self,
        problems: &mut Problems,
        text: &str,
        parse: impl Fn(&str) -> Result<T, IdError>,
    ) -> Option<T> {
        let name = self.checked(problems, parse(text))?;
        self.checked(problems, self.site.holds(text)).map(|()| name)
    }

    /// The text that stands here.
    pub(super) fn text(&self, problems: &mut Problems, expected: &str) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) => return Some(text),
            Value::Number(number) => self.problem(
                problems,
                format!("expected {expected}, found the number {}; put it in quotes if it is meant", quoted(number)),
            ),
            Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => self.wrong(problems, expected),
        }
        None
    }

    /// The list that stands here.
    pub(super) fn list(&self, problems: &mut Problems, expected: &str) -> Option<&'a [Node]> {
        match &self.node.value {
            Value::List(items) => Some(items),
            _ => {
                self.wrong(problems, expected);
                None
            }
        }
    }

    /// The map that stands here, as it is written.
    pub(super) fn map(&self, problems: &mut Problems, expected: &str) -> Option<&'a [Entry]> {
        match &self.node.value {
            Value::Map(entries) => Some(entries),
            _ => {
                self.wrong(problems, expected);
                None
            }
        }
    }

    /// The map that stands here, with keys out of `known` only, each at most once.
    pub(super) fn fields(
        &self,
        problems: &mut Problems,
        expected: &str,
        known: &'static [&'static str],
    ) -> Option<Fields<'a>> {
        let entries = self.map(problems, expected)?;
        let mut fields: Vec<(&'static str, &'a Entry)> = Vec::new();
        let mut meant = Vec::new();
        for entry in entries {
            let at = self.key(&entry.key);
            match known.iter().find(|name| name.eq_ignore_ascii_case(&entry.key)) {
                None => {
                    meant.extend(nearest(&entry.key, known, self.platform));
                    problems.add(entry.line, at, unknown(&entry.key, known, self.platform));
                }
                Some(name) => match fields.iter().find(|(earlier, _)| earlier == name) {
                    Some((_, first)) => {
                        problems.add(entry.line, at, format!("written twice, first on line {}: keep one", first.line));
                    }
                    None => fields.push((*name, entry)),
                },
            }
        }
        Some(Fields { place: self.clone(), fields, meant })
    }
}

/// The fields of a map.
pub(super) struct Fields<'a> {
    pub(super) place: Field<'a>,
    fields: Vec<(&'static str, &'a Entry)>,
    /// What misspelt keys were probably meant to be: said already, so not missing on top of it.
    meant: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The value of a field that may be left out. What is empty counts as left out: templates and the libraries that write JSON
    /// name every member they know.
    pub(super) fn get(&self, name: &str) -> Option<Field<'a>> {
        self.written(name).filter(|place| !place.node.value.is_empty())
    }

    fn written(&self, name: &str) -> Option<Field<'a>> {
        self.fields.iter().find(|(known, _)| *known == name).map(|(_, entry)| self.place.entry(entry))
    }

    /// The value of a field that must be there; `write` says what belongs into it.
    pub(super) fn required(&self, problems: &mut Problems, name: &str, write: &str) -> Option<Field<'a>> {
        let found = self.written(name);
        if found.is_none() && !self.meant.contains(&name) {
            problems.add(self.place.node.line, self.place.key(name), format!("missing: write {write}"));
        }
        found
    }
}

/// Says what is known instead of `key`.
pub(super) fn unknown(key: &str, known: &[&str], wanted: Platform) -> String {
    if let Some(tool) = slips::other_tool(key) {
        return format!("is a key of {tool}, and not of an AppSpec: leave it out of what is deployed");
    }
    if let Some(platform) = other_platform(key, wanted) {
        return format!("belongs into an AppSpec for {platform}, and this deployment is for {wanted}: leave it out");
    }
    if let Some(place) = slips::place_of(key) {
        return place.to_owned();
    }
    match nearest(key, known, wanted) {
        Some(name) => match odd_letter(key) {
            Some(odd) => format!("unknown key: {odd}; did you mean {name}?"),
            None => format!("unknown key; did you mean {name}?"),
        },
        None => format!("unknown key; known here: {}", known.join(", ")),
    }
}

/// The known key that `key` was probably meant to be: a few letters away, or the one that is a part of it.
fn nearest<'k>(key: &str, known: &[&'k str], wanted: Platform) -> Option<&'k str> {
    // Longer than every known key twice over: comparing would only take time.
    if key.len() > 64 || other_platform(key, wanted).is_some() {
        return None;
    }
    let key = key.to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&key, &name.to_lowercase());
    let best = known.iter().copied().min_by_key(|name| distance(name))?;
    if distance(best) <= 2.max(best.len() / 3).min(best.len() / 2) {
        return Some(best);
    }
    let mut inside = known.iter().copied().filter(|name| key.contains(&name.to_lowercase()));
    inside.next().filter(|_| inside.next().is_none())
}

/// The platforms whose AppSpec has this key, where that of the one that is wanted has not.
fn other_platform(key: &str, wanted: Platform) -> Option<String> {
    let has = |platform: &Platform| platform.row().has_key(key);
    let others: Vec<_> = Platform::ALL.iter().filter(|platform| has(platform)).map(ToString::to_string).collect();
    (!others.is_empty() && !has(&wanted)).then(|| others.join(" or "))
}
