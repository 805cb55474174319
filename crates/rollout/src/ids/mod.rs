//! The names of things: each is checked once, on the way in, also when it arrives as JSON.

mod ecs;
mod error;
mod function;
mod site;
mod text;

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use ecs::{
    ClusterName, ContainerName, ListenerArn, RouteId, ServiceName, TargetGroupArn, TargetGroupName, TaskDefinition,
    TaskSetId,
};
pub use error::IdError;
pub use function::{FunctionName, HookFunction};
pub use site::{Elsewhere, Site};
use text::text_id;

text_id! {
    /// The id of a deployment, which is also the name of its execution: 1 to 80 of `A-Z a-z 0-9 _ . -`.
    ///
    /// Ours look like CodeDeploy's (`d-` and nine of `A-Z0-9`: docs/codedeploy-contract.md 14), but whoever starts an execution may call it as they like.
    DeploymentId = |text| text::limited(text, "a deployment id", 80, "_.-")
}

impl DeploymentId {
    /// A new id in CodeDeploy's form, from a source of random numbers.
    pub fn from_random(mut rng: impl FnMut() -> u64) -> Self {
        const LETTERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let mut id = String::from("d-");
        id.extend((0..9).map(|_| char::from(LETTERS[(rng() % 36) as usize])));
        Self(id)
    }
}

text_id! {
    /// The id of a job of CodePipeline: 1 to 100 of `A-Z a-z 0-9 -`. CodePipeline's are UUIDs (docs/codedeploy-contract.md 10.1).
    JobId = |text| text::limited(text, "the id of a job", 100, "-")
}

impl DeploymentId {
    /// The id of the deployment that a job asks for: always the same, so that a job which is asked for twice finds what it has started.
    pub fn of_job(job: &JobId) -> Self {
        let letters = job.as_str().chars().filter(char::is_ascii_alphanumeric).take(64);
        Self(format!("d-{}", letters.map(|c| c.to_ascii_uppercase()).collect::<String>()))
    }

    /// The id of the deployment that shows the rollback of this one: in CodeDeploy's form, and always the same, so that a
    /// second attempt finds the first one's record.
    pub fn of_rollback(&self) -> Self {
        // FNV-1a, 64 bits: no secret, only spread; with a mark of its own so that an id never maps to itself.
        let hash =
            self.0.bytes().chain(*b"/rollback").fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        let mut rest = hash;
        Self::from_random(|| {
            let digit = rest % 36;
            rest /= 36;
            digit
        })
    }
}

text_id! {
    /// The ARN of one execution of a state machine. No two executions of an account ever share one, so it says whose a record is.
    ExecutionArn = |text| text::free(text, "an execution's ARN", 1_024)
}

impl ExecutionArn {
    /// Where the console of AWS shows it; `None` where it is no execution's ARN.
    pub fn console(&self) -> Option<String> {
        let ["arn", partition, "states", region, _, "execution", ..] = self.0.split(':').collect::<Vec<_>>()[..] else {
            return None;
        };
        let host = match partition {
            "aws-cn" => "console.amazonaws.cn".to_owned(),
            "aws-us-gov" => "console.amazonaws-us-gov.com".to_owned(),
            _ => format!("{region}.console.aws.amazon.com"),
        };
        Some(format!("https://{host}/states/home?region={region}#/v2/executions/details/{self}"))
    }
}

text_id! {
    /// The name of an alias: 1 to 128 of `A-Z a-z 0-9 - _`, and not digits only (docs/codedeploy-contract.md 13.1).
    AliasName = |text| {
        const WHAT: &str = "an alias name";
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(IdError::new(text, WHAT, "only digits would be a version; write the alias, such as live"));
        }
        if text == "$LATEST" {
            return Err(IdError::new(text, WHAT, "$LATEST cannot be shifted; create an alias, such as live"));
        }
        text::limited(text, WHAT, 128, "-_")
    }
}

text_id! {
    /// The name of a CloudWatch alarm: 1 to 255 characters.
    AlarmName = |text| {
        const WHAT: &str = "an alarm name";
        match text.split_once(":alarm:") {
            Some((arn, name)) if arn.starts_with("arn:") && arn.contains(":cloudwatch:") => {
                let instead = format!("write {name}; alarms are those of this account and region");
                Err(IdError::new(text, WHAT, instead))
            }
            _ => text::free(text, WHAT, 255),
        }
    }
}

text_id! {
    /// The name of an SSM parameter, or the ARN of one that another account shares; at most 1,011 characters.
    ParameterName = |text| parameter(text)
}

text_id! {
    /// The name of a CodeDeploy application: 1 to 100 of `A-Z a-z 0-9 + = , . @ _ -`.
    ApplicationName = |text| text::limited(text, "an application name", 100, "+=,.@_-")
}

text_id! {
    /// The name of a deployment group: 1 to 100 of `A-Z a-z 0-9 + = , . @ _ -`.
    GroupName = |text| text::limited(text, "a deployment group name", 100, "+=,.@_-")
}

text_id! {
    /// The name of a deployment configuration: 1 to 100 of `A-Z a-z 0-9 + = , . @ _ -`.
    ConfigName = |text| text::limited(text, "a deployment configuration name", 100, "+=,.@_-")
}

text_id! {
    /// The id that a hook answers with. Opaque: 1 to 1,024 printable characters of ASCII.
    HookExecutionId = |text| {
        const WHAT: &str = "a hook execution id";
        if (1..=1024).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(text.to_owned())
        } else {
            Err(IdError::new(text, WHAT, "send back the LifecycleEventHookExecutionId as the hook got it"))
        }
    }
}

impl HookExecutionId {
    /// An id nobody can guess, from 64-bit random numbers.
    pub fn from_random(mut random: impl FnMut() -> u64) -> Self {
        Self(format!("{:016x}{:016x}{:016x}{:016x}", random(), random(), random(), random()))
    }
}

fn parameter(text: &str) -> Result<String, IdError> {
    const WHAT: &str = "an SSM parameter name";
    let refused = |instead: &str| Err(IdError::new(text, WHAT, instead));
    let name = match text.strip_prefix("arn:") {
        None => text,
        Some(rest) => match rest.splitn(5, ':').collect::<Vec<_>>()[..] {
            [partition, "ssm", region, account, resource]
                if partition.starts_with("aws") && !region.is_empty() && account.len() == 12 =>
            {
                resource.strip_prefix("parameter").unwrap_or_default()
            }
            _ => {
                return refused("write a name such as /shop/db/password, or arn:aws:ssm:region:account:parameter/name");
            }
        },
    };
    if name.contains(':') {
        return refused("leave the version or label after the colon off; the current value is read");
    }
    if name.contains('/') && !name.starts_with('/') {
        return refused("a name with levels begins with /, such as /shop/db/password");
    }
    text::limited(name, WHAT, 1011, "_.-/").map_err(|error| error.about(text))?;
    if text.len() > 1011 {
        return refused("write at most 1011 characters");
    }
    Ok(text.to_owned())
}

/// A published version of a function: 1 or above. Written as text in JSON, as Lambda does; read from text or a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// Reads `3`. `$LATEST` is refused in words of its own.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        const WHAT: &str = "a version";
        if text.eq_ignore_ascii_case("$LATEST") {
            let instead = "an alias cannot be shifted to or from it; publish a version and write its number";
            return Err(IdError::new(text, WHAT, instead));
        }
        let plain = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if plain => Ok(Self(number)),
            Ok(number) if number > 0 && text.starts_with('0') => {
                Err(IdError::new(text, WHAT, format!("it does not begin with 0; write {number}")))
            }
            _ => Err(IdError::new(text, WHAT, "write the number of a published version, such as 3")),
        }
    }

    /// The number.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl TryFrom<u64> for Version {
    type Error = IdError;

    fn try_from(number: u64) -> Result<Self, IdError> {
        Self::parse(&number.to_string())
    }
}

impl FromStr for Version {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::parse(text)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrNumber;

        impl Visitor<'_> for TextOrNumber {
            type Value = Version;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a version, such as 3 or \"3\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Version, E> {
                Version::parse(text).map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Version, E> {
                Version::try_from(number).map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Version, E> {
                Version::parse(&number.to_string()).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(TextOrNumber)
    }
}

#[cfg(test)]
mod tests;
