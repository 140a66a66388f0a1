//! A detector lets a run end.

use std::time::Duration;

use cpu_time::ProcessTime;
use huoyan_host::Cancel;
use huoyan_model::Localized;

use super::{Breach, Law, concerns_all, no_note};
use crate::play::{self, Stop};
use crate::rows::Row;
use crate::shape::Shape;
use crate::subject::Subject;

/// How long a detector may go on with one batch after the run was cancelled, in seconds of a processor: what else runs on the machine does not count.
const SOON: Duration = Duration::from_secs(5);

/// Rows of a full batch.
const BATCH: usize = 4096;

pub(crate) static LAW: Law = Law {
    id: "cancel",
    zh: "取消",
    en: "cancel",
    demands_zh: "运行被取消后，一个整批（4,096 行）最多再用 5 秒处理器时间",
    demands_en: "once a run is cancelled, a full batch of 4,096 rows takes at most 5 more seconds of a processor",
    moot: concerns_all,
    inputs,
    holds,
    shrinks: true,
    note: no_note,
};

fn inputs(subject: &Subject<'_>) -> Vec<Vec<Row>> {
    let kinds = subject.kinds().len().max(1);
    vec![subject.generated(BATCH / kinds, "cancel")]
}

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    let cancel = Cancel::default();
    let made = subject.create(&subject.options.config, &cancel);
    let detector = made.map_err(|what| Breach::Elsewhere(Stop::creating(what).what))?;
    cancel.cancel();
    let start = ProcessTime::now();
    let shape = Shape { tolerant: true, ..Shape::default() };
    play::play(&detector, rows, &shape).map_err(|stop| Breach::Elsewhere(stop.what))?;
    if start.elapsed() > SOON {
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
