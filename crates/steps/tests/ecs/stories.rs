//! The stories of services that are broken in every way.

use fakes::event;
use steps::ports::Called;

use super::{deploy, scheduled, world};
use crate::stories::Story;

pub(crate) const STORIES: [Story; 5] = [
    Story {
        name: "a canary to a service that succeeds",
        begin: |schedule| {
            let request = deploy("Canary10Percent1Minute").tested().hook("AfterAllowTestTraffic", "checks");
            let (simulation, id) = scheduled(world(), &request.alarms(&["errors"]).keeps(1), schedule);
            simulation.at(21, event::steady());
            (simulation, id)
        },
    },
    Story {
        name: "an alarm while the traffic of a service moves",
        begin: |schedule| {
            let request = deploy("Linear50PercentEvery1Minute").alarms(&["errors"]);
            let (simulation, id) = scheduled(world(), &request, schedule);
            simulation.at(60, event::alarm("errors"));
            (simulation, id)
        },
    },
    Story {
        name: "a stop while the old task set is kept",
        begin: |schedule| {
            let (simulation, id) = scheduled(world(), &deploy("AllAtOnce").tested().keeps(10), schedule);
            simulation.at(300, event::stop(&id, None));
            (simulation, id)
        },
    },
    Story {
        name: "a hook that refuses before the installation",
        begin: |schedule| {
            let world = world();
            world.hook("checks", |_| Called::Returned(serde_json::json!({"status": "Failed"})));
            scheduled(world, &deploy("AllAtOnce").hook("BeforeInstall", "checks"), schedule)
        },
    },
    Story {
        name: "a service whose split was left behind",
        begin: |schedule| {
            let (simulation, first) = scheduled(world(), &deploy("Linear40PercentEvery1Minute"), schedule);
            simulation.at(100, event::stop(&first, Some(false)));
            simulation.run();
            let id = simulation.create(deploy("AllAtOnce").to(3).json());
            (simulation, id)
        },
    },
];
