//! The last question of the pipeline that a deployment is of.

use rollout::ids::DeploymentId;
use rollout::pipeline::silence::Question;
use steps::ports::{KeepQuestions, PortError, ReadQuestions};

use super::item::{deployment_key, keyed, value, with};
use crate::account::Account;

const QUESTION: &str = "QUESTION";

impl KeepQuestions for Account {
    async fn keep_question(&self, id: &DeploymentId, question: &Question) -> Result<(), PortError> {
        self.put(with(keyed(deployment_key(id), QUESTION), question)?).await
    }
}

impl ReadQuestions for Account {
    async fn question(&self, id: &DeploymentId) -> Result<Option<Question>, PortError> {
        self.get(keyed(deployment_key(id), QUESTION)).await?.map(value).transpose()
    }
}
