//! Charts as inline SVG, drawn without a script and without style attributes, which the page's policy forbids.

use std::fmt::Write;

use super::tally::{BySeverity, sum};

/// A bar of parts that share its width, over a track. `parts` are (amount, class); `full` is what the whole width means.
pub(super) fn bar(parts: &[(u64, String)], full: u64, class: &str) -> String {
    let mut out =
        format!(r#"<svg class="{class}" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">"#);
    out.push_str(r#"<rect class="track" width="1000" height="10"/>"#);
    let mut from = 0.0;
    for (amount, class) in parts.iter().filter(|(amount, _)| *amount > 0) {
        // A visible sliver for what is rare.
        let width = (*amount as f64 * 1000.0 / full.max(1) as f64).max(3.0);
        let _ = write!(out, r#"<rect class="{class}" x="{from:.1}" width="{width:.1}" height="10"/>"#);
        from += width;
    }
    out.push_str("</svg>");
    out
}

/// The parts of a bar by severity, the most severe first.
pub(super) fn severity_parts(counts: &BySeverity) -> Vec<(u64, String)> {
    counts.iter().enumerate().rev().map(|(index, count)| (*count, format!("s{index}"))).collect()
}

/// A small square in the colour of a class, for legends.
pub(super) fn swatch(class: &str) -> String {
    format!(r#"<svg viewBox="0 0 10 10" aria-hidden="true"><rect class="{class}" width="10" height="10"/></svg>"#)
}

/// Stacked columns over labels.
pub(super) fn columns(data: &[(String, BySeverity)]) -> String {
    const WIDTH: f64 = 1120.0;
    const HEIGHT: f64 = 210.0;
    const LEFT: f64 = 50.0;
    const BOTTOM: f64 = 22.0;
    const TOP: f64 = 10.0;
    let tallest = data.iter().map(|(_, counts)| sum(counts)).max().unwrap_or(0).max(1);
    let ceiling = round_up(tallest);
    let plot = HEIGHT - BOTTOM - TOP;
    let y = |amount: u64| TOP + plot - amount as f64 * plot / ceiling as f64;
    let step = (WIDTH - LEFT) / data.len().max(1) as f64;
    let width = (step * 0.72).clamp(2.0, 40.0);

    let mut out = format!(r#"<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">"#);
    for amount in ticks(ceiling) {
        let at = y(amount);
        let _ = write!(out, r#"<line class="axis" x1="{LEFT}" x2="{WIDTH}" y1="{at:.1}" y2="{at:.1}"/>"#);
        let _ = write!(
            out,
            r#"<text class="tick" x="{}" y="{:.1}" text-anchor="end">{amount}</text>"#,
            LEFT - 6.0,
            at + 4.0
        );
    }
    // As many labels as fit side by side.
    let label_every = ((data.len() as f64 * 62.0 / (WIDTH - LEFT)).ceil() as usize).max(1);
    let mut year = "";
    for (index, (label, counts)) in data.iter().enumerate() {
        // The year is said where it changes.
        let short = match label.split_once('-') {
            Some((this, rest)) if this == year => rest,
            _ => label,
        };
        let short = super::escape::html(short);
        let centre = LEFT + step * (index as f64 + 0.5);
        let label = super::escape::html(label);
        let _ = write!(out, r#"<a data-filter="day:{label}"><title>{label}: {}</title>"#, sum(counts));
        let mut below = 0;
        for (severity, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let (bottom, top) = (y(below), y(below + count));
            let (x, height) = (centre - width / 2.0, bottom - top);
            let _ = write!(
                out,
                r#"<rect class="s{severity}" x="{x:.1}" y="{top:.1}" width="{width:.1}" height="{height:.1}"/>"#
            );
            below += count;
        }
        out.push_str("</a>");
        if index % label_every == 0 {
            year = data[index].0.split('-').next().unwrap_or("");
            let y = HEIGHT - 6.0;
            let _ = write!(out, r#"<text class="tick" x="{centre:.1}" y="{y}" text-anchor="middle">{short}</text>"#);
        }
    }
    out.push_str("</svg>");
    out
}

/// The next number of the form 1, 2, 4, 5 or 10 times a power of ten.
fn round_up(amount: u64) -> u64 {
    let mut unit = 1u64;
    loop {
        for factor in [1, 2, 4, 5] {
            if unit.saturating_mul(factor) >= amount {
                return unit.saturating_mul(factor);
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// Whole numbers to draw lines at.
fn ticks(ceiling: u64) -> Vec<u64> {
    let parts = [4, 5, 2, 1].into_iter().find(|parts| ceiling.is_multiple_of(*parts)).unwrap_or(1);
    (0..=parts).map(|part| ceiling / parts * part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_on_round_numbers() {
        assert_eq!([1, 3, 4, 7, 41, 99, 1_001].map(round_up), [1, 4, 4, 10, 50, 100, 2_000]);
        assert_eq!(ticks(50), [0, 10, 20, 30, 40, 50]);
        assert_eq!(round_up(u64::MAX), u64::MAX);
    }

    #[test]
    fn an_empty_chart_is_still_a_chart() {
        assert!(columns(&[]).ends_with("</svg>"));
        assert!(bar(&[], 0, "stack").contains("track"));
    }
}
