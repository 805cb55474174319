//! The local stack is no kinder than AWS: what an account would refuse, or answer otherwise than one might hope, is refused here.

use harness::OrStop as _;
use harness::app::App;
use harness::deployment::{Deployment, Subject as _};
use harness::stack::{client, stack};
use harness::{eventually, story};
use local::LocalError;
use serde_json::{Value, json};

const CLOUDWATCH: &str = "GraniteServiceVersion20100801";

#[track_caller]
fn code<T>(answer: Result<T, LocalError>) -> String {
    match answer {
        Ok(_) => harness::stop("it was taken"),
        Err(error) => error.code().or_stop("a code").to_owned(),
    }
}

async fn configuration(function: &str) -> Result<Value, LocalError> {
    client().await.lambda_get(&format!("/2015-03-31/functions/{function}/configuration")).await
}

#[test]
fn a_function_of_another_region_or_account_is_not_the_one_of_that_name_here() {
    story(async {
        let App { name } = App::new().await;
        let of = |region: &str, account: &str| format!("arn:aws:lambda:{region}:{account}:function:{name}");
        assert_eq!(code(configuration(&of("eu-west-1", "123456789012")).await), "ResourceNotFoundException");
        assert_eq!(code(configuration(&of("us-east-1", "111122223333")).await), "AccessDeniedException");
        assert_eq!(code(configuration(&format!("111122223333:function:{name}")).await), "AccessDeniedException");
        let called = client().await.invoke(&of("eu-west-1", "123456789012"), None, &json!({})).await;
        assert_eq!(code(called), "ResourceNotFoundException");
    });
}

#[test]
fn a_configuration_is_that_of_the_version_which_a_name_a_qualifier_or_a_partial_arn_means() {
    story(async {
        let App { name } = App::new().await;
        let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{name}");
        let spellings = [
            (name.clone(), "$LATEST"),
            (format!("{name}:live"), "1"),
            (format!("{name}:2"), "2"),
            (format!("123456789012:function:{name}:3"), "3"),
            (format!("{arn}:live"), "1"),
        ];
        for (spelling, version) in spellings {
            let read = configuration(&spelling).await.or_stop("the configuration");
            let qualifier = spelling.split_once(name.as_str()).map_or("", |(_, qualifier)| qualifier);
            assert_eq!(
                (&read["Version"], &read["FunctionArn"]),
                (&json!(version), &json!(format!("{arn}{qualifier}")))
            );
        }
        assert_eq!(code(configuration(&format!("{name}:nobody")).await), "ResourceNotFoundException");
    });
}

#[test]
fn an_alias_that_divides_its_calls_gets_no_provisioned_concurrency() {
    story(async {
        let app = App::new().await;
        app.point("1", json!({"2": 0.1})).await;
        let path = |qualifier: &str| {
            format!("/2019-09-30/functions/{}/provisioned-concurrency?Qualifier={qualifier}", app.name)
        };
        let wanted = json!({"ProvisionedConcurrentExecutions": 1});
        let put = client().await.lambda_put(&path("live"), &wanted).await;
        assert_eq!(code(put), "InvalidParameterValueException");
        client().await.lambda_put(&path("2"), &wanted).await.or_stop("a version gets some");
    });
}

#[test]
fn an_account_gives_no_more_provisioned_concurrency_than_it_has_and_none_outlives_its_function() {
    story(async {
        let app = App::new().await;
        let path = format!("/2019-09-30/functions/{}/provisioned-concurrency?Qualifier=2", app.name);
        let put = async |count: usize| {
            client().await.lambda_put(&path, &json!({"ProvisionedConcurrentExecutions": count})).await
        };
        assert_eq!(code(put(local::CONCURRENCY - 99).await), "InvalidParameterValueException");
        put(1).await.or_stop("there is room for one");
        let function = format!("/2015-03-31/functions/{}", app.name);
        client().await.lambda_delete(&function).await.or_stop("DeleteFunction");
        local::sample::create_sample(&client().await, &app.name).await.or_stop("the sample function");
        assert_eq!(code(client().await.lambda_get(&path).await), "ProvisionedConcurrencyConfigNotFoundException");
    });
}

#[test]
fn a_version_that_is_not_active_refuses_calls_and_a_deployment_to_it_is_not_begun() {
    story(async {
        let app = App::new().await;
        let client = client().await;
        let refusal = async || {
            let plan = app.to("2").plan().await;
            plan.refusals.into_iter().next().map(|refusal| refusal.code).unwrap_or_default()
        };
        for (state, expected) in
            [("Pending", "VersionPending"), ("Failed", "VersionNotReady"), ("Inactive", "VersionInactive")]
        {
            client.set_version_state(&app.name, "2", Some(state)).await.or_stop("a state");
            assert_eq!(refusal().await, expected);
        }
        assert_eq!(code(client.set_version_state(&app.name, "99", None).await), "ResourceNotFoundException");
        // What the refusal says to do: the first call is refused, and wakes it.
        let woken = client.invoke(&app.name, Some("2"), &json!({})).await;
        assert_eq!(code(woken), "ResourceConflictException");
        let answers = async || client.invoke(&app.name, Some("2"), &json!({})).await.ok();
        eventually(answers).await.or_stop("it never wakes");
        assert_eq!(refusal().await, "");
    });
}

#[test]
fn alarms_on_metrics_alone_are_described_unless_the_others_are_asked_for() {
    story(async {
        let app = App::new().await;
        let on_metric = app.alarm("errors").await;
        let on_logs = app.log_alarm("words").await;
        let names = [&on_metric, &on_logs];
        let described = async |input: Value| {
            let answer = client().await.aws_json(CLOUDWATCH, "DescribeAlarms", &input).await.or_stop("DescribeAlarms");
            let count = |member: &str| answer[member].as_array().map_or(0, Vec::len);
            (count("MetricAlarms"), count("LogAlarms"))
        };
        assert_eq!(described(json!({"AlarmNames": names})).await, (1, 0));
        assert_eq!(described(json!({"AlarmNames": names, "AlarmTypes": ["LogAlarm"]})).await, (0, 1));
    });
}

#[test]
fn an_execution_has_a_name_and_an_input_that_step_functions_takes() {
    story(async {
        let machine = format!("{}-lambda", stack().await.name());
        for name in ["", "a b", "a:b", "a/b", "a\nb", "$latest", &"x".repeat(81)] {
            assert_eq!(code(client().await.start_execution(&machine, name, "{}").await), "InvalidName", "{name:?}");
        }
        assert_eq!(code(client().await.start_execution(&machine, "half", "{").await), "InvalidExecutionInput");
    });
}

#[test]
fn an_execution_without_a_name_gets_one_and_the_deployment_is_called_so() {
    story(async {
        let app = App::new().await;
        let request = app.to("2").by("Canary10Percent1Second").request();
        let stack = stack().await;
        let (region, account, name) = (stack.region(), stack.account(), stack.name());
        let machine = format!("arn:aws:states:{region}:{account}:stateMachine:{name}-lambda");
        let body = json!({"stateMachineArn": machine, "input": request.to_string()});
        let started =
            client().await.aws_json("AWSStepFunctions", "StartExecution", &body).await.or_stop("StartExecution");
        let id = started["executionArn"].as_str().and_then(|arn| arn.rsplit(':').next()).or_stop("a name").to_owned();
        let deployment = Deployment { id, app: app.clone() };
        assert_eq!(deployment.execution_status().await, "SUCCEEDED");
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        assert_eq!(app.alias().await, "2");
    });
}
