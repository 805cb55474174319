//! The records of a zip that are read: the one that ends it, those of its directory, and the one before a file (PKWARE's APPNOTE 4.3).
//! Numbers are little-endian; one that does not fit its field stands in a zip64 record.

/// How long the record before a file is, without its name.
pub(super) const LOCAL: u64 = 30;

/// How long the zip64 record is that ends a zip.
pub(super) const END_64: u64 = 56;

const END: usize = 22;
const LOCATOR_64: usize = 20;
const ENTRY: usize = 46;

/// Where the directory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    pub(super) entries: u64,
    pub(super) from: u64,
    pub(super) length: u64,
}

/// What the end of a zip says.
pub(super) enum Ended {
    At(End),
    /// The record of a large one says it, and stands there.
    In64(u64),
    /// It does not end as a zip.
    Nowhere,
}

/// One file of the directory.
pub(super) struct Entry {
    /// Its path; one that leads out of the archive, or is written with backslashes, is none that anybody asks for.
    pub(super) name: String,
    pub(super) encrypted: bool,
    method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    pub(super) offset: u64,
    /// How long its name and its extra fields are.
    pub(super) around: u64,
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn huge(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

/// Finds the record that ends a zip in its last bytes, which begin at `from`. A comment may stand behind it.
pub(super) fn end(tail: &[u8], from: u64) -> Result<Ended, String> {
    let found = (0..=tail.len().saturating_sub(END)).rev().find(|at| {
        let comment = short(tail, at + 20).map(usize::from);
        tail[*at..].starts_with(b"PK\x05\x06") && comment == tail.len().checked_sub(at + END)
    });
    let Some(at) = found else { return Ok(Ended::Nowhere) };
    let read = || {
        let entries = short(tail, at + 10)?;
        Some((short(tail, at + 4)?, entries, long(tail, at + 12)?, long(tail, at + 16)?))
    };
    let Some((disk, entries, length, begin)) = read() else { return Ok(Ended::Nowhere) };
    let locator = at.checked_sub(LOCATOR_64).filter(|at| tail[*at..].starts_with(b"PK\x06\x07"));
    if let Some(there) = locator.and_then(|locator| huge(tail, locator + 8)) {
        return Ok(Ended::In64(there));
    }
    if disk != 0 {
        return Err("is one part of a zip that was split: pack it in one piece".to_owned());
    }
    let end = End { entries: entries.into(), from: begin.into(), length: length.into() };
    if end.from + end.length > from + at as u64 {
        return Err("has a directory behind its own end: pack it again".to_owned());
    }
    Ok(Ended::At(end))
}

/// The same of a large one.
pub(super) fn end64(record: &[u8]) -> Result<End, String> {
    let read = || Some(End { entries: huge(record, 32)?, length: huge(record, 40)?, from: huge(record, 48)? });
    read()
        .filter(|_| record.starts_with(b"PK\x06\x06"))
        .ok_or_else(|| "names a zip64 record that is none: pack it again".to_owned())
}

/// The files of a directory of so many.
pub(super) fn entries(mut rest: &[u8], count: u64) -> impl Iterator<Item = Result<Entry, String>> {
    let mut left = count;
    std::iter::from_fn(move || {
        left = left.checked_sub(1)?;
        match entry(rest) {
            Some((entry, behind)) => {
                rest = behind;
                Some(Ok(entry))
            }
            None => {
                left = 0;
                Some(Err("has a directory that cannot be read: pack it again".to_owned()))
            }
        }
    })
}

fn entry(record: &[u8]) -> Option<(Entry, &[u8])> {
    if !record.starts_with(b"PK\x01\x02") {
        return None;
    }
    let [name, extra, comment] = [28, 30, 32].map(|at| short(record, at).map(usize::from));
    let (name, extra, comment) = (name?, extra?, comment?);
    let written = record.get(ENTRY..ENTRY + name)?;
    let extras = record.get(ENTRY + name..ENTRY + name + extra)?;
    let behind = record.get(ENTRY + name + extra + comment..)?;
    let flags = short(record, 8)?;
    let mut entry = Entry {
        name: String::from_utf8_lossy(written).into_owned(),
        // Encrypted, or encrypted so that even its name is masked.
        encrypted: flags & (1 | 1 << 13) != 0,
        method: short(record, 10)?,
        crc: long(record, 16)?,
        packed: long(record, 20)?.into(),
        size: long(record, 24)?.into(),
        offset: long(record, 42)?.into(),
        around: (name + extra) as u64,
    };
    if let Some(plain) = entry.name.strip_prefix("./") {
        entry.name = plain.to_owned();
    }
    // What does not fit stands there in this order, and nothing else does.
    let mut large = extra_64(extras).unwrap_or_default();
    for field in [&mut entry.size, &mut entry.packed, &mut entry.offset] {
        if *field == u64::from(u32::MAX) {
            *field = huge(large, 0)?;
            large = large.get(8..)?;
        }
    }
    Some((entry, behind))
}

/// The zip64 field among the extra ones.
fn extra_64(mut extras: &[u8]) -> Option<&[u8]> {
    loop {
        let (id, length) = (short(extras, 0)?, usize::from(short(extras, 2)?));
        let field = extras.get(4..4 + length)?;
        if id == 1 {
            return Some(field);
        }
        extras = extras.get(4 + length..)?;
    }
}

/// How far behind the beginning of its record a file begins.
pub(super) fn behind_local(record: &[u8]) -> Result<u64, String> {
    let read = || Some(LOCAL + u64::from(short(record, 26)?) + u64::from(short(record, 28)?));
    read()
        .filter(|_| record.starts_with(b"PK\x03\x04"))
        .ok_or_else(|| "has a directory that names files where none are: pack it again".to_owned())
}

/// What a file holds, of which no more than is declared is unpacked.
pub(super) fn unpacked(entry: &Entry, data: &[u8]) -> Result<Vec<u8>, String> {
    match entry.method {
        0 => Ok(data.to_vec()),
        8 => {
            let most = usize::try_from(entry.size).unwrap_or(usize::MAX);
            miniz_oxide::inflate::decompress_to_vec_with_limit(data, most)
                .map_err(|_| format!("which holds more than the {most} bytes that are declared, or is damaged"))
        }
        other => Err(format!("which is packed by the method {other}: pack it with deflate, or as it is")),
    }
}

/// The checksum of a zip.
pub(super) fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    })
}
