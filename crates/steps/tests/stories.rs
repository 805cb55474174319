//! The stories that are broken in every way: each ends in a way of its own when nobody disturbs it.

use fakes::{Fault, Schedule, Simulation, event};
use rollout::ids::DeploymentId;
use rollout::routing::Routing;
use rollout::weight::Weight;
use serde_json::json;
use steps::ports::Called;

use crate::groups;
use crate::story::{Request, request, scheduled, world};

/// A story: a world, a request, and what happens meanwhile.
pub(crate) struct Story {
    pub(crate) name: &'static str,
    pub(crate) begin: fn(Schedule) -> (Simulation, DeploymentId),
}

fn watched(strategy: &str) -> Request {
    request(strategy)
        .hook("BeforeAllowTraffic", "checks")
        .hook("AfterAllowTraffic", "smoke-test")
        .alarms(&["errors", "latency"])
}

fn v(number: u64) -> rollout::ids::Version {
    fakes::world::v(number)
}

pub(crate) fn split(to: u64, percent: u8) -> Routing {
    Routing::shifted(v(1), v(to), Weight::clamped(percent))
}

pub(crate) const STORIES: [Story; 19] = [
    Story {
        name: "a canary that succeeds",
        begin: |schedule| scheduled(world(), &watched("Canary10Percent1Minute"), schedule),
    },
    Story {
        name: "an alarm during the hold",
        begin: |schedule| {
            let (simulation, id) = scheduled(world(), &watched("Linear50PercentEvery1Minute"), schedule);
            simulation.at(70, event::alarm("latency"));
            (simulation, id)
        },
    },
    Story {
        name: "an alarm that only a look finds",
        begin: |schedule| {
            let (simulation, id) = scheduled(world(), &watched("Canary10Percent5Minutes"), schedule);
            simulation.at(70, event::silent_alarm("latency"));
            (simulation, id)
        },
    },
    Story {
        name: "a stop that leaves the split",
        begin: |schedule| {
            let (simulation, id) = scheduled(world(), &request("Linear40PercentEvery1Minute"), schedule);
            simulation.at(70, event::stop(&id, Some(false)));
            (simulation, id)
        },
    },
    Story {
        name: "a stop that rolls back",
        begin: |schedule| {
            let (simulation, id) = scheduled(world(), &request("Linear40PercentEvery1Minute"), schedule);
            simulation.at(60, event::stop(&id, None));
            (simulation, id)
        },
    },
    Story {
        name: "a pause that is continued",
        begin: |schedule| {
            let steps = json!([{"Weight": 20, "UntilContinued": {"Timeout": "1h"}}]);
            let (simulation, id) = scheduled(world(), &request(steps).alarms(&["errors"]), schedule);
            simulation.at(70, event::resume(&id));
            (simulation, id)
        },
    },
    Story {
        name: "a pause that nobody continues",
        begin: |schedule| {
            let steps = json!([{"Weight": 20, "UntilContinued": {"Timeout": "2m"}}]);
            scheduled(world(), &request(steps).alarms(&["errors"]), schedule)
        },
    },
    Story {
        name: "a hook that refuses after the traffic",
        begin: |schedule| {
            let world = world();
            world.hook("smoke-test", |_| Called::Returned(json!({"status": "Failed"})));
            scheduled(world, &watched("AllAtOnce"), schedule)
        },
    },
    Story {
        name: "a hook that needs three calls",
        begin: |schedule| {
            let (world, mut calls) = (world(), 0);
            world.hook("checks", move |_| {
                calls += 1;
                let status = if calls < 3 { "IN_PROGRESS" } else { "SUCCEEDED" };
                Called::Returned(json!({"hookStatus": status, "callBackDelay": 20, "hookDetails": {"call": calls}}))
            });
            scheduled(world, &watched("AllAtOnce"), schedule)
        },
    },
    Story {
        name: "a hook that calls back",
        begin: |schedule| {
            let world = world();
            world.hook("checks", |_| Called::Returned(json!(null)));
            let (simulation, id) = scheduled(world, &watched("AllAtOnce"), schedule);
            simulation.at(30, event::hook_status(&id, "Succeeded"));
            (simulation, id)
        },
    },
    Story {
        name: "a hook that calls back with a no",
        begin: |schedule| {
            let world = world();
            world.hook("smoke-test", |_| Called::Returned(json!(null)));
            let (simulation, id) = scheduled(world, &watched("AllAtOnce"), schedule);
            simulation.at(30, event::hook_status(&id, "Failed"));
            (simulation, id)
        },
    },
    Story {
        name: "somebody points the alias elsewhere",
        begin: |schedule| {
            let (simulation, id) = scheduled(world(), &watched("Linear40PercentEvery1Minute"), schedule);
            simulation.at(70, event::pointed(split(3, 20)));
            (simulation, id)
        },
    },
    Story {
        name: "an execution that somebody aborts",
        begin: |schedule| {
            let (simulation, id) = scheduled(world(), &watched("Linear40PercentEvery1Minute"), schedule);
            simulation.at(70, event::aborted(id.as_str()));
            (simulation, id)
        },
    },
    Story {
        name: "an alias that cannot be put back",
        begin: |schedule| {
            let (simulation, id) = scheduled(world(), &watched("Linear40PercentEvery1Minute"), schedule);
            simulation.at(70, event::instant(|simulation| simulation.world().faults.always("point", Fault::Denied)));
            simulation.at(71, event::alarm("errors"));
            (simulation, id)
        },
    },
    Story {
        name: "a hook that refuses over a split that was left behind",
        begin: |schedule| {
            let world = world();
            world.leave_behind("storefront", "live", split(2, 30));
            world.hook("checks", |_| Called::Returned(json!({"status": "Failed"})));
            scheduled(world, &watched("Linear40PercentEvery1Minute"), schedule)
        },
    },
    Story {
        name: "an AppSpec in S3",
        begin: |schedule| {
            let (world, asked) = (world(), request("AllAtOnce"));
            world.put_object("specs", "shop.json", asked.appspec());
            let place = json!({"bucket": "specs", "key": "shop.json", "bundleType": "JSON"});
            scheduled(world, &asked.in_s3(place), schedule)
        },
    },
    Story {
        name: "a deployment of a group whose last one is over",
        begin: |schedule| {
            let simulation = groups::simulation(schedule);
            simulation.create(groups::of_group(&request("AllAtOnce").to(9)));
            simulation.run();
            let id = simulation.create(groups::of_group(&watched("Canary10Percent1Minute")));
            (simulation, id)
        },
    },
    Story { name: "nothing to do", begin: |schedule| scheduled(world(), &watched("AllAtOnce").to(1), schedule) },
    Story {
        name: "a version that does not exist",
        begin: |schedule| scheduled(world(), &watched("AllAtOnce").to(9), schedule),
    },
];
