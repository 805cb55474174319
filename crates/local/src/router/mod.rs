//! The one endpoint: whose each request is, and what comes before that.

mod own;
mod route;

pub(crate) use self::own::Own;
pub(crate) use self::route::Router;
