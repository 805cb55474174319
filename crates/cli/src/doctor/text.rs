//! What was found, for people and as a document.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::judge::{Finding, Verdict, worst};

/// One line a finding, and what to do below it.
pub(crate) fn render(findings: &[Finding], stack: &str) -> String {
    let mut text = format!("stack {stack}\n\n");
    for Finding { check, verdict, found, advice } in findings {
        // Nothing fails that is written to a text.
        let _ = writeln!(text, "{:<9}{check:<13}{found}", verdict.as_str());
        if let Some(advice) = advice {
            let _ = writeln!(text, "{:22}do: {advice}", "");
        }
    }
    let to_do = findings.iter().filter(|finding| finding.verdict != Verdict::Good).count();
    let summary = match (worst(findings), to_do) {
        (Verdict::Good, _) => "All is as it should be.".to_owned(),
        (_, 1) => "One thing to see to.".to_owned(),
        (_, many) => format!("{many} things to see to."),
    };
    let _ = writeln!(text, "\n{summary}");
    text
}

/// The same for programs.
pub(crate) fn document(findings: &[Finding], stack: &str) -> Value {
    let checks: Vec<Value> = findings
        .iter()
        .map(|Finding { check, verdict, found, advice }| {
            json!({"check": check.to_string(), "verdict": verdict.as_str(), "found": found, "do": advice})
        })
        .collect();
    json!({"stack": stack, "verdict": worst(findings).as_str(), "checks": checks})
}
