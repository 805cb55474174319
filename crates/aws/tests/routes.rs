//! Writes to listeners and rules, as they go out.

use rollout::ids::{ListenerArn, RouteId, TargetGroupArn};
use rollout::routing::Routing;
use rollout::weight::Weight;
use serde_json::{Value, json};
use steps::ports::{PortError, WriteListeners};

use crate::wire::{Sent, Service, account, xml, xml_error};

const APP: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/1/2";
const NET: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/net/shop/1/2";
const RULE: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/shop/1/2/r1";

fn group(name: &str) -> TargetGroupArn {
    let arn = format!("arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/{name}/0123456789abcdef");
    TargetGroupArn::parse(&arn).unwrap()
}

fn at(percent: u8) -> Routing {
    Routing::shifted(group("blue"), group("green"), Weight::try_from(percent).unwrap())
}

fn tuple(name: &str, weight: u8) -> String {
    format!("<member><TargetGroupArn>{}</TargetGroupArn><Weight>{weight}</Weight></member>", group(name))
}

/// A forward to these groups, and what else the action or its configuration holds.
fn forward(tuples: &str, action: &str, config: &str) -> String {
    let config = format!("<ForwardConfig><TargetGroups>{tuples}</TargetGroups>{config}</ForwardConfig>");
    format!("<member><Type>forward</Type>{action}{config}</member>")
}

fn single(name: &str) -> String {
    forward(&tuple(name, 1), &format!("<TargetGroupArn>{}</TargetGroupArn>", group(name)), "")
}

/// Load balancers with these default actions and these actions of one rule.
fn answering(default: String, rule: String) -> Service {
    failing("", default, rule)
}

/// The same, where one operation is throttled.
fn failing(operation: &'static str, default: String, rule: String) -> Service {
    Service::answering(move |sent: &Sent| match sent.operation.as_str() {
        asked if asked == operation => xml_error(400, "Throttling"),
        "DescribeListeners" => {
            let arn = sent.body["ListenerArns.member.1"].as_str().unwrap();
            let listener = format!("<ListenerArn>{arn}</ListenerArn><DefaultActions>{default}</DefaultActions>");
            xml("DescribeListeners", &format!("<Listeners><member>{listener}</member></Listeners>"))
        }
        "DescribeRules" => {
            let rule = format!("<RuleArn>{RULE}</RuleArn><IsDefault>false</IsDefault><Actions>{rule}</Actions>");
            xml("DescribeRules", &format!("<Rules><member>{rule}</member></Rules>"))
        }
        written => xml(written, ""),
    })
}

async fn write(service: &Service, listener: &str, routes: &[&str], to: &Routing) -> Result<(), PortError> {
    let (blue, green) = (group("blue"), group("green"));
    let routes: Vec<_> = routes.iter().map(|route| RouteId::parse(route).unwrap()).collect();
    let listener = ListenerArn::parse(listener).unwrap();
    account(&service.config).route(&listener, &routes, (&blue, &green), to).await
}

fn writes(service: &Service) -> Vec<Sent> {
    service.sent().into_iter().filter(|sent| sent.operation.starts_with("Modify")).collect()
}

/// The one write of the default action, without what every request has.
async fn default_written(default: &str, to: &Routing) -> Value {
    let service = answering(default.to_owned(), String::new());
    write(&service, APP, &[APP], to).await.unwrap();
    assert!(service.sent().iter().all(|sent| sent.operation != "DescribeRules"), "only what is written is read");
    let writes = writes(&service);
    assert_eq!(writes.len(), 1, "{writes:?}");
    let sent = &writes[0];
    assert_eq!((sent.operation.as_str(), &sent.body["ListenerArn"]), ("ModifyListener", &json!(APP)));
    members(sent, "DefaultActions.member.")
}

fn members(sent: &Sent, prefix: &str) -> Value {
    let all = sent.body.as_object().unwrap().iter();
    all.filter_map(|(name, value)| Some((name.strip_prefix(prefix)?.to_owned(), value.clone()))).collect()
}

fn pair(blue: &str, green: &str) -> Value {
    json!({
        "1.Type": "forward",
        "1.ForwardConfig.TargetGroups.member.1.TargetGroupArn": group("blue"),
        "1.ForwardConfig.TargetGroups.member.1.Weight": blue,
        "1.ForwardConfig.TargetGroups.member.2.TargetGroupArn": group("green"),
        "1.ForwardConfig.TargetGroups.member.2.Weight": green,
    })
}

#[tokio::test]
async fn weights_are_written_whole_and_a_group_without_any_keeps_its_place() {
    for (percent, blue, green) in [(0, "100", "0"), (1, "99", "1"), (30, "70", "30"), (100, "0", "100")] {
        let both = forward(&(tuple("blue", 55) + &tuple("green", 45)), "", "");
        assert_eq!(default_written(&both, &at(percent)).await, pair(blue, green), "{percent} %");
    }
}

#[tokio::test]
async fn a_group_that_is_not_there_yet_gets_a_place_and_the_short_form_goes() {
    assert_eq!(default_written(&single("blue"), &at(10)).await, pair("90", "10"));
    let short = format!("<member><Type>forward</Type><TargetGroupArn>{}</TargetGroupArn></member>", group("blue"));
    assert_eq!(default_written(&short, &at(0)).await, pair("100", "0"));
}

#[tokio::test]
async fn the_groups_keep_their_order() {
    let turned = forward(&(tuple("green", 100) + &tuple("blue", 0)), "", "");
    let sent = default_written(&turned, &at(40)).await;
    let (first, second) = (&sent["1.ForwardConfig.TargetGroups.member.1.Weight"], "60");
    assert_eq!((first, &sent["1.ForwardConfig.TargetGroups.member.2.Weight"]), (&json!("40"), &json!(second)));
}

#[tokio::test]
async fn all_that_is_not_a_weight_is_written_as_it_was_read() {
    let oidc = "<member><Type>authenticate-oidc</Type><Order>1</Order><AuthenticateOidcConfig>\
        <Issuer>https://id.example</Issuer><AuthorizationEndpoint>https://id.example/a</AuthorizationEndpoint>\
        <TokenEndpoint>https://id.example/t</TokenEndpoint><UserInfoEndpoint>https://id.example/u</UserInfoEndpoint>\
        <ClientId>shop</ClientId><Scope>openid</Scope><SessionTimeout>604800</SessionTimeout>\
        <OnUnauthenticatedRequest>authenticate</OnUnauthenticatedRequest></AuthenticateOidcConfig></member>";
    let sticky = "<TargetGroupStickinessConfig><Enabled>true</Enabled><DurationSeconds>300</DurationSeconds>\
        </TargetGroupStickinessConfig>";
    let forward = forward(&(tuple("blue", 100) + &tuple("green", 0)), "<Order>2</Order>", sticky);
    let expected = json!({
        "1.Type": "authenticate-oidc",
        "1.Order": "1",
        "1.AuthenticateOidcConfig.Issuer": "https://id.example",
        "1.AuthenticateOidcConfig.AuthorizationEndpoint": "https://id.example/a",
        "1.AuthenticateOidcConfig.TokenEndpoint": "https://id.example/t",
        "1.AuthenticateOidcConfig.UserInfoEndpoint": "https://id.example/u",
        "1.AuthenticateOidcConfig.ClientId": "shop",
        "1.AuthenticateOidcConfig.Scope": "openid",
        "1.AuthenticateOidcConfig.SessionTimeout": "604800",
        "1.AuthenticateOidcConfig.OnUnauthenticatedRequest": "authenticate",
        // The secret itself is not shown, so it cannot be sent.
        "1.AuthenticateOidcConfig.UseExistingClientSecret": "true",
        "2.Type": "forward",
        "2.Order": "2",
        "2.ForwardConfig.TargetGroups.member.1.TargetGroupArn": group("blue"),
        "2.ForwardConfig.TargetGroups.member.1.Weight": "90",
        "2.ForwardConfig.TargetGroups.member.2.TargetGroupArn": group("green"),
        "2.ForwardConfig.TargetGroups.member.2.Weight": "10",
        "2.ForwardConfig.TargetGroupStickinessConfig.Enabled": "true",
        "2.ForwardConfig.TargetGroupStickinessConfig.DurationSeconds": "300",
    });
    assert_eq!(default_written(&format!("{oidc}{forward}"), &at(10)).await, expected);
}

#[tokio::test]
async fn an_action_nobody_here_knows_is_not_written_back_without_its_settings() {
    let strange = format!("<member><Type>something-new</Type><Setting>1</Setting></member>{}", single("blue"));
    let service = answering(strange, String::new());
    let answer = write(&service, APP, &[APP], &at(10)).await;
    assert!(matches!(&answer, Err(PortError::Denied(why)) if why.contains("something-new")), "{answer:?}");
    assert!(writes(&service).is_empty());
}

#[tokio::test]
async fn a_rule_is_written_by_its_own_name_and_its_conditions_are_left_alone() {
    let service = answering(single("blue"), single("blue"));
    write(&service, APP, &[APP, RULE], &at(10)).await.unwrap();
    let writes = writes(&service);
    assert_eq!(writes.len(), 2, "{writes:?}");
    let rule = writes.iter().find(|sent| sent.operation == "ModifyRule").unwrap();
    assert_eq!((&rule.body["RuleArn"], members(rule, "Actions.member.")), (&json!(RULE), pair("90", "10")));
    assert!(rule.body.as_object().unwrap().keys().all(|name| !name.starts_with("Conditions")), "{rule:?}");
}

#[tokio::test]
async fn nothing_is_written_where_nothing_changes() {
    let both = forward(&(tuple("green", 10) + &tuple("blue", 90)), "", "");
    let service = answering(both, single("blue"));
    write(&service, APP, &[APP, RULE], &at(10)).await.unwrap();
    let writes = writes(&service);
    assert_eq!((writes.len(), writes[0].operation.as_str()), (1, "ModifyRule"));
}

#[tokio::test]
async fn a_network_load_balancer_is_given_weights_on_its_listener_and_on_its_rules() {
    let rule = RULE.replace("/app/", "/net/");
    let service = answering(single("blue"), single("blue").replace("/app/", "/net/"));
    write(&service, NET, &[NET], &at(10)).await.unwrap();
    let written = members(&writes(&service)[0], "DefaultActions.member.");
    let weight = |n: u8| written[format!("1.ForwardConfig.TargetGroups.member.{n}.Weight")].clone();
    assert_eq!((weight(1), weight(2)), (json!("90"), json!("10")), "{written} {rule}");
}

#[tokio::test]
async fn weights_that_would_leave_the_pair_nothing_are_not_written() {
    let service = answering(single("blue"), String::new());
    let elsewhere = write(&service, APP, &[APP], &Routing::all_on(group("other"))).await;
    assert!(matches!(elsewhere, Err(PortError::Denied(_))), "{elsewhere:?}");
    assert!(service.sent().is_empty());
}

#[tokio::test]
async fn a_route_that_is_gone_does_not_keep_the_others_from_being_written() {
    let gone = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/shop/1/2/r9";
    let service = answering(single("blue"), single("blue"));
    let answer = write(&service, APP, &[gone, APP, RULE], &at(10)).await;
    assert!(matches!(&answer, Err(PortError::Missing(what)) if what.contains(gone)), "{answer:?}");
    assert_eq!(writes(&service).len(), 2);
    let redirect = answering("<member><Type>redirect</Type></member>".to_owned(), single("blue"));
    let answer = write(&redirect, APP, &[APP, RULE], &at(10)).await;
    assert!(matches!(answer, Err(PortError::Missing(_))), "a route that does not forward is none: {answer:?}");
    assert_eq!(writes(&redirect).len(), 1);
}

#[tokio::test]
async fn the_first_failure_is_told_after_all_were_tried() {
    for (operation, writes_then) in
        [("ModifyListener", 2), ("ModifyRule", 2), ("DescribeListeners", 1), ("DescribeRules", 1)]
    {
        let service = failing(operation, single("blue"), single("blue"));
        let answer = write(&service, APP, &[APP, RULE], &at(10)).await;
        assert!(matches!(&answer, Err(PortError::Passing(why)) if why.starts_with(operation)), "{answer:?}");
        assert_eq!(writes(&service).len(), writes_then, "{operation}");
    }
}

#[tokio::test]
async fn what_somebody_sent_elsewhere_in_between_is_not_written() {
    let shared = forward(&(tuple("blue", 50) + &tuple("docs", 50)), "", "");
    for (listener, theirs) in [(APP, single("docs")), (APP, shared), (NET, single("docs"))] {
        let service = answering(theirs, String::new());
        let answer = write(&service, listener, &[listener], &Routing::all_on(group("blue"))).await;
        assert!(matches!(answer, Err(PortError::Conflict(_))), "{answer:?}");
        assert!(writes(&service).is_empty(), "{listener}");
    }
}
