//! A pipeline that does not ask any more: the deployment goes on or is stopped, as the pipeline's parameters said.

use rollout::code::ErrorCode;
use rollout::deployment::Phase;
use rollout::ending::Ending;
use rollout::journal::Entry;
use rollout::pipeline::parameters::OnAbandon;
use rollout::pipeline::silence::{Question, Sign};
use rollout::starter::Starter;

use crate::journal::note;
use crate::ports::{
    Clock, ExpectLateWrites, FailWaits, Journal, Loaded, PortError, ReadExecutions, ReadQuestions, Records,
    StartExecutions,
};
use crate::use_cases::stop;

/// Tells that a deployment was abandoned, and stops it where that was asked for. One that is ending anyway just ends.
pub(crate) async fn abandon(
    ports: &(impl Clock + Records + Journal + ExpectLateWrites + FailWaits + ReadExecutions + StartExecutions),
    loaded: &mut Loaded,
    question: &Question,
    sign: Sign,
) -> Result<(), PortError> {
    if !matches!(loaded.deployment.phase, Phase::Created | Phase::Queued | Phase::Running) {
        return Ok(());
    }
    let job = question.job.clone();
    let stops = question.on_abandon == OnAbandon::Stop;
    note(ports, &loaded.deployment, Entry::Abandoned { job: job.clone(), sign, stops }, ports.now()).await?;
    if !stops {
        return Ok(());
    }
    tracing::warn!(deployment = %loaded.deployment.id, %job, "the pipeline has abandoned its job, and the deployment is stopped");
    let why =
        Ending::new(ErrorCode::ManualStop, format!("The pipeline has abandoned its job {job}, and onAbandon is Stop"));
    stop::order(ports, loaded, &why, None).await
}

/// Looks whether the pipeline of an open deployment asks about it still; one that none has asked for is nobody's to ask about.
pub(crate) async fn look(
    ports: &(
         impl Clock + Records + Journal + ExpectLateWrites + FailWaits + ReadExecutions + ReadQuestions + StartExecutions
     ),
    loaded: &mut Loaded,
) -> Result<(), PortError> {
    if !loaded.deployment.started_by.as_ref().is_some_and(Starter::is_pipeline) {
        return Ok(());
    }
    match ports.question(&loaded.deployment.id).await? {
        Some(question) if question.is_abandoned(ports.now()) => abandon(ports, loaded, &question, Sign::Silent).await,
        Some(_) | None => Ok(()),
    }
}
