//! `--steps`: a list of weights and waits in one line, and its grammar. What the weights mean, and whether they climb, is for the
//! stack to say.

use serde_json::{Value, json};

/// The grammar as `--help` tells it.
pub(crate) const HELP: &str = "\
Steps (--steps): WEIGHT[:WAIT],...    weights in percent of the traffic, climbing; 100 comes last by itself
  WAIT is DURATION                    hold that long
          pause                       wait for `tideshift continue`, at most 1d, then stop
          pause:TIMEOUT               ... at most TIMEOUT, then stop
          pause:TIMEOUT:stop          the same
          pause:TIMEOUT:continue      ... at most TIMEOUT, then go on
  DURATION, TIMEOUT: 90 (seconds), 90s, 5m, 1h30m or 2d
  A wait at 100 is a bake time: alarms still put the traffic back.
Examples:
  --steps '10:5m,50:1h,100'           10 % for 5 minutes, 50 % for an hour, then all
  --steps '5:10m,50:pause:2h,100:15m' ask a person at 50 %, bake 15 minutes at the end";

/// The steps, as they stand in an AppSpec's `Strategy`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Steps(Vec<Step>);

#[derive(Debug, Clone, PartialEq)]
struct Step {
    weight: u64,
    wait: Option<Wait>,
}

#[derive(Debug, Clone, PartialEq)]
enum Wait {
    Hold(String),
    UntilContinued { timeout: String, on_timeout: OnTimeout },
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum OnTimeout {
    Stop,
    Continue,
}

/// How long a `pause` without a timeout waits: an AppSpec must name one.
const LONGEST_PAUSE: &str = "1d";

/// Reads the flag.
pub(crate) fn parse(text: &str) -> Result<Steps, String> {
    text.split(',').map(|step| parse_step(step.trim())).collect::<Result<_, _>>().map(Steps)
}

fn parse_step(text: &str) -> Result<Step, String> {
    let (weight, wait) = match text.split_once(':') {
        Some((weight, wait)) => (weight, Some(wait)),
        None => (text, None),
    };
    let digits = weight.strip_suffix('%').unwrap_or(weight).trim_end();
    let weight = digits
        .parse()
        .map_err(|_| format!("step `{text}` does not begin with a weight: write a step like 10:5m, 50:pause or 100"))?;
    let wait = wait.map(|wait| parse_wait(text, wait)).transpose()?;
    Ok(Step { weight, wait })
}

fn parse_wait(step: &str, text: &str) -> Result<Wait, String> {
    let mut words = text.split(':');
    let Some("pause") = words.next() else {
        return duration(text).map(Wait::Hold).map_err(|error| format!("step `{step}`: {error}, or pause"));
    };
    let timeout = duration(words.next().unwrap_or(LONGEST_PAUSE)).map_err(|error| format!("step `{step}`: {error}"))?;
    let on_timeout = match words.next() {
        None | Some("stop") => OnTimeout::Stop,
        Some("continue") => OnTimeout::Continue,
        Some(other) => {
            return Err(format!("step `{step}`: after the timeout comes stop or continue, not `{other}`"));
        }
    };
    match words.next() {
        None => Ok(Wait::UntilContinued { timeout, on_timeout }),
        Some(other) => Err(format!("step `{step}`: `:{other}` is too much; the longest form is 50:pause:1h:stop")),
    }
}

/// The units of a duration.
const UNITS: [char; 4] = ['s', 'm', 'h', 'd'];

/// Reads a duration, as it is written in an AppSpec: always with its unit.
pub(crate) fn duration(text: &str) -> Result<String, String> {
    let is_number = |number: &str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number(text) {
        return Ok(format!("{text}s"));
    }
    let numbers = text.strip_suffix(UNITS).unwrap_or_default();
    if numbers.split(UNITS).all(is_number) {
        return Ok(text.to_owned());
    }
    Err(format!("`{text}` is no duration: write 90, 90s, 5m, 1h30m or 2d"))
}

impl Steps {
    /// The list for the AppSpec.
    pub(crate) fn strategy(&self) -> Value {
        self.0.iter().map(Step::json).collect()
    }
}

impl Step {
    fn json(&self) -> Value {
        let weight = self.weight;
        match &self.wait {
            None => json!({"Weight": weight}),
            Some(Wait::Hold(hold)) => json!({"Weight": weight, "Hold": hold}),
            Some(Wait::UntilContinued { timeout, on_timeout }) => {
                let on_timeout = match on_timeout {
                    OnTimeout::Stop => "Stop",
                    OnTimeout::Continue => "Continue",
                };
                json!({"Weight": weight, "UntilContinued": {"Timeout": timeout, "OnTimeout": on_timeout}})
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read_by_their_grammar() {
        let table = [
            ("100", r#"[{"Weight":100}]"#),
            ("10:5m,50:1h,100", r#"[{"Weight":10,"Hold":"5m"},{"Weight":50,"Hold":"1h"},{"Weight":100}]"#),
            ("10%:90, 100:2d", r#"[{"Weight":10,"Hold":"90s"},{"Weight":100,"Hold":"2d"}]"#),
            ("50:pause", r#"[{"Weight":50,"UntilContinued":{"Timeout":"1d","OnTimeout":"Stop"}}]"#),
            ("10:1h30m", r#"[{"Weight":10,"Hold":"1h30m"}]"#),
            ("50:pause:1h", r#"[{"Weight":50,"UntilContinued":{"Timeout":"1h","OnTimeout":"Stop"}}]"#),
            ("50:pause:1h:stop", r#"[{"Weight":50,"UntilContinued":{"Timeout":"1h","OnTimeout":"Stop"}}]"#),
            ("50:pause:30:continue", r#"[{"Weight":50,"UntilContinued":{"Timeout":"30s","OnTimeout":"Continue"}}]"#),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text).expect(text).strategy().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn what_the_grammar_does_not_know_is_told_with_what_to_write() {
        let table = [
            ("", "step `` does not begin with a weight: write a step like 10:5m, 50:pause or 100"),
            ("10:5m,,100", "step `` does not begin with a weight: write a step like 10:5m, 50:pause or 100"),
            ("5m", "step `5m` does not begin with a weight: write a step like 10:5m, 50:pause or 100"),
            ("-1", "step `-1` does not begin with a weight: write a step like 10:5m, 50:pause or 100"),
            ("10:", "step `10:`: `` is no duration: write 90, 90s, 5m, 1h30m or 2d, or pause"),
            (
                "10:5 minutes",
                "step `10:5 minutes`: `5 minutes` is no duration: write 90, 90s, 5m, 1h30m or 2d, or pause",
            ),
            ("10:5µ", "step `10:5µ`: `5µ` is no duration: write 90, 90s, 5m, 1h30m or 2d, or pause"),
            ("50:pause=1h", "step `50:pause=1h`: `pause=1h` is no duration: write 90, 90s, 5m, 1h30m or 2d, or pause"),
            ("50:pause:soon", "step `50:pause:soon`: `soon` is no duration: write 90, 90s, 5m, 1h30m or 2d"),
            ("50:pause:1h:wait", "step `50:pause:1h:wait`: after the timeout comes stop or continue, not `wait`"),
            ("50:pause:1h:stop:x", "step `50:pause:1h:stop:x`: `:x` is too much; the longest form is 50:pause:1h:stop"),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text).expect_err(text), expected);
        }
    }
}
