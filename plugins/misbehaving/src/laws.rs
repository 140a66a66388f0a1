//! Ways to break one law of conformance each, and as little else as can be.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use huoyan_sdk::{Batch, Error, Finding, Sink, abi};

/// How often a batch was pushed in this process: what a detector must not remember.
static PUSHED: AtomicU64 = AtomicU64::new(0);

/// How many tasks are inside a push right now: what a detector must not care for.
static INSIDE: AtomicUsize = AtomicUsize::new(0);

/// What a mode does before any row is judged.
pub(crate) fn before(mode: &str, batch: &Batch<'_>, seed: u64) -> Result<Option<f64>, Error> {
    let titles = batch.text("title")?;
    match mode {
        "remember" => Ok(Some(0.5 + (PUSHED.fetch_add(1, Ordering::Relaxed) % 7) as f64 / 100.0)),
        "forget-seed" if seed == 0 => Ok(Some(0.5 + (RandomState::new().hash_one(1) % 1000) as f64 / 10_000.0)),
        "race" => {
            let others = INSIDE.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(1));
            INSIDE.fetch_sub(1, Ordering::SeqCst);
            Ok(Some(if others > 0 { 0.5 } else { 0.75 }))
        }
        "fear-nothing" if batch.is_empty() => Err(Error::internal("there are no rows")),
        "fear-null" if (0..batch.len()).any(|row| titles.get(row).is_none()) => {
            panic!("a title is null");
        }
        "leak" => {
            std::mem::forget(vec![1_u8; 64 << 10]);
            Ok(None)
        }
        "never-cancel" if batch.len() > 1000 => {
            // Longer than anybody waits for a run to stop.
            std::thread::sleep(Duration::from_secs(6));
            Ok(None)
        }
        "fear-many" if batch.len() > 4000 => Err(Error::internal("so many rows")),
        _ => Ok(None),
    }
}

/// What a mode does with one row; true when the row is done with.
pub(crate) fn row(mode: &str, row: usize, key: &str, title: &str, sink: &mut Sink<'_>) -> bool {
    let nul = title.contains('\0');
    match mode {
        "deaf" => return true,
        "first-of-batch" if row == 0 => {
            sink.finding(&Finding::new(key, "MB001", 0.5));
            return true;
        }
        "panic-on-nul" if nul => panic!("there is a NUL in the title"),
        "abort-on-nul" if nul => std::process::abort(),
        "exit-on-nul" if nul => std::process::exit(0),
        "loop-on-nul" if nul => loop {
            std::thread::sleep(Duration::from_millis(1));
        },
        "hog-on-nul" if nul => {
            let mut hog: Vec<Vec<u8>> = Vec::new();
            loop {
                hog.push(vec![1; 64 << 20]);
            }
        }
        "overflow-on-nul" if nul => {
            std::hint::black_box(deeper(title.len() as u64));
        }
        "abort-always" => std::process::abort(),
        "ignore-refusal" => {
            for _ in 0..4 {
                unheard(sink, key);
            }
        }
        "panic-refused" if !sink.is_open() => panic!("nobody listens"),
        _ => {}
    }
    false
}

/// Calls itself until the stack ends.
fn deeper(n: u64) -> u64 {
    let kept = std::hint::black_box([n; 64]);
    if n == u64::MAX { 0 } else { deeper(n + 1) + kept[(n % 64) as usize] }
}

/// Reports past the safe sink, which would remember the refusal.
#[expect(unsafe_code, reason = "the point is to go on where the safe interface stops")]
fn unheard(sink: &Sink<'_>, key: &str) {
    let raw = *sink.raw();
    if let Some(score) = raw.unjudged {
        // SAFETY: the sink is live during this call and the texts outlive it.
        unsafe { score(raw.ctx, abi::Str::new(key), abi::Str::new("again")) };
    }
}
