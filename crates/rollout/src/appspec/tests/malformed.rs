//! Texts that are no AppSpec of any kind: empty, not YAML, more than YAML needs to be, too long.

use expect_test::expect;

use super::{all, check};

#[test]
fn an_empty_text() {
    all(
        &["", " \n\t\n", "# nothing but a comment\n", "---\n", "~", "null"],
        expect![[r##"
        ""
        the AppSpec is empty: write version: 0.0 and Resources, and Hooks if there are any

        " \n\t\n"
        the AppSpec is empty: write version: 0.0 and Resources, and Hooks if there are any

        "# nothing but a comment\n"
        the AppSpec is empty: write version: 0.0 and Resources, and Hooks if there are any

        "---\n"
        the AppSpec is empty: write version: 0.0 and Resources, and Hooks if there are any

        "~"
        the AppSpec is empty: write version: 0.0 and Resources, and Hooks if there are any

        "null"
        the AppSpec is empty: write version: 0.0 and Resources, and Hooks if there are any

    "##]],
    );
}

#[test]
fn a_text_that_is_no_appspec() {
    all(
        &[
            "hello",
            "42",
            "[]",
            "{}",
            "{",
            "}",
            "key: [",
            "a: b: c",
            "\"",
            "{\"version\": 0.0,, }",
            "version: 0.0\n\tResources: []",
            "a\0b",
            "- a\nb",
            ": x",
            "? [a]\n: b",
            "%YAML 9",
            "<html></html>",
        ],
        expect![[r#"
            "hello"
            line 1: expected a map with version and Resources, found `hello`

            "42"
            line 1: expected a map with version and Resources, found the number `42`

            "[]"
            line 1: expected a map with version and Resources, found a list

            "{}"
            line 1, version: missing: write version: 0.0
            line 1, Resources: missing: write a list with the function to move

            "{"
            line 1: not well-formed JSON: while parsing a node, did not find expected node content

            "}"
            line 1: not well-formed YAML: misplaced bracket

            "key: ["
            line 1: not well-formed YAML: while parsing a node, did not find expected node content

            "a: b: c"
            line 1: not well-formed YAML: mapping values are not allowed in this context

            "\""
            line 1: not well-formed YAML: while scanning a quoted scalar, found unexpected end of stream

            "{\"version\": 0.0,, }"
            line 1: not well-formed JSON: while parsing a node, did not find expected node content

            "version: 0.0\n\tResources: []"
            line 1: not well-formed YAML: while scanning a plain scalar, found a tab; indent with spaces, not with tabs

            "a\0b"
            line 1: not well-formed YAML: found unprintable character

            "- a\nb"
            line 2: not well-formed YAML: simple key expected

            ": x"
            line 1: a key is missing before the colon

            "? [a]\n: b"
            line 1: a key is a list or a map here: write a word before the colon

            "%YAML 9"
            line 1: not well-formed YAML: while scanning a YAML directive, did not find expected digit or '.' character

            "<html></html>"
            line 1: expected a map with version and Resources, found `<html></html>`

        "#]],
    );
}

#[test]
fn a_text_that_uses_more_of_yaml_than_an_appspec_needs() {
    all(
        &[
            "version: &v 0.0\nResources: *v\n",
            "version: *nowhere\n",
            "&k version: 0.0\n",
            "version: 0.0\nResources: !Ref Function\n",
            "version: !!str 0.0\n",
            "version: 0.0\n---\nversion: 0.0\n",
            "<<: {version: 0.0}\n",
        ],
        expect![[r#"
            "version: &v 0.0\nResources: *v\n"
            line 1: anchors and aliases (& and *) are not read: write the value out, in quotes if it is text

            "version: *nowhere\n"
            line 1: not well-formed YAML: while parsing node, found unknown anchor

            "&k version: 0.0\n"
            line 1: anchors and aliases (& and *) are not read: write the value out, in quotes if it is text

            "version: 0.0\nResources: !Ref Function\n"
            line 2: tags such as `!Ref` are not read (CloudFormation's functions work in templates only): write the value out

            "version: !!str 0.0\n"
            line 1: tags such as `!!str` are not read (CloudFormation's functions work in templates only): write the value out

            "version: 0.0\n---\nversion: 0.0\n"
            line 2: a second document: an AppSpec is one document, so end the text before this ---

            "<<: {version: 0.0}\n"
            line 1, `<<`: unknown key; known here: version, Resources, Hooks, Strategy
            line 1, version: missing: write version: 0.0
            line 1, Resources: missing: write a list with the function to move

        "#]],
    );
}

#[test]
fn a_text_that_is_too_long_or_too_deep() {
    check(
        &"x".repeat(1024 * 1024),
        expect![
            "the AppSpec is 1048576 bytes long, and 65536 (64 KiB) are read at most; write the resource, its hooks and its strategy, nothing else"
        ],
    );
    check(
        &format!("{}{}", "[".repeat(40), "]".repeat(40)),
        expect!["line 1: lists and maps nested more than 32 deep: an AppSpec needs 7 levels"],
    );
    check(&"[".repeat(60_000), expect!["line 1: not well-formed YAML: recursion limit exceeded"]);
    check(&"- ".repeat(30_000), expect!["line 1: lists and maps nested more than 32 deep: an AppSpec needs 7 levels"]);
    check(&"{\"a\":".repeat(10_000), expect!["line 1: not well-formed JSON: recursion limit exceeded"]);
}
