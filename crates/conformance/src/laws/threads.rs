//! One instance serves many tasks on many threads at once.

use super::{Breach, Law, Way, common, concerns_all, same_in, silent};
use crate::rows::Row;
use crate::shape::{Cut, Shape};
use crate::subject::Subject;

pub(crate) static LAW: Law = Law {
    id: "threads",
    zh: "多线程",
    en: "threads",
    demands_zh: "同一实例的许多任务在多个线程上同时运行，输出都相同",
    demands_en: "many tasks of one instance on many threads at once give the same",
    moot: concerns_all,
    inputs: common,
    holds,
    shrinks: true,
    by_fixture: true,
    note: silent,
};

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    let ways: Vec<Way> = [2, 4, 8, 8]
        .into_iter()
        .map(|threads| {
            let shape = Shape { threads, pieces: threads, cut: Cut::Every(3), ..Shape::default() };
            (format!("在 {threads} 个线程上"), format!("on {threads} threads"), shape)
        })
        .collect();
    same_in(subject, rows, ways)
}
