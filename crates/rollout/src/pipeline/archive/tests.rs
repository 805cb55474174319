use std::io::{Cursor, Write};

use expect_test::expect;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;

fn plain() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

fn zip(files: &[(&str, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Reads a file as somebody does who fetches what is needed; what came of it, and how many bytes were fetched.
fn fetched(object: &[u8], path: &str, most: usize) -> (Result<Sought, String>, u64) {
    let mut archive = Archive::new("Build", object.len() as u64);
    let mut bytes = 0;
    loop {
        match archive.file(path, most) {
            Ok(Sought::Need(span)) => {
                assert!(!archive.has(span), "the same bytes are asked for twice");
                let (from, end) = (span.from as usize, (span.from + span.length) as usize);
                archive.add(span.from, object[from..end].to_vec());
                bytes += span.length;
            }
            Ok(found) => return (Ok(found), bytes),
            Err(fault) => {
                assert_eq!(fault.kind, FailureType::ConfigurationError);
                return (Err(fault.message), bytes);
            }
        }
    }
}

fn text(object: &[u8], path: &str) -> String {
    match fetched(object, path, MAX_BYTES).0.unwrap() {
        Sought::Found(bytes) => String::from_utf8(bytes).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(object: &[u8]) -> String {
    fetched(object, "appspec.yaml", MAX_BYTES).0.unwrap_err()
}

#[test]
fn a_file_is_read_packed_or_as_it_is_and_by_its_whole_path() {
    let files: [(&str, &[u8]); 4] = [
        ("appspec.yaml", b"version: 0.0"),
        ("deploy/appspec.yaml", b"another"),
        ("./taskdef.json", b"{}"),
        ("empty", b""),
    ];
    for options in [plain(), plain().compression_method(CompressionMethod::Stored), plain().large_file(true)] {
        let object = zip(&files, options);
        assert_eq!(text(&object, "appspec.yaml"), "version: 0.0");
        assert_eq!(text(&object, "deploy/appspec.yaml"), "another");
        assert_eq!(text(&object, "taskdef.json"), "{}");
        assert_eq!(text(&object, "empty"), "");
    }
}

#[test]
fn of_a_large_artifact_only_the_directory_and_the_file_are_fetched() {
    let noise: Vec<u8> = (0..8_000_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let stored = plain().compression_method(CompressionMethod::Stored);
    let object = zip(&[("app.bin", &noise), ("appspec.yaml", b"version: 0.0"), ("more.bin", &noise)], stored);
    let (found, bytes) = fetched(&object, "appspec.yaml", MAX_BYTES);
    assert_eq!(found, Ok(Sought::Found(b"version: 0.0".to_vec())));
    assert!(object.len() > 16_000_000 && bytes < 70_000, "{bytes} of {}", object.len());
}

#[test]
fn an_archive_with_more_files_than_a_short_number_holds_is_read_by_its_zip64_records() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = plain().compression_method(CompressionMethod::Stored);
    for number in 0..70_000 {
        writer.start_file(format!("n/{number}"), stored).unwrap();
    }
    writer.start_file("appspec.yaml", plain()).unwrap();
    writer.write_all(b"version: 0.0").unwrap();
    let object = writer.finish().unwrap().into_inner();
    assert_eq!(text(&object, "appspec.yaml"), "version: 0.0");
}

#[test]
fn a_comment_behind_the_end_hides_nothing() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("appspec.yaml", plain()).unwrap();
    writer.write_all(b"version: 0.0").unwrap();
    writer.set_comment("PK\u{5}\u{6} and so on ".repeat(500)).unwrap();
    assert_eq!(text(&writer.finish().unwrap().into_inner(), "appspec.yaml"), "version: 0.0");
}

#[test]
fn a_file_that_is_not_there_is_told_with_those_it_may_be() {
    let object = zip(&[("deploy/appspec.yml", b"a"), ("src/main.rs", b"b"), ("appspec.json", b"c")], plain());
    let names = ["deploy/appspec.yml", "appspec.json"].map(str::to_owned).to_vec();
    assert_eq!(fetched(&object, "appspec.yaml", MAX_BYTES).0, Ok(Sought::Absent(names)));
}

#[test]
fn what_is_no_zip_is_told_by_what_it_is() {
    let mut tar = vec![b'x'; 512];
    tar[257..262].copy_from_slice(b"ustar");
    let whole = zip(&[("appspec.yaml", b"version: 0.0")], plain());
    let told = [
        &b"version: 0.0\nResources:\n"[..],
        b"{\"version\": 0.0}",
        b"\x1f\x8b\x08\x00rest",
        &tar,
        b"",
        b"\x00\x01\x02",
        &whole[..whole.len() - 10],
    ]
    .map(refused)
    .join("\n");
    expect![[r#"
        the artifact Build begins with `version: 0.0\nRes`, not PK, and is no zip: a file that is not packed is none; have the action before it make an artifact of it
        the artifact Build begins with `{"version": 0.0}`, not PK, and is no zip: a file that is not packed is none; have the action before it make an artifact of it
        the artifact Build is packed with gzip, as a .tar.gz is, and not a zip: have the action before it make a zip
        the artifact Build is a tar archive, and not a zip: have the action before it make a zip
        the artifact Build is empty, and no zip
        the artifact Build begins with `\u{0}\u{1}\u{2}`, not PK, and is no zip: a file that is not packed is none; have the action before it make an artifact of it
        the artifact Build is a zip that is cut off: its end is missing"#]].assert_eq(&told);
}

#[test]
fn a_bomb_is_not_unpacked_whatever_its_directory_says() {
    let zeros = vec![0; 50_000_000];
    let honest = zip(&[("appspec.yaml", &zeros)], plain());
    assert!(honest.len() < 60_000, "a thousand to one");
    // The same with a directory that declares twelve bytes.
    let mut lying = honest.clone();
    let entry = lying.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    lying[entry + 24..entry + 28].copy_from_slice(&12_u32.to_le_bytes());
    let told = [refused(&honest), refused(&lying)].join("\n");
    expect![[r#"
        the artifact Build has `appspec.yaml` with 50000000 bytes, and no more than 3145728 bytes are read of all files of a job together
        the artifact Build has `appspec.yaml`, which holds more than the 12 bytes that are declared, or is damaged"#]].assert_eq(&told);
    let object = zip(&[("appspec.yaml", &[b'x'; 100])], plain());
    assert!(fetched(&object, "appspec.yaml", 99).0.is_err(), "the rest of what a job may read");
    assert!(fetched(&object, "appspec.yaml", 100).0.is_ok());
}

#[test]
fn an_archive_that_is_not_what_it_says_is_refused() {
    let object = || zip(&[("appspec.yaml", b"version: 0.0")], plain().compression_method(CompressionMethod::Stored));
    let at = |object: &[u8], record: &[u8]| object.windows(4).position(|bytes| bytes == record).unwrap();
    let changed = |record: &[u8], offset: usize, bytes: &[u8]| {
        let mut object = object();
        let at = at(&object, record) + offset;
        object[at..at + bytes.len()].copy_from_slice(bytes);
        refused(&object)
    };
    let (entry, end) = (b"PK\x01\x02", b"PK\x05\x06");
    let twice = {
        let mut object = zip(&[("appspec.yaml", b"1"), ("appspec.yamm", b"2")], plain());
        let last = object.windows(12).rposition(|bytes| bytes == b"appspec.yamm").unwrap();
        object[last + 11] = b'l';
        refused(&object)
    };
    let told = [
        changed(entry, 8, &[1, 0]),
        changed(entry, 10, &[9, 0]),
        changed(entry, 16, &[0; 4]),
        changed(entry, 42, &[9; 4]),
        changed(entry, 0, b"XX"),
        changed(end, 16, &[0xff; 4]),
        changed(end, 10, &[0xff; 2]),
        changed(end, 4, &[1, 0]),
        twice,
    ]
    .join("\n");
    expect![[r#"
        the artifact Build has `appspec.yaml`, which is encrypted: pack it without a password
        the artifact Build has `appspec.yaml`, which is packed by the method 9: pack it with deflate, or as it is
        the artifact Build has `appspec.yaml`, which is not what its directory says: pack it again
        the artifact Build is cut off, or no zip: its directory names bytes that it does not have
        the artifact Build has a directory that cannot be read: pack it again
        the artifact Build has a directory behind its own end: pack it again
        the artifact Build has a directory that cannot be read: pack it again
        the artifact Build is one part of a zip that was split: pack it in one piece
        the artifact Build has `appspec.yaml` twice: which one is meant cannot be told"#]]
    .assert_eq(&told);
}

#[test]
fn no_path_leads_out_of_an_archive_and_no_entry_that_does_is_ever_found() {
    let object = zip(&[("../appspec.yaml", b"a"), ("/appspec.yaml", b"b"), ("deploy\\appspec.yaml", b"c")], plain());
    assert!(matches!(fetched(&object, "appspec.yaml", MAX_BYTES).0, Ok(Sought::Absent(_))));
    assert_eq!(path("./deploy/appspec.yaml", "AppSpecTemplatePath"), Ok("deploy/appspec.yaml".to_owned()));
    let told = [
        "../appspec.yaml",
        "/etc/passwd",
        "deploy\\appspec.yaml",
        "C:/appspec.yaml",
        "s3://a/b",
        "",
        "deploy/",
        "a\nb",
    ]
    .map(|written| path(written, "AppSpecTemplatePath").unwrap_err().message)
    .join("\n");
    expect![[r#"
        AppSpecTemplatePath is `../appspec.yaml`: a path does not lead out of the artifact: leave .. out
        AppSpecTemplatePath is `/etc/passwd`: write the path from the top of the artifact, without a / before it
        AppSpecTemplatePath is `deploy\appspec.yaml`: write / between folders, and not \
        AppSpecTemplatePath is `C:/appspec.yaml`: write the path from the top of the artifact, without a / before it
        AppSpecTemplatePath is `s3://a/b`: write the path from the top of the artifact, without a / before it
        AppSpecTemplatePath is an empty text: write the path of a file in the artifact, such as deploy/appspec.yaml
        AppSpecTemplatePath is `deploy/`: write the path of a file in the artifact, such as deploy/appspec.yaml
        AppSpecTemplatePath is `a\nb`: it has a character that cannot be seen: leave it out"#]]
    .assert_eq(&told);
}
