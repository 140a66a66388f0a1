//! What was looked into is what runs, whatever becomes of the file in between.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use huoyan_host::{Cancel, Output, PluginFile};

/// The C example with another score, so that the two libraries say different things and both are whole.
fn example(dir: &Path, name: &str, score: &str) -> PathBuf {
    let source =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/abi/1.0/archived.c")).unwrap();
    let changed = source.replace("\"AR001\", 0.875", &format!("\"AR001\", {score}"));
    assert!(score == "0.875" || changed != source);
    let (file, library) = (dir.join(format!("{name}.c")), dir.join(format!("lib{name}.so")));
    std::fs::write(&file, changed).unwrap();
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let include = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/abi/1.0");
    let done = Command::new(compiler).args(["-shared", "-fPIC", "-I", include, "-o"]).arg(&library).arg(&file).status();
    assert!(done.unwrap().success());
    library
}

fn score(file: PluginFile) -> f64 {
    let spec = file.manifest.detectors[0].clone();
    let resources = file.resources.clone();
    let rules = spec.rules.iter().cloned().collect();
    let detector = file.load().unwrap().create(&spec.name, "{}", resources, rules, &Cancel::default()).unwrap();
    let keys: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
    let titles: ArrayRef = Arc::new(StringArray::from(vec!["buy!!!"]));
    let batch = RecordBatch::try_from_iter([("_record", keys), ("title", titles)]).unwrap();
    let mut output = Output::default();
    detector.open(&spec.stages[0], 0, &[]).unwrap().push(&batch, &mut output).unwrap();
    output.findings[0].score
}

#[test]
fn a_file_that_is_swapped_between_check_and_use_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let good = example(dir.path(), "good", "0.75");
    let evil = example(dir.path(), "evil", "0.25");
    let evil_digest = PluginFile::inspect(&evil).unwrap().unwrap().digest;
    let place = dir.path().join("libplugin.so");
    type Swap = fn(&Path, &Path);
    let swaps: [(&str, Swap); 4] = [
        ("renamed over", |evil, place| {
            let beside = place.with_extension("new");
            std::fs::copy(evil, &beside).unwrap();
            std::fs::rename(beside, place).unwrap();
        }),
        ("written in place", |evil, place| std::fs::write(place, std::fs::read(evil).unwrap()).unwrap()),
        ("linked elsewhere", |evil, place| {
            std::fs::remove_file(place).unwrap();
            std::os::unix::fs::symlink(evil, place).unwrap();
        }),
        ("cut off", |_, place| std::fs::write(place, b"\x7fELF").unwrap()),
    ];
    for (i, (how, swap)) in swaps.into_iter().enumerate() {
        let _ = std::fs::remove_file(&place);
        // Other bytes each time: a library of the same bytes is opened once.
        let mut bytes = std::fs::read(&good).unwrap();
        bytes.extend(vec![0; i]);
        std::fs::write(&place, bytes).unwrap();
        let file = PluginFile::inspect(&place).unwrap().unwrap();
        let digest = file.digest.clone();
        swap(&evil, &place);
        assert_ne!(digest, evil_digest);
        assert_eq!(file.digest, blake3::hash(file.image.as_slice()).to_hex().as_str());
        assert_eq!(score(file), 0.75, "{how}");
    }
    // The other library does say something else, so the above can fail.
    assert_eq!(score(PluginFile::inspect(&evil).unwrap().unwrap()), 0.25);
}

#[test]
fn the_same_bytes_are_opened_once_and_other_bytes_never_pass_for_them() {
    let dir = tempfile::tempdir().unwrap();
    let scores = ["0.5", "0.625", "0.875"];
    let libraries: Vec<PathBuf> = (0..3).map(|i| example(dir.path(), &format!("x{i}"), scores[i])).collect();
    // Files in memory are opened and closed in between, so that their paths would name others if nothing kept them.
    for _ in 0..3 {
        for (library, expected) in libraries.iter().zip(scores) {
            for _ in 0..2 {
                drop(PluginFile::inspect(library).unwrap().unwrap());
                assert_eq!(score(PluginFile::inspect(library).unwrap().unwrap()).to_string(), expected);
            }
        }
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused_or_read_as_one_thing() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("libplugin.so");
    let bytes = std::fs::read(example(dir.path(), "good", "0.75")).unwrap();
    // Large enough for the writer to come in between.
    let large = |end: u8| [bytes.as_slice(), &vec![end; 8 << 20]].concat();
    let (one, other) = (large(1), large(2));
    std::fs::write(&place, &one).unwrap();
    let done = AtomicBool::new(false);
    let (mut whole, mut refused) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut turn = 0;
            while !done.load(Ordering::Relaxed) {
                turn += 1;
                std::fs::write(&place, if turn % 2 == 0 { &one } else { &other }).unwrap();
            }
        });
        // On a busy machine the writer may not come in between for a while.
        let end = Instant::now() + Duration::from_secs(30);
        for reading in 0.. {
            if reading >= 60 && (refused > 0 || Instant::now() > end) {
                break;
            }
            match PluginFile::inspect(&place) {
                Ok(Some(file)) => {
                    whole += 1;
                    // Whatever moment it was, the digest and all else are of the same bytes, and these stay.
                    assert_eq!(file.digest, blake3::hash(file.image.as_slice()).to_hex().as_str());
                    let (manifest, _) = huoyan_host::look_into(file.image.as_slice()).unwrap().unwrap();
                    assert_eq!(manifest, file.manifest);
                }
                // The file was empty, or not yet a library.
                Ok(None) => whole += 1,
                Err(error) => {
                    refused += 1;
                    assert!(error.to_string().contains("it was changed while it was read"), "{error}");
                }
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(refused > 0, "no change was noticed in {whole} readings");
}
