//! The service `web` of the cluster `shop`, and the load balancer in front of it, as a test sets them up and looks at them.

use rollout::ids::{ListenerArn, RouteId, TargetGroupArn, TaskDefinition};
use rollout::routing::Routing;
use rollout::service::Capacity;
use rollout::service::live::{Listener, LiveService, Role, Route, TargetGroup};
use rollout::service::preflight::{DefinitionFacts, Ports};
use rollout::target::service_key;
use steps::ports::{Clock, Lock};

use crate::clock::START;
use crate::state::balancers::{Divided, named, short, told};
use crate::state::fleet::{Service, Set, Tasks, task_set_id};
use crate::world::World;

const CLUSTER: &str = "shop";
const SERVICE: &str = "web";
const ELB: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012";

/// The ARN of a listener of the Application Load Balancer `shop`: `prod` and `test` exist.
pub fn listener(name: &str) -> ListenerArn {
    ListenerArn::parse(&format!("{ELB}:listener/app/shop/50dc6c495c0c9188/{name}")).expect("the ARN of a listener")
}

/// The ARN of a target group: `web-blue`, `web-green` and `docs` exist.
pub fn group(name: &str) -> TargetGroupArn {
    TargetGroupArn::parse(&format!("{ELB}:targetgroup/{name}/73e2d6bc24d8a067")).expect("the ARN of a target group")
}

/// The ARN of a task definition: `web:1` to `web:3` exist.
pub fn definition(name: &str) -> TaskDefinition {
    TaskDefinition::parse(&format!("arn:aws:ecs:eu-central-1:123456789012:task-definition/{name}"))
        .expect("a task definition with its revision")
}

/// A place where the listeners forward: `prod` and `test` by default, `api` and `docs` by a rule of `prod`.
fn route(name: &str) -> RouteId {
    let id = match name {
        "prod" | "test" => listener(name).to_string(),
        rule => format!("{ELB}:listener-rule/app/shop/50dc6c495c0c9188/prod/{rule}"),
    };
    RouteId::parse(&id).expect("the ARN of a listener or a rule")
}

impl World {
    /// The service `web` of the cluster `shop`, which wants two tasks, with a primary task set of `web:1` behind `web-blue`; in
    /// front of it the listeners `prod`, which has a rule of its own for `/api/*` and one that has nothing to do with it, and
    /// `test`; and the task definitions `web:1` to `web:3` with a container `app` that listens on port 80.
    pub fn add_service(&self) {
        for name in ["web-blue", "web-green", "docs"] {
            let found = TargetGroup { arn: group(name), kind: "ip".to_owned(), sticky: false };
            self.state().balancers.groups.insert(name.to_owned(), found);
        }
        let to = |name: &str, id: &str| Route { id: route(id), forwards: vec![(group(name), 1)], sticky: None };
        let prod = vec![to("web-blue", "prod"), to("web-blue", "api"), to("docs", "docs")];
        for (name, routes) in [("prod", prod), ("test", vec![to("web-blue", "test")])] {
            let found = Listener { arn: listener(name), routes };
            self.state().balancers.listeners.insert(listener(name), found);
        }
        for name in ["web:1", "web:2", "web:3"] {
            self.register(name, vec![("app".to_owned(), vec![80])]);
        }
        let mut state = self.state();
        state.fleet.clusters.insert(CLUSTER.to_owned());
        state.fleet.made = 1;
        let blue = Set {
            id: task_set_id(1),
            external_id: None,
            primary: true,
            definition: definition("web:1"),
            group: group("web-blue"),
            capacity: Some(Capacity::LaunchType("FARGATE".to_owned())),
            platform_version: Some("1.4.0".to_owned()),
            made: START - jiff::SignedDuration::from_hours(1),
            tasks: Tasks::default(),
            emptied: None,
            deleted: None,
        };
        let service = Service { controller: "EXTERNAL".to_owned(), active: true, desired: 2, sets: vec![blue] };
        state.fleet.services.insert((CLUSTER.to_owned(), SERVICE.to_owned()), service);
    }

    /// Registers a task definition with these containers and their ports.
    pub fn register(&self, name: &str, containers: Vec<(String, Vec<u16>)>) {
        let containers = containers.into_iter().map(|(name, ports)| (name, Ports::tcp(ports))).collect();
        let fit_for = Vec::new();
        let facts = DefinitionFacts { arn: definition(name), active: true, awsvpc: true, containers, fit_for };
        self.state().fleet.definitions.insert(name.to_owned(), facts);
    }

    /// How the tasks of the task sets do that are made from now on.
    pub fn next_tasks(&self, tasks: Tasks) {
        self.state().fleet.next = tasks;
    }

    /// Changes the service, however that came about.
    pub fn change_service(&self, change: impl FnOnce(&mut Service)) {
        if let Some(service) = self.state().fleet.services.get_mut(&(CLUSTER.to_owned(), SERVICE.to_owned())) {
            change(service);
        }
    }

    /// The tasks of the task set behind a target group die, not to come back.
    pub fn kill_tasks(&self, behind: &str) {
        let now = self.clock.now();
        self.change_service(|service| {
            for set in service.sets.iter_mut().filter(|set| set.group.name() == behind) {
                set.tasks.die = Some(now.duration_since(set.made).as_secs());
            }
        });
    }

    /// Somebody scales the task set behind a target group to zero.
    pub fn scale_to_zero_by_hand(&self, behind: &str) {
        let now = self.clock.now();
        self.change_service(|service| {
            for set in service.sets.iter_mut().filter(|set| set.group.name() == behind && set.deleted.is_none()) {
                set.emptied = Some(now);
            }
        });
    }

    /// Somebody deletes the task set behind a target group. ECS refuses that of the primary one.
    pub fn delete_set_by_hand(&self, behind: &str) {
        let now = self.clock.now();
        self.change_service(|service| {
            for set in service.sets.iter_mut().filter(|set| set.group.name() == behind && !set.primary) {
                set.deleted = set.deleted.or(Some(now));
            }
        });
    }

    /// Somebody wants another number of tasks of the service.
    pub fn want_tasks(&self, desired: u32) {
        self.change_service(|service| service.desired = desired);
    }

    /// Takes the tag of what the stack may change away: of `web`, of a task set by its id, of a place by its name.
    pub fn untag(&self, what: &str) {
        self.state().fleet.untagged.insert(what.to_owned());
    }

    /// Somebody deletes the service.
    pub fn delete_service(&self) {
        self.state().fleet.services.clear();
    }

    /// Somebody deletes the cluster, with all that is in it.
    pub fn delete_cluster(&self) {
        self.delete_service();
        self.state().fleet.clusters.clear();
    }

    /// Somebody deletes a task definition.
    pub fn delete_definition(&self, name: &str) {
        self.state().fleet.definitions.remove(name);
    }

    /// Changes a listener, however that came about.
    pub fn change_listener(&self, name: &str, change: impl FnOnce(&mut Listener)) {
        if let Some(listener) = self.state().balancers.listeners.get_mut(&listener(name)) {
            change(listener);
        }
    }

    /// Somebody has a place forward to these target groups.
    pub fn forward(&self, place: &str, to: &[(&str, u32)]) {
        let forwards: Vec<_> = to.iter().map(|(name, weight)| (group(name), *weight)).collect();
        let (id, at) = (route(place), self.clock.now());
        let mut state = self.state();
        let divided = Divided { at, route: place.to_owned(), to: named(&forwards), ours: false };
        let routes = state.balancers.listeners.values_mut().flat_map(|listener| &mut listener.routes);
        for found in routes.filter(|found| found.id == id) {
            found.forwards.clone_from(&forwards);
        }
        state.balancers.written.push(divided);
    }

    /// Somebody deletes a rule.
    pub fn delete_rule(&self, name: &str) {
        let (id, at) = (route(name), self.clock.now());
        let mut state = self.state();
        state.balancers.listeners.values_mut().for_each(|listener| listener.routes.retain(|route| route.id != id));
        state.balancers.written.push(Divided { at, route: name.to_owned(), to: Vec::new(), ours: false });
    }

    /// Somebody deletes a target group; before that, they must take it off every listener.
    pub fn delete_group(&self, name: &str) {
        let (gone, at) = (group(name), self.clock.now());
        let mut state = self.state();
        let mut written = Vec::new();
        for route in state.balancers.listeners.values_mut().flat_map(|listener| &mut listener.routes) {
            let before = route.forwards.len();
            route.forwards.retain(|(group, _)| *group != gone);
            if route.forwards.len() < before {
                let to = named(&route.forwards);
                written.push(Divided { at, route: short(&route.id).to_owned(), to, ours: false });
            }
        }
        state.balancers.written.extend(written);
        state.balancers.groups.remove(name);
    }

    /// The service as ECS shows it now; `None` if it does not exist.
    pub fn live_service(&self) -> Option<LiveService> {
        let now = self.clock.now();
        self.state().fleet.services.get(&(CLUSTER.to_owned(), SERVICE.to_owned())).map(|service| service.seen(now))
    }

    /// Where a place forwards, with its weights; nothing if it does not exist.
    pub fn forwards(&self, place: &str) -> Vec<(String, u32)> {
        let (state, id) = (self.state(), route(place));
        let mut routes = state.balancers.listeners.values().flat_map(|listener| &listener.routes);
        routes.find(|route| route.id == id).map(|route| named(&route.forwards)).unwrap_or_default()
    }

    /// How a place divides the traffic between two target groups; `None` if it does not exist or forwards nowhere.
    pub fn routing(&self, place: &str, pair: (&TargetGroupArn, &TargetGroupArn)) -> Option<Routing> {
        let (state, id) = (self.state(), route(place));
        let mut routes = state.balancers.listeners.values().flat_map(|listener| &listener.routes);
        routes.find(|route| route.id == id)?.routing(pair)
    }

    /// Every write of a place that was accepted, ours and others', in order.
    pub fn weights_written(&self) -> Vec<Divided> {
        self.state().balancers.written.clone()
    }

    /// The lock of the service.
    pub fn lock_of_service(&self) -> Lock {
        self.state().table.locks.get(&shop_key()).cloned().unwrap_or_default()
    }

    /// The service and its listeners in a line: where each place forwards, and the task sets there are.
    pub fn shop(&self) -> String {
        let mut parts = ["prod", "api", "test"].map(|place| self.place(place)).to_vec();
        let Some(live) = self.live_service() else { return format!("{}, no service", parts.join(", ")) };
        parts.extend(live.task_sets.iter().map(|set| {
            let role = if set.role == Role::Active { String::new() } else { format!(" {}", set.role.as_str()) };
            format!("{} of {}{role}", set.id, set.task_definition.short())
        }));
        parts.join(", ")
    }

    fn place(&self, name: &str) -> String {
        let forwards = self.forwards(name);
        match &forwards[..] {
            [] => format!("{name} is gone"),
            [(only, _)] => format!("{name} on {only}"),
            forwards => format!("{name} on {}", told(forwards).replace(", ", " and ")),
        }
    }
}

fn shop_key() -> String {
    let cluster = rollout::ids::ClusterName::parse(CLUSTER).expect("the name of a cluster");
    let service = rollout::ids::ServiceName::parse(SERVICE).expect("the name of a service");
    service_key(&cluster, &service)
}
