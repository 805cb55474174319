//! s
use local::*;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::*;
#[tokio::main]
async fn main() {
    let t = Instant::now();
    let mut o = Options::new(std::env::args().nth(1).unwrap(), std::env::args().nth(2).unwrap());
    o.progress = Arc::new(move |l| println!("{:6.2} {l}", t.elapsed().as_secs_f64()));
    let s = match Stack::start(o).await {
        Ok(s) => s,
        Err(e) => {
            println!("{e}: {:?}", std::error::Error::source(&e));
            return;
        }
    };
    println!("started in {:?}", t.elapsed());
    s.keep_state();
    println!("{}", s.state_dir().display());
    let c = s.client();
    s.meter().start();
    c.put_metric_alarm(&json!({"AlarmName":"a","Namespace":"AWS/Lambda","MetricName":"Errors","Period":10,"EvaluationPeriods":1,"Threshold":1,"Statistic":"Sum","ComparisonOperator":"GreaterThanThreshold","Dimensions":[{"Name":"FunctionName","Value":"storefront"}]})).await.unwrap();
    for (to, strat) in [("2", "Linear10PercentEvery1Second"), ("3", "Canary50Percent30Seconds")] {
        let spec = json!({"version":0.0,"Resources":[{"f":{"Type":"AWS::Lambda::Function","Properties":{"Name":"storefront","Alias":"live","CurrentVersion": if to=="2" {"1"} else {"2"},"TargetVersion":to}}}],
      "Hooks":[{"BeforeAllowTraffic":{"Function":"CodeDeployHook_before","Parameters":["/storefront/db/password"]}},{"AfterAllowTraffic":"CodeDeployHook_after"}]});
        let r=c.invoke("tideshift-api",None,&json!({"target":"CodeDeploy_20141006.CreateDeployment","body":{"revision":{"revisionType":"AppSpecContent","appSpecContent":{"content":spec.to_string()}},"deploymentConfigName":strat,"overrideAlarmConfiguration":{"enabled":true,"alarms":[{"name":"a"}]}}})).await.unwrap();
        println!("{:?} {}", r.payload, r.log_tail.unwrap_or_default());
        let Some(id) = r.payload["body"]["deploymentId"].as_str().map(str::to_owned) else { break };
        let tr = traffic::Traffic::start(s.client(), "storefront", "live", 20.0);
        let arn = format!("arn:aws:states:us-east-1:123456789012:execution:tideshift-lambda:{id}");
        let b = Instant::now();
        let mut last = Value::Null;
        while b.elapsed() < Duration::from_secs(60) {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let d = c.describe_execution(&arn).await;
            let Ok(d) = d else {
                println!("{:?}", d.err());
                continue;
            };
            if d["status"] != last["status"] {
                println!("{:.1} {} {} {}", b.elapsed().as_secs_f64(), d["status"], d["error"], d["cause"]);
                last = d.clone();
            }
            if d["status"] != "RUNNING" {
                break;
            }
        }
        let hits = tr.stop().await;
        println!(
            "{} hits {:?}",
            hits.len(),
            traffic::shares(&hits, to, 1.0).iter().map(|s| s.share).collect::<Vec<_>>()
        );
        let h = c.execution_history(&arn).await.unwrap();
        println!("history {}", h.len());
        for e in h.iter().filter(|e| e["type"].as_str().unwrap().contains("Fail")) {
            println!("{e}");
        }
        println!("{}", c.get_alias("storefront", "live").await.unwrap());
        println!("{:?}", s.meter().usage(&id));
    }
    for w in s.observed().alias_writes() {
        println!("{w:?}")
    }
    for w in s.observed().cold_starts() {
        println!("{w:?}")
    }
    for w in s.observed().events() {
        println!("{} {} {}", w.at, w.event["detail-type"], w.event["detail"]["status"])
    }
    println!("denied {:?} {:?}", s.observed().denied(), s.observed().invocations());
    if std::env::args().nth(3).is_some() {
        println!("READY");
        tokio::time::sleep(Duration::from_secs(600)).await;
    }
    let t = Instant::now();
    s.stop().await;
    println!("stopped in {:?}", t.elapsed());
}
