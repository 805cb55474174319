//! Secure parameters.

use rollout::ids::ParameterName;
use serde_json::{Value, json};
use steps::ports::{FindParameters, PortError, ReadParameters, Secret};

use crate::wire::{Service, account, error, fine};

/// A store in which a parameter exists if its name does not say `gone`; its value is its name.
fn store() -> Service {
    Service::answering(|sent| {
        assert_eq!((sent.operation.as_str(), &sent.body["WithDecryption"]), ("GetParameters", &json!(true)));
        let names = sent.body["Names"].as_array().unwrap();
        let there = |name: &&Value| !name.as_str().unwrap().contains("gone");
        let found: Vec<Value> = names
            .iter()
            .filter(there)
            .map(|asked| {
                let asked = asked.as_str().unwrap();
                let name = asked.rsplit_once(":parameter").map_or(asked, |(_, name)| name);
                let arn = format!("arn:aws:ssm:eu-central-1:123456789012:parameter{name}");
                json!({"Name": name, "ARN": arn, "Value": format!("value of {asked}")})
            })
            .collect();
        fine(json!({"Parameters": found, "InvalidParameters": []}))
    })
}

#[tokio::test]
async fn a_parameter_is_there_if_it_could_have_tags() {
    let service = Service::answering(|sent| {
        assert_eq!((sent.operation.as_str(), &sent.body["ResourceType"]), ("ListTagsForResource", &json!("Parameter")));
        let is_gone = sent.body["ResourceId"].as_str().unwrap().contains("gone");
        if is_gone { error(400, "InvalidResourceId") } else { fine(json!({"TagList": []})) }
    });
    let parameters = account(&service.config);
    for (name, there) in [("/shop/token", true), ("/shop/gone", false)] {
        assert_eq!(parameters.has_parameter(&ParameterName::parse(name).unwrap()).await, Ok(there), "{name}");
    }
}

fn names(names: impl IntoIterator<Item = String>) -> Vec<ParameterName> {
    names.into_iter().map(|name| ParameterName::parse(&name).unwrap()).collect()
}

#[tokio::test]
async fn parameters_are_asked_for_ten_at_a_time() {
    let (service, asked) = (store(), names((0..23).map(|number| format!("/shop/{number}"))));
    let values = account(&service.config).parameters(&asked).await.unwrap();
    assert_eq!(values.len(), 23);
    let sizes: Vec<usize> = service.sent().iter().map(|sent| sent.body["Names"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [10, 10, 3]);
}

#[tokio::test]
async fn a_parameter_is_found_by_the_name_or_the_arn_it_was_asked_for() {
    let arn = "arn:aws:ssm:eu-central-1:123456789012:parameter/shared/key";
    let asked = names(["/shop/password".to_owned(), arn.to_owned(), "/gone/password".to_owned()]);
    let values = account(&store().config).parameters(&asked).await.unwrap();
    assert_eq!(values.get(&asked[0]), Some(&Secret("value of /shop/password".to_owned())));
    assert_eq!(values.get(&asked[1]), Some(&Secret(format!("value of {arn}"))));
    assert_eq!(values.get(&asked[2]), None);
}

#[tokio::test]
async fn a_parameter_whose_key_may_not_be_used_is_refused_without_its_value() {
    let service = Service::answering(|_| error(400, "AccessDeniedException"));
    let refused = account(&service.config).parameters(&names(["/shop/password".to_owned()])).await;
    assert!(matches!(refused, Err(PortError::Denied(_))));
}
