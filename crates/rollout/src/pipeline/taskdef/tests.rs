use expect_test::expect;
use serde_json::json;

use super::*;
use crate::pipeline::images;

fn file(text: &str) -> File {
    File { name: "taskdef.json".to_owned(), text: text.to_owned() }
}

fn read(value: &Value) -> TaskDefinition {
    TaskDefinition::read(file(&serde_json::to_string_pretty(value).unwrap())).unwrap()
}

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(name, image)| ((*name).to_owned(), (*image).to_owned())).collect()
}

fn containers(definitions: Value) -> Value {
    json!({"family": "web", "containerDefinitions": definitions})
}

#[test]
fn every_occurrence_of_every_declared_name_is_filled_in_values_of_the_environment_too() {
    let mut definition = read(&containers(json!([
        {"name": "app", "image": "<IMAGE1_NAME>", "environment": [{"name": "SELF", "value": "runs <IMAGE1_NAME> beside <SIDE>"}]},
        {"name": "side", "image": "<SIDE>", "command": ["test 1 < 2", "<html>", "<my-image>"]},
    ])));
    definition
        .fill(&values(&[("IMAGE1_NAME", "repo/app:1"), ("SIDE", "repo/side@sha256:ab"), ("my-image", "repo/mine:2")]))
        .unwrap();
    assert_eq!(
        definition.into_request(),
        containers(json!([
            {
                "name": "app", "image": "repo/app:1",
                "environment": [{"name": "SELF", "value": "runs repo/app:1 beside repo/side@sha256:ab"}],
            },
            {"name": "side", "image": "repo/side@sha256:ab", "command": ["test 1 < 2", "<html>", "repo/mine:2"]},
        ]))
    );
}

#[test]
fn a_placeholder_that_nobody_declared_and_one_that_stands_nowhere_are_refused() {
    let of = |image: &str| read(&containers(json!([{"name": "app", "image": image}])));
    let told = [
        of("<APP_IMAGE>").fill(&values(&[("IMAGE1_NAME", "a:1")])),
        of("<APP_IMAGE>").fill(&values(&[])),
        of("repo/app:1").fill(&values(&[("IMAGE1_NAME", "a:1")])),
    ]
    .map(|filled| filled.unwrap_err().message)
    .join("\n");
    expect![[r#"
        taskdef.json:6: nobody has declared <APP_IMAGE>: name it in Image1ContainerName to Image4ContainerName, with the artifact that has the image, or write the value (declared: <IMAGE1_NAME>)
        taskdef.json:6: nobody has declared <APP_IMAGE>: name it in Image1ContainerName to Image4ContainerName, with the artifact that has the image, or write the value (declared: none)
        taskdef.json: <IMAGE1_NAME> stands nowhere in it, so its image would not be deployed: write "image": "<IMAGE1_NAME>""#]].assert_eq(&told);
}

#[test]
fn what_ecs_only_tells_and_what_is_null_is_dropped_also_from_what_the_command_line_prints() {
    let wanted =
        json!({"family": "web", "containerDefinitions": [{"name": "app", "image": "a:1", "dockerLabels": {"x": "y"}}]});
    let described = json!({
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7", "revision": 7, "status": "ACTIVE",
        "requiresAttributes": [{"name": "ecs.capability.task-eni"}], "compatibilities": ["EC2"], "registeredAt": 1.5,
        "registeredBy": "arn:aws:iam::111122223333:root", "deregisteredAt": null, "taskRoleArn": null, "family": "web",
        "containerDefinitions": [{"name": "app", "image": "a:1", "cpu": null, "dockerLabels": {"x": "y", "z": null}}],
    });
    assert_eq!(read(&described).into_request(), wanted);
    let printed = json!({"taskDefinition": described, "tags": [{"key": "team", "value": "shop"}]});
    let mut tagged = wanted;
    tagged["tags"] = json!([{"key": "team", "value": "shop"}]);
    assert_eq!(read(&printed).into_request(), tagged);
}

#[test]
fn a_member_that_ecs_does_not_know_is_refused_with_its_place() {
    let told = [
        json!({"familly": "web"}),
        containers(json!([{"name": "app", "image": "a:1"}, {"name": "b", "enviroment": []}])),
        json!({"taskDefinition": containers(json!([{"name": "b", "logConfiguration": {"driver": "awslogs"}}]))}),
        json!({"family": "web"}),
        json!([]),
    ]
    .map(|value| TaskDefinition::read(file(&serde_json::to_string_pretty(&value).unwrap())).unwrap_err().message)
    .join("\n");
    expect![[r#"
        taskdef.json:2: familly is nothing that ECS knows; did you mean family?
        taskdef.json:10: containerDefinitions[1].enviroment is nothing that ECS knows; did you mean environment?
        taskdef.json:8: containerDefinitions[0].logConfiguration.driver is nothing that ECS knows; did you mean logDriver?
        taskdef.json: containerDefinitions is missing: ECS registers nothing without it
        taskdef.json: expected an object with family and containerDefinitions"#]].assert_eq(&told);
}

#[test]
fn the_images_of_named_containers_are_set_and_a_container_that_is_not_there_is_told_with_those_that_are() {
    let mut definition = read(&containers(json!([{"name": "app", "image": "a:1"}, {"name": "side", "image": "b:1"}])));
    let text = "[\n  {\"name\": \"side\", \"imageUri\": \"b:2\"},\n  {\"name\": \"api\", \"imageUri\": \"c:1\"}\n]";
    let named = File { name: "imagedefinitions.json".to_owned(), text: text.to_owned() };
    let found = images::definitions(&named).unwrap();
    definition.set_images(&named, &found[..1]).unwrap();
    assert_eq!(definition.value["containerDefinitions"][1]["image"], "b:2");
    let told = definition.set_images(&named, &found).unwrap_err().message;
    expect![[r#"imagedefinitions.json:3: name: taskdef.json has no container `api`; its containers are app, side"#]]
        .assert_eq(&told);
}

#[test]
fn files_of_images_are_read_and_what_is_wrong_with_them_is_told() {
    let detail = |text: &str| images::detail(&File { name: "imageDetail.json".to_owned(), text: text.to_owned() });
    let several =
        |text: &str| images::definitions(&File { name: "imagedefinitions.json".to_owned(), text: text.to_owned() });
    assert_eq!(detail(r#"{"ImageURI": "a:1", "ImageTags": ["1"]}"#), Ok("a:1".to_owned()));
    let told = [
        detail("{}").unwrap_err(),
        detail(r#"{"ImageURI": 7}"#).unwrap_err(),
        detail(r#"{"ImageURI": "a b"}"#).unwrap_err(),
        several("[]").unwrap_err(),
        several(r#"{"ImageURI": "a:1"}"#).unwrap_err(),
        several(r#"[{"name": "app", "image": "a:1"}]"#).unwrap_err(),
        several("[{\"name\": \"app\", \"imageUri\": \"a:1\"},\n{\"name\": \"app\", \"imageUri\": \"a:2\"}]")
            .unwrap_err(),
    ]
    .map(|fault| fault.message)
    .join("\n");
    expect![[r#"
        imageDetail.json: ImageURI is missing: write {"ImageURI": "repository:tag"}
        imageDetail.json: ImageURI is no text: write the image with its tag or digest
        imageDetail.json:1: `a b` is no image: write its repository with a tag or digest
        imagedefinitions.json: expected a list with an entry for each container: write [{"name": "container", "imageUri": "repository:tag"}]
        imagedefinitions.json: expected a list with an entry for each container: write [{"name": "container", "imageUri": "repository:tag"}]
        imagedefinitions.json:1: [0] has no name or no imageUri: write [{"name": "container", "imageUri": "repository:tag"}]
        imagedefinitions.json:2: the container `app` is named twice: keep one"#]].assert_eq(&told);
}
