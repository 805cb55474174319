//! IAM for our own functions, and for the credentials of roles that pipelines have: what their role does not allow is refused, as it
//! would be in an account.
//!
//! moto keeps roles and policies but lets everyone do everything here. Read are the role's own policies and the managed ones
//! that are attached to it; a Deny wins. Conditions are judged where it is known what they ask for, which is for ECS, load
//! balancers and functions (`guard`); elsewhere they are taken as fulfilled.

mod condition;
mod encryption;
mod guard;
mod need;
mod policy;
mod roles;
mod service;
mod service_needs;
mod sessions;

pub(crate) use self::guard::Guard;
pub(crate) use self::roles::Roles;
pub(crate) use self::service::Iam;
pub(crate) use self::sessions::{Reach, Sessions};
