//! What is refused, each with its place and what to write instead.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::{SHORT, answer};
use crate::appspec::tests::parse_for as parse;
use crate::platform::Platform;

/// The problems of a valid AppSpec with one thing changed at a time.
#[track_caller]
pub(super) fn changed(changes: &[(&str, &str)], expected: Expect) {
    let mut answers = String::new();
    for (from, to) in changes {
        assert!(SHORT.contains(from), "{from:?} is not in the text");
        let answer = parse(&SHORT.replacen(from, to, 1), Platform::Ecs)
            .map_or_else(|errors| errors.to_string(), |_| "is read".to_owned());
        writeln!(answers, "{to}\n  {}\n", answer.replace('\n', "\n  ")).unwrap();
    }
    expected.assert_eq(&answers);
}

#[test]
fn a_task_definition_or_its_traffic_that_is_not_right() {
    changed(
        &[
            ("        TaskDefinition: web:7\n", ""),
            ("TaskDefinition: web:7", "TaskDefinition: web"),
            ("TaskDefinition: web:7", "TaskDefinition: <TASK_DEFINITION>"),
            ("TaskDefinition: web:7", "TaskDefinition:"),
            ("TaskDefinition: web:7", "TaskDefinitoin: web:7"),
            ("LoadBalancerInfo: {ContainerName: web, ContainerPort: 8080}", ""),
            (
                "LoadBalancerInfo: {ContainerName: web, ContainerPort: 8080}",
                "LoadBalancerInfo: [{ContainerName: web, ContainerPort: 8080}]",
            ),
            ("LoadBalancerInfo: {ContainerName: web, ContainerPort: 8080}", "LoadBalancerInfo: web"),
            ("ContainerName: web, ", ""),
            ("ContainerName: web", "ContainerName: my web"),
            (", ContainerPort: 8080", ""),
        ],
        expect![[r#"

              line 6, Resources[0].TargetService.Properties.TaskDefinition: missing: write the ARN of the task definition with its revision

            TaskDefinition: web
              line 6, Resources[0].TargetService.Properties.TaskDefinition: `web` is not a task definition with its revision: write family:revision, such as web:7, or the ARN that ends so

            TaskDefinition: <TASK_DEFINITION>
              line 6, Resources[0].TargetService.Properties.TaskDefinition: `<TASK_DEFINITION>` is not a task definition with its revision: nobody has put a value in place of `<TASK_DEFINITION>`: see to it that the build does, or write the value

            TaskDefinition:
              line 6, Resources[0].TargetService.Properties.TaskDefinition: expected the ARN of the task definition with its revision, found nothing

            TaskDefinitoin: web:7
              line 6, Resources[0].TargetService.Properties.TaskDefinitoin: unknown key; did you mean TaskDefinition?


              line 6, Resources[0].TargetService.Properties.LoadBalancerInfo: missing: write a map with ContainerName and ContainerPort

            LoadBalancerInfo: [{ContainerName: web, ContainerPort: 8080}]
              line 7, Resources[0].TargetService.Properties.LoadBalancerInfo: expected a map with ContainerName and ContainerPort, found a list: one container takes the traffic, so leave the - out

            LoadBalancerInfo: web
              line 7, Resources[0].TargetService.Properties.LoadBalancerInfo: expected a map with ContainerName and ContainerPort, found `web`


              line 7, Resources[0].TargetService.Properties.LoadBalancerInfo.ContainerName: missing: write the name of the container that takes traffic

            ContainerName: my web
              line 7, Resources[0].TargetService.Properties.LoadBalancerInfo.ContainerName: `my web` is not a container: write 1 to 255 of A-Z a-z 0-9 - _


              line 7, Resources[0].TargetService.Properties.LoadBalancerInfo.ContainerPort: missing: write the port of the container, such as 80

        "#]],
    );
}

#[test]
fn a_port_that_no_container_can_have() {
    changed(
        &[
            ("ContainerPort: 8080", "ContainerPort: 0"),
            ("ContainerPort: 8080", "ContainerPort: 65536"),
            ("ContainerPort: 8080", "ContainerPort: http"),
            ("ContainerPort: 8080", "ContainerPort: '80.0'"),
            ("ContainerPort: 8080", "ContainerPort: 8080, HostPort: 80"),
        ],
        expect![[r#"
            ContainerPort: 0
              line 7, Resources[0].TargetService.Properties.LoadBalancerInfo.ContainerPort: expected the port of the container, 1 to 65535, found the number `0`

            ContainerPort: 65536
              line 7, Resources[0].TargetService.Properties.LoadBalancerInfo.ContainerPort: expected the port of the container, 1 to 65535, found the number `65536`

            ContainerPort: http
              line 7, Resources[0].TargetService.Properties.LoadBalancerInfo.ContainerPort: expected the port of the container, 1 to 65535, found `http`

            ContainerPort: '80.0'
              line 7, Resources[0].TargetService.Properties.LoadBalancerInfo.ContainerPort: expected the port of the container, 1 to 65535, found `80.0`

            ContainerPort: 8080, HostPort: 80
              line 7, Resources[0].TargetService.Properties.LoadBalancerInfo.HostPort: unknown key; known here: ContainerName, ContainerPort

        "#]],
    );
}

#[test]
fn a_service_that_is_not_named_right() {
    let listener = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2";
    let test = "TestListener: arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/3";
    changed(
        &[
            ("  Cluster: shop\n", ""),
            ("  Cluster: shop\n  Name: web\n", "  Cluster: my shop\n  Name: 7\n"),
            ("TargetGroups: [web-1, web-2]", "TargetGroups: web-1"),
            ("TargetGroups: [web-1, web-2]", "TargetGroups: [web-1]"),
            ("TargetGroups: [web-1, web-2]", "TargetGroups: [web-1, web-1]"),
            ("TargetGroups: [web-1, web-2]", "TargetGroups: [web_1, {Name: web-2}]"),
            (&format!("  ProdListener: {listener}\n"), ""),
            (&format!("ProdListener: {listener}"), "ProdListener: web"),
            (test, &format!("TestListener: {listener}")),
            (test, "TestListener: \"\""),
            (test, "TestListeners: [web]"),
        ],
        expect![[r#"

              line 9, Service.Cluster: missing: write the name of the cluster

              Cluster: my shop
              Name: 7

              line 9, Service.Cluster: `my shop` is not a cluster: write 1 to 255 of A-Z a-z 0-9 - _
              line 10, Service.Name: expected the name of the service, found the number `7`; put it in quotes if it is meant

            TargetGroups: web-1
              line 11, Service.TargetGroups: expected a list of two target groups, by name or ARN, found `web-1`

            TargetGroups: [web-1]
              line 11, Service.TargetGroups: expected two target groups, found 1: traffic moves from one to the other

            TargetGroups: [web-1, web-1]
              line 11, Service.TargetGroups: the same target group twice: traffic moves from one to the other; name two

            TargetGroups: [web_1, {Name: web-2}]
              line 11, Service.TargetGroups[0]: `web_1` is not a target group: write 1 to 32 of A-Z a-z 0-9 -
              line 11, Service.TargetGroups[1]: expected the name or ARN of a target group, found a map


              line 9, Service.ProdListener: missing: write the ARN of the listener of production traffic

            ProdListener: web
              line 12, Service.ProdListener: `web` is not the ARN of a listener: write it whole: arn:aws:elasticloadbalancing:region:account:listener/…

            TestListener: arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2
              line 13, Service.TestListener: this is the ProdListener: name another listener, or leave TestListener out

            TestListener: ""
              is read

            TestListeners: [web]
              line 13, Service.TestListeners: unknown key; did you mean TestListener?

        "#]],
    );
}

#[test]
fn hooks_and_keys_that_do_not_belong_to_a_service() {
    changed(
        &[
            ("BeforeInstall", "AllowTraffic"),
            ("BeforeInstall", "install"),
            ("BeforeInstall", "AfterTestTraffic"),
            ("BeforeInstall", "ApplicationStart"),
            ("TaskDefinition: web:7", "Alias: live\n        TaskDefinition: web:7"),
            ("Hooks:", "files: []\nHooks:"),
            ("Hooks:", "Strategy: CodeDeployDefault.LambdaCanary10Percent5Minutes\nHooks:"),
        ],
        expect![[r#"
            AllowTraffic
              line 15, Hooks[0].AllowTraffic: AllowTraffic is our own work and calls no function; known here: BeforeInstall, AfterInstall, AfterAllowTestTraffic, BeforeAllowTraffic, AfterAllowTraffic

            install
              line 15, Hooks[0].install: Install is our own work and calls no function; known here: BeforeInstall, AfterInstall, AfterAllowTestTraffic, BeforeAllowTraffic, AfterAllowTraffic

            AfterTestTraffic
              line 15, Hooks[0].AfterTestTraffic: unknown event; did you mean AfterAllowTestTraffic?

            ApplicationStart
              line 15, Hooks[0].ApplicationStart: belongs into an AppSpec for EC2/on-premises, and this deployment is for ECS: leave it out

            Alias: live
                    TaskDefinition: web:7
              line 6, Resources[0].TargetService.Properties.Alias: belongs into an AppSpec for Lambda, and this deployment is for ECS: leave it out

            files: []
            Hooks:
              line 14, files: belongs into an AppSpec for EC2/on-premises, and this deployment is for ECS: leave it out

            Strategy: CodeDeployDefault.LambdaCanary10Percent5Minutes
            Hooks:
              line 14, Strategy: `CodeDeployDefault.LambdaCanary10Percent5Minutes` is a configuration for Lambda, and this deployment is for ECS: write CodeDeployDefault.ECSCanary10Percent5Minutes

        "#]],
    );
}

#[test]
fn one_deployment_moves_one_service() {
    let two = SHORT.replace("Resources:\n", "Resources:\n  - Other:\n      Type: AWS::ECS::Service\n");
    let texts = [
        two.as_str(),
        "version: 0.0\nResources: []\n",
        "version: 0.0\nResources: {TargetService: {}}\n",
        "version: 0.0\n",
        "version: 0.0\nResources: [{TargetService: {Type: 'AWS::ECS::TaskSet'}}]\n",
        "version: 0.0\nos: linux\nfiles: []\n",
        "version: 0.0\nResources: [{F: {Type: 'AWS::Lambda::Function', Properties: {Name: web, Alias: live, TargetVersion: 2}}}]\n",
    ];
    expect![[r#"
        line 3, Resources: two resources: one deployment moves one service; make two deployments

        line 2, Resources: no resource: write one, with Type and Properties

        line 2, Resources: expected a list with one resource, such as - TargetService: with Type and Properties in it, found a map: put a dash and a space before TargetService

        line 1, Resources: missing: write a list with the service to deploy

        line 2, Resources[0].TargetService.Type: expected AWS::ECS::Service, found `AWS::ECS::TaskSet`
        line 2, Resources[0].TargetService.Properties: missing: write a map with TaskDefinition and LoadBalancerInfo

        line 2, os: this is an AppSpec for EC2/on-premises, and this deployment is for ECS: write version, Resources with the service to deploy, and Hooks

        line 2, Resources[0].F.Type: this is an AppSpec for Lambda, and this deployment is for ECS: write AWS::ECS::Service with the properties TaskDefinition and LoadBalancerInfo"#]].assert_eq(&texts.map(answer).join("\n\n"));
}

#[test]
fn an_arn_means_what_it_says_and_a_number_has_no_zeros_before_it() {
    let here = "arn:aws:ecs:eu-west-1:111122223333";
    let elsewhere =
        [here.replace("west", "north"), here.replace("111122223333", "444455556666"), here.replace("aws:", "aws-cn:")];
    let text = |definition: &str, port: &str, cluster: &str| {
        format!(
            "version: 0.0\nResources:\n  - Web:\n      Type: AWS::ECS::Service\n      Properties:\n        TaskDefinition: \
             '{definition}'\n        LoadBalancerInfo: {{ContainerName: web, ContainerPort: {port}}}\nService: {{Cluster: '{cluster}', Name: \
             web, TargetGroups: [a, b], ProdListener: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/x/1/2'}}\nHooks: \
             [BeforeInstall: check]\n"
        )
    };
    let read = |text: &str| parse(text, Platform::Ecs).map(drop).map_err(|errors| errors.to_string());
    assert_eq!(read(&text(&format!("{here}:task-definition/web:7"), "80", &format!("{here}:cluster/shop"))), Ok(()));
    for there in elsewhere {
        let definition = read(&text(&format!("{there}:task-definition/web:7"), "80", "shop")).unwrap_err();
        let cluster = read(&text("web:7", "80", &format!("{there}:cluster/shop"))).unwrap_err();
        for said in [definition, cluster] {
            assert!(said.contains("this stack deploys in eu-west-1 of the account 111122223333"), "{said}");
        }
    }
    let hook = text("web:7", "80", "shop").replace("check", "'444455556666:function:check'");
    assert!(read(&hook).unwrap_err().contains("is in the account 444455556666"));
    for (definition, port, instead) in
        [("web:07", "80", "write web:7"), ("web:7", "'080'", "write 80"), ("web:7", "080", "write 80")]
    {
        assert!(read(&text(definition, port, "shop")).unwrap_err().ends_with(instead), "{definition} {port}");
    }
}
