//! What the README and the chapters of `docs` tell a reader to type, read from top to bottom by readers who do it.
//!
//! Each block is of one [`kind`]. A [`reader`] goes through a part of a document, fills in what is its own ([`filling`]), types the commands
//! when their time has come ([`typing`]) into a [`terminal`], runs what [`jobs`] deploy, and makes the [`hooks`]. What is not run is asked about in [`tasks`],
//! and in the contracts' own `documents`.

mod filling;
mod hooks;
mod jobs;
mod kind;
mod pipelines;
mod reader;
mod tasks;
mod terminal;
mod typing;

use std::collections::BTreeSet;

use harness::deployment::{Deployment, Subject as _};
use harness::documents::{blocks, documents};
use harness::ours;
use harness::shop::Shop;
use harness::stack::client;
use harness::{OrStop, eventually, story};
use serde_json::json;

use kind::Kind;
use reader::{Reader, Reading};

const FIRST: Reading = Reading { document: "README.md", chapters: &["A first deployment"] };
const COMMANDS: Reading = Reading { document: "README.md", chapters: &["Deploying"] };
const ACCOUNT: Reading =
    Reading { document: "docs/account.md", chapters: &["Who may do what", "Is it in order", "Taking the stack away"] };
const CLIENTS: Reading = Reading { document: "docs/codedeploy.md", chapters: &["Clients"] };
const CLIENTS_OF_SERVICES: Reading = Reading { document: "docs/codedeploy.md", chapters: &["Services"] };
const DEPLOYING: Reading =
    Reading { document: "docs/deploying.md", chapters: &["An AppSpec", "On the command line", "By an execution"] };
const HOOKS: Reading = Reading { document: "docs/hooks.md", chapters: &["", "Hooks that know CodeDeploy only"] };
const SERVICES: Reading = Reading {
    document: "docs/services.md",
    chapters: &["What must be there", "A first deployment", "An AppSpec", "Moving a service from CODE_DEPLOY"],
};
const JOBS: Reading = Reading {
    document: "docs/ci.md",
    chapters: &["GitHub Actions", "GitLab", "Jenkins", "Buildkite", "Completions and the manual"],
};
const STATES_OF_PIPELINES: Reading =
    Reading { document: "docs/codepipeline.md", chapters: &["From a Step Functions action"] };
const READINGS: [&Reading; 10] = [
    &FIRST,
    &COMMANDS,
    &ACCOUNT,
    &CLIENTS,
    &CLIENTS_OF_SERVICES,
    &DEPLOYING,
    &HOOKS,
    &SERVICES,
    &JOBS,
    &STATES_OF_PIPELINES,
];

#[test]
fn every_block_is_of_a_kind_and_read_once() {
    let mut wrong = Vec::new();
    for block in blocks() {
        let readings = READINGS.iter().filter(|reading| reading.has(&block)).count();
        match (Kind::of(&block), readings) {
            (Err(none), _) => wrong.push(none),
            (Ok(Kind::Task | Kind::Account | Kind::Workflow | Kind::LambdaAction | Kind::Parameters), _)
            | (Ok(_), 1) => {}
            (Ok(kind), _) => {
                let (place, chapter) = (block.place(), &block.chapter);
                wrong.push(format!(
                    "{place}: {kind:?}, read {readings} times: put the chapter {chapter:?} into READINGS"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_command_is_read_alike_on_linux_and_on_a_mac() {
    let mut wrong = Vec::new();
    for block in blocks().iter().filter(|block| block.language == "sh") {
        let commands = block.commands();
        let misread = commands.iter().filter_map(|command| Some((kind::misread(command)?, command)));
        wrong.extend(misread.map(|(what, command)| format!("{}: {what} is none on a Mac: {command}", block.place())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_readmes_first_deployment_goes_as_it_is_written() {
    story(async {
        let mut reader = Reader::of(&FIRST).await;
        reader.read().await;
        let stopped = Deployment { id: reader.id(), app: reader.app.clone() };
        assert_eq!(stopped.outcome().await, ("RolledBack".to_owned(), "ALARM_ACTIVE".to_owned()));
        assert_eq!(reader.app.alias().await, "2");
    });
}

#[test]
fn the_readmes_commands_go_as_they_are_written() {
    story(async { Reader::of(&COMMANDS).await.read().await });
}

#[test]
fn the_stack_in_an_account_is_looked_at_as_it_is_written() {
    story(async {
        let mut reader = Reader::of(&ACCOUNT).await;
        reader.app.untag().await;
        reader.read().await;
        let plan = reader.app.to("2").plan().await;
        assert_eq!(plan.refusals, [], "the tag is back");
    });
}

#[test]
fn a_session_of_aws_deploy_goes_through_the_proxy_as_it_is_written() {
    story(async {
        let mut reader = Reader::of(&CLIENTS).await;
        reader.read().await;
        let at_home = async || (reader.app.alias().await == "2").then_some(());
        eventually(at_home).await.or_stop("the stopped deployment never goes back");
    });
}

#[test]
fn aws_ecs_deploy_goes_as_it_is_written() {
    story(async {
        let mut reader = Reader::of(&CLIENTS_OF_SERVICES).await;
        reader.read().await;
        let (id, shop) = (reader.id(), reader.shop.clone().or_stop("a service"));
        let view = ours::describe(&id).await;
        let group = format!("DgpECS-shop-{}", shop.name());
        assert_eq!(view.deployment_group_name, Some(group), "{view:#?}");
        let to = view.plan.or_stop("a plan").to;
        assert!(to.ends_with(":5"), "the sample has four revisions; this one is new: {to}");
    });
}

#[test]
fn deploying_goes_as_it_is_written() {
    story(async {
        let mut reader = Reader::of(&DEPLOYING).await;
        reader.read().await;
        assert_eq!(reader.id(), "release-42", "the execution's name is the deployment's id");
    });
}

#[test]
fn hooks_answer_as_it_is_written() {
    story(async { Reader::of(&HOOKS).await.read().await });
}

#[test]
fn every_job_of_a_pipeline_deploys_as_it_is_written() {
    story(async { Reader::of(&JOBS).await.read().await });
}

#[test]
fn a_service_is_made_and_deployed_to_as_it_is_written() {
    story(async {
        let mut reader = Reader::of(&SERVICES).await;
        let shop = reader.shop.clone().or_stop("a service");
        only_its_surroundings_are_left(&shop).await;
        reader.read().await;
        let default = &shop.place(&shop.sample.production_listener).await["DefaultActions"][0]["ForwardConfig"];
        let groups = default["TargetGroups"].as_array().or_stop("a place for both").iter();
        let weights: Vec<_> =
            groups.map(|group| (group["TargetGroupArn"].as_str(), group["Weight"].as_u64())).collect();
        let (blue, green) = (shop.sample.blue.as_str(), shop.sample.green.as_str());
        assert_eq!(weights, [(Some(blue), Some(100)), (Some(green), Some(0))], "as they were put by hand");
    });
}

#[test]
fn a_pipeline_deploys_by_a_step_functions_action_as_it_is_written() {
    story(async {
        let mut reader = Reader::of(&STATES_OF_PIPELINES).await;
        reader.read().await;
        assert_eq!(reader.app.alias().await, "2");
        let members: BTreeSet<&String> = reader.put_out.as_object().or_stop("an object").keys().collect();
        let documents = documents();
        let document = documents.iter().find(|document| document.name == STATES_OF_PIPELINES.document);
        let rows = document.or_stop("the document").rows(STATES_OF_PIPELINES.chapters[0]);
        let told = rows.iter().flat_map(|row| row[0].split('`').skip(1).step_by(2).map(str::to_owned));
        // An alias has no task sets.
        let told: BTreeSet<String> = told.filter(|member| member != "pair").collect();
        assert_eq!(members, told.iter().collect(), "{:#}", reader.put_out);
    });
}

/// The service is gone, and nothing allows the stack to touch its listener.
async fn only_its_surroundings_are_left(shop: &Shop) {
    let (client, sample) = (client().await, &shop.sample);
    let service = json!({"cluster": sample.cluster, "service": sample.service, "force": true});
    client.ecs("DeleteService", &service).await.or_stop("DeleteService");
    let tags = [
        ("ResourceArns.member.1", sample.production_listener.as_str()),
        ("ResourceArns.member.2", sample.api_rule.as_str()),
        ("TagKeys.member.1", local::sample::service::TAG.0),
    ];
    client.elb("RemoveTags", &tags).await.or_stop("RemoveTags");
}
