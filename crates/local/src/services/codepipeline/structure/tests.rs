use serde_json::{Value, json};

use super::*;

fn source() -> Value {
    json!({
        "name": "Bucket",
        "actionTypeId": { "category": "Source", "owner": "AWS", "provider": "S3", "version": "1" },
        "configuration": { "S3Bucket": "sources", "S3ObjectKey": "app.zip" },
        "outputArtifacts": [{ "name": "App" }],
        "namespace": "source",
    })
}

fn invoke() -> Value {
    json!({
        "name": "Deploy",
        "actionTypeId": { "category": "Invoke", "owner": "AWS", "provider": "Lambda", "version": "1" },
        "configuration": { "FunctionName": "deploy", "UserParameters": "#{source.VersionId} #{codepipeline.PipelineExecutionId}" },
        "inputArtifacts": [{ "name": "App" }],
    })
}

fn pipeline(change: impl FnOnce(&mut Value)) -> Value {
    let mut pipeline = json!({
        "name": "shop",
        "roleArn": "arn:aws:iam::123456789012:role/pipeline",
        "artifactStore": { "type": "S3", "location": "artifacts" },
        "stages": [{ "name": "Source", "actions": [source()] }, { "name": "Deploy", "actions": [invoke()] }],
    });
    change(&mut pipeline);
    pipeline
}

/// How a pipeline with this change is refused: the error's name, then its message.
fn refused(change: impl FnOnce(&mut Value)) -> String {
    match read(&pipeline(change)) {
        Ok(_) => "it is taken".to_owned(),
        Err(refusal) => format!("{}: {}", refusal.code, refusal.message),
    }
}

fn deploy(pipeline: &mut Value) -> &mut Value {
    &mut pipeline["stages"][1]["actions"][0]
}

#[test]
fn a_pipeline_is_taken_with_the_defaults_of_what_it_leaves_out() {
    let read = read(&pipeline(|_| {})).unwrap();
    assert_eq!((read.stages[0].actions[0].run_order, read.version), (1, 0));
    assert_eq!(refused(|_| {}), "it is taken");
}

#[test]
fn what_another_provider_would_do_is_refused_with_what_is_played() {
    let told = refused(|pipeline| deploy(pipeline)["actionTypeId"]["provider"] = "CodeBuild".into());
    assert_eq!(
        told,
        "InvalidActionDeclarationException: ActionType (Category: 'Invoke', Provider: 'CodeBuild', Owner: 'AWS', Version: '1') \
         in action 'Deploy' is not available in region 'US_EAST_1': the local stack plays the actions Source/S3, \
         Invoke/Lambda and Invoke/StepFunctions of AWS, version 1"
    );
}

#[test]
fn a_configuration_has_what_its_provider_needs_and_nothing_else() {
    let missing = refused(|pipeline| deploy(pipeline)["configuration"] = json!({ "UserParameters": "x" }));
    assert!(missing.ends_with("'Deploy' is missing required configuration 'FunctionName'"), "{missing}");
    let unknown = refused(|pipeline| deploy(pipeline)["configuration"]["Payload"] = "x".into());
    assert!(unknown.ends_with("'Deploy' contains unknown configuration 'Payload'"), "{unknown}");
    let long = refused(|pipeline| deploy(pipeline)["configuration"]["UserParameters"] = "x".repeat(1_001).into());
    assert!(long.starts_with("ValidationException: 1 validation error detected"), "{long}");
    assert!(long.contains("at 'pipeline.stages.2.member.actions.1.member.configuration'"), "{long}");
}

#[test]
fn an_action_has_as_many_artifacts_as_its_provider_takes() {
    let artifacts = |count: usize| (0..count).map(|number| json!({ "name": format!("A{number}") })).collect::<Vec<_>>();
    let many = refused(|pipeline| deploy(pipeline)["outputArtifacts"] = artifacts(6).into());
    assert!(many.ends_with("Action Deploy declares 6 output artifacts which exceeds the maximum count (5)"), "{many}");
    assert_eq!(refused(|pipeline| deploy(pipeline)["outputArtifacts"] = artifacts(5).into()), "it is taken");
    let none = refused(|pipeline| pipeline["stages"][0]["actions"][0]["outputArtifacts"] = json!([]));
    assert!(
        none.ends_with("Action Bucket declares 0 output artifacts which is less than the minimum count (1)"),
        "{none}"
    );
    let machine = |pipeline: &mut Value, outputs: usize| {
        deploy(pipeline)["actionTypeId"]["provider"] = "StepFunctions".into();
        deploy(pipeline)["configuration"] = json!({ "StateMachineArn": "arn" });
        deploy(pipeline)["outputArtifacts"] = artifacts(outputs).into();
    };
    assert_eq!(refused(|pipeline| machine(pipeline, 1)), "it is taken");
    assert!(refused(|pipeline| machine(pipeline, 2)).ends_with("exceeds the maximum count (1)"));
}

#[test]
fn an_artifact_comes_from_an_action_that_is_over_by_then() {
    let unknown = refused(|pipeline| deploy(pipeline)["inputArtifacts"] = json!([{ "name": "Other" }]));
    assert!(
        unknown.starts_with("InvalidStructureException: Input Artifact Bundle Other in action Deploy"),
        "{unknown}"
    );
    let mut maker = invoke();
    maker["name"] = "Make".into();
    maker["outputArtifacts"] = json!([{ "name": "Made" }]);
    let beside = |pipeline: &mut Value, order: u32| {
        let mut user = invoke();
        user["inputArtifacts"] = json!([{ "name": "Made" }]);
        user["runOrder"] = order.into();
        pipeline["stages"][1]["actions"] = json!([maker.clone(), user]);
    };
    assert!(
        refused(|pipeline| beside(pipeline, 1)).contains("Input Artifact Bundle Made"),
        "they run at the same time"
    );
    assert_eq!(refused(|pipeline| beside(pipeline, 2)), "it is taken");
    let twice = refused(|pipeline| deploy(pipeline)["outputArtifacts"] = json!([{ "name": "App" }]));
    assert!(twice.contains("Output Artifact Bundle name must be unique"), "{twice}");
}

#[test]
fn a_variable_comes_from_an_action_that_is_over_by_then() {
    let refer = |pipeline: &mut Value, text: &str| deploy(pipeline)["configuration"]["UserParameters"] = text.into();
    let unknown = refused(|pipeline| refer(pipeline, "#{build.Version}"));
    assert!(
        unknown.ends_with(
            "StageName=[Deploy], ActionName=[Deploy], ActionConfigurationKey=[UserParameters], \
             VariableReferenceText=[build.Version]"
        ),
        "{unknown}"
    );
    assert!(refused(|pipeline| refer(pipeline, "#{VersionId}")).starts_with("InvalidStructureException"));
    let reserved = refused(|pipeline| deploy(pipeline)["namespace"] = "codepipeline".into());
    assert!(reserved.contains("'codepipeline' is reserved"), "{reserved}");
    let odd = refused(|pipeline| deploy(pipeline)["namespace"] = "a b".into());
    assert!(odd.starts_with("ValidationException"), "{odd}");
}

#[test]
fn stages_and_actions_have_names_of_their_own_and_sources_come_first() {
    let few = refused(|pipeline| drop(pipeline["stages"].as_array_mut().unwrap().pop()));
    assert!(
        few.ends_with("Pipeline has only 1 stage(s). There should be a minimum of 2 stages in a pipeline"),
        "{few}"
    );
    let twice = refused(|pipeline| pipeline["stages"][1]["name"] = "Source".into());
    assert!(twice.contains("Stage name must be unique"), "{twice}");
    let twice = refused(|pipeline| pipeline["stages"][1]["actions"] = json!([invoke(), invoke()]));
    assert!(twice.contains("Action name must be unique within stage Deploy"), "{twice}");
    let late = refused(|pipeline| pipeline["stages"][1]["actions"] = json!([source()]));
    assert!(late.contains("only contains source actions"), "{late}");
    let order = refused(|pipeline| deploy(pipeline)["runOrder"] = 1_000.into());
    assert!(order.contains("Member must have value less than or equal to 999"), "{order}");
}

#[test]
fn input_from_a_file_needs_an_artifact_that_has_it() {
    let machine = |pipeline: &mut Value, configuration: Value| {
        deploy(pipeline)["actionTypeId"]["provider"] = "StepFunctions".into();
        deploy(pipeline)["configuration"] = configuration;
    };
    let by_file = json!({ "StateMachineArn": "arn", "InputType": "FilePath", "Input": "input.json" });
    assert_eq!(refused(|pipeline| machine(pipeline, by_file.clone())), "it is taken");
    let without = refused(|pipeline| {
        machine(pipeline, by_file.clone());
        deploy(pipeline)["inputArtifacts"] = json!([]);
    });
    assert!(without.contains("it needs an input artifact"), "{without}");
    let odd = refused(|pipeline| machine(pipeline, json!({ "StateMachineArn": "arn", "InputType": "File" })));
    assert!(odd.ends_with("it is Literal or FilePath"), "{odd}");
}
