//! What a reader does with a command: types it when its time has come, and looks at what it did.

use std::net::TcpListener;

use codedeploy::view::{DeploymentView, Outcome};
use harness::documents::Block;
use harness::ours::Told as _;
use harness::stack::stack;
use harness::{OrStop, eventually, stop};
use local::faults::{Fault, Rule};
use serde_json::json;

use super::reader::{Begun, Reader, Target};
use super::terminal::{Running, Way};

/// A command, as far as a reader treats it differently from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command<'a> {
    /// Begins a deployment to this version, and ends.
    Deploy(&'a str),
    /// Begins one and stays with it.
    Watch(&'a str),
    /// Registers a task definition, deploys it and waits.
    AwsEcsDeploy,
    /// Begins a deployment by this name.
    StartExecution(&'a str),
    SkipHold,
    Continue,
    Stop,
    Repair,
    /// Tells of a deployment until it is over.
    Follow,
    /// Looks at the whole stack, which other stories share.
    Doctor,
    /// Serves CodeDeploy from now on.
    Proxy,
    /// Ends well at any time.
    Other,
}

/// How long a reader sits and watches a deployment that does nothing, in seconds.
const A_WHILE: f64 = 60.0;

impl<'a> Command<'a> {
    fn of(text: &'a str) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        let has = |flag: &str| words.contains(&flag);
        let after = |flag: &str| words.iter().skip_while(|word| **word != flag).nth(1).copied();
        // An AppSpec says it; those of the documents all say the same.
        let version = after("--to-version").unwrap_or("2");
        match words.get(..2).unwrap_or_default() {
            ["tideshift", "deploy"] if has("--watch") => Self::Watch(version),
            ["tideshift", "deploy"] => Self::Deploy(version),
            ["tideshift", "continue"] if has("--skip-hold") => Self::SkipHold,
            ["tideshift", "continue"] => Self::Continue,
            ["tideshift", "stop"] => Self::Stop,
            ["tideshift", "repair"] => Self::Repair,
            ["tideshift", "logs"] if has("--follow") => Self::Follow,
            ["tideshift", "doctor"] => Self::Doctor,
            ["tideshift", "proxy"] => Self::Proxy,
            ["aws", "ecs"] if has("deploy") => Self::AwsEcsDeploy,
            ["aws", "stepfunctions"] => Self::StartExecution(after("--name").unwrap_or("no name")),
            _ => Self::Other,
        }
    }
}

fn step(view: &DeploymentView) -> Option<usize> {
    view.progress.as_ref().map(|progress| progress.step)
}

/// For how many seconds it stays where it is, in a hold or a pause.
fn stay(view: &DeploymentView) -> Option<f64> {
    let progress = view.progress.as_ref()?;
    Some(progress.next_at?.seconds() - progress.since?.seconds())
}

impl Reader {
    pub(super) async fn type_in(&mut self, block: &Block, written: &str) {
        let text = self.filled(block, written);
        let place = format!("{}: {written}", block.place());
        let target = Target::of(&text);
        match Command::of(&text) {
            Command::Deploy(version) => {
                self.stand_before(version, target).await;
                self.run(&place, &text).await;
                self.has_begun(self.printed.trim().to_owned(), target).await;
            }
            Command::Watch(version) => {
                self.stand_before(version, target).await;
                self.watch(&place, &text).await;
            }
            Command::AwsEcsDeploy => {
                self.make_room(target).await;
                // It waits for the deployment's end, and ends with the terminal.
                let running = self.terminal.begin(&text, Way::Beside).await;
                self.has_begun(id_in(&place, &running).await, target).await;
            }
            Command::StartExecution(name) => {
                self.make_room(target).await;
                self.run(&place, &text).await;
                self.has_begun(name.to_owned(), target).await;
            }
            Command::SkipHold => self.skip_hold(&place, &text).await,
            Command::Continue => {
                while !self.waits().await {
                    let skip = self.filled(block, "tideshift continue d-A1B2C3D4E --skip-hold");
                    self.skip_hold(&place, &skip).await;
                }
                self.run(&place, &text).await;
                self.until("its way on", |view| !view.is_ready()).await;
            }
            Command::Stop => {
                self.run(&place, &text).await;
                let view = self.until("its end", |view| view.outcome.is_some()).await;
                assert_eq!(view.outcome, Some(Outcome::RolledBack), "{place}: {view:#?}");
            }
            Command::Repair => {
                self.make_unresolved().await;
                let text = self.filled(block, written);
                self.run(&place, &text).await;
                self.until("its repair", |view| view.outcome == Some(Outcome::RolledBack)).await;
            }
            Command::Follow => {
                let running = self.terminal.begin(&text, Way::Beside).await;
                self.beside.push((place, running));
            }
            Command::Doctor => {
                let said = self.terminal.run(&text).await;
                assert!((0..=2).contains(&said.code) && said.out.starts_with("stack tideshift\n"), "{place}: {said:?}");
            }
            Command::Proxy => self.serve(&place, &text).await,
            Command::Other => self.run(&place, &text).await,
        }
    }

    /// Nothing is under way, and what is to be deployed is not live.
    async fn stand_before(&mut self, version: &str, target: Target) {
        self.make_room(target).await;
        if target == Target::Alias && self.app.alias().await == version {
            self.app.point("1", json!({})).await;
        }
    }

    /// A deployment has begun: it has moved traffic, or has come to a good end.
    async fn has_begun(&mut self, id: String, target: Target) {
        self.filling.put("d-A1B2C3D4E", &id);
        self.begun = Some(Begun { id, target });
        let has_moved = |view: &DeploymentView| view.weight() > Some(0) || view.outcome.is_some();
        let view = self.until("traffic on what is new", has_moved).await;
        assert!(view.outcome.is_none() || view.outcome == Some(Outcome::Succeeded), "{view:#?}");
    }

    /// A watched deployment goes to its end. Where that is far away, a reader presses Ctrl-C, to type what follows.
    async fn watch(&mut self, place: &str, text: &str) {
        let running = self.terminal.begin(text, Way::Beside).await;
        self.has_begun(id_in(place, &running).await, Target::of(text)).await;
        let over_or_far_from_it = async || match running.is_over() {
            Some(said) => Some(Some(said)),
            None => {
                let view = self.until("an answer", |_| true).await;
                stay(&view).filter(|seconds| *seconds > A_WHILE).map(|_| None)
            }
        };
        match eventually(over_or_far_from_it).await.or_stop(place) {
            Some(said) => self.went_well(place, said),
            None => {
                running.interrupt();
                let said = running.ended().await;
                assert_eq!(said.code, 130, "{place}: Ctrl-C ends the watch: {said:?}");
                let view = self.until("an answer", |_| true).await;
                assert!(view.outcome.is_none(), "{place}: the deployment goes on: {view:#?}");
            }
        }
    }

    async fn skip_hold(&mut self, place: &str, text: &str) {
        let before = self.until("a hold", |view| stay(view).is_some()).await;
        self.run(place, text).await;
        self.until("the next step", |view| step(view) > step(&before)).await;
    }

    /// Whether it waits for a person, and holds no weight until its time is over.
    async fn waits(&self) -> bool {
        self.until("a hold", |view| stay(view).is_some()).await.is_ready()
    }

    /// A deployment that cannot put its traffic back, though now it could.
    async fn make_unresolved(&mut self) {
        self.stand_before("2", Target::Alias).await;
        let refused =
            Fault::Refuse { status: 403, code: "AccessDeniedException".into(), message: "not allowed".into() };
        let rule = Rule::on("lambda", "UpdateAlias", refused).by("rollback").upon(&self.app.name).times(0);
        let rule = stack().await.faults().add(rule);
        let deployment = self.app.to("2").by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        deployment.stop(None).await;
        deployment.until("its end", |view| view.outcome == Some(Outcome::Unresolved)).await;
        stack().await.faults().remove(rule);
        self.filling.put("d-A1B2C3D4E", &deployment.id);
        self.begun = Some(Begun { id: deployment.id, target: Target::Alias });
    }

    /// A proxy on a free port. Until a client is told of it, it finds CodeDeploy nowhere.
    async fn serve(&mut self, place: &str, text: &str) {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).or_stop("a free port");
        let nowhere = "export AWS_ENDPOINT_URL_CODEDEPLOY=http://127.0.0.1:1";
        self.run(place, &format!("export TIDESHIFT_PROXY_PORT={}\n{nowhere}", free.port())).await;
        self.filling.put(":8378", &format!(":{}", free.port()));
        let running = self.terminal.begin(text, Way::Here).await;
        let serves = async || Some(()).filter(|()| running.so_far().contains("export AWS_ENDPOINT_URL_CODEDEPLOY="));
        eventually(serves).await.or_stop(place);
    }
}

/// The id of the deployment that a command has begun, told while it runs.
async fn id_in(place: &str, running: &Running) -> String {
    let told = async || {
        let said = running.so_far();
        let mut words = said.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let id = words.find(|word| word.starts_with("d-") && word.len() == "d-A1B2C3D4E".len()).map(str::to_owned);
        id.map(Ok).or_else(|| running.is_over().map(Err))
    };
    match eventually(told).await.or_stop(place) {
        Ok(id) => id,
        Err(said) => stop(&format!("{place}\nbegins no deployment: {said:?}")),
    }
}
