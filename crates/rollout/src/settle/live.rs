//! Where a target sends its calls now.

use crate::routing::Routing;

/// Where a target sends its calls now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Live {
    /// It does not exist any more, or sends its calls nowhere we can go.
    Gone {
        /// The places of test traffic that are left.
        test: Vec<Tested>,
    },
    /// Here: an alias has one route, a listener one for each place it forwards at.
    Routes {
        /// The routes of production traffic.
        production: Vec<Routing>,
        /// The places of test traffic, which follow in one go.
        test: Vec<Tested>,
    },
}

impl Live {
    /// An alias.
    pub fn alias(routing: Option<&Routing>) -> Self {
        match routing {
            Some(routing) => Self::Routes { production: vec![routing.clone()], test: Vec::new() },
            None => Self::Gone { test: Vec::new() },
        }
    }

    /// Whether all production traffic goes `home`, and all test traffic to where it is at home.
    pub fn is_at_home(&self, home: &Routing) -> bool {
        match self {
            Self::Gone { .. } => false,
            Self::Routes { production, test } => {
                production.iter().all(|routing| routing == home) && test.iter().all(Tested::is_home)
            }
        }
    }
}

/// A place of test traffic. Where production has one home, each of these has the one it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// Where it sends its calls now.
    pub now: Routing,
    /// Where a rollback brings it.
    pub home: Routing,
}

impl Tested {
    /// Whether it is where a rollback would bring it.
    pub fn is_home(&self) -> bool {
        self.now == self.home
    }
}
