use serde_json::json;

use super::*;

/// Bytes as they are written down everywhere.
fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex")).collect()
}

fn said(bytes: &[u8]) -> String {
    match read(bytes, 8) {
        Ok(value) => wrong_in(&value).map_or_else(|| format!("read as {value}"), str::to_owned),
        Err(malformed) => malformed.to_string(),
    }
}

/// What is wrong with the first value in it that is none.
fn wrong_in(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => wrong_value(text),
        Value::Array(items) => items.iter().find_map(wrong_in),
        Value::Object(members) => members.values().find_map(wrong_in),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

#[test]
fn what_follows_a_value_that_is_none_is_read() {
    // Bytes in pieces, a number without end, a tag around a list, a simple value; then a member that is one.
    for odd in ["5f 4101 4102 ff", "f97e00", "3bffffffffffffffff", "d82a 82 01 80", "e0", "c1 9f 6131 ff", "c0 01"] {
        let read = read(&hex(&format!("a2 6161 {odd} 6162 07")), 8).expect(odd);
        assert!(wrong_in(&read["a"]).is_some_and(|wrong| wrong.contains("in a: ")), "{odd}: {read}");
        assert_eq!(read["b"], 7, "{odd}");
    }
}

#[test]
fn what_clients_write_is_read_whichever_way_they_write_it() {
    for (bytes, expected) in [
        // Lengths ahead, and ends behind.
        ("a0", json!({})),
        ("bfff", json!({})),
        ("a1 6161 80", json!({"a": []})),
        ("bf 6161 9f ff ff", json!({"a": []})),
        ("bf 6161 9f 01 9f 02 ff ff ff", json!({"a": [1, [2]]})),
        ("a1 7f 6161 6162 ff 7f 6163 60 6164 ff", json!({"ab": "cd"})),
        ("b8 01 7801 61 7900 01 62", json!({"a": "b"})),
        // Numbers in whatever width.
        ("83 00 17 1818", json!([0, 23, 24])),
        ("84 1864 190064 1a00000064 1b0000000000000064", json!([100, 100, 100, 100])),
        ("82 1bffffffffffffffff 3b7fffffffffffffff", json!([u64::MAX, i64::MIN])),
        ("84 20 3863 38ff 3903e7", json!([-1, -100, -256, -1000])),
        ("84 f93c00 f93e00 fa3fc00000 fb3ff8000000000000", json!([1.0, 1.5, 1.5, 1.5])),
        ("83 f90000 f98000 f97bff", json!([0.0, -0.0, 65504.0])),
        // No value is null, however it is said.
        ("84 f4 f5 f6 f7", json!([false, true, null, null])),
        // Moments: whole, with a fraction, before 1970, and as text.
        ("c1 1a65920080", json!(1_704_067_200)),
        ("c1 fb41d9648020200000", json!(1_704_067_200.5)),
        ("c1 20", json!(-1)),
        ("d801 01", json!(1)),
        ("c0 74 323032342d30312d30315430303a30303a30305a", json!("2024-01-01T00:00:00Z")),
        ("62c3bc", json!("ü")),
    ] {
        assert_eq!(read(&hex(bytes), 8), Ok(expected), "{bytes}");
    }
}

#[test]
fn what_is_malformed_is_told_with_its_place() {
    for (bytes, expected) in [
        ("", "at byte 0: the body ends in the middle of a value"),
        ("a1", "at byte 1: the body ends in the middle of a value"),
        ("a1 6161", "at byte 3, in a: the body ends in the middle of a value"),
        ("bf 6161 01", "at byte 4: the body ends in the middle of a value"),
        ("a1 6161 6500", "at byte 3, in a: the body ends in the middle of a value"),
        ("a0 00", "at byte 1: the input is over here, and more follows"),
        ("a1 6161 43010203", "at byte 3, in a: these are bytes, and no member of this API takes bytes"),
        ("a1 6161 5f ff", "at byte 3, in a: these are bytes, and no member of this API takes bytes"),
        ("a1 01 02", "at byte 1: a member's name is text, and this is a whole number"),
        ("a2 6161 01 6161 02", "at byte 4, in a: this member is there twice"),
        ("a1 6161 82 01 f97e00", "at byte 5, in a.1: this number is not finite"),
        ("fa7f800000", "at byte 0: this number is not finite"),
        ("3bffffffffffffffff", "at byte 0: this number is smaller than any number of this API"),
        ("c2 4101", "at byte 0: no member of this API has a value of tag 2"),
        ("c1 6131", "at byte 1: this is text, where a number must be"),
        ("c1 c1 01", "at byte 1: this is a value with a tag, where a number must be"),
        ("c0 01", "at byte 1: this is a whole number, where the text of a timestamp must be"),
        ("ff", "at byte 0: something ends here that has not begun"),
        ("81 ff", "at byte 1, in 0: something ends here that has not begun"),
        ("e0", "at byte 0: this is a simple value without a meaning"),
        ("fc", "at byte 0: this is nothing that CBOR knows"),
        ("1c", "at byte 0: this is nothing that CBOR knows"),
    ] {
        assert_eq!(said(&hex(bytes)), expected, "{bytes}");
    }
    for odd in ["62c328", "7f 6161 01 ff", "7f 7f 6161 ff ff", "bc"] {
        assert!(said(&hex(odd)).starts_with("at byte 0"), "{odd}: {}", said(&hex(odd)));
    }
}

#[test]
fn neither_a_length_that_lies_nor_nesting_without_end_costs_anything() {
    for bytes in ["9b ffffffffffffffff", "bb ffffffffffffffff", "7b ffffffffffffffff", "81 9b 0000ffffffffffff"] {
        assert!(
            said(&hex(bytes)).ends_with("the body ends in the middle of a value"),
            "{bytes}: {}",
            said(&hex(bytes))
        );
    }
    let known = |levels: usize| [vec![0x81; levels - 1], vec![0x80]].concat();
    let unknown = |levels: usize| [vec![0x9f; levels], vec![0xff; levels]].concat();
    assert!(read(&known(8), 8).is_ok() && read(&unknown(8), 8).is_ok());
    for levels in [9, 100, 1_000_000] {
        assert_eq!(read(&known(levels), 8), Err(Malformed::TooDeep), "{levels}");
        assert_eq!(read(&unknown(levels), 8), Err(Malformed::TooDeep), "{levels}");
    }
    assert_eq!(said(&vec![0xc1; 100_000]), "at byte 1: this is a value with a tag, where a number must be");
}

#[test]
fn an_answer_says_which_of_its_numbers_are_moments_and_which_are_no_whole_ones() {
    for (value, expected) in [
        (json!({"createTime": 1_704_067_200.0}), "a1 6a 63726561746554696d65 c1 fb41d9648020000000"),
        (json!({"createTime": "text", "x": 1.0}), "a2 6a 63726561746554696d65 64 74657874 6178 fb3ff0000000000000"),
        (json!({"a": null, "b": [null, -1, 500, true]}), "a1 6162 84 f6 20 1901f4 f5"),
        (json!({"start": 7}), "a1 65 7374617274 07"),
        (json!([{}, "ü", u64::MAX]), "83 a0 62c3bc 1bffffffffffffffff"),
    ] {
        assert_eq!(write(&value), hex(expected), "{value}");
    }
}

#[test]
fn what_is_written_is_read_again_as_it_was() {
    let value = json!({
        "deploymentInfo": {"createTime": 1.5, "deploymentOverview": {"Failed": 0}, "description": "ä\u{1f680}\u{0}"},
        "weights": [0.0, 1e300, -1.5, i64::MIN],
        "empty": [{}, [], ""],
    });
    assert_eq!(read(&write(&value), 8), Ok(value));
}
