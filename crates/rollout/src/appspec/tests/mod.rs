mod additions;
mod any;
mod ecs;
mod faults;
mod lenient;
mod malformed;
mod properties;
mod samples;

use std::fmt::Write as _;

use expect_test::Expect;

use super::{AppSpec, AppSpecErrors};
use crate::platform::Platform;

/// Reads a text for Lambda.
fn parse(text: &str) -> Result<AppSpec, AppSpecErrors> {
    parse_for(text, Platform::Lambda)
}

/// Reads a text where the things are that the samples name.
fn parse_for(text: &str, platform: Platform) -> Result<AppSpec, AppSpecErrors> {
    let [partition, region, account] = ["aws", "eu-west-1", "111122223333"].map(str::to_owned);
    super::parse(text, platform, &crate::ids::Site { partition, region, account })
}

/// What a text says, or what is wrong with it.
#[track_caller]
fn check(text: &str, expected: Expect) {
    let answer = match parse(text) {
        Ok(appspec) => format!("{appspec:#?}"),
        Err(errors) => errors.to_string(),
    };
    expected.assert_eq(&answer);
}

/// An AppSpec with `rest` below its resource.
fn with(rest: &str) -> String {
    format!(
        "version: 0.0\nResources:\n  - Storefront:\n      Type: AWS::Lambda::Function\n      Properties:\n        Name: storefront\n        \
         Alias: live\n        CurrentVersion: 1\n        TargetVersion: 2\n{rest}"
    )
}

/// The problems of a valid AppSpec with one thing changed.
#[track_caller]
fn changed(from: &str, to: &str, expected: Expect) {
    let text = with("Hooks:\n  - BeforeAllowTraffic: check\n");
    assert!(text.contains(from), "{from:?} is not in the text");
    check(&text.replacen(from, to, 1), expected);
}

/// The problems of a list of texts, each under its text.
#[track_caller]
fn all(texts: &[&str], expected: Expect) {
    let mut answers = String::new();
    for text in texts {
        let answer = parse(text).map_or_else(|errors| errors.to_string(), |_| "is read".into());
        writeln!(answers, "{text:?}\n{answer}\n").unwrap();
    }
    expected.assert_eq(&answers);
}
