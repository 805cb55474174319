//! The table: what is kept comes back as it was, also by newer code and not by older.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use rollout::appspec::{Hook, Hooks};
use rollout::code::ErrorCode;
use rollout::course::{Chosen, Course, Shift};
use rollout::deployment::{Change, Deployment, Lease};
use rollout::ending::{Ending, Rollback};
use rollout::event::LifecycleEvent;
use rollout::format;
use rollout::hold::{Hold, OnTimeout};
use rollout::ids::{AliasName, DeploymentId, FunctionName, GroupName, HookFunction, ParameterName, Version};
use rollout::journal::{Entry, Line};
use rollout::plan::Plan;
use rollout::platform::Platform;
use rollout::progress::Position;
use rollout::request::{AlarmWatch, Labels, RollbackRules};
use rollout::routing::{Backend, Routing};
use rollout::seconds::Seconds;
use rollout::strategy::Step;
use rollout::target::Target;
use rollout::weight::Weight;
use serde_json::{Value, json};
use steps::ports::{Journal, Locks, PortError, ReadLocks, Records, TaskToken, WaitFor};

use crate::wire::{Service, account, error, fine};

pub(crate) const NOW: Timestamp = Timestamp::constant(1_767_355_200, 123_456_789);

pub(crate) const GROUP_ID: &str = "0e6d5f3a-8c56-4f0e-9a3b-1d2c3b4a5f60";

pub(crate) fn id() -> DeploymentId {
    DeploymentId::parse("d-KEPT").unwrap()
}

fn v(number: u64) -> Version {
    Version::try_from(number).unwrap()
}

/// A record with something in every member.
pub(crate) fn deployment() -> Deployment {
    let labels = Labels {
        application: Some(rollout::ids::ApplicationName::parse("shop").unwrap()),
        group: Some(GroupName::parse("production").unwrap()),
        group_id: Some(GROUP_ID.to_owned()),
        description: Some("new prices: \"ä\"\n".to_owned()),
    };
    let mut deployment = Deployment::new(id(), Platform::Lambda, labels, NOW);
    deployment.apply(Change::Begin, NOW).unwrap();
    deployment.events.begin(LifecycleEvent::AllowTraffic, NOW);
    deployment.progress.at = Some(Position { step: 1, since: NOW, continued: true });
    deployment.lease = Some(Lease { step: Some(2), until: NOW, shared: false });
    let why = Ending::new(ErrorCode::AlarmActive, "errors");
    deployment.apply(Change::Interrupt(why, Rollback::Restore), NOW).unwrap();
    deployment
}

fn plan() -> Plan {
    let mut hook = Hook::new(HookFunction::parse("checks:live").unwrap());
    hook.parameters = vec![ParameterName::parse("/shop/password").unwrap()];
    Plan {
        format: format::PLAN,
        target: Target::LambdaAlias {
            function: FunctionName::parse("storefront").unwrap(),
            alias: AliasName::parse("live").unwrap(),
        },
        course: Course::Shift(Shift {
            from: v(1).into(),
            to: v(2).into(),
            start: Routing::shifted(v(1), v(3), Weight::clamped(7)),
            strategy: Chosen { name: "Steps".to_owned(), origin: None, overruled: Vec::new() },
            warm: None,
            rewarms: None,
            steps: vec![
                Step { weight: Weight::clamped(10), hold: Hold::For(Seconds(300)) },
                Step {
                    weight: Weight::clamped(50),
                    hold: Hold::UntilContinued { timeout: Seconds(60), on_timeout: OnTimeout::Continue },
                },
                Step::LAST,
            ],
        }),
        hooks: Hooks::from_iter([(LifecycleEvent::BeforeAllowTraffic, hook)]),
        alarms: AlarmWatch {
            names: [rollout::ids::AlarmName::parse("5xx > 1 %").unwrap()].into(),
            ignore_poll_failure: true,
        },
        rollback: RollbackRules::never(),
        poll: Seconds(77),
    }
}

/// A table that gives back the items it was sent.
pub(crate) fn remembering() -> (Service, Arc<Mutex<Vec<Value>>>) {
    let items: Arc<Mutex<Vec<Value>>> = Arc::default();
    let kept = Arc::clone(&items);
    let service = Service::answering(move |sent| match sent.operation.as_str() {
        "PutItem" => {
            kept.lock().unwrap().push(sent.body["Item"].clone());
            fine(json!({}))
        }
        _ => fine(json!({"Items": *kept.lock().unwrap()})),
    });
    (service, items)
}

#[tokio::test]
async fn a_record_its_plan_and_its_tokens_come_back_as_they_were_kept() {
    let (service, _) = remembering();
    let table = account(&service.config);
    let (mut deployment, token) = (deployment(), TaskToken("token".to_owned()));
    table.save(&mut deployment).await.unwrap();
    table.keep_plan(&id(), &plan()).await.unwrap();
    let waits = [WaitFor::Interrupt, WaitFor::Continue, WaitFor::TaskSet];
    for wait in waits {
        table.keep_token(&id(), wait, &token, NOW).await.unwrap();
    }
    let loaded = table.load(&id()).await.unwrap().unwrap();
    assert_eq!((loaded.deployment.version, &loaded.deployment), (1, &deployment));
    assert_eq!(loaded.plan, Some(plan()));
    assert_eq!(loaded.tokens, waits.map(|wait| (wait, token.clone())).into());
}

#[tokio::test]
async fn the_plan_of_a_service_comes_back_as_it_was_kept() {
    let listeners = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/1/";
    let group = |name| format!("arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/{name}/1");
    let service = json!({
        "cluster": "shop", "service": "web", "blue": "ecs-svc/1", "blueDefinition": "web:7",
        "green": {
            "taskDefinition": "web:8", "container": "web", "port": 8080, "platformVersion": "1.4.0",
            "network": {"subnets": ["subnet-1"], "securityGroups": [], "publicIp": false},
            "capacity": {"Providers": [{"provider": "FARGATE_SPOT", "base": 0, "weight": 1}]},
        },
        "blueGroup": group("blue"), "greenGroup": group("green"),
        "production": format!("{listeners}2"), "test": format!("{listeners}3"), "routes": [format!("{listeners}2")],
        "balancer": "Application",
    });
    let target = Target::EcsService(Box::new(serde_json::from_value(service).unwrap()));
    let backend = |name| Backend::from(rollout::ids::TargetGroupArn::parse(&group(name)).unwrap());
    let (from, to) = (backend("blue"), backend("green"));
    let start = Routing::shifted(from.clone(), to.clone(), Weight::clamped(7));
    let mut plan = Plan { target, ..plan() };
    let Course::Shift(shift) = &mut plan.course;
    (shift.from, shift.to, shift.start) = (from, to, start);
    let (service, _) = remembering();
    let table = account(&service.config);
    table.save(&mut deployment()).await.unwrap();
    table.keep_plan(&id(), &plan).await.unwrap();
    assert_eq!(table.load(&id()).await.unwrap().unwrap().plan, Some(plan));
}

#[tokio::test]
async fn a_save_is_made_on_top_of_the_version_that_was_read() {
    let (service, _) = remembering();
    let mut deployment = deployment();
    deployment.version = 7;
    account(&service.config).save(&mut deployment).await.unwrap();
    let sent = service.sent().remove(0).body;
    assert_eq!(sent["ConditionExpression"], "version = :before");
    assert_eq!(sent["ExpressionAttributeValues"], json!({":before": {"N": "7"}}));
    assert_eq!(sent["Item"]["version"], json!({"N": "8"}));
    let stale = Service::answering(|_| error(400, "ConditionalCheckFailedException"));
    let saved = account(&stale.config).save(&mut deployment).await;
    assert!(matches!(saved, Err(PortError::Conflict(_))));
}

#[tokio::test]
async fn a_save_that_is_sent_again_finds_its_own_and_only_its_own() {
    let refused_over = |item: Value| {
        let mut answer = error(400, "ConditionalCheckFailedException");
        answer.2["Item"] = item;
        Service::answering(move |_| answer.clone())
    };
    let (service, items) = remembering();
    account(&service.config).save(&mut deployment()).await.unwrap();
    let own = json!(items.lock().unwrap()[0]);
    let again = account(&refused_over(own.clone()).config).save(&mut deployment()).await;
    assert_eq!(again, Ok(()));
    let mut others = own;
    others["phase"] = json!({"M": {"is": {"S": "Running"}}});
    let faster = account(&refused_over(others).config).save(&mut deployment()).await;
    assert!(matches!(faster, Err(PortError::Conflict(_))), "{faster:?}");
}

#[tokio::test]
async fn records_and_plans_are_written_once_under_one_id() {
    let (service, _) = remembering();
    let table = account(&service.config);
    table.create(&deployment(), &json!({})).await.unwrap();
    table.keep_plan(&id(), &plan()).await.unwrap();
    let conditions: Vec<Value> = service.sent().iter().map(|sent| sent.body["ConditionExpression"].clone()).collect();
    // A record that is sent again, since the answer was lost, finds its own.
    let own = json!("attribute_not_exists(pk) OR (version = :version AND created = :created)");
    assert_eq!(conditions, [own, Value::Null, json!("attribute_not_exists(pk)")]);
    let sent = &service.sent()[0].body;
    let written =
        |name: &str, member: &str| (sent["ExpressionAttributeValues"][name].clone(), sent["Item"][member].clone());
    for (asked, kept) in [written(":version", "version"), written(":created", "created")] {
        assert_eq!(asked, kept);
    }
}

#[tokio::test]
async fn what_newer_code_wrote_waits_for_newer_code() {
    for kept in ["record", "plan"] {
        let (service, items) = remembering();
        let table = account(&service.config);
        match kept {
            "record" => table.save(&mut deployment()).await.unwrap(),
            _ => table.keep_plan(&id(), &plan()).await.unwrap(),
        }
        items.lock().unwrap()[0]["format"] = json!({"N": (format::NEWEST + 1).to_string()});
        let loaded = table.load(&id()).await;
        assert!(matches!(&loaded, Err(PortError::Newer(why)) if why.contains("upgrade")), "{kept}: {loaded:?}");
    }
}

#[tokio::test]
async fn what_code_wrote_that_knew_less_is_read() {
    let (service, items) = remembering();
    let table = account(&service.config);
    table.save(&mut Deployment::new(id(), Platform::Lambda, Labels::default(), NOW)).await.unwrap();
    if let Some(members) = items.lock().unwrap()[0].as_object_mut() {
        for member in ["labels", "progress", "lease", "started", "completed"] {
            members.remove(member);
        }
        members.insert("newMember".to_owned(), json!({"S": "nobody knows it"}));
    }
    assert!(table.load(&id()).await.unwrap().is_some());
}

#[tokio::test]
async fn an_item_that_makes_no_sense_is_refused_and_not_guessed_at() {
    let (service, items) = remembering();
    let table = account(&service.config);
    table.save(&mut deployment()).await.unwrap();
    items.lock().unwrap()[0]["phase"] = json!({"S": "Dreaming"});
    assert!(matches!(table.load(&id()).await, Err(PortError::Denied(_))));
}

#[tokio::test]
async fn a_lock_is_taken_when_free_our_own_or_from_the_owner_that_was_named() {
    let (service, _) = remembering();
    let table = account(&service.config);
    let (target, other) = (plan().target.key(), DeploymentId::parse("d-OTHER").unwrap());
    table.lock(&target, &id(), Some(&other)).await.unwrap();
    table.lock(&target, &id(), None).await.unwrap();
    let sent = service.sent();
    assert_eq!(sent[0].body["Key"], json!({"pk": {"S": "TARGET#lambda:storefront:live"}, "sk": {"S": "LOCK"}}));
    let condition = "attribute_not_exists(#owner) OR #owner = :owner OR #owner = :from";
    assert_eq!(sent[0].body["ConditionExpression"], condition);
    let values = |index: usize| sent[index].body["ExpressionAttributeValues"].clone();
    assert_eq!(values(0), json!({":owner": {"S": "d-KEPT"}, ":from": {"S": "d-OTHER"}}));
    assert_eq!(values(1), json!({":owner": {"S": "d-KEPT"}, ":from": {"S": "d-KEPT"}}));
}

#[tokio::test]
async fn a_lock_that_is_somebody_elses_is_not_freed_and_that_is_no_error() {
    let service = Service::answering(|_| error(400, "ConditionalCheckFailedException"));
    let table = account(&service.config);
    assert_eq!(table.unlock(&plan().target.key(), &id(), None).await, Ok(()));
}

#[tokio::test]
async fn what_is_left_behind_is_read_with_the_lock() {
    let split = Routing::shifted(v(1), v(2), Weight::clamped(30));
    let service = Service::answering(|_| fine(json!({})));
    account(&service.config).unlock(&plan().target.key(), &id(), Some(&split)).await.unwrap();
    let leftover = service.sent()[0].body["ExpressionAttributeValues"][":leftover"].clone();
    let item = json!({"Item": {"leftover": leftover}});
    let service = Service::answering(move |_| fine(item.clone()));
    let lock = account(&service.config).read_lock(&plan().target.key()).await.unwrap();
    assert_eq!((lock.owner, lock.leftover), (None, Some(split)));
}

fn weight(percent: u8, at: Timestamp) -> Line {
    Line::of(&deployment(), Entry::WeightSet { version: v(2).into(), weight: Weight::clamped(percent) }, at)
}

#[tokio::test]
async fn the_lines_of_a_journal_come_back_in_the_order_of_time() {
    let (service, items) = remembering();
    let table = account(&service.config);
    let lines = [weight(30, NOW), weight(10, Timestamp::constant(999_999_999, 0))];
    for line in &lines {
        table.append(&id(), line).await.unwrap();
    }
    let key = |index: usize| items.lock().unwrap()[index]["sk"]["S"].as_str().unwrap().to_owned();
    assert_eq!((key(0), key(1)), ("LINE#weight/030".to_owned(), "LINE#weight/010".to_owned()));
    let [later, earlier] = lines;
    assert_eq!(table.lines(&id()).await.unwrap(), [earlier, later]);
}

#[tokio::test]
async fn a_line_that_is_told_already_stays_as_it_is_and_that_is_no_error() {
    let service = Service::answering(|_| error(400, "ConditionalCheckFailedException"));
    assert_eq!(account(&service.config).append(&id(), &weight(10, NOW)).await, Ok(()));
    assert_eq!(service.sent()[0].body["ConditionExpression"], "attribute_not_exists(pk)");
    let service = Service::answering(|_| error(400, "ThrottlingException"));
    let throttled = account(&service.config).append(&id(), &weight(10, NOW)).await;
    assert!(matches!(throttled, Err(PortError::Passing(_))), "{throttled:?}");
}

#[tokio::test]
async fn lines_that_older_code_wrote_are_read_beside_newer_ones() {
    let (service, items) = remembering();
    let table = account(&service.config);
    table.append(&id(), &weight(10, NOW)).await.unwrap();
    let mut older = items.lock().unwrap()[0].clone();
    older["sk"]["S"] = json!("LOG#01767355200000000000#00ff");
    older["at"]["S"] = json!("2026-01-02T12:00:00Z");
    items.lock().unwrap().push(older);
    table.append(&id(), &weight(30, NOW)).await.unwrap();
    let told: Vec<String> =
        table.lines(&id()).await.unwrap().iter().map(|line| format!("{} {}", line.at, line.entry)).collect();
    assert_eq!(
        told,
        [
            "2026-01-02T12:00:00Z 10 % of the calls to version 2",
            "2026-01-02T12:00:00.123456789Z 30 % of the calls to version 2"
        ]
    );
    let sent = service.sent();
    assert_eq!(sent.last().unwrap().body["ExpressionAttributeValues"][":sk"], json!({"S": "L"}));
}
