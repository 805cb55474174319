//! Deployments as a table.

use jiff::tz::TimeZone;

use crate::times::stamp;
use crate::view::{ListedDeployment, Moment};

/// One line for each deployment, columns as wide as they must be. `narrowed`: not all were asked for.
pub(crate) fn render(deployments: &[ListedDeployment], zone: &TimeZone, narrowed: bool) -> String {
    if deployments.is_empty() {
        return if narrowed { "No such deployments.\n" } else { "No deployments yet.\n" }.to_owned();
    }
    let mut rows = vec![["ID", "STATE", "TARGET", "CHANGE", "CREATED", "NOTE"].map(str::to_owned)];
    rows.extend(deployments.iter().map(|deployment| row(deployment, zone)));
    let widths: [usize; 6] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    rows.iter().map(|row| line(row, widths)).collect()
}

fn line(row: &[String; 6], widths: [usize; 6]) -> String {
    let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
    format!("{}\n", cells.join("  ").trim_end())
}

fn row(deployment: &ListedDeployment, zone: &TimeZone) -> [String; 6] {
    let change = match (&deployment.from, &deployment.to) {
        (Some(from), Some(to)) => format!("{from} to {to}"),
        (None, Some(to)) => format!("to {to}"),
        _ => "-".to_owned(),
    };
    [
        deployment.deployment_id.clone(),
        deployment.outcome.map_or_else(|| deployment.status.clone(), |outcome| outcome.to_string()),
        deployment.target.as_ref().map_or("-".to_owned(), |target| target.name.clone()),
        change,
        deployment.create_time.map_or("-".to_owned(), |Moment(at)| stamp(at, zone)),
        note(deployment),
    ]
}

/// What ended it, and which deployments it has to do with.
fn note(deployment: &ListedDeployment) -> String {
    let ended = deployment.error_code.clone();
    let of = deployment.rollback_of.as_ref().map(|of| format!("rollback of {of}"));
    let by = deployment.rolled_back_by.as_ref().map(|by| format!("rollback is {by}"));
    [ended, of, by].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;
    use crate::testing::{alias, at, berlin, service};
    use crate::view;

    #[test]
    fn a_list_is_a_table() {
        let deployments: Vec<ListedDeployment> = view::read(&json!([
            {"deploymentId": "d-2ABCDEFGH", "status": "InProgress", "outcome": null, "target": alias("storefront"), "from": "1",
             "to": "2", "createTime": at(0), "errorCode": null},
            {"deploymentId": "d-1ABCDEFGH", "status": "Failed", "outcome": "RolledBack", "target": alias("mail"), "from": "17",
             "to": "18", "createTime": at(-86400), "errorCode": "ALARM_ACTIVE", "rolledBackBy": "d-9ABCDEFGH"},
            {"deploymentId": "d-9ABCDEFGH", "status": "Succeeded", "outcome": "Succeeded", "target": alias("mail"), "from": "18",
             "to": "17", "createTime": at(-86400), "errorCode": null, "rollbackOf": "d-1ABCDEFGH"},
            {"deploymentId": "d-3ABCDEFGH", "status": "Succeeded", "outcome": "Succeeded", "target": service(), "from": "web:1",
             "to": "web:2", "createTime": at(0), "errorCode": null},
            {"deploymentId": "d-4ABCDEFGH", "status": "Created", "outcome": null, "target": alias("storefront"), "to": "3",
             "createTime": at(0), "errorCode": null},
            {"deploymentId": "d-0ABCDEFGH", "status": "Failed", "outcome": "Failed", "target": null, "from": null, "to": null,
             "createTime": null, "errorCode": "INVALID_REVISION"}
        ]))
        .expect("a list");
        expect![[r#"
            ID           STATE       TARGET           CHANGE          CREATED                     NOTE
            d-2ABCDEFGH  InProgress  storefront:live  1 to 2          2026-07-14 12:00:00 +02:00
            d-1ABCDEFGH  RolledBack  mail:live        17 to 18        2026-07-13 12:00:00 +02:00  ALARM_ACTIVE, rollback is d-9ABCDEFGH
            d-9ABCDEFGH  Succeeded   mail:live        18 to 17        2026-07-13 12:00:00 +02:00  rollback of d-1ABCDEFGH
            d-3ABCDEFGH  Succeeded   shop/web         web:1 to web:2  2026-07-14 12:00:00 +02:00
            d-4ABCDEFGH  Created     storefront:live  to 3            2026-07-14 12:00:00 +02:00
            d-0ABCDEFGH  Failed      -                -               -                           INVALID_REVISION
        "#]]
        .assert_eq(&render(&deployments, &berlin(), false));
    }

    #[test]
    fn an_empty_list_says_so() {
        assert_eq!(render(&[], &berlin(), false), "No deployments yet.\n");
        assert_eq!(render(&[], &berlin(), true), "No such deployments.\n");
    }
}
