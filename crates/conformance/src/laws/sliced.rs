//! Arrays may be slices of longer ones.

use super::{Breach, Law, Way, common, concerns_all, same_in, silent};
use crate::rows::Row;
use crate::shape::{Cut, Shape};
use crate::subject::Subject;

pub(crate) static LAW: Law = Law {
    id: "sliced",
    zh: "数组切片",
    en: "sliced arrays",
    demands_zh: "整批和每一列都可以是更长数组的切片，带各自的偏移；切片外的值不得影响输出",
    demands_en: "a batch and each of its columns may be slices at offsets of their own; what stands outside is never seen",
    moot: concerns_all,
    inputs: common,
    holds,
    shrinks: true,
    by_fixture: true,
    note: silent,
};

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    let mut ways: Vec<Way> = Vec::new();
    for seed in 0..4 {
        let slice = Some(subject.options.seed.wrapping_add(seed));
        let shape = Shape { slice, cut: if seed == 0 { Cut::Every(4096) } else { Cut::Every(9) }, ..Shape::default() };
        ways.push(("数组是切片时".to_owned(), "in sliced arrays".to_owned(), shape));
    }
    same_in(subject, rows, ways)
}
