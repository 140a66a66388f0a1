//! A detector gives back what it takes.

use huoyan_model::Localized;

use super::{Breach, Law, fixture_and, no_note};
use crate::rows::Row;
use crate::shape::{Cut, Shape};
use crate::subject::Subject;

/// Batches of a play, plays before measuring and plays measured: 200 calls of each stage, then 1,000.
const BATCHES: usize = 10;
const WARM: usize = 20;
const MEASURED: usize = 100;

/// How much the process may have grown after them.
const BOUND: u64 = 4 << 20;

pub(crate) static LAW: Law = Law {
    id: "memory",
    zh: "内存",
    en: "memory",
    demands_zh: "预热之后，再调用 1,000 次，常驻内存增长不超过 4 MiB",
    demands_en: "after warming up, 1,000 more calls make the process grow by at most 4 MiB",
    moot,
    inputs,
    holds,
    shrinks: false,
    by_fixture: true,
    note: no_note,
};

fn moot(subject: &Subject<'_>) -> Option<Localized> {
    if subject.options.apart.is_none() {
        return Some(Localized::new("只在独立进程中测量", "it is measured in a process of its own only"));
    }
    resident().is_none().then(|| {
        Localized::new(
            "此平台上不测量常驻内存（仅 Linux）",
            "resident memory is not measured on this platform (Linux only)",
        )
    })
}

fn inputs(subject: &Subject<'_>) -> Vec<Vec<Row>> {
    let mut inputs = fixture_and(subject, [subject.generated(BATCHES * 3, "memory")]);
    // A large fixture over and over would only take long.
    inputs.iter_mut().for_each(|rows| rows.truncate(BATCHES * 3 * subject.kinds().len().max(1)));
    inputs
}

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    let detector = subject.fresh().map_err(|stop| Breach::Elsewhere(stop.what))?;
    let kinds = subject.kinds().len().max(1);
    let shape =
        Shape { cut: Cut::Every((rows.len() / kinds).div_ceil(BATCHES).max(1)), partitions: 3, ..Shape::default() };
    let run = |times: usize| -> Result<u64, Breach> {
        for _ in 0..times {
            subject.play_on(&detector, rows, &shape).map_err(|stop| Breach::Elsewhere(stop.what))?;
        }
        Ok(resident().unwrap_or_default())
    };
    let mut before = run(WARM)?;
    let mut grown = 0;
    // An allocator may take a page more once; a leak takes it every time.
    for _ in 0..2 {
        let after = run(MEASURED)?;
        grown = after.saturating_sub(before);
        if grown <= BOUND {
            return Ok(());
        }
        before = after;
    }
    let mib = grown as f64 / f64::from(1 << 20);
    Err(Breach::here(Localized::new(
        format!("预热后每 1,000 次调用常驻内存增长约 {mib:.1} MiB；请检查释放（数组、错误、任务）"),
        format!(
            "after warming up the process grows by about {mib:.1} MiB in 1,000 calls; look at what is released (arrays, errors, tasks)"
        ),
    )))
}

/// Bytes of this process that are in memory.
#[cfg(target_os = "linux")]
pub(crate) fn resident() -> Option<u64> {
    static TOLD: crate::told::Told = crate::told::Told::of("/proc/self/statm");
    Some(TOLD.number(1)? * rustix::param::page_size() as u64)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn resident() -> Option<u64> {
    None
}
