//! What a rule does with a request, and which target group it goes to.

use serde_json::Value;

use crate::http::{decoded, encoded};

/// The cookie that keeps a client with its target group. The real one's value is opaque; here it is the group's ARN.
const COOKIE: &str = "AWSALBTG";

/// The last of a rule's actions: what comes before it (authentication) lets everyone through here.
#[derive(Debug, PartialEq)]
pub(crate) enum Action {
    /// To one of the target groups.
    Forward(Forward),
    /// An answer of the load balancer's own.
    Fixed { status: u16, kind: String, body: String },
    /// An action that does not run here, by its name.
    Other(String),
}

/// A forward by weights.
#[derive(Debug, PartialEq)]
pub(crate) struct Forward {
    /// ARNs and weights.
    groups: Vec<(String, u32)>,
    /// For so many seconds, where clients stay with their group.
    sticky: Option<u64>,
}

impl Action {
    /// The actions of a rule or listener as they are described.
    pub(super) fn read(actions: &Value) -> Self {
        let all = actions.as_array().into_iter().flatten();
        let Some(last) = all.max_by_key(|action| action["Order"].as_u64().unwrap_or_default()) else {
            return Self::Other("none".to_owned());
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match last["Type"].as_str().unwrap_or_default() {
            "forward" => Self::Forward(Forward::read(last)),
            "fixed-response" => {
                let fixed = &last["FixedResponseConfig"];
                let status = fixed["StatusCode"].as_str().and_then(|code| code.parse().ok()).unwrap_or(503);
                Self::Fixed { status, kind: text(&fixed["ContentType"]), body: text(&fixed["MessageBody"]) }
            }
            other => Self::Other(other.to_owned()),
        }
    }
}

impl Forward {
    fn read(action: &Value) -> Self {
        let config = &action["ForwardConfig"];
        let mut groups = config["TargetGroups"].as_array().into_iter().flatten().map(group).collect::<Vec<_>>();
        if groups.is_empty() {
            groups.extend(action["TargetGroupArn"].as_str().map(|arn| (arn.to_owned(), 1)));
        }
        let stickiness = &config["TargetGroupStickinessConfig"];
        let sticky = (stickiness["Enabled"] == true).then(|| stickiness["DurationSeconds"].as_u64().unwrap_or(3600));
        Self { groups, sticky }
    }

    /// The group for a request: the one its cookies name where clients stay with theirs, else by weight. `chance` is in
    /// [0, 1). `None` where no group has any weight.
    pub(crate) fn choose(&self, cookies: &str, chance: f64) -> Option<&str> {
        let mut weighted = self.groups.iter().filter(|(_, weight)| *weight > 0);
        if self.sticky.is_some()
            && let Some(named) =
                cookies.split(';').find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))
            && let Some((group, _)) = weighted.clone().find(|(group, _)| *group == decoded(named))
        {
            return Some(group);
        }
        let total = weighted.clone().map(|(_, weight)| f64::from(*weight)).sum::<f64>();
        let mut rest = chance * total;
        for (group, weight) in weighted.clone() {
            rest -= f64::from(*weight);
            if rest < 0.0 {
                return Some(group);
            }
        }
        // Rounding may leave a hair's breadth after the last.
        weighted.next_back().map(|(group, _)| group.as_str())
    }

    /// The cookie that keeps a client with `group`, where clients stay with theirs.
    pub(crate) fn cookie(&self, group: &str) -> Option<String> {
        self.sticky.map(|seconds| format!("{COOKIE}={}; Max-Age={seconds}; Path=/", encoded(group)))
    }
}

fn group(of: &Value) -> (String, u32) {
    // moto says numbers as numbers, but keeps what it is given.
    let weight = of["Weight"].as_u64().or_else(|| of["Weight"].as_str()?.parse().ok()).unwrap_or(1);
    (of["TargetGroupArn"].as_str().unwrap_or_default().to_owned(), u32::try_from(weight).unwrap_or(999))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Action, Forward};

    fn forward(action: &serde_json::Value) -> Forward {
        match Action::read(&json!([action])) {
            Action::Forward(forward) => forward,
            other => panic!("{other:?}"),
        }
    }

    fn pair(blue: u32, green: u32, sticky: bool) -> Forward {
        forward(&json!({ "Type": "forward", "ForwardConfig": {
            "TargetGroups": [
                { "TargetGroupArn": "blue", "Weight": blue }, { "TargetGroupArn": "green", "Weight": green },
            ],
            "TargetGroupStickinessConfig": { "Enabled": sticky, "DurationSeconds": 60 },
        } }))
    }

    #[test]
    fn a_group_is_chosen_as_often_as_its_weight_says() {
        let pair = pair(90, 10, false);
        let chosen = |chance: f64| pair.choose("", chance);
        assert_eq!(
            [chosen(0.0), chosen(0.899), chosen(0.9), chosen(0.999_999)],
            [Some("blue"), Some("blue"), Some("green"), Some("green")]
        );
    }

    #[test]
    fn a_group_without_weight_is_never_chosen() {
        let half_way = pair(0, 1, false);
        assert!((0..100).all(|chance| half_way.choose("", f64::from(chance) / 100.0) == Some("green")));
        assert_eq!(pair(0, 0, false).choose("", 0.5), None);
    }

    #[test]
    fn a_forward_to_one_group_is_understood_in_both_its_forms() {
        assert_eq!(forward(&json!({ "Type": "forward", "TargetGroupArn": "blue" })).choose("", 0.5), Some("blue"));
        let config = json!({ "TargetGroups": [{ "TargetGroupArn": "green" }] });
        assert_eq!(forward(&json!({ "Type": "forward", "ForwardConfig": config })).choose("", 0.5), Some("green"));
    }

    #[test]
    fn a_client_stays_with_its_group_only_while_that_is_asked_for_and_has_weight() {
        let sticky = pair(99, 1, true);
        let cookie = sticky.cookie("green").unwrap();
        let cookie = format!("a=b; {}", cookie.split(';').next().unwrap());
        assert_eq!(sticky.choose(&cookie, 0.0), Some("green"));
        assert_eq!(pair(99, 1, false).choose(&cookie, 0.0), Some("blue"));
        assert_eq!(pair(100, 0, true).choose(&cookie, 0.0), Some("blue"));
        assert_eq!(pair(99, 1, false).cookie("green"), None);
    }

    #[test]
    fn the_last_action_counts_and_one_that_does_not_run_here_is_named() {
        let fixed = json!({ "Type": "fixed-response", "FixedResponseConfig": {
            "StatusCode": "404", "ContentType": "text/plain", "MessageBody": "gone" } });
        let (kind, body) = ("text/plain".to_owned(), "gone".to_owned());
        assert_eq!(Action::read(&json!([fixed])), Action::Fixed { status: 404, kind, body });
        let login = json!({ "Type": "authenticate-oidc", "Order": 1 });
        let after = json!({ "Type": "redirect", "Order": 2 });
        assert_eq!(Action::read(&json!([after, login])), Action::Other("redirect".to_owned()));
    }
}
