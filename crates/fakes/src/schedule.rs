//! Who goes first when several could go: the one thing about a simulation that is not given.

/// In which order those who are ready go on.
#[derive(Debug, Clone)]
pub enum Schedule {
    /// One after the other.
    InTurn,
    /// As a generator of pseudo-random numbers says.
    Seeded(u64),
    /// As this list of choices says; whoever waits longest once it is over. Remembers the choices it had.
    Chosen(Chosen),
}

/// Choices, made and to be made.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    next: Vec<usize>,
    made: Vec<(usize, usize)>,
}

impl Chosen {
    /// The choices of the next run, so that every order comes once; `None` after the last one.
    fn following(self) -> Option<Self> {
        let mut made = self.made;
        while let Some((choice, of)) = made.pop() {
            if choice + 1 < of {
                let next = made.iter().map(|made| made.0).chain([choice + 1]).collect();
                return Some(Self { next, made: Vec::new() });
            }
        }
        None
    }
}

impl Schedule {
    /// Picks one of `ready`, ids in ascending order; `last` went before.
    pub(crate) fn pick(&mut self, ready: &[usize], last: usize) -> Option<usize> {
        let index = match self {
            Self::InTurn => ready.iter().position(|id| *id > last).unwrap_or(0),
            Self::Seeded(state) => {
                *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (*state >> 33) as usize % ready.len().max(1)
            }
            Self::Chosen(_) if ready.len() < 2 => 0,
            Self::Chosen(chosen) => {
                let choice = chosen.next.get(chosen.made.len()).copied().unwrap_or(0);
                chosen.made.push((choice, ready.len()));
                choice
            }
        };
        ready.get(index).copied()
    }
}

/// Runs `story` once in every order there is, each time over a world of its own. Returns how many orders that were.
///
/// `story` gets a schedule and gives it back.
pub fn in_every_order(mut story: impl FnMut(Schedule) -> Schedule) -> usize {
    let mut chosen = Chosen::default();
    for run in 1.. {
        match story(Schedule::Chosen(chosen)) {
            Schedule::Chosen(made) => match made.following() {
                Some(next) => chosen = next,
                None => return run,
            },
            Schedule::InTurn | Schedule::Seeded(_) => return run,
        }
    }
    0
}

/// Runs `story` in `count` orders out of more than can be tried.
pub fn in_many_orders(count: u64, mut story: impl FnMut(Schedule)) {
    (0..count).for_each(|seed| story(Schedule::Seeded(seed)));
}
