//! Real libraries through the real boundary: one that behaves in C, one that misbehaves in Rust.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, LargeStringArray, RecordBatch, StringArray, StringViewArray};
use huoyan_host::{Cancel, Detector, Fault, Output, PluginFile, ResourceData};
use huoyan_model::Localized;

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
    cancellable(path, config, &Cancel::default())
}

fn cancellable(path: &Path, config: &str, cancel: &Cancel) -> Result<Detector, String> {
    let file = PluginFile::inspect(path).unwrap().expect("a huoyan plugin");
    let spec = file.manifest.detectors[0].clone();
    let rules: BTreeSet<String> =
        spec.rules.iter().cloned().chain(file.rules_of(&file.resources).unwrap().into_keys()).collect();
    let plugin = file.load().unwrap();
    plugin.create(&spec.name, config, Vec::new(), rules, cancel).map_err(|e| e.to_string())
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
        ("panic", "asked to panic in row 1", "调用中崩溃：panic at "),
        ("error", "failed (internal error): asked to fail", "调用失败（内部错误）：asked to fail"),
        ("undeclared-rule", "reported rule 'ZZ999', which it does not declare", "报告了没有声明的规则 'ZZ999'"),
        (
            "unknown-record",
            "spoke of record 'nobody-has-this-key', which it was not given",
            "提到了没有交给它的记录 'nobody-has-this-key'",
        ),
        ("unknown-field", "named field 'price_tag', which it does not read", "提到了它不读取的字段 'price_tag'"),
        (
            "span-inside-character",
            "gave a span 0..1 that cuts a character of, or leaves, field 'title'",
            "给出的区间 0..1 切断了字段 'title' 的字符，或超出了该字段",
        ),
        (
            "span-outside",
            "gave a span 0..7 that cuts a character of, or leaves, field 'title'",
            "给出的区间 0..7 切断了字段 'title' 的字符，或超出了该字段",
        ),
        ("nan-score", "gave the score NaN, which is not a number from 0 to 1", "给出的分数 NaN 不是 0 到 1 之间的数"),
        (
            "score-above-one",
            "gave the score 1.5, which is not a number from 0 to 1",
            "给出的分数 1.5 不是 0 到 1 之间的数",
        ),
        ("bad-evidence", "gave evidence that is not a JSON object", "给出的证据不是 JSON 对象"),
        ("bad-utf8", "gave a rule id that is not UTF-8", "给出的规则编号不是 UTF-8"),
        ("endless-output", "reported more than 768 findings for 3 rows", "对 3 行报告了超过 768 项发现"),
        ("endless-unjudged", "reported more than 768 unjudged records for 3 rows", "对 3 行报告了超过 768 次无法判断"),
        (
            "undeclared-rows",
            "emitted more than the 0 rows per row that its manifest declares",
            "为每行交出的行数超过了清单声明的 0 行",
        ),
    ];
    for (mode, expected, expected_zh) in cases {
        let Localized { zh, en } = listing(mode).expect_err(mode).into();
        assert!(en.contains(expected), "{mode}: {en}");
        assert!(zh.contains(expected_zh), "{mode}: {zh}");
    }
}

#[test]
fn what_has_panicked_is_called_no_more() {
    let detector = detector(&misbehaving_library(), r#"{"mode":"panic"}"#).unwrap();
    let stage = detector.spec().stages[0].clone();
    let batch = titles(&[("a", Some("你好")), ("b", Some("x"))]);
    let mut output = Output::default();
    let [mut one, mut other, third] = std::array::from_fn(|_| detector.open(&stage, 0, &[]).unwrap());
    let fault = one.push(&batch, &mut output).unwrap_err();
    assert!(fault.to_string().contains("asked to panic") && !fault.is_aftermath(), "{fault}");
    // The host does not even ask: the plugin would have said "failed: panic".
    let refused = [
        other.push(&batch, &mut output).err(),
        third.close(&mut output).err(),
        detector.open(&stage, 0, &[]).err(),
        detector.merge("total", b"", b"").err(),
    ];
    for fault in refused {
        let fault = fault.unwrap();
        assert!(fault.is_aftermath() && fault.to_string() == "panicked in an earlier call", "{fault}");
    }
}

#[test]
fn a_stopped_run_closes_the_sink_and_is_told_to_those_who_wait() {
    // One speaks until the sink is closed, and would be a fault else; the others wait in silence.
    for (mode, silent) in [("endless-output", false), ("wait-for-sink", true), ("wait-for-host", true)] {
        let cancel = Cancel::default();
        let detector = cancellable(&misbehaving_library(), &format!(r#"{{"mode":"{mode}"}}"#), &cancel).unwrap();
        if !silent {
            cancel.cancel();
        }
        let stage = detector.spec().stages[0].clone();
        let fault = std::thread::scope(|scope| {
            let judged = scope.spawn(|| {
                let mut output = Output::default();
                let result = detector.open(&stage, 0, &[])?.push(&titles(&[("a", Some("x"))]), &mut output);
                assert!(output.findings.is_empty(), "{mode}");
                result
            });
            // It is in its call by then, or comes to it: both must end.
            std::thread::sleep(std::time::Duration::from_millis(50));
            cancel.cancel();
            judged.join().unwrap()
        });
        assert_eq!(fault.unwrap_err().to_string(), "failed: cancelled", "{mode}");
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

/// The C example `name`, compiled and made with these settings.
fn example_in_c(name: &str, config: &str) -> (tempfile::TempDir, Detector) {
    let dir = tempfile::tempdir().unwrap();
    let library = dir.path().join(format!("lib{name}.so"));
    compile_c(&format!("{}/../../plugins/example-c/{name}.c", env!("CARGO_MANIFEST_DIR")), &library);
    let detector = detector(&library, config).unwrap();
    (dir, detector)
}

/// Runs a stage over a batch, whole and cut into slices of each length: all must give the same.
fn in_slices(detector: &Detector, stage: usize, batch: &RecordBatch, summaries: &[ResourceData]) -> Output {
    let stage = detector.spec().stages[stage].clone();
    let run = |rows: usize| {
        let (mut output, mut at) = (Output::default(), 0);
        let mut task = detector.open(&stage, 0, summaries).unwrap();
        while at < batch.num_rows() {
            let rows = rows.min(batch.num_rows() - at);
            task.push(&batch.slice(at, rows), &mut output).unwrap();
            at += rows;
        }
        task.close(&mut output).unwrap();
        output
    };
    let whole = run(batch.num_rows());
    for rows in 1..batch.num_rows() {
        let cut = run(rows);
        let plain = |o: &Output| {
            let findings: Vec<_> =
                o.findings.iter().map(|f| (f.record.clone(), f.evidence.clone(), f.members.clone())).collect();
            (findings, o.summary.clone())
        };
        assert_eq!(plain(&cut), plain(&whole), "slices of {rows}");
    }
    whole
}

fn texts_of_type(ty: char, values: &[Option<&str>]) -> ArrayRef {
    let values = values.iter().copied();
    match ty {
        'U' => Arc::new(values.collect::<LargeStringArray>()),
        'v' => Arc::new(values.collect::<StringViewArray>()),
        _ => Arc::new(values.collect::<StringArray>()),
    }
}

#[test]
fn a_group_detector_in_c_sees_groups_across_slices_and_in_every_layout_of_texts() {
    const PRAISE: Option<&str> = Some("质量非常好，物流也快，推荐购买");
    let (_dir, detector) = example_in_c("group", "{}");
    for ty in ['u', 'U', 'v'] {
        let keys = ["u1", "u1", "u1", "u1", "u2", "u3", "u3", "u3", "u4", "u4", "u4"].map(Some);
        let records = ["R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "S1", "S2"].map(Some);
        let texts =
            [PRAISE, PRAISE, None, PRAISE, PRAISE, Some("好评"), Some("好评"), Some("好评"), PRAISE, Some(""), PRAISE];
        let columns = [("_key", &keys[..]), ("_record", &records), ("text", &texts)];
        let batch =
            RecordBatch::try_from_iter(columns.map(|(name, values)| (name, texts_of_type(ty, values)))).unwrap();
        let output = in_slices(&detector, 0, &batch, &[]);
        let got: Vec<_> = output.findings.iter().map(|f| (f.record.as_str(), f.members.join(" "))).collect();
        let others = [("R1", "R2 R4"), ("R2", "R1 R4"), ("R4", "R1 R2")].map(|(r, m)| (r, m.to_owned()));
        assert_eq!(got, others, "{ty}");
        assert_eq!(output.findings[0].evidence, r#"{"reviews":3}"#);
    }
}

#[test]
fn a_corpus_detector_in_c_merges_the_same_in_every_order() {
    let (_dir, detector) = example_in_c("corpus", "{}");
    let prices =
        [Some(99.0), Some(129.0), None, Some(89.0), Some(75.5), Some(110.0), Some(1.0), Some(15.0), Some(f64::NAN)];
    let keys: ArrayRef = Arc::new((0..prices.len()).map(|i| Some(format!("L{i}"))).collect::<StringArray>());
    let prices: ArrayRef = Arc::new(prices.into_iter().collect::<Float64Array>());
    let batch = RecordBatch::try_from_iter([("_record", keys), ("price", prices)]).unwrap();
    let whole = in_slices(&detector, 0, &batch, &[]).summary.unwrap();
    let part = |from, rows| in_slices(&detector, 0, &batch.slice(from, rows), &[]).summary.unwrap();
    let (a, b, c) = (part(0, 3), part(3, 2), part(5, 4));
    let merge = |a: &[u8], b: &[u8]| detector.merge("prices", a, b).unwrap();
    assert_eq!(merge(&merge(&a, &b), &c), whole);
    assert_eq!(merge(&c, &merge(&b, &a)), whole);
    assert!(detector.merge("prices", &whole, b"short").unwrap_err().to_string().contains("512 bytes"));
    let output = in_slices(&detector, 1, &batch, &[ResourceData::copy("prices", &whole)]);
    let got: Vec<_> = output.findings.iter().map(|f| (f.record.as_str(), f.evidence.as_str())).collect();
    assert_eq!(got, [("L6", r#"{"price":1.00,"middle_from":81.92}"#)]);
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
