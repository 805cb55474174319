//! A listener's rules: which of them a request meets.

use serde_json::Value;

use super::action::Action;
use crate::http::{Request, form};
use crate::wildcard::wildcard;

/// A rule, the default one included.
#[derive(Debug)]
pub(crate) struct Rule {
    /// The default rule comes last.
    pub(super) priority: u32,
    conditions: Vec<Condition>,
    pub(crate) action: Action,
}

/// What a rule asks of a request. Any of the values will do.
#[derive(Debug, PartialEq)]
enum Condition {
    Path(Vec<String>),
    Host(Vec<String>),
    Header(String, Vec<String>),
    Method(Vec<String>),
    /// Keys, where they matter, and values.
    Query(Vec<(Option<String>, String)>),
    /// What is not known here is never met.
    Unknown,
}

impl Rule {
    /// A rule as `DescribeRules` gives it.
    pub(super) fn read(rule: &Value) -> Self {
        let conditions = rule["Conditions"].as_array().into_iter().flatten();
        Self {
            priority: rule["Priority"].as_str().and_then(|number| number.parse().ok()).unwrap_or(u32::MAX),
            conditions: conditions.map(Condition::read).collect(),
            action: Action::read(&rule["Actions"]),
        }
    }

    /// Whether a request to `path` meets all of its conditions.
    pub(crate) fn meets(&self, request: &Request, path: &str) -> bool {
        self.conditions.iter().all(|condition| condition.meets(request, path))
    }
}

impl Condition {
    fn read(condition: &Value) -> Self {
        let values = |member: &str| {
            let given = condition[member]["Values"].as_array().or(condition["Values"].as_array());
            given.into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        match condition["Field"].as_str().unwrap_or_default() {
            "path-pattern" => Self::Path(values("PathPatternConfig")),
            "host-header" => Self::Host(values("HostHeaderConfig")),
            "http-request-method" => Self::Method(values("HttpRequestMethodConfig")),
            "http-header" => {
                let name = condition["HttpHeaderConfig"]["HttpHeaderName"].as_str().unwrap_or_default();
                Self::Header(name.to_owned(), values("HttpHeaderConfig"))
            }
            "query-string" => {
                let pairs = condition["QueryStringConfig"]["Values"].as_array().into_iter().flatten();
                let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
                Self::Query(pairs.map(|pair| (text(&pair["Key"]), text(&pair["Value"]).unwrap_or_default())).collect())
            }
            _ => Self::Unknown,
        }
    }

    fn meets(&self, request: &Request, path: &str) -> bool {
        match self {
            Self::Path(patterns) => patterns.iter().any(|pattern| wildcard(pattern, path)),
            Self::Host(patterns) => {
                let host = request.header("host").unwrap_or_default();
                let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
                patterns.iter().any(|pattern| alike(pattern, host))
            }
            Self::Header(name, patterns) => {
                let values = request.headers.get_all(name.as_str()).iter().filter_map(|value| value.to_str().ok());
                values.into_iter().any(|value| patterns.iter().any(|pattern| alike(pattern, value)))
            }
            Self::Method(methods) => methods.iter().any(|method| method == request.method.as_str()),
            Self::Query(pairs) => form(&request.query).any(|(key, value)| {
                let same = |wanted: &Option<String>| wanted.as_deref().is_none_or(|wanted| alike(wanted, &key));
                pairs.iter().any(|(wanted, pattern)| same(wanted) && alike(pattern, &value))
            }),
            Self::Unknown => false,
        }
    }
}

/// Everything but paths and methods is compared without regard to case.
fn alike(pattern: &str, text: &str) -> bool {
    wildcard(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use serde_json::json;

    use super::Rule;
    use crate::http::Request;

    fn meets(conditions: &serde_json::Value, path: &str, query: &str, headers: &[(&'static str, &str)]) -> bool {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.insert(*name, value.parse().unwrap());
        }
        let request = Request {
            method: Method::GET,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: all,
            body: hyper::body::Bytes::new(),
        };
        Rule::read(&json!({ "Priority": "10", "Conditions": conditions, "Actions": [] })).meets(&request, path)
    }

    #[test]
    fn a_path_meets_any_of_the_patterns_in_either_way_they_are_written() {
        let full = json!([{ "Field": "path-pattern", "PathPatternConfig": { "Values": ["/api/*", "/v?"] } }]);
        let short = json!([{ "Field": "path-pattern", "Values": ["/api/*", "/v?"] }]);
        for conditions in [full, short] {
            assert!(meets(&conditions, "/api/carts", "", &[]));
            assert!(meets(&conditions, "/v2", "", &[]));
            assert!(!meets(&conditions, "/API/carts", "", &[]));
            assert!(!meets(&conditions, "/", "", &[]));
        }
    }

    #[test]
    fn all_conditions_must_be_met() {
        let conditions = json!([
            { "Field": "path-pattern", "Values": ["/*"] },
            { "Field": "host-header", "HostHeaderConfig": { "Values": ["*.Example.com"] } },
            { "Field": "http-header", "HttpHeaderConfig": { "HttpHeaderName": "X-Test", "Values": ["y*"] } },
            { "Field": "http-request-method", "HttpRequestMethodConfig": { "Values": ["GET"] } },
            { "Field": "query-string", "QueryStringConfig": { "Values": [{ "Key": "v", "Value": "2" }] } },
        ]);
        let host = ("host", "shop.example.com:8080");
        assert!(meets(&conditions, "/", "v=2", &[host, ("x-test", "Yes")]));
        assert!(!meets(&conditions, "/", "v=2", &[host]));
        assert!(!meets(&conditions, "/", "v=3", &[host, ("x-test", "yes")]));
        assert!(!meets(&conditions, "/", "v=2", &[("host", "example.org"), ("x-test", "yes")]));
    }

    #[test]
    fn a_rule_without_conditions_is_met_by_all_and_an_unknown_condition_by_none() {
        assert!(meets(&json!([]), "/", "", &[]));
        assert!(!meets(
            &json!([{ "Field": "source-ip", "SourceIpConfig": { "Values": ["0.0.0.0/0"] } }]),
            "/",
            "",
            &[]
        ));
    }
}
