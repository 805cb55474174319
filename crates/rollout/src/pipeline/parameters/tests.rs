use expect_test::expect;
use serde_json::json;

use super::*;

fn told(text: &str) -> String {
    Parameters::read(text).unwrap_err().message
}

#[test]
fn members_of_create_deployment_and_of_the_ecs_action_are_read_in_json_and_yaml_in_either_case() {
    let yaml = "ApplicationName: shop\ndeploymentGroupName: web\nAppSpecTemplateArtifact: Source\nimage1ArtifactName: Build\n\
                Image1ContainerName: APP\nonAbandon: Stop\noverrideAlarmConfiguration:\n  enabled: false\n";
    let json = json!({
        "applicationName": "shop", "DeploymentGroupName": "web", "appSpecTemplateArtifact": "Source", "Image1ArtifactName": "Build",
        "image1ContainerName": "APP", "onAbandon": "Stop", "overrideAlarmConfiguration": {"enabled": false},
    });
    let [yaml, json] = [yaml.to_owned(), json.to_string()].map(|text| Parameters::read(&text).unwrap());
    assert_eq!(yaml, json);
    let request = json!({"applicationName": "shop", "deploymentGroupName": "web", "overrideAlarmConfiguration": {"enabled": false}});
    assert_eq!(yaml.request, request);
    assert_eq!(yaml.appspec.artifact.as_deref(), Some("Source"));
    assert_eq!(yaml.images[0].placeholder(), "APP");
    assert_eq!(yaml.on_abandon, OnAbandon::Stop);
    assert!(!yaml.task_definition.is_named());
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_what_to_write() {
    let long = format!("description: {}", "x".repeat(MAX_CHARACTERS));
    let told = [
        "",
        "- a\n- b",
        "just words",
        "applicationName: shop\napplicatonName: shop",
        "applicationName: shop\nApplicationName: shop",
        "Image5ArtifactName: x",
        "something: else",
        "{\"applicationName\": \"shop\",}",
        "targetVersion: '#{Build.VERSION}'",
        "targetVersion: live",
        "targetVersion: 5\ntargetVersionPath: version.txt",
        "targetVersionArtifact: Build",
        "onAbandon: stop",
        "AppSpecTemplatePath: [a]",
        &long,
    ]
    .map(told)
    .join("\n");
    expect![[r#"
        UserParameters: empty: write an object with applicationName and deploymentGroupName, as YAML or JSON
        UserParameters:1: expected an object with members such as applicationName, found a list
        UserParameters:1: expected an object with members such as applicationName, found `just words`
        UserParameters:2: `applicatonName` is no member; did you mean applicationName?
        UserParameters:2: applicationName is written twice: keep one
        UserParameters:1: `Image5ArtifactName` is no member; did you mean Image1ArtifactName?
        UserParameters:1: `something` is no member; there are those of CreateDeployment, and AppSpecTemplateArtifact, AppSpecTemplatePath, TaskDefinitionTemplateArtifact, TaskDefinitionTemplatePath, targetVersion, targetVersionPath, targetVersionArtifact, onAbandon
        UserParameters:1:28: a comma stands before the bracket that closes: leave it out
        UserParameters:1: targetVersion: nobody has put a value in place of `#{Build.VERSION}`: the action it is of needs a Namespace, and must have run before
        UserParameters: targetVersion: `live` is not a version: write the number of a published version, such as 3
        UserParameters:1: targetVersion and targetVersionPath both say the version: leave one of them out
        UserParameters:1: targetVersionArtifact stands alone: write targetVersionPath, the file in it that has the version
        UserParameters:1: onAbandon is `stop`: write Leave or Stop
        UserParameters:1: AppSpecTemplatePath: expected a text, found a list
        UserParameters: 1013 characters, and CodePipeline takes 1000: put the AppSpec into an artifact"#]].assert_eq(&told);
}

#[test]
fn the_only_artifact_need_not_be_named_and_another_ones_name_is_told_with_those_there_are() {
    assert_eq!(artifact(None, &["Build"], "AppSpecTemplateArtifact"), Ok("Build"));
    assert_eq!(artifact(Some("Build"), &["Source", "Build"], "AppSpecTemplateArtifact"), Ok("Build"));
    let told = [
        artifact(None, &["Source", "Build"], "AppSpecTemplateArtifact"),
        artifact(Some("Biuld"), &["Source", "Build"], "AppSpecTemplateArtifact"),
        artifact(None, &[], "AppSpecTemplateArtifact"),
    ]
    .map(|refused| refused.unwrap_err().message)
    .join("\n");
    expect![[r#"
        UserParameters: AppSpecTemplateArtifact is missing, and the action has several input artifacts: write one of Source, Build
        UserParameters: AppSpecTemplateArtifact is `Biuld`, and the input artifacts are Source, Build
        the action has no input artifact: give it the one that has the AppSpec, under InputArtifacts"#]]
    .assert_eq(&told);
}
