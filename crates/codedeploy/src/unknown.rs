//! The members of a request that the API does not have. They are ignored, as AWS does it, so that a client that is newer than this
//! keeps working. One that is only misspelt may be what was to protect a deployment: whoever asks for a plan is told.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Map, Value};

use crate::cbor;
use crate::error::ApiError;
use crate::text::clipped;

/// How many are looked for: a request of nothing else is none.
const MOST: usize = 10;

/// How many are told at once.
const TOLD: usize = 3;

/// The longest name that is compared and repeated.
const LONGEST_NAME: usize = 64;

/// A member that the API does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Where it is, from the top of the input.
    pub path: String,
    /// The member it was probably meant to be.
    pub meant: Option<&'static str>,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is no member of the API", self.path)?;
        self.meant.map_or(Ok(()), |meant| write!(f, "; did you mean {meant}?"))
    }
}

/// The members of an input that `T` does not have, at every depth, also those without a value.
pub fn members<T: DeserializeOwned>(input: &Value) -> Vec<Unknown> {
    let found = RefCell::default();
    walk::<T>(input, &found);
    found.into_inner().unknown
}

/// What is wrong with a value that a member which `T` has was given in CBOR, where it is none of this API ([`cbor::wrong_value`]).
/// What an unknown member is given is ignored, whatever it is.
pub fn wrong_value<T: DeserializeOwned>(input: &Value) -> Option<String> {
    let found = RefCell::default();
    walk::<T>(input, &found);
    found.into_inner().wrong
}

fn walk<T: DeserializeOwned>(input: &Value, found: &RefCell<Found>) {
    // Whether the input can be read is somebody else's question; what comes after a wrong value is not looked at.
    let _ = T::deserialize(Walk { value: input, path: String::new(), found });
}

/// What was come across.
#[derive(Default)]
struct Found {
    unknown: Vec<Unknown>,
    wrong: Option<String>,
}

/// A refusal that may have come about because of what was ignored, and says so.
pub fn told(mut error: ApiError, unknown: &[Unknown]) -> ApiError {
    if !unknown.is_empty() {
        let ignored: Vec<String> = unknown.iter().take(TOLD).map(ToString::to_string).collect();
        error.message = format!("{} (ignored: {})", error.message, ignored.join(", "));
    }
    error
}

/// The known name that is only a few letters away.
fn nearest(name: &str, known: &'static [&'static str]) -> Option<&'static str> {
    if name.len() > LONGEST_NAME {
        return None;
    }
    let name = name.to_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(&name, &known.to_lowercase());
    let best = known.iter().copied().min_by_key(|known| distance(known))?;
    (distance(best) <= 2.max(best.len() / 3).min(best.len() / 2)).then_some(best)
}

/// Hands a value to whoever reads it, and notes what nobody takes.
struct Walk<'a> {
    value: &'a Value,
    path: String,
    found: &'a RefCell<Found>,
}

impl<'a> Walk<'a> {
    fn inside(&self, value: &'a Value, step: &str) -> Self {
        let point = if self.path.is_empty() { "" } else { "." };
        Self { value, path: format!("{}{point}{step}", self.path), found: self.found }
    }

    fn note(&self, members: &Map<String, Value>, known: &'static [&'static str]) {
        for (name, value) in members.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
            let found = &mut self.found.borrow_mut().unknown;
            if found.len() == MOST {
                return;
            }
            let path = self.inside(value, &clipped(name, LONGEST_NAME).escape_debug().to_string()).path;
            found.push(Unknown { path, meant: nearest(name, known) });
        }
    }
}

impl<'de> Deserializer<'de> for Walk<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Object(members) => visitor.visit_map(Members { walk: &self, rest: members.iter(), value: None }),
            Value::Array(items) => visitor.visit_seq(Items { walk: &self, rest: items.iter().enumerate() }),
            Value::String(text) => {
                if let Some(wrong) = cbor::wrong_value(text) {
                    self.found.borrow_mut().wrong.get_or_insert_with(|| wrong.to_owned());
                }
                visitor.visit_str(text)
            }
            plain => plain.clone().deserialize_any(visitor),
        }
    }

    /// What nobody takes is not looked into.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if let Value::Object(members) = self.value {
            self.note(members, fields);
        }
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq
        tuple tuple_struct map enum identifier
    }
}

struct Members<'w, 'a> {
    walk: &'w Walk<'a>,
    rest: serde_json::map::Iter<'a>,
    value: Option<Walk<'a>>,
}

impl<'de> MapAccess<'de> for Members<'_, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some(self.walk.inside(value, name));
        seed.deserialize(Value::String(name.clone())).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let value = self.value.take().ok_or_else(|| serde::de::Error::custom("a value comes after its name"))?;
        seed.deserialize(value)
    }
}

struct Items<'w, 'a> {
    walk: &'w Walk<'a>,
    rest: std::iter::Enumerate<std::slice::Iter<'a, Value>>,
}

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some((at, item)) = self.rest.next() else { return Ok(None) };
        seed.deserialize(self.walk.inside(item, &at.to_string())).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::Code;
    use crate::shapes::{CreateDeploymentInput, GroupSettings};

    fn told_of(input: Value) -> Vec<String> {
        members::<CreateDeploymentInput>(&input).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_misspelt_member_is_told_wherever_it_is_and_whatever_it_holds() {
        for (input, expected) in [
            (json!({"overrideAlarms": {}}), "overrideAlarms is no member of the API"),
            (
                json!({"overrideAlarmsConfiguration": null}),
                "overrideAlarmsConfiguration is no member of the API; did you mean overrideAlarmConfiguration?",
            ),
            (json!({"Revision": 1}), "Revision is no member of the API; did you mean revision?"),
            (
                json!({"overrideAlarmConfiguration": {"alarm": []}}),
                "overrideAlarmConfiguration.alarm is no member of the API; did you mean alarms?",
            ),
            (
                json!({"overrideAlarmConfiguration": {"alarms": [{"name": "a"}, {"nmae": "b"}]}}),
                "overrideAlarmConfiguration.alarms.1.nmae is no member of the API; did you mean name?",
            ),
            (json!({"x\n": 1}), "x\\n is no member of the API"),
        ] {
            assert_eq!(told_of(input), [expected]);
        }
        let settings =
            json!({"alarmConfigurations": {}, "blueGreenDeploymentConfiguration": {"deploymentReadyOptions": {}}});
        let paths: Vec<String> = members::<GroupSettings>(&settings).into_iter().map(|unknown| unknown.path).collect();
        assert_eq!(paths, ["alarmConfigurations", "blueGreenDeploymentConfiguration.deploymentReadyOptions"]);
    }

    #[test]
    fn what_the_api_has_is_not_told_and_what_cannot_be_read_is_no_reason_to_fail() {
        for input in [
            json!({}),
            json!(null),
            json!([1]),
            json!({"applicationName": null, "revision": {"s3Location": {"eTag": "x"}}}),
            json!({"applicationName": 7}),
            json!({"targetInstances": {"tagFilters": [{"Key": "k"}], "ec2TagSet": {"ec2TagSetList": [[{"Value": "v"}]]}}}),
        ] {
            assert_eq!(told_of(input), [""; 0]);
        }
    }

    #[test]
    fn a_value_that_is_none_is_refused_where_a_member_takes_it_and_ignored_where_none_does() {
        // {"MEMBER": 1.0 / 0}
        let infinite = |member: &str| {
            let mut bytes = vec![0xa1, 0x60 + u8::try_from(member.len()).expect("short")];
            bytes.extend(member.bytes().chain([0xf9, 0x7c, 0x00]));
            cbor::read(&bytes, 8).expect("CBOR")
        };
        let told =
            |input: &Value| crate::call::input::<CreateDeploymentInput>(input).map(drop).map_err(|error| error.message);
        assert_eq!(told(&infinite("newerThanThis")), Ok(()));
        for taken in ["description", "revision"] {
            let refused = told(&infinite(taken)).expect_err(taken);
            assert!(refused.contains("this number is not finite") && refused.contains(taken), "{refused}");
        }
    }

    #[test]
    fn a_page_of_nonsense_is_cut_short() {
        let page: Map<String, Value> = (0..10_000).map(|number| (format!("member{number}"), json!(number))).collect();
        let unknown = members::<CreateDeploymentInput>(&Value::Object(page));
        assert_eq!(unknown.len(), MOST);
        let error = told(ApiError::new(Code::RevisionRequiredException, "revision is missing"), &unknown);
        assert_eq!(
            error.message,
            "revision is missing (ignored: member0 is no member of the API, member1 is no member of the API, member2 is no \
             member of the API)"
        );
        assert!(told_of(json!({"x".repeat(100_000): 1}))[0].len() < 200);
    }
}
