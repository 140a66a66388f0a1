//! Nothing to judge is no reason to fail.

use std::collections::BTreeSet;

use huoyan_model::RecordKind;

use super::{Breach, Law, concerns_all, filled, fixture_and, no_note};
use crate::rows::Row;
use crate::said::difference;
use crate::shape::{Cut, Shape};
use crate::subject::Subject;

pub(crate) static LAW: Law = Law {
    id: "empty",
    zh: "空输入",
    en: "nothing to judge",
    demands_zh: "没有行、空批次、全为空值、缺列、空文本，都不是失败的理由",
    demands_en: "no rows, batches without rows, null columns, absent columns and empty texts are no reason to fail",
    moot: concerns_all,
    inputs,
    holds,
    shrinks: true,
    by_fixture: true,
    note: no_note,
};

fn inputs(subject: &Subject<'_>) -> Vec<Vec<Row>> {
    let kinds = subject.kinds();
    let each = |make: &dyn Fn(RecordKind) -> Row| kinds.iter().map(|kind| make(*kind)).collect::<Vec<Row>>();
    let others = [
        Vec::new(),
        each(&|kind| Row::new(kind, "only-a-key")),
        each(&|kind| filled(kind, 0, "")),
        subject.generated(24, "empty"),
    ];
    fixture_and(subject, others)
}

/// Every column that a stage reads.
pub(super) fn declared_columns(subject: &Subject<'_>) -> BTreeSet<String> {
    subject
        .spec
        .stages
        .iter()
        .flat_map(|s| s.reads.columns.iter().chain(&s.group_by).chain(&s.order_by))
        .cloned()
        .collect()
}

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    let plain = Shape::default();
    let said = subject
        .play(rows, &plain)
        .map_err(|stop| Breach::under("输入为空或几乎为空时", "with little or nothing", stop))?;
    let (zh, en) = ("有空批次时", "with batches without rows");
    let shape = Shape { empty_batches: true, cut: Cut::Every(5), ..plain.clone() };
    let other = subject.play(rows, &shape).map_err(|stop| Breach::under(zh, en, stop))?;
    if let Some(what) = difference(&said.sorted(), &other.sorted(), zh, en) {
        return Err(Breach::here(what));
    }
    let nulls = Shape { nulls: true, ..plain.clone() };
    subject.play(rows, &nulls).map_err(|stop| Breach::under("各列全为空值时", "with null columns", stop))?;
    let columns = declared_columns(subject);
    let all = Shape { without: columns.iter().cloned().collect(), ..plain.clone() };
    subject.play(rows, &all).map_err(|stop| Breach::under("缺少全部列时", "without any declared column", stop))?;
    for column in columns {
        let (zh, en) = (format!("缺少列 '{column}' 时"), format!("without column '{column}'"));
        let shape = Shape { without: vec![column], ..plain.clone() };
        subject.play(rows, &shape).map_err(|stop| Breach::under(&zh, &en, stop))?;
    }
    Ok(())
}
