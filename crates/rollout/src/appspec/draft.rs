//! An AppSpec of which something is put in from elsewhere before it is read: the version of a function, or what stands for a value.

use super::document::{of_tree, read_tree};
use super::error::Problem;
use super::node::{Entry, Node, Value};
use super::yaml::load;
use super::{AppSpec, AppSpecErrors};
use crate::ids::{Site, Version};
use crate::platform::Platform;

/// An AppSpec that is not settled yet. What is wrong with it is told by the lines of the text it came from.
#[derive(Debug)]
pub struct Draft {
    text: String,
    tree: Node,
    /// Whether the text says it all.
    as_written: bool,
}

impl Draft {
    /// Reads a text into a tree; what the tree says is read by [`Draft::read`].
    pub fn of(text: &str) -> Result<Self, AppSpecErrors> {
        Ok(Self { text: text.to_owned(), tree: load(text)?, as_written: true })
    }

    /// The platform it is for, by the type of its resource.
    pub fn platform(&self) -> Option<Platform> {
        of_tree(&self.tree)
    }

    /// Gives every resource this version to move to. Where one says another version, that is told, with its line.
    pub fn move_to(&mut self, version: Version) -> Result<(), Problem> {
        const KEY: &str = "TargetVersion";
        for properties in properties(&mut self.tree) {
            let line = properties.line;
            let Value::Map(entries) = &mut properties.value else { continue };
            let written = entries.iter_mut().find(|entry| entry.key.eq_ignore_ascii_case(KEY));
            let value = Value::Text(version.to_string());
            match written {
                Some(entry) if entry.node.value.is_empty() => entry.node.value = value,
                Some(entry) => {
                    let says = match &entry.node.value {
                        Value::Number(text) | Value::Text(text) => text.clone(),
                        other => other.found(),
                    };
                    if says != version.to_string() {
                        let message = format!(
                            "the AppSpec says {says}, and the pipeline's targetVersion is {version}: leave one of them out"
                        );
                        return Err(Problem { line: Some(entry.line), field: KEY.to_owned(), message });
                    }
                    continue;
                }
                None => entries.push(Entry { key: KEY.to_owned(), line, node: Node { line, value } }),
            }
            self.as_written = false;
        }
        Ok(())
    }

    /// Gives every resource this revision to move to, whatever it says, and lets it come from whatever is live.
    pub fn go_back_to(&mut self, platform: Platform, revision: &str) {
        let key = match platform {
            Platform::Lambda => "TargetVersion",
            Platform::Ecs => "TaskDefinition",
            Platform::Server => return,
        };
        for properties in properties(&mut self.tree) {
            let line = properties.line;
            let Value::Map(entries) = &mut properties.value else { continue };
            entries.retain(|entry| !["CurrentVersion", key].iter().any(|known| entry.key.eq_ignore_ascii_case(known)));
            let node = Node { line, value: Value::Text(revision.to_owned()) };
            entries.push(Entry { key: key.to_owned(), line, node });
        }
        self.as_written = false;
    }

    /// Every text in it that is a value, with its line.
    pub(crate) fn texts(&self) -> Vec<(usize, &str)> {
        let mut found = Vec::new();
        texts(&self.tree, &mut found);
        found
    }

    /// What it says.
    pub fn read(&self, platform: Platform, site: &Site) -> Result<AppSpec, AppSpecErrors> {
        read_tree(&self.tree, platform, site)
    }

    /// The whole of it as text: as it was written, or as JSON where something was put in.
    pub fn to_text(&self) -> String {
        if self.as_written { self.text.clone() } else { self.tree.value.to_json().to_string() }
    }
}

/// `Properties` of each resource.
fn properties(root: &mut Node) -> Vec<&mut Node> {
    let Some(resources) = value(root, "Resources") else { return Vec::new() };
    let items: Vec<&mut Node> = if matches!(resources.value, Value::Map(_)) {
        vec![resources]
    } else if let Value::List(items) = &mut resources.value {
        items.iter_mut().collect()
    } else {
        Vec::new()
    };
    let named = items.into_iter().flat_map(|item| match &mut item.value {
        Value::Map(entries) => entries.iter_mut().map(|entry| &mut entry.node).collect(),
        _ => Vec::new(),
    });
    named.filter_map(|resource| value(resource, "Properties")).collect()
}

fn value<'a>(node: &'a mut Node, key: &str) -> Option<&'a mut Node> {
    let Value::Map(entries) = &mut node.value else { return None };
    entries.iter_mut().find(|entry| entry.key.eq_ignore_ascii_case(key)).map(|entry| &mut entry.node)
}

fn texts<'a>(node: &'a Node, found: &mut Vec<(usize, &'a str)>) {
    match &node.value {
        Value::Text(text) => found.push((node.line, text)),
        Value::List(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Map(entries) => entries.iter().for_each(|entry| texts(&entry.node, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appspec::Resource;

    const TEXT: &str = "version: 0.0\nResources:\n  - Storefront:\n      Type: AWS::Lambda::Function\n      Properties:\n        \
                        Name: storefront\n        Alias: live\n";

    fn site() -> Site {
        Site { partition: "aws".into(), region: "eu-west-1".into(), account: "111122223333".into() }
    }

    fn target(draft: &Draft) -> u64 {
        match draft.read(Platform::Lambda, &site()).unwrap().resource {
            Resource::Alias(alias) => alias.target.to_string().parse().unwrap(),
            Resource::Service(_) => panic!("an alias"),
        }
    }

    #[test]
    fn a_version_is_put_in_where_it_is_left_out_and_the_text_says_so_too() {
        for text in
            [TEXT.to_owned(), format!("{TEXT}        TargetVersion:\n"), format!("{TEXT}        TargetVersion: 7\n")]
        {
            let mut draft = Draft::of(&text).unwrap();
            draft.move_to(Version::try_from(7).unwrap()).unwrap();
            assert_eq!(target(&draft), 7);
            let again = Draft::of(&draft.to_text()).unwrap();
            assert_eq!(target(&again), 7, "{text}");
        }
    }

    #[test]
    fn another_version_is_refused_with_its_line_and_a_mistake_keeps_its_own() {
        let mut draft = Draft::of(&format!("{TEXT}        TargetVersion: 6\n")).unwrap();
        let told = draft.move_to(Version::try_from(7).unwrap()).unwrap_err().to_string();
        let wanted =
            "line 8, TargetVersion: the AppSpec says 6, and the pipeline's targetVersion is 7: leave one of them out";
        assert_eq!(told, wanted);
        let mut draft = Draft::of(&TEXT.replace("Alias", "Aliass")).unwrap();
        draft.move_to(Version::try_from(7).unwrap()).unwrap();
        let told = draft.read(Platform::Lambda, &site()).unwrap_err().to_string();
        assert!(told.starts_with("line 7, ") && told.contains("did you mean Alias?"), "{told}");
    }

    #[test]
    fn what_goes_back_moves_to_another_version_from_whatever_is_live() {
        let text = format!("{TEXT}        CurrentVersion: 6\n        targetversion: 7\n");
        let mut draft = Draft::of(&text).unwrap();
        draft.go_back_to(Platform::Lambda, "6");
        assert_eq!(target(&draft), 6);
        assert!(!draft.to_text().contains("CurrentVersion"), "{}", draft.to_text());
    }

    #[test]
    fn what_nothing_is_put_into_stays_as_it_was_written() {
        assert_eq!(Draft::of(TEXT).unwrap().to_text(), TEXT);
    }
}
