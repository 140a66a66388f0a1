//! The order of rows cannot be seen in what comes out.

use super::{Breach, Law, common, concerns_all, silent};
use crate::random::Random;
use crate::rows::Row;
use crate::said::difference;
use crate::shape::Shape;
use crate::subject::Subject;

pub(crate) static LAW: Law = Law {
    id: "order",
    zh: "行序",
    en: "row order",
    demands_zh: "打乱行的顺序，对每条记录说的都相同",
    demands_en: "rows in any order: the same is said of each record",
    moot: concerns_all,
    inputs: common,
    holds,
    shrinks: true,
    by_fixture: true,
    note: silent,
};

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    let shape = Shape::default();
    let plain = subject.play(rows, &shape).map_err(|stop| Breach::Elsewhere(stop.what))?.sorted();
    let mut other: Vec<Row> = rows.iter().rev().cloned().collect();
    for seed in 0..4 {
        let (zh, en) = ("行的顺序改变时", "with the rows in another order");
        let said = subject.play(&other, &shape).map_err(|stop| Breach::under(zh, en, stop))?.sorted();
        if let Some(what) = difference(&plain, &said, zh, en) {
            return Err(Breach::here(what));
        }
        Random::new(subject.options.seed.wrapping_add(seed), "order").shuffle(&mut other);
    }
    Ok(())
}
