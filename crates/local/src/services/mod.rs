//! The services of AWS, a folder or file each: what it claims of the requests, and how it answers. Each gets the handles it needs and
//! no others; what no service claims is moto's.

pub(crate) mod cloudformation;
pub(crate) mod cloudwatch;
pub(crate) mod codedeploy;
pub(crate) mod codepipeline;
pub(crate) mod dynamodb;
pub(crate) mod ecs;
pub(crate) mod elb;
pub(crate) mod events;
pub(crate) mod iam;
pub(crate) mod lambda;
pub(crate) mod logs;
pub(crate) mod states;
