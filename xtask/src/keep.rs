//! `local`: a local stack that stays up, and what to type next.

use std::path::{Path, PathBuf};

use local::sample::service::{ServiceSample, create_service_sample};
use local::sample::{AFTER_HOOK, BEFORE_HOOK, SECRET_PARAMETER};
use serde_json::json;

use crate::screen::Screen;
use crate::stage::{self, Stage};
use crate::validate::chain;
use crate::{clock, programs};

/// How it is kept.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Say where it is as one line of JSON.
    #[arg(long)]
    json: bool,
    /// Port of the endpoint; a free one unless given.
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
}

/// Keeps a stack until it is stopped.
pub(crate) async fn run(
    root: &Path,
    arguments: &Arguments,
    screen: &Screen,
    stopped: impl Future<Output = ()>,
) -> Result<(), String> {
    let mut stopped = std::pin::pin!(stopped);
    let Kept { stage, cli, python, service } = tokio::select! {
        started = start(root, arguments, screen) => started?,
        () = &mut stopped => return Ok(()),
    };
    let stack = &stage.stack;
    let told = if arguments.json {
        let place = json!({
            "endpoint": stack.endpoint(),
            "region": stack.region(),
            "stack": stack.name(),
            "account": stack.account(),
        });
        format!("{place}\n")
    } else {
        let proxied = std::env::vars().any(|(name, _)| name.to_ascii_uppercase().ends_with("_PROXY"));
        let place = Place {
            endpoint: stack.endpoint(),
            region: stack.region(),
            programs: &folder(&cli),
            python: &folder(&python),
            state: &stack.state_dir().display().to_string(),
            listener: &service.production_listener,
            proxied,
        };
        place.next()
    };
    screen.print(&told)?;
    stopped.await;
    screen.say("stopping");
    stage.stack.stop().await;
    Ok(())
}

/// A stack that is up, and what goes with it.
struct Kept {
    stage: Stage,
    cli: PathBuf,
    python: PathBuf,
    service: ServiceSample,
}

async fn start(root: &Path, arguments: &Arguments, screen: &Screen) -> Result<Kept, String> {
    let programs = programs::build(root, screen).await?;
    let cli = programs.cli.clone();
    let python = local::python::ensure_venv(root, &|line| screen.step(line)).await.map_err(chain)?;
    let began = clock::now();
    let stage = Stage::start(root, programs, arguments.port, screen).await?;
    screen.step(&format!("creating the sample service {SERVICE}"));
    let service = create_service_sample(&stage.client, SERVICE).await.map_err(chain)?;
    screen.say(&format!("up after {:.1} s", clock::now() - began));
    Ok(Kept { stage, cli, python, service })
}

/// The sample service.
const SERVICE: &str = "web";

fn folder(program: &Path) -> String {
    program.parent().unwrap_or(program).display().to_string()
}

/// Where everything is.
struct Place<'a> {
    endpoint: &'a str,
    region: &'a str,
    /// The folder of `tideshift`.
    programs: &'a str,
    /// The folder of the AWS CLI.
    python: &'a str,
    state: &'a str,
    /// The production listener of the sample service.
    listener: &'a str,
    proxied: bool,
}

impl Place<'_> {
    /// What to type next.
    fn next(&self) -> String {
        let Self { endpoint, region, programs, python, state, listener, proxied } = self;
        let (key, secret) = (stage::ACCESS_KEY, stage::SECRET_KEY);
        let direct = if *proxied { "    export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1\n" } else { "" };
        format!(
            r#"
The local stack is at {endpoint}, for every AWS service. Ctrl-C stops it.
In another terminal, tell the AWS programs:

    unset AWS_PROFILE AWS_SESSION_TOKEN
    export AWS_ENDPOINT_URL={endpoint} AWS_REGION={region} AWS_DEFAULT_REGION={region}
    export AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={secret}
{direct}    export PATH={programs}:{python}:$PATH

A first deployment, of the sample function `storefront` (version 2 is good, version 3 fails three calls of ten):

    tideshift deploy --function storefront --alias live --to-version 2 \
        --config Linear10PercentEvery5Seconds --watch

And back, with hooks; `CodeDeployHook_refusing` says no. Any function called `CodeDeployHook_…` may be handed any parameter here:

    tideshift deploy --function storefront --alias live --to-version 1 --steps 20:5s,100 --watch \
        --before-hook {BEFORE_HOOK} --hook-parameter {SECRET_PARAMETER} --after-hook {AFTER_HOOK}

And one of the sample service `{SERVICE}` (2 is good, 3 fails three requests of ten, the tasks of 4 die soon after they start):

    tideshift deploy --service shop/{SERVICE} --task-definition {SERVICE}:2 --container web --port 8080 \
        --target-groups {SERVICE}-blue,{SERVICE}-green --config Canary20Percent20Seconds --watch \
        --listener {listener}
    curl {endpoint}/_tideshift/elb/{SERVICE}/80/

What is live there, and whether the stack itself is in order:

    tideshift status storefront:live
    tideshift doctor

The same stack as CodeDeploy, for clients that do not know Tideshift:

    aws deploy list-deployments

A function of your own:

    printf 'def handler(event, context):\n    return "one"\n' > index.py && python3 -m zipfile -c one.zip index.py
    printf 'def handler(event, context):\n    return "two"\n' > index.py && python3 -m zipfile -c two.zip index.py
    aws lambda create-function --function-name mine --runtime python3.13 --handler index.handler \
        --role arn:aws:iam::123456789012:role/storefront-role --zip-file fileb://one.zip --publish \
        --tags tideshift=enabled
    aws lambda create-alias --function-name mine --name live --function-version 1
    aws lambda update-function-code --function-name mine --zip-file fileb://two.zip --publish
    tideshift deploy --function mine --alias live --to-version 2 --steps 20:10s,100 --watch
    aws lambda invoke --function-name mine:live answer.json && cat answer.json

Logs of the functions: {state}/logs
"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn what_to_type_next_names_the_endpoint_and_the_programs() {
        let place = Place {
            endpoint: "http://127.0.0.1:4711",
            region: "us-east-1",
            programs: "/built",
            python: "/python",
            state: "/state",
            listener: "arn:listener",
            proxied: false,
        };
        let next = place.next();
        assert!(next.contains("export AWS_ENDPOINT_URL=http://127.0.0.1:4711 AWS_REGION=us-east-1"), "{next}");
        assert!(next.contains("export PATH=/built:/python:$PATH"), "{next}");
        assert!(
            next.contains("--before-hook CodeDeployHook_before --hook-parameter /storefront/db/password"),
            "{next}"
        );
        assert!(next.contains("--after-hook CodeDeployHook_after"), "{next}");
        assert!(!next.contains("NO_PROXY"));
        assert!(Place { proxied: true, ..place }.next().contains("NO_PROXY=127.0.0.1"));
    }
}
