//! Where AWS keeps something: an ARN says it, and what is elsewhere is not taken for one's own thing of the same name.

use std::fmt;

use crate::text::quoted;

/// A partition, a region and an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// `aws`, `aws-cn` …
    pub partition: String,
    /// The region.
    pub region: String,
    /// The account, 12 digits.
    pub account: String,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of the account {}", self.region, self.account)?;
        if self.partition == "aws" { Ok(()) } else { write!(f, " in the partition {}", self.partition) }
    }
}

/// What is named is not where it is looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{named} is in {there}, and this stack deploys in {here}: name one that is there, or use the stack of that place"
)]
pub struct Elsewhere {
    named: String,
    there: String,
    here: Site,
}

/// What a text says of a place; what it leaves open is empty.
struct Written<'a> {
    partition: &'a str,
    region: &'a str,
    account: &'a str,
}

impl<'a> Written<'a> {
    /// An ARN says all of it, but for services that have no regions; `account:function:name`, Lambda's partial ARN, the account.
    fn read(text: &'a str) -> Self {
        match text.splitn(6, ':').collect::<Vec<_>>()[..] {
            ["arn", partition, _, region, account, _] => Self { partition, region, account },
            [account, "function", ..] => Self { partition: "", region: "", account },
            _ => Self { partition: "", region: "", account: "" },
        }
    }
}

impl Site {
    /// Whether what is named so is here. A plain name is.
    pub fn holds(&self, named: &str) -> Result<(), Elsewhere> {
        let written = Written::read(named);
        let differs = |written: &str, here: &str| !written.is_empty() && written != here;
        let (partition, region, account) = (
            differs(written.partition, &self.partition),
            differs(written.region, &self.region),
            differs(written.account, &self.account),
        );
        if !(partition || region || account) {
            return Ok(());
        }
        let mut there = Vec::new();
        if !written.region.is_empty() {
            there.push(written.region.to_owned());
        }
        if !written.account.is_empty() {
            there.push(format!("the account {}", written.account));
        }
        let mut there = there.join(" of ");
        if partition {
            there = format!("{there} in the partition {}", written.partition);
        }
        Err(Elsewhere { named: quoted(named), there, here: self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Site {
        Site { partition: "aws".into(), region: "eu-west-1".into(), account: "111122223333".into() }
    }

    #[test]
    fn what_is_named_plainly_or_by_an_arn_of_this_place_is_here() {
        for named in [
            "web",
            "web:7",
            "web:live",
            "",
            "111122223333:function:web",
            "arn:aws:lambda:eu-west-1:111122223333:function:web",
            "arn:aws:iam::111122223333:role/deploy",
        ] {
            assert_eq!(here().holds(named), Ok(()), "{named}");
        }
    }

    #[test]
    fn what_is_elsewhere_is_refused_and_both_places_are_named() {
        let table = [
            ("arn:aws:lambda:eu-west-2:111122223333:function:web", "eu-west-2 of the account 111122223333"),
            ("arn:aws:ecs:eu-west-1:444455556666:cluster/shop", "eu-west-1 of the account 444455556666"),
            (
                "arn:aws-cn:ecs:cn-north-1:111122223333:cluster/shop",
                "cn-north-1 of the account 111122223333 in the partition aws-cn",
            ),
            ("arn:aws:iam::444455556666:role/deploy", "the account 444455556666"),
            ("444455556666:function:web", "the account 444455556666"),
        ];
        for (named, there) in table {
            let error = here().holds(named).unwrap_err().to_string();
            assert!(error.contains(&format!("is in {there}, and")), "{error}");
            assert!(error.contains("this stack deploys in eu-west-1 of the account 111122223333: "), "{error}");
        }
    }
}
