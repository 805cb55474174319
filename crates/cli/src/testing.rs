//! What the tests share: a fixed clock, a scripted stack, a console that remembers.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::{self, TimeZone};
use serde_json::{Value, json};

use crate::api::{Api, ApiError, Operation};
use crate::args::Output;
use crate::console::{Console, Left, Progress};
use crate::function_logs::{Found, ReadLogs, Search};
use crate::view::{ShownTarget, Target};

/// 2026-07-14, noon in Berlin.
pub(crate) fn noon() -> Timestamp {
    "2026-07-14T10:00:00Z".parse().expect("a time")
}

/// Two hours ahead of UTC.
pub(crate) fn berlin() -> TimeZone {
    TimeZone::fixed(tz::offset(2))
}

/// Epoch seconds, `seconds` after noon.
pub(crate) fn at(seconds: i64) -> i64 {
    noon().as_second() + seconds
}

/// The alias `live` of a function, as the stack shows a target.
pub(crate) fn alias(function: &str) -> Value {
    let target = Target::Alias { function: function.to_owned(), alias: "live".to_owned() };
    json!(ShownTarget::from(target))
}

/// The service `shop/web`, likewise.
pub(crate) fn service() -> Value {
    let target = Target::Service { cluster: "shop".to_owned(), service: "web".to_owned() };
    json!(ShownTarget::from(target))
}

/// A plan for the service `shop/web`, with these members besides.
pub(crate) fn service_plan(more: Value) -> Value {
    let mut plan = json!({
        "target": service(), "from": "web:1", "to": "web:2",
        "pair": {"blue": {"taskSet": "ecs-svc/1", "targetGroup": "web-blue"}, "green": {"targetGroup": "web-green"}},
        "readySeconds": null, "terminationSeconds": 1800, "strategy": "Canary10Percent5Minutes", "startWeight": 0,
        "steps": [{"weight": 10, "holdSeconds": 300}, {"weight": 100, "holdSeconds": 0}],
        "hooks": [], "alarms": [], "rollbackOn": [], "pollSeconds": 60, "totalSeconds": 2100,
    });
    if let (Value::Object(plan), Value::Object(more)) = (&mut plan, more) {
        plan.extend(more);
    }
    plan
}

/// The task sets of a deployment to it, while green runs `running` of its two tasks and has `weight` percent.
pub(crate) fn task_sets(running: u64, weight: f64) -> Value {
    let set = |label: &str, status: &str, running: u64, weight: f64| {
        json!({
            "identifer": format!("ecs-svc/{label}"), "taskSetLabel": label, "status": status, "desiredCount": 2,
            "runningCount": running, "pendingCount": 2 - running, "trafficWeight": weight,
            "targetGroup": {"name": format!("web-{}", label.to_lowercase())},
        })
    };
    json!([set("Blue", "PRIMARY", 2, 100.0 - weight), set("Green", "ACTIVE", running, weight)])
}

/// A stack that gives prepared answers and remembers the questions.
pub(crate) struct Script {
    answers: RefCell<VecDeque<Result<Value, ApiError>>>,
    asked: RefCell<Vec<(Operation, Value)>>,
    logged: RefCell<VecDeque<Result<Vec<Found>, String>>>,
    searched: RefCell<Vec<Search>>,
}

impl Script {
    /// The answers, in order; the last one is given again and again.
    pub(crate) fn new(answers: impl IntoIterator<Item = Result<Value, ApiError>>) -> Self {
        let answers = RefCell::new(answers.into_iter().collect());
        Self { answers, asked: RefCell::default(), logged: RefCell::default(), searched: RefCell::default() }
    }

    /// The same with what one look into the log after the other finds; later ones find nothing.
    pub(crate) fn logging(self, logged: impl IntoIterator<Item = Result<Vec<Found>, String>>) -> Self {
        Self { logged: RefCell::new(logged.into_iter().collect()), ..self }
    }

    /// What was looked for in logs.
    pub(crate) fn searched(&self) -> Vec<Search> {
        self.searched.borrow().clone()
    }

    /// What was asked, one operation a line.
    pub(crate) fn asked(&self) -> Vec<Operation> {
        self.asked.borrow().iter().map(|(operation, _)| *operation).collect()
    }

    /// The body of the n-th question.
    pub(crate) fn body(&self, n: usize) -> Value {
        self.asked.borrow()[n].1.clone()
    }
}

impl Api for Script {
    async fn call(&self, operation: Operation, body: &Value) -> Result<Value, ApiError> {
        self.asked.borrow_mut().push((operation, body.clone()));
        let mut answers = self.answers.borrow_mut();
        if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }.expect("an answer")
    }
}

impl ReadLogs for Script {
    async fn find(&self, search: &Search) -> Result<Vec<Found>, String> {
        self.searched.borrow_mut().push(search.clone());
        self.logged.borrow_mut().pop_front().unwrap_or_else(|| Ok(Vec::new()))
    }
}

/// A stream whose reader went away after so many lines.
pub(crate) struct Head(pub(crate) usize);

impl Write for Head {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let lines = text.iter().filter(|byte| **byte == b'\n').count();
        self.0 = self.0.checked_sub(lines).ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Both streams of a console.
#[derive(Default)]
pub(crate) struct Streams {
    out: Vec<u8>,
    err: Vec<u8>,
}

impl Streams {
    /// A console over them, with the clock at noon.
    pub(crate) fn console(&mut self, output: Output) -> Console<'_> {
        Console {
            out: &mut self.out,
            err: &mut self.err,
            output,
            progress: match output {
                Output::Text => Progress::Lines,
                Output::Json => Progress::Silent,
            },
            colour: false,
            now: &noon,
            zone: berlin(),
            stack: "tideshift".to_owned(),
            job: None,
            left: Left::default(),
        }
    }

    /// Both, with their names.
    pub(crate) fn shown(&self) -> String {
        format!("out:\n{}err:\n{}", String::from_utf8_lossy(&self.out), String::from_utf8_lossy(&self.err))
    }
}
