//! Days on an axis: gaps are filled with empty columns, and long stretches become months or years.

use std::collections::BTreeMap;

use super::tally::BySeverity;

/// The most columns drawn.
const COLUMNS: usize = 62;

/// Columns in order, each with its label (`2026-11-22`, `2026-11` or `2026`).
pub(super) fn columns(days: &BTreeMap<String, BySeverity>) -> Vec<(String, BySeverity)> {
    let mut plain = Vec::new();
    // From days to months to years: the first that fits.
    for length in [10, 7, 4] {
        let mut buckets: BTreeMap<String, BySeverity> = BTreeMap::new();
        for (day, counts) in days {
            let bucket = buckets.entry(day.get(..length).unwrap_or(day).to_owned()).or_default();
            bucket.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        if let Some(columns) = filled(&buckets) {
            return columns;
        }
        plain = buckets.into_iter().collect();
    }
    // Centuries, or labels that are no dates: the latest ones, without the gaps.
    plain.split_off(plain.len().saturating_sub(COLUMNS))
}

/// The buckets with the gaps between them filled, or nothing when that makes too many or a label is no date.
fn filled(buckets: &BTreeMap<String, BySeverity>) -> Option<Vec<(String, BySeverity)>> {
    let (Some((first, _)), Some((last, _))) = (buckets.first_key_value(), buckets.last_key_value()) else {
        return Some(Vec::new());
    };
    let mut out = Vec::new();
    let mut found = 0;
    let mut label = first.clone();
    while label <= *last {
        if out.len() == COLUMNS {
            return None;
        }
        let counts = buckets.get(&label);
        found += usize::from(counts.is_some());
        let next = after(&label)?;
        out.push((label, counts.copied().unwrap_or_default()));
        label = next;
    }
    // A label that is no date would have been stepped over.
    (found == buckets.len()).then_some(out)
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
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
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
