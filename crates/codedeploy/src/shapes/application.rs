//! Applications.

use crate::time::Time;

use super::Tag;

shapes! {
    /// ApplicationInfo.
    ApplicationInfo {
        application_id: String,
        application_name: String,
        create_time: Time,
        linked_to_git_hub: bool,
        git_hub_account_name: String,
        compute_platform: String,
    }

    /// CreateApplication.
    CreateApplicationInput {
        application_name: String,
        compute_platform: String,
        tags: Vec<Tag>,
    }

    /// The input of every operation that names one application and no more.
    ApplicationNameInput {
        application_name: String,
    }

    /// BatchGetApplications.
    BatchGetApplicationsInput {
        application_names: Vec<String>,
    }

    /// ListApplications, and every other listing of the whole account.
    ListApplicationsInput {
        next_token: String,
    }

    /// UpdateApplication.
    UpdateApplicationInput {
        application_name: String,
        new_application_name: String,
    }
}
