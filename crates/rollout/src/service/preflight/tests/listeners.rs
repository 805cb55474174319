//! Listeners that cannot divide the traffic.

use super::*;

#[test]
fn listeners_that_do_not_exist_or_are_the_same() {
    check(
        |_, facts| found(facts).production = None,
        expect![
            "ListenerMissing, INVALID_ECS_SERVICE: the production listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2 does not exist; those of its load balancer, if that is still there: aws elbv2 describe-listeners --load-balancer-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/1"
        ],
    );
    check(
        |_, facts| {
            let found = found(facts);
            let place = found.place.as_mut().unwrap();
            place.test = Some(place.production.clone());
            found.test = found.production.clone();
        },
        expect![
            "SameListener, INVALID_ECS_SERVICE: the test listener is the production listener (arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2): name another one, or leave the test listener out"
        ],
    );
}

#[test]
fn a_listener_that_does_not_forward_to_the_primary_task_set() {
    check(
        |_, facts| routes(facts).clear(),
        expect![
            "ListenerElsewhere, ECS_UPDATE_ERROR: Primary taskset target group must be behind listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2: the production listener does not forward to web-1; point its default action or a rule of it there first: aws elbv2 modify-listener --listener-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2 --default-actions Type=forward,TargetGroupArn=arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web-1/0123456789abcdef"
        ],
    );
    check(
        |_, facts| routes(facts)[0].forwards = vec![(green(), 1)],
        expect![
            "ListenerElsewhere, ECS_UPDATE_ERROR: Primary taskset target group must be behind listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2: the production listener does not forward to web-1; point its default action or a rule of it there first: aws elbv2 modify-listener --listener-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2 --default-actions Type=forward,TargetGroupArn=arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web-1/0123456789abcdef"
        ],
    );
    check(
        |_, facts| split(facts, 0, 0),
        expect![
            "ListenerElsewhere, ECS_UPDATE_ERROR: Primary taskset target group must be behind listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2: the production listener does not forward to web-1; point its default action or a rule of it there first: aws elbv2 modify-listener --listener-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2 --default-actions Type=forward,TargetGroupArn=arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web-1/0123456789abcdef"
        ],
    );
    check(
        |_, facts| test_routes(facts)[0].forwards = vec![(group("other"), 1)],
        expect![
            "ListenerElsewhere, ECS_UPDATE_ERROR: Primary taskset target group must be behind listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/3: the test listener forwards to neither web-1 nor web-2; point its default action or a rule of it to either of them first: aws elbv2 modify-listener --listener-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/3 --default-actions Type=forward,TargetGroupArn=arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web-1/0123456789abcdef"
        ],
    );
}

/// AWS's own templates make it begin on the other group, some as a rule, some with weights.
#[test]
fn a_test_listener_may_begin_anywhere_on_the_pair() {
    for forwards in [
        vec![(green(), 1)],
        vec![(blue(), 0), (green(), 100)],
        vec![(blue(), 1), (green(), 1)],
        vec![(blue(), 999), (green(), 1)],
        vec![(green(), 0)],
    ] {
        check(|_, facts| test_routes(facts)[0].forwards = forwards.clone(), expect![""]);
        check(
            |_, facts| {
                test_routes(facts)[0].forwards = vec![(group("docs"), 1)];
                test_routes(facts).push(a_route("rule/1", &forwards));
            },
            expect![""],
        );
    }
    check(
        |_, facts| test_routes(facts)[0].forwards = vec![(blue(), 0), (green(), 0)],
        expect![
            "ListenerElsewhere, ECS_UPDATE_ERROR: Primary taskset target group must be behind listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/3: the test listener forwards to neither web-1 nor web-2; point its default action or a rule of it to either of them first: aws elbv2 modify-listener --listener-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/3 --default-actions Type=forward,TargetGroupArn=arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web-1/0123456789abcdef"
        ],
    );
}

#[test]
fn a_listener_that_forwards_to_a_third_target_group() {
    check(
        |_, facts| routes(facts)[0].forwards.push((group("other"), 0)),
        expect![
            "ListenerForwardsElsewhereToo, INVALID_ECS_SERVICE: the production listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2 forwards to the target group other beside those of this deployment: give it a rule of its own"
        ],
    );
    check(|_, facts| routes(facts).push(a_route("rule/5", &[(group("other"), 1)])), expect![""]);
}

#[test]
fn a_split_that_is_somebody_elses() {
    check(
        |_, facts| split(facts, 95, 5),
        expect![
            "ListenerAlreadySplit, INVALID_ECS_SERVICE: the production listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2 is split already, and not by a deployment of this stack (target group web-1 with 5 % on target group web-2); send all of its traffic to the primary task set's target group first"
        ],
    );
    check(
        |_, facts| split(facts, 0, 100),
        expect![
            "ListenerElsewhere, ECS_UPDATE_ERROR: Primary taskset target group must be behind listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2: the production listener does not forward to web-1; point its default action or a rule of it there first: aws elbv2 modify-listener --listener-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2 --default-actions Type=forward,TargetGroupArn=arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web-1/0123456789abcdef"
        ],
    );
    check(
        |_, facts| {
            split(facts, 95, 5);
            facts.leftover = Some(on_green(6));
        },
        expect![""],
    );
}

#[test]
fn targets_that_keep_their_clients_where_the_listener_does_not() {
    let sticky = |facts: &mut Facts| found(facts).groups[1].as_mut().unwrap().sticky = true;
    check(
        |_, facts| sticky(facts),
        expect![[r#"
        TargetGroupSticky, INVALID_ECS_SERVICE: the target group web-2 keeps clients on their targets, which a load balancer allows beside weights only where the action keeps them on their target group too, and the production listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2 does not; switch it off: aws elbv2 modify-target-group-attributes --target-group-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web-2/0123456789abcdef --attributes Key=stickiness.enabled,Value=false
        TargetGroupSticky, INVALID_ECS_SERVICE: the target group web-2 keeps clients on their targets, which a load balancer allows beside weights only where the action keeps them on their target group too, and the test listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/3 does not; switch it off: aws elbv2 modify-target-group-attributes --target-group-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web-2/0123456789abcdef --attributes Key=stickiness.enabled,Value=false"#]],
    );
    let all = |facts: &mut Facts| {
        routes(facts).iter_mut().for_each(|route| route.sticky = Some(Seconds(60)));
        test_routes(facts).iter_mut().for_each(|route| route.sticky = Some(Seconds(60)));
    };
    check(
        |_, facts| {
            sticky(facts);
            all(facts);
        },
        expect![""],
    );
    check(
        |_, facts| {
            sticky(facts);
            let found = found(facts);
            for listener in [&mut found.production, &mut found.test].into_iter().flatten() {
                listener.arn = network();
            }
        },
        expect![""],
    );
}

#[test]
fn a_network_load_balancer_takes_weights_as_an_application_load_balancer_does() {
    let canary = NamedStrategy::named("CodeDeployDefault.ECSCanary10Percent5Minutes", Platform::Ecs).unwrap();
    check(
        |request, facts| {
            found(facts).production.as_mut().unwrap().arn = network();
            request.strategy = Some(canary);
        },
        expect![""],
    );
}
