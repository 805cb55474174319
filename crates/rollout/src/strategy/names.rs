//! Configuration names: what they mean, and what was probably meant by the others.

use super::{PREDEFINED, Platform, Predefined, Strategy, StrategyError};
use crate::seconds::Seconds;

const PREFIX: &str = "CodeDeployDefault.";

/// What a free-form name looks like, for messages.
const FREE_FORM: &str = "any name of the form Canary10Percent5Minutes or Linear10PercentEvery30Seconds works without being \
                         created first";

pub(super) fn read(name: &str, wanted: Platform) -> Result<Strategy, StrategyError> {
    let name = name.trim();
    if let Some(predefined) = Predefined::find(name) {
        return match predefined.strategy() {
            Some(strategy) if predefined.platform == wanted => Ok(strategy.clone()),
            strategy => Err(other_platform(name, predefined.platform, wanted, strategy)),
        };
    }
    if name.starts_with(PREFIX) {
        return Err(unknown(name, wanted));
    }
    if let Some(written) = free_form(name.strip_prefix(prefix(wanted)).unwrap_or(name)) {
        return written;
    }
    if let Some(predefined) = Predefined::find(&format!("{PREFIX}{name}")) {
        return Err(other_platform(name, predefined.platform, wanted, predefined.strategy()));
    }
    let other = if wanted == Platform::Ecs { Platform::Lambda } else { Platform::Ecs };
    match name.strip_prefix(prefix(other)).and_then(free_form) {
        Some(written) => Err(other_platform(name, other, wanted, Some(&written?))),
        None => Err(unknown(name, wanted)),
    }
}

/// What predefined names of a platform begin with, behind `CodeDeployDefault.` (docs/codedeploy-contract.md 4.1).
fn prefix(platform: Platform) -> &'static str {
    match platform {
        Platform::Lambda => "Lambda",
        Platform::Ecs => "ECS",
        Platform::Server => "",
    }
}

/// Reads `AllAtOnce`, `Canary10Percent5Minutes`, `Linear10PercentEvery1Minute`; `None` for a text of another form.
fn free_form(name: &str) -> Option<Result<Strategy, StrategyError>> {
    if name == "AllAtOnce" {
        return Some(Ok(Strategy::AllAtOnce));
    }
    if let Some(rest) = name.strip_prefix("Canary") {
        let (percent, rest) = number(rest)?;
        let time = read_interval(rest.strip_prefix("Percent")?)?;
        return Some(Strategy::canary(percent, time));
    }
    let (percent, rest) = number(name.strip_prefix("Linear")?)?;
    let time = read_interval(rest.strip_prefix("PercentEvery")?)?;
    Some(Strategy::linear(percent, time))
}

fn read_interval(text: &str) -> Option<Seconds> {
    let (count, unit) = number(text)?;
    match unit {
        "Second" | "Seconds" => Some(Seconds(count)),
        "Minute" | "Minutes" => Some(Seconds::minutes(count)),
        _ => None,
    }
}

/// Digits without leading zeros. One too large to count becomes the largest there is, so that the answer is "too much" and
/// not "unknown".
fn number(text: &str) -> Option<(u64, &str)> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = text.split_at(digits);
    match number {
        "" => None,
        "0" => Some((0, rest)),
        _ if number.starts_with('0') => None,
        _ => Some((number.parse().unwrap_or(u64::MAX), rest)),
    }
}

/// A time as names have it: `5Minutes`, `1Minute`, `90Seconds`.
pub(super) fn interval(time: Seconds) -> String {
    let (count, unit) = if time.0.is_multiple_of(60) { (time.0 / 60, "Minute") } else { (time.0, "Second") };
    format!("{count}{unit}{}", if count == 1 { "" } else { "s" })
}

fn other_platform(name: &str, platform: Platform, wanted: Platform, strategy: Option<&Strategy>) -> StrategyError {
    let instead = match strategy {
        Some(strategy) => name_on(wanted, strategy),
        None if name.ends_with("AllAtOnce") => name_on(wanted, &Strategy::AllAtOnce),
        None => "AllAtOnce, or a part of the traffic at a time, such as Linear10PercentEvery1Minute".into(),
    };
    StrategyError::OtherPlatform { name: name.to_owned(), platform, wanted, instead }
}

/// The platform's predefined configuration that does the same, or the free-form name.
fn name_on(platform: Platform, strategy: &Strategy) -> String {
    PREDEFINED
        .iter()
        .find(|predefined| predefined.platform == platform && predefined.strategy() == Some(strategy))
        .map_or_else(|| strategy.to_string(), |predefined| predefined.name.to_owned())
}

fn unknown(name: &str, platform: Platform) -> StrategyError {
    let bare = name.strip_prefix(PREFIX).unwrap_or(name);
    let meant = bare.strip_prefix("Lambda").or(bare.strip_prefix("ECS")).unwrap_or(bare);
    let instead = match free_form(meant) {
        // An invented predefined name that says what it wants: give it the spelling that works.
        Some(Ok(strategy)) => {
            let works = format!("{strategy} works without being created first");
            nearest(name, platform)
                .map_or(works.clone(), |nearest| format!("the nearest predefined one is {nearest}, and {works}"))
        }
        _ => match in_minutes(meant) {
            // The nearest in letters would be another time: five hours are not five minutes.
            Some(Ok(strategy)) => format!("write {strategy}: times are in minutes or seconds"),
            Some(Err(error)) => error.to_string(),
            None => match nearest(name, platform) {
                Some(nearest) => format!("the nearest is {nearest}; {FREE_FORM}"),
                None => FREE_FORM.to_owned(),
            },
        },
    };
    StrategyError::Unknown { name: name.to_owned(), instead }
}

/// What a name in hours or days means, where it is a good one but for that.
fn in_minutes(name: &str) -> Option<Result<Strategy, StrategyError>> {
    let (bare, minutes) = [("Hours", 60), ("Hour", 60), ("Days", 1_440), ("Day", 1_440)]
        .into_iter()
        .find_map(|(unit, minutes)| Some((name.strip_suffix(unit)?, minutes)))?;
    let digits = bare.len() - bare.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (front, count) = bare.split_at(bare.len() - digits);
    let count: u64 = count.parse().ok()?;
    free_form(&format!("{front}{}Minutes", count.checked_mul(minutes)?))
}

/// The platform's predefined configuration that looks most like `name`, written as `name` is: with the prefix or without. `None` where
/// none looks like it: whoever takes the next best moves all calls at once.
fn nearest(name: &str, platform: Platform) -> Option<&'static str> {
    // Names have 100 characters at most; comparing a page of text with anything is a waste.
    let name = name.chars().take(100).collect::<String>().to_lowercase();
    let prefixed = name.starts_with("codedeploy");
    let candidates = PREDEFINED.iter().filter(|predefined| predefined.platform == platform).map(|predefined| {
        let bare = predefined.name.strip_prefix(PREFIX).unwrap_or(predefined.name);
        let bare = bare.strip_prefix(prefix(platform)).unwrap_or(bare);
        if prefixed { predefined.name } else { bare }
    });
    let distance = |candidate: &&str| strsim::damerau_levenshtein(&candidate.to_lowercase(), &name);
    let begins_so = |candidate: &str| name.len() >= 4 && candidate.to_lowercase().starts_with(&name);
    let is_near = |candidate: &&str| distance(candidate) <= candidate.len() / 3 || begins_so(candidate);
    candidates.filter(is_near).min_by_key(distance)
}
