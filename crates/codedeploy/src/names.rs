//! Names, ids and ARNs: what they look like (docs/codedeploy-contract.md 1.6, 14), and the error of each that does not.

use std::fmt;

use crate::error::{ApiError, Code};
use crate::text::clipped;

/// The longest name of an application, group, configuration or instance.
pub const LONGEST: usize = 100;

/// A kind of name, with the errors it has in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    what: &'static str,
    member: &'static str,
    missing: Code,
    invalid: Code,
}

/// An application's.
pub const APPLICATION: Name = Name {
    what: "an application name",
    member: "applicationName",
    missing: Code::ApplicationNameRequiredException,
    invalid: Code::InvalidApplicationNameException,
};

/// A deployment group's.
pub const GROUP: Name = Name {
    what: "a deployment group name",
    member: "deploymentGroupName",
    missing: Code::DeploymentGroupNameRequiredException,
    invalid: Code::InvalidDeploymentGroupNameException,
};

/// A deployment configuration's.
pub const CONFIG: Name = Name {
    what: "a deployment configuration name",
    member: "deploymentConfigName",
    missing: Code::DeploymentConfigNameRequiredException,
    invalid: Code::InvalidDeploymentConfigNameException,
};

/// An on-premises instance's.
pub const INSTANCE: Name = Name {
    what: "an instance name",
    member: "instanceName",
    missing: Code::InstanceNameRequiredException,
    invalid: Code::InvalidInstanceNameException,
};

impl Name {
    /// The name, which must be there. An empty one is not there.
    pub fn required(self, given: Option<&str>) -> Result<&str, ApiError> {
        given
            .filter(|name| !name.is_empty())
            .ok_or_else(|| ApiError::new(self.missing, format!("{} is missing", self.member)))
    }

    /// The name, of the form that names have.
    pub fn checked(self, name: &str) -> Result<&str, ApiError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
        if (1..=LONGEST).contains(&name.len()) && name.chars().all(allowed) {
            return Ok(name);
        }
        let (found, what) = (clipped(name, 64).escape_debug().to_string(), self.what);
        let message = format!("'{found}' is not {what}: write 1 to {LONGEST} of A-Z a-z 0-9 + = , . @ _ -");
        Err(ApiError::new(self.invalid, message))
    }

    /// The name, which must be there and of the form that names have.
    pub fn read(self, given: Option<&str>) -> Result<&str, ApiError> {
        self.checked(self.required(given)?)
    }
}

/// A random UUID, from 128 random bits.
pub fn uuid(random: u128) -> String {
    uuid::Builder::from_random_bytes(random.to_be_bytes()).into_uuid().to_string()
}

/// Where resources are: what their ARNs begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// `aws`, `aws-cn` …
    pub partition: String,
    /// The region.
    pub region: String,
    /// The account, 12 digits.
    pub account: String,
}

impl Default for Home {
    fn default() -> Self {
        Self { partition: "aws".to_owned(), region: "us-east-1".to_owned(), account: "0".repeat(12) }
    }
}

impl Home {
    /// The home of another resource, by its ARN.
    pub fn of(arn: &str) -> Option<Self> {
        match arn.splitn(6, ':').collect::<Vec<_>>()[..] {
            ["arn", partition, _, region, account, _] if !region.is_empty() && account.len() == 12 => {
                let [partition, region, account] = [partition, region, account].map(str::to_owned);
                Some(Self { partition, region, account })
            }
            _ => None,
        }
    }

    /// The ARN of a resource here.
    pub fn arn(&self, resource: &Resource) -> String {
        let Self { partition, region, account } = self;
        format!("arn:{partition}:codedeploy:{region}:{account}:{resource}")
    }
}

/// What an ARN of CodeDeploy names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// An application.
    Application(String),
    /// A deployment group and its application.
    Group(String, String),
    /// A deployment configuration.
    Config(String),
    /// An on-premises instance: its name and what makes the ARN unique.
    Instance(String),
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Application(name) => write!(f, "application:{name}"),
            Self::Group(application, group) => write!(f, "deploymentgroup:{application}/{group}"),
            Self::Config(name) => write!(f, "deploymentconfig:{name}"),
            Self::Instance(name) => write!(f, "instance/{name}"),
        }
    }
}

/// The longest ARN of a resource.
const LONGEST_ARN: usize = 1_011;

impl Resource {
    /// Reads an ARN. Whether its region and account are those behind this API is for the caller to look at.
    pub fn of(arn: &str) -> Result<Self, ApiError> {
        let invalid = || {
            let found = clipped(arn, 64).escape_debug().to_string();
            let message = format!(
                "'{found}' is not the ARN of a resource: write arn:aws:codedeploy:region:account:application:name or \
                 …:deploymentgroup:application/group"
            );
            ApiError::new(Code::InvalidArnException, message)
        };
        if arn.len() > LONGEST_ARN {
            return Err(invalid());
        }
        let resource = match arn.splitn(6, ':').collect::<Vec<_>>()[..] {
            ["arn", partition, "codedeploy", region, account, resource]
                if partition.starts_with("aws") && !region.is_empty() && !account.is_empty() =>
            {
                resource
            }
            _ => return Err(invalid()),
        };
        let name = |kind: Name, text: &str| kind.checked(text).map(str::to_owned).map_err(|_| invalid());
        if let Some(rest) = resource.strip_prefix("application:") {
            Ok(Self::Application(name(APPLICATION, rest)?))
        } else if let Some(rest) = resource.strip_prefix("deploymentgroup:") {
            let (application, group) = rest.split_once('/').ok_or_else(invalid)?;
            Ok(Self::Group(name(APPLICATION, application)?, name(GROUP, group)?))
        } else if let Some(rest) = resource.strip_prefix("deploymentconfig:") {
            Ok(Self::Config(name(CONFIG, rest)?))
        } else if let Some(rest) = resource.strip_prefix("instance/").or(resource.strip_prefix("instance:")) {
            Ok(Self::Instance(rest.to_owned()))
        } else {
            Err(invalid())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_1_to_100_plain_characters() {
        for good in ["shop", "CodeDeployDefault.AllAtOnce", "a+=,.@_-9", &"x".repeat(100)] {
            assert_eq!(APPLICATION.read(Some(good)).unwrap(), good);
        }
        for bad in ["two words", "a/b", "ä", &"x".repeat(101), "a\n"] {
            assert_eq!(GROUP.read(Some(bad)).unwrap_err().code, Code::InvalidDeploymentGroupNameException);
        }
        for missing in [None, Some("")] {
            assert_eq!(CONFIG.read(missing).unwrap_err().code, Code::DeploymentConfigNameRequiredException);
        }
    }

    #[test]
    fn a_uuid_is_one_of_version_4() {
        assert_eq!(uuid(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    #[test]
    fn an_arn_is_read_as_it_is_written() {
        let home = Home::of("arn:aws:states:eu-central-1:123456789012:stateMachine:tideshift-lambda").unwrap();
        let shop = || "shop".to_owned();
        for resource in [Resource::Application(shop()), Resource::Group(shop(), shop()), Resource::Config(shop())] {
            let arn = home.arn(&resource);
            assert!(arn.starts_with("arn:aws:codedeploy:eu-central-1:123456789012:"), "{arn}");
            assert_eq!(Resource::of(&arn).unwrap(), resource);
        }
    }

    #[test]
    fn what_is_no_arn_of_codedeploy_is_refused() {
        for bad in [
            "",
            "shop",
            "arn:aws:s3:::bucket",
            "arn:aws:codedeploy:eu-central-1:123456789012:application:",
            "arn:aws:codedeploy:eu-central-1:123456789012:deploymentgroup:shop",
            "arn:aws:codedeploy:eu-central-1:123456789012:deploymentgroup:shop/a/b",
            "arn:aws:codedeploy:eu-central-1:123456789012:pipeline:shop",
        ] {
            assert_eq!(Resource::of(bad).unwrap_err().code, Code::InvalidArnException, "{bad}");
        }
    }
}
