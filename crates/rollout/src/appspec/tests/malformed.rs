//! Texts that are no AppSpec of any kind: empty, not YAML, more than YAML needs to be, too long.

use expect_test::expect;

use super::{all, check, parse, with};

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
        &["hello", "42", "[]", "{}", "<html></html>"],
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

            "<html></html>"
            line 1: expected a map with version and Resources, found `<html></html>`

        "#]],
    );
}

#[test]
fn a_text_that_is_not_well_formed() {
    all(
        &[
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
        ],
        expect![[r#"
            "{"
            line 1: not well-formed JSON: a { is not closed: a } is missing

            "}"
            line 1: not well-formed YAML: misplaced bracket

            "key: ["
            line 1: not well-formed YAML: while parsing a node, did not find expected node content

            "a: b: c"
            line 1: not well-formed YAML: two colons: put the value in quotes, or each key on a line of its own

            "\""
            line 1: not well-formed YAML: a quote is opened and not closed: close it, on the same line

            "{\"version\": 0.0,, }"
            line 1: not well-formed JSON: while parsing a node, did not find expected node content

            "version: 0.0\n\tResources: []"
            line 2: not well-formed YAML: indent with spaces, not with tabs

            "a\0b"
            line 1: not well-formed YAML: found unprintable character

            "- a\nb"
            line 2: not well-formed YAML: no colon after b: write `b: `, with a space behind the colon

            ": x"
            line 1: a key is missing before the colon

            "? [a]\n: b"
            line 1: a key is a list or a map here: write a word before the colon

            "%YAML 9"
            line 1: not well-formed YAML: while scanning a YAML directive, did not find expected digit or '.' character

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
            line 1, `<<`: unknown key; known here: version, Resources, Hooks, Strategy, Warm
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
    check(&"{\"a\":".repeat(10_000), expect!["line 1: not well-formed JSON: a { is not closed: a } is missing"]);
}

#[test]
fn a_slip_of_form_is_recognized_for_what_it_is() {
    let before = "version: 0.0\nResources:\n  - Storefront:\n      Type: AWS::Lambda::Function\n      Properties:\n";
    let texts = [
        "        Name: storefront\n       Alias: live\n",
        "        Name: storefront\n          Alias: live\n",
        "        Name storefront\n        Alias: live\n",
        "        Name:storefront\n        Alias: live\n",
        "        Name: \"storefront\n        Alias: live\n",
        "        Name: 'storefront\n        Alias: 'live'\n",
        "        Name: store: front\n",
        "        Name: @name@\n",
        "        Name: {{ name }}\n",
        "        Name: %NAME%\n",
        "        Name: it's\n         Alias: live\n",
        "        Name: @NAME@\n",
    ];
    let texts: Vec<String> = texts.iter().map(|rest| format!("{before}{rest}")).collect();
    let whole = [
        "version: 0.0\nResources\n  - Storefront:\n      Type: AWS::Lambda::Function\n",
        "version: 0.0\nResources: []\nHooks:\n- BeforeAllowTraffic: x\n - AfterAllowTraffic: y\n",
        "{\"version\": 0.0, \"Resources\": [{\"S\": {\"Type\": \"AWS::Lambda::Function\"}}",
        "{\"version\": 0.0 \"Resources\": []}",
        "{\"version\": 0.0, \"Resources\": [{\"Type: 1}]}",
        "version: 0.0\nResources:\n  - Storefront\n      Type: AWS::Lambda::Function\n",
        "version: 0.0\nResources:\n  - Storefront:\n    Type: AWS::Lambda::Function\n      Properties:\n        Name: a\n",
        "```yaml\nversion: 0.0\n```\n",
        "version: 0.0\nResources:\n  - Web: {Type: web ContainerPort: 8080}\n",
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).chain(whole).collect();
    let answers: Vec<String> = texts.iter().map(|text| parse(text).unwrap_err().to_string()).collect();
    expect![[r#"
        line 7: not well-formed YAML: indented by 7 spaces, and no line above it is: indent it like the lines it belongs beside
        line 7: not well-formed YAML: indented further than line 6, which has a value already: indent both alike
        line 6: not well-formed YAML: no colon after Name: write `Name: `, with a space behind the colon
        line 6: not well-formed YAML: no colon after Name: write `Name: `, with a space behind the colon
        line 6: not well-formed YAML: a quote is opened and not closed: close it, on the same line
        line 6: not well-formed YAML: a quote is opened and not closed: close it, on the same line
        line 6: not well-formed YAML: two colons: put the value in quotes, or each key on a line of its own
        line 6: not well-formed YAML: nobody has put a value in place of `@name@`: see to it that the build does, or write the value
        line 6: nobody has put a value in place of `{{ name }}`: see to it that the build does, or write the value
        line 6: not well-formed YAML: nobody has put a value in place of `%NAME%`: see to it that the build does, or write the value
        line 7: not well-formed YAML: indented further than line 6, which has a value already: indent both alike
        line 6: not well-formed YAML: nobody has put a value in place of `@NAME@`: see to it that the build does, or write the value
        line 2: not well-formed YAML: no colon after Resources: write `Resources: `, with a space behind the colon
        line 5: not well-formed YAML: indented further than line 4, which has a value already: indent both alike
        line 1: not well-formed JSON: a { is not closed: a } is missing
        line 1: not well-formed JSON: while parsing a flow mapping, did not find expected ',' or '}'
        line 1: not well-formed JSON: a quote is opened and not closed: close it, on the same line
        line 3: not well-formed YAML: no colon after Storefront: write `- Storefront:`
        line 4: not well-formed YAML: indented less than what it belongs to: indent it like line 5
        line 1: not well-formed YAML: a fence of Markdown stands here: leave it out, and the one at the end
        line 3: not well-formed YAML: a comma is missing before ContainerPort"#]].assert_eq(&answers.join("\n"));
}

#[test]
fn what_stands_a_step_too_far_left_or_right_is_told_where_it_belongs() {
    all(
        &[
            "version: 0.0\nResources:\n  - Storefront:\n    Type: AWS::Lambda::Function\n    Properties:\n      Name: storefront\n",
            "version: 0.0\nResources:\n  - Storefront:\n      Type: AWS::Lambda::Function\n      Properties:\n      Name: storefront\n      Alias: live\n",
            "version: 0.0\nResources:\n  Storefront:\n    Type: AWS::Lambda::Function\n",
            "version: 0.0\nResources:\n  -Storefront:\n    Type: AWS::Lambda::Function\n",
            &with("  - Hooks:\n      - BeforeAllowTraffic: x\n"),
            &with("Hooks:\n  - BeforeAllowTraffic:\n    Function: x\n"),
            &with("        Hooks:\n          - BeforeAllowTraffic: x\n"),
        ],
        expect![[r#"
            "version: 0.0\nResources:\n  - Storefront:\n    Type: AWS::Lambda::Function\n    Properties:\n      Name: storefront\n"
            line 4, Resources[0].Type: belongs into the resource: indent it further than the resource's name
            line 5, Resources[0].Properties: belongs into the resource: indent it further than the resource's name

            "version: 0.0\nResources:\n  - Storefront:\n      Type: AWS::Lambda::Function\n      Properties:\n      Name: storefront\n      Alias: live\n"
            line 5, Resources[0].Storefront.Properties: expected a map with Name, Alias, CurrentVersion and TargetVersion, found nothing
            line 6, Resources[0].Storefront.Name: belongs into Properties: indent it further than that
            line 7, Resources[0].Storefront.Alias: belongs into Properties: indent it further than that

            "version: 0.0\nResources:\n  Storefront:\n    Type: AWS::Lambda::Function\n"
            line 3, Resources: expected a list with one resource, such as - Storefront: with Type and Properties in it, found a map: put a dash and a space before Storefront

            "version: 0.0\nResources:\n  -Storefront:\n    Type: AWS::Lambda::Function\n"
            line 3, Resources: expected a list with one resource, such as - Storefront: with Type and Properties in it, found a map: put a space between the dash and Storefront

            "version: 0.0\nResources:\n  - Storefront:\n      Type: AWS::Lambda::Function\n      Properties:\n        Name: storefront\n        Alias: live\n        CurrentVersion: 1\n        TargetVersion: 2\n  - Hooks:\n      - BeforeAllowTraffic: x\n"
            line 10, Resources[1].Hooks: stands at the beginning of a line, beside version

            "version: 0.0\nResources:\n  - Storefront:\n      Type: AWS::Lambda::Function\n      Properties:\n        Name: storefront\n        Alias: live\n        CurrentVersion: 1\n        TargetVersion: 2\nHooks:\n  - BeforeAllowTraffic:\n    Function: x\n"
            line 11, Hooks[0].BeforeAllowTraffic: the Lambda function name cannot be null or empty: write a function, or leave the event out
            line 12, Hooks[0].Function: belongs into the event: indent it further than the event's name

            "version: 0.0\nResources:\n  - Storefront:\n      Type: AWS::Lambda::Function\n      Properties:\n        Name: storefront\n        Alias: live\n        CurrentVersion: 1\n        TargetVersion: 2\n        Hooks:\n          - BeforeAllowTraffic: x\n"
            line 10, Resources[0].Storefront.Properties.Hooks: stands at the beginning of a line, beside version

        "#]],
    );
}

#[test]
fn what_is_no_appspec_but_something_else_is_called_by_its_name() {
    let hosts = with("Hooks:\n  - BeforeAllowTraffic:\n      - location: scripts/check.sh\n        timeout: 300\n");
    let texts = [
        "AWSTemplateFormatVersion: 2010-09-09\nResources: {}\n",
        "Resources:\n  Storefront:\n    Type: AWS::Serverless::Function\n",
        "Resources:\n  Storefront:\n    Type: AWS::Serverless::Function\n    Properties:\n      Role: !Ref Role\n",
        "{\"family\": \"web\", \"containerDefinitions\": []}",
        "version: 0.2\nphases: {build: {commands: [make]}}\n",
        hosts.as_str(),
        &with("branch_config: {}\n"),
    ];
    let answers: Vec<String> = texts.iter().map(|text| parse(text).unwrap_err().to_string()).collect();
    expect![[r#"
        line 1, AWSTemplateFormatVersion: this is a template of CloudFormation, and not an AppSpec: write version: 0.0, Resources with a list with the function to move, and Hooks
        line 2, Storefront: this is a template of SAM, and not an AppSpec: write version: 0.0, Resources with a list with the function to move, and Hooks
        line 5: this is a template of SAM, and not an AppSpec: write version: 0.0, Resources and Hooks
        line 1, containerDefinitions: this is a task definition, and not an AppSpec: write version: 0.0, Resources with a list with the function to move, and Hooks
        line 2, phases: this is a buildspec of CodeBuild, and not an AppSpec: write version: 0.0, Resources with a list with the function to move, and Hooks
        line 12, Hooks[0].BeforeAllowTraffic: a list stands here, as of the scripts in an AppSpec for EC2/on-premises: for Lambda an event calls one Lambda function, so write its name
        line 10, branch_config: is a key of the GitHub action webfactory/create-aws-codedeploy-deployment, and not of an AppSpec: leave it out of what is deployed"#]].assert_eq(&answers.join("\n"));
}

#[test]
fn placeholders_template_functions_and_letters_that_are_none_are_shown() {
    let with = |name: &str| with("").replace("Name: storefront", name);
    let texts = [
        "Name: <NAME>",
        "Name: '${NAME}'",
        "Name: shop-{{name}}",
        "Name: \"%NAME%\"",
        "Name: {Ref: Function}",
        "Name: {'Fn::GetAtt': [A, B]}",
        "Name: store\u{200b}front",
        "Name: store\u{a0}front",
        "Name: st\u{43e}refront",
        "N\u{430}me: storefront",
    ];
    let answers: Vec<String> = texts.iter().map(|name| parse(&with(name)).unwrap_err().to_string()).collect();
    expect![[r#"
        line 6, Resources[0].Storefront.Properties.Name: `<NAME>` is not a function name: nobody has put a value in place of `<NAME>`: see to it that the build does, or write the value
        line 6, Resources[0].Storefront.Properties.Name: `${NAME}` is not a function name: nobody has put a value in place of `${NAME}`: see to it that the build does, or write the value
        line 6, Resources[0].Storefront.Properties.Name: `shop-{{name}}` is not a function name: nobody has put a value in place of `{{name}}`: see to it that the build does, or write the value
        line 6, Resources[0].Storefront.Properties.Name: `%NAME%` is not a function name: nobody has put a value in place of `%NAME%`: see to it that the build does, or write the value
        line 6, Resources[0].Storefront.Properties.Name: CloudFormation's functions (Ref, Fn::…) work in templates only: write the value out, or have the build put it in
        line 6, Resources[0].Storefront.Properties.Name: CloudFormation's functions (Ref, Fn::…) work in templates only: write the value out, or have the build put it in
        line 6, Resources[0].Storefront.Properties.Name: `store\u{200b}front` is not a function name: its character 6 (U+200B) cannot be seen; write 1 to 64 of A-Z a-z 0-9 - _
        line 6, Resources[0].Storefront.Properties.Name: `store\u{a0}front` is not a function name: its character 6 (U+00A0) cannot be seen; write 1 to 64 of A-Z a-z 0-9 - _
        line 6, Resources[0].Storefront.Properties.Name: `stоrefront` is not a function name: its character 3 (U+043E) is no letter of ASCII, whatever it looks like; write 1 to 64 of A-Z a-z 0-9 - _
        line 6, Resources[0].Storefront.Properties.`Nаme`: unknown key: its character 2 (U+0430) is no letter of ASCII, whatever it looks like; did you mean Name?"#]].assert_eq(&answers.join("\n"));
}
