//! A request through a listener: rules, weights, a healthy task, and what is counted of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::SET_COOKIE;

use super::action::{Action, Forward};
use super::book::{Balancer, Balancers, group_dimension};
use super::health::{Health, Targets};
use crate::client::Client;
use crate::clock;
use crate::http::{Answer, Http, Request, decoded};
use crate::metrics::{self, Metrics, Sample};

/// As long as a load balancer waits for a target that says nothing.
const TARGET_ANSWERS_WITHIN: Duration = Duration::from_secs(60);

/// The listeners of all load balancers.
pub(crate) struct Listeners {
    moto: Client,
    balancers: Arc<Balancers>,
    targets: Arc<dyn Targets>,
    metrics: Arc<Metrics>,
    http: Http,
}

impl Listeners {
    /// Those of the balancers that are known, in front of these targets.
    pub(crate) fn new(
        moto: Client,
        balancers: Arc<Balancers>,
        targets: Arc<dyn Targets>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { moto, balancers, targets, metrics, http: Http::new() }
    }

    /// Answers a request to `<load balancer's name>/<listener's port>/<path>`.
    pub(crate) async fn balance(&self, request: Request, address: &str) -> Answer {
        let mut parts = address.splitn(3, '/');
        let (name, port) = (decoded(parts.next().unwrap_or_default()), parts.next().unwrap_or_default());
        let path = format!("/{}", parts.next().unwrap_or_default());
        let balancer = match self.balancers.balancer(&self.moto, &name).await {
            Ok(balancer) => balancer,
            Err(error) => return Answer::error(404, "LoadBalancerNotFound", &error.to_string()),
        };
        let Some(listener) = balancer.listener(port) else {
            return Answer::error(404, "ListenerNotFound", &format!("{name} does not listen on port {port}"));
        };
        let rule = listener.rules.iter().find(|rule| rule.meets(&request, &path));
        match rule.map(|rule| &rule.action) {
            Some(Action::Forward(forward)) => self.forward_to(&balancer, forward, request, path).await,
            Some(Action::Fixed { status, kind, body }) => {
                let mut answer = Answer::empty(*status).with("content-type", kind);
                answer.body = body.clone().into();
                self.counted(&balancer, None, false, Instant::now(), answer)
            }
            Some(Action::Other(kind)) => Answer::error(501, "NotHere", &format!("the action {kind} does not run here")),
            None => Answer::empty(404),
        }
    }

    async fn forward_to(&self, balancer: &Balancer, forward: &Forward, mut request: Request, path: String) -> Answer {
        let begun = Instant::now();
        let unavailable = || Answer::empty(503).with("content-type", "text/plain");
        let cookies = request.header("cookie").unwrap_or_default();
        let Some(group) = forward.choose(cookies, fastrand::f64()).map(ToOwned::to_owned) else {
            return self.counted(balancer, None, false, begun, unavailable());
        };
        let mut healthy = self.targets.behind(&group);
        healthy.retain(|target| target.health == Health::Healthy);
        let port = fastrand::choice(&healthy).and_then(|target| target.local_port);
        let Some(port) = port else { return self.counted(balancer, Some(&group), false, begun, unavailable()) };
        request.path = path;
        let authority = format!("127.0.0.1:{port}");
        let (by_target, mut answer) =
            match tokio::time::timeout(TARGET_ANSWERS_WITHIN, self.http.send(&authority, request)).await {
                Ok(Ok(answer)) => (true, answer),
                Ok(Err(_)) => (false, Answer::empty(502)),
                Err(_) => (false, Answer::empty(504)),
            };
        if let Some(cookie) = forward.cookie(&group).and_then(|cookie| cookie.parse().ok()) {
            answer.headers.append(SET_COOKIE, cookie);
        }
        self.counted(balancer, Some(&group), by_target, begun, answer)
    }

    fn counted(
        &self,
        balancer: &Balancer,
        group: Option<&str>,
        by_target: bool,
        begun: Instant,
        answer: Answer,
    ) -> Answer {
        // A Network Load Balancer knows of connections, not of requests.
        if balancer.dimension().starts_with("net/") {
            return answer;
        }
        self.metrics.count(Sample::Request(metrics::Request {
            at: clock::now_seconds(),
            load_balancer: balancer.dimension().to_owned(),
            target_group: group.map(group_dimension),
            by_target,
            status: answer.status.as_u16(),
            seconds: begun.elapsed().as_secs_f64(),
        }));
        answer
    }
}
