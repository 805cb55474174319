//! The logs over AWS.

use aws_config::SdkConfig;
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsError;
use jiff::Timestamp;

use proxy::text::one_line;

use super::search::{Found, ReadLogs, Search, pattern};
use crate::cause::innermost;

/// More pages than that are not asked for: each of them looks through a part of the time that is meant.
const PAGES: usize = 200;

/// CloudWatch Logs, asked with the caller's own credentials.
pub(crate) struct CloudWatchLogs(Client);

impl CloudWatchLogs {
    /// Asks nobody yet.
    pub(crate) fn new(config: &SdkConfig) -> Self {
        Self(Client::new(config))
    }
}

impl ReadLogs for CloudWatchLogs {
    async fn find(&self, search: &Search) -> Result<Vec<Found>, String> {
        let (mut found, mut next) = (Vec::new(), None);
        for _ in 0..PAGES {
            let asked = self
                .0
                .filter_log_events()
                .log_group_name(&search.group)
                .start_time(search.from.as_millisecond())
                .set_end_time(search.until.map(Timestamp::as_millisecond))
                .filter_pattern(pattern(&search.deployment))
                .set_next_token(next)
                .send();
            let page = match asked.await {
                Ok(page) => page,
                Err(error) if is_missing(&error) => return Ok(found),
                Err(error) => return Err(reason(&error)),
            };
            for event in page.events.unwrap_or_default() {
                let at = event.timestamp.and_then(|at| Timestamp::from_millisecond(at).ok());
                if let (Some(id), Some(at), Some(message)) = (event.event_id, at, event.message) {
                    found.push(Found { id, at, stream: event.log_stream_name.unwrap_or_default(), message });
                }
            }
            next = page.next_token;
            if next.is_none() {
                return Ok(found);
            }
        }
        Err(format!("{} holds too many lines of that time", search.group))
    }
}

fn is_missing(error: &SdkError<FilterLogEventsError>) -> bool {
    error.as_service_error().is_some_and(FilterLogEventsError::is_resource_not_found_exception)
}

fn reason(error: &SdkError<FilterLogEventsError>) -> String {
    match error.as_service_error() {
        Some(refused) if refused.code() == Some("AccessDeniedException") => {
            "you may not call logs:FilterLogEvents on the log group of the stack".to_owned()
        }
        Some(refused) => {
            let (code, message) = (refused.code(), refused.message());
            one_line(&format!(
                "{}: {}",
                code.unwrap_or("an error without a code"),
                message.unwrap_or("no reason given")
            ))
        }
        None => one_line(&format!("CloudWatch Logs does not answer: {}", innermost(error))),
    }
}
