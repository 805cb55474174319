//! The looks, with the caller's own credentials. Nothing here judges, and nothing is changed.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, Statistic};
use aws_sdk_ecs::types::ServiceField;
use aws_sdk_lambda::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::QueueAttributeName;

use super::facts::{Concurrency, Live, Look, Named, Stack, Traffic};
use crate::view::Target;

/// The tag that lets a stack touch a thing, where its parameters name none.
const TAG: (&str, &str) = ("tideshift", "enabled");

const DAY_SECONDS: i32 = 86_400;

/// The account, as the caller may see it.
pub(crate) struct Account {
    cloudformation: aws_sdk_cloudformation::Client,
    cloudwatch: aws_sdk_cloudwatch::Client,
    ecs: aws_sdk_ecs::Client,
    elb: aws_sdk_elasticloadbalancingv2::Client,
    lambda: aws_sdk_lambda::Client,
    sfn: aws_sdk_sfn::Client,
    sqs: aws_sdk_sqs::Client,
    ssm: aws_sdk_ssm::Client,
}

/// What a refused call says, whatever service it is of.
trait Refused {
    /// AWS's code for a service's own answer.
    fn refused(&self) -> Option<&str>;
    /// All of it, for a person.
    fn words(&self) -> String;
}

impl<E, R> Refused for SdkError<E, R>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    fn refused(&self) -> Option<&str> {
        self.as_service_error().map(|error| error.code().unwrap_or("an error without a code"))
    }

    fn words(&self) -> String {
        match self.as_service_error() {
            Some(error) => {
                format!(
                    "{}: {}",
                    error.code().unwrap_or("an error without a code"),
                    error.message().unwrap_or("no reason given")
                )
            }
            None => DisplayErrorContext(self).to_string(),
        }
    }
}

/// What is said to who has no right, in the words of the services asked here.
const FORBIDDEN: [&str; 4] = ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"];

/// What came of a call; `missing` are the codes that say that the thing is not there.
fn looked<T>(call: &'static str, missing: &[&str], result: Result<T, impl Refused>) -> Look<Option<T>> {
    match result {
        Ok(seen) => Look::Seen(Some(seen)),
        Err(error) => match error.refused() {
            Some(code) if missing.contains(&code) => Look::Seen(None),
            Some(code) if FORBIDDEN.contains(&code) => Look::Forbidden(call),
            Some(_) | None => Look::Failed(error.words()),
        },
    }
}

impl<T> Look<T> {
    fn map<U>(self, change: impl FnOnce(T) -> U) -> Look<U> {
        match self {
            Self::Seen(seen) => Look::Seen(change(seen)),
            Self::Forbidden(call) => Look::Forbidden(call),
            Self::Failed(said) => Look::Failed(said),
        }
    }
}

impl Account {
    /// Asks nobody yet.
    pub(crate) fn new(config: &SdkConfig) -> Self {
        Self {
            cloudformation: aws_sdk_cloudformation::Client::new(config),
            cloudwatch: aws_sdk_cloudwatch::Client::new(config),
            ecs: aws_sdk_ecs::Client::new(config),
            elb: aws_sdk_elasticloadbalancingv2::Client::new(config),
            lambda: aws_sdk_lambda::Client::new(config),
            sfn: aws_sdk_sfn::Client::new(config),
            sqs: aws_sdk_sqs::Client::new(config),
            ssm: aws_sdk_ssm::Client::new(config),
        }
    }

    /// The stack.
    pub(crate) async fn stack(&self, name: &str) -> Look<Option<Stack>> {
        let described = self.cloudformation.describe_stacks().stack_name(name).send().await;
        // It says so of a stack that is not there.
        looked("cloudformation:DescribeStacks", &["ValidationError"], described).map(|described| {
            let stacks = described.map(|described| described.stacks.unwrap_or_default());
            let stack = stacks?.into_iter().next()?;
            let text = |text: Option<String>| text.unwrap_or_default();
            let version = stack.outputs().iter().find(|output| output.output_key() == Some("Version"));
            Some(Stack {
                status: stack.stack_status().map_or_else(String::new, |status| status.as_str().to_owned()),
                version: version.and_then(|output| output.output_value().map(str::to_owned)),
                parameters: stack
                    .parameters
                    .unwrap_or_default()
                    .into_iter()
                    .map(|parameter| (text(parameter.parameter_key), text(parameter.parameter_value)))
                    .collect(),
            })
        })
    }

    /// What the parameters name one by one.
    pub(crate) async fn named(&self, stack: &Stack) -> Vec<Named> {
        let mut named = Vec::new();
        for parameter in ["ShiftableFunctions", "EcsClusters", "EcsListeners"] {
            for arn in stack.list(parameter).filter(|item| item.starts_with("arn:") && !item.contains(['*', '?'])) {
                let exists = match parameter {
                    "ShiftableFunctions" => self.has_function(arn).await,
                    "EcsClusters" => self.has_cluster(arn).await,
                    _ => self.has_listener(arn).await,
                };
                named.push(Named { parameter, arn: arn.to_owned(), exists });
            }
        }
        named
    }

    async fn has_function(&self, arn: &str) -> Look<bool> {
        let asked = self.lambda.get_function_configuration().function_name(arn).send().await;
        looked("lambda:GetFunctionConfiguration", &["ResourceNotFoundException"], asked).map(|found| found.is_some())
    }

    async fn has_cluster(&self, arn: &str) -> Look<bool> {
        let asked = self.ecs.describe_clusters().clusters(arn).send().await;
        looked("ecs:DescribeClusters", &[], asked).map(|found| {
            found.is_some_and(|found| found.clusters().iter().any(|cluster| cluster.status() == Some("ACTIVE")))
        })
    }

    async fn has_listener(&self, arn: &str) -> Look<bool> {
        let asked = self.elb.describe_listeners().listener_arns(arn).send().await;
        looked("elasticloadbalancing:DescribeListeners", &["ListenerNotFound"], asked).map(|found| found.is_some())
    }

    /// How many functions are called so.
    pub(crate) async fn functions_like(&self, pattern: &str) -> Look<usize> {
        let mut count = 0;
        let mut pages = self.lambda.list_functions().into_paginator().send();
        while let Some(page) = pages.next().await {
            match looked("lambda:ListFunctions", &[], page) {
                Look::Seen(page) => {
                    let page = page.and_then(|page| page.functions).unwrap_or_default();
                    let names = page.iter().filter_map(|function| function.function_name());
                    count += names.filter(|name| is_like(pattern, name)).count();
                }
                Look::Forbidden(call) => return Look::Forbidden(call),
                Look::Failed(said) => return Look::Failed(said),
            }
        }
        Look::Seen(count)
    }

    /// Whether there is an SSM parameter below a path with wildcards. Values are not asked for.
    pub(crate) async fn has_parameter(&self, path: &str) -> Look<bool> {
        let mut pages = self.ssm.describe_parameters().into_paginator().send();
        while let Some(page) = pages.next().await {
            match looked("ssm:DescribeParameters", &[], page) {
                Look::Seen(page) => {
                    let page = page.and_then(|page| page.parameters).unwrap_or_default();
                    if page.iter().filter_map(|parameter| parameter.name()).any(|name| is_like(path, name)) {
                        return Look::Seen(true);
                    }
                }
                Look::Forbidden(call) => return Look::Forbidden(call),
                Look::Failed(said) => return Look::Failed(said),
            }
        }
        Look::Seen(false)
    }

    /// The account's concurrency, and what of it was used within the day before `now`, in epoch seconds.
    pub(crate) async fn concurrency(&self, now: i64) -> Look<Concurrency> {
        let settings = looked("lambda:GetAccountSettings", &[], self.lambda.get_account_settings().send().await);
        let limit = settings.map(|settings| settings.and_then(|settings| settings.account_limit));
        let used = self
            .cloudwatch
            .get_metric_statistics()
            .namespace("AWS/Lambda")
            .metric_name("ConcurrentExecutions")
            .set_dimensions(Some(Vec::<Dimension>::new()))
            .start_time(DateTime::from_secs(now - i64::from(DAY_SECONDS)))
            .end_time(DateTime::from_secs(now))
            .period(DAY_SECONDS)
            .statistics(Statistic::Maximum)
            .send()
            .await;
        let used = looked("cloudwatch:GetMetricStatistics", &[], used).map(|used| {
            let points = used.and_then(|used| used.datapoints).unwrap_or_default();
            points.iter().filter_map(|point| point.maximum()).reduce(f64::max)
        });
        match (limit, used) {
            (Look::Seen(Some(limit)), Look::Seen(used)) => Look::Seen(Concurrency {
                limit: limit.concurrent_executions,
                unreserved: limit.unreserved_concurrent_executions.unwrap_or_default(),
                used,
            }),
            (Look::Seen(None), _) => Look::Failed("GetAccountSettings answered without a limit".to_owned()),
            (Look::Forbidden(call), _) | (_, Look::Forbidden(call)) => Look::Forbidden(call),
            (Look::Failed(said), _) | (_, Look::Failed(said)) => Look::Failed(said),
        }
    }

    /// The states of the stack's own alarms.
    pub(crate) async fn alarms(&self, stack: &str) -> Look<BTreeMap<&'static str, Option<String>>> {
        let names = ["unresolved", "dead-mans-switch", "lost-events"];
        let full = |name: &str| format!("{stack}-{name}");
        let asked = self.cloudwatch.describe_alarms().set_alarm_names(Some(names.map(full).to_vec())).send().await;
        looked("cloudwatch:DescribeAlarms", &[], asked).map(|asked| {
            let found = asked.and_then(|asked| asked.metric_alarms).unwrap_or_default();
            let state = |name: &str| {
                let alarm = found.iter().find(|alarm| alarm.alarm_name() == Some(&full(name)))?;
                Some(alarm.state_value()?.as_str().to_owned())
            };
            names.into_iter().map(|name| (name, state(name))).collect()
        })
    }

    /// How many events lie in the queue of those that nobody could work on.
    pub(crate) async fn lost_events(&self, stack: &str) -> Look<u64> {
        let asked = self.sqs.get_queue_url().queue_name(format!("{stack}-lost-events")).send().await;
        let url = match looked("sqs:GetQueueUrl", &[], asked) {
            Look::Seen(found) => found.and_then(|found| found.queue_url).unwrap_or_default(),
            Look::Forbidden(call) => return Look::Forbidden(call),
            Look::Failed(said) => return Look::Failed(said),
        };
        let count = QueueAttributeName::ApproximateNumberOfMessages;
        let asked = self.sqs.get_queue_attributes().queue_url(url).attribute_names(count.clone()).send().await;
        looked("sqs:GetQueueAttributes", &[], asked).map(|found| {
            let attributes = found.and_then(|found| found.attributes).unwrap_or_default();
            attributes.get(&count).and_then(|count| count.parse().ok()).unwrap_or_default()
        })
    }

    /// The state of an execution.
    pub(crate) async fn execution(&self, arn: &str) -> Look<String> {
        let asked = self.sfn.describe_execution().execution_arn(arn).send().await;
        looked("states:DescribeExecution", &["ExecutionDoesNotExist"], asked)
            .map(|found| found.map_or("it is not there".to_owned(), |found| found.status.as_str().to_owned()))
    }

    /// What is live at a target.
    pub(crate) async fn live(&self, target: &Target) -> Look<Option<Live>> {
        match target {
            Target::Alias { function, alias } => self.alias(function, alias).await,
            Target::Service { cluster, service } => self.service(cluster, service).await,
        }
    }

    /// How many provisioned concurrent executions a version has.
    pub(crate) async fn provisioned(&self, function: &str, version: &str) -> Look<Option<u32>> {
        let asked = self.lambda.get_provisioned_concurrency_config().function_name(function).qualifier(version);
        let missing = ["ProvisionedConcurrencyConfigNotFoundException", "ResourceNotFoundException"];
        looked("lambda:GetProvisionedConcurrencyConfig", &missing, asked.send().await).map(|found| {
            let requested = found?.requested_provisioned_concurrent_executions?;
            u32::try_from(requested).ok()
        })
    }

    async fn alias(&self, function: &str, alias: &str) -> Look<Option<Live>> {
        let asked = self.lambda.get_alias().function_name(function).name(alias).send().await;
        let found = match looked("lambda:GetAlias", &["ResourceNotFoundException"], asked) {
            Look::Seen(Some(found)) => found,
            Look::Seen(None) => return Look::Seen(None),
            Look::Forbidden(call) => return Look::Forbidden(call),
            Look::Failed(said) => return Look::Failed(said),
        };
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        // Tags are those of the function, whose ARN is without the alias.
        let arn = text(found.alias_arn()).trim_end_matches(&format!(":{alias}")).to_owned();
        let primary = text(found.function_version());
        let weights = found.routing_config().and_then(|routing| routing.additional_version_weights());
        let traffic = match weights.and_then(|weights| weights.iter().next()) {
            Some((version, weight)) => Traffic::Split(primary, version.clone(), (weight * 10_000.0).round() / 100.0),
            None => Traffic::Whole(primary),
        };
        let tags = looked("lambda:ListTags", &[], self.lambda.list_tags().resource(&arn).send().await);
        tags.map(|tags| {
            let tags = tags.and_then(|tags| tags.tags).unwrap_or_default();
            let tagged = tags.get(TAG.0).is_some_and(|value| value == TAG.1);
            Some(Live { tagged: Some(tagged), arn, traffic })
        })
    }

    async fn service(&self, cluster: &str, service: &str) -> Look<Option<Live>> {
        let asked =
            self.ecs.describe_services().cluster(cluster).services(service).include(ServiceField::Tags).send().await;
        looked("ecs:DescribeServices", &["ClusterNotFoundException"], asked).map(|found| {
            let found = found?.services?.into_iter().find(|service| service.status() == Some("ACTIVE"))?;
            let tagged = found.tags().iter().any(|tag| tag.key() == Some(TAG.0) && tag.value() == Some(TAG.1));
            let arn = found.service_arn().unwrap_or_default().to_owned();
            Some(Live { tagged: Some(tagged), arn, traffic: Traffic::TaskSets(found.task_sets().len()) })
        })
    }
}

/// Whether a name is as a pattern of IAM says: `*` is anything, `?` is one character.
fn is_like(pattern: &str, name: &str) -> bool {
    match pattern.split_at_checked(1) {
        None => name.is_empty(),
        Some(("*", rest)) => {
            (0..=name.len()).filter(|at| name.is_char_boundary(*at)).any(|at| is_like(rest, &name[at..]))
        }
        Some((first, rest)) => match name.split_at_checked(1) {
            Some((found, after)) => (first == "?" || first == found) && is_like(rest, after),
            None => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn a_pattern_is_read_as_iam_reads_it() {
        for (pattern, name, expected) in [
            ("CodeDeployHook_*", "CodeDeployHook_check", true),
            ("CodeDeployHook_*", "CodeDeployHook", false),
            ("hook-?", "hook-a", true),
            ("hook-?", "hook-", false),
            ("*-hook", "a-hook-hook", true),
            ("/shop/*", "/shop/db/password", true),
            ("/shop/*", "/mail/key", false),
            ("*", "", true),
        ] {
            assert_eq!(is_like(pattern, name), expected, "{pattern} {name}");
        }
    }
}
