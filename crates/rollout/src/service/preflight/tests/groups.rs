//! Target groups that traffic cannot move between.

use super::*;

#[test]
fn target_groups_that_do_not_exist_are_the_same_or_of_the_wrong_type() {
    check(
        |_, facts| found(facts).groups[1] = None,
        expect![
            "TargetGroupMissing, INVALID_ECS_SERVICE: the target group web-2 does not exist: create it, or name the two that do"
        ],
    );
    check(
        |_, facts| found(facts).groups = [None, None],
        expect![[r#"
        TargetGroupMissing, INVALID_ECS_SERVICE: the target group web-1 does not exist: create it, or name the two that do
        TargetGroupMissing, INVALID_ECS_SERVICE: the target group web-2 does not exist: create it, or name the two that do"#]],
    );
    check(
        |_, facts| found(facts).groups[1] = found(facts).groups[0].clone(),
        expect!["SameTargetGroups, INVALID_ECS_SERVICE: both target groups are web-1: name two different ones"],
    );
    check(
        |_, facts| found(facts).groups[1].as_mut().unwrap().kind = "instance".to_owned(),
        expect![
            "TargetGroupOfWrongType, INVALID_ECS_SERVICE: the target group web-2 is for targets of the type instance, and these tasks need ip: create one with --target-type ip"
        ],
    );
    check(
        |_, facts| found(facts).definition.as_mut().unwrap().awsvpc = false,
        expect![[r#"
        TargetGroupOfWrongType, INVALID_ECS_SERVICE: the target group web-1 is for targets of the type ip, and these tasks need instance: create one with --target-type instance
        TargetGroupOfWrongType, INVALID_ECS_SERVICE: the target group web-2 is for targets of the type ip, and these tasks need instance: create one with --target-type instance"#]],
    );
}

#[test]
fn a_primary_task_set_that_is_behind_neither_target_group() {
    check(
        |_, facts| live(facts).task_sets[0].target_group = Some(group("other")),
        expect![
            "PrimaryTaskSetElsewhere, INVALID_ECS_SERVICE: the primary task set ecs-svc/1 is registered with other, which is none of the two target groups of this deployment: name the pair it belongs to"
        ],
    );
    check(
        |_, facts| live(facts).task_sets[0].target_group = None,
        expect![
            "PrimaryTaskSetElsewhere, INVALID_ECS_SERVICE: the primary task set ecs-svc/1 is registered with no target group, which is none of the two target groups of this deployment: name the pair it belongs to"
        ],
    );
}

#[test]
fn a_task_set_in_the_place_of_the_new_one() {
    check(
        |_, facts| live(facts).task_sets.push(a_task_set(7, Role::Active, green())),
        expect![
            "TargetGroupOccupied, INVALID_ECS_SERVICE: the task set ecs-svc/7 is registered with web-2, where the new one is to go: delete it first, with aws ecs delete-task-set --cluster shop --service web --task-set ecs-svc/7 --force"
        ],
    );
    check(
        |_, facts| {
            live(facts).task_sets.push(a_task_set(7, Role::Active, green()));
            test_routes(facts)[0].forwards = vec![(green(), 1)];
        },
        expect![
            "TargetGroupOccupied, INVALID_ECS_SERVICE: the task set ecs-svc/7 is registered with web-2, where the new one is to go: delete it first, with aws ecs delete-task-set --cluster shop --service web --task-set ecs-svc/7 --force; the test listener arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/3 sends it calls: from then on nobody answers them until the deployment sends them to its new task set"
        ],
    );
    check(|_, facts| live(facts).task_sets.push(a_task_set(7, Role::Draining, green())), expect![""]);
}
