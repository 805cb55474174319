//! The CodeDeploy API on the wire: operations, shapes and errors. Knows nothing of Lambda, DynamoDB or of how a deployment
//! is carried out.
//!
//! Sources: the service model `codedeploy/2014-10-06` for names and casing; the error members and HTTP status as the stock
//! clients read them.
//!
//! Reading order: what is asked for ([`operation`], [`call`], [`empty`], [`unknown`]), how it travels ([`http`], [`protocol`],
//! [`cbor`]), what is answered when it cannot be done ([`error`]), the
//! structures ([`shapes`]) and their values ([`values`], [`names`], [`time`], [`token`], [`text`]), and how much of everything there
//! may be ([`quota`]). What our own operations take and answer beside CodeDeploy's is in [`view`].

pub mod call;
pub mod cbor;
pub mod empty;
pub mod error;
pub mod http;
pub mod names;
pub mod operation;
pub mod protocol;
pub mod quota;
#[macro_use]
pub mod shapes;
pub mod text;
pub mod time;
pub mod token;
pub mod unknown;
pub mod values;
pub mod view;
