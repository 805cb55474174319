//! `UserParameters` of a Lambda invoke action: the members of CreateDeployment, those of CodePipeline's own CodeDeployToECS action
//! (docs/codedeploy-contract.md 10.3), and ours. JSON or YAML; read strictly, since nobody else would ever tell of a slip.

use serde_json::{Map, Value as Json};

use super::fault::Fault;
use super::file::File;
use super::json;
use crate::appspec::{Entry, Value, load};
use crate::ids::Version;
use crate::text::{odd_letter, quoted};

/// What a user's parameters are called in messages.
pub const NAME: &str = "UserParameters";

/// The most characters CodePipeline takes for them (docs/codedeploy-contract.md 10.3).
pub const MAX_CHARACTERS: usize = 1_000;

/// The members of CreateDeployment.
const OF_REQUEST: [&str; 13] = [
    "applicationName",
    "deploymentGroupName",
    "revision",
    "deploymentConfigName",
    "description",
    "autoRollbackConfiguration",
    "overrideAlarmConfiguration",
    "ignoreApplicationStopFailures",
    "updateOutdatedInstancesOnly",
    "fileExistsBehavior",
    "deploymentMode",
    "targetInstances",
    "ec2DeploymentOptions",
];

/// Those of CodeDeployToECS, the images aside, and ours.
const OWN: [&str; 8] = [
    "AppSpecTemplateArtifact",
    "AppSpecTemplatePath",
    "TaskDefinitionTemplateArtifact",
    "TaskDefinitionTemplatePath",
    "targetVersion",
    "targetVersionPath",
    "targetVersionArtifact",
    "onAbandon",
];

const IMAGES: [[&str; 2]; 4] = [
    ["Image1ArtifactName", "Image1ContainerName"],
    ["Image2ArtifactName", "Image2ContainerName"],
    ["Image3ArtifactName", "Image3ContainerName"],
    ["Image4ArtifactName", "Image4ContainerName"],
];

/// What becomes of a deployment that its pipeline has abandoned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum OnAbandon {
    /// It goes on, and its journal says so.
    #[default]
    Leave,
    /// It is stopped.
    Stop,
}

/// A file of an artifact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The artifact; may be left out where there is one.
    pub artifact: Option<String>,
    /// The path in it.
    pub path: Option<String>,
}

impl Place {
    /// Whether anything was said of it.
    pub fn is_named(&self) -> bool {
        *self != Self::default()
    }
}

/// An image that is put into a task definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// 1 to 4.
    pub number: usize,
    /// The artifact with the file that names it.
    pub artifact: Option<String>,
    /// The name of its placeholder; without one, `IMAGE1_NAME` and so on.
    pub container: Option<String>,
}

impl Image {
    /// The name of its placeholder.
    pub fn placeholder(&self) -> String {
        self.container.clone().unwrap_or_else(|| format!("IMAGE{}_NAME", self.number))
    }
}

/// Where the version of a function is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetVersion {
    /// In the parameters.
    Given(Version),
    /// In a file.
    In(Place),
}

/// What a user wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// The members of CreateDeployment, by their names there.
    pub request: Json,
    /// Where the AppSpec is.
    pub appspec: Place,
    /// Where the task definition is.
    pub task_definition: Place,
    /// The images that are put into it.
    pub images: Vec<Image>,
    /// The version that a function's alias goes to, where the AppSpec leaves it out.
    pub version: Option<TargetVersion>,
    /// What becomes of the deployment once nobody asks about it.
    pub on_abandon: OnAbandon,
}

impl Parameters {
    /// Reads them, or says what is wrong, with the line.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let file = File { name: NAME.to_owned(), text: text.to_owned() };
        let length = text.chars().count();
        if length > MAX_CHARACTERS {
            let what = format!(
                "{length} characters, and CodePipeline takes {MAX_CHARACTERS}: put the AppSpec into an artifact"
            );
            return Err(file.wrong(None, what));
        }
        if text.trim().is_empty() {
            let what = "empty: write an object with applicationName and deploymentGroupName, as YAML or JSON";
            return Err(file.wrong(None, what));
        }
        // As JSON where it is meant as JSON: YAML would take a comma too many.
        if text.trim_start().strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with('"')) {
            json::read(&file)?;
        }
        let tree = load(text).map_err(|problem| file.wrong(problem.line, &problem.message))?;
        match &tree.value {
            Value::Map(entries) => Reader::default().read(&file, entries),
            other => {
                let what = format!("expected an object with members such as applicationName, found {}", other.found());
                Err(file.wrong(Some(tree.line), what))
            }
        }
    }
}

/// What was read so far: by its known name, each with its line.
#[derive(Default)]
struct Reader {
    request: Map<String, Json>,
    own: Vec<(&'static str, usize, Option<String>)>,
}

impl Reader {
    fn read(mut self, file: &File, entries: &[Entry]) -> Result<Parameters, Fault> {
        for entry in entries {
            let Entry { key, line, node } = entry;
            let Some(name) = known(key) else { return Err(file.wrong(Some(*line), unknown(key))) };
            if self.request.contains_key(name) || self.own.iter().any(|(own, ..)| *own == name) {
                return Err(file.wrong(Some(*line), format!("{name} is written twice: keep one")));
            }
            if let Some(variable) = variable(&node.value) {
                let what = format!(
                    "{name}: nobody has put a value in place of {}: the action it is of needs a Namespace, and must have run before",
                    quoted(&variable)
                );
                return Err(file.wrong(Some(*line), what));
            }
            if OF_REQUEST.contains(&name) {
                self.request.insert(name.to_owned(), node.value.to_json());
                continue;
            }
            let text = match &node.value {
                Value::Text(text) | Value::Number(text) => Some(text.clone()).filter(|text| !text.is_empty()),
                Value::Null => None,
                other => {
                    return Err(file.wrong(Some(*line), format!("{name}: expected a text, found {}", other.found())));
                }
            };
            self.own.push((name, *line, text));
        }
        self.parameters(file)
    }

    fn parameters(&mut self, file: &File) -> Result<Parameters, Fault> {
        let version = self.version(file)?;
        let on_abandon = match self.take("onAbandon") {
            None => OnAbandon::default(),
            Some((_, text)) if text == "Leave" => OnAbandon::Leave,
            Some((_, text)) if text == "Stop" => OnAbandon::Stop,
            Some((line, text)) => {
                return Err(file.wrong(Some(line), format!("onAbandon is {}: write Leave or Stop", quoted(&text))));
            }
        };
        let images = IMAGES.iter().zip(1..).filter_map(|([artifact, container], number)| {
            let (artifact, container) = (self.text(artifact), self.text(container));
            (artifact.is_some() || container.is_some()).then_some(Image { number, artifact, container })
        });
        let images: Vec<Image> = images.collect();
        Ok(Parameters {
            images,
            version,
            on_abandon,
            appspec: Place { artifact: self.text("AppSpecTemplateArtifact"), path: self.text("AppSpecTemplatePath") },
            task_definition: Place {
                artifact: self.text("TaskDefinitionTemplateArtifact"),
                path: self.text("TaskDefinitionTemplatePath"),
            },
            request: Json::Object(std::mem::take(&mut self.request)),
        })
    }

    fn version(&mut self, file: &File) -> Result<Option<TargetVersion>, Fault> {
        let given = self.take("targetVersion");
        let path = self.take("targetVersionPath");
        let artifact = self.take("targetVersionArtifact");
        match (given, path, artifact) {
            (None, None, None) => Ok(None),
            (Some((_, text)), None, None) => match super::version::of_text(&text) {
                Ok(version) => Ok(Some(TargetVersion::Given(version))),
                Err(why) => Err(file.wrong(None, format!("targetVersion: {why}"))),
            },
            (None, Some((_, path)), artifact) => {
                let artifact = artifact.map(|(_, artifact)| artifact);
                Ok(Some(TargetVersion::In(Place { artifact, path: Some(path) })))
            }
            (None, None, Some((line, _))) => {
                let what =
                    "targetVersionArtifact stands alone: write targetVersionPath, the file in it that has the version";
                Err(file.wrong(Some(line), what))
            }
            (Some((line, _)), ..) => {
                let what = "targetVersion and targetVersionPath both say the version: leave one of them out";
                Err(file.wrong(Some(line), what))
            }
        }
    }

    fn take(&mut self, name: &str) -> Option<(usize, String)> {
        let at = self.own.iter().position(|(own, ..)| *own == name)?;
        let (_, line, text) = self.own.swap_remove(at);
        Some((line, text?))
    }

    fn text(&mut self, name: &str) -> Option<String> {
        self.take(name).map(|(_, text)| text)
    }
}

/// Every name that there is.
fn names() -> impl Iterator<Item = &'static str> {
    OF_REQUEST.into_iter().chain(OWN).chain(IMAGES.into_iter().flatten())
}

/// The name of a member, whose first letter may be of either case: people come from an action that writes it the other way.
fn known(key: &str) -> Option<&'static str> {
    let rest = |name: &str| name.get(1..).map(str::to_owned);
    let first = |name: &str| name.chars().next().map(|c| c.to_ascii_lowercase());
    names().find(|name| first(name) == first(key) && rest(name) == rest(key))
}

fn unknown(key: &str) -> String {
    let shown = quoted(key);
    if let Some(odd) = odd_letter(key) {
        return format!("{shown} is no member: {odd}");
    }
    match nearest(key, names()) {
        Some(name) => format!("{shown} is no member; did you mean {name}?"),
        None => format!("{shown} is no member; there are those of CreateDeployment, and {}", OWN.join(", ")),
    }
}

/// The name that a misspelt one was probably meant to be.
pub(super) fn nearest<'k>(key: &str, names: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    if key.len() > 64 {
        return None;
    }
    let lower = key.to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&lower, &name.to_lowercase());
    let best = names.min_by_key(|name| distance(name))?;
    (distance(best) <= 2.max(best.len() / 3).min(best.len() / 2)).then_some(best)
}

/// A variable of CodePipeline that nobody has filled: it fills those it knows before it calls anybody.
fn variable(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => {
            let rest = &text[text.find("#{")?..];
            rest.find('}').map(|end| rest[..=end].to_owned())
        }
        Value::List(items) => items.iter().find_map(|item| variable(&item.value)),
        Value::Map(entries) => entries.iter().find_map(|entry| variable(&entry.node.value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Which of the input artifacts is meant: the one that is named, or the only one.
pub fn artifact<'a>(named: Option<&str>, inputs: &[&'a str], member: &str) -> Result<&'a str, Fault> {
    let listed = inputs.join(", ");
    match (named, inputs) {
        (_, []) => Err(Fault::written(
            "the action has no input artifact: give it the one that has the AppSpec, under InputArtifacts".to_owned(),
        )),
        (None, [only]) => Ok(only),
        (None, _) => Err(Fault::written(format!(
            "{NAME}: {member} is missing, and the action has several input artifacts: write one of {listed}"
        ))),
        (Some(named), _) => inputs.iter().find(|input| **input == named).copied().ok_or_else(|| {
            Fault::written(format!("{NAME}: {member} is {}, and the input artifacts are {listed}", quoted(named)))
        }),
    }
}

#[cfg(test)]
mod tests;
