//! Listeners, target groups and their targets, as Elastic Load Balancing says them.

use rollout::ids::{ListenerArn, RouteId, TargetGroupArn, TargetGroupName};
use rollout::seconds::Seconds;
use rollout::service::live::{Health, Listener};
use serde_json::json;
use steps::ports::{PortError, ReadHealth, ReadListeners, ReadTargetGroups};

use crate::wire::{Answer, Sent, Service, account, xml, xml_error};

const APP: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/1/2";
const NET: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/net/shop/1/2";
const RULE: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/shop/1/2/";

fn group(name: &str) -> String {
    format!("arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/{name}/0123456789abcdef")
}

fn tuple(name: &str, weight: &str) -> String {
    format!("<member><TargetGroupArn>{}</TargetGroupArn>{weight}</member>", group(name))
}

/// A forward as it is shown, which names a single group twice.
fn forward(single: Option<&str>, tuples: &str) -> String {
    let single = single.map(|name| format!("<TargetGroupArn>{}</TargetGroupArn>", group(name))).unwrap_or_default();
    let config = format!("<ForwardConfig><TargetGroups>{tuples}</TargetGroups></ForwardConfig>");
    format!("<member><Type>forward</Type><Order>2</Order>{single}{config}</member>")
}

fn listener(arn: &str, protocol: &str, actions: &str) -> Answer {
    let listener = format!(
        "<ListenerArn>{arn}</ListenerArn><Protocol>{protocol}</Protocol><DefaultActions>{actions}</DefaultActions>"
    );
    xml("DescribeListeners", &format!("<Listeners><member>{listener}</member></Listeners>"))
}

fn rule(number: &str, default: bool, actions: &str) -> String {
    format!(
        "<member><RuleArn>{RULE}{number}</RuleArn><IsDefault>{default}</IsDefault><Actions>{actions}</Actions></member>"
    )
}

async fn read(
    arn: &str,
    answer: impl Fn(&Sent) -> Answer + Send + Sync + 'static,
) -> (Result<Option<Listener>, PortError>, Vec<Sent>) {
    let service = Service::answering(answer);
    let read = account(&service.config).listener(&ListenerArn::parse(arn).unwrap()).await;
    (read, service.sent())
}

fn routes(listener: &Listener) -> Vec<String> {
    let forwards = |forwards: &[(TargetGroupArn, u32)]| {
        forwards.iter().map(|(group, weight)| format!("{}={weight}", group.name())).collect::<Vec<_>>().join(" ")
    };
    let id = |id: &str| id.rsplit('/').next().unwrap().to_owned();
    listener.routes.iter().map(|route| format!("{}: {}", id(route.id.as_str()), forwards(&route.forwards))).collect()
}

#[tokio::test]
async fn every_place_where_a_listener_forwards_is_a_route_whatever_page_it_is_on() {
    const FIXED: &str = "<member><Type>fixed-response</Type></member>";
    const SIGN_IN: &str = "<member><Type>authenticate-cognito</Type><Order>1</Order></member>";
    let answer = |sent: &Sent| match (sent.operation.as_str(), sent.body["Marker"].as_str()) {
        ("DescribeListeners", _) => {
            listener(APP, "HTTPS", &forward(Some("blue"), &tuple("blue", "<Weight>1</Weight>")))
        }
        ("DescribeRules", None) => {
            let both = tuple("blue", "<Weight>90</Weight>") + &tuple("green", "<Weight>10</Weight>");
            let rules = rule("r1", false, &format!("{SIGN_IN}{}", forward(None, &both))) + &rule("r2", false, FIXED);
            xml("DescribeRules", &format!("<Rules>{rules}</Rules><NextMarker>more</NextMarker>"))
        }
        ("DescribeRules", Some("more")) => {
            let rules = rule("r3", false, &forward(None, &tuple("other", "")))
                + &rule("r4", true, &forward(None, &tuple("blue", "")));
            xml("DescribeRules", &format!("<Rules>{rules}</Rules>"))
        }
        other => panic!("{other:?}"),
    };
    let (read, sent) = read(APP, answer).await;
    let read = read.unwrap().unwrap();
    assert_eq!(read.arn.as_str(), APP);
    assert_eq!(
        routes(&read),
        ["2: blue=1", "r1: blue=90 green=10", "r3: other=1"],
        "the default rule is the listener's"
    );
    assert_eq!((read.routes[0].id.as_str(), read.routes[1].id.to_string()), (APP, format!("{RULE}r1")));
    let described = sent.iter().find(|sent| sent.operation == "DescribeListeners").unwrap();
    assert_eq!(described.body["ListenerArns.member.1"], APP);
}

#[tokio::test]
async fn a_group_named_the_short_way_has_all_of_the_weight() {
    let short = format!("<member><Type>forward</Type><TargetGroupArn>{}</TargetGroupArn></member>", group("blue"));
    let ipv6 = rule("r1", false, &short);
    let (read, _) = read(NET, move |sent| match sent.operation.as_str() {
        "DescribeListeners" => listener(NET, "TCP", &short),
        other => xml(other, &format!("<Rules>{ipv6}</Rules>")),
    })
    .await;
    assert_eq!(
        routes(&read.unwrap().unwrap()),
        ["2: blue=1", "r1: blue=1"],
        "connections of one kind of address have a rule"
    );
}

#[tokio::test]
async fn an_action_that_keeps_its_clients_says_for_how_long() {
    let sticky = |enabled: bool| {
        let both = tuple("blue", "<Weight>90</Weight>") + &tuple("green", "<Weight>10</Weight>");
        let how = format!("<Enabled>{enabled}</Enabled><DurationSeconds>300</DurationSeconds>");
        let stickiness = format!("<TargetGroupStickinessConfig>{how}</TargetGroupStickinessConfig>");
        let config = format!("<ForwardConfig><TargetGroups>{both}</TargetGroups>{stickiness}</ForwardConfig>");
        format!("<member><Type>forward</Type>{config}</member>")
    };
    for (enabled, kept) in [(true, Some(Seconds(300))), (false, None)] {
        let (read, _) = read(APP, move |sent| match sent.operation.as_str() {
            "DescribeListeners" => listener(APP, "HTTP", &sticky(enabled)),
            other => xml(other, "<Rules/>"),
        })
        .await;
        assert_eq!(read.unwrap().unwrap().routes[0].sticky, kept);
    }
}

#[tokio::test]
async fn a_listener_that_does_not_exist_is_no_error() {
    for operation in ["DescribeListeners", "DescribeRules"] {
        let (read, _) = read(APP, move |sent| match sent.operation.as_str() {
            asked if asked == operation => xml_error(400, "ListenerNotFound"),
            "DescribeListeners" => listener(APP, "HTTP", &forward(None, &tuple("blue", ""))),
            _ => xml("DescribeRules", "<Rules/>"),
        })
        .await;
        assert_eq!(read, Ok(None), "{operation}");
    }
    let (denied, _) = read(APP, |_| xml_error(403, "AccessDenied")).await;
    assert!(matches!(denied, Err(PortError::Denied(_))), "{denied:?}");
}

#[tokio::test]
async fn a_target_group_is_asked_for_by_its_name_or_its_arn() {
    let arn = group("blue");
    for (asked, member) in [("blue", "Names.member.1"), (arn.as_str(), "TargetGroupArns.member.1")] {
        let found = format!("<TargetGroupArn>{arn}</TargetGroupArn><TargetType>ip</TargetType>");
        let result = format!("<TargetGroups><member>{found}</member></TargetGroups>");
        for sticky in [true, false] {
            let result = result.clone();
            let service = Service::answering(move |sent| match sent.operation.as_str() {
                "DescribeTargetGroups" => xml("DescribeTargetGroups", &result),
                other => {
                    let attribute = |key, value| format!("<member><Key>{key}</Key><Value>{value}</Value></member>");
                    let both = attribute("deregistration_delay.timeout_seconds", "300".to_owned())
                        + &attribute("stickiness.enabled", sticky.to_string());
                    xml(other, &format!("<Attributes>{both}</Attributes>"))
                }
            });
            let name = TargetGroupName::parse(asked).unwrap();
            let found = account(&service.config).target_group(&name).await.unwrap().unwrap();
            assert_eq!((found.arn.as_str(), found.kind.as_str(), found.sticky), (arn.as_str(), "ip", sticky));
            let sent = service.sent();
            assert_eq!((&sent[0].body[member], &sent[1].body["TargetGroupArn"]), (&json!(asked), &json!(arn)));
        }
    }
    let none = Service::answering(|_| xml_error(400, "TargetGroupNotFound"));
    let name = TargetGroupName::parse("blue").unwrap();
    assert_eq!(account(&none.config).target_group(&name).await, Ok(None));
}

#[tokio::test]
async fn targets_that_are_leaving_do_not_count() {
    let states =
        ["healthy", "healthy", "initial", "unhealthy", "unused", "draining", "unhealthy.draining", "unavailable"];
    let targets: String = states
        .iter()
        .map(|state| format!("<member><TargetHealth><State>{state}</State></TargetHealth></member>"))
        .collect();
    let result = format!("<TargetHealthDescriptions>{targets}</TargetHealthDescriptions>");
    let service = Service::answering(move |_| xml("DescribeTargetHealth", &result));
    let blue = TargetGroupArn::parse(&group("blue")).unwrap();
    let health = account(&service.config).health(&blue).await;
    assert_eq!(health, Ok(Health { registered: 6, healthy: 2, unused: 1 }));
    assert_eq!(service.sent()[0].body["TargetGroupArn"], group("blue"));
}

#[tokio::test]
async fn places_are_told_by_their_tag_twenty_at_a_time() {
    let service = Service::answering(|sent| {
        let asked = (1..).map_while(|number| sent.body[format!("ResourceArns.member.{number}")].as_str());
        let told = |arn: &str| {
            let value = if arn.ends_with('7') { "disabled" } else { "enabled" };
            let tags = format!("<Tags><member><Key>tideshift</Key><Value>{value}</Value></member></Tags>");
            format!("<member><ResourceArn>{arn}</ResourceArn>{tags}</member>")
        };
        let all: String = asked.map(told).collect();
        xml("DescribeTags", &format!("<TagDescriptions>{all}</TagDescriptions>"))
    });
    let routes: Vec<_> = (0..30).map(|number| RouteId::parse(&format!("{RULE}{number}")).unwrap()).collect();
    let tagged = account(&service.config).tagged(&routes).await.unwrap();
    assert_eq!((service.sent().len(), tagged.len()), (2, 27));
    assert!(tagged.contains(&routes[8]) && !tagged.contains(&routes[17]));
}

#[tokio::test]
async fn a_place_that_went_before_its_tags_were_told_is_looked_at_again() {
    let service = Service::answering(|_| xml_error(400, "RuleNotFound"));
    let told = account(&service.config).tagged(&[RouteId::parse(RULE).unwrap()]).await;
    assert!(matches!(told, Err(PortError::Conflict(_))), "{told:?}");
}
