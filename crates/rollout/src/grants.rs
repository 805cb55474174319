//! Which hook may be handed which parameters.
//!
//! Whoever may start a deployment names its hooks, and could have any parameter of the stack's handed to a function of their
//! own. So the stack says, by the names of hook functions, what each may be handed; nothing, unless it says so.

use std::fmt;
use std::str::FromStr;

use crate::ids::{HookFunction, ParameterName};
use crate::pattern::matches;

/// What the stack's parameter `HookParameters` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants(Vec<Grant>);

/// Functions whose names match may be handed parameters whose names match; with wildcards.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Grant {
    functions: String,
    parameters: String,
}

/// A text that says no grants.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` does not say who may be handed what: write function=/path, such as CodeDeployHook_shop-*=/shop/*")]
pub struct GrantsError(String);

impl FromStr for Grants {
    type Err = GrantsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let written = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let grant = |part: &str| match part.split_once('=') {
            Some((functions, parameters)) if !functions.is_empty() && parameters.starts_with('/') => {
                Ok(Grant { functions: functions.to_owned(), parameters: parameters.to_owned() })
            }
            _ => Err(GrantsError(part.to_owned())),
        };
        written.map(grant).collect::<Result<_, _>>().map(Self)
    }
}

impl Grants {
    /// Whether the function may be handed the parameter.
    pub fn allow(&self, function: &HookFunction, parameter: &ParameterName) -> bool {
        let name = path(parameter);
        let covers = |grant: &Grant| matches(&grant.functions, function.name()) && matches(&grant.parameters, &name);
        self.0.iter().any(covers)
    }

    /// Those of a hook's parameters that it may not be handed.
    pub fn denied(&self, function: &HookFunction, parameters: &[ParameterName]) -> Vec<ParameterName> {
        parameters.iter().filter(|parameter| !self.allow(function, parameter)).cloned().collect()
    }
}

/// What the stack's parameter `ParameterPath` says: which parameters of SSM its roles may read at all. None, unless it says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readable {
    own: Option<String>,
    shared: Vec<String>,
}

impl Readable {
    /// Those that match a path in which `*` stands for any characters and `?` for one, as in an IAM resource; an empty path is
    /// none.
    pub fn under(path: &str) -> Self {
        Self { own: (!path.is_empty()).then(|| path.to_owned()), shared: Vec::new() }
    }

    /// And those that other accounts share, by patterns of their ARNs, separated by commas.
    #[must_use]
    pub fn and_shared(self, arns: &str) -> Self {
        let arns = arns.split(',').map(str::trim).filter(|arn| !arn.is_empty());
        Self { shared: arns.map(str::to_owned).collect(), ..self }
    }

    /// Those of a hook's parameters that the stack may not read.
    pub fn outside(&self, parameters: &[ParameterName]) -> Vec<ParameterName> {
        let covers = |parameter: &ParameterName| {
            let own = self.own.as_ref().is_some_and(|pattern| matches(pattern, &path(parameter)));
            own || self.shared.iter().any(|pattern| matches(pattern, parameter.as_str()))
        };
        parameters.iter().filter(|parameter| !covers(parameter)).cloned().collect()
    }

    /// Those of a hook's parameters that the stack may read in its own account, by their names.
    pub fn own<'a>(&self, parameters: &'a [ParameterName]) -> impl Iterator<Item = &'a ParameterName> {
        let covers = move |name: &&ParameterName| {
            let is_name = !name.as_str().starts_with("arn:");
            is_name && self.own.as_ref().is_some_and(|pattern| matches(pattern, &path(name)))
        };
        parameters.iter().filter(covers)
    }

    /// What is said of a hook whose parameters the stack may not read.
    pub fn refusal(&self, outside: &[ParameterName]) -> String {
        let (setting, now, wanted, example) = match outside.first() {
            // By its ARN, which is how one is named that another account shares.
            Some(shared) if shared.as_str().starts_with("arn:") => {
                ("SharedParameters", self.shared.join(","), "ARNs that cover", shared.as_str().to_owned())
            }
            first => {
                let example = first.map_or_else(String::new, path);
                ("ParameterPath", self.own.clone().unwrap_or_default(), "a path that covers", example)
            }
        };
        let now = if now.is_empty() { "empty".to_owned() } else { now };
        format!(
            "asks for {}, which this stack may not read: its parameter {setting} is {now}; update the stack with {wanted} it, such \
             as {example}, and let HookParameters hand it to the hook",
            listed(outside)
        )
    }
}

fn listed(parameters: &[ParameterName]) -> String {
    parameters.iter().map(ParameterName::as_str).collect::<Vec<_>>().join(", ")
}

/// What is said of a hook that may not be handed these parameters.
pub fn refusal(function: &HookFunction, denied: &[ParameterName]) -> String {
    let name = function.name();
    let example = denied.first().map_or_else(String::new, path);
    format!(
        "{name} may not be handed {}; where it should be, add {name}={example} to the stack's parameter HookParameters, and see \
         that ParameterPath covers it",
        listed(denied)
    )
}

/// What is said of a hook whose parameters do not exist.
pub fn missing(missing: &[ParameterName]) -> String {
    let example = missing.first().map_or_else(String::new, ToString::to_string);
    format!(
        "asks for {}, which SSM does not have in this account and Region: correct the name, or create it with aws ssm put-parameter \
         --type SecureString --name {example} --value …",
        listed(missing)
    )
}

/// The name of a parameter as it stands in a path: an ARN has it at its end, and a name without levels has no slash.
fn path(parameter: &ParameterName) -> String {
    let text = parameter.as_str();
    let name = match text.strip_prefix("arn:") {
        Some(rest) => rest.split_once(":parameter").map_or(rest, |(_, name)| name),
        None => text,
    };
    format!("/{}", name.trim_start_matches('/'))
}

impl fmt::Display for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(|grant| format!("{}={}", grant.functions, grant.parameters)).collect();
        f.write_str(&all.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(grants: &str, function: &str, parameter: &str, wanted: bool) {
        let (function, parameter) = (HookFunction::parse(function).unwrap(), ParameterName::parse(parameter).unwrap());
        let grants: Grants = grants.parse().unwrap();
        assert_eq!(grants.allow(&function, &parameter), wanted, "{grants}: {function} and {parameter}");
    }

    #[test]
    fn a_hook_is_handed_what_the_stack_says_and_nothing_else() {
        let shop = "CodeDeployHook_shop-*=/shop/*, CodeDeployHook_mail=/mail/key,*=/shared";
        check(shop, "CodeDeployHook_shop-smoke", "/shop/db/password", true);
        check(shop, "CodeDeployHook_shop-smoke", "/mail/key", false);
        check(shop, "CodeDeployHook_mail", "/mail/key", true);
        check(shop, "CodeDeployHook_mail", "/mail/key2", false);
        check(shop, "CodeDeployHook_mail", "/shop/db/password", false);
        check(shop, "CodeDeployHook_mailer", "/mail/key", false);
        check(shop, "anything", "shared", true);
        check("", "CodeDeployHook_shop-smoke", "/shop/db/password", false);
    }

    #[test]
    fn functions_and_parameters_are_meant_however_they_are_written() {
        let shop = "CodeDeployHook_shop-*=/shop/*";
        check(shop, "arn:aws:lambda:eu-west-1:123456789012:function:CodeDeployHook_shop-a:live", "/shop/a", true);
        check(shop, "CodeDeployHook_other:CodeDeployHook_shop-a", "/shop/a", false);
        check(shop, "CodeDeployHook_shop-a", "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/a", true);
        check(shop, "CodeDeployHook_shop-a", "arn:aws:ssm:eu-west-1:123456789012:parameter/other/shop/a", false);
    }

    #[test]
    fn the_stack_reads_what_its_path_covers_and_nothing_unless_it_has_one() {
        let outside = |path: &str, parameter: &str| {
            let parameter = ParameterName::parse(parameter).unwrap();
            !Readable::under(path).outside(&[parameter]).is_empty()
        };
        let table = [
            ("", "/shop/key", true),
            ("/shop/*", "/shop/key", false),
            ("/shop/*", "/shop/db/password", false),
            ("/shop/*", "/shopping/key", true),
            ("/shop/*/key", "/shop/a/b/key", false),
            ("/shop/*/key", "/shop/key", true),
            ("/shop/?ey", "/shop/key", false),
            ("/shop/?ey", "/shop/they", true),
            ("/shop/key", "/shop/key2", true),
            ("/*", "shared", false),
            ("/shop/*", "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/key", false),
        ];
        for (path, parameter, wanted) in table {
            assert_eq!(outside(path, parameter), wanted, "{path}: {parameter}");
        }
    }

    #[test]
    fn the_stack_reads_what_other_accounts_share_where_it_names_their_arns() {
        let key = ParameterName::parse("arn:aws:ssm:eu-west-1:444455556666:parameter/shared/key").unwrap();
        let named = "arn:aws:ssm:eu-west-1:444455556666:parameter/shared/*, arn:aws:ssm:eu-west-1:1:parameter/other";
        let of = |arns: &str| Readable::under("/shop/*").and_shared(arns);
        assert_eq!(of(named).outside(std::slice::from_ref(&key)), []);
        let outside = of("").outside(std::slice::from_ref(&key));
        expect_test::expect!["asks for arn:aws:ssm:eu-west-1:444455556666:parameter/shared/key, which this stack may not read: its parameter SharedParameters is empty; update the stack with ARNs that cover it, such as arn:aws:ssm:eu-west-1:444455556666:parameter/shared/key, and let HookParameters hand it to the hook"].assert_eq(&of("").refusal(&outside));
    }

    #[test]
    fn what_says_nothing_clear_is_refused() {
        for text in ["CodeDeployHook_shop", "=/shop", "a=shop", "a=/b,c", "a="] {
            assert!(text.parse::<Grants>().is_err(), "{text}");
        }
        assert_eq!(" , ".parse(), Ok(Grants::default()));
    }

    #[test]
    fn the_refusal_says_what_to_write() {
        let function = HookFunction::parse("CodeDeployHook_shop:live").unwrap();
        let denied = ["/shop/a", "/shop/b"].map(|name| ParameterName::parse(name).unwrap());
        let said = refusal(&function, &denied);
        assert!(said.contains("may not be handed /shop/a, /shop/b"), "{said}");
        assert!(said.contains("add CodeDeployHook_shop=/shop/a to the stack's parameter HookParameters"), "{said}");
    }
}
