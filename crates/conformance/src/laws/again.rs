//! A run that is repeated gives the same bytes.

use super::{Breach, Law, common, concerns_all, silent};
use crate::rows::Row;
use crate::said::difference;
use crate::shape::Shape;
use crate::subject::Subject;

pub(crate) static LAW: Law = Law {
    id: "again",
    zh: "重复运行",
    en: "run again",
    demands_zh: "同样的输入再运行一次、换一个实例、中间处理过别的数据，输出逐字节相同",
    demands_en: "the same rows give the same bytes again, from a second instance, and after other rows were judged in between",
    moot: concerns_all,
    inputs: common,
    holds,
    shrinks: true,
    by_fixture: true,
    note: silent,
};

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    let shape = Shape::default();
    let first = subject.fresh().map_err(|stop| Breach::Elsewhere(stop.what))?;
    let once = subject.play_on(&first, rows, &shape).map_err(|stop| Breach::Elsewhere(stop.what))?;
    let twice =
        subject.play_on(&first, rows, &shape).map_err(|stop| Breach::under("再次运行时", "when run again", stop))?;
    if let Some(what) = difference(&once, &twice, "再次运行时", "when run again") {
        return Err(Breach::here(what));
    }
    // What other rows do is their own matter: here it only counts that they leave nothing behind.
    let others = subject.generated(20, "others");
    if subject.play_on(&first, &others, &shape).is_ok() {
        let (zh, en) = ("处理过别的数据之后", "after other rows were judged");
        let after = subject.play_on(&first, rows, &shape).map_err(|stop| Breach::under(zh, en, stop))?;
        if let Some(what) = difference(&once, &after, zh, en) {
            return Err(Breach::here(what));
        }
    }
    let second = subject.fresh().map_err(|stop| Breach::under("第二个实例", "a second instance", stop))?;
    let (zh, en) = ("换一个实例时", "from a second instance");
    let other = subject.play_on(&second, rows, &shape).map_err(|stop| Breach::under(zh, en, stop))?;
    difference(&once, &other, zh, en).map_or(Ok(()), |what| Err(Breach::here(what)))
}
