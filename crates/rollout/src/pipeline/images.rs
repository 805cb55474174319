//! The files in which builds name images (docs/codedeploy-contract.md 10.3).

use serde_json::Value;

use super::fault::Fault;
use super::file::File;
use super::json;
use crate::text::quoted;

/// The file of one image, as ECR's source action makes it.
pub const DETAIL: &str = "imageDetail.json";

/// The file of the images of containers, as CodePipeline's rolling action takes it.
pub const DEFINITIONS: &str = "imagedefinitions.json";

/// One entry of `imagedefinitions.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The container.
    pub container: String,
    /// The image it gets.
    pub image: String,
    /// The line it stands on.
    pub line: Option<usize>,
}

/// Reads `imageDetail.json`: `{"ImageURI": "…"}`.
pub fn detail(file: &File) -> Result<String, Fault> {
    let value = json::read(file)?;
    let named = ["ImageURI", "imageURI", "imageUri", "ImageUri"].iter().find_map(|name| value.get(name));
    match named {
        Some(Value::String(image)) => uri(file, image, json::line_of(file, &["ImageURI".to_owned()])),
        Some(_) => Err(file.wrong(None, "ImageURI is no text: write the image with its tag or digest")),
        None => Err(file.wrong(None, "ImageURI is missing: write {\"ImageURI\": \"repository:tag\"}")),
    }
}

/// Reads `imagedefinitions.json`: `[{"name": "…", "imageUri": "…"}]`.
pub fn definitions(file: &File) -> Result<Vec<Definition>, Fault> {
    let wanted = "[{\"name\": \"container\", \"imageUri\": \"repository:tag\"}]";
    let value = json::read(file)?;
    let Some(items) = value.as_array().filter(|items| !items.is_empty()) else {
        return Err(file.wrong(None, format!("expected a list with an entry for each container: write {wanted}")));
    };
    let mut read: Vec<Definition> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let at = |member: &str| json::line_of(file, &[index.to_string(), member.to_owned()]);
        let line = at("name").or_else(|| json::line_of(file, &[index.to_string()]));
        let text = |member: &str| item.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
        let (Some(container), Some(image)) = (text("name"), text("imageUri")) else {
            return Err(file.wrong(line, format!("[{index}] has no name or no imageUri: write {wanted}")));
        };
        if read.iter().any(|earlier| earlier.container == container) {
            return Err(file.wrong(line, format!("the container {} is named twice: keep one", quoted(container))));
        }
        let image = uri(file, image, at("imageUri"))?;
        read.push(Definition { container: container.to_owned(), image, line });
    }
    Ok(read)
}

/// The image that a placeholder stands for, of a file that has several: the one of its name, or the only one.
pub fn one_of(file: &File, definitions: &[Definition], name: Option<&str>) -> Result<String, Fault> {
    if let [only] = definitions {
        return Ok(only.image.clone());
    }
    let named = definitions.iter().find(|found| Some(found.container.as_str()) == name);
    named.map(|found| found.image.clone()).ok_or_else(|| {
        let known: Vec<&str> = definitions.iter().map(|found| found.container.as_str()).collect();
        let name = name.map_or_else(|| "no container".to_owned(), quoted);
        let what = format!("{name} is named, and the file has {}: name one of them", known.join(", "));
        file.wrong(None, what)
    })
}

fn uri(file: &File, image: &str, line: Option<usize>) -> Result<String, Fault> {
    if image.is_empty() || image.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"".contains(c)) {
        return Err(
            file.wrong(line, format!("{} is no image: write its repository with a tag or digest", quoted(image)))
        );
    }
    Ok(image.to_owned())
}
