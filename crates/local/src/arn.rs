//! Names and ARNs of functions, as the Lambda API takes them.

/// The account everything lives in.
pub(crate) const ACCOUNT: &str = "123456789012";
/// The region everything lives in.
pub(crate) const REGION: &str = "us-east-1";

/// A function, and the version or alias meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionRef {
    pub(crate) name: String,
    pub(crate) qualifier: Option<String>,
}

impl FunctionRef {
    /// Reads `name`, `name:qualifier`, a partial ARN or an ARN; a qualifier in it wins over the parameter.
    pub(crate) fn parse(text: &str, qualifier: Option<String>) -> Self {
        let rest = match text.split_once("function:") {
            Some((before, rest)) if before.ends_with(':') || before.is_empty() => rest,
            _ => text,
        };
        match rest.split_once(':') {
            Some((name, inner)) => Self { name: name.to_owned(), qualifier: Some(inner.to_owned()) },
            None => Self { name: rest.to_owned(), qualifier: qualifier.filter(|qualifier| !qualifier.is_empty()) },
        }
    }

    /// The ARN, with the qualifier where there is one.
    pub(crate) fn arn(&self) -> String {
        let arn = function_arn(&self.name);
        match &self.qualifier {
            Some(qualifier) => format!("{arn}:{qualifier}"),
            None => arn,
        }
    }
}

/// The unqualified ARN of a function.
pub(crate) fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

/// Whether `text` is a published version's number.
pub(crate) fn is_version(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::FunctionRef;

    #[test]
    fn every_spelling_of_a_function_is_understood() {
        let read = |text: &str| {
            let found = FunctionRef::parse(text, None);
            (found.name, found.qualifier)
        };
        let shop = "shop".to_owned();
        assert_eq!(read("shop"), (shop.clone(), None));
        assert_eq!(read("shop:live"), (shop.clone(), Some("live".to_owned())));
        assert_eq!(read("123456789012:function:shop"), (shop.clone(), None));
        assert_eq!(read("arn:aws:lambda:us-east-1:123456789012:function:shop:3"), (shop, Some("3".to_owned())));
        assert_eq!(read("a-function"), ("a-function".to_owned(), None));
    }

    #[test]
    fn a_qualifier_in_the_name_wins() {
        let found = FunctionRef::parse("shop:live", Some("2".to_owned()));
        assert_eq!(found.qualifier.as_deref(), Some("live"));
        assert_eq!(found.arn(), "arn:aws:lambda:us-east-1:123456789012:function:shop:live");
    }
}
