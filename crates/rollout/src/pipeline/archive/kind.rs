//! What an object is that is no zip, by its first bytes.

use crate::text::quoted;

/// How many of them are looked at: a tar names itself behind 257 others.
pub(super) const FIRST: u64 = 512;

/// What is said of it.
pub(super) fn of(first: &[u8]) -> String {
    let named = |kind: &str| format!("is {kind}, and not a zip: have the action before it make a zip");
    match first {
        [0x1f, 0x8b, ..] => return named("packed with gzip, as a .tar.gz is"),
        [b'B', b'Z', b'h', ..] => return named("packed with bzip2"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => return named("packed with xz"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => return named("packed with zstd"),
        [b'7', b'z', 0xbc, 0xaf, ..] => return named("a 7z archive"),
        [b'R', b'a', b'r', b'!', ..] => return named("a rar archive"),
        _ if first.get(257..262) == Some(&b"ustar"[..]) => return named("a tar archive"),
        [b'P', b'K', ..] => return "is a zip that is cut off: its end is missing".to_owned(),
        _ => {}
    }
    let shown: String = String::from_utf8_lossy(first).chars().take(16).collect();
    format!(
        "begins with {}, not PK, and is no zip: a file that is not packed is none; have the action before it make an artifact of it",
        quoted(&shown)
    )
}
