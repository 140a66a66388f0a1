//! The fault injection of the benchmark, short enough for every run of the tests.
#![cfg(target_os = "linux")]

use std::process::Command;

#[test]
fn no_run_is_lost_and_no_other_detector_s_findings_change() {
    let output = Command::new(env!("CARGO_BIN_EXE_isolation-bench"))
        .args(["faults", "--count", "24", "--seed", "7"])
        .output()
        .expect("the benchmark starts");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains(": 0 lost, 0 detectors' findings changed"), "{told}");
    // Faults that reach nobody would prove nothing.
    for reason in ["aborted its child process", "took longer than time_limit", "broke the protocol"] {
        assert!(told.contains(reason), "no fault said '{reason}': {told}");
    }
}
