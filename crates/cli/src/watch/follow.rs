//! The loop: look each second, tell what changed, until it is over.

use std::pin::Pin;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::api::{Api, ApiError, Operation};
use crate::args::Output;
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::github::report;
use crate::status_text::render;
use crate::view::{self, DeploymentView, DescribeDeploymentInput, Outcome};
use crate::watch::changes::last_sentence;
use crate::watch::ending;
use crate::watch::limits::longest;
use crate::watch::screen::Screen;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(1);
/// How long the stack may be silent before the watch gives up. The deployment does not need it.
const LONGEST_SILENCE: Duration = Duration::from_secs(300);
/// How long a deployment just ordered may be unknown.
const NEW: Duration = Duration::from_secs(30);

/// Ctrl-C.
pub(crate) type Interrupt<'a> = Pin<&'a mut dyn Future<Output = ()>>;

/// Where the watch begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    /// A deployment that exists.
    Existing,
    /// A deployment ordered just now: it may be unknown for a moment.
    New,
}

/// Watches until the deployment is over, answers with its last state, and ends as it ended.
pub(crate) async fn follow(
    api: &impl Api,
    console: &mut Console<'_>,
    id: &str,
    from: From,
    mut interrupt: Interrupt<'_>,
) -> Result<Ending, Failure> {
    let body = json!(DescribeDeploymentInput { deployment_id: Some(id.to_owned()), look: None });
    let begun = Instant::now();
    let mut screen = Screen::new(console);
    let mut heard = begun;
    let mut silent: Option<String> = None;
    let mut last: Option<(Value, DeploymentView)> = None;
    loop {
        // What a look finds happened before its answer, and what the next one finds after this: told so, times never go back.
        let asked = screen.now();
        let answer = tokio::select! {
            biased;
            () = &mut interrupt => return interrupted(screen, id, last),
            answer = api.call(Operation::DescribeDeployment, &body) => answer,
        };
        match answer.and_then(|document| Ok((view::read::<DeploymentView>(&document)?, document))) {
            Ok((view, document)) => {
                heard = Instant::now();
                silent = None;
                screen.show(last.as_ref().map(|(_, view)| view), &view, asked)?;
                let (_, view) = last.insert((document, view));
                if let Some(outcome) = view.outcome {
                    return ended(screen, last, outcome);
                }
                if screen.console.left.err {
                    screen.close();
                    return Ok(Ending::Unread);
                }
                if begun.elapsed() > longest(view) {
                    return overdue(screen, id, last);
                }
            }
            Err(ApiError::Refused { .. }) if from == From::New && last.is_none() && begun.elapsed() < NEW => {}
            Err(ApiError::NoAnswer(why) | ApiError::Throttled(why)) if heard.elapsed() < LONGEST_SILENCE => {
                if silent.is_none() {
                    screen.note(&format!("no answer, asking again: {why}"))?;
                }
                silent = Some(why);
            }
            Err(source) => {
                screen.close();
                let advice =
                    format!("the deployment goes on without being watched: look again with {}", screen.command(id));
                return Err(Failure::LostSight { source, advice });
            }
        }
        screen.still(last.as_ref().map(|(_, view)| view), silent.as_deref())?;
        tokio::select! {
            biased;
            () = &mut interrupt => return interrupted(screen, id, last),
            () = sleep(EVERY) => {}
        }
    }
}

fn ended(screen: Screen<'_, '_>, last: Option<(Value, DeploymentView)>, outcome: Outcome) -> Result<Ending, Failure> {
    let console = screen.close_for_good();
    if let Some((document, view)) = last {
        let block = ending::block(&view, |what| console.command(what));
        console.answer(&document, &block)?;
        if outcome != Outcome::Succeeded && console.output == Output::Text {
            let text = render(&view, (console.now)(), &console.zone, |what| console.command(what));
            report::folded(console, &format!("All that is known of {}", view.deployment_id), |console| {
                console.tell(&text)
            })?;
        }
        report::seen_last(console, &view)?;
    }
    Ok(Ending::Deployment(outcome))
}

fn overdue(screen: Screen<'_, '_>, id: &str, last: Option<(Value, DeploymentView)>) -> Result<Ending, Failure> {
    let console = screen.close_for_good();
    if let Some((document, view)) = last {
        console.answer(&document, &last_sentence(&view))?;
        report::seen_last(console, &view)?;
    }
    let repair = console.command(&format!("repair {id}"));
    console
        .tell(&format!("{id} should have been over long ago. If its execution is gone, finish it with: {repair}"))?;
    Ok(Ending::Overdue)
}

fn interrupted(screen: Screen<'_, '_>, id: &str, last: Option<(Value, DeploymentView)>) -> Result<Ending, Failure> {
    let console = screen.close_for_good();
    if let Some((document, view)) = last {
        console.answer(&document, &last_sentence(&view))?;
        report::seen_last(console, &view)?;
    }
    let (stop, status) = (console.command(&format!("stop {id}")), console.command(&format!("status {id} --watch")));
    console.tell(&format!("{id} goes on without being watched. Stop it with: {stop}\nLook again with: {status}"))?;
    Ok(Ending::Interrupted)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use expect_test::{Expect, expect};

    use super::*;
    use crate::testing::{Script, Streams, alias, at};

    fn look(weight: u64, outcome: Option<&str>) -> Value {
        json!({
            "deploymentId": "d-1", "status": "InProgress", "outcome": outcome,
            "plan": {"target": alias("f"), "from": "1", "to": "2", "totalSeconds": 60,
                     "steps": [{"weight": 10, "holdSeconds": 60}, {"weight": 100}]},
            "progress": {"weight": weight, "since": at(weight.cast_signed() - 100)}
        })
    }

    async fn watched(script: &Script, output: Output, from: From) -> (String, String) {
        let mut streams = Streams::default();
        let forever = pin!(std::future::pending());
        let ending = follow(script, &mut streams.console(output), "d-1", from, forever).await;
        let told = match ending {
            Ok(ending) => format!("{ending:?}"),
            Err(error) => format!("{:?}: {error}", error.ending()),
        };
        (told, streams.shown())
    }

    #[track_caller]
    fn check((told, shown): (String, String), expected: Expect) {
        expected.assert_eq(&format!("{told}\n{shown}"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_watch_tells_each_change_and_ends_as_the_deployment_does() {
        let script =
            Script::new([Ok(look(0, None)), Ok(look(10, None)), Ok(look(10, None)), Ok(look(100, Some("Succeeded")))]);
        check(
            watched(&script, Output::Text, From::Existing).await,
            expect![[r#"
                Deployment(Succeeded)
                out:
                d-1 Succeeded
                  f:live from version 1 to 2
                  traffic   everything on version 2
                  look      tideshift status f:live
                err:
                2026-07-14 12:00:00 +02:00  d-1: f:live from version 1 to 2
                2026-07-14 11:58:30 +02:00  traffic 0 % to 10 % on version 2
                2026-07-14 12:00:00 +02:00  traffic 10 % to 100 % on version 2
                2026-07-14 12:00:00 +02:00  over: Succeeded
            "#]],
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_told_with_the_command_that_ends_it() {
        let mut paused = look(10, None);
        paused["progress"]["awaitingContinue"] = json!(true);
        let script = Script::new([Ok(paused), Ok(look(100, Some("Succeeded")))]);
        let (_, shown) = watched(&script, Output::Text, From::Existing).await;
        assert!(shown.contains("It waits. Go on with: tideshift continue d-1"), "{shown}");
    }

    #[tokio::test(start_paused = true)]
    async fn as_json_only_the_last_state_is_written() {
        let script = Script::new([
            Ok(look(10, None)),
            Ok(json!({"deploymentId": "d-1", "status": "Failed", "outcome": "RolledBack"})),
        ]);
        check(
            watched(&script, Output::Json, From::Existing).await,
            expect![[r#"
                Deployment(RolledBack)
                out:
                {
                  "deploymentId": "d-1",
                  "status": "Failed",
                  "outcome": "RolledBack"
                }
                err:
            "#]],
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_stack_that_is_silent_for_a_while_is_asked_again() {
        let silent = || Err(ApiError::NoAnswer("connection refused".to_owned()));
        let script = Script::new([Ok(look(10, None)), silent(), silent(), Ok(look(100, Some("Succeeded")))]);
        check(
            watched(&script, Output::Text, From::Existing).await,
            expect![[r#"
                Deployment(Succeeded)
                out:
                d-1 Succeeded
                  f:live from version 1 to 2
                  traffic   everything on version 2
                  look      tideshift status f:live
                err:
                2026-07-14 11:58:30 +02:00  d-1: f:live from version 1 to 2
                2026-07-14 11:58:30 +02:00  10 % of the traffic is on version 2
                2026-07-14 12:00:00 +02:00  no answer, asking again: connection refused
                2026-07-14 12:00:00 +02:00  traffic 10 % to 100 % on version 2
                2026-07-14 12:00:00 +02:00  over: Succeeded
            "#]],
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_log_has_a_line_for_each_minute_in_which_nothing_happens_and_a_document_has_none() {
        let hold = || std::iter::repeat_n(look(10, None), 100).map(Ok);
        let script = || Script::new(hold().chain([Ok(look(100, Some("Succeeded")))]));
        let (_, shown) = watched(&script(), Output::Text, From::Existing).await;
        let still: Vec<&str> = shown.lines().filter(|line| line.contains("still")).collect();
        assert_eq!(still, ["2026-07-14 12:00:00 +02:00  still 10 % on version 2; InProgress"; 2], "{shown}");
        let (_, shown) = watched(&script(), Output::Json, From::Existing).await;
        assert!(!shown.contains("still"), "{shown}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stack_that_stays_silent_ends_the_watch_not_the_deployment() {
        let script = Script::new([Ok(look(10, None)), Err(ApiError::NoAnswer("connection refused".to_owned()))]);
        check(
            watched(&script, Output::Text, From::Existing).await,
            expect![[r#"
                CannotReach: connection refused; the deployment goes on without being watched: look again with tideshift status d-1 --watch
                out:
                err:
                2026-07-14 11:58:30 +02:00  d-1: f:live from version 1 to 2
                2026-07-14 11:58:30 +02:00  10 % of the traffic is on version 2
                2026-07-14 12:00:00 +02:00  no answer, asking again: connection refused
                2026-07-14 12:00:00 +02:00  still no answer: connection refused
                2026-07-14 12:00:00 +02:00  still no answer: connection refused
                2026-07-14 12:00:00 +02:00  still no answer: connection refused
                2026-07-14 12:00:00 +02:00  still no answer: connection refused
                2026-07-14 12:00:00 +02:00  still no answer: connection refused
                2026-07-14 12:00:00 +02:00  still no answer: connection refused
            "#]],
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_deployment_ordered_just_now_may_be_unknown_for_a_moment() {
        let unknown = || {
            Err(ApiError::Refused {
                code: "DeploymentDoesNotExistException".to_owned(),
                message: "there is no d-1".to_owned(),
            })
        };
        let script = Script::new([unknown(), Ok(look(100, Some("Succeeded")))]);
        let (told, _) = watched(&script, Output::Text, From::New).await;
        assert_eq!(told, "Deployment(Succeeded)");
        let (told, _) = watched(&Script::new([unknown()]), Output::Text, From::Existing).await;
        assert!(told.starts_with("WrongUsage: there is no d-1"), "{told}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_deployment_that_never_ends_is_overdue() {
        let (told, shown) = watched(&Script::new([Ok(look(10, None))]), Output::Text, From::Existing).await;
        assert_eq!(told, "Overdue");
        assert!(shown.contains("tideshift repair d-1"), "{shown}");
    }

    #[tokio::test(start_paused = true)]
    async fn ctrl_c_ends_the_watch_and_says_how_to_stop_the_deployment() {
        let mut streams = Streams::default();
        let script = Script::new([Ok(look(10, None))]);
        let interrupt = pin!(sleep(Duration::from_secs(5)));
        let mut console = streams.console(Output::Text);
        console.stack = "prod".to_owned();
        let ending = follow(&script, &mut console, "d-1", From::Existing, interrupt).await.expect("an ending");
        check(
            (format!("{ending:?}"), streams.shown()),
            expect![[r#"
                Interrupted
                out:
                d-1 InProgress
                err:
                2026-07-14 11:58:30 +02:00  d-1: f:live from version 1 to 2
                2026-07-14 11:58:30 +02:00  10 % of the traffic is on version 2
                d-1 goes on without being watched. Stop it with: tideshift --stack prod stop d-1
                Look again with: tideshift --stack prod status d-1 --watch
            "#]],
        );
    }
}
