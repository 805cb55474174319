//! A reader, who goes through a document from top to bottom and does what it says.

use std::collections::BTreeSet;

use codedeploy::view::DeploymentView;
use harness::app::App;
use harness::deployment::{Deployment, Subject as _};
use harness::documents::{Block, blocks};
use harness::shop::Shop;
use harness::stack::{api, client};
use harness::{OrStop, stop};
use serde_json::{Value, json};

use super::filling::Filling;
use super::kind::Kind;
use super::terminal::{Running, Said, Terminal};

/// What is read in one go.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The document's path.
    pub(crate) document: &'static str,
    /// Its headings; the part before the first has none.
    pub(crate) chapters: &'static [&'static str],
}

/// A reader with a function, and with a service where they read about one.
pub(crate) struct Reader {
    pub(crate) app: App,
    pub(crate) shop: Option<Shop>,
    pub(super) filling: Filling,
    pub(super) terminal: Terminal,
    blocks: Vec<Block>,
    /// What the last command printed.
    pub(super) printed: String,
    /// The deployment that was begun last.
    pub(super) begun: Option<Begun>,
    /// What runs in other windows until its deployment is over.
    pub(super) beside: Vec<(String, Running)>,
    /// The code of a hook that is of use with a template only.
    pub(super) code: Option<String>,
    /// What the last action of a pipeline put out.
    pub(crate) put_out: Value,
}

/// A deployment, and what it moves.
#[derive(Debug, Clone)]
pub(crate) struct Begun {
    pub(crate) id: String,
    pub(crate) target: Target,
}

/// What a deployment moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Alias,
    Service,
}

/// Where a reader keeps an AppSpec.
const APPSPEC: &str = "appspec.yaml";

/// The hooks that the local stack comes with.
const SAMPLES: [&str; 3] = ["before", "after", "refusing"];

impl Target {
    /// What a command or an AppSpec is about.
    pub(super) fn of(text: &str) -> Self {
        let of_service = ["--service ", "AWS::ECS::Service"].iter().any(|mark| text.contains(mark));
        if of_service { Self::Service } else { Self::Alias }
    }
}

impl Reading {
    /// Whether it has this block.
    pub(crate) fn has(&self, block: &Block) -> bool {
        block.document == self.document && self.chapters.contains(&block.chapter.as_str())
    }
}

impl Reader {
    /// Sits down to read. What the blocks take for granted is there: alarms, a parameter, hooks of the reader's own, and the
    /// AppSpec of a function.
    pub(crate) async fn of(reading: &Reading) -> Self {
        let all = blocks();
        let blocks: Vec<Block> = all.iter().filter(|block| reading.has(block)).cloned().collect();
        assert!(!blocks.is_empty(), "{reading:?} has no block: was a heading changed?");
        let app = App::new().await;
        app.alarm("errors").await;
        let parameter = format!("/{}/db/password", app.name);
        client().await.put_parameter(&parameter, "not to be shown", "SecureString").await.or_stop("a parameter");
        let of_services = blocks.iter().any(|block| block.language != "text" && block.text.contains("web-blue"));
        let shop = if of_services { Some(Shop::new().await) } else { None };
        if let Some(shop) = &shop {
            shop.alarm("errors").await;
        }
        let mut filling = Filling::new(&app, shop.as_ref()).await;
        for hook in hooks_of_their_own(&blocks) {
            let own = app.hook(&hook, "return {'status': 'Succeeded'}").await;
            filling.put(&format!("CodeDeployHook_{hook}"), &own);
        }
        let (terminal, printed, beside) = (Terminal::open().await, String::new(), Vec::new());
        let reader = Self {
            app,
            shop,
            filling,
            terminal,
            blocks,
            printed,
            begun: None,
            beside,
            code: None,
            put_out: Value::Null,
        };
        let of_function = |block: &&Block| Kind::of(block) == Ok(Kind::AppSpec) && block.text.contains("AWS::Lambda");
        let appspec = all.iter().find(of_function).or_stop("an AppSpec");
        reader.terminal.write(APPSPEC, &reader.filled(appspec, &appspec.text));
        reader
    }

    /// Does what all the blocks say.
    pub(crate) async fn read(&mut self) {
        for block in std::mem::take(&mut self.blocks) {
            match Kind::of(&block).unwrap_or_else(|wrong| stop(&wrong)) {
                Kind::Typed | Kind::Form => {
                    for command in block.commands() {
                        self.type_in(&block, &command).await;
                    }
                }
                Kind::AppSpec => self.plan(&block).await,
                Kind::Request => self.terminal.write("request.json", &self.filled(&block, &block.text)),
                Kind::Hook => self.meet_hook(&block).await,
                Kind::Template => self.meet_template(&block).await,
                Kind::Output => self.compare(&block),
                Kind::Job => self.run_job(&block).await,
                Kind::Action => self.act(&block).await,
                // Nobody reads these here: `tasks` and the contracts do.
                Kind::Task | Kind::Account | Kind::Workflow | Kind::LambdaAction | Kind::Parameters => {}
            }
        }
        // How that ends is other stories' matter.
        self.stop_what_is_open().await;
        for (place, running) in std::mem::take(&mut self.beside) {
            let said = running.ended().await;
            assert_eq!(said.code, 10, "{place}: the deployment was stopped: {said:?}");
            assert!(!said.out.is_empty(), "{place}: {said:?}");
        }
        assert_eq!(self.code, None, "a hook that calls CodeDeploy has a template after it");
    }

    /// A text with the reader's own in it.
    pub(super) fn filled(&self, block: &Block, text: &str) -> String {
        let nobody_knows = |open| stop(&format!("{}: what is to be written for {open} in\n{text}", block.place()));
        self.filling.fill(text).unwrap_or_else(nobody_knows)
    }

    /// A command that must end well.
    pub(super) async fn run(&mut self, place: &str, text: &str) {
        let said = self.terminal.run(text).await;
        self.went_well(place, said);
    }

    #[track_caller]
    pub(super) fn went_well(&mut self, place: &str, said: Said) {
        assert_eq!(said.code, 0, "{place}\n{}{}", said.out, said.err);
        self.printed = said.out;
    }

    /// An AppSpec is kept, and asked about before anything else.
    async fn plan(&mut self, block: &Block) {
        let target = Target::of(&block.text);
        self.make_room(target).await;
        self.terminal.write(APPSPEC, &self.filled(block, &block.text));
        let in_group = target == Target::Service && !block.text.contains("\nService:");
        let group = if in_group { " --application AppECS-shop-web --group DgpECS-shop-web" } else { "" };
        let text = self.filled(block, &format!("tideshift plan --appspec {APPSPEC}{group}"));
        self.run(&block.place(), &text).await;
    }

    /// The same words, values aside.
    fn compare(&self, block: &Block) {
        let written = words(&self.filled(block, &block.text));
        assert_eq!(words(&self.printed), written, "{}: in truth it is\n{}", block.place(), self.printed);
    }

    /// The id of the deployment that was begun last.
    pub(crate) fn id(&self) -> String {
        self.begun.as_ref().or_stop("a deployment was begun").id.clone()
    }

    /// Waits until that deployment is so.
    pub(super) async fn until(&self, wanted: &str, is: impl Fn(&DeploymentView) -> bool) -> DeploymentView {
        Deployment { id: self.id(), app: self.app.clone() }.until(wanted, is).await
    }

    /// One deployment of a target at a time.
    pub(super) async fn make_room(&mut self, on: Target) {
        self.stop_what_is_open().await;
        if self.begun.as_ref().is_some_and(|begun| begun.target == on) {
            self.until("its end", |view| view.outcome.is_some()).await;
        }
    }

    async fn stop_what_is_open(&mut self) {
        let Some(Begun { id, .. }) = &self.begun else { return };
        if self.until("an answer", |_| true).await.outcome.is_none() {
            let (status, body) = api("CodeDeploy_20141006.StopDeployment", &json!({"deploymentId": id})).await;
            // Something of the document may have stopped it since it was looked at.
            let is_over = body["__type"] == "DeploymentAlreadyCompletedException";
            assert!(status == 200 || is_over, "{id} could not be stopped: {status} {body}");
        }
    }
}

/// The ends of the names of hooks that the local stack has not.
fn hooks_of_their_own(blocks: &[Block]) -> BTreeSet<String> {
    let named = blocks.iter().flat_map(|block| block.text.split("CodeDeployHook_").skip(1));
    let ends = named.filter_map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next());
    ends.filter(|end| !end.is_empty() && !SAMPLES.contains(end)).map(str::to_owned).collect()
}

/// The words of a text; all numbers are the same.
fn words(text: &str) -> Vec<String> {
    let mut last = ' ';
    let mut plain = String::new();
    for c in text.chars() {
        let shown = if c.is_ascii_digit() { '0' } else { c };
        if !(shown == '0' && last == '0') {
            plain.push(shown);
        }
        last = shown;
    }
    plain.split_whitespace().map(str::to_owned).collect()
}
