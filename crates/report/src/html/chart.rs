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

/// The frame of a chart of columns: lines at round amounts, and labels under as many columns as fit side by side.
struct Plot {
    height: f64,
    ceiling: u64,
    /// Room for a column and its gap.
    step: f64,
}

const WIDTH: f64 = 1120.0;
const LEFT: f64 = 50.0;
const BOTTOM: f64 = 22.0;
const TOP: f64 = 10.0;

impl Plot {
    fn new(height: f64, columns: usize, tallest: u64) -> Self {
        Self { height, ceiling: round_up(tallest.max(1)), step: (WIDTH - LEFT) / columns.max(1) as f64 }
    }

    fn y(&self, amount: f64) -> f64 {
        let plot = self.height - BOTTOM - TOP;
        TOP + plot - amount * plot / self.ceiling as f64
    }

    fn open(&self) -> String {
        let mut out = format!(r#"<svg viewBox="0 0 {WIDTH} {}" role="img">"#, self.height);
        for amount in ticks(self.ceiling) {
            let at = self.y(amount as f64);
            let _ = write!(out, r#"<line class="axis" x1="{LEFT}" x2="{WIDTH}" y1="{at:.1}" y2="{at:.1}"/>"#);
            let _ = write!(
                out,
                r#"<text class="tick" x="{}" y="{:.1}" text-anchor="end">{amount}</text>"#,
                LEFT - 6.0,
                at + 4.0
            );
        }
        out
    }

    /// The middle of a column.
    fn centre(&self, index: usize) -> f64 {
        LEFT + self.step * (index as f64 + 0.5)
    }

    fn column(&self, index: usize, class: &str, from: u64, to: u64) -> String {
        let width = (self.step * 0.72).clamp(2.0, 40.0);
        let (bottom, top) = (self.y(from as f64), self.y(to as f64));
        let (x, height) = (self.centre(index) - width / 2.0, bottom - top);
        format!(r#"<rect class="{class}" x="{x:.1}" y="{top:.1}" width="{width:.1}" height="{height:.1}"/>"#)
    }

    fn labels<'l>(&self, labels: impl ExactSizeIterator<Item = &'l str>) -> String {
        let every = ((labels.len() as f64 * 62.0 / (WIDTH - LEFT)).ceil() as usize).max(1);
        let mut out = String::new();
        let mut year = "";
        for (index, label) in labels.enumerate().step_by(every) {
            // The year is said where it changes.
            let (this, short) = match label.split_once('-') {
                Some((this, rest)) => (this, if this == year { rest } else { label }),
                None => (label, label),
            };
            year = this;
            let (centre, y, short) = (self.centre(index), self.height - 6.0, super::escape::html(short));
            let _ = write!(out, r#"<text class="tick" x="{centre:.1}" y="{y}" text-anchor="middle">{short}</text>"#);
        }
        out
    }
}

/// Stacked columns over labels.
pub(super) fn columns(data: &[(String, BySeverity)]) -> String {
    let plot = Plot::new(210.0, data.len(), data.iter().map(|(_, counts)| sum(counts)).max().unwrap_or(0));
    let mut out = plot.open();
    for (index, (label, counts)) in data.iter().enumerate() {
        let label = super::escape::html(label);
        let _ = write!(out, r#"<a data-filter="day:{label}"><title>{label}: {}</title>"#, sum(counts));
        let mut below = 0;
        for (severity, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            out.push_str(&plot.column(index, &format!("s{severity}"), below, below + count));
            below += count;
        }
        out.push_str("</a>");
    }
    out.push_str(&plot.labels(data.iter().map(|(label, _)| label.as_str())));
    out.push_str("</svg>");
    out
}

/// Columns of what was found and a line of what was to be expected, where that is known.
pub(super) fn timeline(data: &[(String, u64, Option<f64>)]) -> String {
    let tallest = data.iter().map(|(_, count, expected)| (*count).max(expected.unwrap_or(0.0).ceil() as u64)).max();
    let plot = Plot::new(150.0, data.len(), tallest.unwrap_or(0));
    let mut out = plot.open();
    let mut line = String::new();
    for (index, (label, count, expected)) in data.iter().enumerate() {
        let label = super::escape::html(label);
        let beside = expected.map_or(String::new(), |expected| format!(" / {expected:.2}"));
        let column = if *count > 0 { plot.column(index, "s3", 0, *count) } else { String::new() };
        let _ = write!(out, "<g><title>{label}: {count}{beside}</title>{column}</g>");
        if let Some(expected) = expected {
            let (from, to) = (plot.centre(index) - plot.step / 2.0, plot.centre(index) + plot.step / 2.0);
            // A line goes on from the column before, if it has one.
            let pen = if index > 0 && data[index - 1].2.is_some() { 'L' } else { 'M' };
            let y = plot.y(*expected);
            let _ = write!(line, "{pen}{from:.1} {y:.1}H{to:.1}");
        }
    }
    if !line.is_empty() {
        let _ = write!(out, r#"<path class="expected" d="{line}"/>"#);
    }
    out.push_str(&plot.labels(data.iter().map(|(label, ..)| label.as_str())));
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
    fn the_expected_line_breaks_where_nothing_is_known() {
        let day = |label: &str, expected| (label.to_owned(), 2, expected);
        let days = [day("a", Some(0.5)), day("b", Some(1.0)), day("<c", None), day("d", Some(0.5))];
        let chart = timeline(&days);
        let line = chart.split("d=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!((line.matches('M').count(), line.matches('L').count()), (2, 1));
        assert!(chart.contains("<title>&lt;c: 2</title>") && chart.contains("<title>a: 2 / 0.50</title>"));
        assert!(timeline(&[day("a", Some(99.0))]).contains(">100</text>"), "the line fits the chart");
    }

    #[test]
    fn an_empty_chart_is_still_a_chart() {
        assert!(columns(&[]).ends_with("</svg>") && timeline(&[]).ends_with("</svg>"));
        assert!(bar(&[], 0, "stack").contains("track"));
    }
}
