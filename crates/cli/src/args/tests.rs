//! What the command line takes, what it refuses, and its help.

use clap::CommandFactory;

use super::*;

#[track_caller]
fn refused(line: &str, says: &str) {
    let words = std::iter::once("tideshift").chain(line.split(' '));
    let error = Arguments::try_parse_from(words).expect_err(line);
    assert_eq!(error.exit_code(), i32::from(exit::WRONG_USAGE), "{line}");
    assert!(error.to_string().contains(says), "{line}: {error}");
}

#[test]
fn the_command_line_is_well_formed() {
    Arguments::command().debug_assert();
}

#[test]
fn wrong_usage_is_told_before_anything_is_asked() {
    refused("deploy", "<--appspec <FILE>|--function <FUNCTION>|--task-definition <FAMILY:REVISION>>");
    refused("deploy --service shop/web", "--task-definition <FAMILY:REVISION>");
    refused("deploy --function f --alias live --to-version 2 --task-definition web:2", "cannot be used with");
    refused("plan --task-definition web:2 --service web", "write the cluster and the service, like shop/web");
    refused("plan --task-definition web:2 --target-groups web-blue", "web-blue,web-green");
    refused("plan --task-definition web:2 --port 0", "--port <PORT>");
    refused("plan --appspec a.yaml --test-hook f", "cannot be used with");
    refused("plan --function f --alias live --to-version 2 --listener arn", "cannot be used with");
    refused("plan --task-definition web:2 --alias live", "cannot be used with");
    refused("deploy --function f", "--alias <ALIAS>");
    refused("plan --appspec a.yaml --function f --alias live --to-version 2", "cannot be used with");
    refused("plan --appspec a.yaml --steps 10:5m", "cannot be used with");
    refused("plan --appspec a.yaml --hook-timeout 5m", "cannot be used with");
    refused("plan --function f --alias live --to-version 2 --config X --steps 10", "cannot be used with");
    refused("plan --function f --alias live --to-version 2 --no-rollback --rollback-on stop", "cannot be used with");
    refused("plan --appspec a.yaml --ignore-alarm-poll-failure", "--alarm <NAME>");
    refused("plan --appspec a.yaml --application shop", "--group <NAME>");
    refused("deploy --function f --alias live --to-version 2 --steps 10:soon", "90, 90s, 5m, 1h30m or 2d");
    refused("plan --function f --alias live --to-version 2 --hook-timeout 5m", "--before-hook <FUNCTION>");
    refused("status", "<ID|TARGET>");
    refused("list --group web", "--application <NAME>");
    refused("list --status done", "in-progress");
    refused("plan --task-definition web:2 --service shop:web", "shop/web");
    refused("plan --function storefront:live --to-version 2", "write --function storefront --alias live");
    refused("list --since soon", "write 90m, 12h or 7d");
    refused("list --limit 0", "--limit <N>");
    refused("proxy --port 65536", "--port <PORT>");
    refused("plan --task-definition web:2 --port eighty", "a port is a number from 1 to 65535, such as 8080");
    refused("proxy --port eighty", "or 0 for a free one");
    refused("completions tcsh", "[possible values: bash, elvish, fish, powershell, zsh]");
}

#[test]
fn the_help_of_watch_says_what_it_shows_how_it_ends_and_what_ctrl_c_does() {
    for name in ["deploy", "status", "repair"] {
        let mut command = Arguments::command();
        let help = command.find_subcommand_mut(name).expect(name).render_help().to_string();
        assert!(help.contains("Show each change until the deployment is over, and end with its exit code"), "{help}");
        assert!(help.contains("Ctrl-C ends only the watch"), "{help}");
    }
}

#[test]
fn the_help_comes_in_groups_and_its_usage_lines_fit() {
    let names = ["deploy", "plan", "status", "list", "logs", "stop", "continue", "repair", "proxy"];
    for name in names {
        let mut command = Arguments::command();
        let help = command.find_subcommand_mut(name).expect(name).render_help().to_string();
        let usage: Vec<&str> =
            help.lines().filter(|line| line.starts_with("Usage") || line.trim().starts_with("tideshift ")).collect();
        assert!(usage.iter().all(|line| line.chars().count() <= 80), "{usage:?}");
        if ["deploy", "plan"].contains(&name) {
            for group in ["An alias of a function:", "A service of ECS:", "How the traffic moves:", "Hooks:"] {
                assert!(help.contains(group), "{group} in {help}");
            }
        }
    }
}

#[test]
fn the_help_of_deploy_explains_the_steps() {
    let mut command = Arguments::command();
    let deploy = command.find_subcommand_mut("deploy").expect("deploy is a command");
    assert!(deploy.render_long_help().to_string().contains("pause:TIMEOUT"));
}
