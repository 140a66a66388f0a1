//! A build that is killed leaves no bundle or a valid one. Here 24 points; 200 by the command `dossier-tamper kill`.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]
#![cfg(unix)]

mod support;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use huoyan_dossier::bundle::{Limits, Payload, Placement, Verdict, verify};
use support::{Dice, build_in, path, small_case, trust};

const PLACE: &str = "HUOYAN_TEST_BUNDLE_PLACE";

/// Not a test by itself: what the test below starts and kills.
#[test]
fn child() {
    let Some(place) = std::env::var_os(PLACE) else { return };
    let (mut payload, info) = small_case("CASE-1");
    let bytes = vec![7; 3_000_000];
    for n in 0..3 {
        let name = path(&format!("E1{n}/video.mp4"));
        payload.push(Payload { placement: Placement::Any, ..Payload::bytes(name, bytes.clone()) });
    }
    build_in(Path::new(&place), &payload, &info, &Limits::of_file(4_000_000));
}

fn start(place: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child"]).env(PLACE, place).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

#[test]
fn a_killed_build_leaves_no_bundle_or_a_valid_one() {
    let folder = tempfile::tempdir().unwrap();
    let begin = Instant::now();
    assert!(start(folder.path()).wait().unwrap().success());
    let whole = begin.elapsed();
    assert_eq!(verify(&[folder.path().join("CASE-1")], &trust()).verdict, Verdict::Intact);
    let mut dice = Dice(5);
    for point in 0..24 {
        let folder = tempfile::tempdir().unwrap();
        let mut child = start(folder.path());
        std::thread::sleep(Duration::from_nanos(dice.below(whole.as_nanos() as u64 + 1)));
        child.kill().unwrap();
        child.wait().unwrap();
        let bundle = folder.path().join("CASE-1");
        if bundle.exists() {
            let report = verify(&[bundle], &trust());
            assert_eq!(report.verdict, Verdict::Intact, "point {point}: {:#?}", report.problems);
        }
        for left in std::fs::read_dir(folder.path()).unwrap() {
            let name = left.unwrap().file_name().into_string().unwrap();
            assert!(name == "CASE-1" || name.starts_with(".CASE-1.unfinished-"), "{name}");
        }
    }
}
