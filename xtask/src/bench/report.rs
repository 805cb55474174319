//! What was measured: for people beside its budgets, for programs as one document.

use std::fmt::Write as _;

use serde::Serialize;

use super::api::Api;
use super::burst::Burst;
use super::cold::ColdStart;
use super::linear::Linear10;
use super::memory::Memory;
use super::rollback::Rollback;
use super::service::Ecs;

/// Everything that was measured. The members of the document are a contract; a part that was not asked for is left out.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rollback: Option<Rollback>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) linear10: Option<Linear10>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cold_start: Option<Vec<ColdStart>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) package: Option<Package>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) api: Option<Api>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ecs: Option<Ecs>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) burst: Option<Burst>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) memory: Option<Memory>,
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
        let mut lines = Lines(String::new());
        self.rollbacks(&mut lines);
        self.steps(&mut lines);
        self.functions(&mut lines);
        self.load(&mut lines);
        lines.0.push_str(NOTES);
        lines.0
    }

    /// How long traffic takes to be back.
    fn rollbacks(&self, lines: &mut Lines) {
        if let Some(rollback) = &self.rollback {
            lines.add(
                &format!("alarm event to alias restored, p50 of {}", rollback.n),
                rollback.p50_ms,
                "ms",
                Some(150.0),
            );
            lines.add("alarm event to alias restored, p99", rollback.p99_ms, "ms", Some(500.0));
        }
        if let Some(ecs) = &self.ecs {
            let what = format!("alarm event to listeners restored, p50 of {}", ecs.n);
            lines.add(&what, ecs.rollback_p50_ms, "ms", Some(150.0));
            lines.add("alarm event to listeners restored, p99", ecs.rollback_p99_ms, "ms", Some(500.0));
        }
    }

    /// What a deployment of ten steps needs.
    fn steps(&self, lines: &mut Lines) {
        if let Some(linear10) = &self.linear10 {
            lines.count("ten linear steps: state transitions", linear10.transitions, Some(45.0));
        }
        if let Some(ecs) = &self.ecs {
            lines.count("ten linear steps of a service: transitions", ecs.linear10_transitions, None);
        }
        if let Some(linear10) = &self.linear10 {
            lines.count("ten linear steps: invocations", linear10.invocations, Some(25.0));
            lines.add("ten linear steps: DynamoDB write units", linear10.write_units, "", Some(60.0));
            lines.add("ten linear steps: DynamoDB read units", linear10.read_units, "", Some(80.0));
            lines.add("ten linear steps: price of 1000 deployments", linear10.usd * 1e3, "USD", None);
        }
    }

    /// How fast and how large the functions are.
    fn functions(&self, lines: &mut Lines) {
        for start in self.cold_start.iter().flatten() {
            lines.add(&format!("cold start of {}: init", start.function), start.init_ms, "ms", Some(25.0));
            let what = format!("cold start of {}: first invocation", start.function);
            lines.add(&what, start.first_invoke_ms, "ms", None);
            let memory = (start.rss_kb / 102.4).round() / 10.0;
            lines.add(&format!("cold start of {}: peak memory", start.function), memory, "MB", Some(32.0));
        }
        if let Some(package) = &self.package {
            #[expect(clippy::cast_precision_loss, reason = "some megabytes")]
            let zip = (package.zip_bytes as f64 / 1e4).round() / 100.0;
            lines.add("package, as a zip", zip, "MB", Some(6.0));
        }
    }

    /// How much the API and the local stack bear.
    fn load(&self, lines: &mut Lines) {
        if let Some(api) = &self.api {
            let speeds = [("GetDeployment", api.get_deployment), ("CreateDeployment", api.create_deployment)];
            for (operation, speed) in speeds {
                lines.add(&format!("{operation}, one at a time"), speed.per_second, "per s", None);
                lines.add(&format!("{operation}, p99"), speed.p99_ms, "ms", None);
            }
        }
        if let Some(burst) = &self.burst {
            let n = burst.n;
            lines.count(&format!("{n} deployments at once: wrong ends"), burst.wrong as u64, Some(0.0));
            lines.add(&format!("{n} deployments at once: until all are over"), burst.seconds, "s", None);
            lines.count(&format!("{n} deployments at once: throttled answers"), burst.throttled as u64, None);
        }
        if let Some(memory) = &self.memory {
            for (look, deployments) in [0, 250, 500].into_iter().enumerate() {
                let mut held = |what: &str, mb: f64| {
                    lines.add(&format!("after {deployments} deployments: {what}"), mb, "MB", None);
                };
                held("moto", memory.emulator_mb[look]);
                held("the gateway", memory.gateway_mb[look]);
                held("all functions", memory.functions_mb[look]);
            }
        }
    }
}

/// What is measured, a line each.
struct Lines(String);

impl Lines {
    fn add(&mut self, what: &str, value: f64, unit: &str, budget: Option<f64>) {
        let shown = |number: f64| if number.fract() == 0.0 { format!("{number:.0}") } else { format!("{number:.1}") };
        let judged = budget.map(|budget| {
            let verdict = if value <= budget { "ok" } else { "OVER" };
            format!("   budget {:>9}   {verdict}", shown(budget))
        });
        let _ = writeln!(self.0, "{what:<44}{:>9} {unit:<5}{}", shown(value), judged.unwrap_or_default());
    }

    fn count(&mut self, what: &str, value: u64, budget: Option<f64>) {
        #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
        let value = value as f64;
        self.add(what, value, "", budget);
    }
}

/// How it was measured.
const NOTES: &str = "
Measured on the local stack with the release build. Rollbacks come one after the other, the first five are not counted. Cold
starts are medians of five processes. The API is called through its function, one call after the other, in one warm process.
The price is AWS's list price in us-east-1 without free tiers; its Lambda time is what this machine took. Of a burst, half is
interrupted by users and alarms; wrong is what is not where it must be, open, running or locked in the end.
";

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::bench::api::Speed;

    fn report() -> Report {
        let shift = ColdStart { function: "shift", init_ms: 9.1, first_invoke_ms: 31.5, rss_kb: 20_480.0 };
        Report {
            rollback: Some(Rollback { n: 110, p50_ms: 84.2, p99_ms: 512.0 }),
            linear10: Some(Linear10 {
                transitions: 40,
                invocations: 15,
                write_units: 44.0,
                read_units: 31.5,
                usd: 0.0010514,
            }),
            cold_start: Some(vec![shift]),
            package: Some(Package { zip_bytes: 4_712_345 }),
            api: Some(Api {
                get_deployment: Speed { per_second: 310.4, p99_ms: 5.2 },
                create_deployment: Speed { per_second: 71.0, p99_ms: 24.8 },
            }),
            ecs: Some(Ecs { n: 30, rollback_p50_ms: 120.5, rollback_p99_ms: 480.0, linear10_transitions: 70 }),
            burst: Some(Burst { n: 300, wrong: 0, seconds: 61.5, throttled: 12 }),
            memory: Some(Memory {
                emulator_mb: [190.0, 210.5, 212.0],
                gateway_mb: [20.0, 22.0, 22.5],
                functions_mb: [80.0, 96.0, 95.0],
                processes: [5, 8, 8],
            }),
        }
    }

    #[test]
    fn the_document_has_exactly_its_members() {
        expect![[r#"
            {"rollback":{"n":110,"p50Ms":84.2,"p99Ms":512.0},"linear10":{"transitions":40,"invocations":15,"writeUnits":44.0,"readUnits":31.5,"usd":0.0010514},"coldStart":[{"function":"shift","initMs":9.1,"firstInvokeMs":31.5,"rssKb":20480.0}],"package":{"zipBytes":4712345},"api":{"getDeployment":{"perSecond":310.4,"p99Ms":5.2},"createDeployment":{"perSecond":71.0,"p99Ms":24.8}},"ecs":{"rollbackP50Ms":120.5,"rollbackP99Ms":480.0,"linear10Transitions":70},"burst":{"n":300,"wrong":0,"seconds":61.5,"throttled":12},"memory":{"emulatorMb":[190.0,210.5,212.0],"gatewayMb":[20.0,22.0,22.5],"functionsMb":[80.0,96.0,95.0],"processes":[5,8,8]}}
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
            CreateDeployment, p99                            24.8 ms   
            300 deployments at once: wrong ends                 0         budget         0   ok
            300 deployments at once: until all are over      61.5 s    
            300 deployments at once: throttled answers         12      
            after 0 deployments: moto                         190 MB   
            after 0 deployments: the gateway                   20 MB   
            after 0 deployments: all functions                 80 MB   
            after 250 deployments: moto                     210.5 MB   
            after 250 deployments: the gateway                 22 MB   
            after 250 deployments: all functions               96 MB   
            after 500 deployments: moto                       212 MB   
            after 500 deployments: the gateway               22.5 MB   
            after 500 deployments: all functions               95 MB   "#]]
        .assert_eq(numbers);
    }
}
