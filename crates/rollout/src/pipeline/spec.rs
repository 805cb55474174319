//! The AppSpec of an artifact: the version or the task definition put in, and what is wrong with it told by file and line.

use super::fault::Fault;
use super::file::File;
use super::placeholder::{TASK_DEFINITION, Values, filled, names};
use crate::appspec::{AppSpecErrors, Draft, Problem};
use crate::ids::{Site, Version};
use crate::platform::Platform;

/// The files that an AppSpec is looked for in, where no path says it.
pub const PATHS: [&str; 3] = ["appspec.yaml", "appspec.yml", "appspec.json"];

/// The file of a task definition, where no path says it (docs/codedeploy-contract.md 10.3).
pub const TASK_DEFINITION_PATH: &str = "taskdef.json";

/// How many problems are told at once: CodePipeline shows 5,000 characters.
const TOLD: usize = 10;

/// An AppSpec that is not settled yet.
#[derive(Debug)]
pub struct Spec {
    file: File,
    draft: Draft,
    platform: Platform,
}

impl Spec {
    /// Reads one. A placeholder that nothing is put in place of is refused.
    pub fn read(file: File) -> Result<Self, Fault> {
        let draft = Draft::of(&file.text).map_err(|errors| told(&file, &errors))?;
        let unfilled = draft.texts().into_iter().find_map(|(line, text)| {
            names(text).find(|name| *name != TASK_DEFINITION).map(|name| (line, name.to_owned()))
        });
        if let Some((line, name)) = unfilled {
            let what = format!("nobody puts anything in place of <{name}>: write the value, or have the build do it");
            return Err(file.wrong(Some(line), what));
        }
        let platform = draft.platform().unwrap_or_default();
        Ok(Self { file, draft, platform })
    }

    /// The platform it is for.
    pub fn platform(&self) -> Platform {
        self.platform
    }

    /// Whether it leaves its task definition to what is registered.
    pub fn awaits_task_definition(&self) -> bool {
        self.draft.texts().iter().any(|(_, text)| names(text).any(|name| name == TASK_DEFINITION))
    }

    /// The same with the ARN of a task definition in its place, in quotes or bare.
    pub fn with_task_definition(&self, arn: &str) -> Result<Self, Fault> {
        let values = Values::from([(TASK_DEFINITION.to_owned(), arn.to_owned())]);
        let text = filled(&self.file.text, &values);
        Self::read(File { name: self.file.name.clone(), text })
    }

    /// Gives the function the version that it moves to.
    pub fn move_to(&mut self, version: Version) -> Result<(), Fault> {
        if self.platform != Platform::Lambda {
            let what = "targetVersion is the version of a function, and this AppSpec is for a service: leave targetVersion out";
            return Err(self.file.wrong(None, what));
        }
        self.draft.move_to(version).map_err(|problem| line(&self.file, &problem)).map_err(Fault::written)
    }

    /// Reads what it says, and says everything that is wrong with it.
    pub fn check(&self, site: &Site) -> Result<(), Fault> {
        self.draft.read(self.platform, site).map(drop).map_err(|errors| told(&self.file, &errors))
    }

    /// A problem that the file as a whole has.
    pub fn wrong(&self, what: &str) -> Fault {
        self.file.wrong(None, what)
    }

    /// Its text, as a revision has it.
    pub fn text(&self) -> String {
        self.draft.to_text()
    }
}

fn line(file: &File, problem: &Problem) -> String {
    let field = if problem.field.is_empty() { String::new() } else { format!("{}: ", problem.field) };
    file.wrong(problem.line, format!("{field}{}", problem.message)).message
}

fn told(file: &File, errors: &AppSpecErrors) -> Fault {
    let problems = errors.problems();
    let mut lines: Vec<String> = problems.iter().take(TOLD).map(|problem| line(file, problem)).collect();
    if problems.len() > TOLD {
        lines.push(format!("and {} more", problems.len() - TOLD));
    }
    Fault::written(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    const SERVICE: &str = "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        \
                           TaskDefinition: <TASK_DEFINITION>\n        LoadBalancerInfo:\n          ContainerName: app\n          \
                           ContainerPort: 80\n";
    const ARN: &str = "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:8";

    fn file(text: &str) -> File {
        File { name: "appspec.yaml".to_owned(), text: text.to_owned() }
    }

    fn site() -> Site {
        Site { partition: "aws".into(), region: "eu-west-1".into(), account: "111122223333".into() }
    }

    #[test]
    fn the_task_definition_is_put_in_quoted_or_bare_in_yaml_and_json() {
        let json = r#"{"version": 0.0, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": "<TASK_DEFINITION>", "LoadBalancerInfo": {"ContainerName": "app", "ContainerPort": 80}}}}]}"#;
        for text in [SERVICE.to_owned(), SERVICE.replace("<TASK_DEFINITION>", "\"<TASK_DEFINITION>\""), json.to_owned()]
        {
            let spec = Spec::read(file(&text)).unwrap();
            assert!(spec.awaits_task_definition() && spec.platform() == Platform::Ecs);
            let filled = spec.with_task_definition(ARN).unwrap();
            assert_eq!(filled.check(&site()), Ok(()));
            assert!(!filled.awaits_task_definition());
            assert!(filled.text().contains(ARN));
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_the_file_and_the_line() {
        let told = [
            SERVICE.replace("ContainerPort: 80", "ContainerPort: <PORT>"),
            SERVICE.replace("ContainerName", "ContainerNam"),
            SERVICE.replace("TargetService:", "TargetService"),
            String::new(),
        ]
        .map(|text| {
            Spec::read(file(&text)).and_then(|spec| spec.with_task_definition(ARN)?.check(&site())).unwrap_err().message
        })
        .join("\n--\n");
        expect![[r#"
            appspec.yaml:9: nobody puts anything in place of <PORT>: write the value, or have the build do it
            --
            appspec.yaml:8: Resources[0].TargetService.Properties.LoadBalancerInfo.ContainerNam: unknown key; did you mean ContainerName?
            --
            appspec.yaml:3: not well-formed YAML: no colon after TargetService: write `- TargetService:`
            --
            appspec.yaml: the AppSpec is empty: write version: 0.0 and Resources, and Hooks if there are any"#]].assert_eq(&told);
        let mut spec = Spec::read(file(SERVICE)).unwrap();
        let told = spec.move_to(Version::try_from(7).unwrap()).unwrap_err().message;
        expect![[r#"appspec.yaml: targetVersion is the version of a function, and this AppSpec is for a service: leave targetVersion out"#]]
            .assert_eq(&told);
    }
}
