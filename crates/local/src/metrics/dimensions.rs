//! What a metric is of.

/// Names and values of dimensions.
pub(super) type Dimensions<'a> = Vec<(&'a str, &'a str)>;
