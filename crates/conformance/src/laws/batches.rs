//! How rows are split into batches cannot be seen in what comes out.

use super::{Breach, Law, Way, common, concerns_all, same_in, silent};
use crate::rows::Row;
use crate::shape::{Cut, Shape};
use crate::subject::Subject;

pub(crate) static LAW: Law = Law {
    id: "batches",
    zh: "批次",
    en: "batches",
    demands_zh: "无论怎样切分成批次（直到每批一行），输出都相同",
    demands_en: "any split into batches, down to one row each, gives the same",
    moot: concerns_all,
    inputs: common,
    holds,
    shrinks: true,
    by_fixture: true,
    note: silent,
};

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    let mut ways: Vec<Way> = [1, 2, 7, 64]
        .into_iter()
        .map(|size| {
            let shape = Shape { cut: Cut::Every(size), ..Shape::default() };
            (format!("每批 {size} 行时"), format!("in batches of {size} rows"), shape)
        })
        .collect();
    for seed in 0..3 {
        let shape = Shape { cut: Cut::Anywhere(subject.options.seed ^ seed), ..Shape::default() };
        ways.push(("随意分批时".to_owned(), "in batches cut anywhere".to_owned(), shape));
    }
    same_in(subject, rows, ways)
}
