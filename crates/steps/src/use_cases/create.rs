//! CreateDeployment: the record first, then the execution, whose name is the deployment's id.

use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{CreateDeploymentInput, CreateDeploymentOutput};
use rollout::admission::Comer;
use rollout::code::ErrorCode;
use rollout::deployment::{Change, Deployment};
use rollout::ending::Ending;
use rollout::ids::{DeploymentId, ExecutionArn, GroupName};
use rollout::orphan::Life;
use rollout::queue::{WaitsFor, WhenBusy};
use rollout::starter::Starter;

use super::{UseCases, failed, step_failed};
use crate::change::load;
use crate::effective;
use crate::error::StepError;
use crate::group::{self, Asking, Entered};
use crate::orphan::{self, Attended};
use crate::ports::{
    Clock, ExpectLateWrites, FailWaits, Ids, Journal, Listing, Loaded, Locks, PortError, Queues, ReadCatalogue,
    ReadExecutions, ReadLocks, ReadRequests, Records, Sequences, StartExecutions, WriteCatalogue,
};
use crate::queue;
use crate::request::Envelope;
use crate::revisions::{self, Located};

/// What a new deployment is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name {
    /// As nobody can guess, and none was called before.
    Anew,
    /// So: whoever asks under this name asks for this deployment, has looked that there is none yet, and asks again where it could not be
    /// started now.
    This(DeploymentId),
}

impl<
    P: Clock
        + Records
        + Journal
        + ExpectLateWrites
        + FailWaits
        + Ids
        + Listing
        + Locks
        + Queues
        + Sequences
        + ReadCatalogue
        + ReadExecutions
        + ReadLocks
        + StartExecutions
        + WriteCatalogue
        + ReadRequests,
> UseCases<'_, P>
{
    /// What `asked` means is found out once, and is what the deployment does.
    pub(crate) async fn create(
        &self,
        asked: &CreateDeploymentInput,
        starter: &Starter,
        name: Name,
    ) -> Result<CreateDeploymentOutput, ApiError> {
        let mut input = effective::resolve(self.ports, &self.settings.site(), asked, None).await?;
        let envelope = Envelope::of(&input)?;
        let (id, asks_again) = match name {
            Name::Anew => (self.ports.deployment(), false),
            Name::This(id) => (id, true),
        };
        let mut deployment = Deployment::new(id.clone(), envelope.platform, envelope.labels, self.ports.now())
            .started_by(starter.clone());
        let mut waits_as = None;
        if let (Some(key), Some(group)) = (deployment.labels.group_key(), deployment.labels.group.clone()) {
            waits_as = self.enter(&key, &group, &mut deployment, asked.sequence_number).await?;
            let before = group::current_revision(self.ports, &key).await;
            input.resolved.get_or_insert_default().previous_revision = before.map_err(failed)?;
        }
        if let Some(application) = &input.application_name {
            let located = Located::read(input.revision.as_ref(), Some(deployment.platform.as_str()))?;
            let group = input.deployment_group_name.as_deref();
            revisions::used(self.ports, application, &located, id.as_str(), group, deployment.created)
                .await
                .map_err(failed)?;
        }
        // What the names mean today is what the deployment does, whatever becomes of them.
        let kept = &effective::kept(&input);
        let execution = self.ports.execution_arn(deployment.platform, id.as_str()).map_err(failed)?;
        deployment.execution = Some(execution.clone());
        self.ports.create(&deployment, kept).await.map_err(failed)?;
        if let Some((group, when_busy)) = deployment.labels.group_key().zip(waits_as) {
            queue::waits(self.ports, &group, &deployment, when_busy).await.map_err(failed)?;
        }
        match self.ports.start_execution(deployment.platform, id.as_str(), kept).await {
            Ok(_) => Ok(named(&id)),
            // Whoever asks under this name again has the execution started then; if nobody does, the sweep ends it.
            Err(error) if asks_again && error.is_passing() => Err(failed(error)),
            // Only the answer was lost: it is under way, and whoever asked is to know.
            Err(error) if self.has_started(&execution).await || !self.closed(&deployment, &error).await => {
                tracing::warn!(deployment = %id, %error, "the execution was started all the same");
                Ok(named(&id))
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Makes it the active deployment of its group, or has it wait for its turn, or refuses it: as the group says. What the group says of
    /// one that waits is told; its record is changed, and not written.
    async fn enter(
        &self,
        group: &str,
        name: &GroupName,
        deployment: &mut Deployment,
        number: Option<u64>,
    ) -> Result<Option<WhenBusy>, ApiError> {
        let policy = group::policy(self.ports, &deployment.labels).await.map_err(failed)?;
        let in_order = queue::in_order(self.ports, group, policy.order, number, &deployment.id);
        if let Err(why) = in_order.await.map_err(failed)? {
            return Err(ApiError::new(Code::InvalidRevisionException, why.message));
        }
        let asking = Asking { group, place: queue::place(deployment), comer: Comer::New, policy };
        let silent = async |owner: &mut Loaded| orphan::attend(self.ports, owner).await.map(drop);
        match group::enter(self.ports, &asking, silent).await.map_err(failed)? {
            Entered::Inside => Ok(None),
            Entered::Refused(active) => Err(group::taken(name.as_str(), &active)),
            Entered::Full(active, limit) => Err(group::full(name.as_str(), &active, limit)),
            Entered::Waits(id) => {
                self.ports.join(group, &asking.place).await.map_err(failed)?;
                let waits = Change::Queue(WaitsFor::Deployment { id });
                deployment
                    .apply(waits, self.ports.now())
                    .map_err(|error| step_failed(StepError::Transient(error.to_string())))?;
                Ok(Some(asking.policy.when_busy))
            }
        }
    }

    async fn has_started(&self, execution: &ExecutionArn) -> bool {
        matches!(self.ports.life(execution).await, Ok(Life::Running | Life::Over))
    }

    /// The record must not stay open when nothing will ever close it, and an execution that comes after all must find it closed.
    /// False where the deployment is under way. A record that cannot be written is left to the sweep.
    async fn closed(&self, deployment: &Deployment, error: &PortError) -> bool {
        let why = Ending::new(ErrorCode::InternalError, format!("the execution could not be started: {error}"));
        let closed = async {
            let mut loaded = load(self.ports, &deployment.id).await?;
            orphan::end(self.ports, &mut loaded, why).await
        };
        match closed.await {
            Ok(Attended::Left) => false,
            Ok(_) => true,
            Err(error) => {
                tracing::error!(deployment = %deployment.id, %error, "a deployment that never started could not be ended");
                true
            }
        }
    }
}

fn named(id: &DeploymentId) -> CreateDeploymentOutput {
    CreateDeploymentOutput { deployment_id: Some(id.to_string()) }
}
