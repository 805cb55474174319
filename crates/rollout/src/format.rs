//! The formats of what is kept: plans, records, and the applications and groups of the catalogue.
//!
//! All kinds share one row of numbers. Each carries the number at which its own shape was last changed, so a kind that stays as it is
//! stays readable for older code. Code reads every number up to [`NEWEST`]; what carries a higher one was written by newer code (an
//! upgrade is in flight), and is tried again until that code runs everywhere.

/// The highest number that this code knows.
pub const NEWEST: u32 = 3;

/// What plans carry. In format 1 what is moved stood beside the rest of the plan; it is a course of its own since format 2.
pub const PLAN: u32 = 2;

/// What records carry. Since format 3 one may wait for its turn.
pub const RECORD: u32 = 3;

/// What applications, groups and the like carry.
pub const CATALOGUE: u32 = 1;
