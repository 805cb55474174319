//! Which version runs: `$LATEST`, a version, or an alias that splits its calls by weight.

use serde_json::Value;

/// A version to run, and what it was called by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) function: String,
    pub(crate) version: String,
    /// The alias or version named in the call.
    pub(crate) qualifier: Option<String>,
}

/// The version an alias sends this call to; `chance` is random in 0..1.
pub(crate) fn pick(alias: &Value, chance: f64) -> String {
    let main = alias["FunctionVersion"].as_str().unwrap_or("$LATEST");
    let weights = alias["RoutingConfig"]["AdditionalVersionWeights"].as_object().into_iter().flatten();
    let mut edge = 0.0;
    for (version, weight) in weights {
        edge += weight.as_f64().unwrap_or_default();
        if chance < edge {
            return version.clone();
        }
    }
    main.to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::pick;

    #[test]
    fn an_alias_without_weights_sends_all_to_its_version() {
        let alias = json!({ "FunctionVersion": "1", "RoutingConfig": null });
        assert_eq!(pick(&alias, 0.0), "1");
        assert_eq!(pick(&alias, 0.999), "1");
    }

    #[test]
    fn an_alias_with_weights_sends_that_share_to_the_additional_version() {
        let alias = json!({ "FunctionVersion": "1", "RoutingConfig": { "AdditionalVersionWeights": { "2": 0.3 } } });
        let to_new = (0..1000).filter(|chance| pick(&alias, f64::from(*chance) / 1000.0) == "2").count();
        assert_eq!(to_new, 300);
    }

    #[test]
    fn weights_of_nothing_and_of_everything_are_exact() {
        let alias = |weight: f64| json!({ "FunctionVersion": "1", "RoutingConfig": { "AdditionalVersionWeights": { "2": weight } } });
        assert_eq!(pick(&alias(0.0), 0.0), "1");
        assert_eq!(pick(&alias(1.0), 0.999_999), "2");
    }
}
