//! A plugin that breaks every rule of the contract on request. It is loaded only by tests, to prove that each
//! misbehaviour costs this detector and nothing else.
//!
//! The mode is the configuration's `mode`; without one the detector behaves: it reports every listing's first character
//! and, for reviews, the first of each listing.

mod laws;
mod loading;
mod process;

use std::sync::Arc;
use std::time::{Duration, Instant};

use huoyan_sdk::{
    Batch, CreateContext, Detector, Error, Finding, Fold, Grouped, Rows, Sink, Task, TaskContext, TaskHost, abi,
    export_detector,
};

/// The detector.
pub struct Misbehaving {
    mode: String,
}

impl Detector for Misbehaving {
    fn create(cx: &CreateContext<'_>) -> Result<Self, Error> {
        let mode = cx.config.split('"').nth(3).unwrap_or_default().to_owned();
        loading::misbehave(&mode);
        match mode.as_str() {
            "refuse-config" => Err(Error::config("mode 'refuse-config' refuses every configuration")),
            "panic-create" => panic!("asked to panic while being created"),
            "abort-create" => std::process::abort(),
            "loop-create" => process::forever(),
            "panic-unknown-key" if cx.config.contains("no-such-setting") => panic!("there is no such setting"),
            _ => Ok(Self { mode }),
        }
    }

    fn open(self: &Arc<Self>, stage: &str, cx: &TaskContext<'_>) -> Result<Box<dyn Task>, Error> {
        let mode = self.mode.clone();
        match stage {
            "listing" => Ok(Box::new(Listing { mode, seed: cx.seed, host: cx.host() })),
            "rows" => Ok(Box::new(EmitRows { mode })),
            "total" => Ok(Box::new(Total { mode, rows: 0 })),
            "group" => {
                let total = cx.summary("total").map_or(0, |bytes| bytes.len());
                Ok(Box::new(Grouped::new(First { mode, total, first: None, all: Vec::new() })))
            }
            other => Err(Error::unsupported(format!("there is no stage '{other}'"))),
        }
    }

    fn merge(&self, _stage: &str, a: &[u8], b: &[u8]) -> Result<Vec<u8>, Error> {
        if self.mode == "panic-merge" {
            panic!("asked to panic while merging");
        }
        if self.mode == "merge-in-order" {
            return Ok([&a[4..], &b[..4]].concat());
        }
        let number = |bytes: &[u8]| {
            bytes.try_into().map(u64::from_le_bytes).map_err(|_| Error::internal("a summary has not 8 bytes"))
        };
        Ok((number(a)? + number(b)?).to_le_bytes().to_vec())
    }
}

struct Listing {
    mode: String,
    seed: u64,
    host: TaskHost,
}

impl Task for Listing {
    fn push(&mut self, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let (keys, titles) = (batch.keys()?, batch.text("title")?);
        let score = laws::before(&self.mode, batch, self.seed)?.unwrap_or(0.75);
        for row in 0..batch.len() {
            let (Some(key), Some(title)) = (keys.get(row), titles.get(row)) else { continue };
            let first = title.chars().next().map_or(0, char::len_utf8);
            let good = Finding::new(key, "MB001", score).matched("title", title, 0..first);
            // What its rule pack says is nobody's business.
            if title.starts_with('#')
                || laws::row(&self.mode, row, key, title, sink)
                || process::misbehave(&self.mode, key, sink)
            {
                continue;
            }
            match self.mode.as_str() {
                #[expect(clippy::print_stdout, reason = "what it prints must reach nobody")]
                "print" => {
                    println!("this is no frame either");
                    sink.finding(&good)
                }
                "log" => self.host.warn(format!("row {row} speaks")),
                // Both know of the end of a run in which nothing is said. Whoever waits in vain is a fault, and no test that hangs.
                "wait-for-sink" => wait(|| !sink.is_open())?,
                "wait-for-host" => {
                    self.host.warn("waits for the end of the run");
                    wait(|| self.host.is_cancelled())?;
                }
                "panic" if row == 1 => panic!("asked to panic in row 1"),
                "error" => return Err(Error::internal("asked to fail")),
                "error-here" => return Err(Error::internal(format!("asked to fail at '{key}'"))),
                "undeclared-rule" => sink.finding(&Finding::new(key, "ZZ999", 0.75)),
                "unknown-record" => sink.finding(&Finding::new("nobody-has-this-key", "MB001", 0.75)),
                "unknown-field" => sink.finding(&Finding::new(key, "MB001", 0.75).whole("price_tag")),
                "span-inside-character" => sink.finding(&Finding::new(key, "MB001", 0.75).carried("title", 0..1)),
                "span-outside" => sink.finding(&Finding::new(key, "MB001", 0.75).carried("title", 0..title.len() + 1)),
                "nan-score" => sink.finding(&Finding::unchecked(key, "MB001", f64::NAN, "")),
                "score-above-one" => score_above_one(sink, key),
                "bad-evidence" => sink.finding(&Finding::unchecked(key, "MB001", 0.75, "{not json")),
                "bad-utf8" => not_utf8(sink, key),
                "endless-output" => {
                    while sink.is_open() {
                        sink.finding(&good);
                    }
                }
                "endless-unjudged" => {
                    let reason = "a very long reason ".repeat(1000);
                    while sink.is_open() {
                        sink.unjudged(key, &reason);
                    }
                }
                "undeclared-rows" => sink.row("key", 0, key, b""),
                _ => sink.finding(&good),
            }
        }
        Ok(())
    }
}

/// Waits until something is so, which nobody waits for longer than this.
fn wait(so: impl Fn() -> bool) -> Result<(), Error> {
    let started = Instant::now();
    while !so() {
        if started.elapsed() > Duration::from_secs(30) {
            return Err(Error::internal("waited in vain for the end of the run"));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// A finding whose rule id is no UTF-8. The safe interface cannot make one, so this goes around it.
#[expect(unsafe_code, reason = "the point is to hand over what the safe interface cannot express")]
fn not_utf8(sink: &mut Sink<'_>, key: &str) {
    let raw = *sink.raw();
    let finding = abi::Finding {
        struct_size: size_of::<abi::Finding>(),
        record: abi::Str::new(key),
        rule: abi::Str::bytes(b"MB\xff01"),
        field: abi::Str::EMPTY,
        evidence_json: abi::Str::EMPTY,
        score: 0.75,
        span_start: 0,
        span_end: 0,
        members: std::ptr::null(),
        n_members: 0,
    };
    if let Some(report) = raw.finding {
        // SAFETY: the sink is live during this call and the finding's parts live on this stack.
        unsafe { report(raw.ctx, &raw const finding) };
    }
}

/// A score that is none. The safe interface brings every score into its range.
#[expect(unsafe_code, reason = "the point is to hand over what the safe interface cannot express")]
fn score_above_one(sink: &mut Sink<'_>, key: &str) {
    let raw = *sink.raw();
    if let Some(score) = raw.score {
        // SAFETY: the sink is live during this call and the key outlives it.
        unsafe { score(raw.ctx, abi::Str::new(key), 1.5) };
    }
}

struct EmitRows {
    mode: String,
}

impl Task for EmitRows {
    fn push(&mut self, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let (keys, listings) = (batch.keys()?, batch.text("listing_id")?);
        for row in 0..batch.len() {
            let (Some(key), Some(listing)) = (keys.get(row), listings.get(row)) else { continue };
            sink.row(listing, 0, key, b"");
            if self.mode == "too-many-rows" {
                sink.row(listing, 0, key, b"");
            }
        }
        Ok(())
    }
}

struct Total {
    mode: String,
    rows: u64,
}

impl Task for Total {
    fn push(&mut self, batch: &Batch<'_>, _sink: &mut Sink<'_>) -> Result<(), Error> {
        self.rows += batch.len() as u64;
        Ok(())
    }

    fn close(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        match self.mode.as_str() {
            "no-summary" => {}
            "two-summaries" => {
                sink.summary(b"12345678");
                sink.summary(b"12345678");
            }
            _ => sink.summary(&self.rows.to_le_bytes()),
        }
        Ok(())
    }
}

struct First {
    mode: String,
    total: usize,
    first: Option<String>,
    /// Every record of the group, for a mode that names them all.
    all: Vec<String>,
}

impl Fold for First {
    type Columns<'a> = Rows<'a>;

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Rows<'a>, Error> {
        Rows::of(batch)
    }

    fn start(&mut self, _key: &str) {
        if self.mode != "carry-over" {
            self.first = None;
        }
        self.all.clear();
    }

    fn row(&mut self, columns: &Rows<'_>, row: usize, _sink: &mut Sink<'_>) -> Result<(), Error> {
        if self.first.is_none() {
            self.first = columns.record.get(row).map(str::to_owned);
        }
        if self.mode == "list-all-members" {
            self.all.extend(columns.record.get(row).map(str::to_owned));
        }
        Ok(())
    }

    fn finish(&mut self, key: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
        let Some(first) = &self.first else { return Ok(()) };
        if self.total == 0 {
            return Err(Error::internal("the summary of 'total' was not handed over"));
        }
        match self.mode.as_str() {
            "list-all-members" => {
                for record in &self.all {
                    let others = self.all.iter().filter(|other| *other != record).map(String::as_str);
                    sink.finding(&Finding::new(record, "MB001", 0.75).members(others));
                }
            }
            "panic-group" => panic!("asked to panic in group '{key}'"),
            "late-unknown-record" => sink.finding(&Finding::new("nobody-has-this-key", "MB001", 0.75)),
            "late-span-outside" => sink.finding(&Finding::new(first, "MB001", 0.75).carried("text", 0..1_000_000)),
            "score-twice" => {
                sink.score(first, 0.25);
                sink.score(first, 0.5);
            }
            _ => sink.finding(&Finding::new(first, "MB001", 0.75)),
        }
        Ok(())
    }
}

export_detector!(
    Misbehaving,
    manifest = "../manifest.json",
    resources = { "rules/misbehaving" => "../rules/misbehaving.toml" }
);
