//! CreateDeployment: the record first, then the execution, whose name is the deployment's id.

use codedeploy::error::ApiError;
use codedeploy::shapes::{CreateDeploymentInput, CreateDeploymentOutput};
use rollout::code::ErrorCode;
use rollout::deployment::Deployment;
use rollout::ending::Ending;
use rollout::ids::{DeploymentId, ExecutionArn};
use rollout::orphan::Life;
use rollout::starter::Starter;

use super::{UseCases, failed};
use crate::change::load;
use crate::effective;
use crate::group;
use crate::orphan::{self, Attended};
use crate::ports::{
    Clock, ExpectLateWrites, Ids, Journal, Listing, Loaded, Locks, PortError, ReadCatalogue, ReadExecutions, ReadLocks,
    ReadRequests, Records, StartExecutions, WriteCatalogue,
};
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
        + Ids
        + Listing
        + Locks
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
        if let (Some(key), Some(name)) = (envelope.labels.group_key(), &envelope.labels.group) {
            let silent = async |owner: &mut Loaded| orphan::attend(self.ports, owner).await.map(drop);
            if let Some(active) = group::enter(self.ports, &key, &id, silent).await.map_err(failed)? {
                return Err(group::taken(name.as_str(), &active));
            }
            let before = group::current_revision(self.ports, &key).await;
            input.resolved.get_or_insert_default().previous_revision = before.map_err(failed)?;
        }
        if let Some(application) = &input.application_name {
            let located = Located::read(input.revision.as_ref(), Some(envelope.platform.as_str()))?;
            let group = input.deployment_group_name.as_deref();
            let now = self.ports.now();
            revisions::used(self.ports, application, &located, id.as_str(), group, now).await.map_err(failed)?;
        }
        // What the names mean today is what the deployment does, whatever becomes of them.
        let kept = &effective::kept(&input);
        let mut deployment = Deployment::new(id.clone(), envelope.platform, envelope.labels, self.ports.now())
            .started_by(starter.clone());
        let execution = self.ports.execution_arn(deployment.platform, id.as_str()).map_err(failed)?;
        deployment.execution = Some(execution.clone());
        self.ports.create(&deployment, kept).await.map_err(failed)?;
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
