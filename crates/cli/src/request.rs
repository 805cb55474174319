//! What is sent: CreateDeployment's body, the same for `plan` and `deploy`.

use proxy::shapes::{
    Alarm, AlarmConfiguration, AutoRollbackConfiguration, CreateDeploymentInput, RawContent, RevisionLocation,
};
use serde_json::{Value, json};

use crate::args::{RollbackEvent, What};

/// The body, with the AppSpec's text. What was not asked for is left out, so that the group's settings or the defaults hold.
pub(crate) fn body(what: &What, appspec: &str) -> Value {
    json!(CreateDeploymentInput {
        application_name: what.application.clone(),
        deployment_group_name: what.group.clone(),
        revision: Some(RevisionLocation {
            revision_type: Some("AppSpecContent".to_owned()),
            app_spec_content: Some(RawContent { content: Some(appspec.to_owned()), sha256: None }),
            ..RevisionLocation::default()
        }),
        deployment_config_name: what.config.clone(),
        description: what.description.clone(),
        sequence_number: what.sequence_number,
        auto_rollback_configuration: rollback(what),
        override_alarm_configuration: alarms(what),
        ..CreateDeploymentInput::default()
    })
}

fn rollback(what: &What) -> Option<AutoRollbackConfiguration> {
    if !what.no_rollback && what.rollback_on.is_empty() {
        return None;
    }
    let events = what.rollback_on.iter().map(|event| event_name(*event).to_owned());
    let events = if what.no_rollback { Vec::new() } else { events.collect() };
    Some(AutoRollbackConfiguration { enabled: Some(!what.no_rollback), events: Some(events) })
}

fn alarms(what: &What) -> Option<AlarmConfiguration> {
    if what.no_alarms {
        return Some(AlarmConfiguration { enabled: Some(false), ..AlarmConfiguration::default() });
    }
    let alarms = || what.alarms.iter().map(|name| Alarm { name: Some(name.clone()) }).collect();
    (!what.alarms.is_empty()).then(|| AlarmConfiguration {
        enabled: Some(true),
        ignore_poll_alarm_failure: Some(what.ignore_alarm_poll_failure),
        alarms: Some(alarms()),
    })
}

fn event_name(event: RollbackEvent) -> &'static str {
    match event {
        RollbackEvent::Failure => "DEPLOYMENT_FAILURE",
        RollbackEvent::Alarm => "DEPLOYMENT_STOP_ON_ALARM",
        RollbackEvent::Stop => "DEPLOYMENT_STOP_ON_REQUEST",
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use expect_test::{Expect, expect};

    use super::*;
    use crate::appspec;
    use crate::args::{Arguments, Command};

    /// The body for a command line, with the AppSpec read back from its text.
    #[track_caller]
    fn asked(line: &str) -> Value {
        let words = std::iter::once("tideshift").chain(line.split(' '));
        let Command::Plan(what) = Arguments::try_parse_from(words).expect("a good line").command else {
            panic!("not a plan: {line}");
        };
        let mut body = body(&what, &appspec::content(&what).expect("an AppSpec"));
        let content = &mut body["revision"]["appSpecContent"]["content"];
        *content = serde_json::from_str(content.as_str().expect("text")).expect("JSON");
        body
    }

    #[track_caller]
    fn check(line: &str, expected: Expect) {
        expected.assert_eq(&format!("{:#}", asked(line)));
    }

    /// The AppSpec alone.
    #[track_caller]
    fn check_appspec(line: &str, expected: Expect) {
        expected.assert_eq(&format!("{:#}", asked(line)["revision"]["appSpecContent"]["content"]));
    }

    #[test]
    fn the_least_one_can_say_is_function_alias_and_version() {
        check(
            "plan --function storefront --alias live --to-version 2",
            expect![[r#"
                {
                  "revision": {
                    "revisionType": "AppSpecContent",
                    "appSpecContent": {
                      "content": {
                        "version": 0.0,
                        "Resources": [
                          {
                            "Target": {
                              "Type": "AWS::Lambda::Function",
                              "Properties": {
                                "Name": "storefront",
                                "Alias": "live",
                                "TargetVersion": "2"
                              }
                            }
                          }
                        ]
                      }
                    }
                  }
                }"#]],
        );
    }

    #[test]
    fn versions_and_steps_stand_in_the_appspec() {
        check_appspec(
            "plan --function storefront --alias live --from-version 1 --to-version 2 --steps 10:5m,50:pause:1h:stop",
            expect![[r#"
                {
                  "version": 0.0,
                  "Resources": [
                    {
                      "Target": {
                        "Type": "AWS::Lambda::Function",
                        "Properties": {
                          "Name": "storefront",
                          "Alias": "live",
                          "TargetVersion": "2",
                          "CurrentVersion": "1"
                        }
                      }
                    }
                  ],
                  "Strategy": [
                    {
                      "Weight": 10,
                      "Hold": "5m"
                    },
                    {
                      "Weight": 50,
                      "UntilContinued": {
                        "Timeout": "1h",
                        "OnTimeout": "Stop"
                      }
                    }
                  ]
                }"#]],
        );
    }

    #[test]
    fn each_hook_has_the_time_and_the_parameters_that_all_of_them_are_given() {
        check_appspec(
            "plan --function storefront --alias live --to-version 2 --before-hook check --after-hook smoke --hook-timeout 10m \
             --hook-parameter /shop/db/password --hook-parameter /shop/key",
            expect![[r#"
                {
                  "version": 0.0,
                  "Resources": [
                    {
                      "Target": {
                        "Type": "AWS::Lambda::Function",
                        "Properties": {
                          "Name": "storefront",
                          "Alias": "live",
                          "TargetVersion": "2"
                        }
                      }
                    }
                  ],
                  "Hooks": [
                    {
                      "BeforeAllowTraffic": {
                        "Function": "check",
                        "Timeout": "10m",
                        "Parameters": [
                          "/shop/db/password",
                          "/shop/key"
                        ]
                      }
                    },
                    {
                      "AfterAllowTraffic": {
                        "Function": "smoke",
                        "Timeout": "10m",
                        "Parameters": [
                          "/shop/db/password",
                          "/shop/key"
                        ]
                      }
                    }
                  ]
                }"#]],
        );
    }

    #[test]
    fn alarms_rollback_and_names_stand_beside_the_appspec() {
        let mut body = asked(
            "plan --function storefront --alias live --to-version 2 --alarm errors --alarm latency --ignore-alarm-poll-failure \
             --rollback-on failure --rollback-on DEPLOYMENT_STOP_ON_ALARM --description why --application shop --group web",
        );
        body["revision"].take();
        expect![[r#"
            {
              "applicationName": "shop",
              "deploymentGroupName": "web",
              "revision": null,
              "description": "why",
              "autoRollbackConfiguration": {
                "enabled": true,
                "events": [
                  "DEPLOYMENT_FAILURE",
                  "DEPLOYMENT_STOP_ON_ALARM"
                ]
              },
              "overrideAlarmConfiguration": {
                "enabled": true,
                "ignorePollAlarmFailure": true,
                "alarms": [
                  {
                    "name": "errors"
                  },
                  {
                    "name": "latency"
                  }
                ]
              }
            }"#]]
        .assert_eq(&format!("{body:#}"));
    }

    #[test]
    fn plain_hooks_and_a_named_configuration_are_what_codedeploy_itself_takes() {
        check(
            "plan --function storefront --alias live --to-version 2 --config Canary10Percent5Minutes --before-hook check --no-rollback",
            expect![[r#"
                {
                  "revision": {
                    "revisionType": "AppSpecContent",
                    "appSpecContent": {
                      "content": {
                        "version": 0.0,
                        "Resources": [
                          {
                            "Target": {
                              "Type": "AWS::Lambda::Function",
                              "Properties": {
                                "Name": "storefront",
                                "Alias": "live",
                                "TargetVersion": "2"
                              }
                            }
                          }
                        ],
                        "Hooks": [
                          {
                            "BeforeAllowTraffic": "check"
                          }
                        ]
                      }
                    }
                  },
                  "deploymentConfigName": "Canary10Percent5Minutes",
                  "autoRollbackConfiguration": {
                    "enabled": false,
                    "events": []
                  }
                }"#]],
        );
    }
}
