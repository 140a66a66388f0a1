//! A detector stops in order when the run stops.

use huoyan_host::{Cancel, Refusal};

use super::empty::declared_columns;
use super::{Breach, Law, common, concerns_all, silent};
use crate::play::Stop;
use crate::rows::Row;
use crate::said::difference;
use crate::shape::Shape;
use crate::subject::Subject;

pub(crate) static LAW: Law = Law {
    id: "panic-injection",
    zh: "异常注入",
    en: "panic injection",
    demands_zh: "宿主拒收输出、运行被取消、缺列或列类型不对时，插件要有序停下，不得崩溃，之后仍能正常工作",
    demands_en: "when the sink refuses, the run is cancelled, or columns are absent or of another type, it stops in order, never panics, and works as before afterwards",
    moot: concerns_all,
    inputs: common,
    holds,
    shrinks: true,
    by_fixture: true,
    note: silent,
};

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    let plain = Shape::default();
    let said = subject.play(rows, &plain).map_err(|stop| Breach::Elsewhere(stop.what))?.sorted();
    let tolerant = Shape { tolerant: true, ..plain.clone() };
    for stage in &subject.spec.stages {
        for after in [0, 1, 2, 3, 7, 20] {
            for cancelled in [false, true] {
                let name = if cancelled { "HY_CANCELLED" } else { "HY_LIMIT" };
                let zh = format!("输出在第 {after} 次之后被拒收（{name}）时");
                let en = format!("when the sink answers {name} after {after} calls");
                let refuse = Some((stage.name.clone(), Refusal { after, cancelled }));
                let shape = Shape { refuse, ..tolerant.clone() };
                subject.play(rows, &shape).map_err(|stop| Breach::under(&zh, &en, stop))?;
            }
        }
    }
    let cancel = Cancel::default();
    cancel.cancel();
    let (zh, en) = ("运行已被取消时", "when the run is cancelled");
    let stopped =
        subject.create(&subject.options.config, &cancel).map_err(|what| Breach::under(zh, en, Stop::creating(what)))?;
    subject.play_on(&stopped, rows, &tolerant).map_err(|stop| Breach::under(zh, en, stop))?;
    let wrong = Shape { wrong_types: true, ..tolerant.clone() };
    subject
        .play(rows, &wrong)
        .map_err(|stop| Breach::under("列的类型不对时", "when columns are of another type", stop))?;
    for column in declared_columns(subject) {
        let (zh, en) = (format!("缺少列 '{column}' 时"), format!("when column '{column}' is absent"));
        let shape = Shape { without: vec![column], ..tolerant.clone() };
        subject.play(rows, &shape).map_err(|stop| Breach::under(&zh, &en, stop))?;
    }
    let (zh, en) = ("停下之后再运行时", "after it was stopped");
    let after = subject.play(rows, &plain).map_err(|stop| Breach::under(zh, en, stop))?.sorted();
    difference(&said, &after, zh, en).map_or(Ok(()), |what| Err(Breach::here(what)))
}
