//! Measures reading: parse, hash, set duplicates apart.
//!
//! `cargo run --release -p huoyan-intake --example speed -- FILE THREADS [COLUMN...]`

use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use huoyan_intake::{ColumnSelection, Options, open};
use huoyan_model::RecordKind;

#[expect(clippy::print_stdout, reason = "this is a command")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut options = Options::default();
    if arguments.len() > 2 {
        options.columns = ColumnSelection::none();
        for name in &arguments[2..] {
            for kind in [RecordKind::Listing, RecordKind::Review] {
                let _ = options.columns.select(kind, name);
            }
        }
    }
    let threads: usize = arguments[1].parse().unwrap_or(1);
    let start = Instant::now();
    let intake = open(&arguments[..1], &options).unwrap_or_else(|error| panic!("{error}"));
    let (mut reader, mut ledger) = intake.split();
    if threads <= 1 {
        while let Some(chunk) = reader.next_chunk() {
            ledger.admit(chunk.decode());
        }
    } else {
        let (chunks_in, chunks_out) = sync_channel(4);
        let chunks_out = Arc::new(Mutex::new(chunks_out));
        let (done_in, done_out) = sync_channel(4);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                while let Some(chunk) = reader.next_chunk() {
                    if chunks_in.send(chunk).is_err() {
                        return;
                    }
                }
            });
            for _ in 0..threads {
                let (chunks_out, done_in) = (chunks_out.clone(), done_in.clone());
                scope.spawn(move || {
                    loop {
                        let next = chunks_out.lock().ok().and_then(|chunks| chunks.recv().ok());
                        let Some(chunk) = next else { return };
                        let _ = done_in.send(chunk.decode());
                    }
                });
            }
            drop(done_in);
            let mut waiting = std::collections::BTreeMap::new();
            let mut next = 0;
            for decoded in done_out {
                waiting.insert(decoded.sequence(), decoded);
                while let Some(decoded) = waiting.remove(&next) {
                    ledger.admit(decoded);
                    next += 1;
                }
            }
        });
    }
    let totals = ledger.totals();
    println!("{totals:?} in {:.3} s", start.elapsed().as_secs_f64());
}
