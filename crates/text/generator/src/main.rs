//! Writes the tables under `crates/text/tables`, which are committed.
//!
//! `cargo run --manifest-path crates/text/generator/Cargo.toml` renews them; with `-- --check` it only says whether they
//! are fresh (status 1 when not). Sources: Unicode data through `unicode-normalization`, `unicode-properties` and
//! `unicode-security` (UTS #39 confusables), single-character simplification from `fast2s` (OpenCC data), readings from
//! `pinyin` (Unihan and kanji databases), common words from the dictionary that comes with `jieba-rs` (MIT), decompositions
//! from `data/chaizi.txt`, the first level of GB 2312 through `encoding_rs`, and the small hand-kept lists in `extra.rs`.

mod everyday;
mod extra;
mod fold;
mod parts;
mod sound;
mod words;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let check = std::env::args().any(|arg| arg == "--check");
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tables");
    let tables = [
        ("fold.bin", fold::table()),
        ("sound.bin", sound::table()),
        ("syllables.txt", sound::syllable_list()),
        ("everyday.txt", everyday::table()),
        ("parts.txt", parts::table()),
        ("words.bin", words::table()),
    ];
    let mut stale = false;
    for (name, bytes) in tables {
        let path = dir.join(name);
        if check {
            let fresh = std::fs::read(&path).is_ok_and(|old| old == bytes);
            eprintln!("{name}: {}", if fresh { "fresh" } else { "stale, run the generator and commit the result" });
            stale |= !fresh;
        } else if let Err(error) = std::fs::write(&path, &bytes) {
            eprintln!("cannot write {}: {error}", path.display());
            return ExitCode::FAILURE;
        } else {
            eprintln!("{name}: {} bytes", bytes.len());
        }
    }
    if stale { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
