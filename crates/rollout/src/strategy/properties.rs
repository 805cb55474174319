//! What holds for every strategy.

use crate::seconds::Seconds;
use crate::weight::Weight;
use proptest::prelude::*;

use super::Strategy;
use super::*;
use crate::hold::{Hold, OnTimeout};
use crate::platform::Platform;

fn holds() -> impl proptest::strategy::Strategy<Value = Hold> {
    use proptest::strategy::Strategy as _;
    prop_oneof![
        (0u64..6_000).prop_map(|seconds| Hold::For(Seconds(seconds))),
        (1u64..6_000)
            .prop_map(|seconds| Hold::UntilContinued { timeout: Seconds(seconds), on_timeout: OnTimeout::Stop }),
    ]
}

fn strategies() -> impl proptest::strategy::Strategy<Value = Strategy> {
    use proptest::strategy::Strategy as _;
    prop_oneof![
        Just(Strategy::AllAtOnce),
        (1u64..100, 1u64..=604_800).prop_map(|(percent, seconds)| Strategy::canary(percent, Seconds(seconds)).unwrap()),
        (1u64..100, 1u64..6_000).prop_map(|(percent, seconds)| Strategy::linear(percent, Seconds(seconds)).unwrap()),
        prop::collection::btree_map(1u8..=100, holds(), 1..=99).prop_map(|steps| {
            Strategy::custom(
                steps.into_iter().map(|(weight, hold)| Step { weight: Weight::clamped(weight), hold }).collect(),
            )
            .unwrap()
        }),
    ]
}

proptest! {
    #[test]
    fn weights_only_climb_and_end_on_everything(strategy in strategies()) {
        let steps = strategy.steps();
        prop_assert!(steps.windows(2).all(|pair| pair[0].weight < pair[1].weight));
        prop_assert!(steps[0].weight > Weight::ZERO);
        prop_assert_eq!(steps[steps.len() - 1].weight, Weight::FULL);
        prop_assert!(steps.len() <= MAX_STEPS && strategy.total() <= MAX_TOTAL);
    }

    #[test]
    fn a_linear_strategy_has_the_steps_and_the_length_of_codedeploy(percent in 1u64..100, seconds in 1u64..6_000) {
        let strategy = Strategy::linear(percent, Seconds(seconds)).unwrap();
        let steps = 100u64.div_ceil(percent);
        prop_assert_eq!(strategy.steps().len() as u64, steps);
        prop_assert_eq!(strategy.total(), Seconds((steps - 1) * seconds));
    }

    #[test]
    fn the_short_name_means_the_same_strategy(strategy in strategies()) {
        if !matches!(strategy, Strategy::Steps(_)) {
            prop_assert_eq!(Strategy::named(&strategy.to_string(), Platform::Lambda), Ok(strategy.clone()));
            prop_assert_eq!(Strategy::named(&format!("Lambda{strategy}"), Platform::Lambda), Ok(strategy.clone()));
            prop_assert_eq!(Strategy::named(&format!("ECS{strategy}"), Platform::Ecs), Ok(strategy));
        }
    }

    #[test]
    fn a_strategy_comes_back_from_json_as_it_was(strategy in strategies()) {
        let json = serde_json::to_string(&strategy).unwrap();
        prop_assert_eq!(serde_json::from_str::<Strategy>(&json).unwrap(), strategy);
    }

    #[test]
    fn no_name_is_too_strange_to_answer(name in "(CodeDeployDefault\\.|Lambda|ECS)?(Canary|Linear)?[0-9]{0,25}(Percent|Every|.)?[0-9]{0,25}(Minutes?|Seconds?|.{0,9})") {
        for platform in Platform::ALL {
            let _ = Strategy::named(&name, platform);
        }
    }
}
