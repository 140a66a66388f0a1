//! A detector says only what its manifest and its input allow.

use huoyan_model::Localized;

use super::{Breach, Law, common, concerns_all, hostile, silent};
use crate::rows::Row;
use crate::shape::{Cut, Shape};
use crate::subject::Subject;

pub(crate) static LAW: Law = Law {
    id: "declared",
    zh: "言之有据",
    en: "as declared",
    demands_zh: "只报告已声明的规则、自己读取的字段、收到过的记录；区间落在字符边界，分数在 0 到 1 之间，输出不超过上限",
    demands_en: "it speaks only of declared rules, fields it reads and records it was given; spans on character boundaries, scores from 0 to 1, output within the limits",
    moot: concerns_all,
    inputs,
    holds,
    shrinks: true,
    by_fixture: true,
    note,
};

fn inputs(subject: &Subject<'_>) -> Vec<Vec<Row>> {
    let mut inputs = common(subject);
    inputs.push(hostile(subject, 512));
    inputs
}

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    let shapes = [
        Shape::default(),
        Shape { cut: Cut::Every(3), partitions: 3, pieces: 3, ..Shape::default() },
        Shape { cut: Cut::Anywhere(subject.options.seed), partitions: 1, slice: Some(5), ..Shape::default() },
    ];
    for shape in shapes {
        subject.play(rows, &shape).map_err(|stop| Breach::here(stop.what))?;
    }
    Ok(())
}

fn note(subject: &Subject<'_>) -> Option<Localized> {
    let bare: Vec<&str> =
        subject.spec.rules.iter().filter(|id| !subject.rules.contains_key(*id)).map(String::as_str).collect();
    let bare = (!bare.is_empty()).then(|| {
        let bare = bare.join(" ");
        Localized::new(
            format!("规则 {bare} 不在任何规则包里，报告中没有说明；请写一个规则包"),
            format!("rules {bare} stand in no rule pack, so reports cannot explain them; write one"),
        )
    });
    bare.or_else(|| silent(subject))
}
