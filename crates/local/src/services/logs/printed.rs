//! CloudWatch Logs of what functions print, as FilterLogEvents answers it: in pages that may be empty and still not the last.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

use crate::client::Client;
use crate::clock;
use crate::guarded::Guarded;
use crate::http::Answer;

/// What of a group is kept: whoever wants more reads the functions' files.
const KEPT: usize = 10_000;
/// How many lines one call looks through. AWS stops after a while as well, with or without a find.
const A_PAGE: usize = 250;
/// No line of AWS's is longer.
const LONGEST: usize = 256 * 1024;

/// The lines by group, each group's oldest first.
#[derive(Debug, Default)]
pub(crate) struct Printed(Guarded<HashMap<String, Lines>>);

#[derive(Debug, Default)]
struct Lines {
    /// How many there were before the first one kept.
    forgotten: usize,
    kept: VecDeque<Line>,
}

#[derive(Debug)]
struct Line {
    /// Milliseconds since 1970.
    at: i64,
    stream: String,
    text: String,
}

impl Printed {
    /// Adds a line.
    pub(crate) fn add(&self, group: &str, stream: &str, line: &str) {
        let text: String = line.trim_end_matches(['\r', '\n']).chars().take(LONGEST).collect();
        let mut all = self.0.lock();
        let lines = all.entry(group.to_owned()).or_default();
        lines.kept.push_back(Line { at: clock::now().as_millisecond(), stream: stream.to_owned(), text });
        if lines.kept.len() > KEPT {
            lines.kept.pop_front();
            lines.forgotten += 1;
        }
    }

    /// Answers FilterLogEvents. A group that nobody wrote to exists where moto has it.
    pub(crate) async fn filter(&self, moto: &Client, input: &Value) -> Answer {
        let refused = |code: &str, message: &str| Answer::error(400, code, message);
        let Some(group) = input["logGroupName"].as_str().or_else(|| input["logGroupIdentifier"].as_str()) else {
            return refused("InvalidParameterException", "At least one of logGroupName, logGroupIdentifier is needed");
        };
        let search = match Search::read(input) {
            Ok(search) => search,
            Err(why) => return refused("InvalidParameterException", &why),
        };
        let group = group.rsplit_once("log-group:").map_or(group, |(_, name)| name);
        let found = self.0.lock().get(group).map(|lines| search.page(group, lines));
        match found {
            Some(page) => Answer::json(200, &page),
            None if exists(moto, group).await => Answer::json(200, &json!({"events": [], "searchedLogStreams": []})),
            None => refused("ResourceNotFoundException", "The specified log group does not exist."),
        }
    }
}

async fn exists(moto: &Client, group: &str) -> bool {
    let asked = json!({"logGroupNamePrefix": group});
    let described = moto.aws_json("Logs_20140328", "DescribeLogGroups", &asked).await.unwrap_or_default();
    described["logGroups"].as_array().is_some_and(|groups| groups.iter().any(|found| found["logGroupName"] == *group))
}

/// What is looked for.
#[derive(Debug)]
struct Search {
    from: i64,
    until: i64,
    /// All of them hold of a line that is meant.
    terms: Vec<Term>,
    /// The number of the line that comes next.
    next: usize,
    limit: usize,
}

impl Search {
    fn read(input: &Value) -> Result<Self, String> {
        let from = input["startTime"].as_i64().unwrap_or(0);
        let until = input["endTime"].as_i64().unwrap_or(i64::MAX);
        if from > until {
            return Err("startTime must be earlier than endTime".to_owned());
        }
        let limit = input["limit"].as_u64().unwrap_or(10_000);
        if !(1..=10_000).contains(&limit) {
            return Err("limit must be between 1 and 10000".to_owned());
        }
        let next = match &input["nextToken"] {
            Value::Null => 0,
            token => {
                token.as_str().and_then(|token| token.parse().ok()).ok_or("The specified nextToken is invalid.")?
            }
        };
        let terms = terms(input["filterPattern"].as_str().unwrap_or_default())?;
        Ok(Self { from, until, terms, next, limit: usize::try_from(limit).unwrap_or(1) })
    }

    fn page(&self, group: &str, lines: &Lines) -> Value {
        let start = self.next.max(lines.forgotten);
        let numbered = lines.kept.iter().enumerate().map(|(index, line)| (lines.forgotten + index, line));
        let (mut events, mut next) = (Vec::new(), start);
        for (number, line) in numbered.skip(start - lines.forgotten).take(A_PAGE) {
            next = number + 1;
            let meant =
                (self.from..=self.until).contains(&line.at) && self.terms.iter().all(|term| term.holds(&line.text));
            if meant {
                events.push(json!({
                    "logStreamName": line.stream, "timestamp": line.at, "message": line.text, "ingestionTime": line.at,
                    "eventId": format!("{group}/{number}"),
                }));
            }
            if events.len() == self.limit {
                break;
            }
        }
        let mut page = json!({"events": events, "searchedLogStreams": []});
        if next < lines.forgotten + lines.kept.len() {
            page["nextToken"] = json!(next.to_string());
        }
        page
    }
}

/// A part of a filter pattern.
#[derive(Debug, PartialEq, Eq)]
enum Term {
    /// A text that stands in the line.
    Text(String),
    /// A member of a line in JSON, by its path as a JSON pointer, and the text that it is.
    Member(String, String),
}

impl Term {
    fn holds(&self, line: &str) -> bool {
        match self {
            Self::Text(text) => line.contains(text.as_str()),
            Self::Member(path, text) => serde_json::from_str::<Value>(line)
                .is_ok_and(|line| line.pointer(path).is_some_and(|member| member == text.as_str())),
        }
    }
}

/// `{ $.a.b = "text" }`.
fn member(pattern: &str) -> Option<Term> {
    let inside = pattern.strip_prefix('{')?.strip_suffix('}')?.trim();
    let (path, text) = inside.strip_prefix("$.")?.split_once('=')?;
    let text = text.trim().strip_prefix('"')?.strip_suffix('"')?;
    Some(Term::Member(format!("/{}", path.trim().replace('.', "/")), text.to_owned()))
}

/// The terms of a filter pattern: words, texts in quotes, or one member of JSON. AWS has more; what is not known here is refused.
fn terms(pattern: &str) -> Result<Vec<Term>, String> {
    if let Some(member) = member(pattern.trim()) {
        return Ok(vec![member]);
    }
    let (mut terms, mut rest) = (Vec::new(), pattern.trim());
    while !rest.is_empty() {
        let (term, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or("Invalid filter pattern")?,
            None => rest.split_once(' ').unwrap_or((rest, "")),
        };
        if !rest.starts_with('"') && !term.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
            return Err(format!("Invalid filter pattern: {term} has to stand in quotes"));
        }
        terms.push(Term::Text(term.to_owned()));
        rest = after.trim_start();
    }
    Ok(terms)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn printed(lines: usize) -> Printed {
        let printed = Printed::default();
        for number in 0..lines {
            printed.add("shift", "s", &format!("{{\"deployment\":\"d-{number}\"}}\n"));
        }
        printed
    }

    fn page(printed: &Printed, input: &Value) -> Value {
        let all = printed.0.lock();
        Search::read(input).expect("a search").page("shift", all.get("shift").expect("lines"))
    }

    #[test]
    fn a_page_may_be_empty_and_still_not_the_last() {
        let printed = printed(600);
        let mut input = json!({"filterPattern": "\"d-599\""});
        let (mut pages, mut found) = (0, Vec::new());
        loop {
            let page = page(&printed, &input);
            pages += 1;
            found.extend(page["events"].as_array().expect("events").clone());
            match &page["nextToken"] {
                Value::Null => break,
                token => input["nextToken"] = token.clone(),
            }
        }
        assert_eq!((pages, found.len(), &found[0]["message"]), (3, 1, &json!("{\"deployment\":\"d-599\"}")));
    }

    #[test]
    fn what_is_forgotten_moves_no_token() {
        let printed = printed(KEPT + 10);
        let all = page(&printed, &json!({"nextToken": "3"}));
        assert_eq!(all["events"][0]["eventId"], "shift/10");
    }

    #[test]
    fn patterns_are_words_and_quoted_texts_and_others_are_refused() {
        assert_eq!(terms("\"d-1\" ERROR"), Ok(vec![Term::Text("d-1".to_owned()), Term::Text("ERROR".to_owned())]));
        assert_eq!(terms(" "), Ok(Vec::new()));
        for wrong in ["d-1", "{ $.x = 1 }", "\"open", "?a ?b"] {
            assert!(terms(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_member_is_that_of_a_line_in_json_and_the_whole_of_it() {
        let [term] = &terms("{ $.fields.deployment = \"d-1\" }").expect("a term")[..] else { panic!("one term") };
        assert!(term.holds(r#"{"fields":{"deployment":"d-1"}}"#));
        for other in [r#"{"fields":{"deployment":"d-10"}}"#, r#"{"fields":{"why":"d-1"}}"#, "d-1"] {
            assert!(!term.holds(other), "{other}");
        }
    }

    #[test]
    fn a_time_that_ends_before_it_begins_is_refused() {
        for wrong in [json!({"startTime": 2, "endTime": 1}), json!({"limit": 0}), json!({"nextToken": "x"})] {
            assert!(Search::read(&wrong).is_err(), "{wrong}");
        }
    }
}
