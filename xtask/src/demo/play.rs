//! Plays one scenario: load, deployment, twist, and what came of it.

use std::cell::Cell;
use std::time::Duration;

use codedeploy::view::{DeploymentView, ProgressView};
use local::faults::{Fault, Rule};
use local::traffic::{Hit, Traffic};
use serde_json::{Value, json};

use super::evidence::{self, Writes};
use super::report::{Played, Seen};
use super::scenario::{Scenario, Twist};
use super::scene::Scene;
use super::shares::{self, Planned};
use crate::clock;
use crate::screen::Screen;
use crate::stage::{Stage, transitions};

const CALLS_PER_SECOND: f64 = 100.0;
/// Load alone, before and after.
const ALONE: Duration = Duration::from_millis(1_000);
const LOOK_EVERY: Duration = Duration::from_millis(150);
/// No scenario takes as long: something hangs.
const PATIENCE_SECONDS: f64 = 120.0;

/// Plays it, and leaves the place as it was.
pub(crate) async fn play(stage: &Stage, scenario: &Scenario, screen: &Screen) -> Result<Played, String> {
    let scene = Scene::set(stage, scenario).await?;
    let traffic = Traffic::on(stage.client.clone(), scene.source(), CALLS_PER_SECOND);
    let mut played = follow(stage, scenario, &scene, &traffic, screen).await;
    stage.stack.faults().clear();
    if played.is_ok() {
        tokio::time::sleep(ALONE).await;
    }
    let hits = traffic.stop().await;
    if let Ok(seen) = &mut played {
        seen.until = clock::now();
    }
    let judged = match played {
        Ok(went) => judge(stage, scenario, &scene, went, hits).await,
        Err(error) => Err(error),
    };
    scene.reset(stage).await?;
    judged
}

/// A deployment that is over.
struct Went {
    view: DeploymentView,
    deployment: String,
    planned: Planned,
    /// When the load began, the deployment was asked for, its end was seen, the load ended.
    from: f64,
    asked: f64,
    over: f64,
    until: f64,
    /// When a user stopped it.
    stop: Option<f64>,
    /// When the function was killed first and last, and how often.
    kills: (Option<f64>, Option<f64>, u32),
}

async fn follow(
    stage: &Stage,
    scenario: &Scenario,
    scene: &Scene,
    traffic: &Traffic,
    screen: &Screen,
) -> Result<Went, String> {
    let from = clock::now();
    tokio::time::sleep(ALONE).await;
    let rule = match scenario.twist {
        Twist::KillFrom(nth) => {
            let rule = Rule::on("lambda", "UpdateAlias", Fault::KillCallerBefore).by("shift").from_nth(nth).times(0);
            Some(stage.stack.faults().add(rule))
        }
        _ => None,
    };
    let named = scene.flags(scenario);
    let flags: Vec<&str> = named.iter().map(String::as_str).chain(scenario.flags.iter().copied()).collect();
    screen.say(&format!("$ tideshift deploy {}", flags.join(" ")));
    let asked = clock::now();
    let (deployment, plan) = stage.deploy(&flags).await?;
    let kills = Cell::new((None, None, 0));
    let (view, stop) = tokio::select! {
        ended = until_over(stage, scenario, &deployment, asked, traffic, screen) => ended?,
        () = count_kills(stage, rule, &kills) => return Err("kills are counted for good".to_owned()),
    };
    let over = clock::now();
    Ok(Went {
        view,
        deployment,
        planned: Planned::read(&plan),
        from,
        asked,
        over,
        until: over,
        stop,
        kills: kills.into_inner(),
    })
}

/// Shows what happens until it is over, and lets the user stop it where one does.
async fn until_over(
    stage: &Stage,
    scenario: &Scenario,
    deployment: &str,
    asked: f64,
    traffic: &Traffic,
    screen: &Screen,
) -> Result<(DeploymentView, Option<f64>), String> {
    let (mut told, mut stop) = (0, None);
    loop {
        let view = stage.describe(deployment).await?;
        for line in view.journal.iter().skip(told) {
            screen.say(&format!("  {:>5.1} s  {}", line.at.seconds() - asked, line.text));
            told += 1;
        }
        if view.outcome.is_some() {
            return Ok((view, stop));
        }
        if clock::now() - asked > PATIENCE_SECONDS {
            return Err(format!("{deployment} is not over after {PATIENCE_SECONDS} s: {view:?}"));
        }
        let progress = view.progress.clone().unwrap_or_default();
        screen.show(&line(scenario, &progress, &traffic.hits()));
        let weight = progress.weight.unwrap_or(0);
        let stops = match scenario.twist {
            Twist::StopAt(percent) => weight >= percent,
            Twist::StopAfter(seconds) => clock::now() - asked >= std::time::Duration::from_secs(seconds).as_secs_f64(),
            Twist::None | Twist::Alarm | Twist::KillFrom(_) => false,
        };
        if stops && stop.is_none() {
            // Long enough for the calls to follow.
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            screen.say(&format!("$ tideshift stop {deployment}"));
            stop = Some(clock::now());
            stage.tideshift(&["stop", deployment]).await?;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn line(scenario: &Scenario, progress: &ProgressView, hits: &[Hit]) -> String {
    let recent = clock::now() - 1.0;
    let recent = hits.iter().rev().take_while(|hit| hit.at >= recent).collect::<Vec<_>>();
    let new = recent.iter().filter(|hit| hit.version.as_deref() == Some(scenario.to)).count();
    let observed = 100 * new / recent.len().max(1);
    format!(
        "{}: step {} of {}, {} % planned, {observed} % observed, {} calls in the last second",
        scenario.name,
        progress.step,
        progress.of,
        progress.weight.unwrap_or(0),
        recent.len(),
    )
}

/// Notes when the rule struck first and last.
async fn count_kills(stage: &Stage, rule: Option<u64>, kills: &Cell<(Option<f64>, Option<f64>, u32)>) {
    let Some(rule) = rule else { return std::future::pending().await };
    loop {
        let hits = stage.stack.faults().hits(rule);
        let (first, _, before) = kills.get();
        if hits > before {
            let now = clock::now();
            kills.set((first.or(Some(now)), Some(now), hits));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn judge(
    stage: &Stage,
    scenario: &Scenario,
    scene: &Scene,
    went: Went,
    hits: Vec<Hit>,
) -> Result<Played, String> {
    let history = stage.history(scene.machine(), &went.deployment).await?;
    let (version, weights) = scene.traffic(stage).await?;
    let writes = scene.writes(stage, went.asked, scenario.to);
    let ended_by = match scenario.twist {
        Twist::Alarm => evidence::alarmed(stage, scene.alarm(), went.asked),
        Twist::StopAt(_) | Twist::StopAfter(_) => went.stop,
        Twist::KillFrom(_) => went.kills.1,
        Twist::None => evidence::hook(&went.view, "BeforeAllowTraffic").map(|(at, _)| at),
    };
    let restored = ended_by.zip(writes.back).map(|(from, back)| (back - from) * 1_000.0);
    let moving = writes.moving();
    let (observed, planned) =
        moving.map_or((0.0, 0.0), |moving| shares::means(&hits, scenario.to, &went.planned, moving));
    let mut played = Played {
        name: scenario.name,
        ok: true,
        status: went.view.status.clone(),
        error_code: went.view.error.as_ref().map(|error| error.code.clone()),
        alias_version: version,
        alias_weights: weights,
        observed_new_share: rounded(observed, 1e4),
        planned_new_share: rounded(planned, 1e4),
        restored_ms: restored.map(|ms| rounded(ms, 10.0)),
        transitions: transitions(&history),
        seconds: rounded(went.over - went.asked, 100.0),
        problems: Vec::new(),
        seen: None,
    };
    played.problems = problems(scenario, &went, &played, &writes, &hits, &history);
    played.ok = played.problems.is_empty();
    let marks = marks(scenario, &went, &writes, ended_by);
    let first = moving.map(|moving| moving.from);
    let Went { planned, from, until, .. } = went;
    played.seen = Some(Seen { to: scenario.to, hits, planned, first, from, until, marks });
    Ok(played)
}

fn rounded(number: f64, parts: f64) -> f64 {
    (number * parts).round() / parts
}

/// What is not as the scenario promises.
fn problems(
    scenario: &Scenario,
    went: &Went,
    played: &Played,
    writes: &Writes,
    hits: &[Hit],
    history: &[Value],
) -> Vec<String> {
    let mut problems = Vec::new();
    let mut hold = |held: bool, otherwise: String| {
        if !held {
            problems.push(otherwise);
        }
    };
    let reached = hits.iter().filter(|hit| hit.version.as_deref() == Some(scenario.to)).count();
    let failed = hits.iter().filter(|hit| !hit.ok).count();
    hold(played.status == scenario.status, format!("the status should be {}", scenario.status));
    let code = played.error_code.as_deref();
    hold(code == scenario.error, format!("the error code should be {}", scenario.error.unwrap_or("none")));
    hold(played.alias_version == scenario.ends_on, format!("the traffic should be on {}", scenario.ends_on));
    hold(played.alias_weights == Value::Object(serde_json::Map::new()), format!("split: {}", played.alias_weights));
    if scenario.twist == Twist::Alarm {
        hold(failed > 0, "no call failed, although the new version is faulty".to_owned());
    } else {
        hold(failed == 0, format!("{failed} calls failed, although what gets traffic is good"));
    }
    if !scenario.reached {
        hold(reached == 0, format!("{reached} calls reached the new version, although none should"));
        hold(writes.forward.is_empty(), "traffic moved, although it should not".to_owned());
    } else {
        hold(reached > 0, "no call reached the new version".to_owned());
    }
    match scenario.twist {
        Twist::None => {
            hold(writes.back.is_none(), "traffic was put back, although nothing stopped it".to_owned());
        }
        // Nothing had moved, so nothing had to be put back.
        Twist::StopAfter(_) => {}
        Twist::Alarm | Twist::StopAt(_) => {
            hold(played.restored_ms.is_some(), "the traffic was not put back".to_owned());
        }
        Twist::KillFrom(_) => {
            let (_, _, kills) = went.kills;
            hold(kills > 1, format!("killed {kills} times, so retries did not run out"));
            hold(played.restored_ms.is_some(), "the traffic was not put back".to_owned());
        }
    }
    if scenario.flags.contains(&"--hook-parameter") {
        for event in ["BeforeAllowTraffic", "AfterAllowTraffic"] {
            let status = evidence::hook(&went.view, event).map(|(_, status)| status);
            hold(status == Some("Succeeded"), format!("{event} should have succeeded, it is {status:?}"));
        }
        let told = Value::from(history.to_vec()).to_string() + &json!(went.view).to_string();
        hold(!told.contains(local::sample::SECRET_VALUE), "the secret is in the record or the history".to_owned());
    }
    problems
}

/// What happened when, for the chart.
fn marks(scenario: &Scenario, went: &Went, writes: &Writes, ended_by: Option<f64>) -> Vec<(f64, String)> {
    let mut marks = vec![(went.asked, "deploy".to_owned())];
    let mut mark = |at: Option<f64>, what: &str| marks.extend(at.map(|at| (at, what.to_owned())));
    match scenario.twist {
        Twist::Alarm => mark(ended_by, "alarm"),
        Twist::StopAt(_) | Twist::StopAfter(_) => mark(ended_by, "stop"),
        Twist::KillFrom(_) => mark(went.kills.0, "killed"),
        Twist::None if writes.forward.is_empty() => mark(ended_by, "the hook says no"),
        Twist::None => mark(ended_by, "the hook says yes"),
    }
    match writes.back {
        Some(back) => mark(Some(back), &format!("back on {}", scenario.ends_on)),
        None => {
            let last = writes.forward.last().filter(|(_, share)| *share >= 1.0);
            mark(last.map(|(at, _)| *at), &format!("all on {}", scenario.to));
        }
    }
    marks
}
