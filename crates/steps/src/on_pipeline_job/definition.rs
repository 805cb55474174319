//! The task definition of a job: read, its images put in, and registered once the rest is known to be right.

use std::collections::BTreeMap;

use rollout::ids::{Site, TaskDefinition as Registered};
use rollout::pipeline::Fault;
use rollout::pipeline::file::File;
use rollout::pipeline::images::{self, DEFINITIONS, DETAIL};
use rollout::pipeline::parameters::{self, Image, Parameters};
use rollout::pipeline::spec::TASK_DEFINITION_PATH;
use rollout::pipeline::taskdef::TaskDefinition;

use super::artifacts::{Artifacts, Looked};
use super::trouble::{Trouble, unregistered};
use crate::ports::{ReadArtifacts, RegisterTaskDefinitions};

/// A task definition that is to be registered.
pub(super) struct Definition {
    file: String,
    value: TaskDefinition,
}

impl Definition {
    /// Reads it, with the images that the parameters name.
    pub(super) async fn read(
        artifacts: &mut Artifacts<'_, impl ReadArtifacts>,
        parameters: &Parameters,
    ) -> Result<Self, Trouble> {
        let place = &parameters.task_definition;
        let names = artifacts.names();
        let artifact =
            parameters::artifact(place.artifact.as_deref(), &names, "TaskDefinitionTemplateArtifact")?.to_owned();
        let path = place.path.as_deref().unwrap_or(TASK_DEFINITION_PATH);
        let file = artifacts.file(&artifact, path, "TaskDefinitionTemplatePath").await?;
        let mut read = Self { file: file.name.clone(), value: TaskDefinition::read(file)? };
        let mut values = BTreeMap::new();
        for image in &parameters.images {
            read.image(artifacts, image, &mut values).await?;
        }
        if parameters.images.is_empty() {
            read.images_that_are_there(artifacts, &artifact).await?;
        }
        read.value.fill(&values)?;
        Ok(read)
    }

    /// An ARN that what is registered may have, to try the AppSpec with.
    pub(super) fn stand_in(&self, site: &Site) -> String {
        let Site { partition, region, account } = site;
        format!("arn:{partition}:ecs:{region}:{account}:task-definition/{}:1", self.value.family())
    }

    /// Registers it.
    pub(super) async fn register(&self, ports: &impl RegisterTaskDefinitions) -> Result<Registered, Trouble> {
        let request = self.value.clone().into_request();
        ports.register(&request).await.map_err(|error| unregistered(&self.file, error))
    }

    /// The image of a placeholder; or, where an artifact names images of containers and the parameters no placeholder, of those.
    async fn image(
        &mut self,
        artifacts: &mut Artifacts<'_, impl ReadArtifacts>,
        image: &Image,
        values: &mut BTreeMap<String, String>,
    ) -> Result<(), Trouble> {
        let member = format!("Image{}ArtifactName", image.number);
        let artifact = parameters::artifact(image.artifact.as_deref(), &artifacts.names(), &member)?.to_owned();
        let found = if let Looked::Found(file) = artifacts.look(&artifact, DETAIL, &member).await? {
            images::detail(&file)?
        } else if let Looked::Found(file) = artifacts.look(&artifact, DEFINITIONS, &member).await? {
            let definitions = images::definitions(&file)?;
            if image.container.is_none() {
                self.value.set_images(&file, &definitions)?;
                return Ok(());
            }
            images::one_of(&file, &definitions, image.container.as_deref())?
        } else {
            let what = format!(
                "the artifact {artifact} of {member} has no {DETAIL} and no {DEFINITIONS}: have the build write one"
            );
            return Err(Fault::written(what).into());
        };
        if let Some(twice) = values.insert(image.placeholder(), found) {
            let name = image.placeholder();
            let what = format!("{}: two images are named {name}, and one of them is {twice}", parameters::NAME);
            return Err(Fault::written(what).into());
        }
        Ok(())
    }

    /// `imagedefinitions.json` beside the task definition, or else in another artifact: nobody else would use it.
    async fn images_that_are_there(
        &mut self,
        artifacts: &mut Artifacts<'_, impl ReadArtifacts>,
        beside: &str,
    ) -> Result<(), Trouble> {
        let names = artifacts.names();
        let others = names.iter().copied().filter(|name| *name != beside);
        for artifact in [beside].into_iter().chain(others) {
            if let Looked::Found(file) = artifacts.look(artifact, DEFINITIONS, "Image1ArtifactName").await? {
                return Ok(self.set(&file)?);
            }
        }
        Ok(())
    }

    fn set(&mut self, file: &File) -> Result<(), Fault> {
        self.value.set_images(file, &images::definitions(file)?)
    }
}
