//! A check of a stack in its account: what was seen (`facts`), what to think of it (`judge`), and how it is told (`text`). The
//! looks themselves, with the caller's own credentials, are in `account`.

pub(crate) mod account;
pub(crate) mod facts;
pub(crate) mod judge;
pub(crate) mod text;
