//! `proxy`: CodeDeploy's API on this machine, for clients that do not know Tideshift.

use std::convert::Infallible;
use std::sync::Arc;

use serde_json::json;

use ::proxy::Served;

use crate::api::{Api, Operation};
use crate::args::{Output, Proxy};
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::lambda::Lambda;
use crate::view::ListDeploymentsInput;
use crate::watch::follow::Interrupt;

/// Runs it until Ctrl-C.
pub(crate) async fn run(
    lambda: &Lambda,
    console: &mut Console<'_>,
    proxy: &Proxy,
    proxied: bool,
    interrupt: Interrupt<'_>,
) -> Result<Ending, Failure> {
    let function = lambda.for_proxy()?;
    let refused = |error: std::io::Error| {
        Failure::Usage(format!("127.0.0.1:{} cannot be listened on ({error}): choose another with --port", proxy.port))
    };
    let listener = ::proxy::listen(proxy.port).await.map_err(refused)?;
    let port = listener.local_addr().map_err(refused)?.port();
    let (stack, endpoint) = (console.stack.clone(), format!("http://127.0.0.1:{port}"));
    let document = json!({ "endpoint": endpoint, "stack": stack, "function": function.name(), "ecs": proxy.ecs });
    console.answer(&document, &advice(&endpoint, proxy.ecs, proxied))?;
    if console.output == Output::Text {
        let at = if proxy.ecs { "and ECS are at" } else { "is at" };
        console.tell(&format!("CodeDeploy's API of the stack {stack} {at} {endpoint}. Ctrl-C stops it."))?;
    }
    let health = json!({ "ok": true, "stack": stack, "function": function.name(), "ecs": proxy.ecs });
    let ecs = proxy.ecs.then(|| lambda.ecs_for_proxy());
    let served = ::proxy::serve(listener, Arc::new(Served { stack: function, ecs }), health, interrupt);
    // Clients are not kept waiting for it; what it finds is told to whoever has just started this.
    tokio::select! {
        () = served => Ok(Ending::Done),
        Err(failure) = no_stack(lambda, console) => Err(failure),
    }
}

/// Asks the stack once, and says why it gives no answer. Never over where it went well: then there is nothing to say.
async fn no_stack(api: &impl Api, console: &mut Console<'_>) -> Result<Infallible, Failure> {
    let question = ListDeploymentsInput { limit: Some(1), ..ListDeploymentsInput::default() };
    if let Err(error) = api.call(Operation::DescribeDeployments, &json!(question)).await {
        console.tell(&format!("tideshift: {error}; until then every request is refused"))?;
    }
    std::future::pending().await
}

/// What to type so that clients come here; on stdout, alone.
fn advice(endpoint: &str, ecs: bool, proxied: bool) -> String {
    let codedeploy = format!("export AWS_ENDPOINT_URL_CODEDEPLOY={endpoint}\n");
    let ecs = if ecs { format!("export AWS_ENDPOINT_URL_ECS={endpoint}\n") } else { String::new() };
    let direct = if proxied { "export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1\n" } else { "" };
    format!("{codedeploy}{ecs}{direct}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use expect_test::expect;
    use serde_json::json;
    use tokio::time::timeout;

    use super::{advice, no_stack};
    use crate::api::ApiError;
    use crate::args::Output;
    use crate::testing::{Script, Streams};

    #[tokio::test(start_paused = true)]
    async fn a_stack_that_is_not_there_is_told_at_the_start_and_one_that_is_there_is_not() {
        let mut told = String::new();
        let missing = || Err(ApiError::NoAccess("there is no function nope-api in eu-west-1".to_owned()));
        for answer in [missing(), Ok(json!({"deployments": []}))] {
            let mut streams = Streams::default();
            let (script, mut console) = (Script::new([answer]), streams.console(Output::Text));
            let asked = no_stack(&script, &mut console);
            assert!(timeout(Duration::from_secs(60), asked).await.is_err(), "the proxy goes on");
            told.push_str(&streams.shown());
        }
        expect![[r#"
            out:
            err:
            tideshift: there is no function nope-api in eu-west-1; until then every request is refused
            out:
            err:
        "#]]
        .assert_eq(&told);
    }

    #[test]
    fn the_answer_is_what_to_type() {
        let endpoint = "http://127.0.0.1:8378";
        let codedeploy = "export AWS_ENDPOINT_URL_CODEDEPLOY=http://127.0.0.1:8378\n";
        assert_eq!(advice(endpoint, false, false), codedeploy);
        let both = format!("{codedeploy}export AWS_ENDPOINT_URL_ECS=http://127.0.0.1:8378\n");
        assert_eq!(advice(endpoint, true, false), both);
        assert_eq!(advice(endpoint, true, true), format!("{both}export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1\n"));
    }
}
