//! What happens to a service past every deployment: what somebody does to it by hand, and tasks that die.

use serde_json::{Value, json};

use crate::OrStop;
use crate::shop::Shop;
use crate::stack::client;

impl Shop {
    /// Takes all tasks of the task set that runs this revision, and waits until none is left.
    pub async fn empties(&self, revision: u32) {
        self.scales(revision, 0).await;
        self.until_running(revision, 0).await;
    }

    /// All tasks of the task set that runs this revision end by themselves, now, and stay away; waits until none is left.
    pub async fn dies(&self, revision: u32) {
        let sets = self.task_sets().await;
        let set = sets.iter().find(|set| runs(set, revision)).or_stop("a task set of this revision");
        let arn = set["taskSetArn"].as_str().or_stop("an ARN");
        client().await.die(arn).await.or_stop("the death of its tasks");
        let dead = |set: &Value| !runs(set, revision) || set["runningCount"] == 0;
        self.until("rid of its tasks", |sets| sets.iter().all(dead)).await;
    }

    /// Gives the task set that runs this revision so much of what the service wants, in percent.
    pub async fn scales(&self, revision: u32, percent: u32) {
        let scale = json!({"value": f64::from(percent), "unit": "PERCENT"});
        self.with_set("UpdateTaskSet", revision, json!({"scale": scale})).await;
    }

    /// Deletes the task set that runs this revision with the tasks it has, and waits until it is gone.
    pub async fn deletes(&self, revision: u32) {
        self.with_set("DeleteTaskSet", revision, json!({"force": true})).await;
        self.until("rid of it", |sets| !sets.iter().any(|set| runs(set, revision))).await;
    }

    /// Makes a task set of a revision behind one target group of the pair; its id.
    pub async fn makes(&self, revision: u32, group: &str) -> String {
        let made = client().await.ecs("CreateTaskSet", &self.sample.task_set(revision, group)).await;
        let made = made.or_stop("CreateTaskSet");
        made["taskSet"]["id"].as_str().or_stop("an id").to_owned()
    }

    /// Makes the task set that runs this revision the primary one.
    pub async fn promotes(&self, revision: u32) {
        self.with_set("UpdateServicePrimaryTaskSet", revision, json!({})).await;
    }

    /// Has the service want so many tasks.
    pub async fn wants(&self, tasks: u32) {
        let input = json!({"cluster": self.sample.cluster, "service": self.sample.service, "desiredCount": tasks});
        client().await.ecs("UpdateService", &input).await.or_stop("UpdateService");
    }

    /// Sends all production traffic, at both of its places, to one target group of the pair.
    pub async fn sends_all_to(&self, group: &str) {
        let [blue, green] = if group == self.sample.blue { ["100", "0"] } else { ["0", "100"] };
        for place in [&self.sample.production_listener, &self.sample.api_rule] {
            self.weigh(place, blue, green).await;
        }
    }

    /// Waits until so many tasks of this revision run.
    pub async fn until_running(&self, revision: u32, tasks: u32) {
        let wanted = format!("{tasks} running tasks of revision {revision}");
        self.until(&wanted, |sets| sets.iter().any(|set| runs(set, revision) && set["runningCount"] == tasks)).await;
    }

    /// How many tasks of this revision run.
    pub async fn running(&self, revision: u32) -> u64 {
        let sets = self.task_sets().await;
        sets.iter().filter(|set| runs(set, revision)).filter_map(|set| set["runningCount"].as_u64()).sum()
    }

    async fn with_set(&self, operation: &str, revision: u32, more: Value) {
        let sets = self.task_sets().await;
        let set = sets.iter().find(|set| runs(set, revision)).or_stop("a task set of this revision");
        let mut input = json!({"cluster": self.sample.cluster, "service": self.sample.service});
        let named = if operation == "UpdateServicePrimaryTaskSet" { "primaryTaskSet" } else { "taskSet" };
        input[named] = set["taskSetArn"].clone();
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        client().await.ecs(operation, &input).await.or_stop(operation);
    }
}

fn runs(set: &Value, revision: u32) -> bool {
    set["taskDefinition"].as_str().is_some_and(|definition| definition.ends_with(&format!(":{revision}")))
}
