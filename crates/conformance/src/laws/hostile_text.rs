//! Anything may stand in a text.

use super::{Breach, Law, concerns_all, filled, fixture_and, hostile, no_note};
use crate::rows::Row;
use crate::said::difference;
use crate::shape::{Cut, Shape};
use crate::subject::Subject;

/// Up to here several texts go into one input; longer ones stand alone.
const SHORT: usize = 4096;

pub(crate) static LAW: Law = Law {
    id: "hostile-text",
    zh: "恶意文本",
    en: "hostile text",
    demands_zh: "文本里可以有任何字符：NUL、组合符、双向控制符、四字节字符、BOM、非字符、超长重复、1 MiB",
    demands_en: "anything may stand in a text: NUL, lone combining marks, bidirectional controls, four-byte characters, byte order marks, non-characters, very long runs, 1 MiB",
    moot: concerns_all,
    inputs,
    holds,
    shrinks: true,
    by_fixture: true,
    note: no_note,
};

fn inputs(subject: &Subject<'_>) -> Vec<Vec<Row>> {
    let mut inputs = fixture_and(subject, [hostile(subject, SHORT)]);
    for (i, (_, text)) in crate::hostile::texts().iter().enumerate().filter(|(_, (_, text))| text.len() > SHORT) {
        inputs.push(subject.kinds().into_iter().map(|kind| filled(kind, i, text)).collect());
    }
    inputs
}

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    let said = subject
        .play(rows, &Shape::default())
        .map_err(|stop| Breach::under("遇到特殊文本时", "given hostile text", stop))?;
    if rows.len() > 8 {
        let (zh, en) = ("特殊文本每批一行时", "given hostile text in batches of one row");
        let shape = Shape { cut: Cut::Every(1), slice: Some(1), ..Shape::default() };
        let other = subject.play(rows, &shape).map_err(|stop| Breach::under(zh, en, stop))?;
        if let Some(what) = difference(&said.sorted(), &other.sorted(), zh, en) {
            return Err(Breach::here(what));
        }
    }
    Ok(())
}
