//! Days on an axis: gaps are filled with empty columns, and long stretches become months or years.

use std::collections::BTreeMap;

use super::tally::BySeverity;

/// The most columns drawn.
const COLUMNS: usize = 62;

/// Columns in order, each with its label (`2026-11-22`, `2026-11` or `2026`).
pub(super) fn columns(days: &BTreeMap<String, BySeverity>) -> Vec<(String, BySeverity)> {
    let mut finest = Vec::new();
    // From days to months to years: the first that fits.
    for length in [10, 7, 4] {
        let mut buckets: BTreeMap<&str, BySeverity> = BTreeMap::new();
        for (day, counts) in days {
            let bucket = buckets.entry(day.get(..length).unwrap_or(day)).or_default();
            bucket.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        finest = filled(&buckets);
        if finest.len() <= COLUMNS {
            return finest;
        }
    }
    // Centuries of listings: the latest years.
    finest.split_off(finest.len() - COLUMNS)
}

fn filled(buckets: &BTreeMap<&str, BySeverity>) -> Vec<(String, BySeverity)> {
    let plain = || buckets.iter().map(|(label, counts)| ((*label).to_owned(), *counts)).collect();
    let (Some((first, _)), Some((last, _))) = (buckets.first_key_value(), buckets.last_key_value()) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    let mut label = (*first).to_owned();
    while label.as_str() <= *last {
        if out.len() > 4 * COLUMNS {
            return plain();
        }
        let counts = buckets.get(label.as_str()).copied().unwrap_or_default();
        let Some(next) = after(&label) else { return plain() };
        out.push((label, counts));
        label = next;
    }
    // A label that is no date would have been stepped over.
    if out.iter().filter(|(_, counts)| counts.iter().any(|count| *count > 0)).count() == buckets.len() {
        out
    } else {
        plain()
    }
}

/// The day, month or year after the one given.
fn after(label: &str) -> Option<String> {
    let mut parts = label.split('-');
    let year: u32 = parts.next()?.parse().ok()?;
    let Some(month) = parts.next() else { return Some(format!("{:04}", year + 1)) };
    let month: u32 = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    let next_month = if month == 12 { format!("{:04}-01", year + 1) } else { format!("{year:04}-{:02}", month + 1) };
    let Some(day) = parts.next() else { return Some(next_month) };
    let day: u32 = day.parse().ok()?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => 31,
    };
    Some(if day < length { format!("{year:04}-{month:02}-{:02}", day + 1) } else { format!("{next_month}-01") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(days: &[&str]) -> Vec<String> {
        let days = days.iter().map(|day| ((*day).to_owned(), [0, 0, 1, 0, 0])).collect();
        columns(&days).into_iter().map(|(label, _)| label).collect()
    }

    #[test]
    fn gaps_between_days_are_filled() {
        assert_eq!(labels(&["2024-02-28", "2024-03-01"]), ["2024-02-28", "2024-02-29", "2024-03-01"]);
    }

    #[test]
    fn long_stretches_become_months_and_years() {
        assert_eq!(labels(&["2025-11-05", "2026-02-01"]).len(), 4);
        assert_eq!(labels(&["2001-11-05", "2026-02-01"]).len(), 26);
        assert!(labels(&["0001-01-01", "9999-01-01"]).len() <= COLUMNS);
        assert!(labels(&[]).is_empty());
    }
}
