//! The flags that tell a service, what it is to run, and where its traffic comes in; and the AppSpec they make.
//!
//! Whether a name is one, and whether it is there, is for the stack to say. What only this program knows is which flags belong
//! together: a deployment group says where a service is, and without one the flags do.

use clap::{ArgGroup, Args};
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::port;

/// The service and the task definition.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("of_a_service").multiple(true).conflicts_with_all(["appspec", "function"]).args([
    "container", "port", "service", "target_groups", "listener", "test_listener",
    "before_install_hook", "after_install_hook", "test_hook",
])))]
pub(crate) struct ServiceFlags {
    /// The task definition a service is to run, like web:7 or its ARN.
    #[arg(long, value_name = "FAMILY:REVISION", help_heading = "A service of ECS")]
    pub(crate) task_definition: Option<String>,
    /// The container that takes the traffic.
    #[arg(long, value_name = "NAME", requires = "task_definition", help_heading = "A service of ECS")]
    container: Option<String>,
    /// Its port.
    #[arg(long, value_name = "PORT", requires = "task_definition", value_parser = port::taken, help_heading = "A service of ECS")]
    port: Option<u16>,
    /// The service, like shop/web, or its ARN; --group says it too.
    #[arg(long, value_name = "CLUSTER/SERVICE", requires = "task_definition", value_parser = service, help_heading = "A service of ECS")]
    service: Option<Service>,
    /// The two target groups the traffic moves between, in any order, like web-blue,web-green.
    #[arg(long, value_name = "NAME,NAME", requires = "task_definition", value_parser = pair, help_heading = "A service of ECS")]
    target_groups: Option<Pair>,
    /// ARN of the listener of production traffic.
    #[arg(long, value_name = "ARN", requires = "task_definition", help_heading = "A service of ECS")]
    listener: Option<String>,
    /// ARN of the listener of test traffic, if there is one.
    #[arg(long, value_name = "ARN", requires = "task_definition", help_heading = "A service of ECS")]
    test_listener: Option<String>,
    /// Function called before the new task set is made (BeforeInstall).
    #[arg(long, value_name = "FUNCTION", requires = "task_definition", help_heading = "Hooks")]
    pub(crate) before_install_hook: Option<String>,
    /// Function called when the new task set is steady (AfterInstall).
    #[arg(long, value_name = "FUNCTION", requires = "task_definition", help_heading = "Hooks")]
    pub(crate) after_install_hook: Option<String>,
    /// Function called when the test listener leads to the new task set (AfterAllowTestTraffic).
    #[arg(long, value_name = "FUNCTION", requires = "task_definition", help_heading = "Hooks")]
    pub(crate) test_hook: Option<String>,
}

/// A service by both its names.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Service {
    cluster: String,
    name: String,
}

/// Two target groups.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pair([String; 2]);

/// `CLUSTER/SERVICE`, or an ARN that ends so.
fn service(text: &str) -> Result<Service, String> {
    let path = text.split_once(":service/").map_or(text, |(_, path)| path);
    match path.split('/').collect::<Vec<_>>()[..] {
        [cluster, name] if !cluster.is_empty() && !name.is_empty() => {
            Ok(Service { cluster: cluster.to_owned(), name: name.to_owned() })
        }
        [one] if one.contains(':') => Err(format!("a service is written with a slash: {}", one.replacen(':', "/", 1))),
        _ => {
            Err("write the cluster and the service, like shop/web; a service without a cluster is in default/"
                .to_owned())
        }
    }
}

fn pair(text: &str) -> Result<Pair, String> {
    match text.split(',').map(str::trim).collect::<Vec<_>>()[..] {
        [one, other] if !one.is_empty() && !other.is_empty() => Ok(Pair([one.to_owned(), other.to_owned()])),
        _ => Err("write the two target groups with a comma between them, like web-blue,web-green".to_owned()),
    }
}

impl ServiceFlags {
    /// The resource of the AppSpec and, without a group, where the service is.
    pub(crate) fn appspec(&self, task_definition: &str, grouped: bool) -> Result<Map<String, Value>, Failure> {
        let place = if grouped { self.no_place()? } else { Some(self.place(task_definition)?) };
        let (Some(container), Some(port)) = (&self.container, self.port) else {
            let missing =
                listed(&[("--container NAME", self.container.is_none()), ("--port PORT", self.port.is_none())]);
            return Err(Failure::Usage(format!(
                "a service also needs {missing}: the container of {task_definition} that takes the traffic, and its port"
            )));
        };
        let resource = json!({
            "Type": "AWS::ECS::Service",
            "Properties": {
                "TaskDefinition": task_definition,
                "LoadBalancerInfo": {"ContainerName": container, "ContainerPort": port},
            },
        });
        let mut appspec = Map::new();
        appspec.insert("version".to_owned(), json!(0.0));
        appspec.insert("Resources".to_owned(), json!([{"TargetService": resource}]));
        if let Some(place) = place {
            appspec.insert("Service".to_owned(), place);
        }
        Ok(appspec)
    }

    /// Where the service is, from the flags alone.
    fn place(&self, task_definition: &str) -> Result<Value, Failure> {
        let (Some(service), Some(Pair(groups)), Some(listener)) = (&self.service, &self.target_groups, &self.listener)
        else {
            let missing = listed(&[
                ("--service CLUSTER/SERVICE", self.service.is_none()),
                ("--target-groups NAME,NAME", self.target_groups.is_none()),
                ("--listener ARN", self.listener.is_none()),
            ]);
            return Err(Failure::Usage(format!(
                "to deploy {task_definition}, write {missing} too, or --application and --group of a deployment group that has them"
            )));
        };
        let mut place = json!({
            "Cluster": service.cluster,
            "Name": service.name,
            "TargetGroups": groups,
            "ProdListener": listener,
        });
        if let Some(test) = &self.test_listener {
            place["TestListener"] = json!(test);
        }
        Ok(place)
    }

    /// A group and flags that both say where the service is might not say the same.
    fn no_place(&self) -> Result<Option<Value>, Failure> {
        let given = listed(&[
            ("--service", self.service.is_some()),
            ("--target-groups", self.target_groups.is_some()),
            ("--listener", self.listener.is_some()),
            ("--test-listener", self.test_listener.is_some()),
        ]);
        if given.is_empty() {
            return Ok(None);
        }
        Err(Failure::Usage(format!("the deployment group says where the service is: leave {given} out, or --group")))
    }
}

/// Those of the flags that are so.
fn listed(flags: &[(&str, bool)]) -> String {
    let names: Vec<&str> = flags.iter().filter(|(_, so)| *so).map(|(name, _)| *name).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use expect_test::{Expect, expect};

    use super::*;
    use crate::appspec;
    use crate::args::{Arguments, Command};

    const PLACE: &str = "--service shop/web --target-groups web-blue,web-green --listener prod";

    fn content(line: &str) -> Result<String, Failure> {
        let words = std::iter::once("tideshift").chain(line.split(' '));
        let Command::Plan(what) = Arguments::try_parse_from(words).expect("a good line").command else {
            panic!("not a plan: {line}");
        };
        appspec::content(&what)
    }

    #[track_caller]
    fn check(line: &str, expected: Expect) {
        let told = match content(line) {
            Ok(text) => {
                let read: Value = serde_json::from_str(&text).expect("JSON");
                serde_json::to_string_pretty(&read).expect("JSON")
            }
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&told);
    }

    #[test]
    fn flags_tell_a_service_where_its_traffic_comes_in_and_what_it_is_to_run() {
        check(
            &format!(
                "plan --task-definition web:2 --container web --port 8080 {PLACE} --test-listener test --steps 10:5m"
            ),
            expect![[r#"
                {
                  "version": 0.0,
                  "Resources": [
                    {
                      "TargetService": {
                        "Type": "AWS::ECS::Service",
                        "Properties": {
                          "TaskDefinition": "web:2",
                          "LoadBalancerInfo": {
                            "ContainerName": "web",
                            "ContainerPort": 8080
                          }
                        }
                      }
                    }
                  ],
                  "Service": {
                    "Cluster": "shop",
                    "Name": "web",
                    "TargetGroups": [
                      "web-blue",
                      "web-green"
                    ],
                    "ProdListener": "prod",
                    "TestListener": "test"
                  },
                  "Strategy": [
                    {
                      "Weight": 10,
                      "Hold": "5m"
                    }
                  ]
                }"#]],
        );
    }

    #[test]
    fn a_group_says_where_the_service_is() {
        check(
            "plan --application shop --group web --task-definition web:2 --container web --port 8080 \
             --before-install-hook a --after-install-hook b --test-hook c --before-hook d --after-hook e",
            expect![[r#"
                {
                  "version": 0.0,
                  "Resources": [
                    {
                      "TargetService": {
                        "Type": "AWS::ECS::Service",
                        "Properties": {
                          "TaskDefinition": "web:2",
                          "LoadBalancerInfo": {
                            "ContainerName": "web",
                            "ContainerPort": 8080
                          }
                        }
                      }
                    }
                  ],
                  "Hooks": [
                    {
                      "BeforeInstall": "a"
                    },
                    {
                      "AfterInstall": "b"
                    },
                    {
                      "AfterAllowTestTraffic": "c"
                    },
                    {
                      "BeforeAllowTraffic": "d"
                    },
                    {
                      "AfterAllowTraffic": "e"
                    }
                  ]
                }"#]],
        );
        check(
            &format!("plan --application shop --group web --task-definition web:2 --container web --port 8080 {PLACE}"),
            expect![
                "the deployment group says where the service is: leave --service, --target-groups and --listener out, or --group"
            ],
        );
    }

    #[test]
    fn what_is_missing_is_told_with_what_to_write() {
        check(
            "plan --task-definition web:2",
            expect![
                "to deploy web:2, write --service CLUSTER/SERVICE, --target-groups NAME,NAME and --listener ARN too, or --application and --group of a deployment group that has them"
            ],
        );
        check(
            "plan --task-definition web:2 --container web --port 80 --service shop/web --listener prod",
            expect![
                "to deploy web:2, write --target-groups NAME,NAME too, or --application and --group of a deployment group that has them"
            ],
        );
        check(
            &format!("plan --task-definition web:2 {PLACE}"),
            expect![
                "a service also needs --container NAME and --port PORT: the container of web:2 that takes the traffic, and its port"
            ],
        );
        check(
            "plan --application shop --group web --task-definition web:2 --port 8080",
            expect![
                "a service also needs --container NAME: the container of web:2 that takes the traffic, and its port"
            ],
        );
    }

    #[test]
    fn a_service_is_named_with_its_cluster() {
        let web = Service { cluster: "shop".to_owned(), name: "web".to_owned() };
        assert_eq!(service("shop/web").as_ref(), Ok(&web));
        assert_eq!(service("arn:aws:ecs:eu-west-1:111122223333:service/shop/web").as_ref(), Ok(&web));
        for text in ["web", "/web", "shop/", "a/b/c", "arn:aws:ecs:eu-west-1:111122223333:service/web"] {
            assert!(service(text).is_err_and(|why| why.contains("like shop/web")), "{text}");
        }
        assert_eq!(pair("a, b"), Ok(Pair(["a".to_owned(), "b".to_owned()])));
        for text in ["a", "a,", "a,b,c", ""] {
            assert!(pair(text).is_err_and(|why| why.contains("web-blue,web-green")), "{text}");
        }
    }
}
