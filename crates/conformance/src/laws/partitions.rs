//! How keys are spread over partitions cannot be seen in what comes out.

use huoyan_model::Localized;

use super::{Breach, Law, Way, common, same_in, silent};
use crate::rows::Row;
use crate::shape::{Cut, Shape};
use crate::subject::Subject;

pub(crate) static LAW: Law = Law {
    id: "partitions",
    zh: "分区数",
    en: "partitions",
    demands_zh: "分组阶段分成 1 到 7 个分区，输出都相同；一个键从不跨分区",
    demands_en: "group stages give the same in 1 to 7 partitions; a key is never split over two",
    moot,
    inputs: common,
    holds,
    shrinks: true,
    by_fixture: true,
    note: silent,
};

fn moot(subject: &Subject<'_>) -> Option<Localized> {
    let none = || Localized::new("没有分组阶段", "it has no group stage");
    (!subject.groups()).then(none)
}

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    let ways: Vec<Way> = (1..=7)
        .map(|partitions| {
            // Small batches: a key's rows come over several pushes, and several keys in one.
            let cut = if partitions % 2 == 0 { Cut::Every(5) } else { Cut::Every(4096) };
            let shape = Shape { partitions, cut, ..Shape::default() };
            (format!("分成 {partitions} 个分区时"), format!("in {partitions} partitions"), shape)
        })
        .collect();
    same_in(subject, rows, ways)
}
