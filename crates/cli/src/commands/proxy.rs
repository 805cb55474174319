//! `proxy`: CodeDeploy's API on this machine, for clients that do not know Tideshift.

use std::sync::Arc;

use serde_json::json;

use ::proxy::Served;

use crate::args::{Output, Proxy};
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::lambda::Lambda;
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
    ::proxy::serve(listener, Arc::new(Served { stack: function, ecs }), health, interrupt).await;
    Ok(Ending::Done)
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
    use super::advice;

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
