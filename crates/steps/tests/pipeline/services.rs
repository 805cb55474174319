//! Deployments to services: the task definition is filled and registered.

use expect_test::expect;
use fakes::{Fault, Said};
use serde_json::{Value, json};

use super::{Pipeline, deployment_of, line, upload};
use crate::ecs;

const APPSPEC: &str = "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        \
                       TaskDefinition: <TASK_DEFINITION>\n        LoadBalancerInfo:\n          ContainerName: app\n          ContainerPort: \
                       80\n        NetworkConfiguration:\n          AwsvpcConfiguration: {Subnets: [subnet-1], SecurityGroups: [sg-1]}\n";

const PARAMETERS: &str = "ApplicationName: shop\nDeploymentGroupName: web\n";

fn taskdef(image: &str) -> String {
    json!({
        "taskDefinitionArn": "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:1", "revision": 1, "status": "ACTIVE",
        "family": "web", "taskRoleArn": null,
        "containerDefinitions": [{
            "name": "app", "image": image, "portMappings": [{"containerPort": 80}],
            "environment": [{"name": "IMAGE", "value": image}],
        }],
    })
    .to_string()
}

fn pipeline(files: &[(&str, &str)], parameters: &str) -> Pipeline {
    let pipeline = Pipeline::over(ecs::world(), files, &format!("{PARAMETERS}{parameters}"));
    pipeline.with_group("ECS", ecs::deploy("AllAtOnce").group())
}

fn images(registered: &Value) -> (&Value, &Value) {
    let container = &registered["containerDefinitions"][0];
    (&container["image"], &container["environment"][0]["value"])
}

#[test]
fn the_task_definition_is_filled_registered_and_deployed() {
    let taskdef = taskdef("<IMAGE1_NAME>");
    let files = [
        ("appspec.yaml", APPSPEC),
        ("taskdef.json", taskdef.as_str()),
        ("imageDetail.json", r#"{"ImageURI": "repo/app:7"}"#),
    ];
    let pipeline = pipeline(&files, "Image1ArtifactName: Build\nImage1ContainerName: IMAGE1_NAME");
    let said = pipeline.runs(1, 6_000);
    expect![[r#"
        succeeded, 100 %: Succeeded; every call to shop/web goes to target group web-green
        deploymentId = d-00000001222243338444555555555555
        executionUrl = https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/arn:aws:states:eu-central-1:123456789012:execution:tideshift-ecs:d-00000001222243338444555555555555
        fromTaskDefinition = arn:aws:ecs:eu-central-1:123456789012:task-definition/web:1
        status = Succeeded
        target = shop/web
        taskDefinition = arn:aws:ecs:eu-central-1:123456789012:task-definition/web:4"#]].assert_eq(&line(&said));
    let registered = pipeline.world().registered();
    assert_eq!(registered.len(), 1);
    assert_eq!(images(&registered[0]), (&json!("repo/app:7"), &json!("repo/app:7")));
    assert_eq!(registered[0].as_object().unwrap().len(), 2, "what ECS only tells is dropped: {}", registered[0]);
    let plan = pipeline.world().plan(&deployment_of(1)).unwrap();
    assert!(plan.target.service().unwrap().green.task_definition.as_str().ends_with("task-definition/web:4"));
}

#[test]
fn images_come_from_other_artifacts_by_either_file_and_for_named_containers_without_a_placeholder() {
    let definitions = r#"[{"name": "app", "imageUri": "repo/app:8"}]"#;
    for (image, file, parameters) in [
        (
            "<APP>",
            ("imageDetail.json", r#"{"ImageURI": "repo/app:8"}"#),
            "Image1ContainerName: APP\nImage1ArtifactName: Image",
        ),
        ("<APP>", ("imagedefinitions.json", definitions), "image1ContainerName: APP\nimage1ArtifactName: Image"),
        ("repo/app:8", ("imagedefinitions.json", definitions), "Image2ArtifactName: Image"),
        ("repo/app:8", ("imagedefinitions.json", definitions), ""),
    ] {
        let taskdef = taskdef(image);
        let parameters = format!("AppSpecTemplateArtifact: Build\nTaskDefinitionTemplateArtifact: Build\n{parameters}");
        let mut pipeline = pipeline(&[("appspec.yaml", APPSPEC), ("taskdef.json", &taskdef)], &parameters);
        pipeline.artifacts.push("Image");
        upload(pipeline.world(), "Image", &[file]);
        let said = pipeline.told(1, None);
        assert!(matches!(said, Said::GoesOn { .. }), "{parameters}: {said:?}");
        assert_eq!(images(&pipeline.world().registered()[0]).0, &json!("repo/app:8"), "{parameters}");
    }
}

#[test]
fn what_an_attempt_that_died_has_registered_is_deployed_and_at_most_one_more_is_registered() {
    let taskdef = taskdef("repo/app:1");
    let files = [("appspec.yaml", APPSPEC), ("taskdef.json", taskdef.as_str())];
    let undisturbed = pipeline(&files, "");
    let before = undisturbed.world().faults.calls().len();
    undisturbed.told(1, None);
    let calls = undisturbed.world().faults.calls();
    let register = calls.iter().position(|call| *call == "register").unwrap() + 1;
    for number in before + 1..=calls.len() {
        for fault in [Fault::CrashBefore, Fault::CrashAfter] {
            let pipeline = pipeline(&files, "");
            pipeline.world().faults.nth(number, fault);
            drop(pipeline.call(1, None));
            drop(pipeline.call(1, None));
            let registered = pipeline.world().registered().len();
            // Only where it died right after the registration, nobody knows of it.
            let is_lost = (number == register && fault == Fault::CrashAfter)
                || (number == register + 1 && fault == Fault::CrashBefore);
            let wanted = if is_lost { 2 } else { 1 };
            assert!(registered <= wanted, "call {number}, {fault:?}: {registered}");
            assert_eq!(pipeline.world().executions_started(), 1, "call {number}, {fault:?}");
        }
    }
}

#[test]
fn nothing_is_registered_for_a_group_that_is_not_there_or_an_appspec_that_is_wrong() {
    let taskdef = taskdef("repo/app:1");
    let wrong = APPSPEC.replace("ContainerPort: 80", "ContainerPort: web");
    let told = [(APPSPEC, "deploymentConfigName: Slowly"), (&wrong, "")].map(|(appspec, parameters)| {
        let pipeline = pipeline(&[("appspec.yaml", appspec), ("taskdef.json", &taskdef)], parameters);
        let said = line(&pipeline.told(1, None));
        assert_eq!(pipeline.world().registered(), [json!(null); 0]);
        said
    });
    expect![[r#"
        failed, ConfigurationError, no deployment: DeploymentConfigDoesNotExistException: no configuration is called `Slowly`: any name of the form Canary10Percent5Minutes or Linear10PercentEvery30Seconds works without being created first
        failed, ConfigurationError, no deployment: appspec.yaml:9: Resources[0].TargetService.Properties.LoadBalancerInfo.ContainerPort: expected the port of the container, 1 to 65535, found `web`"#]].assert_eq(&told.join("\n"));
}
