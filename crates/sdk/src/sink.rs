//! Where a detector's output goes.

use core::ffi::c_void;
use core::marker::PhantomData;

use huoyan_abi::{self as abi, Status, Str};

use crate::Finding;

/// Takes findings, scores, rows, unjudged records and summaries. Once the host takes no more (a limit, a cancelled run),
/// further calls do nothing and [`Sink::is_open`] is false; a detector may then return early.
pub struct Sink<'a> {
    raw: &'a abi::Sink,
    stopped: Option<Status>,
    _not_send: PhantomData<*mut ()>,
}

impl<'a> Sink<'a> {
    /// Wraps the host's sink.
    ///
    /// # Safety
    /// The functions in `raw` may be called with its `ctx` for `'a`.
    pub unsafe fn from_ffi(raw: &'a abi::Sink) -> Self {
        Self { raw, stopped: None, _not_send: PhantomData }
    }

    /// Whether the host still takes output.
    pub fn is_open(&self) -> bool {
        self.stopped.is_none()
    }

    /// The host's own struct, for tests that must say what this interface refuses to.
    #[doc(hidden)]
    pub fn raw(&self) -> &abi::Sink {
        self.raw
    }

    pub(crate) fn stopped(&self) -> Option<Status> {
        self.stopped
    }

    fn call<F: Copy>(&mut self, function: Option<F>, call: impl FnOnce(F, *mut c_void) -> Status) {
        if self.stopped.is_some() {
            return;
        }
        let status = function.map_or(Status::UNSUPPORTED, |f| call(f, self.raw.ctx));
        if status != Status::OK {
            self.stopped = Some(status);
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
    /// whose manifest says `"scores": true`.
    pub fn score(&mut self, record: &str, score: f64) {
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
    emitted: Box<Emitted>,
}

impl Default for SinkBuffer {
    fn default() -> Self {
        Self::new()
    }
}

impl SinkBuffer {
    /// An empty buffer.
    pub fn new() -> Self {
        Self { emitted: Box::default() }
    }

    /// Runs `body` with a sink that fills this buffer.
    pub fn with<R>(&mut self, body: impl FnOnce(&mut Sink<'_>) -> R) -> R {
        let raw = abi::Sink {
            struct_size: size_of::<abi::Sink>(),
            ctx: (&raw mut *self.emitted).cast(),
            finding: Some(buffer_finding),
            score: Some(buffer_score),
            row: Some(buffer_row),
            unjudged: Some(buffer_unjudged),
            summary: Some(buffer_summary),
        };
        // SAFETY: ctx points to `emitted`, which outlives the sink and is not touched otherwise during `body`.
        let mut sink = unsafe { Sink::from_ffi(&raw) };
        body(&mut sink)
    }

    /// What was collected.
    pub fn into_emitted(self) -> Emitted {
        *self.emitted
    }

    /// Takes what was collected and leaves the buffer empty.
    pub fn take(&mut self) -> Emitted {
        core::mem::take(&mut self.emitted)
    }
}

/// # Safety
/// `ctx` is the `Emitted` of a [`SinkBuffer::with`] in progress.
unsafe fn emitted<'a>(ctx: *mut c_void) -> &'a mut Emitted {
    // SAFETY: promised by the caller.
    unsafe { &mut *ctx.cast::<Emitted>() }
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
        emitted(ctx).findings.push(EmittedFinding {
            record: owned(f.record),
            rule: owned(f.rule),
            score: f.score,
            field: owned(f.field),
            span: f.span_start as usize..f.span_end as usize,
            evidence: owned(f.evidence_json),
            members: members.iter().map(|m| owned(*m)).collect(),
        });
    }
    Status::OK
}

unsafe extern "C" fn buffer_score(ctx: *mut c_void, record: Str, score: f64) -> Status {
    // SAFETY: as in `buffer_finding`.
    unsafe { emitted(ctx).scores.push((owned(record), score)) };
    Status::OK
}

unsafe extern "C" fn buffer_row(ctx: *mut c_void, key: Str, order: i64, record: Str, payload: Str) -> Status {
    // SAFETY: as in `buffer_finding`.
    unsafe {
        if key.len > 0 {
            emitted(ctx).rows.push((owned(key), order, owned(record), payload.as_bytes().to_vec()));
        }
    }
    Status::OK
}

unsafe extern "C" fn buffer_unjudged(ctx: *mut c_void, record: Str, reason: Str) -> Status {
    // SAFETY: as in `buffer_finding`.
    unsafe { emitted(ctx).unjudged.push((owned(record), owned(reason))) };
    Status::OK
}

unsafe extern "C" fn buffer_summary(ctx: *mut c_void, bytes: Str) -> Status {
    // SAFETY: as in `buffer_finding`.
    unsafe { emitted(ctx).summaries.push(bytes.as_bytes().to_vec()) };
    Status::OK
}
