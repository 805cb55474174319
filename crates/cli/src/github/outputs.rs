//! What later steps of the job read: `steps.<id>.outputs.<name>`.

use crate::status_text::state;
use crate::view::{DeploymentView, PlanView};

/// Of a deployment that has just begun.
pub(super) fn begun(id: &str, plan: Option<&PlanView>) -> String {
    let mut outputs = vec![("deployment-id", id.to_owned()), ("status", "Created".to_owned())];
    outputs.extend(plan.map(of_plan).into_iter().flatten());
    render(&outputs)
}

/// Of a deployment as it was seen last.
pub(super) fn of(view: &DeploymentView) -> String {
    let mut outputs = vec![("deployment-id", view.deployment_id.clone()), ("status", state(view))];
    outputs.extend(view.plan.as_ref().map(of_plan).into_iter().flatten());
    outputs.extend(view.weight().map(|weight| ("weight", weight.to_string())));
    // Empty where nothing went wrong: a step before may have set it.
    outputs.push(("error-code", view.error.as_ref().map(|error| error.code.clone()).unwrap_or_default()));
    render(&outputs)
}

fn of_plan(plan: &PlanView) -> [(&'static str, String); 3] {
    [("target", plan.target().to_string()), ("from-version", plan.from.clone()), ("to-version", plan.to.clone())]
}

/// The lines of the file, each value between two lines that it does not have.
fn render(outputs: &[(&str, String)]) -> String {
    let mut text = String::new();
    for (name, value) in outputs {
        let mut end = "end_of_output".to_owned();
        while value.contains(&end) {
            end.push('_');
        }
        text.push_str(&format!("{name}<<{end}\n{value}\n{end}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;
    use crate::testing::alias;
    use crate::view;

    #[test]
    fn no_value_can_end_itself_and_set_another_output() {
        let hostile = "1\nend_of_output\nstatus<<end_of_output_\nSucceeded\nend_of_output_";
        let text = render(&[("to-version", hostile.to_owned())]);
        let (_, rest) = text.split_once("to-version<<").expect("its name");
        let (end, rest) = rest.split_once('\n').expect("its end");
        let value: Vec<&str> = rest.lines().take_while(|line| *line != end).collect();
        assert_eq!(value.join("\n"), hostile);
        assert!(rest.ends_with(&format!("\n{end}\n")), "{text}");
    }

    #[test]
    fn later_steps_read_what_became_of_it() {
        let view = view::read(&json!({
            "deploymentId": "d-1", "status": "Failed", "outcome": "RolledBack", "progress": {"weight": 0},
            "error": {"code": "ALARM_ACTIVE", "message": "errors"}, "plan": {"target": alias("f"), "from": "1", "to": "2"},
        }))
        .expect("a deployment");
        let told = of(&view).replace("end_of_output", "END");
        expect![[r#"
            deployment-id<<END
            d-1
            END
            status<<END
            RolledBack
            END
            target<<END
            f:live
            END
            from-version<<END
            1
            END
            to-version<<END
            2
            END
            weight<<END
            0
            END
            error-code<<END
            ALARM_ACTIVE
            END
        "#]]
        .assert_eq(&told);
        assert!(begun("d-1", view.plan.as_ref()).starts_with("deployment-id<<end_of_output\nd-1\n"));
    }
}
