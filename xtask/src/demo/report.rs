//! What is told of the scenarios: to people with charts, to programs as one document.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::chart::{self, Chart};
use super::scenario::Scenario;
use super::shares::{self, Planned};
use local::traffic::Hit;

/// One scenario as it went. The members of the document are a contract.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Played {
    pub(crate) name: &'static str,
    pub(crate) ok: bool,
    pub(crate) status: String,
    pub(crate) error_code: Option<String>,
    pub(crate) alias_version: String,
    pub(crate) alias_weights: Value,
    pub(crate) observed_new_share: f64,
    pub(crate) planned_new_share: f64,
    pub(crate) restored_ms: Option<f64>,
    pub(crate) transitions: u64,
    pub(crate) seconds: f64,
    /// Why it is not ok.
    #[serde(skip)]
    pub(crate) problems: Vec<String>,
    #[serde(skip)]
    pub(crate) seen: Option<Seen>,
}

/// What a chart is drawn from.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) to: &'static str,
    pub(crate) hits: Vec<Hit>,
    pub(crate) planned: Planned,
    /// The first shift, where there was one.
    pub(crate) first: Option<f64>,
    pub(crate) from: f64,
    pub(crate) until: f64,
    /// What happened when.
    pub(crate) marks: Vec<(f64, String)>,
}

impl Seen {
    fn draw(&self, width: usize) -> String {
        let columns = chart::columns(width);
        let each = (self.until - self.from) / f64::from(u32::try_from(columns).unwrap_or(1));
        let middle = |column: usize| self.from + each * (f64::from(u32::try_from(column).unwrap_or(0)) + 0.5);
        // A plan that was never begun moves nothing.
        let due = |at: f64| self.planned.at(self.first.map_or(-1.0, |first| at - first));
        let planned = (0..columns).map(|column| Some(due(middle(column)))).collect::<Vec<_>>();
        let observed = shares::observed(&self.hits, self.to, self.from, self.until, columns);
        let marks = self.marks.iter().map(|(at, what)| (at - self.from, what.clone())).collect::<Vec<_>>();
        let seconds = self.until - self.from;
        Chart { planned: &planned, observed: &observed, seconds, marks: &marks }.draw()
    }
}

impl Played {
    /// One that could not be played to its end.
    pub(crate) fn broken(scenario: &Scenario, why: String) -> Self {
        Self {
            name: scenario.name,
            ok: false,
            status: "Unknown".to_owned(),
            error_code: None,
            alias_version: String::new(),
            alias_weights: Value::Object(serde_json::Map::new()),
            observed_new_share: 0.0,
            planned_new_share: 0.0,
            restored_ms: None,
            transitions: 0,
            seconds: 0.0,
            problems: vec![why],
            seen: None,
        }
    }

    /// How it ended, in a line, and what is wrong with that.
    pub(crate) fn verdict(&self) -> String {
        let mut told = format!("{} {}: {}", if self.ok { "ok " } else { "NOT OK" }, self.name, self.status);
        if let Some(code) = &self.error_code {
            let _ = write!(told, " ({code})");
        }
        let _ = write!(told, " after {:.1} s, the traffic is on {}", self.seconds, self.alias_version);
        if let Some(restored) = self.restored_ms {
            let _ = write!(told, ", put back within {restored:.0} ms");
        }
        for problem in &self.problems {
            let _ = write!(told, "\n  {problem}");
        }
        told
    }

    /// The verdict with the chart.
    pub(crate) fn rendered(&self, width: usize) -> String {
        let mut told = String::new();
        if let Some(seen) = &self.seen {
            let _ = writeln!(told, "\n  share of {} among the calls, by time", seen.to);
            told.push_str(&seen.draw(width));
            if seen.first.is_some() {
                let (observed, planned) = (self.observed_new_share * 100.0, self.planned_new_share * 100.0);
                let _ = writeln!(told, "  while the traffic moved: {observed:.1} % observed, {planned:.1} % planned");
            }
        }
        let _ = writeln!(told, "{}", self.verdict());
        told
    }
}

/// The whole demo. The members of the document are a contract.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) ok: bool,
    scenarios: Vec<Played>,
}

impl Default for Report {
    fn default() -> Self {
        Self { ok: true, scenarios: Vec::new() }
    }
}

impl Report {
    /// Takes one more in.
    pub(crate) fn add(&mut self, played: Played) {
        self.ok &= played.ok;
        self.scenarios.push(played);
    }

    /// As one JSON document.
    pub(crate) fn document(&self) -> Result<String, String> {
        let document = serde_json::to_string(self).map_err(|error| format!("the report is no JSON: {error}"))?;
        Ok(format!("{document}\n"))
    }

    /// In one sentence.
    pub(crate) fn summary(&self) -> String {
        let bad = self.scenarios.iter().filter(|played| !played.ok).map(|played| played.name).collect::<Vec<_>>();
        match bad.as_slice() {
            [] if self.scenarios.len() == 1 => "the one scenario ended as it should".to_owned(),
            [] => format!("all {} scenarios ended as they should", self.scenarios.len()),
            bad => format!("not as it should be: {}", bad.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::scenario::Name;
    use super::*;

    fn played() -> Played {
        Played {
            ok: true,
            status: "Stopped".to_owned(),
            error_code: Some("ALARM_ACTIVE".to_owned()),
            alias_version: "1".to_owned(),
            observed_new_share: 0.2,
            planned_new_share: 0.21,
            restored_ms: Some(84.6),
            transitions: 17,
            seconds: 6.4,
            problems: Vec::new(),
            ..Played::broken(&Name::Faulty.scenario(), String::new())
        }
    }

    #[test]
    fn the_document_has_exactly_its_members() {
        let mut report = Report::default();
        report.add(played());
        expect![[r#"
            {"ok":true,"scenarios":[{"name":"faulty","ok":true,"status":"Stopped","errorCode":"ALARM_ACTIVE","aliasVersion":"1","aliasWeights":{},"observedNewShare":0.2,"plannedNewShare":0.21,"restoredMs":84.6,"transitions":17,"seconds":6.4}]}
        "#]]
        .assert_eq(&report.document().unwrap());
    }

    #[test]
    fn one_scenario_that_is_not_ok_makes_the_demo_not_ok() {
        let mut report = Report::default();
        report.add(played());
        assert!(report.ok);
        report.add(Played::broken(&Name::Crash.scenario(), "no answer".to_owned()));
        assert!(!report.ok);
        assert_eq!(report.summary(), "not as it should be: crash");
    }

    #[test]
    fn one_scenario_is_told_as_one() {
        let mut report = Report::default();
        report.add(played());
        assert_eq!(report.summary(), "the one scenario ended as it should");
        report.add(played());
        assert_eq!(report.summary(), "all 2 scenarios ended as they should");
    }

    #[test]
    fn the_verdict_says_where_the_traffic_is_and_what_is_wrong() {
        expect!["ok  faulty: Stopped (ALARM_ACTIVE) after 6.4 s, the traffic is on 1, put back within 85 ms"]
            .assert_eq(&played().verdict());
        expect![[r#"
            NOT OK crash: Unknown after 0.0 s, the traffic is on 
              no answer"#]]
        .assert_eq(&Played::broken(&Name::Crash.scenario(), "no answer".to_owned()).verdict());
    }
}
