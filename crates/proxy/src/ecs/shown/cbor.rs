//! An answer in CBOR. ECS's model does not list that protocol yet; what the SDKs do the day it does needs no other proxy.

use codedeploy::cbor;
use minicbor::Decoder;
use minicbor::data::Type;
use minicbor::decode::Error;
use serde_json::json;

use super::seen::{EXTERNAL, Seen};

pub(super) fn services(answer: &[u8]) -> Result<Vec<Seen>, String> {
    let mut seen = Vec::new();
    members(&mut Decoder::new(answer), |name, value| match name {
        "services" => items(value, |service| {
            seen.push(read(service)?);
            Ok(())
        }),
        _ => value.skip(),
    })
    .map_err(|error| error.to_string())?;
    Ok(seen)
}

fn read(service: &mut Decoder<'_>) -> Result<Seen, Error> {
    let mut seen = Seen::default();
    members(service, |name, value| {
        match name {
            "clusterArn" => seen.cluster = text(value)?,
            "serviceArn" => seen.service = text(value)?,
            "deploymentController" => members(value, |name, value| {
                let start = value.position();
                match name {
                    "type" if text(value)?.as_deref() == Some(EXTERNAL) => {
                        seen.external = Some(start..value.position())
                    }
                    "type" => {}
                    _ => value.skip()?,
                }
                Ok(())
            })?,
            _ => value.skip()?,
        }
        Ok(())
    })?;
    Ok(seen)
}

/// Text, at once or in pieces; `None` where there is no value.
fn text(value: &mut Decoder<'_>) -> Result<Option<String>, Error> {
    if nothing(value)? { Ok(None) } else { value.str_iter()?.collect::<Result<String, Error>>().map(Some) }
}

/// Whether there is no value; then it is read.
fn nothing(value: &mut Decoder<'_>) -> Result<bool, Error> {
    let nothing = matches!(value.datatype()?, Type::Null | Type::Undefined);
    if nothing {
        value.skip()?;
    }
    Ok(nothing)
}

/// Hands each member of a map to `each`, which reads its value.
fn members<'b>(
    map: &mut Decoder<'b>,
    mut each: impl FnMut(&str, &mut Decoder<'b>) -> Result<(), Error>,
) -> Result<(), Error> {
    if nothing(map)? {
        return Ok(());
    }
    let mut left = map.map()?;
    while goes_on(map, &mut left)? {
        let name = map.str_iter()?.collect::<Result<String, Error>>()?;
        each(&name, map)?;
    }
    Ok(())
}

/// Hands each item of a list to `each`, which reads it.
fn items<'b>(list: &mut Decoder<'b>, mut each: impl FnMut(&mut Decoder<'b>) -> Result<(), Error>) -> Result<(), Error> {
    if nothing(list)? {
        return Ok(());
    }
    let mut left = list.array()?;
    while goes_on(list, &mut left)? {
        each(list)?;
    }
    Ok(())
}

/// Whether a list or map goes on. `left` is how many are still to come, where that was said ahead.
fn goes_on(of: &mut Decoder<'_>, left: &mut Option<u64>) -> Result<bool, Error> {
    match left {
        Some(0) => Ok(false),
        Some(count) => {
            *count -= 1;
            Ok(true)
        }
        None if of.datatype()? == Type::Break => {
            of.set_position(of.position() + 1);
            Ok(false)
        }
        None => Ok(true),
    }
}

/// The whole item, its length included.
pub(super) fn word(word: &str) -> Vec<u8> {
    cbor::write(&json!(word))
}
