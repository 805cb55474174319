//! What holds for every text.

use proptest::prelude::*;
use proptest::sample::Index;

use super::any::{appspecs, json, services, yaml};
use super::{parse, with};
use crate::appspec::platform;
use crate::platform::Platform;

/// Pieces of an AppSpec, and what breaks parsers between them.
const PIECES: &[&str] = &[
    "version",
    "Resources",
    "Type",
    "Properties",
    "Hooks",
    "Strategy",
    "Weight",
    "Hold",
    "a",
    "0.0",
    "$LATEST",
    "10",
    ": ",
    ":",
    "- ",
    "-",
    "? ",
    "\n",
    "\n  ",
    "\n    ",
    "\r\n",
    "\r",
    "\t",
    " ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\"",
    "'",
    "\\",
    "\\u00",
    "&a ",
    "*a",
    "!",
    "!!str ",
    "!<",
    "|",
    ">",
    "|2-\n",
    ">+\n",
    "#",
    "%",
    "%TAG ! !",
    "%YAML 1.2\n",
    "---",
    "...",
    "@",
    "`",
    "~",
    "<<",
    "ü",
    "日本",
    "🦀",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "\0",
    "\u{7f}",
    "é: ",
];

/// A text close to an AppSpec: pieces of one in any order.
fn nearly() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..60).prop_map(|pieces| pieces.concat())
}

fn cases(number: u32) -> ProptestConfig {
    ProptestConfig { cases: number, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn yaml_and_json_of_any_appspec_say_what_it_says(appspec in appspecs()) {
        prop_assert_eq!(parse(&yaml(&appspec)), Ok(appspec.clone()));
        let json = json(&appspec);
        prop_assert_eq!(parse(&json.to_string()), Ok(appspec.clone()));
        let pretty = serde_json::to_string_pretty(&json).unwrap().replace("  ", "\t");
        prop_assert_eq!(parse(&pretty), Ok(appspec));
    }

    #[test]
    fn yaml_and_json_of_any_appspec_for_a_service_say_what_it_says(appspec in services()) {
        let read = |text: &str| super::parse_for(text, Platform::Ecs);
        prop_assert_eq!(read(&yaml(&appspec)), Ok(appspec.clone()));
        let json = json(&appspec).to_string();
        prop_assert_eq!(platform(&json), Some(Platform::Ecs));
        prop_assert_eq!(read(&json), Ok(appspec));
    }
}

proptest! {
    #![proptest_config(cases(4_096))]

    #[test]
    fn no_text_is_too_strange_to_answer(text in any::<String>()) {
        let _ = parse(&text);
        let _ = super::parse_for(&text, Platform::Ecs);
        let _ = platform(&text);
    }

    #[test]
    fn no_text_that_looks_like_yaml_is_too_strange_to_answer(text in nearly()) {
        if let Err(errors) = parse(&text) {
            prop_assert!(!errors.problems().is_empty());
            let lines = text.split(['\r', '\n']).count();
            prop_assert!(errors.problems().iter().all(|problem| problem.line.is_none_or(|line| (1..=lines).contains(&line))));
        }
    }

    #[test]
    fn no_broken_appspec_is_too_strange_to_answer(
        changes in prop::collection::vec((any::<Index>(), 0usize..6, nearly()), 1..5),
        as_json in any::<bool>(),
    ) {
        let mut text: Vec<char> = with("Hooks:\n  - BeforeAllowTraffic: {Function: check, Parameters: [/a]}\nStrategy:\n  - Weight: 10\n    Hold: 5m\n").chars().collect();
        if as_json {
            text = json(&parse(&text.iter().collect::<String>()).unwrap()).to_string().chars().collect();
        }
        for (at, cut, put) in changes {
            let from = at.index(text.len() + 1);
            let to = (from + cut).min(text.len());
            text.splice(from..to, put.chars());
        }
        let _ = parse(&text.into_iter().collect::<String>());
    }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn no_broken_appspec_for_a_service_is_too_strange_to_answer(
        appspec in services(),
        changes in prop::collection::vec((any::<Index>(), 0usize..6, nearly()), 1..5),
        as_json in any::<bool>(),
    ) {
        let text = if as_json { json(&appspec).to_string() } else { yaml(&appspec) };
        let mut text: Vec<char> = text.chars().collect();
        for (at, cut, put) in changes {
            let from = at.index(text.len() + 1);
            let to = (from + cut).min(text.len());
            text.splice(from..to, put.chars());
        }
        let text: String = text.into_iter().collect();
        let _ = platform(&text);
        let _ = super::parse_for(&text, Platform::Ecs);
    }
}
