//! The steps over the fakes: whole deployments, told as stories, and the promises of the design held against every fault.

mod story;

mod rollouts;
