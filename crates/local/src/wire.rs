//! The form answers go out in. The local stack's own are JSON; who asked in CBOR or by the query protocol gets that.

use serde_json::{Value, json};

use crate::cbor;
use crate::clock;
use crate::http::Answer;

/// A protocol of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// JSON, in any of its versions.
    Json,
    /// Smithy's RPC in CBOR.
    Cbor,
    /// A form as the question, XML as the answer: Elastic Load Balancing, IAM, CloudFormation.
    Query,
}

impl Wire {
    /// Puts an answer into this form.
    pub(crate) fn dress(self, mut answer: Answer) -> Answer {
        match self {
            Self::Json => answer,
            Self::Cbor => {
                let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_else(|_| json!({}));
                answer.body = cbor::encode(&body).into();
                answer.with("content-type", cbor::CONTENT_TYPE).with("smithy-protocol", "rpc-v2-cbor")
            }
            // moto's answers are XML already; our own errors are not.
            Self::Query => match answer.value() {
                Value::Object(error) if !answer.status.is_success() && error.contains_key("__type") => {
                    let text = |member: &str| error.get(member).and_then(Value::as_str).unwrap_or_default();
                    in_xml(answer.status.as_u16(), text("__type"), text("message"))
                }
                _ => answer,
            },
        }
    }
}

/// An error in the query protocol's shape.
fn in_xml(status: u16, code: &str, message: &str) -> Answer {
    let kind = if status < 500 { "Sender" } else { "Receiver" };
    let error = format!(
        "<Error><Type>{kind}</Type><Code>{}</Code><Message>{}</Message></Error>",
        escaped(code),
        escaped(message)
    );
    xml(status, format!("<ErrorResponse>{error}<RequestId>{}</RequestId></ErrorResponse>", clock::uuid()))
}

/// An XML document as an answer.
pub(crate) fn xml(status: u16, document: String) -> Answer {
    let mut answer = Answer::empty(status);
    answer.body = document.into();
    answer.with("content-type", "text/xml")
}

/// Text as it may stand between tags.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{Wire, xml};
    use crate::http::Answer;

    fn text(answer: &Answer) -> String {
        String::from_utf8_lossy(&answer.body).into_owned()
    }

    #[test]
    fn an_error_of_ours_is_xml_for_who_asked_by_form() {
        let answer = Wire::Query.dress(Answer::error(403, "AccessDenied", "a < b"));
        let said = text(&answer);
        assert!(said.contains("<Code>AccessDenied</Code><Message>a &lt; b</Message>"), "{said}");
        assert_eq!((answer.status.as_u16(), answer.headers["content-type"].to_str().unwrap()), (403, "text/xml"));
    }

    #[test]
    fn an_answer_in_xml_stays_as_it_is() {
        let answer = Wire::Query.dress(xml(400, "<ErrorResponse/>".to_owned()));
        assert_eq!(text(&answer), "<ErrorResponse/>");
    }
}
