//! What is wrong with a job, each with CodePipeline's type, the file and the line; nothing is moved, and nothing is left behind.

use expect_test::expect;
use serde_json::json;

use super::{APPSPEC, Pipeline, deployment_of, line, zip};
use crate::story::world;

/// What a job with these files and parameters is told.
#[track_caller]
fn told(files: &[(&str, &str)], parameters: &str) -> String {
    told_by(&Pipeline::over(world(), files, parameters))
}

#[track_caller]
fn told_by(pipeline: &Pipeline) -> String {
    let said = line(&pipeline.told(1, None));
    assert!(pipeline.world().deployment(&deployment_of(1)).is_none(), "no deployment is made: {said}");
    assert_eq!(pipeline.world().executions_started(), 0);
    assert_eq!(pipeline.world().lock_of("storefront", "live").owner, None);
    said
}

const SPEC: [(&str, &str); 1] = [("appspec.yaml", APPSPEC)];

#[test]
fn parameters_that_are_wrong_are_told_by_their_line() {
    let told = [
        told(&SPEC, ""),
        told(&SPEC, "[]"),
        told(&SPEC, "targetVersion: 2\ndeploymentConfigNam: x"),
        told(&SPEC, "{\"targetVersion\": 2,\n}"),
        told(&SPEC, "targetVersion: 2\noverrideAlarmConfiguration: {enabled: true, alarm: []}"),
        told(&SPEC, "targetVersion: 2\noverrideAlarmConfiguration: 7"),
        told(&SPEC, "targetVersion: '#{Build.VERSION}'"),
        told(&SPEC, &format!("description: {}", "x".repeat(1_000))),
        told(
            &SPEC,
            "targetVersion: 2\nrevision: {revisionType: S3, s3Location: {bucket: a, key: b, bundleType: YAML}}",
        ),
        told(
            &SPEC,
            "AppSpecTemplatePath: a.yaml\nrevision: {revisionType: AppSpecContent, appSpecContent: {content: 'x'}}",
        ),
    ];
    expect![[r#"
        failed, ConfigurationError, no deployment: UserParameters: empty: write an object with applicationName and deploymentGroupName, as YAML or JSON
        failed, ConfigurationError, no deployment: UserParameters:1: expected an object with members such as applicationName, found a list
        failed, ConfigurationError, no deployment: UserParameters:2: `deploymentConfigNam` is no member; did you mean deploymentConfigName?
        failed, ConfigurationError, no deployment: UserParameters:2:1: a comma stands before the bracket that closes: leave it out
        failed, ConfigurationError, no deployment: UserParameters: overrideAlarmConfiguration.alarm is no member of the API; did you mean alarms?
        failed, ConfigurationError, no deployment: UserParameters: overrideAlarmConfiguration: expected an object, found the number 7
        failed, ConfigurationError, no deployment: UserParameters:1: targetVersion: nobody has put a value in place of `#{Build.VERSION}`: the action it is of needs a Namespace, and must have run before
        failed, ConfigurationError, no deployment: UserParameters: 1013 characters, and CodePipeline takes 1000: put the AppSpec into an artifact
        failed, ConfigurationError, no deployment: UserParameters: nothing is put into an AppSpec at a place that revision names: leave revision out, and have it in an artifact
        failed, ConfigurationError, no deployment: UserParameters: revision and AppSpecTemplatePath or AppSpecTemplateArtifact both say the AppSpec: leave one of them out"#]].assert_eq(&told.join("\n"));
}

#[test]
fn files_that_are_wrong_are_told_by_their_name_and_line() {
    let broken = APPSPEC.replace("Alias: live", "Aliass: live");
    let told = [
        told(&[("deploy/appspec.yaml", APPSPEC)], "targetVersion: 2"),
        told(&SPEC, "AppSpecTemplatePath: deploy/appspec.yaml"),
        told(&SPEC, "AppSpecTemplatePath: ../appspec.yaml"),
        told(&SPEC, "description: no version"),
        told(&[("appspec.yaml", &broken)], "targetVersion: 2"),
        told(&[("appspec.yaml", &format!("{APPSPEC}        TargetVersion: 3\n"))], "targetVersion: 2"),
        told(&[("appspec.yaml", &APPSPEC.replace("live", "<ALIAS>"))], "targetVersion: 2"),
        told(&[("appspec.yaml", APPSPEC), ("v.json", "{\"Version\": \"2\",}")], "targetVersionPath: v.json"),
        told(&[("appspec.yaml", "os: linux\nfiles: []\n")], "description: x"),
    ];
    expect![[r#"
        failed, ConfigurationError, no deployment: the artifact Build has no appspec.yaml: it has deploy/appspec.yaml: write AppSpecTemplatePath: deploy/appspec.yaml
        failed, ConfigurationError, no deployment: the artifact Build has no deploy/appspec.yaml: it has appspec.yaml: write AppSpecTemplatePath: appspec.yaml
        failed, ConfigurationError, no deployment: AppSpecTemplatePath is `../appspec.yaml`: a path does not lead out of the artifact: leave .. out
        failed, ConfigurationError, no deployment: appspec.yaml:6: Resources[0].Storefront.Properties.TargetVersion: missing: write the version to move to, such as 2
        failed, ConfigurationError, no deployment: appspec.yaml:7: Resources[0].Storefront.Properties.Aliass: unknown key; did you mean Alias?
        failed, ConfigurationError, no deployment: appspec.yaml:8: TargetVersion: the AppSpec says 3, and the pipeline's targetVersion is 2: leave one of them out
        failed, ConfigurationError, no deployment: appspec.yaml:7: nobody puts anything in place of <ALIAS>: write the value, or have the build do it
        failed, ConfigurationError, no deployment: v.json:1:17: a comma stands before the bracket that closes: leave it out
        failed, ConfigurationError, no deployment: appspec.yaml:1: os: this is an AppSpec for EC2/on-premises, and this deployment is for Lambda: write version, Resources with the function to move, and Hooks"#]].assert_eq(&told.join("\n"));
}

#[test]
fn what_is_no_zip_and_what_cannot_be_unpacked_is_told() {
    let object = |bytes: Vec<u8>| {
        let pipeline = Pipeline::over(world(), &SPEC, "targetVersion: 2");
        pipeline.world().put_object("artifacts", "shop/Build.zip", bytes);
        told_by(&pipeline)
    };
    let bomb = zip(&[("appspec.yaml", &" ".repeat(20_000_000))]);
    let told = [
        object(APPSPEC.into()),
        object(b"\x1f\x8b\x08rest".to_vec()),
        object(Vec::new()),
        object(bomb),
        object(zip(&SPEC)[40..].to_vec()),
    ];
    expect![[r#"
        failed, ConfigurationError, no deployment: the artifact Build (s3://artifacts/shop/Build.zip) begins with `version: 0.0\nRes`, not PK, and is no zip: a file that is not packed is none; have the action before it make an artifact of it
        failed, ConfigurationError, no deployment: the artifact Build (s3://artifacts/shop/Build.zip) is packed with gzip, as a .tar.gz is, and not a zip: have the action before it make a zip
        failed, ConfigurationError, no deployment: the artifact Build (s3://artifacts/shop/Build.zip) is empty, and no zip
        failed, ConfigurationError, no deployment: the artifact Build (s3://artifacts/shop/Build.zip) has `appspec.yaml` with 20000000 bytes, and no more than 3145728 bytes are read of all files of a job together
        failed, ConfigurationError, no deployment: the artifact Build (s3://artifacts/shop/Build.zip) has a directory behind its own end: pack it again"#]].assert_eq(&told.join("\n"));
}

#[test]
fn an_artifact_that_may_not_be_read_is_told_with_its_bucket_its_key_and_the_right_that_is_missing() {
    let pipeline = Pipeline::over(world(), &SPEC, "targetVersion: 2");
    pipeline.world().lends_artifacts_to("somebody else");
    let denied = told_by(&pipeline);
    let pipeline = Pipeline::over(world(), &SPEC, "targetVersion: 2");
    pipeline.world().delete_object("artifacts", "shop/Build.zip");
    let gone = told_by(&pipeline);
    expect![[r#"
        failed, PermissionError, no deployment: the credentials of the job may not read the artifact Build, s3://artifacts/shop/Build.zip, with the KMS key arn:aws:kms:eu-central-1:123456789012:key/artifacts: s3:GetObject or kms:Decrypt was refused; allow it to the role of the pipeline's action, in its own policies, in the policy of the bucket and in that of the key (GetObject: AccessDenied: Access Denied)
        failed, RevisionUnavailable, no deployment: the artifact Build is not at s3://artifacts/shop/Build.zip any more: run the pipeline again (GetObject: NoSuchKey: no such key)"#]].assert_eq(&format!("{denied}\n{gone}"));
    let pipeline = Pipeline::over(world(), &SPEC, "targetVersion: 2");
    pipeline.world().lends_artifacts_to("ASIAJOB");
    pipeline.told(1, None);
    assert_eq!(pipeline.world().executions_started(), 1, "the job's own credentials are used");
}

#[test]
fn names_that_nobody_knows_and_a_group_that_is_busy_are_told() {
    let named = "applicationName: shop\ndeploymentGroupName: web\ntargetVersion: 2\ndeploymentConfigName: \
                 CodeDeployDefault.LambdaCanary10Percent5Minutes";
    let unknown = told(&SPEC, named);
    let of_group = || Pipeline::over(world(), &SPEC, named).with_group("Lambda", json!({}));
    let pipeline = of_group();
    pipeline.told(1, None);
    let busy = line(&pipeline.told(2, None));
    assert_eq!(pipeline.world().executions_started(), 1);
    expect![[r#"
        failed, ConfigurationError, no deployment: ApplicationDoesNotExistException: No application found for name: shop
        failed, SystemUnavailable, no deployment: DeploymentLimitExceededException: The Deployment Group 'web' already has an active Deployment 'd-00000001222243338444555555555555'"#]].assert_eq(&format!("{unknown}\n{busy}"));
}

#[test]
fn a_version_that_is_not_there_fails_the_deployment_and_with_it_the_job() {
    let pipeline = Pipeline::over(world(), &SPEC, "targetVersion: 9");
    expect!["failed, RevisionUnavailable, d-00000001222243338444555555555555: INVALID_LAMBDA_FUNCTION: the function storefront has no version 9; publish it first: aws lambda publish-version --function-name storefront; traffic: no call ever went to the new version"].assert_eq(&line(&pipeline.runs(1, 600)));
}
