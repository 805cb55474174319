//! What may work later is asked for again, and ends some time.

use fakes::{Fault, Said};
use rollout::pipeline::FailureType;

use super::{APPSPEC, Pipeline, deployment_of};
use crate::story::{ended, world};

fn pipeline() -> Pipeline {
    Pipeline::over(world(), &[("appspec.yaml", APPSPEC)], "targetVersion: 2")
}

#[test]
fn a_start_that_is_throttled_is_answered_with_a_token_and_made_later() {
    for method in ["artifact", "create", "start_execution", "keep_question"] {
        let pipeline = pipeline();
        pipeline.world().faults.always(method, Fault::Throttled);
        let said = pipeline.told(1, None);
        let Said::GoesOn { details, token, .. } = &said else { panic!("{method}: {said:?}") };
        assert!(
            details.summary.contains("tried again") || method == "start_execution",
            "{method}: {}",
            details.summary
        );
        pipeline.world().faults.heal();
        pipeline.simulation.run_until(30);
        // By another job, as CodePipeline may have it.
        pipeline.told(2, Some(token));
        pipeline.simulation.run();
        assert!(pipeline.world().deployment(&deployment_of(2)).is_none(), "{method}");
        assert!(ended(&pipeline.simulation, &deployment_of(1)).starts_with("Succeeded"), "{method}");
    }
}

#[test]
fn a_start_that_stays_throttled_fails_the_job_after_a_quarter_of_an_hour() {
    let pipeline = pipeline();
    pipeline.world().faults.always("artifact", Fault::Throttled);
    let mut said = pipeline.told(1, None);
    let mut minutes = 0;
    while let Said::GoesOn { token, .. } = &said {
        minutes += 1;
        assert!(minutes < 20, "it never ends");
        pipeline.simulation.run_until(minutes * 60);
        said = pipeline.told(2, Some(token));
    }
    let Said::Failed { fault, .. } = &said else { panic!("{said:?}") };
    assert_eq!((fault.kind, minutes), (FailureType::SystemUnavailable, 15));
}

#[test]
fn where_nothing_can_be_answered_the_call_fails_so_that_lambda_makes_it_again() {
    let pipeline = pipeline();
    pipeline.world().faults.always("continue_job", Fault::Throttled);
    assert_eq!(pipeline.call(1, None), Err("Transient".to_owned()));
    assert_eq!(pipeline.world().job_answers(), []);
    pipeline.world().faults.heal();
    let said = pipeline.told(1, None);
    assert!(!matches!(said, Said::Failed { .. }), "{said:?}");
}

#[test]
fn a_deployment_that_cannot_be_looked_at_now_is_asked_about_again_however_long_that_lasts() {
    let parameters = "targetVersion: 2\ndeploymentConfigName: CodeDeployDefault.LambdaCanary10Percent5Minutes";
    let pipeline = Pipeline::over(world(), &[("appspec.yaml", APPSPEC)], parameters);
    pipeline.told(1, None);
    for method in ["load", "lines", "question"] {
        pipeline.world().faults.always(method, Fault::Throttled);
        for number in 2..50 {
            let token = pipeline.token();
            let said = pipeline.told(number, token.as_deref());
            let Said::GoesOn { details, .. } = &said else { panic!("{method}: {said:?}") };
            assert!(details.percent.is_none() && details.summary.contains("throttled"), "{}", details.summary);
        }
        pipeline.world().faults.heal();
    }
    pipeline.simulation.run_until(400);
    let said = pipeline.told(99, pipeline.token().as_deref());
    assert!(matches!(said, Said::Succeeded { .. }), "{said:?}");
}

#[test]
fn a_permanent_error_is_answered_once() {
    let pipeline = Pipeline::over(world(), &[], "targetVersion: 2");
    pipeline.told(1, None);
    pipeline.call(1, None).unwrap();
    assert_eq!(pipeline.world().job_answers().len(), 1);
}

#[test]
fn an_artifact_that_is_replaced_while_it_is_read_is_out_of_sync() {
    let noise = "x".repeat(40).repeat(10_000);
    let pipeline = Pipeline::over(world(), &[("appspec.yaml", APPSPEC), ("noise", &noise)], "targetVersion: 2");
    // The end of a larger one is read first, and then another one is there.
    let files: Vec<(String, &str)> = (0..2_000).map(|number| (format!("n/{number:060}"), "")).collect();
    let mut files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    files.insert(0, ("appspec.yaml", APPSPEC));
    super::upload(pipeline.world(), "Build", &files);
    let calls = pipeline.world().faults.calls().len();
    let second = calls + 3;
    pipeline.simulation.before_call(
        second,
        fakes::event::instant(|simulation| simulation.world().put_object("artifacts", "shop/Build.zip", "another")),
    );
    let said = pipeline.told(1, None);
    let Said::Failed { fault, .. } = &said else { panic!("{said:?}") };
    assert_eq!(fault.kind, FailureType::RevisionOutOfSync, "{fault}");
}
