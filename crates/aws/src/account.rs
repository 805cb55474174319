//! The account and region that a stack is in, with all that a function may do there: this one type has every port. What of them a
//! function is given is said in [`steps::powers`], and what its role allows, in `template.yaml`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aws_config::SdkConfig;
use rollout::platform::Platform;

/// The tag of everything a stack may touch that was given no ARNs (the template's default).
pub(crate) const TAG: (&str, &str) = ("tideshift", "enabled");

/// The ARNs of this stack's state machines, one for each platform that is deployed to.
pub type Arns = BTreeMap<Platform, String>;

/// What is the stack's own.
#[derive(Debug, Clone, Default)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// The name of its table.
    pub table: String,
    /// Its state machines.
    pub machines: Arns,
}

/// The account and region of a stack, with the function's credentials. A client is made when it is first asked for.
#[derive(Debug)]
pub struct Account {
    pub(crate) config: SdkConfig,
    pub(crate) stack: Stack,
    pub(crate) cloudwatch: OnceLock<aws_sdk_cloudwatch::Client>,
    codepipeline: OnceLock<aws_sdk_codepipeline::Client>,
    dynamodb: OnceLock<aws_sdk_dynamodb::Client>,
    ecs: OnceLock<aws_sdk_ecs::Client>,
    pub(crate) hooks: OnceLock<aws_sdk_lambda::Client>,
    lambda: OnceLock<aws_sdk_lambda::Client>,
    load_balancers: OnceLock<aws_sdk_elasticloadbalancingv2::Client>,
    s3: OnceLock<aws_sdk_s3::Client>,
    ssm: OnceLock<aws_sdk_ssm::Client>,
    states: OnceLock<aws_sdk_sfn::Client>,
}

impl Account {
    /// The account that `config` names.
    pub fn new(config: &SdkConfig, stack: Stack) -> Self {
        Self {
            config: config.clone(),
            stack,
            cloudwatch: OnceLock::new(),
            codepipeline: OnceLock::new(),
            dynamodb: OnceLock::new(),
            ecs: OnceLock::new(),
            hooks: OnceLock::new(),
            lambda: OnceLock::new(),
            load_balancers: OnceLock::new(),
            s3: OnceLock::new(),
            ssm: OnceLock::new(),
            states: OnceLock::new(),
        }
    }

    pub(crate) fn cloudwatch(&self) -> &aws_sdk_cloudwatch::Client {
        self.cloudwatch.get_or_init(|| aws_sdk_cloudwatch::Client::new(&self.config))
    }

    pub(crate) fn codepipeline(&self) -> &aws_sdk_codepipeline::Client {
        self.codepipeline.get_or_init(|| aws_sdk_codepipeline::Client::new(&self.config))
    }

    pub(crate) fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        self.dynamodb.get_or_init(|| aws_sdk_dynamodb::Client::new(&self.config))
    }

    pub(crate) fn ecs(&self) -> &aws_sdk_ecs::Client {
        self.ecs.get_or_init(|| aws_sdk_ecs::Client::new(&self.config))
    }

    pub(crate) fn lambda(&self) -> &aws_sdk_lambda::Client {
        self.lambda.get_or_init(|| aws_sdk_lambda::Client::new(&self.config))
    }

    pub(crate) fn load_balancers(&self) -> &aws_sdk_elasticloadbalancingv2::Client {
        self.load_balancers.get_or_init(|| aws_sdk_elasticloadbalancingv2::Client::new(&self.config))
    }

    pub(crate) fn s3(&self) -> &aws_sdk_s3::Client {
        self.s3.get_or_init(|| aws_sdk_s3::Client::new(&self.config))
    }

    pub(crate) fn ssm(&self) -> &aws_sdk_ssm::Client {
        self.ssm.get_or_init(|| aws_sdk_ssm::Client::new(&self.config))
    }

    pub(crate) fn states(&self) -> &aws_sdk_sfn::Client {
        self.states.get_or_init(|| aws_sdk_sfn::Client::new(&self.config))
    }
}
