//! S3: buckets that keep every version.

use std::collections::BTreeMap;

/// The versions of each object, the oldest first.
pub(crate) type Objects = BTreeMap<(String, String), Vec<Vec<u8>>>;

/// What stands for the eTag of these bytes.
pub fn e_tag(bytes: &[u8]) -> String {
    let digest = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{digest:016x}")
}
