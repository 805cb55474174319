//! The version of a function, as builds write it into a file.

use serde_json::Value;

use super::fault::Fault;
use super::file::File;
use super::json;
use crate::ids::Version;
use crate::text::{placeholder, quoted, unfilled};

/// The members of what `aws lambda publish-version` prints, and of an AppSpec.
const MEMBERS: [&str; 6] = ["Version", "version", "TargetVersion", "targetVersion", "FunctionArn", "functionArn"];

/// Reads a version: its number, or the ARN that ends with it.
pub(super) fn of_text(text: &str) -> Result<Version, String> {
    let text = text.trim();
    if let Some(placeholder) = placeholder(text) {
        return Err(unfilled(placeholder));
    }
    let number = match text.split(':').collect::<Vec<_>>()[..] {
        ["arn", _, "lambda", _, _, "function", _, version] => version,
        ["arn", _, "lambda", _, _, "function", _] => {
            return Err(format!("{} is the ARN of a function without a version: publish one", quoted(text)));
        }
        _ => text,
    };
    Version::parse(number).map_err(|error| error.to_string())
}

/// Reads the version that a file holds: alone, or in JSON, as `aws lambda publish-version` prints it.
pub fn of_file(file: &File) -> Result<Version, Fault> {
    let text = file.text.trim();
    if text.is_empty() {
        return Err(file.wrong(None, "the file is empty: have the build write the number of the version into it"));
    }
    if !text.starts_with(['{', '"', '[']) {
        return of_text(text).map_err(|why| file.wrong(Some(1), why));
    }
    let value = json::read(file)?;
    let members = MEMBERS.iter().filter_map(|member| value.get(member)).find(|found| !found.is_null());
    let found = if value.is_object() { members } else { Some(&value) };
    match found {
        Some(Value::String(text)) => of_text(text).map_err(|why| file.wrong(file.line_of(text), why)),
        Some(Value::Number(number)) => of_text(&number.to_string()).map_err(|why| file.wrong(None, why)),
        _ => {
            let what =
                "expected the number of a version, or JSON with Version, TargetVersion or a version's FunctionArn";
            Err(file.wrong(None, what))
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn read(text: &str) -> Result<u64, String> {
        let file = File { name: "version.json".to_owned(), text: text.to_owned() };
        of_file(&file).map(|version| version.to_string().parse().unwrap()).map_err(|fault| fault.message)
    }

    #[test]
    fn a_version_stands_alone_or_in_what_the_tools_print() {
        for text in [
            "7",
            " 7\n",
            "\"7\"",
            "arn:aws:lambda:eu-west-1:111122223333:function:storefront:7\n",
            r#"{"FunctionName": "storefront", "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:storefront:7", "Version": "7"}"#,
            r#"{"TargetVersion": 7}"#,
            r#"{"FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:storefront:7"}"#,
        ] {
            assert_eq!(read(text), Ok(7), "{text}");
        }
    }

    #[test]
    fn what_is_no_version_is_told_with_the_file_and_its_line() {
        let told = [
            "",
            "live",
            "$LATEST",
            "{\n  \"Version\": \"$LATEST\"\n}",
            "{\"version\": \"1\",}",
            "{\"number\": 7}",
            "arn:aws:lambda:eu-west-1:111122223333:function:storefront",
            "<VERSION>",
        ]
        .map(|text| read(text).unwrap_err())
        .join("\n");
        expect![[r#"
            version.json: the file is empty: have the build write the number of the version into it
            version.json:1: `live` is not a version: write the number of a published version, such as 3
            version.json:1: `$LATEST` is not a version: an alias cannot be shifted to or from it; publish a version and write its number
            version.json:2: `$LATEST` is not a version: an alias cannot be shifted to or from it; publish a version and write its number
            version.json:1:17: a comma stands before the bracket that closes: leave it out
            version.json: expected the number of a version, or JSON with Version, TargetVersion or a version's FunctionArn
            version.json:1: `arn:aws:lambda:eu-west-1:111122223333:function:storefront` is the ARN of a function without a version: publish one
            version.json:1: nobody has put a value in place of `<VERSION>`: see to it that the build does, or write the value"#]].assert_eq(&told);
    }
}
