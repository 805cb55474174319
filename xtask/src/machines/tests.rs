use expect_test::{Expect, expect};

use super::{Source, check, definitions, first_difference};
use crate::project;

/// What `ecs.yaml` becomes with the parts of one file; or what is wrong with either.
fn made(platform: &str, parts: &str) -> String {
    let source = |path: &str, text: &str| Source { path: format!("statemachine/{path}"), text: text.to_owned() };
    match definitions(&[source("ecs.yaml", platform)], &[source("parts/all.yaml", parts)]) {
        Ok(made) => made[0].text.clone(),
        Err(fault) => fault.to_string(),
    }
}

fn becomes(platform: &str, parts: &str, expected: &Expect) {
    expected.assert_eq(&made(platform, parts));
}

#[track_caller]
fn refuses(platform: &str, parts: &str, fault: &str) {
    assert_eq!(made(platform, parts), fault);
}

/// A part with one parameter.
const HOLD: &str = "\
hold:
  parameters:
    next: the state after it
  text:
    Hold:
      Next: <next>
";

#[test]
fn the_committed_machines_are_what_the_parts_make() {
    assert_eq!(check(&project::root().unwrap()), Ok(()));
}

#[test]
fn a_part_stands_where_it_is_used_with_its_comments_and_its_arguments() {
    becomes(
        "\
# The machine.
States:
  # It stops here.
  use hold:
    # Not for the definition.
    next: Go: on, \"then\"

  End:
",
        "\
# About the file.
hold:
  # About the part.
  parameters:
    next: the state after it
  text:

    # Why it waits for <next>.
    Hold:

      Next: <next> # at once

",
        &expect![[r#"
            # Written by `cargo xtask machines` from ecs.yaml and parts/. Change those, and run it.
            #
            # The machine.
            States:
              # It stops here.
              # Why it waits for Go: on, "then".
              Hold:

                Next: Go: on, "then" # at once

              End:
        "#]],
    );
}

#[test]
fn a_part_uses_others_and_hands_them_what_it_was_handed() {
    becomes(
        "States:\n  use pair:\n    first: One\n    second: Two\n",
        "\
pair:
  parameters:
    first: a name
    second: a name
  text:
    use state:
      name: <first>
      next: to <second>

    use state:
      name: <second>
      next: the end
state:
  parameters:
    name: a name
    next: another
  text:
    <name>:
      Next: <next>
",
        &expect![[r#"
            # Written by `cargo xtask machines` from ecs.yaml and parts/. Change those, and run it.
            #
            States:
              One:
                Next: to Two

              Two:
                Next: the end
        "#]],
    );
}

#[test]
fn lines_are_handed_as_they_are_and_what_they_use_is_put_in() {
    becomes(
        "\
use deploy:
  states:
    # The hold.
    use hold:
      next: End

    End:
      Type: Succeed
",
        &format!(
            "\
{HOLD}deploy:
  parameters:
    states: the states
  text:
    Deploy:
      States:
        <states>
      End: true
"
        ),
        &expect![[r#"
            # Written by `cargo xtask machines` from ecs.yaml and parts/. Change those, and run it.
            #
            Deploy:
              States:
                # The hold.
                Hold:
                  Next: End

                End:
                  Type: Succeed
              End: true
        "#]],
    );
}

#[test]
fn a_list_of_several_lines_fits_between_what_is_around_it() {
    becomes(
        "Retry:\n  use retry\n",
        "\
retry:
  text:
    - {ErrorEquals: [Transient,
          <errors>, Other],
        MaxAttempts: 2}
errors:
  text:
    One,
    Two
",
        &expect![[r#"
            # Written by `cargo xtask machines` from ecs.yaml and parts/. Change those, and run it.
            #
            Retry:
              - {ErrorEquals: [Transient,
                    One,
                    Two, Other],
                  MaxAttempts: 2}
        "#]],
    );
}

#[test]
fn substitutions_of_the_template_and_comparisons_are_left_alone() {
    let text = "Resource: arn:${Partition}:states # 1 < 2 > 0, <>, <No>\n";
    assert!(made(text, "").ends_with(text));
}

#[test]
fn what_is_not_there_is_named_with_file_and_line() {
    refuses("States:\n  use hold\n", "", "statemachine/ecs.yaml, line 2: there is no part hold");
    refuses("States:\n  Next: <next>\n", "", "statemachine/ecs.yaml, line 2: <next> is no parameter here, and no part");
    refuses(
        "use hold\n",
        "hold:\n  text:\n    Hold:\n      Next: <nxt>\n",
        "statemachine/parts/all.yaml, line 4: <nxt> is no parameter here, and no part",
    );
    refuses(
        "use outer:\n  next: A\n",
        "outer:\n  parameters:\n    next: a name\n  text:\n    use inner\n    Next: <next>\ninner:\n  text:\n    Next: <next>\n",
        "statemachine/parts/all.yaml, line 9: <next> is no parameter here, and no part",
    );
}

#[test]
fn what_is_handed_is_what_the_part_asks_for() {
    refuses("use hold\n", HOLD, "statemachine/ecs.yaml, line 1: the part hold wants to know its next");
    refuses("Next: <hold>\n", HOLD, "statemachine/ecs.yaml, line 1: the part hold wants to know its next");
    refuses(
        "use hold:\n  next: A\n  end: B\n",
        HOLD,
        "statemachine/ecs.yaml, line 3: the part hold has no parameter end",
    );
    refuses("use hold:\n  next: A\n  next: B\n", HOLD, "statemachine/ecs.yaml, line 3: next is said twice");
    refuses("use hold:\n  next:\n", HOLD, "statemachine/ecs.yaml, line 2: next has no value");
    refuses(
        "use hold:\n  next: A\n    B\n",
        HOLD,
        "statemachine/ecs.yaml, line 3: next has its value in its own line already",
    );
    refuses(
        "use hold:\n  A\n",
        HOLD,
        "statemachine/ecs.yaml, line 2: an argument is `parameter: value`, or lines below it",
    );
    refuses(
        "use hold now\n",
        HOLD,
        "statemachine/ecs.yaml, line 1: a part is used as `use name`, or `use name:` with its arguments below",
    );
}

#[test]
fn nothing_in_the_parts_is_for_nothing() {
    refuses("States:\n", HOLD, "statemachine/parts/all.yaml, line 1: nothing uses the part hold");
    refuses(
        "use hold\n",
        "hold:\n  parameters:\n    next: a name\n  text:\n    Hold:\n",
        "statemachine/parts/all.yaml, line 3: the part hold does not use its parameter next",
    );
    refuses(
        "use hold\n",
        "hold:\n  parameters:\n    next: a name\n    next: a name\n  text:\n    <next>\n",
        "statemachine/parts/all.yaml, line 4: the parameter next is declared twice",
    );
    refuses("use hold\n", "hold:\n  text:\n\n", "statemachine/parts/all.yaml, line 1: the part hold has no text");
    refuses(
        "use hold:\n  next: A\n",
        &format!("{HOLD}hold:\n  text:\n    A:\n"),
        "statemachine/parts/all.yaml, line 7: the part hold is written in statemachine/parts/all.yaml, line 1, already",
    );
}

#[test]
fn a_part_in_itself_is_refused() {
    refuses(
        "use one\n",
        "one:\n  text:\n    use other\nother:\n  text:\n    A: <one>\n",
        "statemachine/parts/all.yaml, line 6: the part one is used inside of itself",
    );
}

#[test]
fn a_file_of_parts_is_written_in_one_way() {
    let neither = "a part is `name:`, perhaps `  parameters:`, and `  text:`; this is neither";
    for (parts, line, fault) in [
        ("  text:\n", 1, neither),
        ("hold: now\n", 1, neither),
        ("Hold:\n", 1, neither),
        ("hold:\n  words:\n", 2, neither),
        ("hold:\n  text:\n    A:\n  parameters:\n", 4, neither),
        ("hold:\n  parameters:\n    next:\n", 3, "say what the parameter is"),
        ("hold:\n  parameters:\n    Next\n", 3, "a parameter is declared as `name: what it says`"),
    ] {
        refuses("use hold\n", parts, &format!("statemachine/parts/all.yaml, line {line}: {fault}"));
    }
}

#[test]
fn the_first_difference_is_told_by_its_line() {
    assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
    assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
    assert_eq!(first_difference("a\n", "a\nc\n"), Some(2));
    assert_eq!(first_difference("a", "a\n"), Some(2), "a line's end is no line of its own");
}
