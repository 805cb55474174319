pub mod error;
mod arn; mod call; mod cbor; mod children; mod clock; mod guarded; mod http;
pub use error::LocalError;
