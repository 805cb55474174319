//! Pipelines that do not ask any more.

use fakes::{Said, World};
use rollout::journal::Entry;
use serde_json::json;

use super::{APPSPEC, Pipeline, deployment_of, job_id};
use crate::story::{ended, world};

fn pipeline(world: World, on_abandon: &str) -> Pipeline {
    let parameters = format!(
        "deploymentConfigName: CodeDeployDefault.LambdaLinear10PercentEvery10Minutes\ntargetVersion: 2\n{on_abandon}"
    );
    Pipeline::over(world, &[("appspec.yaml", APPSPEC)], &parameters)
}

fn told(pipeline: &Pipeline) -> Vec<String> {
    let journal = pipeline.world().journal(&deployment_of(1));
    journal
        .iter()
        .filter(|line| matches!(line.entry, Entry::Abandoned { .. }))
        .map(|line| line.entry.to_string())
        .collect()
}

#[test]
fn a_job_that_takes_no_answer_any_more_leaves_its_deployment_running_and_the_journal_says_so() {
    let pipeline = pipeline(world(), "");
    pipeline.told(1, None);
    let token = pipeline.token();
    pipeline.simulation.run_until(60);
    pipeline.world().abandon_job(&job_id(2));
    assert_eq!(pipeline.call(2, token.as_deref()), Ok(json!("TooLate")));
    let job = job_id(2);
    assert_eq!(
        told(&pipeline),
        [format!(
            "the pipeline has abandoned its job {job}: CodePipeline takes no answer for it any more; it goes on by itself"
        )]
    );
    pipeline.simulation.run();
    assert!(ended(&pipeline.simulation, &deployment_of(1)).starts_with("Succeeded; the alias is version 2"));
}

#[test]
fn a_deployment_whose_pipeline_wants_it_so_is_stopped_then_and_goes_home() {
    let pipeline = pipeline(world(), "onAbandon: Stop");
    pipeline.told(1, None);
    let token = pipeline.token();
    pipeline.simulation.run_until(60);
    pipeline.world().abandon_job(&job_id(2));
    assert_eq!(pipeline.call(2, token.as_deref()), Ok(json!("TooLate")));
    pipeline.simulation.run();
    assert!(
        ended(&pipeline.simulation, &deployment_of(1))
            .starts_with("RolledBack, MANUAL_STOP; the alias is version 1; the lock is free")
    );
    assert_eq!(told(&pipeline).len(), 1);
}

#[test]
fn a_call_that_is_made_twice_and_was_answered_is_no_sign_of_anything() {
    let pipeline = pipeline(world(), "onAbandon: Stop");
    pipeline.told(1, None);
    // CodePipeline takes one answer to a job.
    pipeline.world().abandon_job(&job_id(1));
    assert_eq!(pipeline.call(1, None), Ok(json!("GoesOn")));
    assert_eq!(told(&pipeline), [""; 0]);
}

#[test]
fn a_pipeline_that_is_silent_for_longer_than_a_job_lives_has_abandoned_its_deployment() {
    for (on_abandon, outcome) in [("", "Succeeded"), ("onAbandon: Stop", "RolledBack, MANUAL_STOP")] {
        let pipeline = pipeline(world(), on_abandon);
        pipeline.told(1, None);
        pipeline.simulation.run_until(24 * 60);
        pipeline.simulation.call("sweep", json!({})).unwrap();
        assert_eq!(told(&pipeline), [""; 0], "it may ask yet");
        pipeline.simulation.run_until(26 * 60);
        for _ in 0..2 {
            pipeline.simulation.call("sweep", json!({})).unwrap();
        }
        let lines = told(&pipeline);
        assert!(lines.len() == 1 && lines[0].contains("nobody has asked for 25 minutes"), "{lines:?}");
        pipeline.simulation.run();
        let ending = ended(&pipeline.simulation, &deployment_of(1));
        assert!(ending.starts_with(outcome), "{on_abandon}: {ending}");
    }
}

#[test]
fn a_pipeline_that_asks_keeps_its_deployment_for_as_long_as_that_takes() {
    let pipeline = pipeline(world(), "onAbandon: Stop");
    let mut said = pipeline.told(1, None);
    for (number, minutes) in (2..).zip((20..=100).step_by(20)) {
        let Said::GoesOn { token, .. } = &said else { break };
        pipeline.simulation.run_until(minutes * 60);
        pipeline.simulation.call("sweep", json!({})).unwrap();
        said = pipeline.told(number, Some(token));
    }
    assert!(matches!(said, Said::Succeeded { .. }), "{said:?}");
    assert_eq!(told(&pipeline), [""; 0]);
}
