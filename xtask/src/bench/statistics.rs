//! Percentiles of measurements.

/// The value that so many percent of the measurements do not exceed (nearest rank); 0 of none.
pub(super) fn percentile(measurements: &[f64], percent: usize) -> f64 {
    let mut sorted = measurements.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0.0)
}

/// The middle one.
pub(super) fn median(measurements: &[f64]) -> f64 {
    percentile(measurements, 50)
}

/// With so many parts of a whole kept.
pub(super) fn rounded(number: f64, parts: f64) -> f64 {
    (number * parts).round() / parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_measurement_that_was_made() {
        let hundred = (1..=100).rev().map(f64::from).collect::<Vec<_>>();
        assert_eq!([50, 99, 100].map(|percent| percentile(&hundred, percent)), [50.0, 99.0, 100.0]);
        assert_eq!(percentile(&[3.0, 1.0, 2.0], 99), 3.0);
        assert_eq!((median(&[7.0]), median(&[])), (7.0, 0.0));
    }
}
