//! Real libraries through the real boundary: one that behaves in C, one that misbehaves in Rust.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use huoyan_host::{Cancel, Detector, Fault, Output, PluginFile, ResourceData};

/// The library of `plugins/misbehaving`, which is a dependency of this test and so lies in `deps/` beside it.
fn misbehaving_library() -> PathBuf {
    let name = format!("{}misbehaving{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    std::env::current_exe().unwrap().parent().unwrap().join(name)
}

fn compile_c(source: &str, out: &Path) {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let include = concat!(env!("CARGO_MANIFEST_DIR"), "/../abi/include");
    let result = Command::new(&compiler)
        .args(["-x", "c", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-shared", "-fPIC", "-I", include])
        .arg(source)
        .arg("-o")
        .arg(out)
        .output()
        .unwrap_or_else(|e| panic!("this test needs a C compiler; '{compiler}' cannot be run: {e}"));
    assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
}

fn titles(rows: &[(&str, Option<&str>)]) -> RecordBatch {
    let keys: ArrayRef = Arc::new(rows.iter().map(|(key, _)| Some(*key)).collect::<StringArray>());
    let titles: ArrayRef = Arc::new(rows.iter().map(|(_, title)| *title).collect::<StringArray>());
    RecordBatch::try_from_iter([("_record", keys), ("title", titles)]).unwrap()
}

fn detector(path: &Path, config: &str) -> Result<Detector, String> {
    static LOADED: OnceLock<()> = OnceLock::new();
    LOADED.get_or_init(|| ());
    let file = PluginFile::inspect(path).unwrap().expect("a huoyan plugin");
    let spec = file.manifest.detectors[0].clone();
    let rules: BTreeSet<String> = spec.rules.iter().cloned().collect();
    let plugin = file.load().unwrap();
    plugin.create(&spec.name, config, Vec::new(), rules, &Cancel::default()).map_err(|e| e.to_string())
}

fn listing(mode: &str) -> Result<Output, Fault> {
    let detector = detector(&misbehaving_library(), &format!(r#"{{"mode":"{mode}"}}"#)).unwrap();
    let stage = detector.spec().stages[0].clone();
    let mut task = detector.open(&stage, 0, &[])?;
    let mut output = Output::default();
    task.push(&titles(&[("a", Some("你好")), ("b", Some("x")), ("c", None)]), &mut output)?;
    task.close(&mut output)?;
    Ok(output)
}

#[test]
fn a_plugin_that_behaves_is_heard() {
    let output = listing("none").unwrap();
    let got: Vec<_> = output.findings.iter().map(|f| (f.record.as_str(), f.matched.as_deref())).collect();
    assert_eq!(got, [("a", Some("你")), ("b", Some("x"))]);
}

#[test]
fn each_misbehaviour_is_named() {
    let cases = [
        ("panic", "asked to panic in row 1"),
        ("error", "failed (internal error): asked to fail"),
        ("undeclared-rule", "reported rule 'ZZ999', which it does not declare"),
        ("unknown-record", "spoke of record 'nobody-has-this-key', which it was not given"),
        ("unknown-field", "named field 'price_tag', which it does not read"),
        ("span-inside-character", "gave a span 0..1 that cuts a character of, or leaves, field 'title'"),
        ("span-outside", "gave a span 0..7 that cuts a character of, or leaves, field 'title'"),
        ("nan-score", "gave the score NaN, which is not a number from 0 to 1"),
        ("score-above-one", "gave the score 1.5, which is not a number from 0 to 1"),
        ("bad-evidence", "gave evidence that is not a JSON object"),
        ("bad-utf8", "gave a rule id that is not UTF-8"),
        ("endless-output", "reported more than 768 findings for 3 rows"),
        ("endless-unjudged", "gave more than 268435456 bytes of output for one batch"),
        ("undeclared-rows", "emitted more than the 0 rows per row that its manifest declares"),
    ];
    for (mode, expected) in cases {
        let fault = listing(mode).expect_err(mode).to_string();
        assert!(fault.contains(expected), "{mode}: {fault}");
    }
}

#[test]
fn a_panic_says_where_it_was_raised() {
    let fault = listing("panic").unwrap_err().to_string();
    assert!(fault.contains("misbehaving/src/lib.rs:"), "{fault}");
}

#[test]
fn a_refused_configuration_is_told_in_the_plugin_s_words() {
    let error = detector(&misbehaving_library(), r#"{"mode":"refuse-config"}"#).err().unwrap();
    assert!(error.contains("mode 'refuse-config' refuses every configuration"), "{error}");
    let error = detector(&misbehaving_library(), r#"{"mode":"panic-create"}"#).err().unwrap();
    assert!(error.contains("asked to panic while being created"), "{error}");
}

#[test]
fn a_task_that_failed_is_not_called_again() {
    let detector = detector(&misbehaving_library(), r#"{"mode":"panic"}"#).unwrap();
    let stage = detector.spec().stages[0].clone();
    let mut task = detector.open(&stage, 0, &[]).unwrap();
    let mut output = Output::default();
    let batch = titles(&[("a", Some("x")), ("b", Some("y"))]);
    assert!(task.push(&batch, &mut output).is_err());
    assert_eq!(task.push(&batch, &mut output).unwrap_err().to_string(), "was called again after it failed");
    // The instance is poisoned too: after a panic only drop and destroy are called.
    assert!(detector.open(&stage, 0, &[]).is_err());
}

#[test]
fn a_detector_in_c_flags_a_sliced_batch() {
    let dir = tempfile::tempdir().unwrap();
    let library = dir.path().join("libexample_c.so");
    compile_c(concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/example-c/example.c"), &library);
    let detector = detector(&library, "{}").unwrap();
    let stage = detector.spec().stages[0].clone();
    let batch = titles(&[("a", Some("!!!")), ("b", None), ("c", Some("降价!!!!快抢")), ("d", Some("ok!!"))]);
    let mut output = Output::default();
    let mut task = detector.open(&stage, 0, &[]).unwrap();
    task.push(&batch.slice(1, 3), &mut output).unwrap();
    task.close(&mut output).unwrap();
    let got: Vec<_> = output.findings.iter().map(|f| (f.record.as_str(), f.matched.as_deref())).collect();
    assert_eq!(got, [("c", Some("!!!!"))]);
}

#[test]
fn another_abi_is_refused_before_loading_with_both_sides_named() {
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/example-c/example.c"));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("future.c");
    let library = dir.path().join("libfuture.so");
    for (abi, expected) in [
        (
            r#"\"major\":2,\"minor\":0"#,
            "was built for ABI 2.0 and this host speaks 1.0; update huoyan to one that speaks 2.0",
        ),
        (r#"\"major\":1,\"minor\":7"#, "was built for ABI 1.7 and this host speaks 1.0; update huoyan"),
        (r#"\"major\":0,\"minor\":9"#, "was built for ABI 0.9 and this host speaks 1.0; rebuild the plugin"),
    ] {
        let changed = source.as_ref().unwrap().replace(r#"\"major\":1,\"minor\":0"#, abi);
        assert_ne!(&changed, source.as_ref().unwrap());
        std::fs::write(&file, changed).unwrap();
        compile_c(file.to_str().unwrap(), &library);
        let error = PluginFile::inspect(&library).err().expect(abi).to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_file_that_is_no_plugin_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in [("libempty.so", &b""[..]), ("libtext.so", b"not a library"), ("libelf.so", b"\x7fELF")] {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        assert!(PluginFile::inspect(&path).unwrap().is_none(), "{name}");
    }
}

#[test]
fn resources_are_aligned_and_digested() {
    let data = ResourceData::copy("x", b"abc");
    assert_eq!(data.as_slice().as_ptr() as usize % 64, 0);
    assert_eq!(data.digest, "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85");
}
