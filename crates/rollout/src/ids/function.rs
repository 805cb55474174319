//! The ways to name a Lambda function: its name, and the partial and full ARN.

use super::error::IdError;
use super::text::{limited, text_id};

text_id! {
    /// The name of the function a deployment moves: 1 to 64 of `A-Z a-z 0-9 - _`.
    ///
    /// A full ARN is read too, and only its function name is kept: a deployment happens in the account and the region of the
    /// stack it was started on. A qualifier is refused, because the alias and the versions are named elsewhere.
    FunctionName = |text| {
        const WHAT: &str = "a function name";
        match Reference::read(text) {
            Some(Reference { qualifier: Some(_), name, .. }) => Err(IdError::new(
                text,
                WHAT,
                format!("leave the qualifier off and write {name}; alias and versions are given on their own"),
            )),
            Some(Reference { place: Place::Partial, name, .. }) => {
                Err(IdError::new(text, WHAT, format!("write {name}, or the full ARN")))
            }
            Some(Reference { name, .. }) => limited(name, WHAT, 64, "-_").map_err(|error| error.about(text)),
            None if text.contains(':') => Err(IdError::new(
                text,
                WHAT,
                "write the name, or an ARN such as arn:aws:lambda:region:account:function:name",
            )),
            None => limited(text, WHAT, 64, "-_"),
        }
    }
}

text_id! {
    /// The function a hook calls, as it is written: a name, a partial ARN (`account:function:name`) or a full ARN, with or
    /// without a qualifier.
    HookFunction = |text| {
        const WHAT: &str = "a hook function";
        let instead = "write a function's name or ARN, with or without :version or :alias";
        match Reference::read(text) {
            Some(reference) => {
                limited(reference.name, WHAT, 64, "-_").map_err(|error| error.about(text))?;
                match reference.qualifier {
                    None | Some("$LATEST") => {}
                    Some(qualifier) => {
                        limited(qualifier, WHAT, 128, "-_").map_err(|_| IdError::new(text, WHAT, instead))?;
                    }
                }
                Ok(text.to_owned())
            }
            None => Err(IdError::new(text, WHAT, instead)),
        }
    }
}

impl HookFunction {
    /// The bare function name, which permissions are written for.
    pub fn name(&self) -> &str {
        Reference::read(self.as_str()).map_or(self.as_str(), |reference| reference.name)
    }

    /// The version or alias that is called; `None` calls `$LATEST`.
    pub fn qualifier(&self) -> Option<&str> {
        Reference::read(self.as_str()).and_then(|reference| reference.qualifier)
    }
}

/// A function as it may be written, taken apart. The name in it is not checked yet.
struct Reference<'a> {
    place: Place,
    name: &'a str,
    qualifier: Option<&'a str>,
}

/// How much of an ARN stands before the name.
enum Place {
    Here,
    Partial,
    Full,
}

impl<'a> Reference<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let parts: Vec<&str> = text.splitn(9, ':').collect();
        let (place, rest) = match parts[..] {
            ["arn", partition, "lambda", region, account, "function", ref rest @ ..]
                if partition.starts_with("aws") && !region.is_empty() && is_account(account) =>
            {
                (Place::Full, rest)
            }
            [account, "function", ref rest @ ..] if is_account(account) => (Place::Partial, rest),
            ref rest => (Place::Here, rest),
        };
        match *rest {
            [name] => Some(Self { place, name, qualifier: None }),
            [name, qualifier] => Some(Self { place, name, qualifier: Some(qualifier) }),
            _ => None,
        }
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
