//! What other tools write in their own ways, and means the same.

use super::{parse, with};

/// A text and others that mean the same.
#[track_caller]
fn same(text: &str, others: &[&str]) {
    let wanted = parse(&with(text)).unwrap();
    for other in others {
        assert_eq!(parse(&with(other)).as_ref(), Ok(&wanted), "{other}");
    }
}

#[test]
fn hooks_may_be_a_map_or_several_in_one_item() {
    same(
        "Hooks:\n  - BeforeAllowTraffic: before\n  - AfterAllowTraffic: after\n",
        &[
            "Hooks:\n  BeforeAllowTraffic: before\n  AfterAllowTraffic: after\n",
            "Hooks:\n  - BeforeAllowTraffic: before\n    AfterAllowTraffic: after\n",
            "Hooks: {AfterAllowTraffic: after, BeforeAllowTraffic: before}\n",
        ],
    );
}

#[test]
fn what_is_empty_counts_as_left_out() {
    same(
        "",
        &[
            "Hooks:\n",
            "Hooks: []\n",
            "Hooks: {}\n",
            "Hooks: \"\"\n",
            "Hooks: null\nStrategy: null\n",
            "Strategy:\n",
            "Strategy: []\n",
        ],
    );
    let text = with("");
    let without = parse(&text.replace("        CurrentVersion: 1\n", "")).unwrap();
    for empty in ["", "null", "~", "\"\"", "[]"] {
        let written = text.replace("CurrentVersion: 1", &format!("CurrentVersion: {empty}"));
        assert_eq!(parse(&written).as_ref(), Ok(&without), "{empty}");
    }
}

#[test]
fn the_version_of_the_format_may_be_written_as_tools_write_it() {
    let text = with("");
    let wanted = parse(&text).unwrap();
    for version in ["0", "0.0", "\"0.0\"", "\"0\"", "1", "1.0", "\"1\"", "'1.0'"] {
        let written = text.replace("version: 0.0", &format!("version: {version}"));
        assert_eq!(parse(&written).as_ref(), Ok(&wanted), "{version}");
    }
}
