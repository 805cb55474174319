//! The CodeDeploy API on the wire: operations, shapes and errors. Knows nothing of Lambda, DynamoDB or of how a deployment
//! is carried out.
//!
//! Sources: the service model `codedeploy/2014-10-06` for names and casing; the error members and HTTP status as the stock
//! clients read them.

pub mod call;
pub mod error;
pub mod http;
pub mod operation;
pub mod shapes;
