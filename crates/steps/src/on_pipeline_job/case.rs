//! One call about a job: the deployment is looked for first, and started where there is none.

use rollout::deployment::{Deployment, Phase};
use rollout::ids::DeploymentId;
use rollout::journal::in_order;
use rollout::pipeline::parameters::Parameters;
use rollout::pipeline::report::{MAX_MESSAGE, MAX_SUMMARY, Report, clipped};
use rollout::pipeline::silence::{Question, Sign};
use rollout::pipeline::token::Token;
use rollout::pipeline::{FailureType, Fault};
use rollout::starter::Starter;

use super::abandoned::abandon;
use super::artifacts::Artifacts;
use super::event::Job;
use super::order::Order;
use super::output::Output;
use super::trouble::Trouble;
use crate::effective;
use crate::error::StepError;
use crate::facts::Settings;
use crate::ports::{Answered, JobDetails, Loaded, PortError};
use crate::powers;
use crate::request::Envelope;
use crate::use_cases::UseCases;
use crate::use_cases::create::Name;

/// One call about a job.
pub(super) struct Case<'a, P> {
    pub(super) ports: &'a P,
    pub(super) settings: &'a Settings,
    pub(super) job: &'a Job,
    pub(super) token: Token,
}

impl<P: powers::OnPipelineJob> Case<'_, P> {
    pub(super) async fn answered(&self) -> Result<Output, StepError> {
        match self.asked_once().await {
            Err(StepError::Transient(why) | StepError::UpgradeInFlight(why)) => self.later(&why).await,
            answered => answered,
        }
    }

    async fn asked_once(&self) -> Result<Output, StepError> {
        let id = &self.token.deployment;
        let loaded = match self.ports.load(id).await? {
            Some(loaded) => {
                self.start_again(&loaded).await?;
                loaded
            }
            None if self.token.nth > 0 && self.token.waits_since.is_none() => {
                let fault = Fault::new(FailureType::JobFailed, format!("the record of the deployment {id} is gone"));
                return self.fail(&fault, None).await;
            }
            None => match self.start().await {
                Ok(loaded) => loaded,
                Err(Trouble::Later(why)) => return self.wait(&why).await,
                Err(Trouble::Wrong(fault)) => return self.fail(&fault, None).await,
            },
        };
        self.report(loaded).await
    }

    /// Starts the deployment. What was registered for it by an attempt that died is taken, and not registered again.
    async fn start(&self) -> Result<Loaded, Trouble> {
        let (ports, id, site) = (self.ports, &self.token.deployment, &self.settings.site());
        let parameters = Parameters::read(self.job.data.parameters())?;
        let mut artifacts = Artifacts::of(ports, &self.job.data);
        let order = Order::read(&mut artifacts, &parameters, site).await?;
        // Whatever its names say is looked up before anything is made.
        Envelope::of(&effective::resolve(ports, site, &order.tried(site)?, None).await?)?;
        let first = || Question::first(self.job.id.clone(), parameters.on_abandon, ports.now());
        let mut question = ports.question(id).await?.unwrap_or_else(first);
        if let (Some(definition), None) = (&order.definition, &question.registered) {
            question.registered = Some(definition.register(ports).await?);
        }
        question.at = ports.now();
        ports.keep_question(id, &question).await?;
        let request = order.with(question.registered.as_ref().map(|registered| registered.as_str()))?;
        let starter = Starter::Pipeline { job: self.job.id.clone() };
        let cases = UseCases { ports, settings: self.settings };
        let created = Box::pin(cases.create(&request, &starter, Name::This(id.clone()))).await;
        // Also where it could not be started: then its record says why.
        match (ports.load(id).await?, created) {
            (Some(loaded), _) => Ok(loaded),
            (None, Err(error)) => Err(error.into()),
            (None, Ok(_)) => Err(Trouble::Later(format!("the deployment {id} was created and is not to be seen yet"))),
        }
    }

    /// An attempt may have died between the record and the execution. An execution of that name starts once, however often it is asked for.
    async fn start_again(&self, loaded: &Loaded) -> Result<(), StepError> {
        let Deployment { id, platform, phase, .. } = &loaded.deployment;
        if !matches!(phase, Phase::Created | Phase::Queued) {
            return Ok(());
        }
        let Some(request) = self.ports.request(id).await? else { return Ok(()) };
        match self.ports.start_execution(*platform, id.as_str(), &request).await {
            Ok(_) | Err(PortError::Conflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Tells how the deployment is.
    async fn report(&self, mut loaded: Loaded) -> Result<Output, StepError> {
        let id = loaded.deployment.id.clone();
        let lines = in_order(self.ports.lines(&id).await?);
        let (percent, summary, variables) = match Report::of(&loaded.deployment, loaded.plan.as_ref(), &lines) {
            Report::Going { percent, summary } => (percent, summary, None),
            Report::Succeeded { summary, variables } => (100, summary, Some(variables)),
            Report::Failed(fault) => return self.fail(&fault, Some(&id)).await,
        };
        let details = JobDetails { summary, percent: Some(percent), deployment: id.clone() };
        if let Some(variables) = variables {
            let answered = self.ports.succeed_job(&self.job.id, &details, &variables).await?;
            return Ok(self.over(answered, Output::Succeeded));
        }
        let mut question = self.asked(&id).await?;
        match self.ports.continue_job(&self.job.id, &self.token.next().to_text(), &details).await? {
            Answered::Taken => {
                question.answered = self.token.nth + 1;
                if let Err(error) = self.ports.keep_question(&id, &question).await {
                    tracing::warn!(deployment = %id, %error, "it could not be kept that a pipeline was answered");
                }
                Ok(Output::GoesOn)
            }
            // The same call was made twice, and the other one was answered.
            Answered::TooLate if question.answered > self.token.nth => Ok(Output::GoesOn),
            Answered::TooLate => {
                abandon(self.ports, &mut loaded, &question, Sign::Refused).await?;
                Ok(Output::TooLate)
            }
        }
    }

    /// Notes that the pipeline has asked.
    async fn asked(&self, id: &DeploymentId) -> Result<Question, StepError> {
        let (job, now) = (self.job.id.clone(), self.ports.now());
        let kept = self.ports.question(id).await?;
        let question = match kept {
            Some(kept) => Question { job, at: now, ..kept },
            None => {
                let parameters = Parameters::read(self.job.data.parameters());
                Question::first(job, parameters.map(|parameters| parameters.on_abandon).unwrap_or_default(), now)
            }
        };
        self.ports.keep_question(id, &question).await?;
        Ok(question)
    }

    /// The same may work later. Lambda would make the call twice more and no more, and then the job would be lost: CodePipeline is to ask again.
    async fn later(&self, why: &str) -> Result<Output, StepError> {
        if self.token.nth == 0 || self.token.waits_since.is_some() {
            return self.wait(why).await;
        }
        let summary = clipped(format!("the deployment cannot be looked at now: {why}"), MAX_SUMMARY);
        let details = JobDetails { summary, percent: None, deployment: self.token.deployment.clone() };
        let answered = self.ports.continue_job(&self.job.id, &self.token.next().to_text(), &details).await?;
        Ok(self.over(answered, Output::GoesOn))
    }

    /// The deployment could not be started now: CodePipeline is to ask again, for a while.
    async fn wait(&self, why: &str) -> Result<Output, StepError> {
        let Some(token) = self.token.waiting(self.ports.now()) else {
            let message = format!("the deployment could not be started for a quarter of an hour: {why}");
            return self.fail(&Fault::new(FailureType::SystemUnavailable, message), None).await;
        };
        let summary = clipped(format!("not started yet, and tried again: {why}"), MAX_SUMMARY);
        let details = JobDetails { summary, percent: Some(0), deployment: self.token.deployment.clone() };
        let answered = self.ports.continue_job(&self.job.id, &token.to_text(), &details).await?;
        Ok(self.over(answered, Output::GoesOn))
    }

    async fn fail(&self, fault: &Fault, deployment: Option<&DeploymentId>) -> Result<Output, StepError> {
        tracing::info!(job = %self.job.id, kind = %fault.kind, message = fault.message, "the job fails");
        let fault = Fault { kind: fault.kind, message: clipped(fault.message.as_str(), MAX_MESSAGE) };
        let answered = self.ports.fail_job(&self.job.id, &fault, deployment).await?;
        Ok(self.over(answered, Output::Failed))
    }

    /// Where the job is over and nothing runs, there is nothing to be said.
    fn over(&self, answered: Answered, output: Output) -> Output {
        match answered {
            Answered::Taken => output,
            Answered::TooLate => {
                tracing::info!(job = %self.job.id, "CodePipeline takes no answer for the job any more");
                Output::TooLate
            }
        }
    }
}
