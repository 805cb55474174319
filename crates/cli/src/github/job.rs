//! The job in which this program runs: the runner's files, and the AppSpec as the checkout has it.

use std::path::{Path, PathBuf};

use crate::github::command::Place;

/// A job of GitHub Actions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Job {
    /// What is appended to it is shown on the page of the run.
    pub(crate) summary: Option<PathBuf>,
    /// What is appended to it are the step's outputs.
    pub(crate) outputs: Option<PathBuf>,
    /// The AppSpec that was given as a file, by its path from the root of the checkout where it is in there.
    appspec: Option<String>,
}

impl Job {
    /// The job that these variables tell of, if they do; `here` is the folder from which an AppSpec's path leads.
    pub(crate) fn of(
        variable: impl Fn(&str) -> Option<String>,
        appspec: Option<&Path>,
        here: Option<&Path>,
    ) -> Option<Self> {
        if variable("GITHUB_ACTIONS").as_deref() != Some("true") {
            return None;
        }
        let file = |name: &str| variable(name).filter(|path| !path.is_empty()).map(PathBuf::from);
        let appspec = appspec.filter(|path| *path != Path::new("-")).map(|path| {
            let whole = here.map_or_else(|| path.to_owned(), |here| here.join(path));
            let root = variable("GITHUB_WORKSPACE").filter(|root| !root.is_empty());
            let inside = root.as_deref().and_then(|root| whole.strip_prefix(root).ok());
            let parts = inside.unwrap_or(path).components().filter(|part| *part != std::path::Component::CurDir);
            parts.collect::<PathBuf>().display().to_string()
        });
        Some(Self { summary: file("GITHUB_STEP_SUMMARY"), outputs: file("GITHUB_OUTPUT"), appspec })
    }

    /// Where a sentence says that the AppSpec is wrong: `line 3, Resources[0]: what is wrong`.
    pub(crate) fn place(&self, sentence: &str) -> Option<Place> {
        let (line, _) = sentence.strip_prefix("line ")?.split_once([',', ':'])?;
        Some(Place { file: self.appspec.clone()?, line: line.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(set: &[(&str, &str)], appspec: &str, here: &str) -> Option<Job> {
        let variable = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Job::of(variable, Some(Path::new(appspec)), Some(Path::new(here)))
    }

    #[test]
    fn only_the_runner_itself_makes_a_job() {
        assert_eq!(job(&[], "a.yaml", "/w"), None);
        assert_eq!(job(&[("GITHUB_ACTIONS", "false"), ("GITHUB_OUTPUT", "/tmp/o")], "a.yaml", "/w"), None);
        let job =
            job(&[("GITHUB_ACTIONS", "true"), ("GITHUB_OUTPUT", "/tmp/o"), ("GITHUB_STEP_SUMMARY", "")], "-", "/w");
        let job = job.expect("a job");
        assert_eq!((job.outputs.as_deref(), job.summary.as_deref()), (Some(Path::new("/tmp/o")), None));
        assert_eq!(job.place("line 3: wrong"), None, "stdin is no file");
    }

    #[test]
    fn the_place_of_a_mistake_is_a_line_of_the_checkout() {
        let at = |appspec: &str, here: &str, sentence: &str| {
            let job =
                job(&[("GITHUB_ACTIONS", "true"), ("GITHUB_WORKSPACE", "/home/w")], appspec, here).expect("a job");
            job.place(sentence).map(|Place { file, line }| format!("{file} {line}"))
        };
        let told = Some("deploy/appspec.yaml 12".to_owned());
        assert_eq!(at("deploy/appspec.yaml", "/home/w", "line 12, Hooks[0]: unknown"), told);
        assert_eq!(at("./appspec.yaml", "/home/w/deploy", "line 12: unknown"), told);
        assert_eq!(at("/home/w/deploy/appspec.yaml", "/elsewhere", "line 12: unknown"), told);
        assert_eq!(at("/elsewhere/a.yaml", "/home/w", "line 1: no"), Some("/elsewhere/a.yaml 1".to_owned()));
        for other in ["Hooks: missing", "line up, please", "online 3: x", "line 3 is wrong"] {
            assert_eq!(at("a.yaml", "/home/w", other), None, "{other}");
        }
    }
}
