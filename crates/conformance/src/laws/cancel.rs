//! A detector lets a run end.

use std::time::{Duration, Instant};

use huoyan_host::Cancel;
use huoyan_model::Localized;

use super::{Breach, Law, concerns_all, fixture_and, no_note};
use crate::play::Stop;
use crate::rows::Row;
use crate::shape::Shape;
use crate::subject::Subject;
use crate::told::Told;

/// How long a detector may go on with one batch after the run was cancelled; while it waits for a processor, other programs are at work and not it.
const SOON: Duration = Duration::from_secs(5);

/// Rows of a full batch.
const BATCH: usize = 4096;

pub(crate) static LAW: Law = Law {
    id: "cancel",
    zh: "取消",
    en: "cancel",
    demands_zh: "运行被取消后，一个整批（4,096 行）最多再处理 5 秒",
    demands_en: "once a run is cancelled, a full batch of 4,096 rows takes at most 5 more seconds",
    moot: concerns_all,
    inputs,
    holds,
    shrinks: true,
    by_fixture: true,
    note: no_note,
};

fn inputs(subject: &Subject<'_>) -> Vec<Vec<Row>> {
    let kinds = subject.kinds().len().max(1);
    fixture_and(subject, [subject.generated(BATCH / kinds, "cancel")])
}

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    let cancel = Cancel::default();
    let made = subject.create(&subject.options.config, &cancel);
    let detector = made.map_err(|what| Breach::Elsewhere(Stop::creating(what).what))?;
    cancel.cancel();
    let (start, waited) = (Instant::now(), waited());
    let shape = Shape { tolerant: true, ..Shape::default() };
    subject.play_on(&detector, rows, &shape).map_err(|stop| Breach::Elsewhere(stop.what))?;
    if start.elapsed().saturating_sub(self::waited().saturating_sub(waited)) > SOON {
        let limit = SOON.as_secs();
        return Err(Breach::here(Localized::new(
            format!("运行被取消后，{} 行仍用了 {limit} 秒以上；接收方回答取消后应尽快返回", rows.len()),
            format!(
                "after the run was cancelled, {} rows took more than {limit} s; return soon once the sink takes no more",
                rows.len()
            ),
        )));
    }
    Ok(())
}

/// How long this process's first thread has waited for a processor, where the system tells.
pub(crate) fn waited() -> Duration {
    static TOLD: Told = Told::of("/proc/thread-self/schedstat");
    Duration::from_nanos(TOLD.number(1).unwrap_or_default())
}
