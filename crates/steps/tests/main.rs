//! The steps over the fakes: whole deployments, told as stories, and the promises of the design held against every fault.

mod promises;
mod story;

mod breakage;
mod rollouts;
