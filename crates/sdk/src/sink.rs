//! Where a detector's output goes.

use core::cell::Cell;
use core::ffi::c_void;
use core::marker::PhantomData;

use huoyan_abi::{self as abi, Status, Str};

use crate::{Finding, Score, StandIn, TaskHost};

/// Takes findings, scores, rows, unjudged records and summaries. Once the host takes no more (a limit, a cancelled run),
/// further calls do nothing and [`Sink::is_open`] is false; a detector may then return early, with `Ok`: the host knows why.
pub struct Sink<'a> {
    raw: &'a abi::Sink,
    host: Option<&'a TaskHost>,
    stopped: Cell<Option<Status>>,
    _not_send: PhantomData<*mut ()>,
}

impl<'a> Sink<'a> {
    /// Wraps the host's sink.
    ///
    /// # Safety
    /// The functions in `raw` may be called with its `ctx` for `'a`.
    pub unsafe fn from_ffi(raw: &'a abi::Sink) -> Self {
        Self { raw, host: None, stopped: Cell::new(None), _not_send: PhantomData }
    }

    /// The same for a call of a task, whose host is asked whether the run is being stopped.
    ///
    /// # Safety
    /// As [`Sink::from_ffi`].
    pub(crate) unsafe fn of_task(raw: &'a abi::Sink, host: &'a TaskHost) -> Self {
        Self { raw, host: Some(host), stopped: Cell::new(None), _not_send: PhantomData }
    }

    /// Whether the host still takes output. Also false once the run is being stopped, whether or not anything was said since, so a
    /// detector whose rows take long asks before each.
    pub fn is_open(&self) -> bool {
        if self.stopped.get().is_none() && self.host.is_some_and(TaskHost::is_cancelled) {
            self.stopped.set(Some(Status::CANCELLED));
        }
        self.stopped.get().is_none()
    }

    /// The host's own struct, for tests that must say what this interface refuses to.
    #[doc(hidden)]
    pub fn raw(&self) -> &abi::Sink {
        self.raw
    }

    /// Why the host takes no more, as far as the detector was told.
    pub(crate) fn stopped(&self) -> Option<Status> {
        self.stopped.get().or_else(|| self.host.filter(|host| host.told()).map(|_| Status::CANCELLED))
    }

    fn call<F: Copy>(&mut self, function: Option<F>, call: impl FnOnce(F, *mut c_void) -> Status) {
        if self.stopped.get().is_some() {
            return;
        }
        let status = function.map_or(Status::UNSUPPORTED, |f| call(f, self.raw.ctx));
        if status != Status::OK {
            self.stopped.set(Some(status));
        }
    }

    /// Reports what was seen in a record that this call was given; for each row of a batch at most 256 findings, and 64 in any
    /// case. The host copies everything before this returns.
    pub fn finding(&mut self, finding: &Finding<'_>) {
        let members: Vec<Str> = finding.members.iter().map(|member| Str::new(member)).collect();
        // A span that does not fit 32 bits cannot lie in any batch; the host refuses the pair below.
        let edge = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let raw = abi::Finding {
            struct_size: size_of::<abi::Finding>(),
            record: Str::new(finding.record),
            rule: Str::new(finding.rule),
            field: Str::new(finding.field),
            evidence_json: Str::new(&finding.evidence),
            score: finding.score,
            span_start: edge(finding.span.start),
            span_end: edge(finding.span.end),
            members: members.as_ptr(),
            n_members: members.len(),
        };
        // SAFETY: `from_ffi` promises that the function may be called with this ctx; all borrows outlive the call.
        self.call(self.raw.finding, |f, ctx| unsafe { f(ctx, &raw) });
    }

    /// Gives the score, from 0 to 1, of a record that was judged, with or without a finding: at most one per record, by a detector
    /// whose manifest says `"scores": true`. A number outside is brought to the nearest end, and what is not a number becomes 0,
    /// see [`Score::clamped`].
    pub fn score(&mut self, record: &str, score: impl Into<Score>) {
        let score = score.into().get();
        // SAFETY: as in `finding`.
        self.call(self.raw.score, |f, ctx| unsafe { f(ctx, Str::new(record), score) });
    }

    /// Hands a row to the later stages that read this one. They see rows sorted by (key, order, record, stage, payload).
    /// A row with an empty key is dropped: what has no key forms no group. At most as many rows for each row in as the manifest
    /// declares in `emits`.
    pub fn row(&mut self, key: &str, order: i64, record: &str, payload: &[u8]) {
        // SAFETY: as in `finding`.
        self.call(self.raw.row, |f, ctx| unsafe {
            f(ctx, Str::new(key), order, Str::new(record), Str::bytes(payload))
        });
    }

    /// Says that a record could not be judged, and why, for a person.
    pub fn unjudged(&mut self, record: &str, reason: &str) {
        // SAFETY: as in `finding`.
        self.call(self.raw.unjudged, |f, ctx| unsafe { f(ctx, Str::new(record), Str::new(reason)) });
    }

    /// Gives a corpus stage's summary, at most 64 MiB, once in [`crate::Task::close`]; also where there were no rows. The same rows
    /// must give the same bytes in any order.
    pub fn summary(&mut self, bytes: &[u8]) {
        // SAFETY: as in `finding`.
        self.call(self.raw.summary, |f, ctx| unsafe { f(ctx, Str::bytes(bytes)) });
    }
}

/// A finding as a [`SinkBuffer`] keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct EmittedFinding {
    /// The record's key.
    pub record: String,
    /// The rule.
    pub rule: String,
    /// The score.
    pub score: f64,
    /// The field, or empty.
    pub field: String,
    /// The range of bytes; empty when there is none.
    pub span: core::ops::Range<usize>,
    /// The evidence as JSON, or empty.
    pub evidence: String,
    /// The members.
    pub members: Vec<String>,
}

/// Everything a detector said, in the order it said it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Emitted {
    /// Findings.
    pub findings: Vec<EmittedFinding>,
    /// Scores by record.
    pub scores: Vec<(String, f64)>,
    /// Rows for later stages: key, order, record, payload.
    pub rows: Vec<(String, i64, String, Vec<u8>)>,
    /// Unjudged records with reasons.
    pub unjudged: Vec<(String, String)>,
    /// Summaries.
    pub summaries: Vec<Vec<u8>>,
}

/// A sink that keeps what it is given, for tests and for running a detector without a host.
pub struct SinkBuffer {
    buffer: Box<Buffer>,
    host: TaskHost,
}

struct Buffer {
    emitted: Emitted,
    stand_in: StandIn,
}

impl Default for SinkBuffer {
    fn default() -> Self {
        Self::new()
    }
}

impl SinkBuffer {
    /// An empty buffer, which takes everything.
    pub fn new() -> Self {
        Self::hosted_by(&StandIn::new())
    }

    /// An empty buffer, which takes no more once `stand_in` stops the run.
    pub fn hosted_by(stand_in: &StandIn) -> Self {
        let buffer = Box::new(Buffer { emitted: Emitted::default(), stand_in: stand_in.clone() });
        Self { buffer, host: TaskHost::standing_in("", stand_in) }
    }

    /// Runs `body` with a sink that fills this buffer.
    pub fn with<R>(&mut self, body: impl FnOnce(&mut Sink<'_>) -> R) -> R {
        let raw = abi::Sink {
            struct_size: size_of::<abi::Sink>(),
            ctx: (&raw mut *self.buffer).cast(),
            finding: Some(buffer_finding),
            score: Some(buffer_score),
            row: Some(buffer_row),
            unjudged: Some(buffer_unjudged),
            summary: Some(buffer_summary),
        };
        // SAFETY: ctx points to `buffer`, which outlives the sink and is not touched otherwise during `body`.
        let mut sink = unsafe { Sink::of_task(&raw, &self.host) };
        body(&mut sink)
    }

    /// What was collected.
    pub fn into_emitted(self) -> Emitted {
        self.buffer.emitted
    }

    /// Takes what was collected and leaves the buffer empty.
    pub fn take(&mut self) -> Emitted {
        core::mem::take(&mut self.buffer.emitted)
    }
}

/// Has `keep` keep what a call of the sink said, unless the run is being stopped.
///
/// # Safety
/// `ctx` is the `Buffer` of a [`SinkBuffer::with`] in progress.
unsafe fn keep(ctx: *mut c_void, keep: impl FnOnce(&mut Emitted)) -> Status {
    // SAFETY: promised by the caller.
    let buffer = unsafe { &mut *ctx.cast::<Buffer>() };
    if !buffer.stand_in.take() {
        return Status::CANCELLED;
    }
    keep(&mut buffer.emitted);
    Status::OK
}

/// # Safety
/// As [`Str::as_bytes`].
unsafe fn owned(text: Str) -> String {
    // SAFETY: promised by the caller.
    String::from_utf8_lossy(unsafe { text.as_bytes() }).into_owned()
}

unsafe extern "C" fn buffer_finding(ctx: *mut c_void, finding: *const abi::Finding) -> Status {
    // SAFETY: called through `SinkBuffer::with` only, with a finding and texts that live during the call.
    unsafe {
        let f = &*finding;
        let members = if f.n_members == 0 { &[][..] } else { core::slice::from_raw_parts(f.members, f.n_members) };
        let finding = EmittedFinding {
            record: owned(f.record),
            rule: owned(f.rule),
            score: f.score,
            field: owned(f.field),
            span: f.span_start as usize..f.span_end as usize,
            evidence: owned(f.evidence_json),
            members: members.iter().map(|m| owned(*m)).collect(),
        };
        keep(ctx, |emitted| emitted.findings.push(finding))
    }
}

unsafe extern "C" fn buffer_score(ctx: *mut c_void, record: Str, score: f64) -> Status {
    // SAFETY: as in `buffer_finding`.
    unsafe { keep(ctx, |emitted| emitted.scores.push((owned(record), score))) }
}

unsafe extern "C" fn buffer_row(ctx: *mut c_void, key: Str, order: i64, record: Str, payload: Str) -> Status {
    // SAFETY: as in `buffer_finding`.
    unsafe {
        keep(ctx, |emitted| {
            if key.len > 0 {
                emitted.rows.push((owned(key), order, owned(record), payload.as_bytes().to_vec()));
            }
        })
    }
}

unsafe extern "C" fn buffer_unjudged(ctx: *mut c_void, record: Str, reason: Str) -> Status {
    // SAFETY: as in `buffer_finding`.
    unsafe { keep(ctx, |emitted| emitted.unjudged.push((owned(record), owned(reason)))) }
}

unsafe extern "C" fn buffer_summary(ctx: *mut c_void, bytes: Str) -> Status {
    // SAFETY: as in `buffer_finding`.
    unsafe { keep(ctx, |emitted| emitted.summaries.push(bytes.as_bytes().to_vec())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_score_is_outside_its_range() {
        let mut buffer = SinkBuffer::new();
        buffer.with(|sink| {
            sink.score("a", f64::NAN);
            sink.score("b", 1.5);
            sink.score("c", Score::new(0.25));
        });
        let scores: Vec<f64> = buffer.into_emitted().scores.into_iter().map(|(_, score)| score).collect();
        assert_eq!(scores, [0.0, 1.0, 0.25]);
    }

    #[test]
    fn a_stopped_run_closes_the_sink_whether_or_not_it_is_spoken_to() {
        let stand_in = StandIn::stopping_after(2);
        let mut buffer = SinkBuffer::hosted_by(&stand_in);
        buffer.with(|sink| {
            sink.unjudged("a", "why");
            assert!(sink.is_open());
            sink.unjudged("b", "why");
            assert!(!sink.is_open());
            sink.unjudged("c", "why");
            assert_eq!(sink.stopped(), Some(Status::CANCELLED));
        });
        assert_eq!(buffer.into_emitted().unjudged.len(), 2);
    }
}
