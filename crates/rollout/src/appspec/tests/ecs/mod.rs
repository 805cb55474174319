//! The AppSpec of a service.

mod faults;
mod optional;
mod samples;

use crate::appspec::tests::parse_for as parse;
use crate::platform::Platform;

/// The least an AppSpec for a service has.
const SHORT: &str = "\
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: web:7
        LoadBalancerInfo: {ContainerName: web, ContainerPort: 8080}
Service:
  Cluster: shop
  Name: web
  TargetGroups: [web-1, web-2]
  ProdListener: arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2
  TestListener: arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/3
Hooks:
  - BeforeInstall: check
";

/// What is wrong with a text, or what it says.
fn answer(text: &str) -> String {
    parse(text, Platform::Ecs).map_or_else(|errors| errors.to_string(), |appspec| format!("{appspec:#?}"))
}
