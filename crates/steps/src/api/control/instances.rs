//! On-premises instances: who is registered, as what.

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::names::{INSTANCE, Resource};
use codedeploy::shapes::{BatchGetOnPremisesInstancesInput, InstanceInfo, InstanceInput, ListOnPremisesInstancesInput};
use codedeploy::time::Time;
use codedeploy::values;
use serde_json::{Value, json};

use super::{ControlPlane, tag_rules};
use crate::answering::failed;
use crate::api::page::with_token;
use crate::ports::{
    Clock, Ids, Kept, Listing, PortError, ReadCatalogue, ReadRequests, Records, Referred, Shelf, WriteCatalogue,
};
use crate::use_cases::batch;

impl<P: Clock + Records + Ids + Listing + ReadCatalogue + ReadRequests + WriteCatalogue> ControlPlane<'_, P> {
    pub(super) async fn register_instance(&self, body: &Value) -> Result<Value, ApiError> {
        let input: InstanceInput = call::input(body)?;
        let name = read_name(input.instance_name.as_deref())?;
        let identity = Identity::read(&input)?;
        let key = Shelf::Instances.key(name);
        let known: Option<Kept<InstanceInfo>> = self.find(&key).await?;
        if known.as_ref().is_some_and(|known| is_registered(&known.info)) {
            let message = format!("an instance named {name} is registered already");
            return Err(ApiError::new(Code::InstanceNameAlreadyRegisteredException, message));
        }
        let referred = Referred::Identity(identity.arn.to_owned());
        self.ports.refer(&referred, name).await.map_err(failed)?;
        for other in self.ports.referrers(&referred).await.map_err(failed)? {
            let kept: Option<Kept<InstanceInfo>> = self.find(&Shelf::Instances.key(&other)).await?;
            let uses = |info: &InstanceInfo| {
                let arn = Some(identity.arn);
                is_registered(info) && (info.iam_user_arn.as_deref() == arn || info.iam_session_arn.as_deref() == arn)
            };
            if other != name && kept.is_some_and(|kept| uses(&kept.info)) {
                self.ports.unrefer(&referred, name).await.map_err(failed)?;
                let message = format!("the instance {other} is registered with this ARN");
                return Err(ApiError::new(identity.taken, message));
            }
        }
        let suffix: String = self.ports.uuid().chars().filter(char::is_ascii_alphanumeric).take(10).collect();
        let info = InstanceInfo {
            instance_name: Some(name.to_owned()),
            iam_session_arn: input.iam_session_arn.clone(),
            iam_user_arn: input.iam_user_arn.clone(),
            instance_arn: Some(self.settings.home.arn(&Resource::Instance(format!("{name}_{suffix}")))),
            register_time: Some(Time(self.ports.now())),
            deregister_time: None,
            tags: Some(Vec::new()),
        };
        let written = match known {
            Some(mut known) => {
                known.info = info;
                self.ports.replace(&key, &mut known).await
            }
            None => self.ports.add(&key, &Kept::new(info, Vec::new())).await,
        };
        match written {
            Err(PortError::Conflict(_)) => {
                let message = format!("an instance named {name} was registered at the same time");
                Err(ApiError::new(Code::InstanceNameAlreadyRegisteredException, message))
            }
            result => result.map_err(failed).map(|()| json!({})),
        }
    }

    /// The record stays and loses its tags. Deregistering what is absent succeeds (docs/codedeploy-contract.md 1.4, 8.4).
    pub(super) async fn deregister_instance(&self, body: &Value) -> Result<Value, ApiError> {
        let input: InstanceInput = call::input(body)?;
        let name = read_name(input.instance_name.as_deref())?;
        let key = Shelf::Instances.key(name);
        let Some(known) = self.find::<InstanceInfo>(&key).await?.filter(|known| is_registered(&known.info)) else {
            return Ok(json!({}));
        };
        let now = Time(self.ports.now());
        self.change(
            &key,
            || not_registered(name),
            |kept: &mut Kept<InstanceInfo>| {
                kept.info.deregister_time = Some(now);
                kept.info.tags = Some(Vec::new());
                Ok(())
            },
        )
        .await?;
        if let Some(arn) = known.info.iam_user_arn.or(known.info.iam_session_arn) {
            self.ports.unrefer(&Referred::Identity(arn), name).await.map_err(failed)?;
        }
        Ok(json!({}))
    }

    pub(super) async fn get_on_premises_instance(&self, body: &Value) -> Result<Value, ApiError> {
        let input: InstanceInput = call::input(body)?;
        let name = read_name(input.instance_name.as_deref())?;
        let kept: Kept<InstanceInfo> =
            self.find(&Shelf::Instances.key(name)).await?.ok_or_else(|| not_registered(name))?;
        Ok(json!({"instanceInfo": kept.info}))
    }

    /// Instances that were never registered are left out: the operation has no error for them.
    pub(super) async fn batch_get_on_premises_instances(&self, body: &Value) -> Result<Value, ApiError> {
        let input: BatchGetOnPremisesInstancesInput = call::input(body)?;
        let names = input.instance_names.unwrap_or_default();
        INSTANCE.required(names.first().map(String::as_str))?;
        batch(names.len(), self.settings)?;
        for name in &names {
            read_name(Some(name))?;
        }
        let mut infos = Vec::with_capacity(names.len());
        for name in &names {
            infos.extend(self.find::<InstanceInfo>(&Shelf::Instances.key(name)).await?.map(|kept| kept.info));
        }
        Ok(json!({"instanceInfos": infos}))
    }

    /// A page is one of all names, less those the filters do not let through.
    pub(super) async fn list_on_premises_instances(&self, body: &Value) -> Result<Value, ApiError> {
        let input: ListOnPremisesInstancesInput = call::input(body)?;
        let status = input.registration_status.as_deref();
        if let Some(status) = status {
            values::REGISTRATION_STATUS.checked(status, Code::InvalidRegistrationStatusException)?;
        }
        let filters = input.tag_filters.unwrap_or_default();
        tag_rules::filters(&filters, &self.settings.quotas)
            .map_err(|why| ApiError::new(Code::InvalidTagFilterException, why))?;
        let operation = "ListOnPremisesInstances";
        let (mut names, next) = self.page(operation, &Shelf::Instances, input.next_token.as_deref()).await?;
        if status.is_some() || !filters.is_empty() {
            let mut listed = Vec::with_capacity(names.len());
            for name in names {
                let kept: Option<Kept<InstanceInfo>> = self.find(&Shelf::Instances.key(&name)).await?;
                let passes = kept.is_some_and(|kept| {
                    let tags = kept.info.tags.as_deref().unwrap_or_default();
                    let wanted = is_registered(&kept.info) == (status == Some("Registered"));
                    (status.is_none() || wanted) && filters.iter().all(|filter| tag_rules::matches(filter, tags))
                });
                if passes {
                    listed.push(name);
                }
            }
            names = listed;
        }
        Ok(with_token(json!({"instanceNames": names}), next))
    }
}

pub(super) fn is_registered(info: &InstanceInfo) -> bool {
    info.deregister_time.is_none()
}

pub(super) fn not_registered(name: &str) -> ApiError {
    ApiError::new(Code::InstanceNotRegisteredException, format!("The on-premises instance {name} is not registered"))
}

/// An instance's name, which is not one that EC2 gives.
pub(super) fn read_name(name: Option<&str>) -> Result<&str, ApiError> {
    let name = INSTANCE.read(name)?;
    if name.starts_with("i-") {
        let message = "a name that begins with i- is an EC2 instance's: call the instance something else";
        return Err(ApiError::new(Code::InvalidInstanceNameException, message));
    }
    Ok(name)
}

/// Who an instance is to IAM: a user, or a session of a role (docs/host-agent-contract.md 5).
struct Identity<'a> {
    arn: &'a str,
    taken: Code,
}

impl<'a> Identity<'a> {
    fn read(input: &'a InstanceInput) -> Result<Self, ApiError> {
        match (input.iam_user_arn.as_deref(), input.iam_session_arn.as_deref()) {
            (Some(_), Some(_)) => {
                let message = "iamUserArn and iamSessionArn are both there: send one of them";
                Err(ApiError::new(Code::MultipleIamArnsProvidedException, message))
            }
            (None, None) => {
                let message = "iamUserArn or iamSessionArn is missing: send one of them";
                Err(ApiError::new(Code::IamArnRequiredException, message))
            }
            (Some(arn), None) if is_arn(arn, "iam", "user/") => {
                Ok(Self { arn, taken: Code::IamUserArnAlreadyRegisteredException })
            }
            (None, Some(arn)) if is_arn(arn, "sts", "assumed-role/") => {
                Ok(Self { arn, taken: Code::IamSessionArnAlreadyRegisteredException })
            }
            (Some(_), None) => {
                let message = "iamUserArn has the form arn:aws:iam::123456789012:user/name";
                Err(ApiError::new(Code::InvalidIamUserArnException, message))
            }
            (None, Some(_)) => {
                let message = "iamSessionArn has the form arn:aws:sts::123456789012:assumed-role/role/session";
                Err(ApiError::new(Code::InvalidIamSessionArnException, message))
            }
        }
    }
}

/// The longest ARN that is taken; as part of a key it must be short of DynamoDB's 1,024 bytes.
const LONGEST_ARN: usize = 900;

/// Whether it is an ARN of this kind. IAM's have an account and no region.
pub(super) fn is_arn(arn: &str, service: &str, resource: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", partition, found, "", account, rest] => {
            arn.len() <= LONGEST_ARN
                && partition.starts_with("aws")
                && found == service
                && account.len() == 12
                && account.bytes().all(|byte| byte.is_ascii_digit())
                && rest
                    .strip_prefix(resource)
                    .is_some_and(|name| !name.is_empty() && !name.contains(char::is_whitespace))
        }
        _ => false,
    }
}
