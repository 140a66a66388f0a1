//! The seed decides all that looks random.

use super::{Breach, Law, common, concerns_all, silent};
use crate::rows::Row;
use crate::said::difference;
use crate::shape::Shape;
use crate::subject::Subject;

pub(crate) static LAW: Law = Law {
    id: "seed",
    zh: "种子",
    en: "seed",
    demands_zh: "同一个种子得到同样的字节，种子是什么都一样，两个实例也一样",
    demands_en: "the same seed gives the same bytes, whatever the seed, from two instances",
    moot: concerns_all,
    inputs: common,
    holds,
    shrinks: true,
    by_fixture: true,
    note: silent,
};

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    for seed in [0, 1, 0x5eed_5eed_5eed_5eed, u64::MAX] {
        let shape = Shape { seed, ..Shape::default() };
        let (zh, en) = (format!("种子 {seed} 第二次"), format!("the second time with seed {seed}"));
        let one = subject.fresh().map_err(|stop| Breach::Elsewhere(stop.what))?;
        let said = subject.play_on(&one, rows, &shape).map_err(|stop| Breach::Elsewhere(stop.what))?;
        let other = subject.fresh().map_err(|stop| Breach::under(&zh, &en, stop))?;
        let again = subject.play_on(&other, rows, &shape).map_err(|stop| Breach::under(&zh, &en, stop))?;
        if let Some(what) = difference(&said, &again, &zh, &en) {
            return Err(Breach::here(what));
        }
    }
    Ok(())
}
