use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use huoyan_dossier::bundle::{Limits, Payload, Placement, Verdict, verify};

use crate::support::{Dice, build_in, path, small_case, trust};

/// 24 MB in several parts, so that a build takes long enough to be killed anywhere in it.
pub fn child(place: &Path) -> bool {
    let (mut payload, info) = small_case("CASE-1");
    let bytes = vec![7; 4_000_000];
    for n in 0..6 {
        let name = path(&format!("E1{n}/video.mp4"));
        payload.push(Payload { placement: Placement::Any, ..Payload::bytes(name, bytes.clone()) });
    }
    build_in(place, &payload, &info, &Limits::of_file(5_000_000));
    true
}

pub fn points(points: u64) -> bool {
    let start = |place: &Path| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("kill-child").arg(place).stdout(Stdio::null()).spawn().unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let begin = Instant::now();
    start(folder.path()).wait().unwrap();
    // Twice this as the latest point: a disk under load is slower the next time.
    let whole = begin.elapsed();
    let (mut dice, mut none, mut half, mut valid, mut bad) = (Dice(9), 0, 0, 0, 0);
    for _ in 0..points {
        let folder = tempfile::tempdir().unwrap();
        let mut child = start(folder.path());
        std::thread::sleep(Duration::from_nanos(dice.below(whole.as_nanos() as u64 * 2)));
        child.kill().unwrap();
        child.wait().unwrap();
        let bundle = folder.path().join("CASE-1");
        match bundle.exists().then(|| verify(&[bundle], &trust()).verdict) {
            None => {
                none += 1;
                half += usize::from(std::fs::read_dir(folder.path()).unwrap().next().is_some());
            }
            Some(Verdict::Intact) => valid += 1,
            Some(_) => bad += 1,
        }
    }
    println!(
        "{points} builds of {whole:.0?} killed: {none} left no bundle ({half} of them a hidden unfinished folder), {valid} a valid one, {bad} \
         something else"
    );
    bad == 0
}
