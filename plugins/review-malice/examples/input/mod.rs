//! Reads reviews (JSON Lines, field names of the record `review`) for the examples.

use std::error::Error;
use std::fs;

use huoyan_sdk::{MemoryBatch, MemoryColumn};
use serde_json::Value;

/// Seconds since 1970 of `YYYY-MM-DDTHH:MM:SSZ`.
fn seconds(text: &str) -> Option<i64> {
    let n = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (n(0..4)?, n(5..7)?, n(8..10)?);
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * m + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(days * 86_400 + n(11..13)? * 3_600 + n(14..16)? * 60 + n(17..19)?)
}

/// The reviews of a file, as the host would hand them over, and how many there are.
pub fn reviews(path: &str) -> Result<MemoryBatch, Box<dyn Error>> {
    let lines: Vec<Value> = fs::read_to_string(path)?.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let text = |name: &str, column: &str| MemoryColumn::text(column, lines.iter().map(|l| l[name].as_str()));
    let float = |name: &str| MemoryColumn::float(name, lines.iter().map(|l| l[name].as_f64()));
    let boolean = |name: &str| MemoryColumn::boolean(name, lines.iter().map(|l| l[name].as_bool()));
    let time = |l: &Value| l["created_at"].as_i64().or_else(|| seconds(l["created_at"].as_str()?));
    Ok(MemoryBatch::new(vec![
        text("id", "_record"),
        text("listing_id", "listing_id"),
        text("shop_id", "shop_id"),
        text("reviewer_id", "reviewer_id"),
        text("text", "text"),
        float("rating"),
        MemoryColumn::integer("created_at", lines.iter().map(time)),
        boolean("verified_purchase"),
        boolean("refunded"),
        float("hours_since_delivery"),
        float("account_age_days"),
    ])?)
}
