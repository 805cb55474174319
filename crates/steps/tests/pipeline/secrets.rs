//! The credentials of a job are used, and nothing else.

use serde::Deserialize;
use steps::on_pipeline_job::event::Input;

use super::{APPSPEC, Pipeline, event};
use crate::story::world;

const SECRETS: [&str; 2] = ["secret-of-the-job", "session-of-the-job"];

#[test]
fn the_credentials_of_a_job_are_written_nowhere() {
    let pipeline = Pipeline::over(world(), &[("appspec.yaml", APPSPEC)], "targetVersion: 2");
    pipeline.runs(1, 600);
    let written = format!("{} {:?}", pipeline.world().written_down(), pipeline.world().job_answers());
    for secret in SECRETS {
        assert!(!written.contains(secret), "{secret}");
    }
}

#[test]
fn the_credentials_of_a_job_cannot_be_shown_and_odd_ones_are_not_repeated() {
    let mut event = event(1, "", &["Build"], None);
    let shown = format!("{:?}", Input::deserialize(&event).unwrap());
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{shown}");
    }
    event["CodePipeline.job"]["data"]["artifactCredentials"] = SECRETS[0].into();
    let told = Input::deserialize(&event).unwrap_err().to_string();
    assert!(!told.contains(SECRETS[0]), "{told}");
}
