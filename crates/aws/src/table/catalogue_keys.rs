//! Where entries of the catalogue are kept.

use rollout::format;
use serde::Serialize;
use steps::ports::{Kept, Key, PortError, Referred, Shelf};

use super::item::{Item, keyed, number, text, with};

/// Below and above every character that a name is made of (`+` to `z`).
const BELOW: char = '!';
const ABOVE: char = '~';

/// How the names on a shelf are found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Bounds<'a> {
    /// In the index, under this status.
    Index {
        /// The status.
        status: &'a str,
    },
    /// Beside each other, between two sort keys.
    Item {
        /// The partition.
        pk: String,
        /// What the sort key has before the name.
        prefix: &'static str,
        /// The first sort key.
        from: String,
        /// The last.
        to: String,
    },
}

impl Bounds<'_> {
    /// The bounds of the names after `after`.
    pub(super) fn of(shelf: &Shelf, after: Option<&str>) -> Self {
        let (application, prefix) = match shelf {
            Shelf::Applications => return Self::Index { status: "APPLICATION" },
            Shelf::Configs => return Self::Index { status: "CONFIG" },
            Shelf::Instances => return Self::Index { status: "INSTANCE" },
            Shelf::Policies => return Self::Index { status: "POLICY" },
            Shelf::Groups(application) => (application, "GROUP#"),
            Shelf::Revisions(application) => (application, "REVISION#"),
            Shelf::Contents(application) => (application, "CONTENT#"),
        };
        let from = after.map_or_else(|| prefix.to_owned(), |after| format!("{prefix}{after}{BELOW}"));
        Self::Item { pk: format!("APP#{application}"), prefix, from, to: format!("{prefix}{ABOVE}") }
    }
}

/// The key of an entry.
pub(super) fn key(at: &Key) -> Item {
    let name = &at.name;
    match &at.shelf {
        Shelf::Applications => keyed(format!("APP#{name}"), "APP"),
        Shelf::Groups(application) => keyed(format!("APP#{application}"), format!("GROUP#{name}")),
        Shelf::Revisions(application) => keyed(format!("APP#{application}"), format!("REVISION#{name}")),
        Shelf::Contents(application) => keyed(format!("APP#{application}"), format!("CONTENT#{name}")),
        Shelf::Configs => keyed(format!("CONFIG#{name}"), "CONFIG"),
        Shelf::Instances => keyed(format!("INSTANCE#{name}"), "INSTANCE"),
        Shelf::Policies => keyed(format!("POLICY#{name}"), "POLICY"),
    }
}

/// An entry with the attributes that the index is made of.
pub(super) fn place<T: Serialize>(at: &Key, entry: &Kept<T>) -> Result<Item, PortError> {
    let mut item = with(key(at), entry)?;
    item.insert("format".to_owned(), number(format::CATALOGUE));
    if let Bounds::Index { status } = Bounds::of(&at.shelf, None) {
        item.insert("status".to_owned(), text(status));
        item.insert("created".to_owned(), text(&at.name));
    }
    Ok(item)
}

/// The partition of those who refer to something.
pub(super) fn referred(to: &Referred) -> String {
    match to {
        Referred::Config(name) => format!("USED#CONFIG#{name}"),
        Referred::Service(name) => format!("USED#SERVICE#{name}"),
        Referred::Identity(arn) => format!("USED#IDENTITY#{arn}"),
    }
}

/// The item that says that `from` refers to something.
pub(super) fn reference(to: &Referred, from: &str) -> Item {
    keyed(referred(to), from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_begins_right_after_the_last_name_of_the_one_before() {
        let shelf = Shelf::Groups("shop".to_owned());
        let Bounds::Item { from, to, .. } = Bounds::of(&shelf, Some("web")) else { panic!("groups are items") };
        let sk = |name: &str| format!("GROUP#{name}");
        assert!(sk("web") < from && from < sk("web+") && from < sk("webs") && sk("zzz") < to);
    }

    #[test]
    fn an_entry_comes_back_as_it_was_written() {
        let kept = Kept::new(serde_json::json!({"applicationName": "shop", "createTime": 1.5, "n": 3}), Vec::new());
        let item = place(&Shelf::Applications.key("shop"), &kept).unwrap();
        assert_eq!(super::super::item::string(&item, "status").as_deref(), Some("APPLICATION"));
        let back: Kept<serde_json::Value> = super::super::item::value(item).unwrap();
        assert_eq!(back, kept);
    }
}
