//! What the README and the chapters of `docs` say of the stack: its parameters, names and numbers. What they tell a reader to type is
//! typed in the promises.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use codedeploy::operation::{CODEDEPLOY_PREFIX, Operation};
use harness::documents::{Document, blocks, documents, references};
use rollout::appspec::{self, NamedStrategy};
use rollout::ids::Site;
use rollout::platform::Platform;
use rollout::strategy::PREDEFINED;
use serde_json::{Value, json};

use crate::files::{resources, template, text};

/// A document by its path.
fn document(name: &str) -> Document {
    documents().into_iter().find(|document| document.name == name).unwrap()
}

/// The words between the backticks of a cell.
fn spans(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_table_of_parameters_has_those_of_the_template_with_their_defaults() {
    let template = template();
    let parameters = template["Parameters"].as_object().unwrap();
    let mut told = BTreeSet::new();
    for row in document("docs/account.md").rows("Parameters") {
        let [names, _, default] = &row[..] else { panic!("three cells: {row:?}") };
        let names = spans(names);
        let defaults: Vec<&str> = default.split(", ").collect();
        for (number, name) in names.iter().enumerate() {
            let parameter = parameters.get(*name).unwrap_or_else(|| panic!("the template has no parameter {name}"));
            let default = defaults.get(number).or(defaults.last()).unwrap().trim_matches('`');
            let real = match &parameter["Default"] {
                Value::String(text) => text.clone(),
                number => number.to_string(),
            };
            // What an empty one means is said in words.
            let said = if real.is_empty() { ["none", "CodeDeploy's"].contains(&default) } else { default == real };
            assert!(said, "{name}: the template says {real:?}, the document {default:?}");
            told.insert((*name).to_owned());
        }
    }
    assert_eq!(told, parameters.keys().cloned().collect(), "the parameters");
}

/// Says which values do not fit their patterns, each with its name.
const FITS: &str = "\
import json, re, sys
print(json.dumps([[name, value] for name, pattern, value in json.loads(sys.argv[1]) if not re.fullmatch(pattern, value)]))
";

/// The values that do not fit their patterns: Python's are those of CloudFormation, as far as the template uses them.
fn misfits(values: &[(String, String, String)]) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let python = runtime.block_on(local::python::ensure_venv(&root, &|_| {})).unwrap();
    let said = Command::new(python).args(["-c", FITS, &json!(values).to_string()]).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    serde_json::from_slice(&said.stdout).unwrap()
}

/// The commands of `sam` that the documents use, with their options.
const SAM: [(&str, &[&str]); 3] = [
    ("build", &["--parameter-overrides"]),
    ("deploy", &["--guided", "--no-confirm-changeset", "--parameter-overrides"]),
    ("delete", &["--stack-name"]),
];

#[test]
fn the_template_has_each_parameter_that_sam_is_given_and_takes_its_value() {
    let template = template();
    let mut values = Vec::new();
    let lines =
        blocks().into_iter().flat_map(|block| block.commands().into_iter().map(move |line| (block.place(), line)));
    for (place, line) in lines.filter(|(_, line)| line.starts_with("sam ")) {
        let line = line.replace("\\\n", " ");
        let mut words = line.split_whitespace().skip(1).map(|word| word.trim_matches('\''));
        let command = words.next().unwrap_or_default();
        let options =
            SAM.iter().find(|(name, _)| *name == command).unwrap_or_else(|| panic!("{place}: sam {command}")).1;
        for word in words {
            let Some((name, value)) = word.split_once('=') else {
                assert!(options.contains(&word) || word == "tideshift", "{place}: sam {command} {word}");
                continue;
            };
            let parameter = &template["Parameters"][name];
            assert!(parameter.is_object(), "{place}: the template has no parameter {name}");
            let allowed = parameter["AllowedValues"].as_array().map(|all| all.contains(&value.into()));
            assert_ne!(allowed, Some(false), "{place}: {name}={value}");
            let pattern = parameter["AllowedPattern"].as_str().unwrap_or(".*");
            let parts: Vec<&str> = match parameter["Type"].as_str() {
                Some("CommaDelimitedList") => value.split(',').collect(),
                _ => vec![value],
            };
            values
                .extend(parts.iter().map(|part| (format!("{place}: {name}"), pattern.to_owned(), (*part).to_owned())));
        }
    }
    assert!(values.len() >= 6, "{values:?}");
    assert_eq!(misfits(&values), json!([]));
}

#[test]
fn every_appspec_of_the_documents_is_one() {
    let site = Site { partition: "aws".to_owned(), region: "eu-west-1".to_owned(), account: "111122223333".to_owned() };
    let blocks = blocks();
    let mut appspecs: Vec<(String, String)> = Vec::new();
    for block in blocks {
        match block.language.as_str() {
            "yaml" if block.text.starts_with("version:") => appspecs.push((block.place(), block.text)),
            "json" => {
                let request: Value =
                    serde_json::from_str(&block.text).unwrap_or_else(|error| panic!("{}: {error}", block.place()));
                let content = request["revision"]["appSpecContent"]["content"].as_str().unwrap();
                appspecs.push((block.place(), content.to_owned()));
            }
            _ => {}
        }
    }
    assert_eq!(appspecs.len(), 5, "{appspecs:#?}");
    for (place, text) in appspecs {
        let platform = appspec::platform(&text).unwrap_or_else(|| panic!("{place}: of no platform"));
        if let Err(errors) = appspec::parse(&text, platform, &site) {
            panic!("{place}: {errors}");
        }
    }
}

#[test]
fn the_parameters_of_every_pipeline_of_the_documents_are_read_and_its_action_calls_the_function_that_there_is() {
    use rollout::pipeline::parameters::Parameters;
    let blocks = blocks();
    let yaml = |begin: &'static str| {
        blocks.iter().filter(move |block| block.language == "yaml" && block.text.starts_with(begin))
    };
    let mut read = 0;
    for block in yaml("applicationName:") {
        Parameters::read(&block.text).unwrap_or_else(|fault| panic!("{}: {}", block.place(), fault.message));
        read += 1;
    }
    for block in yaml("- Name:").filter(|block| block.text.contains("Provider: Lambda")) {
        let (_, written) = block.text.split_once("UserParameters: |\n").unwrap_or_else(|| panic!("{}", block.place()));
        let indent = written.len() - written.trim_start().len();
        let lines = written.lines().take_while(|line| line.len() - line.trim_start().len() >= indent);
        let parameters: Vec<&str> = lines.map(|line| &line[indent..]).collect();
        Parameters::read(&parameters.join("\n")).unwrap_or_else(|fault| panic!("{}: {}", block.place(), fault.message));
        assert!(block.text.contains("FunctionName: tideshift-on-pipeline-job"), "{}", block.place());
        read += 1;
    }
    assert!(read >= 3, "{read}");
}

/// Names that are others' own, with whose they are.
const OF_OTHERS: [(&str, &str); 5] = [
    ("AutoPublishAlias", "SAM"),
    ("DeploymentPreference", "SAM"),
    ("UpdatePolicy", "CloudFormation"),
    ("deployment_successful", "the SDKs' waiters"),
    ("describe-task-sets", "ECS"),
];

/// All that is built or deployed, and what the blocks of the documents have, since that is run.
fn sources() -> String {
    fn read(path: &Path, all: &mut String) {
        if path.is_dir() {
            for entry in std::fs::read_dir(path).unwrap() {
                read(&entry.unwrap().path(), all);
            }
        } else if path.extension().is_some_and(|end| ["rs", "yaml", "py", "toml"].iter().any(|known| end == *known)) {
            all.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut all = blocks().into_iter().map(|block| block.text).collect::<String>();
    for part in ["crates", "functions", "statemachine", "xtask", "template.yaml", "samconfig.toml"] {
        read(&root.join(part), &mut all);
    }
    all
}

/// `TargetTaskSet` as code has it: `target_task_set`.
fn in_code(word: &str) -> String {
    let mut name = String::new();
    for c in word.chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
    words.map(|word| word.trim_matches('-')).filter(|word| !word.is_empty())
}

#[test]
fn every_name_between_backticks_is_known_to_the_code_or_the_template() {
    let sources = sources();
    let known: BTreeSet<&str> = words(&sources).collect();
    let template = template();
    let stack = text("template.yaml");
    let is_known = |word: &str| {
        let of_stack =
            word.strip_prefix("tideshift-").is_some_and(|end| stack.contains(&format!("${{AWS::StackName}}-{end}\n")));
        let strategy =
            [Platform::Lambda, Platform::Ecs].iter().any(|platform| NamedStrategy::named(word, *platform).is_ok());
        known.contains(word)
            || known.contains(in_code(word).as_str())
            || of_stack
            || strategy
            || !template["Parameters"][word].is_null()
            || OF_OTHERS.iter().any(|(name, _)| *name == word)
    };
    let mut unknown = BTreeMap::new();
    for document in documents() {
        // The lines of programs, and their options, are asked about in the promises.
        let of_programs = |text: &str| text.contains(" --") || text.starts_with("--") || text.starts_with("aws ");
        for span in document.spans().into_iter().filter(|span| !of_programs(&span.text)) {
            let begun = |word: &&str| span.text.contains(&format!("{word}-…")) && sources.contains(&format!("{word}-"));
            let words: Vec<&str> = words(&span.text).filter(|word| !is_known(word) && !begun(word)).collect();
            if !words.is_empty() {
                unknown.insert(span.place.clone(), format!("{words:?} in `{}`", span.text));
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn a_word_of_the_glossary_means_one_thing() {
    let glossary = document("docs/glossary.md");
    let mut words = BTreeSet::new();
    for chapter in glossary.chapters() {
        for row in glossary.rows(chapter) {
            let [ours, usual, why] = &row[..] else { panic!("three cells: {row:?}") };
            assert!(!usual.is_empty() && !why.is_empty(), "{ours}: the usual word, and why it is not ours");
            assert!(words.insert(ours.clone()), "{ours} is there twice");
        }
    }
    assert!(words.len() > 30, "{words:?}");
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let documents: Vec<Document> = documents().into_iter().chain(references()).collect();
    let mut broken = Vec::new();
    for document in &documents {
        let folder = Path::new(&document.name).parent().unwrap();
        for (place, target) in document.links().into_iter().filter(|(_, target)| !target.starts_with("https://")) {
            let (file, anchor) = target.split_once('#').unwrap_or((target.as_str(), ""));
            let path = if file.is_empty() { Path::new(&document.name).to_owned() } else { folder.join(file) };
            let absolute = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(&path).canonicalize().ok();
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
            let name = absolute
                .as_deref()
                .and_then(|path| path.strip_prefix(root).ok())
                .map(|path| path.display().to_string());
            let led_to = documents.iter().find(|document| Some(&document.name) == name.as_ref());
            let has_anchor = |document: &Document| document.anchors().iter().any(|known| known == anchor);
            if name.is_none() || (!anchor.is_empty() && !led_to.is_some_and(has_anchor)) {
                broken.push(format!("{place}: {target}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_numbers_of_the_documents_are_those_of_the_code_and_the_template() {
    let operations = Operation::TABLE.iter().filter(|row| row.0 == CODEDEPLOY_PREFIX).count();
    let template = template();
    let functions = resources(&template, "AWS::Serverless::Function");
    let kept =
        functions.iter().filter(|(_, function)| !function["Properties"]["ReservedConcurrentExecutions"].is_null());
    let number = ["no", "one", "two", "three", "four", "five", "six", "seven"][kept.count()];
    // A function is called after its stack, and Lambda allows 64 characters.
    let ends = functions.iter().map(|(_, function)| function["Properties"]["FunctionName"]["Sub"].as_str().unwrap());
    let longest = ends.map(|name| name.trim_start_matches("${AWS::StackName}").len()).max().unwrap();
    let manifest: toml::Table = text("Cargo.toml").parse().unwrap();
    let rust = manifest["workspace"]["package"]["rust-version"].as_str().unwrap().to_owned();
    for (file, words) in [
        ("README.md", format!("You need Rust {rust} or newer")),
        ("README.md", format!("at most {} characters", 64 - longest)),
        ("docs/account.md", format!("at most {} characters", 64 - longest)),
        ("docs/account.md", format!("each of the {number} functions")),
        ("docs/codedeploy.md", format!("the same {operations} operations")),
        ("docs/codedeploy.md", format!("The {} predefined ones", PREDEFINED.len())),
    ] {
        assert!(text(file).contains(&words), "{file}: {words}");
    }
}
