//! What tags and tag filters must look like.

use std::collections::BTreeSet;

use codedeploy::error::{ApiError, Code};
use codedeploy::quota::Quotas;
use codedeploy::shapes::{Tag, TagFilter};
use codedeploy::text::clipped;
use codedeploy::values;

const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;

/// The tags of an application or a group.
pub(super) fn resource_tags(tags: Vec<Tag>, quotas: &Quotas) -> Result<Vec<Tag>, ApiError> {
    let invalid = |why: String| ApiError::new(Code::InvalidTagsToAddException, why);
    if tags.len() > quotas.tags {
        return Err(invalid(format!("{} tags: write at most {}", tags.len(), quotas.tags)));
    }
    checked(tags).map_err(invalid)
}

/// Tags with keys that differ. A tag without a value has an empty one.
pub(super) fn checked(tags: Vec<Tag>) -> Result<Vec<Tag>, String> {
    let mut keys = BTreeSet::new();
    tags.into_iter()
        .map(|tag| {
            let key = tag.key.unwrap_or_default();
            let value = tag.value.unwrap_or_default();
            let shown = clipped(&key, 64).escape_debug().to_string();
            if key.is_empty() || key.chars().count() > LONGEST_KEY {
                return Err(format!("a tag's key has 1 to {LONGEST_KEY} characters"));
            }
            if value.chars().count() > LONGEST_VALUE {
                return Err(format!("the value of the tag {shown} has more than {LONGEST_VALUE} characters"));
            }
            if key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) {
                return Err(format!("the tag {shown} begins with aws:, and those are AWS's own"));
            }
            if !keys.insert(key.clone()) {
                return Err(format!("the tag {shown} is named twice"));
            }
            Ok(Tag { key: Some(key), value: Some(value) })
        })
        .collect()
}

/// One list of filters (docs/codedeploy-contract.md 8.3).
pub(super) fn filters(filters: &[TagFilter], quotas: &Quotas) -> Result<(), String> {
    if filters.len() > quotas.tag_filters {
        return Err(format!("{} tag filters in one list: write at most {}", filters.len(), quotas.tag_filters));
    }
    filters.iter().try_for_each(filter)
}

/// A filter names what its type compares; without a type, it is what it names.
pub(super) fn filter(filter: &TagFilter) -> Result<(), String> {
    let (key, value) = (filter.key.as_deref().unwrap_or_default(), filter.value.as_deref().unwrap_or_default());
    if key.chars().count() > LONGEST_KEY || value.chars().count() > LONGEST_VALUE {
        return Err(format!("a tag filter's key has at most {LONGEST_KEY} characters, and its value {LONGEST_VALUE}"));
    }
    let kind = filter.kind.as_deref();
    if let Some(kind) = kind {
        values::TAG_FILTER_TYPE.checked(kind, Code::InvalidTagFilterException).map_err(|error| error.message)?;
    }
    match kind {
        Some("VALUE_ONLY") if filter.value.is_none() => Err("a VALUE_ONLY tag filter has no value".to_owned()),
        Some("KEY_ONLY" | "KEY_AND_VALUE") if key.is_empty() => Err("a tag filter has no key".to_owned()),
        None if key.is_empty() && filter.value.is_none() => Err("a tag filter has neither key nor value".to_owned()),
        _ => Ok(()),
    }
}

/// Whether one of the tags is what the filter looks for.
pub(super) fn matches(filter: &TagFilter, tags: &[Tag]) -> bool {
    let key = filter.key.as_ref().filter(|_| filter.kind.as_deref() != Some("VALUE_ONLY"));
    let value = filter.value.as_ref().filter(|_| filter.kind.as_deref() != Some("KEY_ONLY"));
    tags.iter().any(|tag| {
        key.is_none_or(|key| tag.key.as_ref() == Some(key))
            && value.is_none_or(|value| tag.value.as_ref() == Some(value))
    })
}
