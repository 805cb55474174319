//! Which operations of AWS the adapters call, by their source: what stands in an implementation of a port, and in the functions of
//! [`aws::Account`] that it calls.

use std::collections::{BTreeMap, BTreeSet};

use crate::files::{sources, text};

/// How the name of an operation begins in the SDK.
const VERBS: [&str; 14] = [
    "create", "delete", "describe", "get", "invoke", "list", "modify", "put", "query", "register", "send", "start",
    "stop", "update",
];

/// The adapters.
pub(super) struct Adapters {
    /// The text of each port's implementation, by its name.
    ports: BTreeMap<String, String>,
    /// The text of each function that they share, by its name.
    shared: BTreeMap<String, String>,
}

impl Adapters {
    /// As they stand in the sources, which are formatted: what begins at the margin ends at it.
    pub(super) fn read() -> Self {
        let mut adapters = Self { ports: BTreeMap::new(), shared: BTreeMap::new() };
        for file in sources("crates/aws/src") {
            let text = text(&file);
            for (head, body) in blocks(&text, "") {
                let Some(named) = head.strip_prefix("impl ").and_then(|head| head.strip_suffix("Account {")) else {
                    continue;
                };
                match named.strip_suffix(" for ") {
                    Some(port) => drop(adapters.ports.insert(port.to_owned(), body)),
                    None => adapters.shared.extend(functions(&body)),
                }
            }
        }
        adapters
    }

    /// The operations that a port calls, in AWS's own spelling.
    pub(super) fn calls(&self, port: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        self.operations(self.ports.get(port).map_or("", String::as_str), &mut seen)
    }

    fn operations<'a>(&'a self, body: &'a str, seen: &mut BTreeSet<&'a str>) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let parts: Vec<&str> = body.split('.').collect();
        for (of, called) in parts.iter().zip(parts.iter().skip(1)) {
            let Some((name, rest)) = called.split_once('(') else { continue };
            if rest.starts_with(')') && is_operation(name) {
                found.insert(operation(name));
            } else if of.trim_end().ends_with("self")
                && let Some((name, shared)) = self.shared.get_key_value(name)
                && seen.insert(name)
            {
                found.extend(self.operations(shared, seen));
            }
        }
        found
    }
}

fn is_operation(name: &str) -> bool {
    let verb = name.split_once('_').map_or("", |(verb, _)| verb);
    VERBS.contains(&verb) || ["invoke", "query"].contains(&name)
}

/// `put_item` is PutItem; only Invoke has another name where it is allowed.
fn operation(name: &str) -> String {
    let words = name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
    match words.collect::<String>() {
        invoke if invoke == "Invoke" => "InvokeFunction".to_owned(),
        other => other,
    }
}

fn functions(body: &str) -> impl Iterator<Item = (String, String)> {
    blocks(body, "    ").into_iter().filter_map(|(head, body)| {
        let (_, named) = head.split_once("fn ")?;
        let name = named.split(['(', '<']).next()?;
        Some((name.to_owned(), body))
    })
}

/// What begins at this margin and ends there: its first line, and all of it.
fn blocks(text: &str, margin: &str) -> Vec<(String, String)> {
    let mut blocks: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let here = line.strip_prefix(margin).filter(|here| !here.is_empty() && !here.starts_with([' ', '#', '/']));
        if let Some(head) = here.filter(|_| !open) {
            blocks.push((head.to_owned(), String::new()));
            open = true;
        }
        if let Some((_, body)) = blocks.last_mut().filter(|_| open) {
            body.push_str(line);
            body.push('\n');
        }
        open = open
            && !here.is_some_and(|here| here.ends_with(';') || here.starts_with(['}', ']', ')']) && here.len() < 3);
    }
    blocks
}
