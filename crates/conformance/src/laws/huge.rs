//! Much is no reason to fail.

use huoyan_model::{ColumnType, RecordKind, find_column};

use super::{Breach, Law, concerns_all, fixture_and, no_note};
use crate::rows::Row;
use crate::shape::Shape;
use crate::subject::Subject;

/// A picture costs so many times as much as a text, so there are fewer of them.
const PICTURE: usize = 50;

/// Bytes of the longest text that a run hands over.
const LONGEST: usize = 4 << 20;

/// Equal rows of one group, which fill a batch: what a detector of groups gives must not grow by the square of them, and may be given while the
/// next batch, of one row, is pushed.
const EQUAL: usize = 4_096;

pub(crate) static LAW: Law = Law {
    id: "huge",
    zh: "巨量输入",
    en: "huge input",
    demands_zh: "十万行、一组四千行相同的数据、一行 4 MiB，都不是失败的理由",
    demands_en: "a hundred thousand rows, four thousand equal ones in one group, and one row of 4 MiB, are no reason to fail",
    moot: concerns_all,
    inputs,
    holds,
    shrinks: true,
    by_fixture: true,
    note: no_note,
};

fn inputs(subject: &Subject<'_>) -> Vec<Vec<Row>> {
    let pattern = subject.generated(400, "huge");
    let mut many = Vec::new();
    for kind in subject.kinds() {
        let own: Vec<&Row> = pattern.iter().filter(|row| row.kind == kind).collect();
        let n = subject.options.huge_rows / if kind == RecordKind::Image { PICTURE } else { 1 };
        for i in 0..n {
            let Some(row) = own.get(i % own.len().max(1)) else { break };
            let mut row = (*row).clone();
            row.key = format!("{}/{i}", row.key);
            // As many shops, listings and accounts as a large export has.
            for name in ["listing_id", "reviewer_id", "owner"] {
                if row.values.contains_key(name) {
                    row = row.with(name, format!("{name}-{}", i / 20).into());
                }
            }
            many.push(row);
        }
    }
    let mut inputs = fixture_and(subject, [many]);
    if subject.groups() {
        inputs.push(equal(subject, &pattern));
    }
    for kind in subject.kinds() {
        for name in super::empty::declared_columns(subject) {
            // One long text is of nobody's making; ids of that length are.
            let long = ["title", "description", "text", "attributes", "images"].contains(&name.as_str());
            let Some(column) = find_column(kind, &name).filter(|_| long) else { continue };
            let words = "这是一段很长的商品描述，没有什么特别之处。";
            let text = words.repeat(LONGEST / words.len());
            let value = match column.ty {
                ColumnType::Json if name == "images" => serde_json::json!([text]).to_string(),
                ColumnType::Json => serde_json::json!({"说明": text}).to_string(),
                _ => text,
            };
            inputs.push(vec![Row::new(kind, "huge").with(&name, value.into())]);
        }
    }
    inputs
}

/// Rows that are equal in all but their keys, whatever they are grouped by.
fn equal(subject: &Subject<'_>, pattern: &[Row]) -> Vec<Row> {
    let mut equal = Vec::new();
    for kind in subject.kinds() {
        // One that lacks nothing: without a key there is no group, and without a text nothing to compare.
        let own = pattern.iter().filter(|row| row.kind == kind);
        let Some(row) = own.max_by_key(|row| row.values.len()) else { continue };
        let n = EQUAL.min(subject.options.huge_rows) / if kind == RecordKind::Image { PICTURE } else { 1 };
        equal.extend((0..n).map(|i| Row { key: format!("{}/{i}", row.key), ..row.clone() }));
        // The last group: what is said of the large one may be said while this one begins.
        let mut other = Row { key: format!("{}/{n}", row.key), ..row.clone() };
        for name in ["listing_id", "reviewer_id", "owner", "shop_id"] {
            if other.values.contains_key(name) {
                other = other.with(name, "\u{10ffff}".into());
            }
        }
        equal.push(other);
    }
    equal
}

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    subject.play(rows, &Shape::default()).map_err(|stop| Breach::under("输入巨大时", "given huge input", stop))?;
    Ok(())
}
