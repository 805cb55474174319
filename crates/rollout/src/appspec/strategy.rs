//! `Strategy`, our addition to the AppSpec: the name of a configuration, or a list of steps.

use super::NamedStrategy;
use super::error::Problems;
use super::hooks::length_of_time;
use super::node::Value;
use super::reader::Field;
use crate::hold::{Hold, OnTimeout};
use crate::platform::Platform;
use crate::strategy::{Step, faults};
use crate::weight::Weight;

pub(super) fn read(problems: &mut Problems, place: &Field<'_>, platform: Platform) -> Option<NamedStrategy> {
    match &place.node.value {
        Value::Text(name) => place.checked(problems, NamedStrategy::named(name, platform)),
        Value::List(items) => {
            let places: Vec<_> = items.iter().enumerate().map(|(index, item)| place.item(index, item)).collect();
            let read: Vec<_> = places.iter().map(|place| step(problems, place)).collect();
            let steps = read.into_iter().collect::<Option<Vec<_>>>()?;
            let faults = faults(&steps);
            for fault in &faults {
                let at = fault.step().and_then(|number| places.get(number - 1)).unwrap_or(place);
                at.problem(problems, fault.to_string());
            }
            if faults.is_empty() { place.checked(problems, NamedStrategy::steps(steps)) } else { None }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Map(_) => {
            let expected =
                "a configuration name such as Canary10Percent5Minutes, or a list of steps such as - Weight: 10";
            place.wrong(problems, expected);
            None
        }
    }
}

fn step(problems: &mut Problems, place: &Field<'_>) -> Option<Step> {
    let known = &["Weight", "Hold", "UntilContinued"];
    let fields = place.fields(problems, "a step, such as Weight: 10 with Hold: 5m", known)?;
    let weight = fields
        .required(problems, "Weight", "the percentage of traffic, 1 to 100")
        .and_then(|place| weight(problems, &place));
    let hold = match (fields.get("Hold"), fields.get("UntilContinued")) {
        (None, None) => Some(Hold::NONE),
        (Some(hold), None) => length_of_time(problems, &hold).map(Hold::For),
        (None, Some(pause)) => until_continued(problems, &pause),
        (Some(_), Some(pause)) => {
            pause
                .problem(problems, "a step waits for one thing: write Hold or UntilContinued, or make two steps of it");
            None
        }
    };
    Some(Step { weight: weight?, hold: hold? })
}

fn weight(problems: &mut Problems, place: &Field<'_>) -> Option<Weight> {
    if let Value::Number(text) = &place.node.value
        && let Some(weight) = text
            .parse::<u64>()
            .ok()
            .filter(|percent| percent.to_string() == *text)
            .and_then(|percent| Weight::try_from(percent).ok())
    {
        return Some(weight);
    }
    place.wrong(problems, "a whole number of percent, 1 to 100, without a percent sign");
    None
}

fn until_continued(problems: &mut Problems, place: &Field<'_>) -> Option<Hold> {
    let expected = "a map, such as {Timeout: 1h, OnTimeout: Stop}";
    let fields = place.fields(problems, expected, &["Timeout", "OnTimeout"])?;
    let timeout = fields
        .required(problems, "Timeout", "how long to wait, such as 1h")
        .and_then(|place| length_of_time(problems, &place));
    let on_timeout = match fields.get("OnTimeout") {
        None => Some(OnTimeout::Stop),
        Some(place) => match &place.node.value {
            Value::Text(text) if text.eq_ignore_ascii_case("Stop") => Some(OnTimeout::Stop),
            Value::Text(text) if text.eq_ignore_ascii_case("Continue") => Some(OnTimeout::Continue),
            _ => {
                place.wrong(problems, "Stop or Continue");
                None
            }
        },
    };
    Some(Hold::UntilContinued { timeout: timeout?, on_timeout: on_timeout? })
}
