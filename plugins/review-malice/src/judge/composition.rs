//! The composition of a window in evidence: each trait of its others beside what is usual, and what it reads as.

use huoyan_sdk::Evidence;

use super::chance::{as_low, at_least};
use super::evidence::{number, round};
use crate::aside::{Row, Trait};

/// Traits tell a crowd from ordinary buyers below this chance, over all rows together (Bonferroni).
const UNUSUAL: f64 = 0.01;
/// Above this one, none of them does.
const ORDINARY: f64 = 0.05;
/// Others whose delays or ages are known, so that they can be called ordinary.
const ENOUGH: u32 = 5;

/// The chance of as much by ordinary buyers: of as high a count, or of as low a mean rank.
fn chance(row: &Row) -> f64 {
    if row.of.is_rank() {
        as_low(f64::from(row.observed), row.known)
    } else {
        at_least(row.observed as u32, row.known, f64::from(row.usual))
    }
}

/// What a window's others look like. Refunds do not count, for a bad batch has many, nor accounts that wrote nothing else, for nobody is
/// suspicious for being alone.
fn reads_as(rows: &[Row]) -> &'static str {
    let telling: Vec<&Row> = rows.iter().filter(|row| !matches!(row.of, Trait::Refunded | Trait::Lone)).collect();
    let least = telling.iter().map(|row| chance(row)).fold(1.0, f64::min) * telling.len() as f64;
    let known = telling.iter().any(|row| row.of.is_rank() && row.known >= ENOUGH);
    match least {
        least if least <= UNUSUAL => "unusual",
        least if least > ORDINARY && known => "ordinary_buyers",
        _ => "open",
    }
}

/// As JSON: `rows` are `[observed, of how many, expected, p]` by trait, left out in brief; nothing when nothing is known.
pub(super) fn told(rows: &[Row], brief: bool) -> Option<Evidence> {
    let others = rows.iter().map(|row| row.known).max()?;
    let told = Evidence::new().number("others", f64::from(others)).text("reads_as", reads_as(rows));
    if brief {
        return Some(told);
    }
    let each = rows.iter().fold(Evidence::new(), |all, row| {
        let usual = f64::from(row.usual);
        let (observed, expected) = if row.of.is_rank() {
            (round(f64::from(row.observed)), usual)
        } else {
            (f64::from(row.observed), (usual * f64::from(row.known) * 100.0).round() / 100.0)
        };
        all.raw(row.of.as_str(), &format!("[{observed},{},{expected},{}]", row.known, number(chance(row))))
    });
    Some(told.raw("columns", r#"["observed","of","expected","p"]"#).object("rows", each))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(fresh: f32, delay: f32, refunded: f32) -> Vec<Row> {
        vec![
            Row { of: Trait::Fresh, observed: fresh, known: 20, usual: 0.1 },
            Row { of: Trait::DelayRank, observed: delay, known: 20, usual: 0.5 },
            Row { of: Trait::Refunded, observed: refunded, known: 20, usual: 0.2 },
        ]
    }

    #[test]
    fn buyers_as_any_others_read_as_ordinary_however_many_were_refunded() {
        assert_eq!(reads_as(&rows(2.0, 0.52, 18.0)), "ordinary_buyers");
        assert_eq!(reads_as(&rows(9.0, 0.52, 3.0)), "unusual");
        assert_eq!(reads_as(&rows(2.0, 0.2, 3.0)), "unusual");
        assert_eq!(reads_as(&rows(6.0, 0.52, 3.0)), "open");
        assert_eq!(reads_as(&rows(2.0, 0.52, 3.0)[..1]), "open");
    }

    #[test]
    fn a_row_tells_what_was_seen_what_is_usual_and_the_chance() {
        let json = told(&rows(9.0, 0.52, 3.0), false).unwrap().finish();
        let told_: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&told_["others"], &told_["reads_as"]), (&20.into(), &"unusual".into()));
        let fresh = &told_["rows"]["fresh_accounts"];
        assert_eq!((&fresh[0], &fresh[1], &fresh[2]), (&9.into(), &20.into(), &2.into()));
        assert_eq!(fresh[3], 6.0e-5, "{json}");
        assert_eq!(told(&[], false), None);
        assert!(told(&rows(9.0, 0.52, 3.0), true).unwrap().finish().len() < 50);
    }
}
