//! What was measured: for people beside its budgets, for programs as one document.

use std::fmt::Write as _;

use serde::Serialize;

use super::api::Api;
use super::cold::ColdStart;
use super::linear::Linear10;
use super::rollback::Rollback;
use super::service::Ecs;

/// Everything. The members of the document are a contract.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    pub(super) rollback: Rollback,
    pub(super) linear10: Linear10,
    pub(super) cold_start: Vec<ColdStart>,
    pub(super) package: Package,
    pub(super) api: Api,
    pub(super) ecs: Ecs,
}

/// What is uploaded.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Package {
    pub(super) zip_bytes: u64,
}

impl Report {
    /// As one JSON document.
    pub(super) fn document(&self) -> Result<String, String> {
        let document = serde_json::to_string(self).map_err(|error| format!("the report is no JSON: {error}"))?;
        Ok(format!("{document}\n"))
    }

    /// Line by line, with the budgets.
    pub(super) fn text(&self) -> String {
        let Self { rollback, linear10, cold_start, package, api, ecs } = self;
        let mut text = String::new();
        let mut line = |what: &str, value: f64, unit: &str, budget: Option<f64>| {
            let shown =
                |number: f64| if number.fract() == 0.0 { format!("{number:.0}") } else { format!("{number:.1}") };
            let judged = budget.map(|budget| {
                let verdict = if value <= budget { "ok" } else { "OVER" };
                format!("   budget {:>9}   {verdict}", shown(budget))
            });
            let _ = writeln!(text, "{what:<44}{:>9} {unit:<5}{}", shown(value), judged.unwrap_or_default());
        };
        line(&format!("alarm event to alias restored, p50 of {}", rollback.n), rollback.p50_ms, "ms", Some(150.0));
        line("alarm event to alias restored, p99", rollback.p99_ms, "ms", Some(500.0));
        line(&format!("alarm event to listeners restored, p50 of {}", ecs.n), ecs.rollback_p50_ms, "ms", Some(150.0));
        line("alarm event to listeners restored, p99", ecs.rollback_p99_ms, "ms", Some(500.0));
        #[expect(clippy::cast_precision_loss, reason = "some dozens")]
        let (transitions, invocations) = (linear10.transitions as f64, linear10.invocations as f64);
        line("ten linear steps: state transitions", transitions, "", Some(45.0));
        #[expect(clippy::cast_precision_loss, reason = "some dozens")]
        let of_service = ecs.linear10_transitions as f64;
        line("ten linear steps of a service: transitions", of_service, "", None);
        line("ten linear steps: invocations", invocations, "", Some(25.0));
        line("ten linear steps: DynamoDB write units", linear10.write_units, "", Some(60.0));
        line("ten linear steps: DynamoDB read units", linear10.read_units, "", Some(80.0));
        line("ten linear steps: price of 1000 deployments", linear10.usd * 1e3, "USD", None);
        for start in cold_start {
            line(&format!("cold start of {}: init", start.function), start.init_ms, "ms", Some(25.0));
            line(&format!("cold start of {}: first invocation", start.function), start.first_invoke_ms, "ms", None);
            let memory = (start.rss_kb / 102.4).round() / 10.0;
            line(&format!("cold start of {}: peak memory", start.function), memory, "MB", Some(32.0));
        }
        #[expect(clippy::cast_precision_loss, reason = "some megabytes")]
        let zip = (package.zip_bytes as f64 / 1e4).round() / 100.0;
        line("package, as a zip", zip, "MB", Some(6.0));
        for (operation, speed) in [("GetDeployment", api.get_deployment), ("CreateDeployment", api.create_deployment)] {
            line(&format!("{operation}, one at a time"), speed.per_second, "per s", None);
            line(&format!("{operation}, p99"), speed.p99_ms, "ms", None);
        }
        text.push_str(NOTES);
        text
    }
}

/// How it was measured.
const NOTES: &str = "
Measured on the local stack with the release build. Rollbacks come one after the other, the first five are not counted. Cold
starts are medians of five processes. The API is called through its function, one call after the other, in one warm process.
The price is AWS's list price in us-east-1 without free tiers; its Lambda time is what this machine took.
";

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::bench::api::Speed;

    fn report() -> Report {
        Report {
            rollback: Rollback { n: 110, p50_ms: 84.2, p99_ms: 512.0 },
            linear10: Linear10 {
                transitions: 40,
                invocations: 15,
                write_units: 44.0,
                read_units: 31.5,
                usd: 0.0010514,
            },
            cold_start: vec![ColdStart { function: "shift", init_ms: 9.1, first_invoke_ms: 31.5, rss_kb: 20_480.0 }],
            package: Package { zip_bytes: 4_712_345 },
            api: Api {
                get_deployment: Speed { per_second: 310.4, p99_ms: 5.2 },
                create_deployment: Speed { per_second: 71.0, p99_ms: 24.8 },
            },
            ecs: Ecs { n: 30, rollback_p50_ms: 120.5, rollback_p99_ms: 480.0, linear10_transitions: 70 },
        }
    }

    #[test]
    fn the_document_has_exactly_its_members() {
        expect![[r#"
            {"rollback":{"n":110,"p50Ms":84.2,"p99Ms":512.0},"linear10":{"transitions":40,"invocations":15,"writeUnits":44.0,"readUnits":31.5,"usd":0.0010514},"coldStart":[{"function":"shift","initMs":9.1,"firstInvokeMs":31.5,"rssKb":20480.0}],"package":{"zipBytes":4712345},"api":{"getDeployment":{"perSecond":310.4,"p99Ms":5.2},"createDeployment":{"perSecond":71.0,"p99Ms":24.8}},"ecs":{"rollbackP50Ms":120.5,"rollbackP99Ms":480.0,"linear10Transitions":70}}
        "#]]
        .assert_eq(&report().document().unwrap());
    }

    #[test]
    fn every_number_stands_beside_its_budget() {
        let text = report().text();
        let (numbers, _) = text.split_once("\n\n").unwrap();
        expect![[r#"
            alarm event to alias restored, p50 of 110        84.2 ms      budget       150   ok
            alarm event to alias restored, p99                512 ms      budget       500   OVER
            alarm event to listeners restored, p50 of 30    120.5 ms      budget       150   ok
            alarm event to listeners restored, p99            480 ms      budget       500   ok
            ten linear steps: state transitions                40         budget        45   ok
            ten linear steps of a service: transitions         70      
            ten linear steps: invocations                      15         budget        25   ok
            ten linear steps: DynamoDB write units             44         budget        60   ok
            ten linear steps: DynamoDB read units            31.5         budget        80   ok
            ten linear steps: price of 1000 deployments       1.1 USD  
            cold start of shift: init                         9.1 ms      budget        25   ok
            cold start of shift: first invocation            31.5 ms   
            cold start of shift: peak memory                   20 MB      budget        32   ok
            package, as a zip                                 4.7 MB      budget         6   ok
            GetDeployment, one at a time                    310.4 per s
            GetDeployment, p99                                5.2 ms   
            CreateDeployment, one at a time                    71 per s
            CreateDeployment, p99                            24.8 ms   "#]]
        .assert_eq(numbers);
    }
}
