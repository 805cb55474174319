//! Task definitions that cannot run in the service.

use super::*;

#[test]
fn a_task_definition_that_does_not_exist_or_was_deregistered() {
    check(
        |_, facts| found(facts).definition = None,
        expect![
            "TaskDefinitionMissing, INVALID_ECS_SERVICE: the task definition web:7 does not exist; register it first: aws ecs register-task-definition"
        ],
    );
    check(
        |_, facts| found(facts).definition.as_mut().unwrap().active = false,
        expect![
            "TaskDefinitionInactive, INVALID_ECS_SERVICE: the task definition web:7 is not ACTIVE any more: register a new revision"
        ],
    );
}

#[test]
fn a_container_or_port_that_the_task_definition_has_not() {
    check(
        |request, _| wanted(request).container = ContainerName::parse("wbe").unwrap(),
        expect![
            "ContainerMissing, INVALID_ECS_SERVICE: the task definition web:7 has no container wbe; write ContainerName: web or log (--container on the command line)"
        ],
    );
    check(
        |request, _| wanted(request).port = 80,
        expect![
            "ContainerPortMissing, INVALID_ECS_SERVICE: the container web of web:7 has no port 80; write ContainerPort: 8080 (--port on the command line)"
        ],
    );
    check(
        |request, _| wanted(request).container = ContainerName::parse("log").unwrap(),
        expect![
            "ContainerPortMissing, INVALID_ECS_SERVICE: the container log of web:7 has no port 8080; add a portMapping to it"
        ],
    );
}

fn registered(facts: &mut Facts) -> &mut DefinitionFacts {
    found(facts).definition.as_mut().unwrap()
}

#[test]
fn a_port_of_udp_behind_an_application_load_balancer() {
    check(
        |_, facts| registered(facts).containers[0].1 = Ports { tcp: vec![9090], udp: vec![8080] },
        expect![
            "ContainerPortOfUdp, INVALID_ECS_SERVICE: the port 8080 of the container web of web:7 is one of UDP, and an Application Load Balancer sends TCP: map the port by tcp, or use a Network Load Balancer"
        ],
    );
    check(|_, facts| registered(facts).containers[0].1 = Ports { tcp: vec![8080], udp: vec![8080] }, expect![""]);
}

#[test]
fn a_launch_type_that_the_task_definition_is_not_fit_for() {
    let only_on_instances =
        |facts: &mut Facts| registered(facts).fit_for = vec!["EC2".to_owned(), "EXTERNAL".to_owned()];
    let fargate = || Some(Capacity::LaunchType("FARGATE".to_owned()));
    check(
        |request, facts| {
            only_on_instances(facts);
            wanted(request).capacity = fargate();
        },
        expect![
            "LaunchTypeUnfit, INVALID_ECS_SERVICE: web:7 cannot run on FARGATE: ECS found it fit for EC2 and EXTERNAL when it was registered; register it with FARGATE in requiresCompatibilities, or write another LaunchType or CapacityProviderStrategy into the AppSpec"
        ],
    );
    // Also where it is the primary task set's.
    check(
        |_, facts| {
            only_on_instances(facts);
            live(facts).task_sets[0].capacity = fargate();
        },
        expect![
            "LaunchTypeUnfit, INVALID_ECS_SERVICE: web:7 cannot run on FARGATE: ECS found it fit for EC2 and EXTERNAL when it was registered; register it with FARGATE in requiresCompatibilities, or write another LaunchType or CapacityProviderStrategy into the AppSpec"
        ],
    );
    check(
        |request, facts| {
            only_on_instances(facts);
            wanted(request).capacity = Some(Capacity::LaunchType("EC2".to_owned()));
        },
        expect![""],
    );
    check(
        |request, facts| {
            registered(facts).fit_for.clear();
            wanted(request).capacity = fargate();
        },
        expect![""],
    );
}

#[test]
fn tasks_with_a_network_of_their_own_that_nobody_names() {
    check(
        |_, facts| live(facts).task_sets[0].network = None,
        expect![
            "NetworkMissing, INVALID_ECS_SERVICE: the tasks of web:7 have a network of their own (awsvpc), and neither the AppSpec nor the primary task set says which: write NetworkConfiguration into the AppSpec (--appspec on the command line)"
        ],
    );
    check(
        |request, facts| {
            live(facts).task_sets[0].network = None;
            let (subnets, security_groups) = (vec!["subnet-1".to_owned()], vec!["sg-1".to_owned()]);
            let (security_groups, public_ip) = (Some(security_groups), Some(true));
            wanted(request).network = Some(WantedNetwork { subnets, security_groups, public_ip });
        },
        expect![""],
    );
}
