//! The clock and the source of new names. The only place that asks the system what time it is.

use jiff::Timestamp;
use rollout::ids::{DeploymentId, HookExecutionId};
use steps::ports::{Clock, Ids};

use crate::account::Account;

impl Clock for Account {
    #[expect(clippy::disallowed_methods, reason = "this is where the time comes from")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A number nobody can guess: whoever has the id of a hook's run may answer for it.
fn random() -> u64 {
    loop {
        // There is nothing to do instead: an id that can be guessed is worse than none.
        if let Ok(number) = getrandom::u64() {
            return number;
        }
    }
}

impl Ids for Account {
    fn deployment(&self) -> DeploymentId {
        DeploymentId::from_random(random)
    }

    fn hook_execution(&self) -> HookExecutionId {
        HookExecutionId::from_random(random)
    }

    fn uuid(&self) -> String {
        steps::ports::uuid(u128::from(random()) << 64 | u128::from(random()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::account::Stack;

    #[test]
    fn no_two_names_are_the_same_and_a_seed_makes_none_come_again() {
        let account = Account::new(&aws_config::SdkConfig::builder().build(), Stack::default());
        let mut seen = BTreeSet::new();
        for _ in 0..1_000 {
            // What decides the numbers of a generator that is none of the system's.
            fastrand::seed(7);
            assert!(seen.insert(account.deployment().to_string()));
            assert!(seen.insert(account.hook_execution().to_string()));
            assert!(seen.insert(account.uuid()));
        }
    }
}
