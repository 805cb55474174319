//! From what a job brings to the deployment that it asks for: the AppSpec is read and filled, so that whatever is wrong with it is told
//! by file and line, before anything is registered or created.

use codedeploy::call;
use codedeploy::error::ApiError;
use codedeploy::shapes::{CreateDeploymentInput, RawContent, RevisionLocation};
use codedeploy::unknown;
use rollout::ids::Site;
use rollout::pipeline::Fault;
use rollout::pipeline::file::File;
use rollout::pipeline::parameters::{self, Parameters, Place, TargetVersion};
use rollout::pipeline::spec::{PATHS, Spec};
use rollout::pipeline::version;
use rollout::platform::Platform;

use super::artifacts::{Artifacts, Looked, missing};
use super::definition::Definition;
use super::trouble::Trouble;
use crate::ports::ReadArtifacts;

/// A deployment that is asked for, and what has to be registered before it is.
pub(super) struct Order {
    request: CreateDeploymentInput,
    spec: Option<Spec>,
    /// The task definition that the AppSpec waits for.
    pub(super) definition: Option<Definition>,
}

impl Order {
    /// Reads what a job brings.
    pub(super) async fn read(
        artifacts: &mut Artifacts<'_, impl ReadArtifacts>,
        parameters: &Parameters,
        site: &Site,
    ) -> Result<Self, Trouble> {
        let request = request(parameters)?;
        let Some(mut spec) = spec(artifacts, parameters, &request).await? else {
            return Ok(Self { request, spec: None, definition: None });
        };
        if let Some(wanted) = &parameters.version {
            spec.move_to(target_version(artifacts, wanted).await?)?;
        }
        let is_filled = parameters.task_definition.is_named() || !parameters.images.is_empty();
        let definition = match (spec.awaits_task_definition(), spec.platform()) {
            (true, Platform::Ecs) => Some(Definition::read(artifacts, parameters).await?),
            (true, _) => {
                let what =
                    "<TASK_DEFINITION> stands for the task definition of a service, and this is no AppSpec for one";
                return Err(spec.wrong(what).into());
            }
            (false, _) if is_filled => {
                let what = "<TASK_DEFINITION> stands nowhere in it, so what is registered would not be deployed: write TaskDefinition: \
                            <TASK_DEFINITION>, or leave the members of task definition and images out of the parameters";
                return Err(spec.wrong(what).into());
            }
            (false, _) => None,
        };
        let order = Self { request, spec: Some(spec), definition };
        match (&order.spec, &order.definition) {
            (Some(spec), Some(definition)) => spec.with_task_definition(&definition.stand_in(site))?.check(site)?,
            (Some(spec), None) => spec.check(site)?,
            (None, _) => {}
        }
        Ok(order)
    }

    /// The deployment, as it would be with another revision of its task definition: all that can be looked up of it is the same.
    pub(super) fn tried(&self, site: &Site) -> Result<CreateDeploymentInput, Trouble> {
        let stand_in = self.definition.as_ref().map(|definition| definition.stand_in(site));
        self.with(stand_in.as_deref())
    }

    /// The deployment, with the ARN of what was registered.
    pub(super) fn with(&self, registered: Option<&str>) -> Result<CreateDeploymentInput, Trouble> {
        let mut request = self.request.clone();
        let text = match (&self.spec, registered) {
            (Some(spec), Some(arn)) => spec.with_task_definition(arn)?.text(),
            (Some(spec), None) => spec.text(),
            (None, _) => return Ok(request),
        };
        request.revision = Some(RevisionLocation {
            revision_type: Some("AppSpecContent".to_owned()),
            app_spec_content: Some(RawContent { content: Some(text), sha256: None }),
            ..RevisionLocation::default()
        });
        Ok(request)
    }
}

/// The members of CreateDeployment, of which a misspelt one is refused, at any depth.
fn request(parameters: &Parameters) -> Result<CreateDeploymentInput, Fault> {
    let told = |what: String| Fault::written(format!("{}: {what}", parameters::NAME));
    if let Some(unknown) = unknown::members::<CreateDeploymentInput>(&parameters.request).first() {
        return Err(told(unknown.to_string()));
    }
    call::input(&parameters.request).map_err(|error: ApiError| told(error.message))
}

/// The AppSpec, where it is not left to a place that is read later.
async fn spec(
    artifacts: &mut Artifacts<'_, impl ReadArtifacts>,
    parameters: &Parameters,
    request: &CreateDeploymentInput,
) -> Result<Option<Spec>, Trouble> {
    let Some(revision) = &request.revision else {
        return Ok(Some(Spec::read(template(artifacts, &parameters.appspec).await?)?));
    };
    let told = |what: &str| Trouble::from(Fault::written(format!("{}: {what}", parameters::NAME)));
    if parameters.appspec.is_named() {
        return Err(told(
            "revision and AppSpecTemplatePath or AppSpecTemplateArtifact both say the AppSpec: leave one of them out",
        ));
    }
    let inline = revision.app_spec_content.as_ref().or(revision.string.as_ref()).and_then(|raw| raw.content.clone());
    match inline {
        Some(text) => Ok(Some(Spec::read(File { name: "revision".to_owned(), text })?)),
        None if parameters.version.is_some()
            || parameters.task_definition.is_named()
            || !parameters.images.is_empty() =>
        {
            Err(told(
                "nothing is put into an AppSpec at a place that revision names: leave revision out, and have it in an artifact",
            ))
        }
        None => Ok(None),
    }
}

async fn template(artifacts: &mut Artifacts<'_, impl ReadArtifacts>, place: &Place) -> Result<File, Trouble> {
    const MEMBER: &str = "AppSpecTemplatePath";
    let artifact =
        parameters::artifact(place.artifact.as_deref(), &artifacts.names(), "AppSpecTemplateArtifact")?.to_owned();
    if let Some(path) = &place.path {
        return artifacts.file(&artifact, path, MEMBER).await;
    }
    let mut near = Vec::new();
    for path in PATHS {
        match artifacts.look(&artifact, path, MEMBER).await? {
            Looked::Found(file) => return Ok(file),
            Looked::Absent(names) => near = names,
        }
    }
    Err(missing(&artifact, PATHS[0], MEMBER, &near).into())
}

async fn target_version(
    artifacts: &mut Artifacts<'_, impl ReadArtifacts>,
    wanted: &TargetVersion,
) -> Result<rollout::ids::Version, Trouble> {
    let place = match wanted {
        TargetVersion::Given(version) => return Ok(*version),
        TargetVersion::In(place) => place,
    };
    let artifact =
        parameters::artifact(place.artifact.as_deref(), &artifacts.names(), "targetVersionArtifact")?.to_owned();
    let path = place.path.as_deref().unwrap_or_default();
    Ok(version::of_file(&artifacts.file(&artifact, path, "targetVersionPath").await?)?)
}
