//! The numbers that code counts on.

use codedeploy::quota::Quotas;
use serde_json::Value;

use super::variable;
use crate::files::{ecs_machine, lambda_machine, template, text};

#[test]
fn the_sweep_comes_often_enough_and_waits_for_whoever_is_about_to_start_an_execution() {
    let template = template();
    let sweep = &template["Resources"]["SweepFunction"]["Properties"];
    let minutes = steps::sweep::EVERY.as_mins();
    assert_eq!(sweep["Events"]["Schedule"]["Properties"]["Schedule"], format!("rate({minutes} minutes)"));
    for function in ["ApiFunction", "OnExecutionFunction", "OnPipelineJobFunction", "SweepFunction"] {
        let timeout = template["Resources"][function]["Properties"]["Timeout"].as_u64().unwrap();
        assert!(timeout <= rollout::orphan::GRACE.0, "{function}: {timeout} s");
    }
    let worst = 2 * steps::sweep::EVERY.as_secs().unsigned_abs() + rollout::orphan::GRACE.0;
    assert!(worst <= 5 * 60, "{worst} s, also when one sweep fails");
}

#[test]
fn an_event_of_a_pipeline_is_not_tried_for_longer_than_its_job_lives() {
    let template = template();
    let invoke = &template["Resources"]["OnPipelineJobFunction"]["Properties"]["EventInvokeConfig"];
    let lives = rollout::pipeline::silence::LONGEST.as_secs() - 5 * 60;
    assert_eq!(invoke["MaximumEventAgeInSeconds"].as_i64(), Some(lives), "twenty minutes");
}

#[test]
fn the_stack_says_the_version_it_is_deployed_from() {
    let manifest: toml::Table = text("Cargo.toml").parse().unwrap();
    let version = manifest["workspace"]["package"]["version"].as_str().unwrap();
    assert_eq!(template()["Outputs"]["Version"]["Value"], version);
}

#[test]
fn a_lease_outlives_the_function_that_holds_it() {
    let template = template();
    for function in ["ShiftFunction", "InstallFunction", "TestTrafficFunction"] {
        let own = &template["Resources"][function]["Properties"]["Timeout"];
        let timeout = own.as_u64().or(template["Globals"]["Function"]["Timeout"].as_u64()).unwrap();
        assert!(timeout < rollout::deployment::Lease::LENGTH.0, "{function}: {timeout} s");
    }
}

#[test]
fn a_hook_that_takes_too_long_is_given_up_by_our_own_timer_before_lambda_ends_the_function_that_waits() {
    let timeout = template()["Resources"]["HookFunction"]["Properties"]["Timeout"].as_u64().unwrap();
    assert!(aws::HOOK.as_secs() + 20 <= timeout, "twenty seconds are for what is read before and written after");
}

/// That the guard of a machine lives longer than the longest plan, and the machine longer than its guard.
fn outlives(machine: &Value, longest: u64) {
    let whole = machine["TimeoutSeconds"].as_u64().unwrap();
    let guard = machine["States"]["Deploy"]["Branches"][0]["States"]["Guard"]["TimeoutSeconds"].as_u64().unwrap();
    // Retries and looks that come late take their time, too; and after the guard there is a rollback.
    assert!(guard >= longest + 12 * 3_600, "{guard} s, and the longest plan takes {longest} s");
    assert!(whole >= guard + 12 * 3_600, "{whole} s");
}

#[test]
fn the_machine_outlives_the_longest_plan_with_two_hooks_of_a_day() {
    outlives(&lambda_machine(), rollout::strategy::MAX_TOTAL.0 + 2 * rollout::appspec::MAX_HOOK_TIMEOUT.0);
}

#[test]
fn the_machine_of_services_outlives_the_longest_plan_with_both_waits_and_five_hooks_of_a_day() {
    let quotas = codedeploy::quota::Quotas::default();
    let waits = 60 * (quotas.ready_minutes + quotas.termination_minutes).unsigned_abs();
    let hooks = 5 * rollout::appspec::MAX_HOOK_TIMEOUT.0;
    outlives(&ecs_machine(), rollout::strategy::MAX_TOTAL.0 + waits + hooks + rollout::service::install::LIMIT.0);
}

#[test]
fn the_quotas_of_the_stack_are_those_the_api_knows() {
    let template = template();
    assert_eq!(variable(&template, "ApiFunction", "QUOTAS")["Ref"], "Quotas");
    let parameter = &template["Parameters"]["Quotas"];
    let default: Quotas = parameter["Default"].as_str().unwrap().parse().unwrap();
    assert_eq!(default, Quotas::default());
    let names: Vec<&str> = Quotas::names().collect();
    let pattern = parameter["AllowedPattern"].as_str().unwrap();
    assert!(pattern.contains(&format!("({})=", names.join("|"))), "{pattern}");
    let said = parameter["ConstraintDescription"].as_str().unwrap();
    assert!(said.ends_with(&names.join(", ")), "{said}");
}
